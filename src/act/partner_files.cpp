#include "act/partner_files.hpp"

#include <algorithm>

#include "law/words.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

constexpr std::string_view package_field = "package";

bool supplies_what_was_missing(const law::Step& step) {
    return std::ranges::find(step.guards, law::WordId::covers, &law::Guard::word) != step.guards.end();
}

/// Was the step taken for the agency? `dossier_agency` is whom the dossier names, "" where nobody.
bool is_for(const law::Step& step, const facts::Form& form, std::string_view department,
            std::string_view dossier_agency) {
    bool names_agencies = false, has_package = false;
    for (const law::Field& field : step.form) {
        has_package = has_package || field.id == package_field;
        if (field.vocabulary != "agencies") continue;
        names_agencies = true;
        if (facts::text_of(form, field.id) == department) return true;
    }
    if (names_agencies) return false;
    if (!has_package && !supplies_what_was_missing(step)) return false;
    return dossier_agency.empty() || dossier_agency == department;
}

void take_files(const law::Step& step, const facts::StepTaken& taken, PartnerFiles& out) {
    out.files.insert(taken.evidence.begin(), taken.evidence.end());
    for (const law::Field& field : step.form) {
        if (field.type != law::FieldType::evidence) continue;
        for (const std::string& digest : facts::list_of(taken.form, field.id)) {
            out.files.insert(digest);
            if (field.id == package_field) out.packages.push_back(digest);
        }
    }
}

}  // namespace

Result<PartnerFiles> files_for(const journal::Reader& reader, const law::Law& law,
                               const facts::DossierRow& dossier, std::string_view department,
                               std::string_view organisation) {
    PartnerFiles out;
    const law::Procedure& procedure = *TRY(law.procedure(dossier.procedure, dossier.law_on));
    const std::string agency = facts::text_of(dossier.attributes, "agency");
    for (const facts::StepState& state : dossier.steps) {
        const law::Step* step = procedure.find_step(state.step);
        if (state.voided || step == nullptr) continue;
        const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(state.seq)));
        const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (taken == nullptr) continue;
        const auto person = TRY(registry::find_person(reader, state.actor, state.on));
        const bool own = person && person->organisation == organisation;
        if (own || is_for(*step, taken->form, department, agency)) take_files(*step, *taken, out);
    }
    return out;
}

}  // namespace qingyuan::act
