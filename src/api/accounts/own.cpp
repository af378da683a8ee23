// One's own account: password, authenticator app, sessions, access tokens.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/origin.hpp"
#include "accounts/totp.hpp"
#include "api/accounts/operations.hpp"
#include "api/doors.hpp"

namespace qingyuan::api {

namespace {

constexpr std::int64_t second_us = 1'000'000;

Result<accounts::Identity> identity_of(const Call& call) {
    if (!call.identity) return Error{ErrorCode::not_signed_in, "nobody is signed in"};
    return *call.identity;
}

std::string in_groups(std::string_view letters) {
    std::string out;
    for (std::size_t i = 0; i < letters.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += ' ';
        out += letters[i];
    }
    return out;
}

Json token_json(const accounts::TokenRow& row, Date today) {
    return {{"id", row.id},
            {"label", row.label},
            {"scope", row.scope},
            {"from", row.from.text()},
            {"until", row.until.text()},
            {"used_at", instant_or_null(row.used)},
            {"state", row.revoked         ? "revoked"
                      : row.until < today ? "expired"
                                          : "active"}};
}

}  // namespace

Answer own_password(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    const accounts::PasswordPolicy& policy = call.services.accounts.options().policy;
    const accounts::CredentialRow row = TRY(call.services.accounts.credentials(identity.account));
    const bool ends = policy.rotation_days > 0 && row.changed_on != Date{};
    return json_response({{"rules",
                           {{"length_min", policy.length_min},
                            {"classes_min", policy.classes_min},
                            {"rotation_days", policy.rotation_days},
                            {"history", policy.history}}},
                          {"changed_on", date_or_null(row.changed_on)},
                          {"until", ends ? Json((row.changed_on + policy.rotation_days).text()) : Json()}});
}

Answer change_own_password(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    const Json body = TRY(body_of(call, {"old", "new"}));
    const std::string old = TRY(secret_in(body, "old")), fresh = TRY(secret_in(body, "new"));
    const accounts::SignedIn session =
        TRY(call.services.accounts.change_password(identity, old, fresh, call.now));
    Call next = call;
    next.identity = session.identity;
    http::Response response = TRY(show_session(next));
    response.headers.emplace_back(
        "Set-Cookie", accounts::session_cookie(session.secret, (session.ends.us - call.now.us) / second_us));
    call.secret = true;
    return response;
}

Answer enrol_code(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    const Json body = TRY(body_of(call, {"action", "code"}));
    const std::string action = TRY(wanted_in(body, "action"));
    call.secret = true;
    if (action == "begin") {
        const accounts::CodeBegun begun = TRY(call.services.accounts.begin_code(identity));
        return json_response({{"secret", in_groups(begun.secret)},
                              {"uri", begun.uri},
                              {"qr", TRY(accounts::qr_drawing(begun.uri))}});
    }
    if (action != "confirm") return Error{ErrorCode::field_invalid, "begin or confirm", "action"};
    return json_response({{"recovery", TRY(call.services.accounts.confirm_code(
                                           identity, TRY(wanted_in(body, "code", 32)), call.now))}});
}

Answer remove_code(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    const Json body = TRY(body_of(call, {"password"}));
    CHECK(call.services.accounts.remove_code(identity, TRY(secret_in(body, "password")), call.now));
    return no_content();
}

Answer own_sessions(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    Json items = Json::array();
    for (const accounts::SessionRow& row : TRY(call.services.accounts.sessions(identity.account, call.now))) {
        const std::string id = row.id.substr(0, 16);
        items.push_back({{"id", id},
                         {"method", row.method},
                         {"signed_in_at", Instant{row.signed_in}.text()},
                         {"seen_at", Instant{row.seen}.text()},
                         {"ends_at", Instant{row.ends}.text()},
                         {"current", id == identity.session}});
    }
    return json_response({{"items", std::move(items)}});
}

Answer end_own_session(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    CHECK(call.services.accounts.end_session(identity.account, call.path.at("id"), call.now));
    return no_content();
}

Answer own_tokens(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    Json items = Json::array(), grantable = Json::array();
    for (const accounts::TokenRow& row : TRY(call.services.accounts.tokens(identity.account)))
        items.push_back(token_json(row, call.now.date()));
    for (const access::Policy policy : access::policies_of(call.subject))
        grantable.push_back(access::name_of(policy));
    return json_response({{"items", std::move(items)}, {"grantable", std::move(grantable)}});
}

Answer issue_token(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    const Json body = TRY(body_of(call, {"label", "scope", "until"}));
    const auto held = access::policies_of(call.subject);
    std::vector<access::Policy> scope;
    for (const std::string& name : TRY(list_in(body, "scope"))) {
        const auto policy = access::find_policy(name);
        if (!policy)
            return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}' is nothing a token may do", name),
                         "scope"};
        if (std::ranges::find(held, *policy) == held.end())
            return Error{ErrorCode::access_denied, fmt::format("you may not '{}' yourself", name), "scope"};
        if (std::ranges::find(scope, *policy) == scope.end()) scope.push_back(*policy);
    }
    const Date until = TRY(date_in(body, "until"));
    if (until == Date{}) return Error{ErrorCode::field_missing, "a token has a last day", "until"};
    const accounts::IssuedToken issued = TRY(call.services.accounts.issue_token(
        identity, TRY(wanted_in(body, "label", 64)), scope, until, call.now));
    call.secret = true;
    return json_response({{"token", issued.token}, {"id", issued.id}, {"until", issued.until.text()}}, 201);
}

Answer revoke_token(const Call& call) {
    const accounts::Identity identity = TRY(identity_of(call));
    CHECK(call.services.accounts.revoke_token(identity.account, call.path.at("id"), call.now));
    return no_content();
}

}  // namespace qingyuan::api
