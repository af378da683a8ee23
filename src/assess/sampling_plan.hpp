// Which products the sampling plan looks at first, and why: generic drugs whose consistency evaluation is not
// passed, products of centralised procurement, products with a failed batch, products an open risk names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::assess {

/// Why a product is in the plan; a product may have several.
enum class SamplingReason : std::uint8_t {
    failed_batch,
    open_risk,
    generic_not_evaluated,
    centralised_procurement
};
/// failed_batch open_risk generic_not_evaluated centralised_procurement
[[nodiscard]] std::string_view text_of(SamplingReason reason);

struct PlannedProduct {
    std::string product, name, holder;
    std::vector<SamplingReason> reasons;  ///< in the order of the enumeration, each once
    std::string risk_level;    ///< the highest of the open risk items that name it; "" = none assessed
    std::int64_t samples = 0;  ///< batches taken within the year
    std::int64_t failed = 0;   ///< of which unqualified, within failed_months_max
};

/// A failed batch keeps its product in the plan for this long; a default of this product.
constexpr int failed_months_max = 24;

/// Products in force on the day that have a reason, those with failed batches first, then by risk level, then
/// by number of reasons, then by id. Errors: those of the store.
[[nodiscard]] Result<std::vector<PlannedProduct>> sampling_plan(const journal::Reader& reader,
                                                                const law::Law& law, Date on);

}  // namespace qingyuan::assess
