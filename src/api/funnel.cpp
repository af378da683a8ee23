#include "api/funnel.hpp"

#include <algorithm>
#include <cmath>

namespace qingyuan::api {

namespace {

/// Probabilities of the counts first, first+1, …; what lies outside is below 1e-30 of the whole.
struct Distribution {
    std::int64_t first = 0;
    std::vector<long double> chance;
};

/// From the most likely count outwards: each is the one beside it times a ratio, so nothing overflows.
template <class Ratio>
Distribution around(std::int64_t mode, std::int64_t last, long double spread, Ratio ratio_up) {
    const auto reach = static_cast<std::int64_t>(std::ceil(12 * spread)) + 40;
    const std::int64_t from = std::max<std::int64_t>(0, mode - reach), to = std::min(last, mode + reach);
    Distribution out{from, std::vector<long double>(static_cast<std::size_t>(to - from + 1))};
    const auto at = [&](std::int64_t k) -> long double& {
        return out.chance[static_cast<std::size_t>(k - from)];
    };
    at(mode) = 1;
    for (std::int64_t k = mode + 1; k <= to; ++k) at(k) = at(k - 1) * ratio_up(k - 1);
    for (std::int64_t k = mode - 1; k >= from; --k) at(k) = at(k + 1) / ratio_up(k);
    long double sum = 0;
    for (const long double part : out.chance) sum += part;
    for (long double& part : out.chance) part /= sum;
    return out;
}

/// The count at which the cumulated chance reaches `level`, interpolated.
double quantile(const Distribution& distribution, long double level) {
    long double below = 0;
    for (std::size_t i = 0; i < distribution.chance.size(); ++i) {
        const long double here = below + distribution.chance[i];
        if (here >= level) {
            const long double part = distribution.chance[i] > 0 ? (here - level) / distribution.chance[i] : 0;
            const auto count = static_cast<long double>(distribution.first) + static_cast<long double>(i);
            return static_cast<double>(std::max<long double>(0, count - part));
        }
        below = here;
    }
    return static_cast<double>(distribution.first + static_cast<std::int64_t>(distribution.chance.size()) -
                               1);
}

Bounds bounds_of(const Distribution& distribution) {
    return {quantile(distribution, 0.001L), quantile(distribution, 0.025L), quantile(distribution, 0.975L),
            quantile(distribution, 0.999L)};
}

}  // namespace

Bounds share_bounds(std::int64_t base, std::int64_t value, std::int64_t whole) {
    const auto all = static_cast<double>(base);
    if (value <= 0) return {};
    if (value >= whole) return {all, all, all, all};
    const long double p = static_cast<long double>(value) / static_cast<long double>(whole);
    const auto n = static_cast<long double>(base);
    const auto mode = std::min(base, static_cast<std::int64_t>(std::floor((n + 1) * p)));
    return bounds_of(around(mode, base, std::sqrt(n * p * (1 - p)), [&](std::int64_t k) {
        return (n - static_cast<long double>(k)) / static_cast<long double>(k + 1) * p / (1 - p);
    }));
}

Bounds rate_bounds(std::int64_t base, std::int64_t value, std::int64_t whole) {
    if (value <= 0) return {};
    const long double mean =
        static_cast<long double>(base) * static_cast<long double>(value) / static_cast<long double>(whole);
    const auto mode = static_cast<std::int64_t>(std::floor(mean));
    return bounds_of(around(mode, INT64_MAX / 2, std::sqrt(mean),
                            [&](std::int64_t k) { return mean / static_cast<long double>(k + 1); }));
}

std::vector<std::int64_t> drawn_bases(std::int64_t largest, int count) {
    std::vector<std::int64_t> out;
    if (largest < 1 || count < 2) return out;
    for (int i = 0; i < count; ++i) {
        const double share = static_cast<double>(i) / (count - 1);
        const auto base =
            static_cast<std::int64_t>(std::llround(std::pow(static_cast<double>(largest), share)));
        if (out.empty() || base > out.back()) out.push_back(base);
    }
    return out;
}

}  // namespace qingyuan::api
