// The same act on many dossiers: each goes through the engine and through access for itself, and each has its
// own outcome.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/batch.hpp"
#include "api/doors.hpp"
#include "api/notices.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t bulk_max = 1'000;

struct Bulk {
    std::string action;
    std::vector<std::string> ids;
    std::string step;
    Json body;      ///< of each single step
    Json versions;  ///< dossier id → version the person saw
};

Result<Bulk> bulk_of(const Json& body) {
    Bulk out{.action = TRY(wanted_in(body, "action")),
             .ids = TRY(list_in(body, "ids")),
             .step = TRY(text_in(body, "step")),
             .body = Json::object(),
             .versions = Json::object()};
    if (out.action != "step" && out.action != "assign" && out.action != "remind")
        return Error{ErrorCode::field_invalid, "step, assign or remind", "action"};
    if (out.action == "step" && out.step.empty())
        return Error{ErrorCode::field_missing, "name the step", "step", {}, {}, "须指明步骤"};
    if (out.ids.size() > bulk_max)
        return Error{ErrorCode::too_large,   fmt::format("at most {} at once", bulk_max), "ids",       {},
                     "take fewer at a time", fmt::format("一次最多 {} 件", bulk_max),     "请分批办理"};
    std::sort(out.ids.begin(), out.ids.end());
    out.ids.erase(std::unique(out.ids.begin(), out.ids.end()), out.ids.end());
    for (const char* name : {"form", "officers"})
        if (body.contains(name)) out.body[name] = body[name];
    if (body.contains("versions")) {
        if (!body["versions"].is_object())
            return Error{ErrorCode::field_invalid, "dossier id to version", "versions"};
        out.versions = body["versions"];
    }
    return out;
}

const Operation& step_operation() {
    static const Operation operation{"POST", "/api/dossiers/{id}/steps/{step}", access::Policy::dossier_step,
                                     RateClass::write, take_step};
    return operation;
}

/// What each single act does to its dossier: the row as of now, its version, the step that assigns.
Result<facts::DossierRow> row_of(const Call& call, std::string_view id) {
    std::optional<facts::DossierRow> row;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        row = TRY(reach_again(call, reader, id)).row;
        return {};
    }));
    return std::move(*row);
}

std::string assigning_step(const Services& services, const facts::DossierRow& row) {
    const auto procedure = services.law.procedure(row.procedure, row.law_on);
    for (const char* step : {"assign", "reassign"})
        if (procedure && (*procedure)->find_step(step)) return step;
    return "assign";
}

Result<http::Response> act_on(const Call& call, const Bulk& bulk, const std::string& id) {
    if (bulk.action == "remind") {
        CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
            const auto [row, decision] = TRY(reach_again(call, reader, id));
            TRY(call.services.notices.remind(reader, row, call.now));
            return {};
        }));
        return json_response(Json::object());
    }
    const facts::DossierRow row = TRY(row_of(call, id));
    http::Request request{.method = "POST", .body = bulk.body.dump()};
    const std::int64_t version = bulk.versions.contains(id) && bulk.versions[id].is_number_integer()
                                     ? bulk.versions[id].get<std::int64_t>()
                                     : row.version;
    request.headers["if-match"] = std::to_string(version);
    Call single{.request = request,
                .services = call.services,
                .operation = step_operation(),
                .path = {{"id", id},
                         {"step", bulk.action == "assign" ? assigning_step(call.services, row) : bulk.step}},
                .now = call.services.clock.now(),
                .english = call.english,
                .subject = call.subject,
                .identity = call.identity};
    return take_step(single);
}

Json outcome(const Call& call, const Bulk& bulk, const std::string& id) {
    const Answer answer = act_on(call, bulk, id);
    Json out{{"dossier", id}, {"ok", answer && answer->status < 300}};
    if (!answer) {
        out["refusal"] = problem_json(answer.error(), call.services.law, call.english);
        return out;
    }
    const Json body = Json::parse(answer->body, nullptr, false);
    if (!out["ok"].get<bool>())
        out["refusal"] = body;
    else if (body.contains("seq"))
        out["seq"] = body["seq"];
    return out;
}

Result<JobResult> run_bulk(const Asked& asked, Bulk bulk, Progress& progress) {
    const Call call = TRY(asked.call(step_operation()));
    if (bulk.ids.empty())
        CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
            for (const auto& row : TRY(all_matching(call, reader, bulk_max))) bulk.ids.push_back(row.id);
            return {};
        }));
    JobResult made{.name = "bulk.json", .type = "application/json", .bytes = {}};
    Json items = Json::array();
    const auto total = static_cast<std::int64_t>(bulk.ids.size());
    for (const std::string& id : bulk.ids) {
        if (progress.stopping())
            return Error{ErrorCode::overloaded, "the server stops; what was done so far stands"};
        items.push_back(outcome(call, bulk, id));
        (items.back()["ok"].get<bool>() ? made.succeeded : made.refused) += 1;
        progress.report(static_cast<std::int64_t>(items.size()), total);
    }
    const Json body{{"action", bulk.action},
                    {"done", made.succeeded},
                    {"refused", made.refused},
                    {"items", std::move(items)}};
    made.bytes = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return made;
}

}  // namespace

Answer bulk(const Call& call) {
    const Json body = TRY(body_of(call, {"action", "ids", "query", "form", "step", "officers", "versions"}));
    Bulk bulk = TRY(bulk_of(body));
    const std::string query = TRY(text_in(body, "query", 2000));
    if (bulk.ids.empty() == query.empty())
        return Error{ErrorCode::field_invalid,
                     "give either ids or a query",
                     "ids",
                     {},
                     {},
                     "请选择事项，或给出筛选条件，二者取一"};
    call.decided = true;  // each dossier is decided on by itself
    const auto asked = TRY(asked_by(call, query));
    const auto row = TRY(call.services.jobs.start(
        *call.identity, "bulk",
        [asked, bulk = std::move(bulk)](Progress& progress) { return run_bulk(*asked, bulk, progress); },
        told_to(call)));
    return accepted(row);
}

}  // namespace qingyuan::api
