// A statutory document drawn up: its layout from law/forms, its values from the dossier, on paper. A value
// that is not there becomes a line to write on, and is named; none is invented.
#pragma once

#include <string>
#include <vector>

#include "document/paper.hpp"
#include "facts/filled_form.hpp"
#include "law/forms.hpp"

namespace qingyuan::document {

constexpr std::size_t field_bytes_max = 64 * 1024;

struct DrawnForm {
    Paper paper;
    Digest digest{};  ///< of its content
    std::vector<std::string>
        missing;  ///< fields without a value, in the order they stand; signatures are none
    std::vector<Warning> warnings;
};

/// `base` is the address of the public page that checks documents, without a final slash; empty where there
/// is none. Errors: field_unknown (a value for a field the document has not), too_large (a field, naming it),
/// encoding_invalid.
[[nodiscard]] Result<DrawnForm> draw_form(const law::Law& law, const law::DocumentForm& form,
                                          const facts::FilledForm& filled, std::string_view base = {});

/// Values for every field of a document, invented and plainly so: what a sample sheet shows.
[[nodiscard]] facts::FilledForm sample_form(const law::Law& law, const law::DocumentForm& form);

}  // namespace qingyuan::document
