// Refusals of a step in the words of people, in both languages: the engine says them with identifiers.
#pragma once

#include <string>

#include "api/operation.hpp"
#include "facts/rows.hpp"
#include "law/law.hpp"

namespace qingyuan::api {

/// The refusal with the sentence of the guard that refused, and without identifiers in what to do next. What
/// a form was refused for keeps its own words: they name what was typed.
[[nodiscard]] Error spoken(const law::Law& law, const law::Procedure& procedure, const law::Step& step,
                           Error error);

/// Needs of a step as two texts: what the form, the officers or the evidence must bring. A need is written as
/// the law's data writes it: `given(note)`.
[[nodiscard]] Json needs_json(const law::Law& law, const law::Procedure& procedure, const law::Step& step,
                              const std::vector<std::string>& needs);

/// The result of an act of the engine on the step of the path, its refusal spoken.
[[nodiscard]] Result<facts::Fact> in_words(const Call& call, const facts::DossierRow& row,
                                           Result<facts::Fact> result);

}  // namespace qingyuan::api
