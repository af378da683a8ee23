// Bits that turn over, processes that are killed, syncs that fail.
#include <algorithm>
#include <fstream>

#include <csignal>
#include <sys/wait.h>

#include <fmt/format.h>

#include "sql/database.hpp"
#include "test/faults/work.hpp"

namespace qingyuan::faults {

namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// All that the tables hold, as text; empty where the file cannot be read. Equal contents mean that a flip
/// hit unused space.
std::string contents(const fs::path& file) {
    const auto database = sql::connect_sqlite(file.string(), {});
    if (!database) return {};
    std::string out;
    for (const char* table : {"facts_records", "facts_nodes", "facts_head", "dossiers", "qingyuan_schema",
                              "qingyuan_projections"}) {
        const sql::Statement statement{"all", fmt::format("SELECT * FROM {} ORDER BY 1", table)};
        const auto read = (*database)->query(statement, {}, [&](const sql::Row& row) -> Result<void> {
            // No table has more columns; SQLite gives null beyond the last.
            for (int column = 0; column < 12; ++column) {
                out += row.bytes(column);
                out += '|';
            }
            out += '\n';
            return {};
        });
        (*database)->forget();
        if (!read) return {};
    }
    return out;
}

}  // namespace

Tally flips(const fs::path& work, int count) {
    Tally tally;
    const fs::path directory = work / "sound", flipped = work / "flipped";
    fs::remove_all(directory);
    fs::create_directories(directory);
    if (write_small(directory) != 0) {
        tally.note(false, "the store to be damaged could not be written");
        return tally;
    }
    const std::string sound = read_file(directory / "journal.db");
    fs::remove_all(flipped);
    fs::create_directories(flipped);
    fs::copy(directory, flipped, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    const std::string whole = contents(flipped / "journal.db");
    Random random(5);
    int noticed = 0, unused = 0;
    for (int i = 0; i < count; ++i) {
        std::string bytes = sound;
        const std::size_t at = random.below(bytes.size());
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
        fs::remove(flipped / "journal.db-wal");
        fs::remove(flipped / "journal.db-shm");
        std::ofstream(flipped / "journal.db", std::ios::binary | std::ios::trunc) << bytes;
        const bool seen = !is_sound(flipped);
        noticed += seen;
        if (seen) {
            ++tally.passed;
            continue;
        }
        std::ofstream(flipped / "journal.db", std::ios::binary | std::ios::trunc) << bytes;
        const bool harmless = contents(flipped / "journal.db") == whole;
        unused += harmless;
        tally.note(harmless,
                   fmt::format("bit flip in byte {} of {} changed what is stored and went unnoticed", at,
                               bytes.size()));
    }
    fmt::print("{} bit flips over {} bytes: {} noticed, {} in unused space\n", count, sound.size(), noticed,
               unused);
    return tally;
}

Tally log_flips(const fs::path& work, int count) {
    Tally tally;
    const fs::path directory = work / "logged", flipped = work / "flipped";
    fs::remove_all(directory);
    fs::create_directories(directory);
    // Killed, so that everything stands in the write-ahead log.
    const Run run = run_writer(directory, {}, 50, 1, 150'000, {});
    const std::string log = read_file(directory / "journal.db-wal");
    if (log.empty() || run.acknowledged.empty()) {
        tally.note(false, "the writer left no write-ahead log");
        return tally;
    }
    Random random(9);
    int refused = 0;
    for (int i = 0; i < count; ++i) {
        fs::remove_all(flipped);
        fs::copy(directory, flipped, fs::copy_options::recursive);
        fs::remove(flipped / "journal.db-shm");
        std::string bytes = log;
        bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
        std::ofstream(flipped / "journal.db-wal", std::ios::binary | std::ios::trunc) << bytes;
        const auto found = read_facts(flipped);
        refused += !found;
        const auto kept = [&](const std::string& name) { return found->contains(name); };
        tally.note(!found || std::all_of(run.acknowledged.begin(), run.acknowledged.end(), kept),
                   "a flip in the log lost an acknowledged fact unnoticed");
    }
    tally.note(refused > 0, "no flip in the log was noticed at all");
    fmt::print(
        "{} bit flips over {} bytes of the write-ahead log: {} refused at start, the others lost nothing\n",
        count, log.size(), refused);
    return tally;
}

Tally kills(const fs::path& work, int count) {
    Tally tally;
    const fs::path directory = work / "killed";
    fs::remove_all(directory);
    fs::create_directories(directory);
    Random random(3);
    std::vector<std::string> acknowledged;
    int cut_short = 0;
    for (int i = 0; i < count; ++i) {
        const int after_us = 3'000 + static_cast<int>(random.below(60'000));
        const Run run = run_writer(directory, {}, 50, static_cast<std::uint64_t>(i) + 1, after_us, {});
        cut_short += WIFSIGNALED(run.status);
        acknowledged.insert(acknowledged.end(), run.acknowledged.begin(), run.acknowledged.end());
        const auto found = read_facts(directory);
        if (!found) {
            tally.note(false, "after a kill: " + found.error().text());
            return tally;
        }
        const bool kept = std::all_of(acknowledged.begin(), acknowledged.end(),
                                      [&](const std::string& name) { return found->contains(name); });
        tally.note(kept, "after a kill an acknowledged fact is gone");
        // A store that has grown large only makes the look afterwards slow.
        if (found->size() > 3'000) {
            fs::remove_all(directory);
            fs::create_directories(directory);
            acknowledged.clear();
        }
    }
    tally.note(cut_short > count * 9 / 10, "the writer was mostly finished before it was killed");
    fmt::print("{} kills\n", cut_short);
    return tally;
}

Tally failing_syncs(const fs::path& work, int count) {
    Tally tally;
    const fs::path recorder = fs::read_symlink("/proc/self/exe").parent_path() / "recorder.so";
    int refused = 0;
    for (int i = 1; i <= count; ++i) {
        const fs::path directory = work / "failing";
        fs::remove_all(directory);
        fs::create_directories(directory);
        const Run run =
            run_writer(directory, {}, 2, 1, 0,
                       {"LD_PRELOAD=" + recorder.string(), "FAULTS_ROOT=" + directory.string(),
                        "FAULTS_LOG=" + (work / "log").string(), fmt::format("FAULTS_FAIL_SYNC={}", i)});
        refused += run.status != 0;
        const auto found = read_facts(directory);
        const bool kept =
            run.acknowledged.empty() ||
            (found && std::all_of(run.acknowledged.begin(), run.acknowledged.end(),
                                  [&](const std::string& name) { return found->contains(name); }));
        tally.note(kept && WIFEXITED(run.status),
                   fmt::format("sync {} failed: {}", i,
                               found ? "an acknowledged fact is gone" : found.error().text()));
    }
    tally.note(refused > count / 2, "most failing syncs went unnoticed by the writer");
    fmt::print("{} failing syncs: the writer gave up {} times\n", count, refused);
    return tally;
}

}  // namespace qingyuan::faults
