// Guard words about which agency or unit may speak: the one a matter was sent to, the one that was invited.
#include <algorithm>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/authority.hpp"
#include "act/guard_words.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

Result<bool> speaks_for(const Question& q, const law::Guard& guard, std::string_view agency,
                        std::string_view where) {
    const auto own = TRY(registry::find_organisation(q.reader, q.actor.organisation, q.on));
    // Who handles the matter writes down what an agency without a system said on paper.
    if (q.actor.person == system_person || (own && is_regulator(own->department))) return true;
    if (own && own->department == agency) return true;
    return refusal(q, guard,
                   fmt::format("{} speaks for {}, the matter went to {}", q.actor.person,
                               own ? own->department : q.actor.organisation, agency),
                   fmt::format("a contact of {} takes this step", agency), std::string(where));
}

/// What the form says goes before what the dossier says: an agency hands in its own part.
Result<bool> addressed(const Question& q, const law::Guard& guard) {
    const std::string& name = guard.arguments[0];
    const bool in_form = std::ranges::find(q.step.form, name, &law::Field::id) != q.step.form.end();
    if (in_form && has_no_form(q)) return false;
    const auto value = attribute_of(q.dossier, in_form ? *q.form : facts::Form{}, name);
    const std::vector<std::string> agencies = texts_of(value);
    if (agencies.size() != 1) return true;  // `given` and `one_of` say so
    return speaks_for(q, guard, agencies.front(), in_form ? name : std::string());
}

Result<bool> invited(const Question& q, const law::Guard& guard) {
    const auto own = TRY(registry::find_organisation(q.reader, q.actor.organisation, q.on));
    if (own && is_regulator(own->department) &&
        check_jurisdiction(q.reader, q.actor, q.dossier.organisation, q.dossier.operator_id, q.on))
        return true;
    const auto& [step, field] = std::tie(guard.arguments[0], guard.arguments[1]);
    std::vector<std::string> units;
    for (const facts::StepState& taken : q.dossier.steps) {
        if (taken.voided || taken.step != step) continue;
        const facts::Recorded recorded = TRY(q.reader.fact(static_cast<std::uint64_t>(taken.seq)));
        if (const auto* fact = std::get_if<facts::StepTaken>(&recorded.fact.payload))
            units.push_back(facts::text_of(fact->form, field));
    }
    for (const std::string& unit : units)
        if (TRY(registry::is_under(q.reader, q.actor.organisation, unit, q.on))) return true;
    return refusal(
        q, guard,
        fmt::format("{} belongs to {}, which {} did not name", q.actor.person, q.actor.organisation, step),
        units.empty() ? fmt::format("take {} first", step)
                      : fmt::format("someone of {}, {}", q.dossier.organisation, join(units, ", ")));
}

}  // namespace qingyuan::act
