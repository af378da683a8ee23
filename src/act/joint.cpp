#include "act/joint.hpp"

namespace qingyuan::act {

Result<std::vector<InspectionItem>> items_of(const journal::Reader& reader,
                                             const facts::DossierRow& inspection, std::string_view agency) {
    std::vector<InspectionItem> items;
    std::int64_t number = 0;
    for (const facts::StepState& taken : inspection.steps) {
        if (taken.step != "record_finding") continue;
        ++number;
        if (taken.voided) continue;
        const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(taken.seq)));
        const auto* finding = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!finding) continue;
        const auto text = [&](std::string_view field) { return facts::text_of(finding->form, field); };
        if (agency.empty() || text("agency") == agency)
            items.push_back({number, text("clause"), text("severity"), text("description"), text("agency")});
    }
    return items;
}

}  // namespace qingyuan::act
