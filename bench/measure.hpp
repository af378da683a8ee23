// What every benchmark prints: one line a figure, `name  value unit  (remark)`, the best of five runs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <utility>

#include "base/result.hpp"

namespace qingyuan::bench {

inline double seconds_of(const auto& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

/// Shortest of `runs` runs, in seconds.
inline double best_of(int runs, const auto& work) {
    double best = seconds_of(work);
    for (int i = 1; i < runs; ++i) best = std::min(best, seconds_of(work));
    return best;
}

/// The value; an error ends the program with exit status 3.
template <class T>
T must(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        std::exit(3);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline void print(const std::string& name, double value, const std::string& unit,
                  const std::string& remark = {}) {
    std::printf("%-44s %14.2f %-12s %s\n", name.c_str(), value, unit.c_str(), remark.c_str());
    std::fflush(stdout);
}

}  // namespace qingyuan::bench
