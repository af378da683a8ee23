// One operation of the API: a method, a path pattern, and a function from a call to an answer. Operations
// know neither sockets nor SQL.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/services.hpp"
#include "http/server.hpp"

namespace qingyuan::api {

using Json = nlohmann::ordered_json;

/// A request on its way: path parameters by name, who asks, in which language problems are told.
struct Call {
    const http::Request& request;
    const Services& services;
    std::map<std::string, std::string, std::less<>> path;
    Instant now;
    bool english = false;

    [[nodiscard]] std::string_view parameter(std::string_view name) const { return request.parameter(name); }
    /// `limit` of the query, 1..500, default 50.
    [[nodiscard]] Result<std::uint64_t> limit() const;
    /// The acting person of X-Person or the default; `name` overrides.
    [[nodiscard]] Result<act::Actor> actor(const journal::Reader& reader, std::string_view name = {}) const;
    /// The body as a JSON object; json_malformed, too_large.
    [[nodiscard]] Result<Json> body() const;
};

using Answer = Result<http::Response>;

struct Operation {
    std::string_view method;
    std::string_view pattern;  ///< "/api/dossiers/{id}/steps/{step}"
    Answer (*run)(const Call& call);
};

/// The table of operations, in the order they are matched.
[[nodiscard]] const std::vector<Operation>& operations();

/// Answers a request: an operation, the contract, or a file of the web app. Never throws; every error is a
/// problem+json.
[[nodiscard]] http::Response answer(const Services& services, const http::Request& request);

/// A path fit for a log line: nothing that could break the line or name a person.
[[nodiscard]] std::string loggable(std::string_view path);

[[nodiscard]] http::Response json_response(const Json& body, int status = 200);
[[nodiscard]] http::Response problem_response(const Error& error, const law::Law& law, bool english);

// the operations, one file each group
Answer meta(const Call& call);
Answer today(const Call& call);
Answer list_reports(const Call& call);
Answer report(const Call& call);
Answer report_file(const Call& call);
Answer figure_members(const Call& call);
Answer list_dossiers(const Call& call);
Answer open_dossier(const Call& call);
Answer show_dossier(const Call& call);
Answer dossier_offers(const Call& call);
Answer take_step(const Call& call);
Answer approve_step(const Call& call);
Answer void_fact(const Call& call);
Answer journal_head(const Call& call);
Answer journal_fact(const Call& call);
Answer show_procedure(const Call& call);
Answer show_limit(const Call& call);
Answer list_organisations(const Call& call);
Answer list_people(const Call& call);
Answer show_operator(const Call& call);

}  // namespace qingyuan::api
