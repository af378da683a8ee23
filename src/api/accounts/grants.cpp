// Dossiers opened to others for a time: proposed by the authority whose matter it is, agreed to by its head,
// closed by either at once.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "access/grants.hpp"
#include "api/accounts/operations.hpp"
#include "api/doors.hpp"

namespace qingyuan::api {

namespace {

std::string_view state_of(const facts::GrantRow& row, Date today) {
    if (row.state == "revoked") return "revoked";
    if (today < row.from) return "coming";
    return today > row.until ? "expired" : "active";
}

Json grant_json(const Call& call, Presenter& present, const facts::GrantRow& row, std::string_view dossier) {
    Json out{{"id", row.id},
             {"dossier", dossier},
             {"organisation", present.organisation(row.organisation)},
             {"person", nullptr},
             {"actions", row.actions},
             {"masks", row.masks},
             {"purpose", row.purpose},
             {"basis", present.citation(row.basis)},
             {"from", row.from.text()},
             {"until", row.until.text()},
             {"pinned", row.version != 0},
             {"giver", present.person(row.giver)},
             {"approver", nullptr},
             {"state", state_of(row, call.now.date())},
             {"reason", row.reason}};
    if (!row.person.empty()) out["person"] = present.person(row.person);
    if (!row.approver.empty()) out["approver"] = present.person(row.approver);
    return out;
}

}  // namespace

Answer list_grants(const Call& call) {
    const Page page = TRY(page_of(call));
    const std::string_view state = call.parameter("state"), wanted = call.parameter("dossier");
    call.decided = true;  // every row below
    Json body{{"items", Json::array()}, {"next", nullptr}};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        journal::Query query{.descending = true, .limit = 500};
        if (!page.after.empty()) query.after_key = query.after_order = page.after;
        for (;;) {
            const auto rows = TRY(reader.view<facts::GrantRow>().list(query));
            for (const facts::GrantRow& row : rows) {
                if (!state.empty() && state_of(row, call.now.date()) != state) continue;
                const auto dossier = TRY(reader.view<facts::DossierRow>().find(row.object));
                if (!dossier || (!wanted.empty() && dossier->id != wanted)) continue;
                if (!access::decide(call.subject, call.operation.policy,
                                    TRY(access::object_of(reader, *dossier)))
                         .allowed)
                    continue;
                if (body["items"].size() == page.limit) {
                    body["next"] = body["items"].back()["id"];
                    return {};
                }
                body["items"].push_back(grant_json(call, present, row, dossier->id));
            }
            if (rows.size() < query.limit) return {};
            query.after_key = query.after_order = rows.back().id;
        }
    }));
    return json_response(body);
}

Answer propose_grant(const Call& call) {
    const Json given = TRY(body_of(call, {"dossier", "organisation", "person", "actions", "masks", "purpose",
                                          "basis", "from", "until", "pinned"}));
    const std::string id = TRY(wanted_in(given, "dossier", 64));
    facts::DossierRow dossier;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        dossier = TRY(reach(call, reader, id)).row;
        return {};
    }));
    const Date from = TRY(date_in(given, "from")), until = TRY(date_in(given, "until"));
    if (until == Date{}) return Error{ErrorCode::field_missing, "a grant has a last day", "until"};
    const access::GrantRequest request{.object = dossier.seq,
                                       .organisation = TRY(wanted_in(given, "organisation", 64)),
                                       .person = TRY(text_in(given, "person", 64)),
                                       .actions = TRY(list_in(given, "actions")),
                                       .masks = TRY(list_in(given, "masks")),
                                       .purpose = TRY(wanted_in(given, "purpose", 500)),
                                       .basis = TRY(wanted_in(given, "basis")),
                                       .from = from == Date{} ? call.now.date() : from,
                                       .until = until,
                                       .version = TRY(flag_in(given, "pinned")) ? dossier.version : 0};
    return propose(call, "grant", std::to_string(dossier.seq), access::form_of(request));
}

Answer revoke_grant(const Call& call) {
    const Json given = TRY(body_of(call, {"reason"}));
    const std::string id = call.path.at("id"), reason = TRY(wanted_in(given, "reason", 500));
    call.decided = true;  // by access::revoke_grant
    Json body;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        TRY(writer.append(TRY(access::revoke_grant(writer, call.subject, id, reason))));
        const auto row = TRY(writer.view<facts::GrantRow>().find(id));
        QY_ASSERT(row);
        const auto dossier = TRY(writer.view<facts::DossierRow>().find(row->object));
        Presenter present(call.services, writer, call.now);
        body = grant_json(call, present, *row, dossier ? dossier->id : std::string());
        return keep_without_names(call, writer, body, 200);
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
