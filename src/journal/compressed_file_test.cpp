// Compressed evidence: what was given comes back, and whatever else lies in the store is noticed.
#include "journal/compressed_file.hpp"

#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.hpp"
#include "journal/evidence.hpp"

using namespace qingyuan;
using namespace qingyuan::journal;

namespace {

struct CompressedEvidence : testing::Test {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("compressed_" + std::to_string(::getpid()));
    CompressedEvidence() { std::filesystem::remove_all(folder); }
    ~CompressedEvidence() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] Evidence open() const { return Evidence::open(folder).value(); }
    [[nodiscard]] std::filesystem::path file(const Digest& digest) const {
        return folder / hex(digest).substr(0, 2) / (hex(digest) + ".zst");
    }
};

/// Rows that compress, no two blocks alike.
std::string rows(std::size_t size) {
    Random random(size);
    std::string out;
    while (out.size() < size)
        out += "e" + std::to_string(random.next() % 1'000'000) + ",81234560000012341234,ship,w00012\n";
    out.resize(size);
    return out;
}

Result<EvidenceFile> put_compressed(const Evidence& evidence, std::string_view plain) {
    auto writer = TRY(evidence.begin());
    for (std::size_t at = 0; at < plain.size(); at += evidence_block_bytes) {
        const std::string_view block = plain.substr(at, evidence_block_bytes);
        const PreparedBlock prepared = TRY(prepare_block(block, 1));
        CHECK(writer.add_block(prepared.digest, prepared.frame, block.size()));
    }
    return writer.finish();
}

std::string bytes_in(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(const std::filesystem::path& file, std::string_view bytes) {
    std::filesystem::create_directories(file.parent_path());
    ::chmod(file.c_str(), 0600);
    std::ofstream(file, std::ios::trunc | std::ios::binary) << bytes;
}

std::string number(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
}

/// One zstd frame of `blocks` times 128 KiB of zeros, four bytes each, that does not say how much it holds.
std::string bomb(std::size_t blocks) {
    std::string out = number(0xFD2FB528, 4) + std::string("\0\x60", 2);
    for (std::size_t i = 0; i < blocks; ++i) out += number(i + 1 == blocks ? 0x100003 : 0x100002, 3) + '\0';
    return out;
}

/// An index as the writer makes it, over whatever is said.
std::string index_of(const std::vector<std::pair<std::uint32_t, Digest>>& blocks, std::uint64_t plain) {
    std::string entries;
    for (const auto& [size, digest] : blocks) entries += number(size, 4) + std::string(bytes_of(digest));
    return number(0x184D2A51, 4) + number(entries.size() + 20, 4) + entries + number(blocks.size(), 4) +
           number(plain, 8) + "QYBLOCK1";
}

std::size_t resident_bytes_max() {
    struct rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

TEST_F(CompressedEvidence, gives_back_what_it_was_given_at_every_size) {
    const Evidence evidence = open();
    constexpr std::size_t block = evidence_block_bytes;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, block - 1, block, block + 1, block * 5 / 2}) {
        const std::string plain = rows(size);
        const auto kept = put_compressed(evidence, plain);
        ASSERT_TRUE(kept) << kept.error().text();
        EXPECT_EQ(kept->digest, block_digest(plain)) << size;
        EXPECT_EQ(kept->bytes, size);
        EXPECT_TRUE(kept->fresh);
        const std::string name = hex(kept->digest);
        EXPECT_TRUE(evidence.contains(name));
        EXPECT_TRUE(evidence.read(name).value() == plain) << size;
        EXPECT_TRUE(evidence.verify(name));
        EXPECT_EQ(evidence.path(name).error().code, ErrorCode::record_unknown);
        EXPECT_EQ(std::filesystem::status(file(kept->digest)).permissions(),
                  std::filesystem::perms::owner_read);
        if (size > 1) EXPECT_LT(std::filesystem::file_size(file(kept->digest)), size / 2);
        EXPECT_FALSE(put_compressed(evidence, plain)->fresh);
        for (std::size_t from = 0; from <= size / block + 2; ++from) {
            std::string given;
            ASSERT_TRUE(evidence.for_each_block(name, from, [&](std::string_view part) -> Result<void> {
                EXPECT_LE(part.size(), block);
                given += part;
                return {};
            }));
            EXPECT_TRUE(given == std::string_view(plain).substr(std::min(from * block, size)))
                << size << from;
        }
    }
    EXPECT_EQ(evidence.list().value().size(), 6u);
    EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
}

TEST_F(CompressedEvidence, blocks_prepared_together_and_by_many_threads_are_the_same) {
    const std::string plain = rows(3'000'000);
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at < plain.size(); at += 300'001)
        parts.push_back(std::string_view(plain).substr(at, 300'001));
    const auto together = prepare_blocks(parts, 1).value();
    ASSERT_EQ(together.size(), parts.size());
    std::vector<std::thread> threads;
    std::vector<PreparedBlock> apart(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
        threads.emplace_back([&, i] { apart[i] = prepare_block(parts[i], 1).value(); });
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_EQ(together[i].digest, sm3(parts[i]));
        EXPECT_EQ(apart[i].digest, together[i].digest);
        EXPECT_TRUE(apart[i].frame == together[i].frame) << i;
    }
    parts.push_back("");
    EXPECT_EQ(prepare_blocks(parts, 1).error().code, ErrorCode::field_invalid);
    EXPECT_TRUE(prepare_blocks({}, 1)->empty());
}

TEST_F(CompressedEvidence, a_plain_file_is_walked_in_the_same_blocks) {
    const Evidence evidence = open();
    const std::string plain = rows(evidence_block_bytes * 2 + 5);
    const auto kept = evidence.put(plain).value();
    for (std::size_t from = 0; from < 5; ++from) {
        std::vector<std::string> given;
        ASSERT_TRUE(evidence.for_each_block(hex(kept.digest), from, [&](std::string_view part) {
            given.emplace_back(part);
            return Result<void>();
        }));
        EXPECT_EQ(given.size(), from < 3 ? 3 - from : 0);
        for (std::size_t i = 0; i < given.size(); ++i)
            EXPECT_TRUE(given[i] == std::string_view(plain).substr((from + i) * evidence_block_bytes,
                                                                   evidence_block_bytes));
    }
    const auto at = evidence.path(hex(kept.digest)).value();
    overwrite(at, "x" + plain.substr(1));
    const auto ignore = [](std::string_view) { return Result<void>(); };
    EXPECT_EQ(evidence.for_each_block(hex(kept.digest), 0, ignore).error().code, ErrorCode::store_corrupt);
    EXPECT_EQ(evidence.for_each_block(hex(kept.digest), 2, ignore).error().code, ErrorCode::store_corrupt);
}

TEST_F(CompressedEvidence, an_error_of_the_reader_ends_the_walk) {
    const Evidence evidence = open();
    for (const auto& digest : {evidence.put(rows(evidence_block_bytes + 7))->digest,
                               put_compressed(evidence, rows(evidence_block_bytes + 8))->digest}) {
        int given = 0;
        const auto walked = evidence.for_each_block(hex(digest), 0, [&](std::string_view) -> Result<void> {
            ++given;
            return Error{ErrorCode::overloaded, "enough"};
        });
        EXPECT_EQ(walked.error().code, ErrorCode::overloaded);
        EXPECT_EQ(given, 1);
    }
    const auto ignore = [](std::string_view) { return Result<void>(); };
    EXPECT_EQ(evidence.for_each_block(hex(sm3("x")), 0, ignore).error().code, ErrorCode::record_unknown);
    EXPECT_EQ(evidence.for_each_block("../x", 0, ignore).error().code, ErrorCode::field_invalid);
    const auto sealed = evidence.put_sealed("secret", [](std::string_view, std::string_view bytes) {
        return Result<Bytes>(Bytes(bytes.rbegin(), bytes.rend()));
    });
    EXPECT_EQ(evidence.for_each_block(hex(sealed->digest), 0, ignore).error().code,
              ErrorCode::record_unknown);
}

TEST_F(CompressedEvidence, the_same_bytes_are_one_record_however_they_were_put) {
    const Evidence evidence = open();
    const std::string first = rows(5000), second = rows(6000), third = rows(7000);
    EXPECT_TRUE(evidence.put(first)->fresh);
    EXPECT_FALSE(put_compressed(evidence, first)->fresh);
    // Kept beside the plain file: who compressed it reads its blocks in any order.
    EXPECT_TRUE(std::filesystem::exists(file(block_digest(first))));
    EXPECT_TRUE(evidence.path(hex(block_digest(first))));
    EXPECT_TRUE(put_compressed(evidence, second)->fresh);
    EXPECT_FALSE(evidence.put(second)->fresh);
    overwrite(folder / "raw", second);
    EXPECT_FALSE(evidence.put_file(folder / "raw")->fresh);
    EXPECT_TRUE(evidence.contains(hex(block_digest(second))));
    // Two processes may put both at the same moment.
    EXPECT_TRUE(put_compressed(evidence, third)->fresh);
    overwrite(folder / hex(block_digest(third)).substr(0, 2) / hex(block_digest(third)), third);
    const auto names = evidence.list().value();
    EXPECT_EQ(names.size(), 3u);
    for (const std::string& name : names) EXPECT_TRUE(evidence.verify(name)) << name;
}

TEST_F(CompressedEvidence, refuses_blocks_out_of_order_and_frames_of_other_sizes) {
    const Evidence evidence = open();
    const std::string whole = rows(evidence_block_bytes), half = rows(1000);
    const auto block = prepare_block(whole, -1).value(), short_block = prepare_block(half, 3).value();
    const auto refused = [&](bool short_first, const Digest& digest, std::string_view frame,
                             std::uint64_t bytes) {
        auto writer = evidence.begin().value();
        if (short_first) EXPECT_TRUE(writer.add_block(short_block.digest, short_block.frame, half.size()));
        const auto added = writer.add_block(digest, frame, bytes);
        EXPECT_EQ(writer.finish().error().code, ErrorCode::wrong_state);
        return !added && added.error().code == ErrorCode::field_invalid;
    };
    const std::string_view frame = block.frame;
    EXPECT_TRUE(refused(true, block.digest, frame, whole.size())) << "a block after a shorter one";
    EXPECT_TRUE(refused(false, block.digest, frame, 0));
    EXPECT_TRUE(refused(false, block.digest, frame, whole.size() + 1));
    EXPECT_TRUE(refused(false, block.digest, frame, whole.size() - 1)) << "not what the frame holds";
    EXPECT_TRUE(refused(false, block.digest, frame.substr(0, frame.size() - 1), whole.size())) << "cut";
    EXPECT_TRUE(refused(false, block.digest, block.frame + short_block.frame, whole.size())) << "two frames";
    EXPECT_TRUE(refused(false, block.digest, whole, whole.size())) << "no frame";
    EXPECT_TRUE(refused(false, block.digest, "", whole.size()));
    EXPECT_TRUE(evidence.list().value().empty());
    EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
    EXPECT_EQ(prepare_block("", 1).error().code, ErrorCode::field_invalid);
    EXPECT_EQ(prepare_block(whole + "x", 1).error().code, ErrorCode::field_invalid);
    EXPECT_EQ(prepare_block("x", 23).error().code, ErrorCode::field_invalid);
}

TEST_F(CompressedEvidence, a_digest_that_is_not_of_the_block_is_noticed_when_it_is_read) {
    const Evidence evidence = open();
    auto writer = evidence.begin().value();
    EXPECT_TRUE(writer.add_block(sm3("another"), prepare_block("bytes", 1)->frame, 5));
    const auto kept = writer.finish().value();
    EXPECT_EQ(evidence.verify(hex(kept.digest)).error().code, ErrorCode::store_corrupt);
}

TEST_F(CompressedEvidence, an_interrupted_writer_leaves_nothing) {
    const Evidence evidence = open();
    {
        auto writer = evidence.begin().value();
        EXPECT_TRUE(writer.add_block(sm3("bytes"), prepare_block("bytes", 1)->frame, 5));
        EXPECT_FALSE(std::filesystem::is_empty(folder / "incoming"));
        EXPECT_TRUE(open().list().value().empty());
        auto moved = std::move(writer);  // the name in incoming/ belongs to one of them only
        EXPECT_FALSE(std::filesystem::is_empty(folder / "incoming"))
            << "a start removed what is being written";
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
    const pid_t child = ::fork();
    if (child == 0) {  // dies as in a power cut: no destructor runs
        auto writer = evidence.begin().value();
        const bool added = writer.add_block(sm3("bytes"), prepare_block("bytes", 1)->frame, 5).has_value();
        ::_exit(added ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(std::filesystem::is_empty(folder / "incoming"));
    EXPECT_TRUE(open().list().value().empty());
    EXPECT_TRUE(std::filesystem::is_empty(folder / "incoming"));
}

TEST_F(CompressedEvidence, no_damaged_byte_passes_for_the_truth) {
    const Evidence evidence = open();
    const std::string plain = rows(300);
    const auto kept = put_compressed(evidence, plain).value();
    const std::string name = hex(kept.digest);
    const std::string right = bytes_in(file(kept.digest));
    for (std::size_t at = 0; at < right.size(); ++at) {
        std::string wrong = right;
        wrong[at] = static_cast<char>(~wrong[at]);
        overwrite(file(kept.digest), wrong);
        EXPECT_EQ(evidence.verify(name).error().code, ErrorCode::store_corrupt) << at;
        EXPECT_EQ(evidence.read(name).error().code, ErrorCode::store_corrupt) << at;
        for (int bit = 0; bit < 8; ++bit) {  // zstd ignores a few bits: then the bytes are the right ones
            wrong[at] = static_cast<char>(right[at] ^ 1 << bit);
            overwrite(file(kept.digest), wrong);
            const auto read = evidence.read(name);
            EXPECT_TRUE(read ? *read == plain : read.error().code == ErrorCode::store_corrupt) << at;
        }
        overwrite(file(kept.digest), right.substr(0, at));
        EXPECT_EQ(evidence.read(name).error().code, ErrorCode::store_corrupt) << "cut at " << at;
        overwrite(file(kept.digest), right.substr(0, at) + '\0' + right.substr(at));
        EXPECT_EQ(evidence.read(name).error().code, ErrorCode::store_corrupt) << "longer at " << at;
    }
    for (const std::string& wrong : {right + "x", right + right, std::string(), plain}) {
        overwrite(file(kept.digest), wrong);
        EXPECT_EQ(evidence.read(name).error().code, ErrorCode::store_corrupt);
    }
    overwrite(file(kept.digest), right);
    EXPECT_TRUE(evidence.read(name).value() == plain);
}

TEST_F(CompressedEvidence, a_whole_file_under_the_name_of_another_is_noticed) {
    const Evidence evidence = open();
    const auto first = put_compressed(evidence, rows(300)).value();
    const auto second = put_compressed(evidence, rows(301)).value();
    overwrite(file(first.digest), bytes_in(file(second.digest)));
    EXPECT_EQ(evidence.read(hex(first.digest)).error().code, ErrorCode::store_corrupt);
    EXPECT_TRUE(evidence.verify(hex(second.digest)));
}

TEST_F(CompressedEvidence, an_index_that_says_another_size_than_its_blocks_is_noticed) {
    const Evidence evidence = open();
    const Digest zeros = sm3(std::string(evidence_block_bytes, '\0'));
    const std::string frame = bomb(64);  // 8 MiB exactly
    const std::pair<std::uint32_t, Digest> entry{static_cast<std::uint32_t>(frame.size()), zeros};
    const Digest one = sm3(bytes_of(zeros)), two = Sm3().add(zeros).add(zeros).finish();
    const auto read = [&](const Digest& digest, std::string_view bytes, std::size_t from) {
        overwrite(file(digest), bytes);
        const auto ignore = [](std::string_view) { return Result<void>(); };
        const auto walked = evidence.for_each_block(hex(digest), from, ignore);
        return walked ? std::string("fine") : std::string(walked.error().info().name);
    };
    constexpr std::uint64_t block = evidence_block_bytes;
    EXPECT_EQ(read(one, frame + index_of({entry}, block), 0), "fine");
    EXPECT_EQ(read(two, frame + frame + index_of({entry, entry}, 2 * block), 1), "fine");
    for (const std::uint64_t wrong : {std::uint64_t{0}, block + 1, 2 * block, ~std::uint64_t{0}})
        EXPECT_EQ(read(one, frame + index_of({entry}, wrong), 0), "store_corrupt") << wrong;
    for (const std::uint64_t wrong : {std::uint64_t{1}, block, 2 * block + 1})
        EXPECT_EQ(read(two, frame + frame + index_of({entry, entry}, wrong), 1), "store_corrupt") << wrong;
    EXPECT_EQ(read(sm3(""), index_of({}, 1), 0), "store_corrupt");
}

TEST_F(CompressedEvidence, a_damaged_block_is_not_given_to_the_reader_but_those_before_it_are) {
    const Evidence evidence = open();
    const std::string plain = rows(evidence_block_bytes * 2 + 1000);
    const auto kept = put_compressed(evidence, plain).value();
    std::string bytes = bytes_in(file(kept.digest));
    const std::size_t second = prepare_block(plain.substr(0, evidence_block_bytes), 1)->frame.size();
    bytes[second + 5000] = static_cast<char>(bytes[second + 5000] ^ 0x10);
    overwrite(file(kept.digest), bytes);
    for (const std::size_t from : {0, 1, 2}) {
        std::size_t given = 0;
        const auto walked = evidence.for_each_block(hex(kept.digest), from, [&](std::string_view) {
            ++given;
            return Result<void>();
        });
        EXPECT_EQ(given, from == 1 ? 0 : 1);
        EXPECT_EQ(walked.has_value(), from == 2) << "the last block is whole and can be told so";
    }
}

TEST_F(CompressedEvidence, a_file_made_to_fill_the_memory_does_not) {
    const Evidence evidence = open();
    EXPECT_TRUE(put_compressed(evidence, rows(evidence_block_bytes * 2)));
    const auto warm = evidence.list().value().front();
    EXPECT_TRUE(evidence.verify(warm));
    const std::size_t before = resident_bytes_max();
    const Digest zeros = sm3("zeros"), name = sm3(bytes_of(zeros)), none = sm3("");
    const std::string frame = bomb(32'768);  // 4 GiB in 128 KiB
    const auto refused = [&](const Digest& digest, std::string_view bytes, std::uint64_t size = 0) {
        overwrite(file(digest), bytes);
        if (size > 0) std::filesystem::resize_file(file(digest), size);
        const auto read = evidence.read(hex(digest));
        return !read && read.error().code == ErrorCode::store_corrupt &&
               evidence.verify(hex(digest)).error().code == ErrorCode::store_corrupt;
    };
    const auto frame_bytes = static_cast<std::uint32_t>(frame.size());
    EXPECT_TRUE(refused(name, frame + index_of({{frame_bytes, zeros}}, evidence_block_bytes)));
    EXPECT_TRUE(refused(name, frame + index_of({{frame_bytes, zeros}}, 1)));
    EXPECT_TRUE(refused(name, frame + index_of({{frame_bytes, zeros}}, std::uint64_t{1} << 40)));
    // A frame of 3 GiB and four milliard blocks, in a file that is mostly a hole.
    std::filesystem::remove(file(name));
    overwrite(file(name), "");
    std::filesystem::resize_file(file(name), 3'000'000'000);
    std::ofstream(file(name), std::ios::app | std::ios::binary)
        << index_of({{3'000'000'000, zeros}}, evidence_block_bytes);
    EXPECT_EQ(evidence.verify(hex(name)).error().code, ErrorCode::store_corrupt);
    overwrite(file(none), "");
    std::filesystem::resize_file(file(none), std::uint64_t{200} << 30);
    std::ofstream(file(none), std::ios::app | std::ios::binary)
        << number(0xFFFFFFFF, 4) << number(std::uint64_t{0xFFFFFFFF} * evidence_block_bytes, 8) << "QYBLOCK1";
    EXPECT_EQ(evidence.verify(hex(none)).error().code, ErrorCode::store_corrupt);
#ifndef __SANITIZE_ADDRESS__
    EXPECT_LT(resident_bytes_max() - before, std::size_t{4} << 20);
#endif
    // The tools of this test make what the store takes.
    overwrite(file(none), index_of({}, 0));
    EXPECT_EQ(evidence.read(hex(none)).value(), "");
    const std::string page(131'072, '\0');
    const Digest digest = sm3(bytes_of(sm3(page)));
    overwrite(file(digest),
              bomb(1) + index_of({{static_cast<std::uint32_t>(bomb(1).size()), sm3(page)}}, 131'072));
    EXPECT_TRUE(evidence.read(hex(digest)).value() == page);
}

// The worked example of a compressed file in docs/formats/evidence.md.
TEST_F(CompressedEvidence, the_example_of_the_format_document_is_right) {
    const std::string text = bytes_in(std::string(QINGYUAN_SOURCE_DIR) + "/docs/formats/evidence.md");
    const auto example = [&](const std::string& name) {
        const auto at = text.find("\n" + name + " = ");
        EXPECT_NE(at, std::string::npos) << name;
        const auto from = at == std::string::npos ? 0 : at + name.size() + 4;
        return text.substr(from, text.find('\n', from) - from);
    };
    std::string bytes;
    for (const char* part : {"frame_0", "index_head", "entry_0", "foot"}) {
        const std::string digits = example(part);
        for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
            bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
    const Evidence evidence = open();
    const auto place = folder / example("compressed_path");
    overwrite(place, bytes);
    EXPECT_EQ(evidence.read(example("digest")).value(), example("bytes"));
    EXPECT_EQ(place, file(block_digest(example("bytes"))));
    EXPECT_EQ(bytes.substr(bytes.size() - 64),
              index_of({{42, sm3(example("bytes"))}}, example("bytes").size()));
}
