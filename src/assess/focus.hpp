// Focus lists: whom the rules of law/focus point at, with every reason; an operator that several rules match
// stands once. And what a changed rule changes, with the cause for each operator.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "assess/credit.hpp"
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

/// What met one condition: a word, or so many days where so many were asked.
struct FocusMet {
    std::string fact, word;
    std::int64_t count = 0;
    int at_least = 0, within_months = 0;     ///< of a word: 0
    [[nodiscard]] std::string text() const;  ///< "finding 4 of 3 within 24 months"
};
struct FocusReason {
    std::string rule, version, dimension;
    std::string because;  ///< the values that met the conditions, one after the other
    std::vector<FocusMet> met;
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
/// As above from what is at hand already: risk_subjects and all_credit_facts of the same day.
[[nodiscard]] Result<FocusFactsByOperator> gather_focus_facts(const journal::Reader& reader,
                                                              const law::CreditRules& credit,
                                                              const RiskLevers& levers,
                                                              const std::vector<RiskSubject>& subjects,
                                                              const CreditFactsByOperator& acts, Date on);

}  // namespace qingyuan::assess
