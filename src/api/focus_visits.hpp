// Puts operators of a focus list on the plan: one visit each, however many rules named it, with all reasons.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act/engine.hpp"
#include "assess/focus.hpp"
#include "law/focus.hpp"
#include "law/law.hpp"

namespace qingyuan::api {

struct VisitPlan {
    std::string mode = "on_site";  ///< word of inspection_modes
    std::optional<Date> planned_on;
    bool unannounced = true;
};

/// What would be opened: reason targeted, the dimensions and every rule that named the operator.
/// checklist_unknown where no list says in which category and activity such an operator is inspected.
[[nodiscard]] Result<act::Engine::Opening> visit_for(const law::Law& law, const law::FocusRules& rules,
                                                     const facts::OperatorRecorded& firm,
                                                     const assess::FocusEntry& entry, const VisitPlan& plan,
                                                     Date on);
/// The operator's visit that is planned and not begun, where there is one: it is not visited twice for two
/// reasons.
[[nodiscard]] Result<std::optional<facts::DossierRow>> planned_visit(const journal::Reader& reader,
                                                                     std::string_view operator_id);

}  // namespace qingyuan::api
