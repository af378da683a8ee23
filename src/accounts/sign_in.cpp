// Signing in: by password and one-time code, by the word of another service, as a role of the sample data.
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

constexpr std::string_view away_prefix = "away/";
constexpr std::int64_t away_us = 600'000'000;  ///< how long somebody may take at the sign-in service
constexpr std::int64_t day_us = 24LL * 3600 * 1'000'000;
constexpr std::size_t name_bytes_max = 64, password_bytes_max = 1024, code_bytes_max = 32;

Result<void> check_lengths(const Attempt& attempt) {
    for (const auto& [field, text, max] : {std::tuple{"name", attempt.name, name_bytes_max},
                                           std::tuple{"password", attempt.password, password_bytes_max},
                                           std::tuple{"code", attempt.code, code_bytes_max}})
        if (text.size() > max || text.find('\0') != std::string_view::npos)
            return Error{ErrorCode::field_invalid, "longer than any that could fit", field};
    if (trim(attempt.name).empty()) return Error{ErrorCode::field_missing, "a name is wanted", "name"};
    if (attempt.password.empty()) return Error{ErrorCode::field_missing, "a password is wanted", "password"};
    return {};
}

/// A one-time or recovery code as it is compared: without spaces and hyphens, in capitals.
std::string typed_code(std::string_view code) {
    std::string out;
    for (const char c : code)
        if (c != ' ' && c != '-') out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

}  // namespace

Result<bool> Accounts::State::use_code(std::string_view account, std::string_view code, Instant now) {
    const CredentialRow before = TRY(credential(account));
    const Bytes secret = TRY(parse_base32(TRY(parts.vault.find(before.code))));
    const std::string typed = typed_code(code);
    bool right = false;
    CHECK(change_credential(account, [&](CredentialRow& row) -> Result<void> {
        if (const auto step = TRY(step_of_code(secret, typed, row.code_step, now, row.algorithm))) {
            row.code_step = *step;
            right = true;
            return {};
        }
        right = std::erase(row.recovery, digest_hex(typed)) > 0;
        return {};
    }));
    return right;
}

Result<std::string> Accounts::State::limits_of(const facts::AccountRow& account,
                                               const CredentialRow& credential, Instant now) const {
    const int rotation = options.policy.rotation_days;
    if (credential.change_wanted || (rotation > 0 && now.date() - credential.changed_on > rotation))
        return std::string("password_change");
    if (!credential.code.empty() || options.code_roles.empty()) return std::string();
    std::vector<std::string> roles;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        roles = TRY(registry::roles_on(reader, account.person, now.date()));
        return {};
    }));
    const bool wanted = std::ranges::any_of(roles, [&](const std::string& role) {
        return std::ranges::find(options.code_roles, role) != options.code_roles.end();
    });
    return std::string(wanted ? "code_enrolment" : "");
}

Result<SignedIn> Accounts::sign_in(const Attempt& attempt, Instant now) {
    State& state = *state_;
    CHECK(check_lengths(attempt));
    const std::string name = typed_name(attempt.name);
    CHECK(state.lockouts.begin(name, attempt.peer, now));
    auto account = TRY(find_account_by_name(name));
    if (account && account->state != "active") account.reset();
    const CredentialRow credential = account ? TRY(state.credential(account->id)) : CredentialRow{};
    const auto fits = state.fits(attempt.password, credential.password);
    if (!fits) {
        CHECK(state.lockouts.take_back(name, attempt.peer));
        return fits.error();
    }
    bool right = *fits;
    if (right && !credential.code.empty()) {
        if (trim(attempt.code).empty()) {
            CHECK(state.lockouts.take_back(name, attempt.peer));
            return Error{ErrorCode::code_wanted,
                         "a one-time code is wanted",
                         "code",
                         {},
                         "type the code of the authenticator app",
                         "须输入动态口令",
                         "请输入验证器中的动态口令"};
        }
        right = TRY(state.use_code(account->id, attempt.code, now));
    }
    if (!right) {
        const RefusedAttempt refused = TRY(state.lockouts.refuse(name, now));
        if (refused.first || refused.locked)
            CHECK(state.note("stranger", {},
                             {.action = refused.locked ? "locked_out" : "sign_in_refused",
                              .object = account ? account->id : name_in_journal(name),
                              .decision = refused.locked ? "locked_out" : "sign_in_refused",
                              .policy = "sign_in",
                              .count = refused.untold},
                             now));
        return sign_in_refusal();
    }
    const std::int64_t untold = TRY(state.lockouts.forgive(name, attempt.peer));
    std::string fresh;
    if (wants_rehash(credential.password, state.options.hashing)) fresh = TRY(state.hash(attempt.password));
    CHECK(state.change_credential(account->id, [&](CredentialRow& row) -> Result<void> {
        if (!fresh.empty() && row.password == credential.password) row.password = fresh;
        row.seen = now.us;
        return {};
    }));
    SignedIn out = TRY(state.begin_session(*account, "password", attempt.previous,
                                           TRY(state.limits_of(*account, credential, now)), now));
    CHECK(state.note(account->person, {},
                     {.action = "sign_in",
                      .object = account->id,
                      .decision = "allowed",
                      .purpose = "password",
                      .policy = "sign_in",
                      .count = untold,
                      .session = out.identity.session},
                     now));
    CHECK(state.lockouts.purge(now));
    return out;
}

Result<SignedIn> Accounts::State::sign_in_vouched(std::string_view name, std::string_view previous,
                                                  Instant now) {
    std::optional<facts::AccountRow> account;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        auto rows = TRY(reader.view<facts::AccountRow>().list(
            {.where = {{"name", journal::Compare::equal, {typed_name(name)}}}, .limit = 1}));
        if (!rows.empty()) account = std::move(rows.front());
        return {};
    }));
    if (!account || account->state != "active") {
        CHECK(note("stranger", {},
                   {.action = "sign_in_refused",
                    .object = account ? account->id : name_in_journal(name),
                    .decision = "sign_in_refused",
                    .purpose = "oidc",
                    .policy = "sign_in",
                    .count = 1},
                   now));
        return Error{ErrorCode::sign_in_refused,
                     "no account has this name",
                     {},
                     {},
                     "ask the system administrator for an account",
                     "本系统没有对应账号",
                     "请联系系统管理员开通"};
    }
    CHECK(change_credential(account->id, [&](CredentialRow& row) -> Result<void> {
        row.seen = now.us;
        return {};
    }));
    SignedIn out = TRY(begin_session(*account, "oidc", previous, {}, now));
    CHECK(note(account->person, {},
               {.action = "sign_in",
                .object = account->id,
                .decision = "allowed",
                .purpose = "oidc",
                .policy = "sign_in",
                .session = out.identity.session},
               now));
    return out;
}

Result<SentAway> Accounts::send_away(Instant now) {
    if (!state_->options.provider)
        return Error{ErrorCode::access_denied,
                     "there is no sign-in service here",
                     {},
                     {},
                     "sign in with name and password"};
    const SignInProvider::Started started = TRY(state_->options.provider->begin(now));
    SentAway out{started.url, TRY(fresh_secret())};
    CHECK(state_->parts.work.write([&](journal::Projections& rows) -> Result<void> {
        for (const TicketRow& old : TRY(rows.view<TicketRow>().list(
                 {.where = {{"until", journal::Compare::less, {now.us - day_us}}}, .order_by = "until"})))
            if (old.key.starts_with(away_prefix)) CHECK(rows.erase<TicketRow>(old.key));
        return rows.put(TicketRow{.key = std::string(away_prefix) + digest_hex(started.state),
                                  .value = digest_hex(out.binding),
                                  .values = {started.nonce, started.verifier},
                                  .until = now.us + away_us});
    }));
    return out;
}

Result<SignedIn> Accounts::come_back(std::string_view state, std::string_view code, std::string_view binding,
                                     std::string_view previous, Instant now) {
    if (!state_->options.provider) return Error{ErrorCode::access_denied, "there is no sign-in service here"};
    const std::string key = std::string(away_prefix) + digest_hex(state);
    std::optional<TicketRow> ticket;
    CHECK(state_->parts.work.write([&](journal::Projections& rows) -> Result<void> {
        ticket = TRY(rows.find<TicketRow>(key));
        return ticket ? rows.erase<TicketRow>(key) : Result<void>();  // whatever it is, it is used now
    }));
    if (!ticket || ticket->until < now.us || ticket->values.size() != 2 ||
        !equal_in_constant_time(ticket->value, digest_hex(binding)))
        return Error{ErrorCode::token_invalid,
                     "this sign-in was not begun here, or took too long",
                     "state",
                     {},
                     "begin again",
                     "登录请求无效或已超时",
                     "请重新登录"};
    if (code.empty()) return Error{ErrorCode::token_invalid, "the sign-in service gave no code", "code"};
    const std::string name = TRY(state_->options.provider->finish(
        {{}, std::string(state), ticket->values[0], ticket->values[1]}, code, now));
    return state_->sign_in_vouched(name, previous, now);
}

}  // namespace qingyuan::accounts
