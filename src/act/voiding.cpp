// Voiding what was entered in error. The record stays; the row becomes the fold of what remains.
#include <algorithm>

#include <fmt/format.h>

#include "act/authority.hpp"
#include "act/engine.hpp"
#include "base/text.hpp"

namespace qingyuan::act {

namespace {

Error already(std::string what) {
    return {ErrorCode::already_voided, what + " is void", {}, {}, "nothing is left to do"};
}

/// A step that changed the state can be voided only while nothing stands behind it: what follows was decided
/// in that state.
Result<void> check_step(const facts::DossierRow& row, const facts::Recorded& recorded,
                        const facts::StepTaken& step) {
    const auto seq = static_cast<std::int64_t>(recorded.seq);
    const auto taken = std::ranges::find(row.steps, seq, &facts::StepState::seq);
    if (taken == row.steps.end())
        return Error{ErrorCode::record_unknown, fmt::format("step {} of {}", recorded.seq, row.id)};
    if (taken->voided)
        return already(fmt::format("{}/{}", row.id, taken - row.steps.begin() + 1));
    if (taken->from == step.to) return {};
    const auto later =
        std::find_if(row.steps.rbegin(), row.steps.rend(), [](const auto& one) { return !one.voided; });
    if (later->seq == seq) return {};
    const auto number =
        std::ranges::find(row.steps, later->seq, &facts::StepState::seq) - row.steps.begin() + 1;
    return Error{ErrorCode::not_latest,
                 fmt::format("{} was followed by {}", step.step, later->step),
                 {},
                 {},
                 fmt::format("void {}/{} first", row.id, number)};
}

Result<bool> was_voided(const journal::Reader& reader, std::int64_t dossier, std::uint64_t target) {
    for (const std::uint64_t seq : TRY(reader.facts_of(static_cast<std::uint64_t>(dossier)))) {
        const facts::Recorded recorded = TRY(reader.fact(seq));
        const auto* fact = std::get_if<facts::FactVoided>(&recorded.fact.payload);
        if (fact && fact->target == static_cast<std::int64_t>(target)) return true;
    }
    return false;
}

}  // namespace

Result<facts::Fact> Engine::void_fact(const journal::Reader& reader, const Actor& actor, std::uint64_t target,
                                      std::string_view reason) const {
    const facts::Recorded recorded = TRY(reader.fact(target));
    const auto row =
        TRY(reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(recorded.dossier())));
    if (!row)
        return Error{ErrorCode::record_unknown,
                     fmt::format("fact {} belongs to no dossier", target),
                     {},
                     {},
                     "name a fact of a dossier"};
    const law::Procedure& procedure = *TRY(law_->procedure(row->procedure, row->law_on));
    const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
    const auto* opened = std::get_if<facts::DossierOpened>(&recorded.fact.payload);

    std::vector<std::string> roles;
    if (taken)
        if (const law::Step* step = procedure.find_step(taken->step)) roles = step->by;
    if (opened) roles = procedure.open_by;
    std::erase(roles, std::string(system_person));
    for (const char* role : {"head_of_authority", "superior"})
        if (std::ranges::find(roles, role) == roles.end()) roles.emplace_back(role);
    const std::string citation = join(procedure.law, ", ");
    TRY(role_of(actor, roles, citation));
    CHECK(check_not_recused(*row, actor, {}));
    if (auto allowed =
            check_jurisdiction(reader, actor, row->organisation, row->operator_id, actor.now.date());
        !allowed) {
        allowed.error().law = citation;
        return allowed.error();
    }
    if (row->state == voided_state) return already(row->id);
    if (taken)
        CHECK(check_step(*row, recorded, *taken));
    else if (std::holds_alternative<facts::FactVoided>(recorded.fact.payload))
        return Error{ErrorCode::wrong_state, "a void is not voided", {}, {}, "record anew what was voided"};
    else if (!opened && TRY(was_voided(reader, row->seq, target)))
        return already(fmt::format("fact {}", target));
    if (trim(reason).empty())
        return Error{ErrorCode::field_missing, "a void has a reason", "reason", {}, "give reason"};
    return facts::Fact{actor.now.date(), row->organisation, actor.person,
                       static_cast<std::uint64_t>(row->seq),
                       facts::FactVoided{static_cast<std::int64_t>(target), std::string(reason)}};
}

}  // namespace qingyuan::act
