// Measures of disproportionality from four counts of distinct reports: what stands out in a 2x2 table of
// product and reaction. A measure that these counts cannot give is `not_estimable`, never left out.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace qingyuan::assess {

/// A measure the counts cannot give: a quotient 0/0, limits where a cell is empty. Never printed as a number.
inline constexpr double not_estimable = std::numeric_limits<double>::quiet_NaN();
[[nodiscard]] inline bool is_estimable(double measure) {
    return !std::isnan(measure);
}

/// Distinct reports: with product and reaction, with the product, with the reaction, all. Where a report may
/// name both without linking them, the three can exceed all; the fourth cell is then below 0 and what needs
/// it is not estimable.
struct Counts {
    std::uint64_t n = 0;
    std::uint64_t product = 0;
    std::uint64_t reaction = 0;
    std::uint64_t total = 0;
};
/// Reports to expect if product and reaction had nothing to do with each other: product·reaction/total.
[[nodiscard]] double expected(const Counts& counts);

/// All measures of a pair; the names are those of the columns `qingyuan signals` prints.
struct Measures {
    Counts counts;
    double expected = not_estimable;  ///< stratified where strata are given
    double rr = not_estimable;        ///< n/expected
    double prr = not_estimable, prr_lower = not_estimable, prr_upper = not_estimable;
    double ror = not_estimable, ror_lower = not_estimable, ror_upper = not_estimable;
    double chi2_yates = not_estimable;
    double fisher_p = not_estimable;
    double ic = not_estimable, ic025 = not_estimable, ic975 = not_estimable;
    double ebgm = not_estimable, eb05 = not_estimable, eb95 = not_estimable;
};

/// A ratio with its 95 % limits (z = 1.959964). `infinity` where no report has the reaction without the
/// product (PRR) or a cell of the denominator is empty (ROR); the limits are then not estimable.
struct Ratio {
    double value = not_estimable, lower = not_estimable, upper = not_estimable;
};
/// Proportional reporting ratio: Evans 2001, doi 10.1002/pds.677.
[[nodiscard]] Ratio proportional_reporting_ratio(const Counts& counts);
/// Reporting odds ratio: van Puijenbroek 2002, doi 10.1002/pds.668.
[[nodiscard]] Ratio reporting_odds_ratio(const Counts& counts);
/// Chi-square of the table with Yates's correction; not estimable where a margin is empty.
[[nodiscard]] double chi2_yates(const Counts& counts);
/// Fisher's exact test, one-sided: P(X >= n) of the hypergeometric distribution. Full relative precision far
/// into the tail (Loader's saddle-point form of the probability, then the ratio of neighbouring terms); below
/// 1e-308 its logarithm still holds.
[[nodiscard]] double fisher_p(const Counts& counts);
[[nodiscard]] double ln_fisher_p(const Counts& counts);

/// Information component and its limits: Norén 2013, doi 10.1177/0962280211403604. Exact gamma quantiles.
struct InformationComponent {
    double value = not_estimable, lower = not_estimable, upper = not_estimable;
};
/// The quantiles of Gamma(n + 1/2, 1), which all pairs of one n share.
struct GammaLimits {
    double lower = 0, upper = 0;  ///< 2.5 % and 97.5 %
};
[[nodiscard]] GammaLimits gamma_limits(std::uint64_t n);
[[nodiscard]] InformationComponent information_component(std::uint64_t n, double expected,
                                                         const GammaLimits& limits);
[[nodiscard]] InformationComponent information_component(std::uint64_t n, double expected);

/// Log likelihood ratio of one pair: Huang, Zalkikar, Tiwari 2011, doi 10.1198/jasa.2011.ap10243. 0 where no
/// more reports came than were expected.
[[nodiscard]] double log_likelihood_ratio(std::uint64_t n, std::uint64_t product, double expected);
/// The critical value of a product's largest ratio over its reactions, by Monte Carlo: with it the chance of
/// a false alarm for the whole product is `alpha`. `product_events` events fall on reactions by `shares`
/// (which sum to 1). The same seed gives the same value. Not estimable where there is no event or reaction.
[[nodiscard]] double llr_critical_value(std::uint64_t product_events, std::span<const double> shares,
                                        double alpha, int replicates, std::uint64_t seed);

/// What the four counts alone give: PRR, ROR, chi-square and Fisher.
[[nodiscard]] Measures table_measures(const Counts& counts);
/// PRR, ROR, chi-square, Fisher, IC and RR of the counts; `expected` may be a stratified expectation. The EB
/// measures stay not estimable: they need a prior (shrinkage.hpp).
[[nodiscard]] Measures measures_of(const Counts& counts, double expected, const GammaLimits& limits);
[[nodiscard]] Measures measures_of(const Counts& counts);

}  // namespace qingyuan::assess
