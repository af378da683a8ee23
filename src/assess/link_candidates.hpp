// Which pairs of reports are worth a comparison: not all n squared. Inside the room only.
#pragma once

#include <vector>

#include "assess/link_fields.hpp"

namespace qingyuan::assess {

struct LinkPair {
    ReportIndex a = 0, b = 0;  ///< a < b
    bool operator==(const LinkPair&) const = default;
    auto operator<=>(const LinkPair&) const = default;
};

constexpr int candidate_days = 4;  ///< onsets so near are compared directly

/// Each pair once, sorted. Two reports meet when their onsets lie near for one drug and something else speaks
/// for one patient, or when several fields are equal to the letter whatever the dates say. Work grows with
/// the number of reports times those of the same drug and days; where a day has very many, the city must
/// agree too.
[[nodiscard]] std::vector<LinkPair> candidate_pairs(const Coded& coded);

}  // namespace qingyuan::assess
