// What one act costs: every penalty rule that fits a kind of violation, the heaviest of them (行政处罚法 29),
// and what lightens it (行政处罚法 32, 33), as steps with their articles.
#pragma once

#include <string>
#include <vector>

#include "law/law.hpp"
#include "law/penalties.hpp"

namespace qingyuan::law {

/// What weighs for and against the party: words of the vocabularies mitigation and aggravation_drug.
struct Factors {
    std::vector<std::string> mitigation;
    std::vector<std::string> aggravation;
};

struct Punishment {
    std::string violation;
    std::vector<std::string> infringes;  ///< the duty that was broken
    std::vector<Penalty> rules;          ///< each as if it stood alone; none where the data hold no rule
    std::string heaviest;                ///< rule of the range of the organisation; "" where none sets a fine
    std::string persons_rule;            ///< rule of the persons' range; "" where none provides one
    PenaltyRange organisation;           ///< with the factors applied
    PenaltyRange persons;
    std::vector<PenaltyStep> steps;
};

/// Without `rule` all rules of the violation are computed and the heaviest counts; with it only that one, for
/// rules that are alternatives (a holder, a trader or a hospital that does not report). A rule that fines
/// only what is not corrected needs the fact corrected_in_time or refused_to_correct, unless the case is
/// serious.
///
/// A factor reduce_… opens the range downwards: a fine may then be lighter than the least (减轻). may_none_…
/// does so too, none_… forbids any fine. An aggravating factor never leaves the range.
///
/// Errors: penalty_rule_unknown where `rule` does not fit the violation; field_missing where a fact is
/// wanted; what compute_penalty says of the facts.
[[nodiscard]] Result<Punishment> punish(const Law& law, const Violation& violation, const PenaltyFacts& facts,
                                        const Factors& factors, std::string_view rule = {});

}  // namespace qingyuan::law
