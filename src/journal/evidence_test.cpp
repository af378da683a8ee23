#include "journal/evidence.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace qingyuan;
using namespace qingyuan::journal;

namespace {

struct EvidenceStore : testing::Test {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("evidence_" + std::to_string(::getpid()));
    EvidenceStore() { std::filesystem::remove_all(folder); }
    ~EvidenceStore() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] Evidence open() const { return Evidence::open(folder).value(); }
};

/// Stands for the vault's sealing: every byte turned over and the context in front.
Result<Bytes> turn_over(std::string_view, std::string_view bytes) {
    Bytes out(bytes);
    for (char& c : out) c = static_cast<char>(~c);
    return out;
}

void overwrite(const std::filesystem::path& file, std::string_view bytes) {
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    std::ofstream(file, std::ios::trunc) << bytes;
}

}  // namespace

TEST_F(EvidenceStore, keeps_bytes_once_under_their_digest) {
    const Evidence evidence = open();
    const auto first = evidence.put("id,name\r\n1,a\r\n");
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_TRUE(first->fresh);
    EXPECT_EQ(first->bytes, 14u);
    EXPECT_EQ(first->digest, sm3(bytes_of(sm3("id,name\r\n1,a\r\n"))));
    EXPECT_FALSE(evidence.put("id,name\r\n1,a\r\n")->fresh);
    EXPECT_EQ(evidence.read(hex(first->digest)).value(), "id,name\r\n1,a\r\n");
    EXPECT_EQ(evidence.list().value(), std::vector<std::string>{hex(first->digest)});
    EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
}

TEST_F(EvidenceStore, a_file_has_the_digest_of_its_blocks_whatever_the_pieces) {
    Bytes bytes(evidence_block_bytes * 2 + 17, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 24);
    const std::string_view view = bytes;
    Sm3 whole;
    for (std::size_t at = 0; at < view.size(); at += evidence_block_bytes)
        whole.add(sm3(view.substr(at, evidence_block_bytes)));
    const Digest expected = whole.finish();
    EXPECT_EQ(block_digest(bytes), expected);
    BlockDigest pieces;
    for (std::size_t at = 0; at < view.size(); at += 999'983) pieces.add(view.substr(at, 999'983));
    EXPECT_EQ(pieces.size(), bytes.size());
    EXPECT_EQ(pieces.finish(), expected);
    const Evidence evidence = open();
    const auto file = folder / "raw";
    std::ofstream(file, std::ios::binary) << bytes;
    EXPECT_EQ(evidence.put_file(file)->digest, expected);
    EXPECT_FALSE(evidence.put_file(file)->fresh);
    EXPECT_TRUE(evidence.verify(hex(expected)));
}

TEST_F(EvidenceStore, a_file_of_no_bytes_has_no_block) {
    EXPECT_EQ(open().put("")->digest, sm3(""));
    EXPECT_EQ(open().read(hex(sm3(""))).value(), "");
}

TEST_F(EvidenceStore, changed_missing_and_misnamed_evidence_is_refused) {
    const Evidence evidence = open();
    const std::string name = hex(evidence.put("proof")->digest);
    overwrite(evidence.path(name).value(), "prooF");
    EXPECT_EQ(evidence.verify(name).error().code, ErrorCode::store_corrupt);
    EXPECT_EQ(evidence.read(name).error().code, ErrorCode::store_corrupt);
    std::filesystem::remove(evidence.path(name).value());
    EXPECT_EQ(evidence.verify(name).error().code, ErrorCode::record_unknown);
    for (const std::string bad : {"", "..", "../../etc/passwd", "ABCD", "zz"}) {
        EXPECT_EQ(evidence.read(bad).error().code, ErrorCode::field_invalid) << bad;
        EXPECT_EQ(evidence.path(bad).error().code, ErrorCode::field_invalid) << bad;
        EXPECT_FALSE(evidence.contains(bad)) << bad;
    }
    EXPECT_EQ(evidence.put_file(folder / "no such file").error().code, ErrorCode::file_unreadable);
    EXPECT_EQ(evidence.put_file(folder).error().code, ErrorCode::file_unreadable);
}

TEST_F(EvidenceStore, sealed_evidence_keeps_the_plain_digest_and_hides_the_bytes) {
    const Evidence evidence = open();
    const auto kept = evidence.put_sealed("张示例", turn_over);
    ASSERT_TRUE(kept) << kept.error().text();
    const std::string name = hex(kept->digest);
    EXPECT_EQ(kept->digest, block_digest("张示例"));
    EXPECT_TRUE(evidence.is_sealed(name));
    EXPECT_EQ(evidence.path(name).error().code, ErrorCode::record_unknown);
    EXPECT_EQ(evidence.read(name).error().code, ErrorCode::record_unknown);
    EXPECT_EQ(evidence.read(name, turn_over).value(), "张示例");
    EXPECT_TRUE(evidence.verify(name, turn_over));
    EXPECT_FALSE(evidence.put_sealed("张示例", turn_over)->fresh);
    EXPECT_EQ(evidence.list().value().size(), 1u);
}

TEST_F(EvidenceStore, what_an_interrupted_put_left_is_removed_at_the_next_start) {
    const Evidence first = open();
    std::ofstream(folder / "incoming" / "1-0") << "half";
    EXPECT_TRUE(open().list().value().empty());
    EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
}

// The worked example of docs/formats/evidence.md.
TEST_F(EvidenceStore, the_example_of_the_format_document_is_right) {
    std::ifstream in(std::string(QINGYUAN_SOURCE_DIR) + "/docs/formats/evidence.md");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto example = [&](const std::string& name) {
        const auto at = text.find("\n" + name + " = ");
        EXPECT_NE(at, std::string::npos) << name;
        const auto from = at == std::string::npos ? 0 : at + name.size() + 4;
        return text.substr(from, text.find('\n', from) - from);
    };
    const std::string bytes = example("bytes");
    EXPECT_EQ(hex(sm3(bytes)), example("block_0"));
    EXPECT_EQ(hex(block_digest(bytes)), example("digest"));
    const Evidence evidence = open();
    EXPECT_TRUE(evidence.put(bytes));
    EXPECT_EQ(std::filesystem::relative(evidence.path(example("digest")).value(), folder).string(),
              example("path"));
}
