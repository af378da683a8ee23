#include "api/report_json.hpp"

namespace qingyuan::api {

namespace {

using nlohmann::ordered_json;

ordered_json problems_json(const std::vector<observe::ReportProblem>& problems) {
    ordered_json out = ordered_json::array();
    for (const observe::ReportProblem& one : problems)
        out.push_back({{"element", one.element},
                       {"code", info(one.code).name},
                       {"message", one.message},
                       {"next", one.next}});
    return out;
}

ordered_json text_or_null(const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

}  // namespace

ordered_json as_json(const ReportResult& result) {
    ordered_json out{{"format", result.format},
                     {"batch", result.batch == 0 ? ordered_json(nullptr) : ordered_json(result.batch)},
                     {"repeated", result.repeated},
                     {"accepted", result.accepted},
                     {"duplicate", result.duplicate},
                     {"rejected", result.rejected},
                     {"opened", result.opened}};
    out["transmission"] = result.ack ? ordered_json(result.ack->code()) : ordered_json(nullptr);
    out["problems"] = problems_json(result.problems);
    out["reports"] = ordered_json::array();
    for (const ReportOutcome& one : result.reports) {
        ordered_json report{{"number", one.number},
                            {"case", one.case_id},
                            {"version", one.version},
                            {"line", one.line},
                            {"code", one.accepted ? "CA" : "CR"}};
        report["standing"] =
            one.accepted ? ordered_json(observe::name_of(one.standing)) : ordered_json(nullptr);
        report["status"] = !one.accepted ? "rejected" : one.uncoded ? "uncoded" : "coded";
        report["clock"] = nullptr;
        if (one.clock)
            report["clock"] = {
                {"limit", one.clock->limit}, {"start", one.clock->start.text()}, {"due", one.clock->due}};
        report["completeness"] = static_cast<double>(one.completeness) / 1000;
        report["missing"] = one.missing;
        report["problems"] = problems_json(one.problems);
        report["warnings"] = problems_json(one.warnings);
        report["address"] = text_or_null(one.address);
        report["dossier"] = text_or_null(one.dossier);
        report["no_dossier"] = text_or_null(one.no_dossier);
        out["reports"].push_back(std::move(report));
    }
    return out;
}

ordered_json as_json(const observe::SentinelState& state) {
    return {
        {"site", state.site.site},
        {"name", state.site.name},
        {"kind", state.site.kind},
        {"region", state.site.region},
        {"from", state.site.from.text()},
        {"cases", state.cases},
        {"last_report", state.last_report ? ordered_json(state.last_report->text()) : ordered_json(nullptr)},
        {"silent_days", state.silent_days},
        {"silent", state.silent}};
}

ordered_json as_json(const observe::ChannelShare& share) {
    return {{"channel", share.channel},
            {"cases", share.cases},
            {"share", static_cast<double>(share.thousandths) / 1000},
            {"alarm", share.alarm}};
}

}  // namespace qingyuan::api
