// What a journal does with damage, with an older copy, with a head that is ahead or behind; proofs,
// checkpoints and exports.
#include <fstream>

#include <rapidcheck.h>

#include "journal/head_file.hpp"
#include "sql/database.hpp"
#include "sql/journal_test.hpp"

using namespace qingyuan;
using namespace qingyuan::journal;
namespace fs = std::filesystem;

namespace {

void tamper(const Bench& bench, const std::string& script) {
    const auto raw = sql::connect_sqlite(bench.place.url(), {});
    ASSERT_TRUE(raw);
    const auto done = (*raw)->script(script);
    ASSERT_TRUE(done) << done.error().text();
}

std::string read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const fs::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

/// The database and everything beside it, as they stand after a clean close.
class Copy {
 public:
    explicit Copy(const Bench& bench) : from_(bench.place.directory()), to_(from_.string() + "-copy") {
        fs::remove_all(to_);
        fs::copy(from_, to_, fs::copy_options::recursive);
    }
    ~Copy() { fs::remove_all(to_); }
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    void restore(const std::string& name) const {
        fs::remove(from_ / "journal.db-wal");
        fs::remove(from_ / "journal.db-shm");
        fs::copy(to_ / name, from_ / name,
                 fs::copy_options::overwrite_existing | fs::copy_options::recursive);
    }
    void restore_all() const {
        fs::remove_all(from_);
        fs::copy(to_, from_, fs::copy_options::recursive);
    }

 private:
    fs::path from_, to_;
};

struct Damage {
    const char* name;
    std::string script;
    std::uint64_t first_bad;
    const char* words;
};

}  // namespace

TEST(Verify, names_the_first_bad_fact_of_every_damage) {
    const Damage damages[] = {
        {"a changed byte",
         "UPDATE facts_records SET record = CAST(substr(record, 1, 20) || x'7a' || substr(record, 22) AS "
         "BLOB) WHERE seq = 5",
         5, "chain"},
        {"a shorter record",
         "UPDATE facts_records SET record = substr(record, 1, length(record) - 1) WHERE seq = 5", 5, "chain"},
        {"an empty record", "UPDATE facts_records SET record = x'' WHERE seq = 5", 5, "cannot be read"},
        {"a deleted fact", "DELETE FROM facts_records WHERE seq = 5", 5, "missing"},
        {"a truncated journal", "DELETE FROM facts_records WHERE seq > 597", 598, "the head counts 600"},
        {"no facts at all", "DELETE FROM facts_records", 1, "the head counts 600"},
        {"a duplicated fact",
         "INSERT INTO facts_records SELECT 601, dossier, record, chain FROM facts_records WHERE seq = 7", 601,
         "record of fact 7"},
        {"a fact before the first",
         "INSERT INTO facts_records SELECT 0, dossier, record, chain FROM facts_records WHERE seq = 7", 1,
         "twice"},
        {"two swapped records",
         "UPDATE facts_records SET record = (SELECT b.record FROM facts_records b WHERE b.seq = 15 - "
         "facts_records.seq)"
         " WHERE seq IN (7, 8)",
         7, "record of fact 8"},
        {"two swapped facts",
         "UPDATE facts_records SET seq = -seq WHERE seq IN (7, 8); UPDATE facts_records SET seq = 15 + seq "
         "WHERE seq < 0",
         7, "record of fact 8"},
        {"a changed chain hash", "UPDATE facts_records SET chain = zeroblob(32) WHERE seq = 5", 5, "chain"},
        {"a fact filed elsewhere", "UPDATE facts_records SET dossier = 3 WHERE seq = 2", 2,
         "another dossier"},
        {"a changed tree node", "UPDATE facts_nodes SET digest = zeroblob(32) WHERE position = 1", 257,
         "tree node"},
        {"a missing tree node", "DELETE FROM facts_nodes WHERE position = 0", 1, "tree node"},
        {"a changed head chain", "UPDATE facts_head SET chain = zeroblob(32)", 600, "stored head"},
        {"a head that counts less", "UPDATE facts_head SET size = 596", 597, "behind the head"},
        {"a head that fits no tree", "UPDATE facts_head SET peaks = x''", 0, "does not fit"},
        {"no head", "DELETE FROM facts_head", 0, "lost its head"},
        {"projections left behind", "UPDATE facts_head SET folded = 3", 0, "rebuild"},
        {"a changed row", "UPDATE dossiers SET organisation = 'x' WHERE seq = 3", 0, "checksum"},
    };
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(300);
    ASSERT_EQ(bench.verified().problem, "");
    bench.close();
    const Copy sound(bench);
    for (const Damage& damage : damages) {
        sound.restore_all();
        ASSERT_TRUE(bench.open()) << damage.name;
        tamper(bench, damage.script);
        const Verification found = bench.verified();
        EXPECT_EQ(found.first_bad, damage.first_bad) << damage.name << ": " << found.problem;
        EXPECT_NE(found.problem.find(damage.words), std::string::npos)
            << damage.name << ": " << found.problem;
        bench.close();
    }
}

TEST(Verify, history_written_again_from_the_start_is_noticed_against_an_outside_checkpoint) {
    Bench bench("file"), other("file");
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(other.open());
    bench.fill(20);
    ASSERT_TRUE(other.journal->append({open_dossier("forged")}));
    other.fill(30);
    const Checkpoint outside = *bench.journal->checkpoint();
    EXPECT_EQ(bench.verified(&outside).problem, "");
    EXPECT_EQ(other.verified().problem, "");
    EXPECT_EQ(other.verified(&outside).first_bad, 1u);
    const Checkpoint later = *other.journal->checkpoint();
    EXPECT_NE(bench.verified(&later).problem.find("older copy"), std::string::npos);
    EXPECT_EQ(bench.verified(&later).first_bad, 41u);
}

TEST(Head, that_is_ahead_by_its_own_group_is_completed) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(5);
    bench.close();
    const Copy before(bench);
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.journal->append({open_dossier("last"), step(11, "closed")}));
    const Checkpoint acknowledged = *bench.journal->checkpoint();
    const std::string head = read_file(bench.place.directory() / "journal.head");
    bench.close();
    before.restore_all();
    write_file(bench.place.directory() / "journal.head", head);
    const auto opened = bench.open();
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(*bench.journal->checkpoint(), acknowledged);
    EXPECT_EQ(bench.rows({.where = {{"id", Compare::equal, {"last"}}}}).at(0).state, "closed");
    EXPECT_EQ(bench.verified().problem, "");
}

TEST(Head, that_is_ahead_further_refuses_to_open) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(5);
    bench.close();
    const Copy before(bench);
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.journal->append({open_dossier("one")}));
    ASSERT_TRUE(bench.journal->append({open_dossier("two")}));
    const std::string head = read_file(bench.place.directory() / "journal.head");
    bench.close();
    before.restore_all();
    write_file(bench.place.directory() / "journal.head", head);
    const auto opened = bench.open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::acknowledged_missing);
    EXPECT_FALSE(opened.error().next.empty());
}

TEST(Head, that_is_behind_leaves_an_unacknowledged_tail_which_is_taken) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(5);
    const std::string head = read_file(bench.place.directory() / "journal.head");
    bench.fill(3);
    bench.close();
    write_file(bench.place.directory() / "journal.head", head);
    ASSERT_TRUE(bench.open());
    EXPECT_EQ(bench.journal->checkpoint()->size, 16u);
}

TEST(Head, of_another_history_is_refused) {
    Bench bench("file"), other("file");
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(other.open());
    bench.fill(5);
    ASSERT_TRUE(other.journal->append({open_dossier("other")}));
    bench.close();
    other.close();
    fs::copy(other.place.directory() / "journal.head", bench.place.directory() / "journal.head",
             fs::copy_options::overwrite_existing);
    EXPECT_EQ(bench.open().error().code, ErrorCode::chain_broken);
}

TEST(Head, that_is_missing_or_damaged_refuses_until_someone_adopts_the_store) {
    for (const bool missing : {true, false}) {
        Bench bench("file");
        ASSERT_TRUE(bench.open());
        bench.fill(5);
        bench.close();
        const fs::path head = bench.place.directory() / "journal.head";
        if (missing)
            fs::remove(head);
        else
            write_file(head, std::string(2 * HeadFile::slot_bytes, 'x'));
        const auto opened = bench.open();
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::acknowledged_missing);
        bench.adopt = true;
        ASSERT_TRUE(bench.open());
        bench.adopt = false;
        ASSERT_TRUE(bench.open());
        EXPECT_EQ(bench.journal->checkpoint()->size, 10u);
    }
}

TEST(Head, keeps_the_older_slot_whatever_byte_of_the_newer_one_is_torn) {
    const sql::TestPlace place("file");
    const fs::path file = place.directory() / "journal.head";
    {
        auto head = HeadFile::open(file, "x");
        ASSERT_TRUE(head);
        EXPECT_FALSE(head->read()->has_value());
        ASSERT_TRUE(head->write({1, sm3("a"), sm3("b"), Instant{1}, {"first"}}, false, true));
        ASSERT_TRUE(head->write({2, sm3("c"), sm3("d"), Instant{2}, {"second", "third"}}, false, true));
    }
    const std::string whole = read_file(file);
    const std::size_t used = HeadFile::slot_head + 4 + 6 + 4 + 5 + 32;
    const bool held = rc::check("torn", [&] {
        std::string torn = whole;
        // The second write went to one of the slots; both are tried, and only one entry may change.
        const std::size_t slot = *rc::gen::inRange<std::size_t>(0, 2) * HeadFile::slot_bytes;
        torn[slot + *rc::gen::inRange<std::size_t>(0, used - 9)] ^=
            static_cast<char>(*rc::gen::inRange(1, 256));
        write_file(file, torn);
        auto head = HeadFile::open(file, "x");
        RC_ASSERT(head);
        const auto entry = head->read();
        RC_ASSERT(entry);
        RC_ASSERT((*entry)->size == 1u || (*entry)->size == 2u);
        // The next write must not touch the slot that is whole.
        RC_ASSERT(head->write({3, sm3("e"), sm3("f"), Instant{3}, {}}, false, true));
        RC_ASSERT((*head->read())->size == 3u);
    });
    EXPECT_TRUE(held);
    EXPECT_EQ(HeadFile::open(file, "y")->read().error().code, ErrorCode::acknowledged_missing);
}

TEST(Checkpoints, an_older_copy_of_the_whole_directory_is_noticed_from_outside_only) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(5);
    bench.close();
    const Copy older(bench);
    ASSERT_TRUE(bench.open());
    bench.fill(5);
    const auto signed_text = bench.journal->write_checkpoint();
    ASSERT_TRUE(signed_text) << signed_text.error().text();
    bench.close();
    older.restore_all();
    EXPECT_TRUE(bench.open());
    bench.close();
    const sql::TestPlace elsewhere("file");
    write_file(elsewhere.directory() / "copy.checkpoint", *signed_text);
    bench.known = {elsewhere.directory()};
    const auto opened = bench.open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::replayed_journal);
}

TEST(Checkpoints, are_signed_and_every_changed_byte_is_refused) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(5);
    const std::string text = *bench.journal->write_checkpoint();
    const auto parsed = parse_checkpoint(text);
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->key.size(), 130u);
    EXPECT_EQ(parsed->root, bench.journal->checkpoint()->root);
    EXPECT_TRUE(parse_checkpoint(parsed->text()));
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(parse_checkpoint(changed)) << at;
    }
    EXPECT_FALSE(parse_checkpoint(""));
    EXPECT_FALSE(parse_checkpoint(text + "x"));
    EXPECT_EQ(fs::status(bench.place.directory() / "journal.key").permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    bench.close();
    write_file(bench.place.directory() / "checkpoints" / "facts.checkpoint", text.substr(0, 100));
    EXPECT_FALSE(bench.open());
}

TEST(Checkpoints, of_both_journals_are_cross_recorded) {
    const sql::TestPlace place("file");
    const VirtualClock clock(start_of(day));
    auto store = sql::open_store(place.url());
    auto facts = Journal::open(**store, clock,
                               {.name = "facts", .origin = "t", .head = place.directory() / "journal.head"});
    auto access = Journal::open(
        **store, clock, {.name = "access", .origin = "t/access", .head = place.directory() / "access.head"});
    ASSERT_TRUE(facts && access);
    ASSERT_TRUE((*facts)->append({open_dossier("a")}));
    const Digest root = (*facts)->checkpoint()->root;
    ASSERT_TRUE(cross_record(**facts, **access));
    const auto read = (*access)->read([&](const Reader& reader) -> Result<void> {
        const auto fact = TRY(reader.fact(1));
        const auto& seen = std::get<facts::CheckpointSeen>(fact.fact.payload);
        EXPECT_EQ(seen.journal, "facts");
        EXPECT_EQ(seen.size, 1);
        EXPECT_EQ(seen.root, bytes_of(root));
        return {};
    });
    EXPECT_TRUE(read);
    EXPECT_EQ((*facts)->checkpoint()->size, 2u);
    EXPECT_EQ(verify(**store, "access")->problem, "");
}

TEST(Proof, of_every_fact_holds_by_itself_and_against_a_checkpoint) {
    Bench bench("memory");
    ASSERT_TRUE(bench.open());
    bench.fill(290);
    const Checkpoint trusted = *bench.journal->checkpoint();
    for (std::uint64_t seq = 1; seq <= 580; seq += seq < 30 || seq > 500 ? 1 : 17) {
        const auto proof = prove(*bench.store, "facts", seq);
        ASSERT_TRUE(proof) << proof.error().text();
        const auto found = check_proof(*proof, &trusted);
        ASSERT_TRUE(found) << found.error().text();
        EXPECT_EQ(found->seq, seq);
    }
    EXPECT_EQ(prove(*bench.store, "facts", 581).error().code, ErrorCode::record_unknown);
    EXPECT_EQ(prove(*bench.store, "facts", 0).error().code, ErrorCode::record_unknown);
}

TEST(Proof, that_was_changed_or_belongs_elsewhere_is_refused) {
    Bench bench("memory");
    ASSERT_TRUE(bench.open());
    bench.fill(10);
    const Checkpoint trusted = *bench.journal->checkpoint();
    const std::string proof = *prove(*bench.store, "facts", 7);
    const std::size_t size_line = proof.find("\nsize ") + 1, chain_line = proof.find("\nchain ") + 1;
    for (std::size_t at = 0; at < proof.size(); ++at) {
        std::string changed = proof;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        // Chain and time are not what a proof proves; the trusted checkpoint says the rest.
        if (at >= chain_line) continue;
        EXPECT_FALSE(check_proof(changed, &trusted)) << at << " " << proof.substr(at, 20);
    }
    EXPECT_GT(size_line, 0u);
    bench.fill(1);
    const Checkpoint later = *bench.journal->checkpoint();
    EXPECT_EQ(check_proof(proof, &later).error().code, ErrorCode::proof_invalid);
    for (const char* text : {"", "qingyuan proof 1\n", "qingyuan proof 1\nseq 0\nrecord 00\n",
                             "qingyuan proof 1\nseq 1\nrecord 0\n"})
        EXPECT_EQ(check_proof(text).error().code, ErrorCode::record_malformed) << text;
}

TEST(Export, is_verified_without_a_database) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(140);
    const fs::path file = bench.place.directory() / "journal.export";
    ASSERT_TRUE(export_to(*bench.store, "facts", file));
    const auto exported = Export::open(file);
    ASSERT_TRUE(exported) << exported.error().text();
    EXPECT_EQ(exported->checkpoint(), *bench.journal->checkpoint());
    std::uint64_t seen = 0;
    const auto each = [&](const facts::Recorded& fact) -> Result<void> {
        EXPECT_EQ(fact.seq, ++seen);
        return {};
    };
    const auto scanned = exported->scan(each);
    ASSERT_TRUE(scanned) << scanned.error().text();
    EXPECT_EQ(seen, 280u);
    const auto direct = Export::open(*bench.store, "facts");
    seen = 0;
    ASSERT_TRUE(direct && direct->scan(each));
    EXPECT_EQ(seen, 280u);
}

TEST(Export, with_any_byte_changed_missing_or_added_is_refused) {
    Bench bench("memory");
    ASSERT_TRUE(bench.open());
    bench.fill(3);
    const fs::path file = bench.place.directory() / "journal.export";
    ASSERT_TRUE(export_to(*bench.store, "facts", file));
    const std::string whole = read_file(file);
    const auto holds = [&](const std::string& bytes) {
        write_file(file, bytes);
        const auto opened = Export::open(file);
        return opened && opened->scan([](const facts::Recorded&) -> Result<void> { return {}; });
    };
    ASSERT_TRUE(holds(whole));
    const std::size_t time_line = whole.find("\ntime "), records = whole.find("\n\n") + 2;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        if (at > time_line && at < records) continue;
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 4);
        EXPECT_FALSE(holds(changed)) << at;
        if (at % 7 == 0) { EXPECT_FALSE(holds(whole.substr(0, at))) << at; }
    }
    EXPECT_FALSE(holds(whole + std::string(1, '\0')));
    EXPECT_FALSE(holds(whole + whole.substr(records)));
}
