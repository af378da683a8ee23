// Focus lists: whom the rules of law/focus point at, with every reason; an operator that several rules match
// stands once. And what a changed rule changes, with the cause for each operator.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "assess/risk_features.hpp"
#include "journal/view.hpp"
#include "law/credit.hpp"
#include "law/focus.hpp"

namespace qingyuan::assess {

/// What is known of one operator on a day, by the names of law::focus_facts().
struct FocusFacts {
    std::map<std::string, std::vector<std::string>, std::less<>> words;
    std::map<std::string, std::vector<Date>, std::less<>> days;
};
using FocusFactsByOperator = std::map<std::string, FocusFacts, std::less<>>;

struct FocusReason {
    std::string rule, version, dimension;
    std::string because;  ///< the values that met the conditions: "finding 4 of 3 within 24 months"
};
struct FocusEntry {
    std::string operator_id;
    std::vector<FocusReason> reasons;  ///< by rule
};

/// Pure: who is on the list of the day, by operator, each once with all reasons.
[[nodiscard]] std::vector<FocusEntry> focus_list(const std::vector<const law::FocusRule*>& rules,
                                                 const FocusFactsByOperator& facts, Date on);

/// One operator whose place on the list changed.
struct FocusChange {
    std::string operator_id;
    bool entered = false;  ///< new on the list; else left it
    bool kept = false;     ///< on both lists, for other reasons
    std::vector<FocusReason> gained, lost;
};
/// From one list to another of the same facts: what the rules alone changed.
[[nodiscard]] std::vector<FocusChange> focus_changes(const std::vector<FocusEntry>& before,
                                                     const std::vector<FocusEntry>& after);

/// What the journal and the registry know of everybody on the day.
[[nodiscard]] Result<FocusFactsByOperator> gather_focus_facts(const journal::Reader& reader,
                                                              const law::Law& law,
                                                              const law::CreditRules& credit,
                                                              const RiskLevers& levers, Date on);

}  // namespace qingyuan::assess
