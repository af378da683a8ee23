// The statute book: one procedure, one limit, as in force on a date.
#include <nlohmann/json.hpp>

#include "api/present.hpp"
#include "law/describe.hpp"
#include "law/words.hpp"

namespace qingyuan::api {

namespace {

Result<Date> on_date(const Call& call) {
    if (call.parameter("on").empty()) return call.now.date();
    return parse_date(call.parameter("on"));
}

Json roles(const Presenter& present, const std::vector<std::string>& ids) {
    Json out = Json::array();
    for (const std::string& id : ids) out.push_back(present.role(id));
    return out;
}

Json fields(const Presenter& present, const std::vector<law::Field>& declared) {
    Json out = Json::array();
    for (const law::Field& field : declared) out.push_back(present.field(field));
    return out;
}

Json step_json(const Presenter& present, const law::Procedure& procedure, const law::Step& step) {
    Json guards = Json::array();
    for (const law::Guard& guard : step.guards)
        guards.push_back({{"word", law::info(guard.word).name},
                          {"text", guard.text()},
                          {"zh", law::describe(present.services().law, procedure, step, guard, false)},
                          {"en", law::describe(present.services().law, procedure, step, guard, true)}});
    Json clocks = Json::array();
    for (const law::ClockEffect& effect : step.clocks) clocks.push_back(present.clock_effect(effect));
    Json documents = Json::array();
    for (const std::string& id : step.documents) documents.push_back(present.document(id));
    return {{"id", step.id},
            {"zh", step.zh},
            {"en", step.en},
            {"from", step.from},
            {"to", step.to},
            {"by", roles(present, step.by)},
            {"guard", std::move(guards)},
            {"why", step.guard_none_reason},
            {"open_point", step.open_point},
            {"form", fields(present, step.form)},
            {"clocks", std::move(clocks)},
            {"documents", std::move(documents)},
            {"law", present.citations(step.law)},
            {"opens", step.opens},
            {"automatic", step.automatic}};
}

}  // namespace

Answer show_procedure(const Call& call) {
    const auto* procedure = TRY(call.services.law.procedure(call.path.at("id"), TRY(on_date(call))));
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Presenter present(call.services, reader, call.now);
        body = present.procedure(*procedure);
        body["unit"] = present.word("counting_units", procedure->unit);
        body["prefix"] = procedure->prefix;
        body["law"] = present.citations(procedure->law);
        body["verified"] = procedure->verified;
        body["note"] = procedure->note;
        body["from"] = date_or_null(procedure->from);
        body["to"] = date_or_null(procedure->to);
        body["states"] = Json::array();
        for (const law::State& state : procedure->states)
            body["states"].push_back(present.state(*procedure, state.id));
        body["initial"] = procedure->initial;
        body["open_by"] = roles(present, procedure->open_by);
        body["form"] = fields(present, procedure->form);
        body["steps"] = Json::array();
        for (const law::Step& step : procedure->steps)
            body["steps"].push_back(step_json(present, *procedure, step));
        return {};
    }));
    return json_response(body);
}

Answer show_limit(const Call& call) {
    const law::Limit* limit = TRY(call.services.law.limit(call.path.at("id"), TRY(on_date(call))));
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Presenter present(call.services, reader, call.now);
        body = {{"id", limit->id},
                {"procedure", limit->procedure},
                {"step", limit->step},
                {"actor", limit->actor},
                {"start_event", limit->start_event},
                {"kind", limit->kind},
                {"value", limit->value.exact()},
                {"unit", law::text_of(limit->unit)},
                {"ext_value", limit->ext_value == Rational() ? "" : limit->ext_value.exact()},
                {"ext_unit", limit->ext_unit == law::Unit::none ? "" : law::text_of(limit->ext_unit)},
                {"ext_by", limit->ext_by},
                {"excluded_time", limit->excluded_time},
                {"citation", present.citation(limit->citation.text())},
                {"verified", limit->status == law::Status::verified},
                {"basis", limit->basis},
                {"note", limit->note},
                {"from", date_or_null(limit->in_force.from)},
                {"to", date_or_null(limit->in_force.to)}};
        if (!limit->zh.empty()) body["name"] = present.named(limit->id, limit->zh, limit->step);
        if (const auto run = call.services.law.procedure(limit->procedure, TRY(on_date(call)))) {
            const law::Procedure& procedure = **run;
            body["run_by"] = present.named(procedure.id, procedure.zh, procedure.en);
        }
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
