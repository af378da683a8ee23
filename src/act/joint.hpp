// A joint inspection: several agencies, one visit, one report; each finding is the item of one of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "facts/rows.hpp"
#include "journal/view.hpp"

namespace qingyuan::act {

/// A finding of an inspection that stands, by its number in the dossier.
struct InspectionItem {
    std::int64_t number = 0;
    std::string clause;
    std::string severity;
    std::string description;
    std::string agency;  ///< word of vocabulary agencies; "" = of the authority that leads
};

/// The findings of an inspection in order; of one agency where it is named: an agency that goes along sees
/// its own items and nobody else's.
[[nodiscard]] Result<std::vector<InspectionItem>> items_of(const journal::Reader& reader,
                                                           const facts::DossierRow& inspection,
                                                           std::string_view agency = {});

}  // namespace qingyuan::act
