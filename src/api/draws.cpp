// Draws on the desk: the list, one with everything its ceremony shows, and the steps. Who is drawn nobody
// sees before the result is published; the seeds of a sealed result neither.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/plan_desk.hpp"
#include "base/text.hpp"
#include "target/ceremony.hpp"

namespace qingyuan::api {

namespace {

/// Frames above this are not counted through for the page; the head says how many there are.
constexpr std::int64_t tallied_units_max = 200'000;

bool is_sealed(const facts::DossierRow& row) {
    const auto* sealed = facts::find(row.attributes, "sealed");
    return row.state == "drawn" && sealed && std::get_if<bool>(sealed) && std::get<bool>(*sealed);
}

/// {number, name, commitment, committed, revealed, seed}
Result<Json> parties_json(Presenter& present, const DrawHeld& draw) {
    std::map<std::int64_t, facts::Recorded> reveals;
    for (const Taken& reveal : TRY(steps_of(present.reader(), draw.row, "reveal")))
        reveals.emplace(whole_in(reveal.step.form, "number_revealed"), reveal.recorded);
    Json out = Json::array();
    for (const Taken& commit : TRY(steps_of(present.reader(), draw.row, "commit"))) {
        const std::string name = facts::text_of(commit.step.form, "party");
        const auto party = std::ranges::find(draw.bundle.parties, name, &target::Party::name);
        const auto revealed = reveals.find(commit.number);
        const bool open = party != draw.bundle.parties.end() && party->seed && !is_sealed(draw.row);
        out.push_back(
            {{"number", commit.number},
             {"name", name},
             {"commitment", facts::text_of(commit.step.form, "commitment")},
             {"committed", taken_by(present, commit.recorded)},
             {"revealed", revealed == reveals.end() ? Json(nullptr) : taken_by(present, revealed->second)},
             {"seed", open ? Json(hex(*party->seed)) : Json(nullptr)}});
    }
    return out;
}

struct Tally {
    std::int64_t certain = 0;
    target::Probability least = target::probability_one, greatest = 0;
};

Json frame_json(const Presenter& present, const target::Head& head, const std::vector<target::Unit>& units) {
    std::vector<Tally> tallies(head.strata.size());
    std::map<std::string, std::int64_t> reasons;
    for (const target::Unit& unit : units) {
        Tally& tally = tallies[unit.stratum];
        tally.certain += unit.probability == target::probability_one;
        tally.least = std::min(tally.least, unit.probability);
        tally.greatest = std::max(tally.greatest, unit.probability);
        ++reasons[unit.reasons];
    }
    Json strata = Json::array(), by_reason = Json::array();
    std::int64_t places = 0, reserve = 0;
    for (std::size_t i = 0; i < head.strata.size(); ++i) {
        const target::Stratum& one = head.strata[i];
        places += one.size;
        reserve += one.reserve;
        const bool counted = !units.empty();
        strata.push_back(
            {{"id", one.id},
             {"name", present.word("operator_kinds", one.id)},
             {"units", one.units},
             {"places", one.size},
             {"reserve", one.reserve},
             {"random", target::text_of(one.random)},
             {"certain", counted ? Json(tallies[i].certain) : Json(nullptr)},
             {"least", counted ? Json(target::text_of(tallies[i].least)) : Json(nullptr)},
             {"greatest", counted ? Json(target::text_of(tallies[i].greatest)) : Json(nullptr)}});
    }
    for (const auto& [reason, count] : reasons) by_reason.push_back({{"reason", reason}, {"units", count}});
    return {{"units", head.units},         {"places", places},
            {"reserve", reserve},          {"root", hex(head.root)},
            {"strata", std::move(strata)}, {"reasons", std::move(by_reason)}};
}

Json result_json(Presenter& present, const DrawHeld& draw) {
    if (!draw.outcome) return nullptr;
    Json out = Json::array();
    std::int64_t number = 0;
    for (const target::Place& place : draw.outcome->places) {
        const target::Unit& unit = draw.bundle.units[place.unit];
        out.push_back({{"place", place.reserve ? Json(nullptr) : Json(++number)},
                       {"stratum", present.word("operator_kinds", draw.bundle.head.strata[place.stratum].id)},
                       {"rank", place.rank},
                       {"reserve", place.reserve},
                       {"reason", place.reason},
                       {"probability", target::text_of(unit.probability)},
                       {"pseudonym", hex(unit.pseudonym)},
                       {"ticket", draw.outcome->tickets[place.unit].text()},
                       {"operator", present.operator_ref(draw.operators[place.unit])}});
    }
    return out;
}

Json date_of(const facts::Form& form, std::string_view field) {
    const std::string text = facts::text_of(form, field);
    return text.empty() ? Json(nullptr) : Json(text);
}

Json head_json(Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    const std::string digest = facts::text_of(row.attributes, "digest");
    const auto* sealed = facts::find(row.attributes, "sealed");
    std::int64_t committed = 0, revealed = 0;
    for (const facts::StepState& step : row.steps) {
        committed += step.step == "commit" && !step.voided;
        revealed += step.step == "reveal" && !step.voided;
    }
    return {{"id", row.id},
            {"title", row.title},
            {"number", whole_in(row.attributes, "number")},
            {"version", row.version},
            {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
            {"organisation", present.organisation(row.organisation)},
            {"opened_on", row.opened_on.text()},
            {"reveal_by", date_of(row.attributes, "reveal_by")},
            {"sealed", sealed && std::get_if<bool>(sealed) && std::get<bool>(*sealed)},
            {"sealed_until", date_of(row.attributes, "sealed_until")},
            {"units", whole_in(row.attributes, "frame_units")},
            {"committed", committed},
            {"revealed", revealed},
            {"digest", digest.empty() ? Json(nullptr) : Json(digest)},
            {"previous", facts::text_of(row.attributes, "previous")}};
}

Result<Json> neighbours(const Call& call, const journal::Reader& reader, const facts::DossierRow& row) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string("draw")}},
                   {"organisation", journal::Compare::equal, {row.organisation}}};
    Presenter present(call.services, reader, call.now);
    Json out = Json::array();
    for (const facts::DossierRow& one : TRY(reader.view<facts::DossierRow>().list(query))) {
        const law::Procedure* procedure = present.procedure_of(one);
        out.push_back({{"id", one.id},
                       {"number", whole_in(one.attributes, "number")},
                       {"state", procedure ? present.state(*procedure, one.state) : present.term(one.state)},
                       {"opened_on", one.opened_on.text()}});
    }
    return out;
}

}  // namespace

Answer list_draws(const Call& call) {
    Json items = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        for (const facts::DossierRow& row : TRY(planned(call, reader, "draw", TRY(call.limit()))))
            items.push_back(head_json(present, row));
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

Answer show_draw(const Call& call) {
    Json body;
    std::int64_t version = 0;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        if (row.procedure != "draw") return no_such_dossier(row.id);
        version = row.version;
        Presenter present(call.services, reader, call.now, decision.masks);
        const bool whole = whole_in(row.attributes, "frame_units") <= tallied_units_max;
        const DrawHeld draw = TRY(draw_held(call.services, reader, row, whole));
        body = head_json(present, row);
        const target::Head& head = draw.bundle.head;
        body["profile"] = target::name_of(head.profile);
        body["rule"] = head.rule;
        body["beacon"] = head.beacon.empty() ? Json(nullptr) : Json(head.beacon);
        body["public_value"] =
            draw.bundle.public_value.empty() ? Json(nullptr) : Json(draw.bundle.public_value);
        body["frame"] = frame_json(present, head, draw.bundle.units);
        body["parties"] = TRY(parties_json(present, draw));
        body["void_reason"] = draw.bundle.void_reason.empty() ? Json(nullptr) : Json(draw.bundle.void_reason);
        body["is_sealed"] = is_sealed(row);
        body["is_public"] = !draw.bytes.empty();
        body["seed"] = draw.outcome ? Json(hex(draw.outcome->seed)) : Json(nullptr);
        body["result"] = result_json(present, draw);
        body["series"] = TRY(neighbours(call, reader, row));
        body["round"] = TRY(round_of(call, present, draw));
        body["steps"] = TRY(offers_json(call, present, row));
        body["by"] = present.actor(TRY(call.actor(reader)));
        return {};
    }));
    return json_response(body, 200, std::to_string(version));
}

namespace {

/// The result is computed here from what the journal holds: nobody hands one in.
Answer draw_now(const Call& call, const Json& form) {
    const std::string public_value = TRY(text_in(form, "public_value"));
    act::Request request;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach_again(call, reader, call.path.at("id")));
        const act::Actor actor = TRY(call.actor(reader));
        // What the law refuses is refused before the arithmetic can fail for the same reason.
        for (const act::Offer& offer : TRY(call.services.engine().offers(reader, row, actor, true)))
            if (offer.step->id == "draw" && offer.refusal) return *offer.refusal;
        DrawHeld draw = TRY(draw_held(call.services, reader, row, true));
        if (!public_value.empty()) draw.bundle.public_value = public_value;
        const std::string bytes = TRY(target::write_bundle(draw.bundle));
        const auto kept = TRY(call.services.evidence.put(bytes));
        request.form = {{"bundle", std::vector<std::string>{hex(kept.digest)}}, {"digest", hex(sm3(bytes))}};
        if (!public_value.empty()) request.form["public_value"] = public_value;
        return {};
    }));
    return change_dossier(call,
                          [&](const journal::Reader& reader, const facts::DossierRow& row,
                              const act::Actor& actor, std::int64_t version) -> Result<facts::Fact> {
                              request.expected_version = version;
                              return call.services.engine().take(reader, row, actor, "draw", request);
                          });
}

Result<void> check_commitment(const Json& form) {
    if (!is_identifier(TRY(wanted_in(form, "party"))))
        return Error{ErrorCode::field_invalid,
                     "a party is named [a-z][a-z0-9_]*",
                     "party",
                     {},
                     "for example regulator, supervision",
                     "参与方名称只用小写字母、数字和下划线",
                     "例如 regulator、supervision"};
    if (!parse_digest(TRY(wanted_in(form, "commitment"))))
        return Error{ErrorCode::field_invalid,
                     "a commitment has 64 hexadecimal digits",
                     "commitment",
                     {},
                     "let this page make the seed and its commitment",
                     "承诺值应为64位十六进制数",
                     "请由本页生成种子和承诺值"};
    return {};
}

}  // namespace

Answer draw_step(const Call& call) {
    const Json body = TRY(call.body());
    const Json form = body.contains("form") && body["form"].is_object() ? body["form"] : Json::object();
    const std::string& step = call.path.at("step");
    if (step == "draw") return draw_now(call, form);
    if (step == "commit") CHECK(check_commitment(form));
    return take_step(call);
}

Answer draw_bundle(const Call& call) {
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        if (row.procedure != "draw") return no_such_dossier(row.id);
        DrawHeld draw = TRY(draw_held(call.services, reader, row, false));
        if (draw.bytes.empty()) return not_public(row);
        response = bundle_response(row.id, std::move(draw.bytes));
        return {};
    }));
    return response;
}

}  // namespace qingyuan::api
