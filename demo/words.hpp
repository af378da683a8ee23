// The words of the sample: titles, findings, facts of cases. Invented; the clauses and violation codes are
// real ones.
#pragma once

#include <string>

#include "base/random.hpp"
#include "base/result.hpp"
#include "demo/plan.hpp"
#include "facts/value.hpp"
#include "law/law.hpp"

namespace qingyuan::demo {

[[nodiscard]] std::string visit_title(const std::string& firm, const Visit& visit);
[[nodiscard]] std::string order_title(const std::string& firm);
[[nodiscard]] std::string case_title(const std::string& firm, const Visit& visit);
/// Number of a decision as such papers are numbered: 衡市监处罚〔2025〕12号, with the county's short name
/// where it is one.
[[nodiscard]] std::string decision_number(const std::string& unit, Date on, int number);

[[nodiscard]] facts::Form finding(const Visit& visit, Random& random);
[[nodiscard]] std::string correction(Random& random);
[[nodiscard]] std::string evidence_text(Random& random);

/// Code of the suspected violation (law/violations), the same for all acts of one visit.
[[nodiscard]] std::string violation(const Visit& visit);
[[nodiscard]] std::string violation_text(const Visit& visit);
[[nodiscard]] std::string basis(const Visit& visit);
/// The form of the investigation's end: facts of the penalty rules, a mitigating factor, and the fine, which
/// `within_law` has brought into the range of the rule.
[[nodiscard]] facts::Form conclusion(const Visit& visit, std::int64_t fine_fen, bool serious);
/// The fine as rolled, or the most the rule of this act gives on the same facts where that is less. Errors of
/// law::punish.
[[nodiscard]] Result<std::int64_t> within_law(const law::Law& law, const Visit& visit, std::int64_t fine_fen,
                                              bool serious);
/// Does a rule for this act punish persons where the case is serious?
[[nodiscard]] bool may_punish_persons(const law::Law& law, const Visit& visit);

}  // namespace qingyuan::demo
