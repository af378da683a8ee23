// Control limits of a funnel plot: how far a unit's figure may lie from the overall one by chance alone, for
// its own base. Exact distributions, not the normal approximation (Spiegelhalter, Statistics in Medicine
// 24:1185, 2005).
#pragma once

#include <cstdint>
#include <vector>

namespace qingyuan::api {

/// Bounds as counts, interpolated between whole counts as the paper does; a count beyond one is outside.
struct Bounds {
    double low_998 = 0;
    double low_95 = 0;
    double high_95 = 0;
    double high_998 = 0;
};

/// For a share: so many of `base` where each is one with the chance value/whole. base ≥ 1, 0 ≤ value ≤ whole.
[[nodiscard]] Bounds share_bounds(std::int64_t base, std::int64_t value, std::int64_t whole);
/// For a rate: a count whose mean is base × value/whole.
[[nodiscard]] Bounds rate_bounds(std::int64_t base, std::int64_t value, std::int64_t whole);

/// Bases to draw the funnel at: about `count` of them from 1 to `largest`, dense where it is wide.
[[nodiscard]] std::vector<std::int64_t> drawn_bases(std::int64_t largest, int count = 40);

}  // namespace qingyuan::api
