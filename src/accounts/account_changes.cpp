// Accounts as administrators change them.
#include <algorithm>

#include <fmt/format.h>

#include "access/grants.hpp"
#include "accounts/accounts_state.hpp"
#include "accounts/administration.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::accounts {

namespace {

facts::AccessNoted noted(std::string_view action, std::string_view object, std::string_view reason,
                         std::string_view session) {
    return {.action = std::string(action),
            .object = std::string(object),
            .decision = "allowed",
            .purpose = std::string(reason),
            .policy = "account_change",
            .session = std::string(session)};
}

Result<void> check_may(const journal::Reader& reader, const access::Subject& by,
                       const facts::AccountRow& account) {
    const auto post = TRY(registry::find_person(reader, account.person, by.today));
    access::Object object =
        TRY(access::object_at(reader, access::Kind::account, post ? post->organisation : std::string()));
    object.person = account.person;
    const access::Decision decision = access::decide(by, access::Policy::account_change, object);
    if (decision.allowed) return {};
    return Error{decision.refusal,
                 "only the system administrator changes accounts",
                 {},
                 {},
                 "ask the system administrator"};
}

/// A reset gives whoever does it the account until its owner notices: where the owner is one of the three
/// administrators, another person must have agreed.
Result<void> check_reset(const journal::Reader& reader, const access::Subject& by,
                         const facts::AccountRow& account, const AccountChange& change) {
    if (!change.reset_password && !change.reset_code) return {};
    if (trim(change.reason).empty()) return Error{ErrorCode::field_missing, "a reason is wanted", "reason"};
    if (!is_administrator(TRY(registry::roles_on(reader, account.person, by.today)))) return {};
    if (change.proposal.empty())
        return Error{ErrorCode::approval_missing,
                     "an administrator's account is reset by two persons",
                     "proposal",
                     {},
                     "propose the reset; the security administrator agrees",
                     "重置管理员账号须经另一人同意",
                     "请先提请，由安全管理员批准"};
    const facts::Form content{{"reason", change.reason}};
    TRY(access::approved(reader, by, change.proposal, "account_reset", account.id, content));
    return {};
}

}  // namespace

Result<AccountMade> Accounts::add_account(const access::Subject& by, std::string_view session,
                                          std::string_view person, std::string_view name, Instant now) {
    State& state = *state_;
    CHECK(check_account_name(name, "name"));
    AccountMade out;
    out.password = TRY(one_time_password());
    const std::string stored = TRY(state.hash(out.password));
    CHECK(state.parts.journal.write([&](journal::Writer& writer) -> Result<void> {
        const facts::Recorded made = TRY(writer.append(TRY(access::record_account(
            writer, by,
            {.id = {}, .person = std::string(person), .name = std::string(name), .state = "active"}))));
        const auto* recorded = std::get_if<facts::AccountRecorded>(&made.fact.payload);
        QY_ASSERT(recorded);
        out.account = TRY(writer.view<facts::AccountRow>().find(recorded->id)).value_or(facts::AccountRow{});
        return {};
    }));
    CHECK(state.parts.work.put(CredentialRow{
        .account = out.account.id, .password = stored, .changed_on = now.date(), .change_wanted = true}));
    CHECK(state.note(by.person, by.organisation, noted("account_added", out.account.id, {}, session), now));
    return out;
}

Result<std::string> Accounts::change_account(const access::Subject& by, std::string_view session,
                                             std::string_view id, const AccountChange& change, Instant now) {
    State& state = *state_;
    const auto found = TRY(find_account(id));
    if (!found) return Error{ErrorCode::account_unknown, fmt::format("there is no account '{}'", id), "id"};
    const facts::AccountRow account = *found;
    if (account.person == by.person)
        return Error{ErrorCode::access_denied,
                     "nobody administers their own account",
                     "id",
                     {},
                     "another administrator does it"};
    if (!change.etag.empty() && change.etag != etag_of(account))
        return Error{
            ErrorCode::version_conflict, "the account changed meanwhile", "If-Match", {}, "look at it again"};
    CHECK(state.parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        CHECK(check_may(reader, by, account));
        return check_reset(reader, by, account, change);
    }));
    const bool resets = change.reset_password || change.reset_code;
    if (resets && !change.proposal.empty())  // an approval is used once
        CHECK(state.parts.work.write([&](journal::Projections& rows) -> Result<void> {
            const std::string key = "used/" + change.proposal;
            if (TRY(rows.find<TicketRow>(key)))
                return Error{ErrorCode::wrong_state, "the proposal was used", "proposal"};
            return rows.put(TicketRow{.key = key, .until = now.us});
        }));
    if (change.state && *change.state != account.state) {
        if (trim(change.reason).empty())
            return Error{ErrorCode::field_missing, "a reason is wanted", "reason"};
        CHECK(state.parts.journal.write([&](journal::Writer& writer) -> Result<void> {
            TRY(writer.append(TRY(access::record_account(
                writer, by, {account.id, account.person, account.name, *change.state, change.reason}))));
            return {};
        }));
        CHECK(state.end_sessions(account.id, {}));
        CHECK(state.note(by.person, by.organisation,
                         noted(*change.state == "active" ? "account_enabled" : "account_disabled", account.id,
                               change.reason, session),
                         now));
    }
    if (change.unlock) {
        CHECK(state.lockouts.unlock(account.name));
        CHECK(state.note(by.person, by.organisation,
                         noted("account_unlocked", account.id, change.reason, session), now));
    }
    if (!resets) return std::string();
    return state.reset(by, session, account, change, now);
}

Result<std::string> Accounts::State::reset(const access::Subject& by, std::string_view session,
                                           const facts::AccountRow& account, const AccountChange& change,
                                           Instant now) {
    std::string password, stored, erased;
    if (change.reset_password) {
        password = TRY(one_time_password());
        stored = TRY(hash(password));
    }
    CHECK(note(
        by.person, by.organisation,
        noted(change.reset_password ? "password_reset" : "code_reset", account.id, change.reason, session),
        now));
    CHECK(change_credential(account.id, [&](CredentialRow& row) -> Result<void> {
        if (change.reset_password) {
            row.password = stored;
            row.changed_on = now.date();
            row.change_wanted = true;
        }
        if (change.reset_code) {
            erased = std::exchange(row.code, {});
            row.recovery.clear();
            row.code_step = 0;
        }
        return {};
    }));
    if (!erased.empty()) CHECK(parts.vault.erase(erased));
    CHECK(lockouts.unlock(account.name));
    CHECK(end_sessions(account.id, {}));
    return password;
}

Result<std::string> Accounts::recover(std::string_view name, std::string_view reason, Instant now) {
    const auto account = TRY(find_account_by_name(name));
    if (!account) return Error{ErrorCode::account_unknown, fmt::format("there is no account '{}'", name)};
    if (trim(reason).empty()) return Error{ErrorCode::field_missing, "a reason is wanted", "reason"};
    access::Subject nobody = access::stranger(now.date());
    nobody.person = "system";
    facts::AccessNoted entry = noted("recovered_at_console", account->id, reason, {});
    entry.policy.clear();
    CHECK(state_->note("system", {}, std::move(entry), now));
    return state_->reset(nobody, {}, *account,
                         {.reason = std::string(reason), .reset_password = true, .reset_code = true}, now);
}

}  // namespace qingyuan::accounts
