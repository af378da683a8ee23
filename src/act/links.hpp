// Dossiers that came from a dossier, and walks over many of them.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "facts/rows.hpp"
#include "journal/view.hpp"

namespace qingyuan::act {

/// Dossiers of the procedure ("" = any) whose source is this one, in the state: "any" (voided ones left out),
/// "open", or one by name.
[[nodiscard]] Result<std::vector<facts::DossierRow>> linked_dossiers(const journal::Reader& reader,
                                                                     const facts::DossierRow& source,
                                                                     std::string_view procedure,
                                                                     std::string_view state);

/// Every dossier the conditions hold for, in the order they were opened.
[[nodiscard]] Result<void> each_dossier(const journal::Reader& reader, std::vector<journal::Condition> where,
                                        const std::function<Result<void>(const facts::DossierRow&)>& each);

}  // namespace qingyuan::act
