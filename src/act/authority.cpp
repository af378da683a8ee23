// Roles, jurisdiction, recusal.
#include "act/authority.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

bool is_regulator(std::string_view department) {
    return department == "drug_regulator" || department == "market_regulator";
}

namespace {

bool acts_for_its_parent(const facts::OrganisationRecorded& organisation) {
    return organisation.kind == "own_unit" || organisation.kind == "branch" || organisation.kind == "centre";
}

}  // namespace

Result<Actor> actor_of(const journal::Reader& reader, std::string_view person, Instant now) {
    if (person == system_person) return Actor{std::string(person), {}, {std::string(system_person)}, now};
    if (const auto found = TRY(registry::find_person(reader, person, now.date())))
        return Actor{found->id, found->organisation, found->roles, now};
    // Known, but not in post on this day: an actor without roles, whom every step refuses.
    if (TRY(reader.view<facts::PersonRow>().find(std::string(person))))
        return Actor{std::string(person), {}, {}, now};
    return Error{ErrorCode::person_unknown, fmt::format("'{}'", person), {}, {}, "record the person first"};
}

Result<std::string> role_of(const Actor& actor, const std::vector<std::string>& allowed,
                            std::string_view citation) {
    for (const std::string& role : allowed)
        if (std::ranges::find(actor.roles, role) != actor.roles.end()) return role;
    return Error{
        ErrorCode::wrong_role,
        fmt::format("{} is {}", actor.person, actor.roles.empty() ? "not in post" : join(actor.roles, ", ")),
        {},
        std::string(citation),
        fmt::format("for {}", join(allowed, ", "))};
}

Result<void> check_jurisdiction(const journal::Reader& reader, const Actor& actor,
                                std::string_view organisation, std::string_view operator_id, Date on) {
    if (actor.person == system_person || actor.organisation == organisation) return {};
    const auto refused = [&](std::string next) {
        return Error{
            ErrorCode::wrong_organisation,
            fmt::format("{} belongs to {}, the matter to {}", actor.person, actor.organisation, organisation),
            {},
            {},
            std::move(next)};
    };
    const auto own = TRY(registry::find_organisation(reader, actor.organisation, on));
    if (!own) {  // someone of an operator, or of the public
        if (actor.organisation.empty() || operator_id.empty() || actor.organisation == operator_id) return {};
        return refused("only the operator it concerns");
    }
    if (!is_regulator(own->department)) return {};
    std::string acting = own->id;
    for (auto unit = own; unit && acts_for_its_parent(*unit) && !unit->parent.empty();
         unit = TRY(registry::find_organisation(reader, acting, on)))
        acting = unit->parent;
    if (TRY(registry::is_under(reader, organisation, acting, on))) return {};
    return refused(fmt::format("someone of {} or of an organisation above it", organisation));
}

Result<void> check_not_recused(const facts::DossierRow& dossier, const Actor& actor,
                               const std::vector<std::string>& officers) {
    for (const std::string& person : dossier.recused)
        if (person == actor.person || std::ranges::find(officers, person) != officers.end())
            return Error{ErrorCode::recused,
                         fmt::format("{} is recused", person),
                         {},
                         "APL 43",
                         "another person takes over"};
    return {};
}

}  // namespace qingyuan::act
