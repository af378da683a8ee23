// One operation of the API: a method, a path pattern, and a function from a call to an answer. Operations
// know neither sockets nor SQL.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "access/access.hpp"
#include "accounts/accounts.hpp"
#include "api/services.hpp"
#include "http/server.hpp"

namespace qingyuan::api {

using Json = nlohmann::ordered_json;

struct Operation;

/// A request on its way: path parameters by name, who asks, in which language problems are told.
struct Call {
    const http::Request& request;
    const Services& services;
    const Operation& operation;
    std::map<std::string, std::string, std::less<>> path;
    Instant now;
    bool english = false;
    access::Subject subject;                     ///< a stranger where nobody is signed in
    std::optional<accounts::Identity> identity;  ///< session or token behind the subject
    /// Set by `may` and `scope`. An answer of a route whose objects are not public, that nobody decided on,
    /// is never sent.
    mutable bool decided = false;
    /// What the access journal was told on the way: such an answer is never given again without telling it
    /// again.
    mutable std::vector<facts::AccessNoted> notes = {};
    /// SM3 of person, route and Idempotency-Key, hexadecimal; empty without one.
    std::string repeat_key = {};
    mutable bool remembered = false;  ///< the operation kept its answer itself, with the fact (steps.cpp)
    mutable bool hidden = false;      ///< what was refused was told as if it did not exist (reach)
    mutable bool secret = false;      ///< set by an operation whose answer is shown once: it is never kept

    [[nodiscard]] std::string_view parameter(std::string_view name) const { return request.parameter(name); }
    /// `limit` of the query, 1..500, default 50.
    [[nodiscard]] Result<std::uint64_t> limit() const;
    /// The acting person: the one who is signed in. not_signed_in.
    [[nodiscard]] Result<act::Actor> actor() const;
    [[nodiscard]] Result<act::Actor> actor(const journal::Reader& reader) const;  ///< inside a transaction
    /// The body as a JSON object; json_malformed (also for a name that comes twice, or deeper than 64),
    /// request_malformed.
    [[nodiscard]] Result<Json> body() const;
    /// What If-Match says, without quotes; version_wanted without it.
    [[nodiscard]] Result<std::string> if_match() const;
    /// The reader's reason from X-Purpose (percent-encoded UTF-8), empty without it; usage.
    [[nodiscard]] Result<std::string> purpose() const;

    /// Decides on the object with the action of the route's policy row. Denied: not_signed_in,
    /// access_denied, recused, grant_expired (an object of another organisation is answered as the caller
    /// says, e.g. dossier_unknown, so that its existence is not told). Where the row says so, the access
    /// journal has the entry on disk before this returns; purpose_missing where the header X-Purpose must
    /// say why.
    [[nodiscard]] Result<access::Decision> may(const access::Object& object) const;
    /// As above with another action than the route's.
    [[nodiscard]] Result<access::Decision> may(access::Action action, const access::Object& object) const;
    /// What the subject may list of the kind: under the route's policy where that is about it, else by any
    /// list policy; sets decided.
    [[nodiscard]] access::Scope scope(access::Kind kind) const;
    /// Puts an entry into the access journal (reads of lists, exports, reveals); durable when it returns.
    /// Not inside Journal::write: two journals are never written one inside the other.
    Result<void> note(std::string_view object, std::int64_t count = 0, std::string_view purpose = {},
                      std::string_view grant = {}) const;
    /// Puts these entries there, all in one; durable when it returns.
    Result<void> write_notes(const std::vector<facts::AccessNoted>& entries) const;
};

using Answer = Result<http::Response>;

/// How much a request may cost others: each class has its own limits and workers.
enum class RateClass : std::uint8_t { page, search, write, export_, sign_in, stranger_write, upload, scan };
constexpr std::size_t rate_class_count = 8;

struct Operation {
    std::string_view method;
    std::string_view pattern;  ///< "/api/dossiers/{id}/steps/{step}"
    access::Policy policy;     ///< row of access/policy.def; a route without one does not compile
    RateClass rate;
    Answer (*run)(const Call& call);

    constexpr Operation(std::string_view method_, std::string_view pattern_, access::Policy policy_,
                        RateClass rate_, Answer (*run_)(const Call&))
        : method(method_), pattern(pattern_), policy(policy_), rate(rate_), run(run_) {}
};

/// The table of operations, in the order they are matched.
[[nodiscard]] const std::vector<Operation>& operations();

/// Answers a request: an operation, the contract, or a file of the web app. Never throws; every error is a
/// problem+json.
[[nodiscard]] http::Response answer(const Services& services, const http::Request& request);

/// What the server must know of a request before it reads the body: lane, largest body, pattern for metrics
/// and log.
[[nodiscard]] http::RouteClass classify(std::string_view method, std::string_view path);
/// Matches "/api/dossiers/{id}/steps/{step}" and fills the parameters.
bool matches(std::string_view pattern, std::string_view path,
             std::map<std::string, std::string, std::less<>>& parameters);

/// `etag` without quotes; empty: the answer gets the digest of its bytes.
[[nodiscard]] http::Response json_response(const Json& body, int status = 200, std::string_view etag = {});
/// The bytes of a JSON value; what is not UTF-8 in it is replaced.
[[nodiscard]] std::string json_text(const Json& value);
/// The digest that is the ETag of an answer without a version, without quotes.
[[nodiscard]] std::string digest_tag(std::string_view body);
/// A kept answer as it was given first.
[[nodiscard]] http::Response kept_response(const KeptAnswer& kept);
/// What to do about a refusal, in Chinese: its own words, or those of its kind; the English text says the
/// particulars.
[[nodiscard]] std::string next_zh(const Error& error);
[[nodiscard]] Json problem_json(const Error& error, const law::Law& law, bool english);
[[nodiscard]] http::Response problem_response(const Error& error, const law::Law& law, bool english);
[[nodiscard]] http::Response no_content();

/// The authority the caller acts for; the server's default for everybody else.
[[nodiscard]] std::string home_of(const Call& call);

/// A dossier that the caller may do the route's action to. One out of reach is dossier_unknown, exactly as
/// one that does not exist. The read is journaled where the policy says so.
struct Reached {
    facts::DossierRow row;
    access::Decision decision;
};
[[nodiscard]] Result<Reached> reach(const Call& call, const journal::Reader& reader, std::string_view id);
/// As above without an entry in the access journal: for a second look inside Journal::write.
[[nodiscard]] Result<Reached> reach_again(const Call& call, const journal::Reader& reader,
                                          std::string_view id);
[[nodiscard]] Error no_such_dossier(std::string_view id);

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
Answer dossier_personal(const Call& call);
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
Answer list_operators(const Call& call);
Answer operator_history(const Call& call);
Answer search(const Call& call);
Answer compare(const Call& call);
Answer list_views(const Call& call);
Answer save_view(const Call& call);
Answer delete_view(const Call& call);
Answer bulk(const Call& call);
Answer start_export(const Call& call);
Answer list_jobs(const Call& call);
Answer show_job(const Call& call);
Answer job_events(const Call& call);
Answer job_result(const Call& call);
Answer begin_upload(const Call& call);
Answer show_upload(const Call& call);
Answer drop_upload(const Call& call);
Answer put_chunk(const Call& call);
Answer finish_upload(const Call& call);
Answer show_evidence(const Call& call);
Answer list_notices(const Call& call);
Answer read_notice(const Call& call);
Answer notice_settings(const Call& call);
Answer change_notice_settings(const Call& call);
Answer livez(const Call& call);
Answer readyz(const Call& call);
Answer metrics(const Call& call);
Answer contract(const Call& call);

}  // namespace qingyuan::api
