// From a request to an answer: an operation behind the door or a file of the web app, and one shape for every
// error.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/door.hpp"
#include "api/files.hpp"
#include "api/present.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

Answer dispatch(const Services& services, const http::Request& request, bool english) {
    std::string allowed;
    for (const Operation& operation : operations()) {
        std::map<std::string, std::string, std::less<>> path;
        if (!matches(operation.pattern, request.path, path)) continue;
        if (operation.method == request.method || (operation.method == "GET" && request.method == "HEAD"))
            return pass(services, request, operation, std::move(path), english);
        allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", operation.method);
    }
    if (!allowed.empty())
        return Error{ErrorCode::method_not_allowed, fmt::format("only {} is possible here", allowed),
                     "method"};
    if (!request.path.starts_with("/api/"))
        if (auto file = static_file(services.web, request)) return std::move(*file);
    return Error{ErrorCode::route_unknown,
                 "there is nothing at this address",
                 {},
                 {},
                 "see /openapi.json",
                 "没有这个地址",
                 "请从首页进入"};
}

bool wants_english(const http::Request& request) {
    const std::string_view languages = request.header("accept-language");
    const auto en = languages.find("en"), zh = languages.find("zh");
    return en != std::string_view::npos && (zh == std::string_view::npos || en < zh);
}

bool has(const http::Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& header) { return header.first == name; });
}

}  // namespace

http::Response json_response(const Json& body, int status, std::string_view etag) {
    http::Response response;
    response.status = status;
    response.body = json_text(body);
    response.headers.emplace_back("Cache-Control", "no-store");
    if (!etag.empty()) response.headers.emplace_back("ETag", fmt::format("\"{}\"", etag));
    return response;
}

std::string json_text(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string digest_tag(std::string_view body) {
    return hex(sm3(body)).substr(0, 24);
}

http::Response kept_response(const KeptAnswer& kept) {
    http::Response response;
    response.body = kept.body;
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("ETag", fmt::format("\"{}\"", kept.etag));
    return response;
}

http::Response no_content() {
    http::Response response;
    response.status = 204;
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

std::string next_zh(const Error& error) {
    if (error.next.empty()) return {};
    if (!error.next_zh.empty()) return error.next_zh;
    switch (error.code) {
        case ErrorCode::wrong_role:
        case ErrorCode::wrong_organisation: return "由有相应职权的人员办理";
        case ErrorCode::recused:
        case ErrorCode::same_person: return "换由其他人员办理";
        case ErrorCode::approval_missing: return "先报请批准，批准的内容须与办理时一致";
        case ErrorCode::officers_too_few:
        case ErrorCode::officer_unqualified: return "增加持有效执法证件的人员";
        case ErrorCode::step_missing:
        case ErrorCode::wrong_state: return "先办理前置步骤";
        case ErrorCode::linked_open: return "先办结关联事项";
        case ErrorCode::linked_missing: return "先办理关联事项";
        case ErrorCode::too_early: return "期限届满后办理";
        case ErrorCode::deadline_passed: return "按逾期处理，或者依法延期";
        default: return "按提示补正后再办";
    }
}

Json problem_json(const Error& error, const law::Law& law, bool english) {
    const ErrorInfo& row = error.info();
    // What went wrong inside is for the log; a stranger is told that it did.
    const bool inside = row.kind == ErrorKind::failure;
    const std::string_view general = english ? row.en : row.zh;
    std::string detail(general);
    if (!inside && !english && !error.zh.empty())
        detail = error.zh;
    else if (!inside && !error.message.empty())
        detail = error.message;
    Json body{{"type", fmt::format("urn:qingyuan:error:{}", row.name)},
              {"title", general},
              {"status", row.http},
              {"code", row.name},
              {"detail", std::move(detail)}};
    if (error.where.starts_with("retry_after="))
        body["retry_after"] = parse_integer(std::string_view(error.where).substr(12)).value_or(1);
    else if (!error.where.empty() && !inside)
        body["where"] = error.where;
    if (!error.law.empty()) {
        const std::string first(trim(split(error.law, ',').front()));
        const law::Citation citation = law::parse_citation(first);
        body["law"] = {{"text", first}, {"zh", law.cite_zh(citation)}, {"en", law.cite_en(citation)}};
    }
    if (!error.next.empty()) body["next"] = english ? error.next : next_zh(error);
    return body;
}

http::Response problem_response(const Error& error, const law::Law& law, bool english) {
    const Json body = problem_json(error, law, english);
    http::Response response = json_response(body, error.info().http);
    response.content_type = "application/problem+json";
    if (body.contains("retry_after"))
        response.headers.emplace_back("Retry-After", std::to_string(body["retry_after"].get<std::int64_t>()));
    else if (response.status == 503)
        response.headers.emplace_back("Retry-After", "2");
    if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

http::Response answer(const Services& services, const http::Request& request) {
    const bool english = wants_english(request);
    Answer answered = dispatch(services, request, english);
    http::Response response =
        answered ? std::move(*answered) : problem_response(answered.error(), services.law, english);
    if (response.status == 200 && !response.body.empty() && !has(response, "ETag"))
        response.headers.emplace_back("ETag", fmt::format("\"{}\"", digest_tag(response.body)));
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    if (!has(response, "Content-Security-Policy"))
        response.headers.emplace_back("Content-Security-Policy",
                                      "default-src 'none'; frame-ancestors 'none'; sandbox");
    return response;
}

}  // namespace qingyuan::api
