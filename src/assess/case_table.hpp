// The table of products and reactions that measures are taken from: margins and pairs as counts of distinct
// reports, overall and by stratum. Numbers stand for words (Dictionary of pair_counts.hpp, or the caller's
// own).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "assess/measures.hpp"
#include "assess/shrinkage_fit.hpp"

namespace qingyuan::assess {

/// Distinct reports with a product and a reaction.
struct PairCount {
    std::uint32_t product = 0;
    std::uint32_t reaction = 0;
    std::uint32_t n = 0;
    auto operator<=>(const PairCount&) const = default;
};

/// Distinct reports of one stratum with a product (or reaction).
struct StratumCount {
    std::uint32_t item = 0;
    std::uint32_t stratum = 0;
    std::uint32_t n = 0;
    auto operator<=>(const StratumCount&) const = default;
};

struct CaseTable {
    std::uint64_t reports = 0;
    std::vector<std::uint32_t> products;   ///< distinct reports by number of product; 0 = none has it
    std::vector<std::uint32_t> reactions;  ///< the same of reactions
    std::vector<PairCount> pairs;          ///< sorted, n > 0
    // One entry for each stratum and what occurs in it; empty = one stratum of all reports.
    std::vector<std::uint32_t> strata;                                    ///< reports by stratum
    std::vector<StratumCount> products_by_stratum, reactions_by_stratum;  ///< sorted

    [[nodiscard]] Counts counts(const PairCount& pair) const {
        return {pair.n, products[pair.product], reactions[pair.reaction], reports};
    }
};

/// What the table says of chance: an expectation for each pair and the points of the prior's likelihood. The
/// expectation is the sum over strata of product·reaction/reports within the stratum.
///
/// Products with equal margins in every stratum have equal expectations with everything, and so have
/// reactions, so empty cells are counted by groups of products and groups of reactions: lossless, with strata
/// too. Beyond `groups_max` groups of empty cells they are gathered by the logarithm of the expectation in
/// steps of 2^-14 at their mean, which moves the log likelihood by less than 2e-10 of the number of reports
/// expected in empty cells.
struct Expectations {
    std::vector<std::uint32_t> point_of_pair;  ///< into points, for each pair of the table
    Points points;                             ///< first the empty cells, then those with reports
    std::size_t empty_points = 0;
    bool exact = true;  ///< false: the empty cells were gathered
};
[[nodiscard]] Expectations expectations(const CaseTable& table, bool with_empty_cells = true,
                                        std::size_t groups_max = 4'000'000);

/// Measures of every pair of a table. EB measures need a prior; without one they are not estimable.
class Scores {
 public:
    /// Both outlive the scores. Limits of IC and posteriors are worked out once for each different pair of n
    /// and expectation, on this many threads.
    Scores(const CaseTable& table, const Expectations& expectations, const Theta* theta,
           unsigned threads = 1);
    [[nodiscard]] std::size_t size() const { return table_.pairs.size(); }
    /// Of the pair at this position of the table.
    [[nodiscard]] Measures at(std::size_t pair) const;

 private:
    struct Shared {
        double ic = not_estimable, ic025 = not_estimable, ic975 = not_estimable;
        double ebgm = not_estimable, eb05 = not_estimable, eb95 = not_estimable;
    };
    void work(std::size_t from, std::size_t to, const Theta* theta);

    const CaseTable& table_;
    const Expectations& expectations_;
    std::vector<Shared> shared_;  ///< by point, without the empty cells
};

/// The measures of one pair outside a table: what a single new report asks for.
[[nodiscard]] Measures measures_of(const Counts& counts, double expected, Shrinkage& shrinkage);

}  // namespace qingyuan::assess
