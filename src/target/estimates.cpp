#include "target/estimates.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace qingyuan::target {

namespace {

constexpr double z95 = 1.959963984540054;  // the 97.5 % point of the normal distribution

Interval interval(double value, double variance) {
    const double error = std::sqrt(std::max(0.0, variance));
    return {value, error, std::max(0.0, value - z95 * error), std::min(1.0, value + z95 * error)};
}

Result<void> check(const std::vector<Observation>& drawn) {
    if (drawn.empty())
        return Error{ErrorCode::frame_empty, "nothing was observed", {}, {}, "wait for the first visit"};
    for (const Observation& one : drawn)
        if (!(one.probability > 0 && one.probability <= 1))
            return Error{ErrorCode::probability_invalid, fmt::format("{}", one.probability)};
    return {};
}

/// Hájek's variance of Σ y/π, of `value(one)` in place of y. One unit alone says nothing of its variance: 0
/// where it was certain, else that of a Poisson design.
template <class Value>
double variance_of_total(const std::vector<Observation>& drawn, Value&& value) {
    double weights = 0, weighted = 0;
    for (const Observation& one : drawn) {
        weights += 1 - one.probability;
        weighted += (1 - one.probability) * value(one) / one.probability;
    }
    if (weights <= 0) return 0;  // a census
    const double centre = drawn.size() > 1 ? weighted / weights : 0;
    double sum = 0;
    for (const Observation& one : drawn) {
        const double residual = value(one) / one.probability - centre;
        sum += (1 - one.probability) * residual * residual;
    }
    const auto n = static_cast<double>(drawn.size());
    return n > 1 ? n / (n - 1) * sum : sum;
}

double log_choose(std::int64_t n, std::int64_t k) {
    const auto gamma = [](std::int64_t x) { return std::lgamma(static_cast<double>(x) + 1); };
    return gamma(n) - gamma(k) - gamma(n - k);
}

/// P(at most `found` violators among `visits` of `units`, of which `violators` violate).
double at_most(std::int64_t units, std::int64_t violators, std::int64_t visits, std::int64_t found) {
    double sum = 0;
    const std::int64_t least = std::max<std::int64_t>(0, visits - (units - violators));
    for (std::int64_t k = least; k <= std::min({found, violators, visits}); ++k)
        sum += std::exp(log_choose(violators, k) + log_choose(units - violators, visits - k) -
                        log_choose(units, visits));
    return sum;
}

// A tail that equals the wanted one exactly must not fall to the rounding of the logarithms.
constexpr double rounding = 1e-9;

}  // namespace

Result<Interval> horvitz_thompson(const std::vector<Observation>& drawn, std::int64_t units) {
    CHECK(check(drawn));
    if (units < 1)
        return Error{ErrorCode::frame_empty, "the frame has no unit", "units", {}, "give at least one unit"};
    const auto y = [](const Observation& one) { return one.violating ? 1.0 : 0.0; };
    double total = 0;
    for (const Observation& one : drawn) total += y(one) / one.probability;
    const auto n = static_cast<double>(units);
    return interval(total / n, variance_of_total(drawn, y) / (n * n));
}

Result<Interval> hajek(const std::vector<Observation>& drawn) {
    CHECK(check(drawn));
    double total = 0, size = 0;
    for (const Observation& one : drawn) {
        total += (one.violating ? 1.0 : 0.0) / one.probability;
        size += 1 / one.probability;
    }
    const double value = total / size;
    const double variance =
        variance_of_total(drawn, [&](const Observation& one) { return (one.violating ? 1.0 : 0.0) - value; });
    return interval(value, variance / (size * size));
}

Result<Interval> combine(const std::vector<StratumEstimate>& strata) {
    double units = 0, value = 0, variance = 0;
    for (const StratumEstimate& stratum : strata) {
        const auto n = static_cast<double>(stratum.units);
        units += n;
        value += n * stratum.estimate.value;
        variance += n * n * stratum.estimate.error * stratum.estimate.error;
    }
    if (units <= 0)
        return Error{
            ErrorCode::frame_empty, "no stratum has a unit", "strata", {}, "give a stratum with units"};
    return interval(value / units, variance / (units * units));
}

Result<Interval> wilson(std::int64_t hits, std::int64_t visits) {
    if (visits < 1)
        return Error{ErrorCode::frame_empty, "no visit was made", "visits", {}, "wait for the first visit"};
    if (hits < 0 || hits > visits)
        return Error{ErrorCode::field_invalid, fmt::format("{} of {}", hits, visits), "hits"};
    const auto n = static_cast<double>(visits);
    const double p = static_cast<double>(hits) / n;
    const double scale = 1 + z95 * z95 / n;
    const double centre = (p + z95 * z95 / (2 * n)) / scale;
    const double half = z95 / scale * std::sqrt(p * (1 - p) / n + z95 * z95 / (4 * n * n));
    return Interval{p, std::sqrt(p * (1 - p) / n), hits == 0 ? 0 : std::max(0.0, centre - half),
                    hits == visits ? 1 : std::min(1.0, centre + half)};
}

std::vector<HitRate> hit_rates(const std::vector<ReasonedVisit>& visits) {
    std::map<std::string, HitRate> by_reason;
    for (const ReasonedVisit& visit : visits) {
        HitRate& rate = by_reason[visit.reason];
        rate.reason = visit.reason;
        ++rate.visits;
        rate.hits += visit.hit ? 1 : 0;
    }
    std::vector<HitRate> out;
    for (auto& [reason, rate] : by_reason) {
        rate.rate = *wilson(rate.hits, rate.visits);
        out.push_back(rate);
    }
    return out;
}

Result<std::int64_t> violators_at_most(std::int64_t units, std::int64_t visits, std::int64_t violators_found,
                                       double confidence) {
    if (units < 1 || visits < 0 || visits > units || violators_found < 0 || violators_found > visits ||
        !(confidence > 0 && confidence < 1))
        return Error{ErrorCode::field_invalid, "found <= visits <= units, confidence between 0 and 1"};
    // The chance of finding so few falls as there are more of them.
    std::int64_t low = violators_found, high = units - (visits - violators_found) + 1;
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (at_most(units, middle, visits, violators_found) > 1 - confidence + rounding ? low : high) = middle;
    }
    return low;
}

Result<std::int64_t> visits_needed(std::int64_t units, std::int64_t violators, double confidence) {
    if (units < 1 || violators < 1 || violators > units || !(confidence > 0 && confidence < 1))
        return Error{ErrorCode::field_invalid, "1 <= violators <= units, confidence between 0 and 1"};
    std::int64_t low = 0, high = units - violators + 1;  // so many surely meet one
    while (high - low > 1) {
        const std::int64_t middle = low + (high - low) / 2;
        (at_most(units, violators, middle, 0) <= 1 - confidence + rounding ? high : low) = middle;
    }
    return high;
}

}  // namespace qingyuan::target
