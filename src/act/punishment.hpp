// The range of the penalty of one case, from what its dossier and the form before it say.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "facts/rows.hpp"
#include "law/punishment.hpp"

namespace qingyuan::act {

/// The facts of penalty rules as the attributes have them: goods_value_fen, illegal_income_fen,
/// income_basis_fen (of a person, for both bases of income), trade_channel, drug_quality, serious,
/// corrected_in_time, refused_to_correct. What is absent is left out.
[[nodiscard]] law::PenaltyFacts penalty_facts(const facts::DossierRow& dossier, const facts::Form& form);

/// The punishment of the case's violation, with the factors of `mitigation` and `aggravation` and the rule of
/// `penalty_rule` where the case names one. Nothing where the case names no kind of violation. Errors of
/// law::punish; their `where` is the attribute's name, so that the form can show it.
[[nodiscard]] Result<std::optional<law::Punishment>> punishment_of(const law::Law& law,
                                                                   const facts::DossierRow& dossier,
                                                                   const facts::Form& form);

}  // namespace qingyuan::act
