// A small deterministic generator for sample data and tests: the same seed gives the same sequence on every
// machine and library. xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64. Not for secrets.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace qingyuan {

class Random {
 public:
    explicit Random(std::uint64_t seed);

    [[nodiscard]] std::uint64_t next();
    /// Uniform in [0, bound), without bias; bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    /// Uniform in [first, last].
    [[nodiscard]] std::int64_t between(std::int64_t first, std::int64_t last);
    /// True in `times` of `of` cases.
    [[nodiscard]] bool chance(std::uint64_t times, std::uint64_t of) { return below(of) < times; }

    template <class T>
    [[nodiscard]] const T& pick(const std::vector<T>& from) {
        QY_ASSERT(!from.empty());
        return from[below(from.size())];
    }
    template <class T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }
    /// A generator of its own for a part, so that one part's draws do not move another's.
    [[nodiscard]] Random fork() { return Random(next()); }

 private:
    std::uint64_t state_[4];
};

}  // namespace qingyuan
