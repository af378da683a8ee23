// What the fault tests share: a writer whose every acknowledgement is a line on stdout, and the look
// afterwards.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::faults {

struct Setting {
    bool database_durable = true;  ///< synchronous=FULL
    bool head_durable = true;
};

/// Opens a journal in the directory, lets several threads write single facts and batches, each of them
/// acknowledged by a line "<name of the dossier>" after `append` has returned; closes it and opens it again
/// `rounds` times, so that checkpoints happen. Exit status: 0 done, 9 the journal refused to go on.
int write_facts(const std::filesystem::path& directory, Setting setting, int rounds, std::uint64_t seed);

/// Opens the journal of the directory as a start does, verifies it and lists the names of its dossiers.
Result<std::set<std::string>> read_facts(const std::filesystem::path& directory);

/// A small store with everything in it that a journal has: 300 facts, tree nodes, rows. 0 = done.
int write_small(const std::filesystem::path& directory);
/// Is the store of the directory, opened and verified with its projections against journal.head, without a
/// fault?
bool is_sound(const std::filesystem::path& directory);

struct Run {
    std::vector<std::string> acknowledged;
    int status = 0;  ///< as of waitpid
};
/// Runs this program as a writer, and kills it after so many microseconds (0 = never).
Run run_writer(const std::filesystem::path& directory, Setting setting, int rounds, std::uint64_t seed,
               int kill_after_us, const std::vector<std::string>& environment);

/// A small generator of our own, so that a seed gives the same faults everywhere.
class Random {
 public:
    explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
    std::uint64_t below(std::uint64_t end) {
        state_ = state_ * 6364136223846793005 + 1442695040888963407;
        return (state_ >> 33) % end;
    }

 private:
    std::uint64_t state_;
};

struct Tally {
    int passed = 0;
    int failed = 0;
    void note(bool well, const std::string& what);
};

Tally cuts(const std::filesystem::path& work, int count);
Tally kills(const std::filesystem::path& work, int count);
Tally flips(const std::filesystem::path& work, int count);
Tally log_flips(const std::filesystem::path& work, int count);
Tally failing_syncs(const std::filesystem::path& work, int count);

}  // namespace qingyuan::faults
