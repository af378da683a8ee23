// The prior of MGPS by maximum likelihood. Cells of one n and one expectation have one likelihood, so they
// are one point with a weight, and the sum over all cells of the table, empty ones included, is exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "assess/shrinkage.hpp"
#include "base/result.hpp"

namespace qingyuan::assess {

/// Cells of the table as weighted points, sorted by n, then expectation; expectations above 0.
struct Points {
    std::vector<std::uint32_t> n;
    std::vector<double> expected;
    std::vector<double> weight;
    [[nodiscard]] std::size_t size() const { return n.size(); }
    [[nodiscard]] double cells() const;  ///< sum of the weights
    void add(std::uint32_t count, double expectation, double cells);
    void sort_and_merge();  ///< into the order above, equal points added up
};

/// Which likelihood: of all cells, empty ones included; or of the cells with reports, each component
/// truncated at 1 (DuMouchel and Pregibon 2001, and openEBGM's default).
enum class Likelihood : std::uint8_t { all_cells, observed_cells };

[[nodiscard]] double negative_log_likelihood(const Points& points, const Theta& theta, Likelihood likelihood);

/// A prior and why to believe it: `left` is what a Newton step promises still to win, `gradient` the largest
/// derivative in the logarithms of theta that is not stopped by a bound.
struct Fit {
    Theta theta;  ///< the component of the larger variance first
    double negative_log_likelihood = 0;
    double cells = 0;        ///< cells of the table that the points stand for
    std::size_t points = 0;  ///< after grouping
    double left = 0;
    double gradient = 0;
    bool at_bound = false;  ///< the likelihood still rises, ever more slowly, beyond the bound of a parameter
    int evaluations = 0;    ///< over all points
};

/// Five starts, those of the vignette of openEBGM.
[[nodiscard]] std::span<const Theta> usual_starts();

/// The best prior from several starts: each runs damped Newton steps (exact gradient and Hessian, logarithms
/// of alphas and betas, logit of p) on the points drawn together by 3 % of expectation; the best ends go on
/// over the points as they are. Always an answer, but condition_unmet where there are fewer than six points:
/// five numbers cannot be learnt from them.
[[nodiscard]] Result<Fit> fit(const Points& points, Likelihood likelihood,
                              std::span<const Theta> starts = usual_starts());

/// squashData of openEBGM 0.9.1 with its defaults: of the points with n = 1 all but the 100 of the largest
/// expectation become bins of 50 neighbours at their mean; below 500 such points nothing is squashed. Takes
/// points of weight 1 before they are merged.
[[nodiscard]] Points squashed(std::span<const std::uint32_t> n, std::span<const double> expected);

}  // namespace qingyuan::assess
