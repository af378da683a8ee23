// Who is signed in, and the ways in: password, sign-in service, role of the sample data, first start.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/administration.hpp"
#include "accounts/origin.hpp"
#include "api/accounts/operations.hpp"
#include "api/doors.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr int binding_seconds = 600;

Json rules_json(const accounts::PasswordPolicy& policy) {
    return {{"length_min", policy.length_min},
            {"classes_min", policy.classes_min},
            {"rotation_days", policy.rotation_days},
            {"history", policy.history}};
}

/// Who is signed in, for the screens.
Result<Json> session_json(const Call& call, const accounts::Identity& identity) {
    const accounts::Options& options = call.services.accounts.options();
    const accounts::CredentialRow credential = TRY(call.services.accounts.credentials(identity.account));
    const auto account = TRY(call.services.accounts.find_account(identity.account));
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        access::Subject subject = TRY(access::subject_of(reader, identity.person, call.now.date()));
        subject.scope = identity.scope;
        const auto post = TRY(registry::find_person(reader, identity.person, call.now.date()));
        body = {{"account", identity.account},
                {"name", account ? account->name : ""},
                {"person", present.person(identity.person)},
                {"roles", Json::array()}};
        for (const std::string& role : subject.roles) body["roles"].push_back(present.role(role));
        CHECK(place_into(body, present, post ? post->organisation : ""));
        body["permissions"] = Json::array();
        for (const access::Policy policy : access::policies_of(subject))
            body["permissions"].push_back(access::name_of(policy));
        body["entry"] = accounts::entry_of(subject.roles, !subject.operator_id.empty());
        return {};
    }));
    const int rotation = options.policy.rotation_days;
    body["sample_data"] = call.services.sample_data;
    body["limited"] = nullptr;
    if (!identity.limited.empty()) body["limited"] = identity.limited;
    body["code_enrolled"] = !credential.code.empty();
    body["password_until"] = nullptr;
    if (rotation > 0 && credential.changed_on != Date{})
        body["password_until"] = (credential.changed_on + rotation).text();
    body["signed_in_at"] = identity.signed_in_at.text();
    body["ends_at"] = Instant{identity.signed_in_at.us + options.absolute_us}.text();
    body["idle_minutes"] = options.idle_us / (60 * second_us);
    return body;
}

Answer signed_in(const Call& call, const accounts::SignedIn& session) {
    http::Response response = json_response(TRY(session_json(call, session.identity)));
    const std::int64_t seconds = (session.ends.us - call.now.us) / second_us;
    response.headers.emplace_back("Set-Cookie", accounts::session_cookie(session.secret, seconds));
    call.secret = true;
    return response;
}

std::string binding_cookie(std::string_view binding, int seconds) {
    return fmt::format("{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax",
                       accounts::binding_cookie_name, binding, seconds);
}

http::Response redirect(std::string location) {
    http::Response response;
    response.status = 303;
    response.content_type = "text/plain; charset=utf-8";
    response.headers.emplace_back("Location", std::move(location));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Result<accounts::FirstPerson> first_person(const Json& body, const char* name) {
    if (!body.contains(name) || !body[name].is_object())
        return Error{ErrorCode::field_missing, "a person, a name and a password are wanted", name};
    const Json& given = body[name];
    CHECK(only_names(given, {"person_name", "name", "password"}, name));
    return accounts::FirstPerson{TRY(wanted_in(given, "person_name", 64)), TRY(wanted_in(given, "name", 64)),
                                 TRY(secret_in(given, "password"))};
}

}  // namespace

Answer show_session(const Call& call) {
    if (!call.identity) return Error{ErrorCode::not_signed_in, "nobody is signed in"};
    http::Response response = json_response(TRY(session_json(call, *call.identity)));
    return response;
}

Answer sign_in(const Call& call) {
    const Json body = TRY(body_of(call, {"name", "password", "code"}));
    const std::string name = TRY(wanted_in(body, "name", 64)), password = TRY(secret_in(body, "password"));
    const std::string code = TRY(text_in(body, "code", 32));
    const accounts::Attempt attempt{name, password, code, call.request.peer,
                                    accounts::cookie_secret(call.request)};
    return signed_in(call, TRY(call.services.accounts.sign_in(attempt, call.now)));
}

Answer sign_out(const Call& call) {
    CHECK(call.services.accounts.sign_out(accounts::cookie_secret(call.request), call.now));
    http::Response response = no_content();
    response.headers.emplace_back("Set-Cookie", accounts::cleared_cookie());
    response.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
    return response;
}

Answer sign_in_methods(const Call& call) {
    const accounts::Options& options = call.services.accounts.options();
    Json body{{"password", true},
              {"oidc", nullptr},
              {"set_up", TRY(call.services.accounts.set_up_wanted())},
              {"sample_data", call.services.sample_data},
              {"rules", rules_json(options.policy)},
              {"roles", Json::array()}};
    if (options.provider) body["oidc"] = {{"zh", options.provider->zh()}, {"en", options.provider->en()}};
    const auto roles = TRY(call.services.accounts.demo_roles(call.now.date()));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        for (const accounts::DemoRole& role : roles) {
            if (access::access_role(role.role).empty()) continue;
            Json item{{"role", present.role(role.role)}, {"person", present.person(role.person)}};
            CHECK(place_into(item, present, role.organisation));
            item["entry"] = accounts::entry_of({role.role}, item["organisation"].is_null());
            body["roles"].push_back(std::move(item));
        }
        return {};
    }));
    return json_response(body);
}

Answer sign_in_demo(const Call& call) {
    const Json body = TRY(body_of(call, {"role"}));
    return signed_in(
        call, TRY(call.services.accounts.sign_in_demo(TRY(wanted_in(body, "role", 64)),
                                                      accounts::cookie_secret(call.request), call.now)));
}

Answer start_oidc(const Call& call) {
    const accounts::SentAway away = TRY(call.services.accounts.send_away(call.now));
    http::Response response = json_response({{"url", away.url}});
    response.headers.emplace_back("Set-Cookie", binding_cookie(away.binding, binding_seconds));
    call.secret = true;
    return response;
}

/// A browser follows this link: what goes wrong is told by the sign-in page, not by a page of JSON.
Answer finish_oidc(const Call& call) {
    const auto session = call.services.accounts.come_back(call.parameter("state"), call.parameter("code"),
                                                          call.request.cookie(accounts::binding_cookie_name),
                                                          accounts::cookie_secret(call.request), call.now);
    http::Response response =
        redirect(session ? "/" : fmt::format("/sign-in?error={}", session.error().info().name));
    response.headers.emplace_back("Set-Cookie", binding_cookie("", 0));
    if (!session) return response;
    const std::int64_t seconds = (session->ends.us - call.now.us) / second_us;
    response.headers.emplace_back("Set-Cookie", accounts::session_cookie(session->secret, seconds));
    return response;
}

Answer set_up(const Call& call) {
    const Json body = TRY(body_of(call, {"code", "organisation", "system_admin", "security_admin"}));
    accounts::Installation wanted;
    wanted.code = TRY(wanted_in(body, "code", 64));
    if (!body.contains("organisation") || !body["organisation"].is_object())
        return Error{ErrorCode::field_missing, "the organisation is wanted", "organisation"};
    const Json& given = body["organisation"];
    CHECK(only_names(given,
                     {"id", "name", "name_en", "parent", "department", "kind", "level", "region", "from"},
                     "organisation"));
    facts::OrganisationRecorded& organisation = wanted.organisation;
    organisation.id = TRY(wanted_in(given, "id", 64));
    organisation.name = TRY(wanted_in(given, "name"));
    organisation.name_en = TRY(text_in(given, "name_en"));
    organisation.department = TRY(wanted_in(given, "department"));
    organisation.kind = TRY(wanted_in(given, "kind"));
    organisation.level = TRY(text_in(given, "level"));
    organisation.region = TRY(text_in(given, "region"));
    organisation.from = TRY(date_in(given, "from"));
    if (organisation.from == Date{}) organisation.from = call.now.date();
    if (!TRY(text_in(given, "parent")).empty())
        return Error{ErrorCode::field_invalid, "the first organisation has no parent", "organisation.parent"};
    if (organisation.from > call.now.date())
        return Error{ErrorCode::date_in_future, "the organisation exists already", "organisation.from"};
    CHECK(accounts::check_organisation(call.services.law, organisation));
    wanted.system_admin = TRY(first_person(body, "system_admin"));
    wanted.security_admin = TRY(first_person(body, "security_admin"));
    CHECK(call.services.accounts.set_up(wanted, call.request.peer, call.now));
    return no_content();
}

}  // namespace qingyuan::api
