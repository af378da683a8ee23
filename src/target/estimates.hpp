// What inspections say about all outlets, beside the count of what they found: a share among visits is no
// prevalence where visits were not drawn with equal chances. Floating point: nothing here decides a draw.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::target {

/// One inspected outlet: was it violating, and with which probability had it been drawn.
struct Observation {
    bool violating = false;
    double probability = 1;
};

/// A share with its standard error and 95 % interval, cut to 0 … 1.
struct Interval {
    double value = 0;
    double error = 0;
    double low = 0;
    double high = 1;
};

/// Horvitz and Thompson 1952: Σ y/π over the N outlets of the frame. Variance: Hájek's approximation for
/// high-entropy designs of fixed size, such as Pareto sampling (Rosén 1997; Berger 1998): n/(n-1) Σ (1-π)
/// (y/π - B)² with B = Σ (1-π) y/π / Σ (1-π), over N². frame_empty (N = 0, or no observation),
/// probability_invalid.
[[nodiscard]] Result<Interval> horvitz_thompson(const std::vector<Observation>& drawn, std::int64_t units);
/// Hájek 1971: Σ y/π / Σ 1/π, the same variance of the residuals y - value over (Σ 1/π)². Better where the
/// values are about equal and the probabilities are not; slightly biased (order 1/n). Same refusals.
[[nodiscard]] Result<Interval> hajek(const std::vector<Observation>& drawn);

/// Strata drawn on their own: values and variances add up, weighted by the number of units.
struct StratumEstimate {
    Interval estimate;
    std::int64_t units = 0;
};
[[nodiscard]] Result<Interval> combine(const std::vector<StratumEstimate>& strata);

/// Wilson 1927: the 95 % interval of `hits` in `visits`. frame_empty for no visit, field_invalid.
[[nodiscard]] Result<Interval> wilson(std::int64_t hits, std::int64_t visits);

/// Visits that found something, by the reason of the visit. The rate of a reason is of those visits, never of
/// all outlets.
struct HitRate {
    std::string reason;
    std::int64_t visits = 0;
    std::int64_t hits = 0;
    Interval rate;
};
struct ReasonedVisit {
    std::string reason;
    bool hit = false;
};
[[nodiscard]] std::vector<HitRate> hit_rates(const std::vector<ReasonedVisit>& visits);  ///< sorted by reason

/// The most violators there may be among `units` outlets where `violators_found` were found in a random
/// sample of `visits`: the largest K with P(at most that many) > 1 - confidence under the hypergeometric
/// distribution (Clopper and Pearson 1934 for a finite frame). Nothing found in 26 of 26 gives 0; in 26 of
/// 1,000, 107. field_invalid.
[[nodiscard]] Result<std::int64_t> violators_at_most(std::int64_t units, std::int64_t visits,
                                                     std::int64_t violators_found, double confidence = 0.95);

/// How many of `units` outlets must be visited at random so that at least one of `violators` is met with
/// this confidence: the smallest n with C(N-K, n) / C(N, n) ≤ 1 - confidence. field_invalid.
[[nodiscard]] Result<std::int64_t> visits_needed(std::int64_t units, std::int64_t violators,
                                                 double confidence = 0.95);

}  // namespace qingyuan::target
