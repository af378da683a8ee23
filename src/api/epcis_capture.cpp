// The capture interface: a document in, a job that says what became of it.
#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/batch.hpp"
#include "api/epcis_api.hpp"
#include "api/json_depth.hpp"
#include "api/packs_imports.hpp"
#include "base/text.hpp"
#include "observe/epcis.hpp"
#include "observe/trace_check.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t json_depth_max = 128;

constexpr std::size_t errors_shown = 1'000;
constexpr std::int64_t future_ms = 600'000;  ///< clocks of firms run that much ahead (trace_future_minutes)
constexpr std::size_t events_checked_max = 200'000;
constexpr std::string_view rollback_kind = "epcis_rollback", proceed_kind = "epcis_proceed";

struct Document {
    observe::EpcisFormat format{};
    std::string bytes;
    bool proceed = false;
    std::vector<Json> errors;  ///< events left out, as problems
};

/// The document's own errors, with the step that helps.
Error explained(Error error) {
    if (error.next.empty()) error.next = "correct it at the place named and capture the document again";
    if (error.zh.empty()) {
        error.zh = fmt::format("{}：{}", error.info().zh, error.message);
        error.next_zh = "请按指出的位置更正后重新提交";
    }
    return error;
}

Result<observe::EpcisFormat> format_of(const Call& call) {
    const std::string_view type = call.request.header("content-type");
    const std::string_view kind = trim(type.substr(0, type.find(';')));
    if (kind == "application/json" || kind == "application/ld+json") return observe::EpcisFormat::json;
    if (kind == "application/xml" || kind == "text/xml") return observe::EpcisFormat::xml;
    return Error{ErrorCode::file_kind_refused,
                 fmt::format("'{}' is no EPCIS document", kind),
                 "Content-Type",
                 {},
                 "send application/ld+json, application/json or application/xml",
                 "内容类型不是 EPCIS 文件",
                 "请使用 application/ld+json、application/json 或者 application/xml"};
}

Result<bool> proceeds(const Call& call) {
    const std::string_view behaviour = trim(call.request.header("gs1-capture-error-behaviour"));
    if (behaviour.empty() || behaviour == "rollback") return false;
    if (behaviour == "proceed") return true;
    return Error{ErrorCode::usage,
                 fmt::format("'{}' is no error behaviour", behaviour),
                 "GS1-Capture-Error-Behaviour",
                 {},
                 "rollback or proceed",
                 "GS1-Capture-Error-Behaviour 取值无效",
                 "请使用 rollback 或者 proceed"};
}

Result<std::size_t> read_whole(observe::EpcisFormat format, std::string_view bytes) {
    const auto read =
        observe::read_epcis(format, bytes, {}, [](const observe::Event&) -> Result<void> { return {}; });
    if (!read) return explained(read.error());
    return read->events;
}

/// Where the events of a document stand, or null.
Json* events_of(Json& document) {
    if (document.is_array()) return &document;
    if (!document.is_object() || !document.contains("epcisBody")) return nullptr;
    Json& body = document["epcisBody"];
    if (!body.is_object()) return nullptr;
    if (body.contains("eventList")) return body["eventList"].is_array() ? &body["eventList"] : nullptr;
    return nullptr;
}

/// `proceed`: the events that can be read stay, each of the others is a problem of its own. A document whose
/// frame is broken is refused as a whole.
Result<void> keep_readable(const Call& call, Document& document) {
    // The strict reader has bounds of its own, this parser has none.
    if (!is_shallow(document.bytes, json_depth_max)) return {};
    Json parsed = Json::parse(document.bytes, nullptr, false);
    Json* events = parsed.is_discarded() ? nullptr : events_of(parsed);
    if (!events || events->size() > events_checked_max) return {};
    Json kept = Json::array();
    Json alone = parsed;
    for (std::size_t i = 0; i < events->size(); ++i) {
        *events_of(alone) = Json::array({(*events)[i]});
        const auto read =
            read_whole(document.format, alone.dump(-1, ' ', false, Json::error_handler_t::replace));
        if (read) {
            kept.push_back(std::move((*events)[i]));
            continue;
        }
        if (document.errors.size() == errors_shown) continue;
        Json problem = problem_json(read.error(), call.services.law, call.english);
        problem["event"] = i;
        document.errors.push_back(std::move(problem));
    }
    if (document.errors.empty()) return {};
    if (kept.empty())
        return Error{ErrorCode::epcis_field_invalid,
                     fmt::format("none of the {} events can be read; the first: {}", events->size(),
                                 document.errors.front()["detail"].get<std::string>()),
                     {},
                     {},
                     "correct the events and capture them again",
                     "没有可以读取的事件",
                     "请更正后重新提交"};
    *events = std::move(kept);
    document.bytes = parsed.dump(-1, ' ', false, Json::error_handler_t::replace);
    return {};
}

/// Rows that are refused row by row, as problems of a job.
void add_rejects(const Json& report, std::vector<Json>& errors) {
    for (const Json& row : report["rejects"]) {
        if (errors.size() == errors_shown) return;
        errors.push_back({{"type", "urn:qingyuan:error:" + row["code"].get<std::string>()},
                          {"title", row["message"]},
                          {"status", 422},
                          {"code", row["code"]},
                          {"detail", row["message"]},
                          {"where", row["field"]},
                          {"next", row["next"]}});
    }
}

/// `rollback`: one event that would be refused refuses the document.
Result<void> all_rows_fit(const Call& call, const Document& document) {
    PackDesk* desk = TRY(pack_desk(call));
    const auto held = desk->index().hold();
    const auto problems =
        TRY(observe::check_document(desk->index().reference(), document.format, document.bytes,
                                    call.subject.operator_id, call.now.us / 1000, future_ms));
    if (problems.rejected_rows == 0) return {};
    const observe::RejectedRow& first = problems.rejected.front();
    return Error{first.code,
                 fmt::format("{} of {} rows are refused, so nothing is taken; the first, {}: {}",
                             problems.rejected_rows, problems.rows, first.row, first.message),
                 first.field,
                 {},
                 first.next.empty() ? "correct them, or capture with GS1-Capture-Error-Behaviour: proceed"
                                    : first.next,
                 fmt::format("{} 行不符合要求，整份文件未采集；首个问题（第 {} 行）：{}",
                             problems.rejected_rows, first.row, first.message),
                 "请更正后重新提交，或者使用 GS1-Capture-Error-Behaviour: proceed"};
}

Result<JobResult> run_capture(const Asked& asked, const Document& document, Progress& progress) {
    static const Operation operation{"POST", "/epcis/v2/capture", access::Policy::pack_import,
                                     RateClass::upload, epcis_capture};
    const Call call = TRY(asked.call(operation));
    const ScratchFolder folder = TRY(ScratchFolder::make(call.services.data));
    const bool xml = document.format == observe::EpcisFormat::xml;
    const std::filesystem::path file = folder.path() / (xml ? "capture.xml" : "capture.json");
    if (!(std::ofstream(file, std::ios::binary | std::ios::trunc) << document.bytes).flush())
        return Error{ErrorCode::disk_full, "the document could not be written"};
    std::vector<observe::TraceFile> files{
        {xml ? "epcis_xml" : "epcis_json", file, xml ? "capture.xml" : "capture.json"}};
    if (!document.proceed) CHECK(all_rows_fit(call, document));
    const PackReport report = TRY(import_as(call, std::move(files), "capture", progress));
    Json result = TRY(import_result(call, report));
    std::vector<Json> errors = document.errors;
    add_rejects(result, errors);
    result["errors"] = errors;
    return JobResult{.name = "capture.json",
                     .type = "application/json",
                     .bytes = result.dump(-1, ' ', false, Json::error_handler_t::replace),
                     .succeeded = result["accepted"].get<std::int64_t>(),
                     .refused = static_cast<std::int64_t>(errors.size())};
}

bool is_capture(const JobRow& row) {
    return row.kind == rollback_kind || row.kind == proceed_kind;
}

/// The capture job of EPCIS 2.0, 12.6.1.
Result<Json> capture_json(const Call& call, const JobRow& row, bool with_errors) {
    const bool over = is_over(row);
    Json errors = Json::array();
    if (row.state == "failed" || row.state == "interrupted")
        errors.push_back(row.problem.empty() ? Json{{"type", "urn:qingyuan:error:wrong_state"},
                                                    {"title", "the server stopped while it ran"},
                                                    {"status", 503},
                                                    {"next", "capture the document again"}}
                                             : Json::parse(row.problem, nullptr, false));
    if (row.state == "done" && with_errors)
        if (const auto path = call.services.jobs.result(row)) {
            std::ifstream in(*path, std::ios::binary);
            const Json result =
                Json::parse(std::string(std::istreambuf_iterator<char>(in), {}), nullptr, false);
            if (result.is_object() && result.contains("errors")) errors = result["errors"];
        }
    return Json{{"captureID", row.id},
                {"createdAt", Instant{row.created}.text()},
                {"finishedAt", row.finished == 0 ? Json(nullptr) : Json(Instant{row.finished}.text())},
                {"running", !over},
                {"success", row.state == "done" || !over},
                {"captureErrorBehaviour", row.kind == proceed_kind ? "proceed" : "rollback"},
                {"errors", std::move(errors)}};
}

Answer epcis_answer(const Json& body, int status = 200) {
    http::Response response = json_response(body, status);
    add_epcis_headers(response);
    return response;
}

}  // namespace

void add_epcis_headers(http::Response& response) {
    for (const auto& [name, value] :
         {std::pair<std::string_view, std::string_view>{"GS1-EPCIS-Version", epcis_version},
          {"GS1-CBV-Version", cbv_version},
          {"GS1-EPCIS-Min", epcis_version},
          {"GS1-EPCIS-Max", epcis_version},
          {"GS1-CBV-Min", cbv_version},
          {"GS1-CBV-Max", cbv_version}})
        response.headers.emplace_back(name, value);
}

Answer epcis_versions(const Call&) {
    return epcis_answer({{"@set", {"capture", "events", "epcs"}}, {"GS1-EPCIS-Version", epcis_version}});
}

Answer epcis_options(const Call& call) {
    http::Response response = no_content();
    add_epcis_headers(response);
    const bool capture = call.operation.pattern.ends_with("/capture");
    response.headers.emplace_back("Allow", capture ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS");
    if (capture) {
        response.headers.emplace_back("GS1-EPCIS-Capture-File-Size-Limit",
                                      std::to_string(epcis_body_bytes_max));
        response.headers.emplace_back("GS1-Capture-Error-Behaviour", "rollback, proceed");
    }
    return response;
}

Answer epcis_capture(const Call& call) {
    TRY(pack_desk(call));
    CHECK(may_import(call));
    Document document{.format = TRY(format_of(call)),
                      .bytes = call.request.body,
                      .proceed = TRY(proceeds(call)),
                      .errors = {}};
    if (document.bytes.empty())
        return Error{ErrorCode::epcis_document_unknown,
                     "the body is empty",
                     "body",
                     {},
                     "send an EPCIS document",
                     "请求没有内容",
                     "请提交 EPCIS 文件"};
    if (document.proceed && document.format == observe::EpcisFormat::json)
        CHECK(keep_readable(call, document));
    TRY(read_whole(document.format, document.bytes));
    const auto asked = TRY(asked_by(call, ""));
    const auto kind = document.proceed ? proceed_kind : rollback_kind;
    const auto shared = std::make_shared<const Document>(std::move(document));
    const JobRow job = TRY(call.services.jobs.start(
        *call.identity, kind,
        [asked, shared](Progress& progress) { return run_capture(*asked, *shared, progress); },
        told_to(call)));
    http::Response response = json_response(TRY(capture_json(call, job, false)), 202);
    add_epcis_headers(response);
    response.headers.emplace_back("Location", "/epcis/v2/capture/" + job.id);
    return response;
}

Answer epcis_captures(const Call& call) {
    CHECK(may_import(call));
    Json items = Json::array();
    for (const JobRow& row : TRY(call.services.jobs.list(call.subject.person)))
        if (is_capture(row)) items.push_back(TRY(capture_json(call, row, true)));
    return epcis_answer(items);
}

Answer epcis_capture_job(const Call& call) {
    CHECK(may_import(call));
    const JobRow row = TRY(call.services.jobs.find(call.path.at("id"), call.subject.person));
    if (!is_capture(row))
        return Error{ErrorCode::job_unknown, "this is no capture job", {}, {}, "see /api/jobs",
                     "不是 EPCIS 采集任务",  "请查看任务列表"};
    return epcis_answer(TRY(capture_json(call, row, true)));
}

}  // namespace qingyuan::api
