// Draws as everybody sees them: the notice board with every number, its digest, and the bundle once it is
// public; and to an operator its own salt, with which it finds itself in the bundle.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/plan_desk.hpp"
#include "target/ceremony.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t listed_max = 200;

Result<std::vector<facts::DossierRow>> all_draws(const journal::Reader& reader) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string("draw")}}};
    query.descending = true;
    query.limit = listed_max;
    return reader.view<facts::DossierRow>().list(query);
}

bool is_open(const facts::DossierRow& row) {
    return row.state == "published" || row.state == "void" || row.state == act::voided_state;
}

/// What hangs on the notice board, from the day the frame is frozen: number, root, digest. Nothing names a
/// firm.
Json board_json(Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    const std::string digest = facts::text_of(row.attributes, "digest");
    return {{"id", row.id},
            {"number", whole_in(row.attributes, "number")},
            {"organisation", present.organisation(row.organisation)},
            {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
            {"opened_on", row.opened_on.text()},
            {"units", whole_in(row.attributes, "frame_units")},
            {"root", facts::text_of(row.attributes, "frame_root")},
            {"previous", facts::text_of(row.attributes, "previous")},
            {"digest", digest.empty() ? Json(nullptr) : Json(digest)},
            {"has_bundle", is_open(row)}};
}

}  // namespace

Answer public_draws(const Call& call) {
    Json items = Json::array();
    TRY(call.may(access::published()));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        for (const facts::DossierRow& row : TRY(all_draws(reader))) items.push_back(board_json(present, row));
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

Answer public_draw(const Call& call) {
    http::Response response;
    TRY(call.may(access::published()));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto row = act::dossier(reader, call.path.at("id"));
        if (!row || row->procedure != "draw" || !is_open(*row)) return no_such_dossier(call.path.at("id"));
        DrawHeld draw = TRY(draw_held(call.services, reader, *row, false));
        response = bundle_response(row->id, std::move(draw.bytes));
        return {};
    }));
    return response;
}

namespace {

/// Of a sealed draw nobody gets its salt before the last of the drawn was visited: who got none would know.
Result<std::int64_t> unvisited(const journal::Reader& reader, const DrawHeld& draw) {
    const auto* sealed = facts::find(draw.row.attributes, "sealed");
    if (!sealed || !std::get_if<bool>(sealed) || !std::get<bool>(*sealed)) return std::int64_t{0};
    std::int64_t out = 0;
    for (const target::Place& place : drawn_places(draw)) {
        journal::Query query;
        query.where = {{"operator_id", journal::Compare::equal, {draw.operators[place.unit]}},
                       {"procedure", journal::Compare::equal, {std::string("inspection")}}};
        query.descending = true;
        query.limit = 20;
        const auto rows = TRY(reader.view<facts::DossierRow>().list(query));
        out += std::ranges::none_of(rows, [&](const facts::DossierRow& row) {
            const facts::StepState* step = last_step(row, "sign");
            return step && step->seq > draw.row.seq;
        });
    }
    return out;
}

/// Where the operator stands in a published draw: its salt, its line and its place.
Result<Json> own_line(const Services& services, const DrawHeld& draw, const std::string& firm) {
    const auto at = std::ranges::find(draw.operators, firm);
    if (at == draw.operators.end()) return Json(nullptr);
    const auto unit = static_cast<std::uint32_t>(at - draw.operators.begin());
    const facts::Value* held = facts::find(draw.row.attributes, "secret");
    const auto* reference = held ? std::get_if<facts::SubjectRef>(held) : nullptr;
    if (!reference) return Error{ErrorCode::record_unknown, "the draw has no secret", draw.row.id};
    const Digest secret = TRY(parse_digest(TRY(services.vault.find(reference->subject))));
    const auto place = std::ranges::find(draw.outcome->places, unit, &target::Place::unit);
    const bool placed = place != draw.outcome->places.end();
    return Json{{"operator", firm},
                {"salt", hex(target::salt_of(secret, firm))},
                {"pseudonym", hex(draw.bundle.units[unit].pseudonym)},
                {"stratum", draw.bundle.head.strata[draw.bundle.units[unit].stratum].id},
                {"probability", target::text_of(draw.bundle.units[unit].probability)},
                {"ticket", draw.outcome->tickets[unit].text()},
                {"drawn", placed && !place->reserve},
                {"reserve", placed && place->reserve},
                {"rank", placed ? Json(place->rank) : Json(nullptr)},
                {"reason", placed ? Json(place->reason) : Json(nullptr)}};
}

}  // namespace

Answer portal_draws(const Call& call) {
    const std::string& firm = call.subject.operator_id;
    if (firm.empty())
        return Error{ErrorCode::access_denied,
                     "this is for users of an enterprise or a hospital",
                     {},
                     {},
                     "sign in as a user of the enterprise",
                     "此处供企业和医疗机构用户使用",
                     "请以企业用户登录"};
    TRY(call.may({.kind = access::Kind::registry, .operator_id = firm}));
    Json items = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        for (const facts::DossierRow& row : TRY(all_draws(reader))) {
            if (row.state != "published") continue;
            const DrawHeld draw = TRY(draw_held(call.services, reader, row, true));
            if (std::ranges::find(draw.operators, firm) == draw.operators.end()) continue;
            Json item = board_json(present, row);
            const std::int64_t waiting = TRY(unvisited(reader, draw));
            item["waiting"] = waiting;
            item["own"] = waiting > 0 ? Json(nullptr) : TRY(own_line(call.services, draw, firm));
            items.push_back(std::move(item));
        }
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

}  // namespace qingyuan::api
