// What the stage functions of this room share. Inside this room only.
#pragma once

#include <string>
#include <string_view>

#include "access/grants.hpp"
#include "access/table.hpp"

namespace qingyuan::access::stage {

[[nodiscard]] inline Error missing(std::string_view field) {
    return {ErrorCode::field_missing, "must be given", std::string(field)};
}
[[nodiscard]] inline Error invalid(std::string_view field, std::string message) {
    return {ErrorCode::field_invalid, std::move(message), std::string(field)};
}

/// The refusal of a decision as an error.
[[nodiscard]] Result<void> allowed(const Decision& decision, std::string_view what);

/// By sequence number in digits; dossier_unknown.
[[nodiscard]] Result<facts::DossierRow> dossier_of(const journal::Reader& reader, std::string_view object);

/// A person's account, roles and post as what administrators decide on; person_unknown.
[[nodiscard]] Result<Object> account_object(const journal::Reader& reader, const std::string& person,
                                            Date today);

/// Checks the content of a proposal of kind grant against the registry and the dossier; fills in its dates.
[[nodiscard]] Result<GrantRequest> checked(const journal::Reader& reader, const Subject& subject,
                                           GrantRequest request);

}  // namespace qingyuan::access::stage
