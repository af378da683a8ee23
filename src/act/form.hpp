// Checks a filled form against the fields a step or an opening declares. Everything that is wrong is found at
// once.
#pragma once

#include <string_view>
#include <vector>

#include "facts/rows.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::act {

/// What is wrong with a form, each with the place of its field in the form's order (fields the form does not
/// have come last).
struct Problem {
    std::size_t place;
    Error error;
};

/// The place of a field among the fields of a form; past the end for one it does not have.
[[nodiscard]] std::size_t place_of(const std::vector<law::Field>& fields, std::string_view field);

/// Adds to `problems`: field_unknown, field_missing, field_invalid, not_in_vocabulary, person_unknown,
/// operator_unknown, product_unknown, organisation_unknown, dossier_unknown. Words are looked up in the
/// vocabulary in force on `law_on`; people, operators, products and organisations must be in force on `on`.
/// An Error is a failure of the store only.
[[nodiscard]] Result<void> check_form(const journal::Reader& reader, const law::Law& law,
                                      const std::vector<law::Field>& fields, const facts::Form& form,
                                      Date law_on, Date on, std::vector<Problem>& problems);

/// What the vault is told a personal value of a form is for. The numbers of identity documents share one
/// purpose, whatever field they stand in, so that the same number has the same subject: a ban is found in an
/// application by it.
[[nodiscard]] std::string personal_purpose(std::string_view field);

/// A value written as text, read by the type of its field: whole and money as digits, boolean as true or
/// false, words, people and evidence as a list divided by commas. What cannot be read so, and every value of
/// an unknown field (null), stays text, for the check to refuse.
[[nodiscard]] facts::Value value_of_text(const law::Field* field, std::string_view text);

/// One refusal of all problems: code and field of the first in the order of the form, a message that lists
/// them all. `citation` is given where the problem names no article of its own.
[[nodiscard]] Result<void> refuse_all(std::vector<Problem> problems, std::string_view citation);

}  // namespace qingyuan::act
