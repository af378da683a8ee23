// What a dossier says about itself: the fields of its forms, and category, campaign and operator under their
// own names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/rows.hpp"
#include "facts/value.hpp"

namespace qingyuan::act {

/// A field of `form`, else of the dossier, else category, campaign or operator_id.
[[nodiscard]] std::optional<facts::Value> attribute_of(const facts::DossierRow& dossier,
                                                       const facts::Form& form, std::string_view name);
/// Is the value this word: equal as text (true and false for yes and no, digits for whole numbers), or a list
/// that holds it.
[[nodiscard]] bool matches(const std::optional<facts::Value>& value, std::string_view word);
/// As texts: a list has several, what is absent none; true and false; digits. A personal value has its
/// subject's id.
[[nodiscard]] std::vector<std::string> texts_of(const std::optional<facts::Value>& value);
/// Is something there: a text or a list that is empty is not.
[[nodiscard]] bool is_given(const facts::Form& form, std::string_view field);
/// The form without empty texts and lists: what is recorded, and what an approval is bound to.
[[nodiscard]] facts::Form without_empty(const facts::Form& form);

}  // namespace qingyuan::act
