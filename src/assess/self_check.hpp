// A self-inspection beside the visit that followed it: what was told, what was found.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "law/checklist.hpp"

namespace qingyuan::assess {

struct Concordance {
    std::int64_t items = 0;
    std::int64_t both_failed = 0, both_passed = 0;
    std::int64_t hidden = 0;  ///< found on site, not told
    std::int64_t over_told = 0;
    double kappa = 0;  ///< agreement beyond chance, Cohen 1960; 1 where both say the same of everything
    [[nodiscard]] std::int64_t agreed() const { return both_failed + both_passed; }
};

/// Items of the list that failed by either side's word. field_unknown for an item the list does not have.
[[nodiscard]] Result<Concordance> concordance(const law::Checklist& list,
                                              const std::set<std::string, std::less<>>& told,
                                              const std::set<std::string, std::less<>>& found);

}  // namespace qingyuan::assess
