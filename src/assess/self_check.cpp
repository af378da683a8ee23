#include "assess/self_check.hpp"

#include <fmt/format.h>

namespace qingyuan::assess {

Result<Concordance> concordance(const law::Checklist& list, const std::set<std::string, std::less<>>& told,
                                const std::set<std::string, std::less<>>& found) {
    for (const auto* side : {&told, &found})
        for (const std::string& item : *side)
            if (list.find(item) == nullptr)
                return Error{ErrorCode::field_unknown, fmt::format("{} has no item '{}'", list.id, item),
                             item};
    Concordance out;
    for (const law::ChecklistSection& section : list.sections)
        for (const law::ChecklistItem& item : section.items) {
            const bool says = told.contains(item.id), is = found.contains(item.id);
            ++out.items;
            ++(says && is ? out.both_failed : says ? out.over_told : is ? out.hidden : out.both_passed);
        }
    if (out.items == 0) return out;
    const auto n = static_cast<double>(out.items);
    const double told_share = static_cast<double>(out.both_failed + out.over_told) / n;
    const double found_share = static_cast<double>(out.both_failed + out.hidden) / n;
    const double observed = static_cast<double>(out.agreed()) / n;
    const double chance = told_share * found_share + (1 - told_share) * (1 - found_share);
    out.kappa = chance < 1 ? (observed - chance) / (1 - chance) : 1;
    return out;
}

}  // namespace qingyuan::assess
