// Guessing made slow: failures to sign in are counted for the name as it was typed and for the address they
// came from. A name that does not exist is counted like one that does, so that nobody learns which is which.
// Rows of the working store: a restart forgets nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "accounts/rows.hpp"
#include "base/date.hpp"
#include "base/result.hpp"
#include "journal/work.hpp"

namespace qingyuan::accounts {

struct LockLimits {
    int per_name =
        5;  ///< failures in the window, then locked for a window; doubled at each lock-out in a row
    std::int64_t name_window_us = 0;
    int per_peer = 50;  ///< failures of one address in its window, then locked until the window ends
    std::int64_t peer_window_us = 0;
};

/// What the access journal should be told of a refused attempt.
struct RefusedAttempt {
    bool first = false;       ///< of the window
    bool locked = false;      ///< this one locked the name
    std::int64_t untold = 0;  ///< refusals since the last entry, this one included
};

/// Names are one whatever the case and the space around them.
[[nodiscard]] std::string typed_name(std::string_view name);
/// How a typed name may stand in a journal: somebody may have typed a password there.
[[nodiscard]] std::string name_in_journal(std::string_view name);

class Lockouts {
 public:
    Lockouts(const journal::Work& work, LockLimits limits) : work_(&work), limits_(limits) {}

    /// Counts an attempt as failed before its outcome is known, so that a hundred at the same moment are not
    /// a hundred tries. locked_out, in the same words for every name.
    Result<void> begin(std::string_view name, std::string_view peer, Instant now) const;
    /// The attempt failed. `refused` locks where it was the last one allowed.
    Result<RefusedAttempt> refuse(std::string_view name, Instant now) const;
    /// The attempt was neither right nor wrong (a code is still wanted).
    Result<void> take_back(std::string_view name, std::string_view peer) const;
    /// The attempt was right: the name starts anew. Answers the refusals the journal was not told of.
    Result<std::int64_t> forgive(std::string_view name, std::string_view peer) const;

    [[nodiscard]] Result<std::optional<Instant>> locked_until(std::string_view name, Instant now) const;
    Result<void> unlock(std::string_view name) const;
    /// Forgets rows that no longer mean anything.
    Result<void> purge(Instant now) const;

 private:
    const journal::Work* work_;
    LockLimits limits_;
};

}  // namespace qingyuan::accounts
