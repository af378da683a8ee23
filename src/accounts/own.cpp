// One's own account: password, authenticator app, access tokens.
#include <algorithm>

#include <fmt/format.h>

#include "accounts/accounts_state.hpp"
#include "accounts/letters.hpp"
#include "accounts/sm4.hpp"
#include "accounts/totp.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::size_t code_secret_bytes = 20;  // RFC 4226 R6
constexpr int recovery_codes = 10;
constexpr std::size_t recovery_bytes = 10;
constexpr int token_days_max = 366;
constexpr std::size_t label_length_max = 64;
constexpr std::int64_t used_us = 60'000'000;      ///< use is written at most once a minute
constexpr std::int64_t denials_us = 600'000'000;  ///< and a denial noted at most once in ten
constexpr std::size_t denied_max = 10'000;

/// Attempts made from inside a session are counted apart from those at the door.
std::string inside(const facts::AccountRow& account) {
    return "session/" + account.id;
}

}  // namespace

// --- password

Result<std::vector<std::string>> Accounts::State::names_of(const facts::AccountRow& account,
                                                           Date today) const {
    std::vector<std::string> names{account.name, account.person};
    std::optional<facts::PersonRecorded> person;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        person = TRY(registry::find_person(reader, account.person, today));
        return {};
    }));
    if (person && !person->name.subject.empty())
        if (auto name = parts.vault.find(person->name.subject); name && *name != erased_text)
            names.push_back(std::move(*name));
    return names;
}

Result<void> Accounts::State::prove_password(const facts::AccountRow& account, std::string_view password,
                                             Instant now) {
    CHECK(lockouts.begin(account.name, inside(account), now));
    const auto right = fits(password, TRY(credential(account.id)).password);
    if (!right) {
        CHECK(lockouts.take_back(account.name, inside(account)));
        return right.error();
    }
    if (*right) {
        TRY(lockouts.forgive(account.name, inside(account)));
        return {};
    }
    const RefusedAttempt refused = TRY(lockouts.refuse(account.name, now));
    if (refused.first || refused.locked)
        CHECK(note(account.person, {},
                   {.action = refused.locked ? "locked_out" : "sign_in_refused",
                    .object = account.id,
                    .decision = refused.locked ? "locked_out" : "sign_in_refused",
                    .policy = "own_change",
                    .count = refused.untold},
                   now));
    return Error{ErrorCode::sign_in_refused,
                 "the present password does not fit",
                 "old",
                 {},
                 "type the password you signed in with",
                 "原口令不符",
                 "请输入当前口令"};
}

Result<SignedIn> Accounts::change_password(const Identity& identity, std::string_view old,
                                           std::string_view fresh, Instant now) {
    State& state = *state_;
    if (identity.token) CHECK(check_session_only(identity));
    const facts::AccountRow account = TRY(state.active_account(identity.account));
    CHECK(state.prove_password(account, old, now));
    CHECK(check_password(fresh, state.options.policy, TRY(state.names_of(account, now.date()))));
    const CredentialRow before = TRY(state.credential(account.id));
    std::vector<std::string> earlier{before.password};
    earlier.insert(earlier.end(), before.history.begin(), before.history.end());
    earlier.resize(std::min(earlier.size(), std::max<std::size_t>(state.options.policy.history, 1)));
    for (const std::string& one : earlier)
        if (TRY(state.fits(fresh, one)))
            return Error{ErrorCode::password_weak, "the password was used before", "new",       {},
                         "choose another one",     "不得与近期口令相同",           "请另选口令"};
    const std::string stored = TRY(state.hash(fresh));
    CredentialRow after;
    CHECK(state.change_credential(account.id, [&](CredentialRow& row) -> Result<void> {
        if (row.password != before.password)
            return Error{ErrorCode::version_conflict, "the password changed meanwhile", "old"};
        row.history.insert(row.history.begin(), row.password);
        row.history.resize(std::min(row.history.size(), state.options.policy.history));
        row.password = stored;
        row.changed_on = now.date();
        row.change_wanted = false;
        after = row;
        return {};
    }));
    CHECK(state.note(account.person, {},
                     {.action = "password_changed",
                      .object = account.id,
                      .decision = "allowed",
                      .policy = "own_change",
                      .session = identity.session},
                     now));
    CHECK(state.end_sessions(account.id, {}));
    return state.begin_session(account, "password", {}, TRY(state.limits_of(account, after, now)), now);
}

// --- authenticator app

Result<CodeBegun> Accounts::begin_code(const Identity& identity) {
    State& state = *state_;
    if (identity.token) CHECK(check_session_only(identity));
    const facts::AccountRow account = TRY(state.active_account(identity.account));
    if (!TRY(state.credential(account.id)).code.empty())
        return Error{ErrorCode::step_repeated,
                     "an authenticator app is enrolled already",
                     "action",
                     {},
                     "give the present one up first"};
    CodeBegun out{base32(TRY(random_bytes(code_secret_bytes))), {}};
    out.uri = otpauth_uri(state.options.issuer, account.name, out.secret, state.options.code_algorithm);
    const auto subject = TRY(state.parts.vault.put("one_time_code/" + account.id, out.secret));
    std::string replaced;
    CHECK(state.change_credential(account.id, [&](CredentialRow& row) -> Result<void> {
        replaced = row.code_pending;
        row.code_pending = subject.subject;
        return {};
    }));
    if (!replaced.empty()) CHECK(state.parts.vault.erase(replaced));
    return out;
}

Result<std::vector<std::string>> Accounts::confirm_code(const Identity& identity, std::string_view code,
                                                        Instant now) {
    State& state = *state_;
    if (identity.token) CHECK(check_session_only(identity));
    const facts::AccountRow account = TRY(state.active_account(identity.account));
    const CredentialRow before = TRY(state.credential(account.id));
    if (before.code_pending.empty())
        return Error{ErrorCode::step_missing, "no enrolment was begun", "action", {}, "begin first"};
    CHECK(state.lockouts.begin(account.name, inside(account), now));
    const Bytes secret = TRY(parse_base32(TRY(state.parts.vault.find(before.code_pending))));
    const auto step = TRY(step_of_code(secret, code, 0, now, state.options.code_algorithm));
    if (!step) {
        TRY(state.lockouts.refuse(account.name, now));
        return Error{ErrorCode::sign_in_refused,
                     "the code does not fit",
                     "code",
                     {},
                     "check the clock of the phone, and type the code it shows now",
                     "动态口令不符",
                     "请核对手机时间后输入当前口令"};
    }
    TRY(state.lockouts.forgive(account.name, inside(account)));
    std::vector<std::string> shown, kept;
    for (int i = 0; i < recovery_codes; ++i) {
        const std::string letters = base32(TRY(random_bytes(recovery_bytes)));
        kept.push_back(digest_hex(letters));
        shown.push_back(fmt::format("{}-{}-{}-{}", letters.substr(0, 4), letters.substr(4, 4),
                                    letters.substr(8, 4), letters.substr(12)));
    }
    CHECK(state.change_credential(account.id, [&](CredentialRow& row) -> Result<void> {
        if (row.code_pending != before.code_pending)
            return Error{ErrorCode::version_conflict, "another enrolment was begun", "action"};
        row.code = std::exchange(row.code_pending, {});
        row.algorithm = state.options.code_algorithm;
        row.code_step = *step;
        row.recovery = kept;
        return {};
    }));
    CHECK(state.note(account.person, {},
                     {.action = "code_enrolled",
                      .object = account.id,
                      .decision = "allowed",
                      .policy = "own_change",
                      .session = identity.session},
                     now));
    // a session that waited for this is full from here on
    std::vector<std::string> freed;
    CHECK(state.parts.work.write([&](journal::Projections& rows) -> Result<void> {
        for (SessionRow& row : TRY(rows.view<SessionRow>().list(
                 {.where = {{"account", journal::Compare::equal, {account.id}}}}))) {
            if (row.limited != "code_enrolment") continue;
            row.limited.clear();
            freed.push_back(row.id);
            CHECK(rows.put(std::move(row)));
        }
        return {};
    }));
    for (const std::string& id : freed) state.forget(id);
    return shown;
}

Result<void> Accounts::remove_code(const Identity& identity, std::string_view password, Instant now) {
    State& state = *state_;
    CHECK(check_session_only(identity));
    const facts::AccountRow account = TRY(state.active_account(identity.account));
    CHECK(state.prove_password(account, password, now));
    std::string erased;
    CHECK(state.change_credential(account.id, [&](CredentialRow& row) -> Result<void> {
        erased = std::exchange(row.code, {});
        row.recovery.clear();
        row.code_step = 0;
        return {};
    }));
    if (!erased.empty()) CHECK(state.parts.vault.erase(erased));
    return state.note(account.person, {},
                      {.action = "code_removed",
                       .object = account.id,
                       .decision = "allowed",
                       .policy = "own_change",
                       .session = identity.session},
                      now);
}

// --- access tokens

Result<IssuedToken> Accounts::issue_token(const Identity& identity, std::string_view label,
                                          const std::vector<access::Policy>& scope, Date until, Instant now) {
    State& state = *state_;
    CHECK(check_session_only(identity));
    if (trim(label).empty() || !is_utf8(label) || length_of(label) > label_length_max)
        return Error{ErrorCode::field_invalid, "a label of at most 64 characters", "label"};
    if (scope.empty()) return Error{ErrorCode::field_missing, "a token says what it may do", "scope"};
    if (until < now.date() || until > now.date() + token_days_max)
        return Error{ErrorCode::field_invalid, fmt::format("a token ends within {} days", token_days_max),
                     "until"};
    const std::string token = std::string(token_prefix) + TRY(fresh_secret());
    TokenRow row{.digest_hex = digest_hex(token),
                 .account = identity.account,
                 .person = identity.person,
                 .label = std::string(trim(label)),
                 .from = now.date(),
                 .until = until};
    row.id = row.digest_hex.substr(0, 16);
    for (const access::Policy policy : scope) row.scope.emplace_back(access::name_of(policy));
    IssuedToken out{token, row.id, until};
    CHECK(state.note(identity.person, {},
                     {.action = "token_issued",
                      .object = row.id,
                      .decision = "allowed",
                      .purpose = join(row.scope, " "),
                      .policy = "own_change",
                      .session = identity.session},
                     now));
    CHECK(state.parts.work.put(std::move(row)));
    return out;
}

Result<std::vector<TokenRow>> Accounts::tokens(std::string_view account) const {
    return state_->parts.work.list<TokenRow>(
        {.where = {{"account", journal::Compare::equal, {std::string(account)}}}});
}

Result<void> Accounts::revoke_token(std::string_view account, std::string_view id, Instant now) {
    for (const TokenRow& row : TRY(tokens(account))) {
        if (row.id != id) continue;
        CHECK(state_->note(row.person, {},
                           {.action = "token_revoked",
                            .object = row.id,
                            .decision = "allowed",
                            .policy = "own_change",
                            .session = row.id},
                           now));
        CHECK(state_->parts.work.write([&](journal::Projections& rows) -> Result<void> {
            auto now_row = TRY(rows.find<TokenRow>(row.digest_hex));
            if (!now_row) return {};
            now_row->revoked = true;
            return rows.put(std::move(*now_row));
        }));
        state_->forget(row.digest_hex);
        return {};
    }
    return Error{ErrorCode::record_unknown, "there is no such token", "id"};
}

Result<void> Accounts::State::note_token_denied(const TokenRow& row, Instant now) {
    std::int64_t count = 0;
    {
        const std::lock_guard lock(denied_lock);
        if (denied.size() >= denied_max) denied.clear();
        auto& [since, folded] = denied[row.id];
        ++folded;
        if (since != 0 && now.us - since < denials_us) return {};
        since = now.us;
        count = std::exchange(folded, 0);
    }
    return note(row.person, {},
                {.action = "token_denied",
                 .object = row.account,
                 .decision = "token_invalid",
                 .count = count,
                 .session = row.id},
                now);
}

Result<Identity> Accounts::State::by_token(std::string_view token, Instant now) {
    const Error invalid{ErrorCode::token_invalid,
                        "the token is unknown, expired or revoked",
                        "Authorization",
                        {},
                        "issue a new one under your account",
                        "令牌不存在、已过期或已撤销",
                        "请在账号页面重新签发"};
    if (!token.starts_with(token_prefix) || token.size() > 128) return invalid;
    const std::string id = digest_hex(token);
    std::uint64_t endings_then = 0;
    {
        const std::lock_guard lock(known_lock);
        endings_then = endings;
        if (const auto found = known.find(id); found != known.end()) {
            const Known& entry = found->second;
            if (now >= entry.checked && now.us - entry.checked.us < 2'000'000 && now.date() <= entry.until)
                return entry.identity;
        }
    }
    const auto row = TRY(parts.work.find<TokenRow>(id));
    if (!row) return invalid;
    std::optional<std::string> standing;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        standing = TRY(standing_of(reader, row->account, now.date()));
        return {};
    }));
    if (row->revoked || now.date() > row->until || !standing) {
        forget(id);
        CHECK(note_token_denied(*row, now));
        return invalid;
    }
    if (now.us - row->used >= used_us)
        CHECK(parts.work.write([&](journal::Projections& rows) -> Result<void> {
            auto held = TRY(rows.find<TokenRow>(id));
            if (!held) return {};
            held->used = now.us;
            return rows.put(std::move(*held));
        }));
    Identity identity{row->account, row->person, row->id, {}, true, start_of(row->from), {}};
    for (const std::string& name : row->scope) {
        const auto policy = access::find_policy(name);
        if (!policy) return invalid;  // of a table that had other rows
        identity.scope.push_back(*policy);
    }
    const std::lock_guard lock(known_lock);
    if (endings == endings_then) known[id] = Known{identity, {}, now, now, now, row->until};
    return identity;
}

}  // namespace qingyuan::accounts
