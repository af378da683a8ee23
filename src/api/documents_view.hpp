// What the operations on documents share.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "api/document_work.hpp"
#include "api/operation.hpp"
#include "api/present.hpp"

namespace qingyuan::api {

/// store_unavailable where the server was started without forms.
[[nodiscard]] Result<DocumentTools> document_tools(const Call& call);

/// A form may not be made now, and why; nothing where it may.
[[nodiscard]] std::optional<Error> refused_document(const journal::Reader& reader, const law::Law& law,
                                                    const facts::DossierRow& row, const act::Actor& actor,
                                                    std::string_view document, Date today);

/// Is the form addressed to the party of the matter.
[[nodiscard]] bool is_to_party(const law::Law& law, std::string_view document);
/// An issued document with the step that recorded its service.
[[nodiscard]] Result<Json> issued_json(Presenter& present, const facts::DossierRow& row,
                                       const facts::IssuedDocumentRow& issued);
/// Text of a value as it stands on paper, without its line.
[[nodiscard]] std::string shown(const facts::FilledValue& value);

}  // namespace qingyuan::api
