// Does a pair meet a criterion, and why; how a pair went from quarter to quarter; what is new since last
// time.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "assess/measures.hpp"
#include "law/criteria.hpp"

namespace qingyuan::assess {

/// A measure by its place in law::signal_measures; counts as numbers.
[[nodiscard]] double measure_of(const Measures& measures, std::size_t measure);

/// One condition as it came out. What is not estimable is not met.
struct Finding {
    const law::SignalCondition* condition = nullptr;
    double value = not_estimable;
    bool met = false;
};
struct Verdict {
    bool met = false;
    bool estimable = true;  ///< false: a measure that decides could not be had, so "not met" says little
    std::vector<Finding> findings;  ///< each measure that was asked for, in the order of the file
};
[[nodiscard]] Verdict verdict(const law::Criterion& criterion, const Measures& measures);
/// The same without the reasons.
[[nodiscard]] bool meets(const law::Criterion& criterion, const Measures& measures);

/// The quarter of a date as one number that counts on: 4·year + 0…3.
[[nodiscard]] int quarter_of(Date date);
[[nodiscard]] std::string quarter_text(int quarter);  ///< 2026Q3

/// Counts of one pair within a quarter.
struct QuarterCounts {
    int quarter = 0;
    Counts counts;
};
/// A pair at the end of a quarter: in the quarter alone, and of all reports until then. Quarters without an
/// entry count as no report of anything.
struct TrendPoint {
    int quarter = 0;
    Measures alone, until;
};
/// Sorted by quarter. EB measures are not estimable here: each quarter would need a prior of its own.
[[nodiscard]] std::vector<TrendPoint> trend(std::span<const QuarterCounts> quarters);

/// What a new quarter did to a pair.
enum class Change : std::uint8_t { none, appeared, went };
/// `appeared`: met now and not until the quarter before; `went`: the other way round. Criteria that ask for
/// EB measures are judged by `measures` of the caller (two periods with their priors), the second form.
[[nodiscard]] Change change(const law::Criterion& criterion, std::span<const TrendPoint> points, int quarter);
[[nodiscard]] Change change(const law::Criterion& criterion, const Measures& before, const Measures& now);
/// Increased frequency: at least `cases_min` reports of the pair in the last four quarters up to `quarter`,
/// and the share of the pair among the product's reports larger than in the four quarters before.
[[nodiscard]] bool more_frequent(std::span<const QuarterCounts> quarters, int quarter,
                                 std::uint64_t cases_min);

}  // namespace qingyuan::assess
