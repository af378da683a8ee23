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

/// A judgement of the safety reports received up to `cut`: rows of the file `digest` say which signals and
/// batch clusters came up and which went. Row i is addressed `seq/i` and can be a member of a figure.
struct SignalsJudged {
    std::string criterion;  ///< that opens a dossier: id of law/criteria
    std::int64_t cut = 0;   ///< sequence number of the last batch of reports
    std::int64_t at_ms = 0;
    std::int64_t reports = 0;
    std::int64_t cases = 0;     ///< reports less duplicates
    std::int64_t pairs = 0;     ///< of drug name and term
    std::int64_t signals = 0;   ///< standing after it
    std::int64_t clusters = 0;  ///< standing after it
    std::int64_t new_signals = 0;
    std::int64_t new_clusters = 0;
    std::int64_t withdrawn_clusters = 0;
    std::int64_t changes = 0;  ///< rows of the file
    std::string theta;         ///< a1,b1,a2,b2,p of the fit at drug name and term; empty = none
    std::string likelihood;    ///< its negative logarithm
    Bytes root;                ///< Merkle root over the rows
    Bytes digest;              ///< of the file of rows, in the evidence store

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("criterion", s.criterion);
        v("cut", s.cut);
        v("at_ms", s.at_ms);
        v("reports", s.reports);
        v("cases", s.cases);
        v("pairs", s.pairs);
        v("signals", s.signals);
        v("clusters", s.clusters);
        v("new_signals", s.new_signals);
        v("new_clusters", s.new_clusters);
        v("withdrawn_clusters", s.withdrawn_clusters);
        v("changes", s.changes);
        v("theta", s.theta);
        v("likelihood", s.likelihood);
        v("root", s.root);
        v("digest", s.digest);
    }
};

/// A person looked at two safety reports and said whether they are one case. The later decision holds.
struct DuplicateDecided {
    std::string report, other;  ///< numbers, the smaller first
    bool same = false;
    std::string reason;
    std::string bits;  ///< what the linkage said then

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("report", s.report);
        v("other", s.other);
        v("same", s.same);
        v("reason", s.reason);
        v("bits", s.bits);
    }
};

}  // namespace qingyuan::facts
