// From a request to an answer: the table of operations, the contract, the web app, and one shape for every
// error.
#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/present.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t page_default = 50, page_max = 500;
constexpr std::string_view content_policy =
    "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'; "
    "img-src 'self' data:";

/// Matches "/api/dossiers/{id}/steps/{step}" and fills the parameters.
bool matches(std::string_view pattern, std::string_view path,
             std::map<std::string, std::string, std::less<>>& parameters) {
    const auto wanted = split(pattern, '/'), given = split(path, '/');
    if (wanted.size() != given.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto open = wanted[i].find('{'), close = wanted[i].find('}');
        if (open == std::string::npos) {
            if (wanted[i] != given[i]) return false;
            continue;
        }
        const std::string tail = wanted[i].substr(close + 1);
        if (given[i].size() <= tail.size() || !given[i].ends_with(tail)) return false;
        parameters[wanted[i].substr(open + 1, close - open - 1)] =
            given[i].substr(0, given[i].size() - tail.size());
    }
    return true;
}

std::string_view media_type(std::string_view path) {
    constexpr std::pair<std::string_view, std::string_view> types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".png", "image/png"},
        {".woff2", "font/woff2"},
        {".wasm", "application/wasm"}};
    for (const auto& [suffix, type] : types)
        if (path.ends_with(suffix)) return type;
    return "application/octet-stream";
}

std::optional<std::string> file_text(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// A file of the web app; every path that is no file is the app's own route and gets its page.
std::optional<http::Response> static_file(const Services& services, const http::Request& request) {
    if (services.web.empty() || (request.method != "GET" && request.method != "HEAD")) return std::nullopt;
    for (const std::string& part : split(request.path, '/'))
        if (part == ".." || part.find('\\') != std::string::npos) return std::nullopt;
    std::filesystem::path path = services.web / std::filesystem::path(request.path).relative_path();
    std::error_code error;
    const bool is_file = request.path.size() > 1 && std::filesystem::is_regular_file(path, error);
    if (!is_file) {
        if (media_type(request.path) != media_type("")) return std::nullopt;  // a file that is not there
        path = services.web / "index.html";
    }
    http::Response response;
    response.content_type = media_type(path.string());
    const std::string_view accepted = request.header("accept-encoding");
    for (const auto& [encoding, suffix] : {std::pair{"br", ".br"}, std::pair{"gzip", ".gz"}}) {
        if (accepted.find(encoding) == std::string_view::npos) continue;
        auto packed = file_text(path.string() + suffix);
        if (!packed) continue;
        response.body = std::move(*packed);
        response.headers.emplace_back("Content-Encoding", encoding);
        break;
    }
    if (response.headers.empty()) {
        auto plain = file_text(path);
        if (!plain) return std::nullopt;
        response.body = std::move(*plain);
    }
    response.headers.emplace_back("Vary", "Accept-Encoding");
    response.headers.emplace_back("Content-Security-Policy", content_policy);
    // Built files carry their content in their name; the page itself is asked for anew each time.
    response.headers.emplace_back("Cache-Control", is_file && request.path.starts_with("/assets/")
                                                       ? "public, max-age=31536000, immutable"
                                                       : "no-cache");
    return response;
}

http::Response plain(std::string text, std::string_view type) {
    http::Response response;
    response.content_type = type;
    response.body = std::move(text);
    return response;
}

Answer dispatch(const Services& services, const http::Request& request, bool english) {
    if (request.path == "/livez") return plain("ok\n", "text/plain");
    if (request.path == "/readyz") {
        TRY(services.journal.checkpoint());
        return plain("ok\n", "text/plain");
    }
    if (request.path == "/openapi.json") return plain(services.openapi, "application/json");
    bool path_known = false;
    for (const Operation& operation : operations()) {
        Call call{request, services, {}, services.clock.now(), english};
        if (!matches(operation.pattern, request.path, call.path)) continue;
        path_known = true;
        if (operation.method == request.method || (operation.method == "GET" && request.method == "HEAD"))
            return operation.run(call);
    }
    if (path_known)
        return Error{ErrorCode::method_not_allowed, fmt::format("{} is not possible here", request.method)};
    if (!request.path.starts_with("/api/"))
        if (auto file = static_file(services, request)) return std::move(*file);
    return Error{ErrorCode::route_unknown,
                 fmt::format("there is nothing at {}", request.path),
                 {},
                 {},
                 "see /openapi.json"};
}

bool wants_english(const http::Request& request) {
    const std::string_view languages = request.header("accept-language");
    const auto en = languages.find("en"), zh = languages.find("zh");
    return en != std::string_view::npos && (zh == std::string_view::npos || en < zh);
}

}  // namespace

const std::vector<Operation>& operations() {
    static const std::vector<Operation> table{
        {"GET", "/api/meta", meta},
        {"GET", "/api/today", today},
        {"GET", "/api/reports", list_reports},
        {"GET", "/api/reports/{report}.xlsx", report_file},
        {"GET", "/api/reports/{report}.txt", report_file},
        {"GET", "/api/reports/{report}", report},
        {"GET", "/api/reports/{report}/figures/{figure}/members", figure_members},
        {"GET", "/api/dossiers", list_dossiers},
        {"POST", "/api/dossiers", open_dossier},
        {"GET", "/api/dossiers/{id}", show_dossier},
        {"GET", "/api/dossiers/{id}/offers", dossier_offers},
        {"POST", "/api/dossiers/{id}/steps/{step}", take_step},
        {"POST", "/api/dossiers/{id}/approvals/{step}", approve_step},
        {"POST", "/api/facts/{seq}/void", void_fact},
        {"GET", "/api/journal", journal_head},
        {"GET", "/api/journal/{seq}", journal_fact},
        {"GET", "/api/law/procedures/{id}", show_procedure},
        {"GET", "/api/law/limits/{id}", show_limit},
        {"GET", "/api/organisations", list_organisations},
        {"GET", "/api/people", list_people},
        {"GET", "/api/operators/{id}", show_operator},
    };
    return table;
}

std::string loggable(std::string_view path) {
    for (const Operation& operation : operations()) {
        std::map<std::string, std::string, std::less<>> parameters;
        if (matches(operation.pattern, path, parameters)) return std::string(operation.pattern);
    }
    return path.starts_with("/assets/") ? "/assets/*" : "*";
}

Result<std::uint64_t> Call::limit() const {
    if (parameter("limit").empty()) return page_default;
    const auto limit = parse_integer(parameter("limit"));
    if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(page_max))
        return Error{ErrorCode::usage, fmt::format("limit is a whole number from 1 to {}", page_max),
                     "limit"};
    return static_cast<std::uint64_t>(*limit);
}

Result<act::Actor> Call::actor(const journal::Reader& reader, std::string_view name) const {
    if (name.empty()) name = request.header("x-person");
    if (name.empty()) name = services.default_person;
    if (name.empty())
        return Error{ErrorCode::person_unknown,
                     "nobody is named",
                     "X-Person",
                     {},
                     "name the acting person in the header X-Person"};
    return act::actor_of(reader, name, now);
}

Result<Json> Call::body() const {
    if (request.body.empty()) return Json::object();
    Json body = Json::parse(request.body, nullptr, false);
    if (body.is_discarded()) return Error{ErrorCode::json_malformed, "the body is not JSON", "body"};
    if (!body.is_object()) return Error{ErrorCode::request_malformed, "the body is a JSON object", "body"};
    return body;
}

http::Response json_response(const Json& body, int status) {
    http::Response response;
    response.status = status;
    response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

http::Response problem_response(const Error& error, const law::Law& law, bool english) {
    const ErrorInfo& row = error.info();
    Json body{{"type", "about:blank"},
              {"title", english ? row.en : row.zh},
              {"status", row.http},
              {"code", row.name},
              {"detail", !english && !error.zh.empty() ? error.zh
                         : error.message.empty()       ? std::string(english ? row.en : row.zh)
                                                       : error.message}};
    if (!error.where.empty()) body["where"] = error.where;
    if (!error.law.empty()) {
        const std::string first(trim(split(error.law, ',').front()));
        const law::Citation citation = law::parse_citation(first);
        body["law"] = {{"text", first}, {"zh", law.cite_zh(citation)}, {"en", law.cite_en(citation)}};
    }
    if (!error.next.empty()) body["next"] = !english && !error.next_zh.empty() ? error.next_zh : error.next;
    http::Response response = json_response(body, row.http);
    response.content_type = "application/problem+json";
    return response;
}

http::Response answer(const Services& services, const http::Request& request) {
    const bool english = wants_english(request);
    Answer answered = dispatch(services, request, english);
    http::Response response =
        answered ? std::move(*answered) : problem_response(answered.error(), services.law, english);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    return response;
}

}  // namespace qingyuan::api
