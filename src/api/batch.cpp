#include "api/batch.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace qingyuan::api {

Result<std::shared_ptr<Asked>> asked_by(const Call& call, std::string_view query) {
    auto asked = std::make_shared<Asked>();
    asked->services = &call.services;
    asked->identity = *call.identity;
    asked->english = call.english;
    asked->request.method = "GET";
    asked->request.path = call.request.path;
    if (query.starts_with('?')) query.remove_prefix(1);
    for (const std::string& pair : split(query, '&')) {
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const auto name = http::decode_url(std::string_view(pair).substr(0, equals));
        std::string text = equals == std::string::npos ? std::string() : pair.substr(equals + 1);
        std::replace(text.begin(), text.end(), '+', ' ');
        const auto value = http::decode_url(text);
        if (!name || !value)
            return Error{ErrorCode::usage, "the filters of a list, as in its address", "query"};
        asked->request.query[*name] = *value;
    }
    return asked;
}

Jobs::Told told_to(const Call& call) {
    return [&law = call.services.law, english = call.english](const Error& error) {
        return problem_json(error, law, english).dump(-1, ' ', false, Json::error_handler_t::replace);
    };
}

http::Response accepted(const JobRow& row) {
    http::Response response = json_response(job_json(row), 202);
    response.headers.emplace_back("Location", "/api/jobs/" + row.id);
    return response;
}

}  // namespace qingyuan::api
