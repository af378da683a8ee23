// Reports as they are handed in: a form of a hospital, a holder or an officer, a file, a person's own words.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/report_dossiers.hpp"
#include "api/report_json.hpp"
#include "api/rows.hpp"
#include "api/safety_reports_view.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t narrative_max = 4'000;
constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;

Result<std::optional<Date>> day_in(const Json& body, const char* name) {
    const std::string text = TRY(text_in(body, name, 10));
    if (text.empty()) return std::optional<Date>();
    return std::optional(TRY(parse_date(text)));
}

Result<std::optional<double>> amount_in(const Json& body, const char* name, double most) {
    if (!body.contains(name) || body[name].is_null()) return std::optional<double>();
    if (!body[name].is_number() || body[name].get<double>() < 0 || body[name].get<double>() > most)
        return Error{ErrorCode::field_invalid,
                     fmt::format("a number from 0 to {}", most),
                     name,
                     {},
                     "correct it",
                     fmt::format("应为 0 至 {} 之间的数字", most),
                     "请更正"};
    return std::optional(body[name].get<double>());
}

/// The product and the batch, or why there is none.
Result<void> read_product(const Json& body, ReportForm& out) {
    facts::SuspectProduct product{.name = TRY(text_in(body, "product")),
                                  .ingredient = {},
                                  .approval = TRY(text_in(body, "approval", 60)),
                                  .maker = TRY(text_in(body, "maker")),
                                  .batch = TRY(text_in(body, "batch", 60))};
    if (!product.name.empty() || !product.approval.empty()) out.report.products = {std::move(product)};
    out.no_batch = {TRY(text_in(body, "batch_missing", 40))};
    return {};
}

Result<ReportForm> form_of(const Call& call, const Json& body) {
    ReportForm out;
    CHECK(read_product(body, out));
    facts::SafetyReport& report = out.report;
    report.kind = TRY(text_in(body, "kind", 20));
    report.reactions = TRY(list_in(body, "reactions"));
    report.onset_on = TRY(day_in(body, "onset_on"));
    out.known_on = TRY(day_in(body, "known_on"));
    report.seriousness = TRY(text_in(body, "seriousness", 40));
    out.criteria = TRY(list_in(body, "seriousness_grounds"));
    out.is_new = TRY(flag_in(body, "new"));
    report.outcome = TRY(text_in(body, "outcome", 40));
    report.causality = TRY(text_in(body, "causality", 40));
    report.patient = TRY(text_in(body, "patient_name", 60));
    out.patient_id = TRY(text_in(body, "patient_number", 60));
    report.sex = TRY(text_in(body, "sex", 10));
    report.age_years = TRY(amount_in(body, "age_years", 150));
    report.weight_kg = TRY(amount_in(body, "weight_kg", 700));
    out.narrative = TRY(text_in(body, "narrative", narrative_max));
    out.more.indication = !TRY(text_in(body, "indication")).empty();
    out.more.dose = !TRY(text_in(body, "dose")).empty();
    const auto started = TRY(day_in(body, "started_on"));
    out.more.time_to_onset = started.has_value() && report.onset_on.has_value();
    out.more.country = out.more.reporter_known = out.more.report_type = true;
    TRY(text_in(body, "dechallenge", 40));
    TRY(text_in(body, "rechallenge", 40));
    report.organisation =
        call.subject.operator_id.empty() ? home_of(call) : std::string(call.subject.operator_id);
    return out;
}

/// The sender's word for itself, by what it is.
Result<std::string> source_of(const Call& call, const journal::Reader& reader) {
    if (call.subject.operator_id.empty()) return std::string("监管机构");
    const auto firm = TRY(registry::find_operator(reader, call.subject.operator_id, call.now.date()));
    if (!firm) return std::string("医疗机构");
    const std::string& kind = firm->kind;
    if (kind == "hospital" || kind == "clinic" || kind == "township_health_centre" ||
        kind == "vaccination_unit")
        return std::string("医疗机构");
    if (kind == "mah" || kind == "manufacturer") return std::string("持有人");
    return std::string("经营企业");
}

Json problems_json(const std::vector<observe::ReportProblem>& problems, bool fatal, Json out) {
    for (const observe::ReportProblem& one : problems)
        out.push_back({{"field", one.element},
                       {"code", info(one.code).name},
                       {"message", one.message},
                       {"next", one.next},
                       {"fatal", fatal}});
    return out;
}

/// The field of the form that fills what is missing.
std::string_view field_of(std::string_view missing) {
    if (missing == "time_to_onset") return "started_on";
    return missing == "age" ? "age_years" : missing;
}

Json missing_json(const Call& call, const std::vector<std::string>& missing) {
    Json out = Json::array();
    const law::Vocabulary* words = call.services.law.find_vocabulary("report_completeness");
    for (const std::string& field : missing) {
        const law::Word* word = words ? words->find(field) : nullptr;
        double penalty = 0;
        if (word)
            if (const auto at = word->more.find("penalty"); at != word->more.end())
                penalty = std::strtod(at->second.c_str(), nullptr) / 100;
        out.push_back({{"field", field_of(field)},
                       {"name", !word          ? field
                                : call.english ? word->en
                                               : word->zh},
                       {"penalty", penalty}});
    }
    return out;
}

Json clocks_json(const Call& call, const ReportOutcome& outcome) {
    Json out = Json::array();
    if (!outcome.clock) return out;
    const auto limit = call.services.law.limit(outcome.clock->limit, outcome.clock->start);
    out.push_back({{"limit", outcome.clock->limit},
                   {"name", limit ? (call.english || (*limit)->zh.empty() ? (*limit)->step : (*limit)->zh)
                                  : outcome.clock->limit},
                   {"due_on", outcome.clock->due.substr(0, 10)},
                   {"late", outcome.clock->due.substr(0, 10) < call.now.date().text()}});
    return out;
}

/// Reports of the same product and a common reaction that came lately from elsewhere or from here.
Result<Json> possible_duplicates(const Call& call, const ReportForm& form, std::string_view number) {
    Json out = Json::array();
    if (!call.services.signals || form.report.products.empty()) return out;
    const auto state = TRY(call.services.signals->state());
    for (const facts::SafetyReport& one : state->set->reports) {
        if (out.size() == 5) break;
        if (one.number == number || one.sex != form.report.sex || one.onset_on != form.report.onset_on ||
            !one.onset_on || one.products.empty() ||
            one.products.front().name != form.report.products.front().name)
            continue;
        if (std::ranges::any_of(one.reactions, [&](const std::string& term) {
                return std::ranges::find(form.report.reactions, term) != form.report.reactions.end();
            }))
            out.push_back(one.number);
    }
    return out;
}

Result<Json> receipt(const Call& call, const ReportForm& form, const ReportResult& result, bool kept) {
    const ReportOutcome* one = result.reports.empty() ? nullptr : &result.reports.front();
    Json problems = problems_json(result.problems, true, Json::array());
    if (one) {
        problems = problems_json(one->problems, true, std::move(problems));
        problems = problems_json(one->warnings, false, std::move(problems));
    }
    Json out{{"number", kept && one && one->accepted ? Json(one->number) : Json(nullptr)},
             {"dossier", one && !one->dossier.empty() ? Json(one->dossier) : Json(nullptr)},
             {"accepted", one != nullptr && one->accepted},
             {"problems", std::move(problems)},
             {"completeness", one ? static_cast<double>(one->completeness) / 1000 : 0},
             {"missing", missing_json(call, one ? one->missing : std::vector<std::string>())},
             {"clocks", one ? clocks_json(call, *one) : Json::array()}};
    out["possible_duplicates"] = TRY(possible_duplicates(call, form, one ? one->number : std::string()));
    return out;
}

Answer take_form(const Call& call, bool dry_run) {
    const Json body = TRY(body_of(call, {"kind",          "follow_up_of",   "product",
                                         "approval",      "maker",          "batch",
                                         "batch_missing", "reactions",      "onset_on",
                                         "known_on",      "seriousness",    "seriousness_grounds",
                                         "new",           "outcome",        "causality",
                                         "patient_name",  "patient_number", "sex",
                                         "age_years",     "weight_kg",      "indication",
                                         "dose",          "started_on",     "narrative",
                                         "dechallenge",   "rechallenge"}));
    const std::string follow_up_of = TRY(text_in(body, "follow_up_of", 100));
    std::string case_id;
    ReportForm form;
    const Answer allowed = with_reports(call, [&](ReportView& view) -> Answer {
        access::Object object =
            TRY(access::object_at(view.reader(), access::Kind::safety_report, home_of(call)));
        object.operator_id = call.subject.operator_id;
        TRY(call.may(object));
        form = TRY(form_of(call, body));
        form.report.source = TRY(source_of(call, view.reader()));
        form.dry_run = dry_run;
        if (!follow_up_of.empty()) case_id = TRY(view.wanted(follow_up_of))->row.case_id;
        return no_content();
    });
    if (!allowed) return allowed;
    const ReportActor actor{call.subject.person, home_of(call)};
    auto result = case_id.empty() ? call.services.reports->submit(actor, form)
                                  : call.services.reports->follow_up(actor, case_id, form);
    if (!result) return result.error();
    const bool taken = !dry_run && !result->reports.empty() && result->reports.front().accepted;
    return json_response(TRY(receipt(call, form, *result, taken)), taken ? 201 : 200);
}

}  // namespace

Answer report_reaction(const Call& call) {
    return take_form(call, false);
}

Answer check_report(const Call& call) {
    return take_form(call, true);
}

Answer import_reports(const Call& call) {
    const Json body = TRY(body_of(call, {"upload", "format", "history"}));
    const std::string id = TRY(wanted_in(body, "upload"));
    const bool history = TRY(flag_in(body, "history"));
    TRY(text_in(body, "format", 10));
    const Answer allowed = with_reports(call, [&](ReportView& view) -> Answer {
        access::Object object =
            TRY(access::object_at(view.reader(), access::Kind::safety_report, home_of(call)));
        object.operator_id = call.subject.operator_id;
        TRY(call.may(object));
        return no_content();
    });
    if (!allowed) return allowed;
    const auto row = TRY(call.services.work.find<UploadRow>(id));
    if (!row || row->person != call.subject.person || row->evidence.empty())
        return Error{ErrorCode::record_unknown, "there is no such upload", "upload",      {},
                     "upload the file first",   "没有这一上传文件",        "请先上传文件"};
    std::string bytes;
    CHECK(
        call.services.evidence.for_each_block(row->evidence, 0, [&](std::string_view plain) -> Result<void> {
            if (bytes.size() + plain.size() > file_bytes_max)
                return Error{ErrorCode::too_large, fmt::format("{} bytes are taken", file_bytes_max),
                             "upload"};
            bytes += plain;
            return {};
        }));
    const auto result = TRY(call.services.reports->import(
        {call.subject.person, home_of(call)},
        {.bytes = std::move(bytes), .source = home_of(call), .history = history}));
    Json reports = Json::array();
    for (const ReportOutcome& one : result.reports) {
        std::string message;
        for (const observe::ReportProblem& problem : one.problems)
            message += (message.empty() ? "" : "; ") +
                       (problem.element.empty() ? "" : problem.element + ": ") + problem.message;
        reports.push_back({{"number", one.number},
                           {"code", one.accepted ? "CA" : "CR"},
                           {"message", message},
                           {"dossier", one.dossier.empty() ? Json(nullptr) : Json(one.dossier)}});
    }
    return json_response(
        {{"batch", result.batch == 0 ? Json(nullptr) : Json(result.batch)},
         {"accepted", result.accepted},
         {"repeated", result.duplicate},
         {"rejected", result.rejected},
         {"reports", std::move(reports)},
         {"acknowledgement", result.ack ? Json(observe::ack_xml(*result.ack)) : Json(nullptr)}},
        201);
}

Answer public_reaction(const Call& call) {
    call.decided = true;
    if (!call.services.reports)
        return Error{ErrorCode::store_unavailable, "reports are not taken here", "reports"};
    const Json body = TRY(body_of(call, {"kind", "product", "approval", "batch", "reactions", "onset_on",
                                         "sex", "age_years", "seriousness", "narrative", "contact"}));
    ReportForm form;
    CHECK(read_product(body, form));
    form.report.kind = TRY(text_in(body, "kind", 20));
    form.report.reactions = TRY(list_in(body, "reactions"));
    form.report.onset_on = TRY(day_in(body, "onset_on"));
    form.report.sex = TRY(text_in(body, "sex", 10));
    form.report.age_years = TRY(amount_in(body, "age_years", 150));
    form.report.seriousness = TRY(text_in(body, "seriousness", 40));
    form.narrative = TRY(text_in(body, "narrative", narrative_max));
    form.report.patient = TRY(text_in(body, "contact", 100));  // for the vault alone
    form.report.source = "个人";
    form.channel = "individual";
    form.more.patient = form.more.reporter = form.more.reporter_known = form.more.country =
        form.more.report_type = true;
    const auto result = TRY(call.services.reports->submit(
        {std::string(stranger_person), call.services.default_organisation}, form));
    if (result.reports.empty() || !result.reports.front().accepted) {
        const auto& problems = result.reports.empty() ? result.problems : result.reports.front().problems;
        const observe::ReportProblem none{};
        const observe::ReportProblem& first = problems.empty() ? none : problems.front();
        return Error{problems.empty() ? ErrorCode::field_invalid : first.code,
                     first.message,
                     first.element,
                     {},
                     first.next,
                     "报告内容不完整或者有误",
                     "请按提示更正后重新提交"};
    }
    return json_response({{"ticket", result.reports.front().number}}, 201);
}

}  // namespace qingyuan::api
