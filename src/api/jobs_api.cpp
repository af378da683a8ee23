// Jobs as their owner sees them: the list, one, its progress as events, its result.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/jobs.hpp"
#include "api/operation.hpp"

namespace qingyuan::api {

Answer list_jobs(const Call& call) {
    Json items = Json::array();
    for (const JobRow& row : TRY(call.services.jobs.list(call.subject.person)))
        items.push_back(job_json(row));
    return json_response({{"items", std::move(items)}});
}

Answer show_job(const Call& call) {
    return json_response(job_json(TRY(call.services.jobs.find(call.path.at("id"), call.subject.person))));
}

Answer job_events(const Call& call) {
    JobRow row = TRY(call.services.jobs.find(call.path.at("id"), call.subject.person));
    http::Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.events = [jobs = &call.services.jobs, row = std::move(row), last = std::string()]() mutable {
        if (auto now = jobs->glance(row.id)) row = std::move(*now);
        std::string text = job_json(row).dump();
        http::EventPiece piece{.text = {}, .end = is_over(row)};
        if (text == last) return piece;
        piece.text = fmt::format("event: job\ndata: {}\n\n", text);
        last = std::move(text);
        return piece;
    };
    return response;
}

Answer job_result(const Call& call) {
    const JobRow row = TRY(call.services.jobs.find(call.path.at("id"), call.subject.person));
    http::Response response;
    response.file = TRY(call.services.jobs.result(row));
    response.content_type = row.type;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("ETag", fmt::format("\"{}\"", row.digest.substr(0, 24)));
    if (row.kind == "export")
        response.headers.emplace_back("Content-Disposition",
                                      fmt::format("attachment; filename=\"{}\"", row.name));
    return response;
}

}  // namespace qingyuan::api
