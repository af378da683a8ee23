// Decodes every example of docs/formats/{journal,checkpoint,proof}.md.
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "journal/chain.hpp"
#include "journal/head_file.hpp"
#include "journal/journal.hpp"
#include "journal/signature.hpp"
#include "sql/place_test.hpp"

using namespace qingyuan;
using namespace qingyuan::journal;

namespace {

constexpr std::string_view origin = "qingyuan.example/hengyang";

/// The blocks "```example name" of a document.
std::map<std::string, std::string> examples(const std::string& name) {
    std::ifstream in(QINGYUAN_SOURCE_DIR "/docs/formats/" + name);
    std::map<std::string, std::string> out;
    std::string line, block;
    while (std::getline(in, line)) {
        if (line.starts_with("```"))
            block = line.starts_with("```example ") ? line.substr(11) : "";
        else if (!block.empty())
            out[block] += line + "\n";
    }
    return out;
}

Bytes raw(const std::string& text) {
    std::string digits;
    for (const char c : text)
        if (c != '\n') digits += c;
    const auto bytes = parse_hex(digits);
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : Bytes();
}

}  // namespace

TEST(Formats, records_chain_and_tree_are_as_written) {
    auto example = examples("journal.md");
    const std::vector<std::string> chain = split(example["chain"], '\n'), tree = split(example["tree"], '\n');
    Digest link = sm3(origin);
    EXPECT_EQ(hex(link), chain.at(0));
    MerkleEdge edge;
    for (const std::size_t number : {1, 2}) {
        const Bytes record = raw(example["record_" + std::to_string(number)]);
        const auto fact = facts::decode(record);
        ASSERT_TRUE(fact) << fact.error().text();
        EXPECT_EQ(fact->seq, number);
        EXPECT_EQ(fact->recorded_at.text(), "2025-07-05T09:19:19+08:00");
        EXPECT_EQ(facts::encode(*fact), record);
        link = next_chain(link, record);
        EXPECT_EQ(hex(link), chain.at(number));
        EXPECT_EQ(hex(merkle_leaf(record)), tree.at(number - 1));
        edge.add(merkle_leaf(record));
    }
    EXPECT_EQ(hex(edge.root()), tree.at(2));
}

TEST(Formats, the_head_slot_is_as_written) {
    auto example = examples("journal.md");
    const sql::TestPlace place("file");
    Bytes slots = raw(example["head_slot"]);
    slots.resize(2 * HeadFile::slot_bytes);
    std::ofstream(place.directory() / "journal.head", std::ios::binary) << slots;
    auto file = HeadFile::open(place.directory() / "journal.head", origin);
    const auto entry = file->read();
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ((*entry)->size, 2u);
    EXPECT_EQ((*entry)->records, (std::vector<Bytes>{raw(example["record_1"]), raw(example["record_2"])}));
    EXPECT_EQ(hex((*entry)->chain), split(example["chain"], '\n').at(2));
    EXPECT_EQ(hex((*entry)->root), split(example["tree"], '\n').at(2));
}

TEST(Formats, the_export_is_as_written) {
    auto example = examples("journal.md");
    const sql::TestPlace place("file");
    const auto path = place.directory() / "journal.export";
    std::ofstream(path, std::ios::binary) << example["export_text"] << "\n" << raw(example["export_records"]);
    const auto exported = Export::open(path);
    ASSERT_TRUE(exported) << exported.error().text();
    std::vector<std::string> kinds;
    const auto scanned = exported->scan([&](const facts::Recorded& fact) -> Result<void> {
        kinds.emplace_back(facts::kind_of(fact.fact.payload));
        return {};
    });
    ASSERT_TRUE(scanned) << scanned.error().text();
    EXPECT_EQ(kinds, (std::vector<std::string>{"dossier_opened", "step_taken"}));
}

TEST(Formats, the_checkpoint_and_the_proof_are_as_written) {
    const auto checkpoint = parse_checkpoint(examples("checkpoint.md")["checkpoint"]);
    ASSERT_TRUE(checkpoint) << checkpoint.error().text();
    EXPECT_EQ(checkpoint->origin, origin);
    EXPECT_EQ(checkpoint->size, 2u);
    const auto fact = check_proof(examples("proof.md")["proof"], &*checkpoint);
    ASSERT_TRUE(fact) << fact.error().text();
    EXPECT_EQ(std::get<facts::DossierOpened>(fact->fact.payload).id, "hy-2025-ins-00001");
}
