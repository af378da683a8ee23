// Forms of steps and openings as JSON: what the API takes and gives, and what `--form FILE` holds.
//
// A form is one object. Whole numbers and money (fen) are numbers, dates are texts, lists are arrays of
// texts, true and false are themselves; a personal value is {"subject": "s-…", "mac": "hexadecimal"}. null
// and an absent field are the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "facts/value.hpp"
#include "law/procedure.hpp"

namespace qingyuan::document {

/// Errors: json_malformed, encoding_invalid, too_large, duplicate_key (a field twice), field_invalid (a
/// fraction, a nested object). A single text for a field that holds a list is a list of one. Fields the form
/// does not have are kept, for the engine to refuse with all others.
[[nodiscard]] Result<facts::Form> form_of_json(std::string_view json, const std::vector<law::Field>& fields);

[[nodiscard]] std::string json_of_form(const facts::Form& form);

/// A form is a page that people fill in, not a file.
constexpr std::size_t form_bytes_max = 1 << 20;

}  // namespace qingyuan::document
