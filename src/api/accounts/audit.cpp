// Who looked at what: the access journal for the audit administrator, and the one thing that is told the
// moment it happens.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "access/grants.hpp"
#include "accounts/informants.hpp"
#include "act/engine.hpp"
#include "api/accounts/operations.hpp"
#include "api/doors.hpp"
#include "api/rows.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

/// Entries looked at for one page: a filter that finds little answers what it has, and where to go on.
constexpr std::uint64_t looked_at_max = 20'000;

struct Filter {
    std::string_view person, action, object, decision;
    [[nodiscard]] bool fits(const facts::Recorded& entry, const facts::AccessNoted& noted) const {
        return (person.empty() || entry.fact.actor == person) && (action.empty() || noted.action == action) &&
               (object.empty() || noted.object == object) && (decision.empty() || noted.decision == decision);
    }
};

Json entry_json(Presenter& present, const facts::Recorded& entry, const facts::AccessNoted& noted) {
    const bool is_person = entry.fact.actor != "stranger" && entry.fact.actor != "system";
    Json out{{"seq", entry.seq},           {"at", entry.recorded_at.text()},
             {"person", nullptr},          {"organisation", entry.fact.organisation},
             {"action", noted.action},     {"object", noted.object},
             {"decision", noted.decision}, {"purpose", noted.purpose},
             {"policy", noted.policy},     {"grant", noted.grant},
             {"count", noted.count},       {"session", noted.session}};
    if (is_person) out["person"] = present.person(entry.fact.actor);
    return out;
}

/// Everybody in post as audit administrator.
Result<std::vector<std::string>> auditors(const journal::Reader& reader, Date today) {
    std::vector<std::string> out;
    journal::Query query{.limit = 1000};
    for (;;) {
        const auto rows = TRY(reader.view<facts::PersonRow>().list(query));
        for (const facts::PersonRow& row : rows) {
            const auto person = TRY(registry::find_person(reader, row.id, today));
            if (person && std::ranges::find(person->roles, "audit_admin") != person->roles.end())
                out.push_back(row.id);
        }
        if (rows.size() < query.limit) return out;
        query.after_key = query.after_order = rows.back().id;
    }
}

Result<void> tell_auditors(const Call& call, const std::vector<std::string>& people,
                           const facts::DossierRow& dossier) {
    if (people.empty()) return {};
    return call.services.work.write([&](journal::Projections& rows) -> Result<void> {
        for (const std::string& person : people)
            CHECK(rows.put(NoticeRow{
                .id = hex(sm3(fmt::format("revealed\n{}\n{}\n{}", person, dossier.seq, call.now.us)))
                          .substr(0, 32),
                .person = person,
                .kind = "informant_revealed",
                .dossier = dossier.id,
                .procedure = dossier.procedure,
                .zh = fmt::format("{} 的举报人信息被查看", dossier.id),
                .en = fmt::format("Who reported {} was revealed", dossier.id),
                .link = "/admin/access?object=" + dossier.id,
                .at = call.now.us}));
        return {};
    });
}

}  // namespace

Answer access_journal(const Call& call) {
    const Page page = TRY(page_of(call));
    const Filter filter{call.parameter("person"), call.parameter("action"), call.parameter("object"),
                        call.parameter("decision")};
    access::Object all{.kind = access::Kind::record};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        all = TRY(access::object_at(reader, access::Kind::record, call.subject.organisation));
        return {};
    }));
    TRY(call.may(all));
    std::vector<facts::Recorded> found;
    std::uint64_t next = 0;
    CHECK(call.services.access.read([&](const journal::Reader& reader) -> Result<void> {
        std::uint64_t at = TRY(reader.head()).size;
        if (!page.after.empty()) {
            const std::int64_t before = TRY(parse_integer(page.after));
            if (before < 1) return Error{ErrorCode::usage, "a cursor is the `next` of the page before"};
            at = std::min(at, static_cast<std::uint64_t>(before) - 1);
        }
        for (std::uint64_t looked = 0; at > 0; --at, ++looked) {
            if (looked == looked_at_max || found.size() == page.limit) {
                next = at + 1;
                return {};
            }
            facts::Recorded entry = TRY(reader.fact(at));
            const auto* noted = std::get_if<facts::AccessNoted>(&entry.fact.payload);
            if (noted && filter.fits(entry, *noted)) found.push_back(std::move(entry));
        }
        return {};
    }));
    Json body{{"items", Json::array()}, {"next", next == 0 ? Json() : Json(std::to_string(next))}};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        for (const facts::Recorded& entry : found)
            body["items"].push_back(
                entry_json(present, entry, std::get<facts::AccessNoted>(entry.fact.payload)));
        return {};
    }));
    return json_response(body);
}

Answer reveal_informant(const Call& call) {
    const Json given = TRY(body_of(call, {"purpose", "proposal"}));
    const std::string purpose = TRY(text_in(given, "purpose", 500));
    const std::string proposal = TRY(text_in(given, "proposal", 32));
    facts::DossierRow dossier;
    std::string department;
    std::vector<std::string> told;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        call.decided = true;  // here whether it is there at all, in Informants::reveal whether it is shown
        const auto row = act::dossier(reader, call.path.at("dossier"));
        if (!row) return no_such_dossier(call.path.at("dossier"));
        const access::Object object = TRY(access::object_of(reader, *row));
        const auto readable = access::decide(call.subject, access::Action::read, object);
        if (!readable.allowed && readable.refusal != ErrorCode::recused) {
            call.hidden = true;
            return no_such_dossier(call.path.at("dossier"));
        }
        dossier = *row;
        department = object.department;
        told = TRY(auditors(reader, call.now.date()));
        if (!proposal.empty())
            TRY(access::approved(reader, call.subject, proposal, "informant_reveal",
                                 std::to_string(dossier.seq), {{"purpose", purpose}}));
        return {};
    }));
    const accounts::Informants informants(call.services.informants, call.services.access, call.services.work);
    const accounts::Revealed revealed = TRY(informants.reveal(
        {call.subject, dossier, department, purpose, call.identity ? call.identity->session : "",
         !proposal.empty()},
        [&]() -> Result<void> { return tell_auditors(call, told, dossier); }, call.now));
    Json values = Json::array();
    const auto procedure = call.services.law.procedure(dossier.procedure, dossier.law_on);
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Presenter present(call.services, reader, call.now);
        for (const accounts::RevealedValue& value : revealed.values) {
            Json item{
                {"field", value.field}, {"zh", value.field}, {"en", value.field}, {"value", value.value}};
            if (procedure)
                for (const law::Field& field : present.all_fields(**procedure))
                    if (field.id == value.field) item["zh"] = field.zh, item["en"] = field.en;
            values.push_back(std::move(item));
        }
        return {};
    }));
    call.secret = true;
    return json_response({{"dossier", dossier.id},
                          {"pseudonym", revealed.pseudonym},
                          {"values", std::move(values)},
                          {"watermark", fmt::format("{} {}", call.subject.person, call.now.text())}});
}

}  // namespace qingyuan::api
