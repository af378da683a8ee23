// Administration of accounts. Who they belong to is the registry's; what they may is roles and grants.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/administration.hpp"
#include "api/accounts/operations.hpp"
#include "api/doors.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

Error no_account(std::string_view id) {
    return {ErrorCode::account_unknown, fmt::format("there is no account '{}'", id), "id"};
}

/// The account as an object of access: that of the organisation its person is of.
Result<access::Object> object_of(const journal::Reader& reader, const facts::AccountRow& row, Date today) {
    const auto post = TRY(registry::find_person(reader, row.person, today));
    access::Object out =
        TRY(access::object_at(reader, access::Kind::account, post ? post->organisation : ""));
    out.person = row.person;
    return out;
}

Result<Json> account_json(const Call& call, Presenter& present, const facts::AccountRow& row,
                          access::Masks masks) {
    const accounts::Accounts& accounts = call.services.accounts;
    const accounts::CredentialRow credential = TRY(accounts.credentials(row.id));
    const auto locked = TRY(accounts.locked_until(row.name, call.now));
    const auto post = TRY(registry::find_person(present.reader(), row.person, call.now.date()));
    Json out{{"id", row.id}, {"name", row.name}, {"person", present.person(row.person)}};
    if ((masks & static_cast<access::Masks>(access::Mask::personal)) != 0 &&
        row.person != call.subject.person)
        out["person"]["name"] = nullptr;
    CHECK(place_into(out, present, post ? post->organisation : ""));
    out["roles"] = Json::array();
    if (post)
        for (const std::string& role : post->roles) out["roles"].push_back(present.role(role));
    out["state"] = row.state;
    out["reason"] = row.reason;
    out["locked_until"] = locked ? Json(locked->text()) : Json();
    out["code_enrolled"] = !credential.code.empty();
    out["password_changed_on"] = date_or_null(credential.changed_on);
    out["seen_at"] = instant_or_null(credential.seen);
    out["sessions"] = TRY(accounts.sessions(row.id, call.now)).size();
    return out;
}

bool fits(const facts::AccountRow& row, std::string_view wanted, std::string_view state) {
    if (!state.empty() && row.state != state) return false;
    return wanted.empty() || row.name.find(wanted) != std::string::npos ||
           row.person.find(wanted) != std::string::npos;
}

}  // namespace

Answer list_accounts(const Call& call) {
    const Page page = TRY(page_of(call));
    const std::string_view wanted = call.parameter("q"), state = call.parameter("state");
    call.decided = true;  // every row below
    Json body{{"items", Json::array()}, {"next", nullptr}};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        journal::Query query{.limit = 500};
        if (!page.after.empty()) query.after_key = query.after_order = page.after;
        for (;;) {
            const auto rows = TRY(reader.view<facts::AccountRow>().list(query));
            for (const facts::AccountRow& row : rows) {
                if (!fits(row, wanted, state)) continue;
                const auto decision = access::decide(call.subject, call.operation.policy,
                                                     TRY(object_of(reader, row, call.now.date())));
                if (!decision.allowed) continue;
                if (body["items"].size() == page.limit) {
                    body["next"] = body["items"].back()["id"];
                    return {};
                }
                body["items"].push_back(TRY(account_json(call, present, row, decision.masks)));
            }
            if (rows.size() < query.limit) return {};
            query.after_key = query.after_order = rows.back().id;
        }
    }));
    return json_response(body);
}

Answer show_account(const Call& call) {
    Json body;
    std::string etag;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto row = TRY(reader.view<facts::AccountRow>().find(call.path.at("id")));
        call.decided = true;
        if (!row) return no_account(call.path.at("id"));
        const auto decision = TRY(call.may(TRY(object_of(reader, *row, call.now.date()))));
        Presenter present(call.services, reader, call.now);
        body = TRY(account_json(call, present, *row, decision.masks));
        etag = accounts::etag_of(*row);
        return {};
    }));
    return json_response(body, 200, etag);
}

Answer add_account(const Call& call) {
    const Json given = TRY(body_of(call, {"person", "name"}));
    const std::string person = TRY(wanted_in(given, "person", 64)), name = TRY(wanted_in(given, "name", 64));
    call.decided = true;  // by access::record_account
    const accounts::AccountMade made = TRY(call.services.accounts.add_account(
        call.subject, call.identity ? call.identity->session : "", person, name, call.now));
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        body = {{"account", TRY(account_json(call, present, made.account, 0))}, {"password", made.password}};
        return {};
    }));
    call.secret = true;
    return json_response(body, 201, accounts::etag_of(made.account));
}

Answer change_account(const Call& call) {
    const Json given =
        TRY(body_of(call, {"state", "reason", "unlock", "reset_password", "reset_code", "proposal"}));
    const std::string id = call.path.at("id");
    accounts::AccountChange change;
    change.state = TRY(change_in(given, "state"));
    change.reason = TRY(text_in(given, "reason", 500));
    change.unlock = TRY(flag_in(given, "unlock"));
    change.reset_password = TRY(flag_in(given, "reset_password"));
    change.reset_code = TRY(flag_in(given, "reset_code"));
    change.proposal = TRY(text_in(given, "proposal", 32));
    change.etag = TRY(call.if_match());
    bool two_persons = false;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto row = TRY(reader.view<facts::AccountRow>().find(id));
        call.decided = true;
        if (!row) return no_account(id);
        TRY(call.may(TRY(object_of(reader, *row, call.now.date()))));
        const auto roles = TRY(registry::roles_on(reader, row->person, call.now.date()));
        two_persons = (change.reset_password || change.reset_code) && accounts::is_administrator(roles);
        return {};
    }));
    // What one administrator cannot do alone becomes a proposal.
    if (two_persons && change.proposal.empty() && (change.state || change.unlock))
        return Error{ErrorCode::field_invalid, "the reset is agreed to first; ask for it alone", "state"};
    if (two_persons && change.proposal.empty())
        return propose(call, "account_reset", id, {{"reason", change.reason}});
    const std::string password = TRY(call.services.accounts.change_account(
        call.subject, call.identity ? call.identity->session : "", id, change, call.now));
    Json body;
    std::string etag;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto row = TRY(reader.view<facts::AccountRow>().find(id));
        if (!row) return no_account(id);
        Presenter present(call.services, reader, call.now);
        body["account"] = TRY(account_json(call, present, *row, 0));
        etag = accounts::etag_of(*row);
        return {};
    }));
    if (!password.empty()) body["password"] = password;
    call.secret = true;
    return json_response(body, 200, etag);
}

}  // namespace qingyuan::api
