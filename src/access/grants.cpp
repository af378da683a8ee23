// Grants: one dossier opened to one organisation, by two persons, for a purpose, until a day.
#include "access/grants.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "access/stage.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::access {

namespace {

using facts::Fact;
using facts::Form;
using journal::Reader;
using stage::invalid;
using stage::missing;

constexpr std::array<std::string_view, 3> grant_actions{"read", "step", "export"};
constexpr std::array<std::string_view, 4> grant_masks{"personal", "internal", "risk", "content"};

Result<void> check_words(const std::vector<std::string>& words, std::span<const std::string_view> known,
                         std::string_view field) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (std::ranges::find(known, words[i]) == known.end())
            return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}'", words[i]), std::string(field)};
        if (std::find(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i), words[i]) !=
            words.begin() + static_cast<std::ptrdiff_t>(i))
            return invalid(field, fmt::format("'{}' twice", words[i]));
    }
    return {};
}

Result<void> check_dates(const GrantRequest& request, Date today) {
    if (request.from < today) return invalid("from", "a grant does not begin in the past");
    if (request.until < request.from) return invalid("until", "earlier than its first day");
    if (request.until > request.from.plus_months(grant_months_longest))
        return invalid("until", "no grant is longer than a year");
    return {};
}

/// To whom: an organisation in force that is not of the giver's own house, and a person of it.
Result<void> check_receiver(const Reader& reader, const Subject& subject, const GrantRequest& request) {
    if (request.organisation.empty()) return missing("organisation");
    CHECK(registry::organisation_on(reader, request.organisation, subject.today));
    const bool ours =
        request.organisation == subject.organisation ||
        std::ranges::find(subject.house, request.organisation, &Place::organisation) != subject.house.end();
    if (ours) return invalid("organisation", "it is the own authority, which reads the dossier anyway");
    if (request.person.empty()) return {};
    const auto person = TRY(registry::person_on(reader, request.person, subject.today));
    if (person.organisation != request.organisation)
        return invalid("person", fmt::format("{} is of {}", person.id, person.organisation));
    return {};
}

Result<Date> date_in(const Form& content, std::string_view field) {
    const std::string text = facts::text_of(content, field);
    if (text.empty() && !facts::find(content, field)) return Date{};
    auto date = parse_date(text);
    if (!date) date.error().where = field;
    return date;
}

}  // namespace

namespace stage {

Result<GrantRequest> checked(const Reader& reader, const Subject& subject, GrantRequest request) {
    CHECK(check_receiver(reader, subject, request));
    if (request.actions.empty()) return missing("actions");
    CHECK(check_words(request.actions, grant_actions, "actions"));
    CHECK(check_words(request.masks, grant_masks, "masks"));
    if (trim(request.purpose).empty()) return missing("purpose");
    if (trim(request.basis).empty()) return missing("basis");
    if (request.from == Date{}) request.from = subject.today;
    if (request.until == Date{}) request.until = request.from + grant_days_default;
    CHECK(check_dates(request, subject.today));
    const facts::DossierRow dossier = TRY(dossier_of(reader, std::to_string(request.object)));
    if (request.version < 0 || request.version > dossier.version)
        return invalid("version", fmt::format("the dossier is at {}", dossier.version));
    if (request.version != 0 && request.actions != std::vector<std::string>{"read"})
        return invalid("actions", "a pinned dossier can only be read");
    return request;
}

}  // namespace stage

Form form_of(const GrantRequest& request) {
    Form form{{"organisation", request.organisation}, {"actions", request.actions},
              {"purpose", request.purpose},           {"basis", request.basis},
              {"from", request.from.text()},          {"until", request.until.text()}};
    if (!request.person.empty()) form.emplace("person", request.person);
    if (!request.masks.empty()) form.emplace("masks", request.masks);
    if (request.version != 0) form.emplace("version", request.version);
    return form;
}

Result<GrantRequest> grant_request(std::int64_t object, const Form& content) {
    static constexpr std::array<std::string_view, 9> fields{
        "organisation", "person", "actions", "masks", "purpose", "basis", "from", "until", "version"};
    for (const auto& [name, value] : content)
        if (std::ranges::find(fields, name) == fields.end())
            return Error{ErrorCode::field_unknown, fmt::format("'{}'", name), name};
    GrantRequest out;
    out.object = object;
    out.organisation = facts::text_of(content, "organisation");
    out.person = facts::text_of(content, "person");
    out.actions = facts::list_of(content, "actions");
    out.masks = facts::list_of(content, "masks");
    out.purpose = facts::text_of(content, "purpose");
    out.basis = facts::text_of(content, "basis");
    out.from = TRY(date_in(content, "from"));
    out.until = TRY(date_in(content, "until"));
    if (const facts::Value* version = facts::find(content, "version")) {
        const auto* number = std::get_if<std::int64_t>(version);
        if (!number) return invalid("version", "a whole number");
        out.version = *number;
    }
    return out;
}

Result<Fact> give_grant(const Reader& reader, const Subject& subject, std::string_view proposal,
                        const GrantRequest& request) {
    const std::string object = std::to_string(request.object);
    const facts::DossierRow dossier = TRY(stage::dossier_of(reader, object));
    const Object seen = TRY(object_of(reader, dossier));
    // By the tree: the rule of grant_propose knows no grants, so what was granted cannot be granted on.
    CHECK(stage::allowed(decide(subject, Policy::grant_propose, seen), "a grant"));
    const auto row = TRY(approved(reader, subject, proposal, "grant", object, form_of(request)));
    const GrantRequest checked = TRY(stage::checked(reader, subject, request));
    facts::GrantGiven given;
    given.id = "g-" + row.id.substr(2);  // one proposal, one grant
    if (TRY(reader.view<facts::GrantRow>().find(given.id)))
        return Error{
            ErrorCode::wrong_state, fmt::format("{} was carried out", row.id), {}, {}, "propose it again"};
    given.object = checked.object;
    given.organisation = checked.organisation;
    given.person = checked.person;
    given.actions = checked.actions;
    given.masks = checked.masks;
    given.purpose = checked.purpose;
    given.basis = checked.basis;
    given.from = checked.from;
    given.until = checked.until;
    given.version = checked.version;
    given.approver = row.decider;
    given.proposal = row.id;
    return Fact{subject.today, subject.organisation, subject.person, 0, std::move(given)};
}

Result<Fact> revoke_grant(const Reader& reader, const Subject& subject, std::string_view id,
                          std::string_view reason) {
    const auto grant = TRY(reader.view<facts::GrantRow>().find(std::string(id)));
    if (!grant) return Error{ErrorCode::record_unknown, fmt::format("no grant '{}'", id), "id"};
    const Object seen = TRY(object_of(reader, TRY(stage::dossier_of(reader, std::to_string(grant->object)))));
    CHECK(stage::allowed(decide(subject, Policy::grant_propose, seen), "a grant"));
    if (grant->state != "given")
        return Error{ErrorCode::wrong_state, fmt::format("{} is {}", grant->id, grant->state)};
    if (trim(reason).empty()) return missing("reason");
    return Fact{subject.today, subject.organisation, subject.person, 0,
                facts::GrantRevoked{grant->id, std::string(reason)}};
}

}  // namespace qingyuan::access
