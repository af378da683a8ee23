// What was judged of what was observed.
#pragma once

#include <string>

#include "base/date.hpp"
#include "base/sm3.hpp"

namespace qingyuan::facts {

/// A judgement of the trace data received up to `cut`: rows of the file `digest` say what was confirmed and
/// what was withdrawn. Row i is addressed `seq/i` and can be a member of a figure. Provisional findings stand
/// in no fact.
struct CustodyJudged {
    std::string rules;       ///< names the rules and their versions
    std::int64_t cut = 0;    ///< sequence number of the last batch
    std::int64_t at_ms = 0;  ///< the instant it holds for
    bool full = false;       ///< looked at every finding, else at those that the last batches touched
    std::int64_t confirmed = 0;
    std::int64_t withdrawn = 0;
    Bytes root;                 ///< Merkle root over the rows
    Bytes digest;               ///< of the file of rows, in the evidence store
    std::int64_t rows = 0;      ///< of the batch it follows: accepted
    std::int64_t rejected = 0;  ///< … refused
    std::int64_t waiting = 0;   ///< … that name something unknown

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("rules", s.rules);
        v("cut", s.cut);
        v("at_ms", s.at_ms);
        v("full", s.full);
        v("confirmed", s.confirmed);
        v("withdrawn", s.withdrawn);
        v("root", s.root);
        v("digest", s.digest);
        v("rows", s.rows);
        v("rejected", s.rejected);
        v("waiting", s.waiting);
    }
};

}  // namespace qingyuan::facts
