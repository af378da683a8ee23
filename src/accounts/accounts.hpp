// Accounts: who somebody is. Sign-in by password (and one-time code), by OIDC, by access token; sessions.
// What a person may do is not decided here (access/access.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/access.hpp"
#include "accounts/password.hpp"
#include "accounts/provider.hpp"
#include "accounts/rows.hpp"
#include "accounts/vault.hpp"
#include "base/date.hpp"
#include "base/result.hpp"
#include "journal/journal.hpp"
#include "journal/work.hpp"

namespace qingyuan::accounts {

/// Who a request comes from, as proved by its cookie or its token.
struct Identity {
    std::string account;
    std::string person;
    std::string session;  ///< first 16 hexadecimal digits of SM3 of the session's or token's secret
    std::vector<access::Policy> scope;  ///< of a token; empty = all the person may
    bool token = false;
    Instant signed_in_at;
    /// What must be done before anything else is open: password_change code_enrolment. `scope` is then
    /// narrowed to what belongs to the person's own account.
    std::string limited;
};

/// Name of the session's cookie. Browsers keep a __Host- cookie only when it is Secure, of this host alone
/// and of the path "/"; they count a loopback address as secure.
constexpr std::string_view cookie_name = "__Host-qingyuan";
/// Of the browser that went to a sign-in service: SameSite=Lax, because it comes back from another site.
constexpr std::string_view binding_cookie_name = "__Host-qingyuan-oidc";
constexpr std::string_view token_prefix = "qyt_";

struct Options {
    Hashing hashing;
    PasswordPolicy policy;
    std::int64_t idle_us = 30LL * 60 * 1'000'000;
    std::int64_t absolute_us = 8LL * 3600 * 1'000'000;
    int failures_per_name = 5;  ///< in the window, then locked; doubled at each lock-out in a row
    std::int64_t name_window_us = 15LL * 60 * 1'000'000;
    int failures_per_peer = 50;
    std::int64_t peer_window_us = 3600LL * 1'000'000;
    int unused_days = 90;                      ///< then `close_unused` closes an account; 0 = never
    std::vector<std::string> code_roles;       ///< roles that must enrol a one-time code
    std::string code_algorithm = "sha1";       ///< sha1, as authenticator apps expect, or sm3
    std::string issuer = "Qingyuan";           ///< shown by an authenticator app
    bool sample_data = false;                  ///< demo sign-in is open
    std::string demo_organisation;             ///< where people of a role are looked for first
    std::shared_ptr<SignInProvider> provider;  ///< the organisation's sign-in service; none = password only
    unsigned hashes_at_once = 2;
    unsigned hashes_waiting_max = 64;  ///< one more is `overloaded`
};

/// What an Accounts stands on; all outlive it.
struct Parts {
    const journal::Work& work;
    journal::Journal& journal;
    journal::Journal& access;
    Vault& vault;
};

struct Attempt {
    std::string_view name;
    std::string_view password;
    std::string_view code;      ///< one-time or recovery code, may be empty
    std::string_view peer;      ///< address the request came from
    std::string_view previous;  ///< the cookie's secret the browser came with: that session ends
};
/// A session that has begun.
struct SignedIn {
    std::string secret;  ///< for the cookie; nowhere else
    Identity identity;
    Instant ends;
};
struct IssuedToken {
    std::string token;  ///< "qyt_…", shown once
    std::string id;
    Date until;
};
/// Whom the start page of sample data offers.
struct DemoRole {
    std::string role;
    std::string person;
    std::string organisation;  ///< organisation or operator id
};
/// A sign-in that went to the organisation's sign-in service.
struct SentAway {
    std::string url;      ///< where the browser goes next
    std::string binding;  ///< for a cookie: who comes back must be the browser that left
};
struct CodeBegun {
    std::string secret;  ///< Base32
    std::string uri;     ///< otpauth://totp/…
};
/// One of the two administrators of a set-up.
struct FirstPerson {
    std::string person_name;
    std::string name;
    std::string password;
};
struct Installation {
    std::string code;
    facts::OrganisationRecorded organisation;
    FirstPerson system_admin;
    FirstPerson security_admin;
};
struct AccountMade {
    facts::AccountRow account;
    std::string password;  ///< for the first sign-in, shown once
};
struct AccountChange {
    std::optional<std::string> state;  ///< active disabled
    std::string reason;
    bool unlock = false;
    bool reset_password = false;
    bool reset_code = false;
    std::string proposal;  ///< approved, of kind account_reset: wanted for an administrator's account
    std::string etag;      ///< of the row as the person saw it; empty: whatever it is
};

/// Thread-safe.
class Accounts {
 public:
    static Result<std::unique_ptr<Accounts>> open(Parts parts, Options options);
    ~Accounts();

    // --- whom a request comes from

    /// The session of the cookie's secret, or of the bearer token where there is one; nobody where there is
    /// neither or the session has ended. Errors: token_invalid.
    [[nodiscard]] Result<std::optional<Identity>> identify(std::string_view cookie, std::string_view bearer,
                                                           Instant now);

    // --- signing in and out

    /// Errors: sign_in_refused (the same words for a wrong name, a wrong password and a disabled account),
    /// code_wanted, locked_out, overloaded.
    Result<SignedIn> sign_in(const Attempt& attempt, Instant now);
    /// As the first person of the role; access_denied where this is no sample data, person_unknown.
    Result<SignedIn> sign_in_demo(std::string_view role, std::string_view previous, Instant now);
    /// Begins a sign-in at the organisation's sign-in service. access_denied where there is none;
    /// peer_failed.
    Result<SentAway> send_away(Instant now);
    /// Ends it. token_invalid (a state that was not begun, is used, is older than ten minutes or of another
    /// browser; an answer that does not hold), peer_failed, sign_in_refused (no active account has the name:
    /// none is made).
    Result<SignedIn> come_back(std::string_view state, std::string_view code, std::string_view binding,
                               std::string_view previous, Instant now);
    Result<void> sign_out(std::string_view cookie, Instant now);
    /// A token for the first person of the role, valid for a day; access_denied where this is no sample data.
    Result<std::string> demo_token(std::string_view role, Instant now);
    [[nodiscard]] Result<std::vector<DemoRole>> demo_roles(Date today);

    // --- one's own account

    [[nodiscard]] const Options& options() const;
    /// The credentials of an account, without what they are checked against.
    [[nodiscard]] Result<CredentialRow> credentials(std::string_view account) const;
    /// Ends every other session. sign_in_refused, locked_out, password_weak.
    Result<SignedIn> change_password(const Identity& identity, std::string_view old, std::string_view fresh,
                                     Instant now);
    /// Begins to enrol an authenticator app; it counts once `confirm_code` was given one of its codes.
    Result<CodeBegun> begin_code(const Identity& identity);
    /// The recovery codes. sign_in_refused where the code does not fit; locked_out.
    Result<std::vector<std::string>> confirm_code(const Identity& identity, std::string_view code,
                                                  Instant now);
    /// sign_in_refused where the password does not fit; locked_out.
    Result<void> remove_code(const Identity& identity, std::string_view password, Instant now);
    /// Running sessions, newest first.
    [[nodiscard]] Result<std::vector<SessionRow>> sessions(std::string_view account, Instant now) const;
    /// `id`: the first 16 digits. record_unknown.
    Result<void> end_session(std::string_view account, std::string_view id, Instant now);
    /// Errors: field_invalid (the label, no scope, a day that is past or more than 366 days off),
    /// access_denied for a token that asks for a token.
    Result<IssuedToken> issue_token(const Identity& identity, std::string_view label,
                                    const std::vector<access::Policy>& scope, Date until, Instant now);
    [[nodiscard]] Result<std::vector<TokenRow>> tokens(std::string_view account) const;
    /// record_unknown.
    Result<void> revoke_token(std::string_view account, std::string_view id, Instant now);

    // --- first start

    /// The code for the console of a new installation; nothing once there is an account. Each call makes a
    /// new code, valid for 24 hours.
    Result<std::optional<std::string>> set_up_code(Instant now);
    [[nodiscard]] Result<bool> set_up_wanted() const;
    /// Organisation, two people with their roles, two accounts. Errors: set_up_done, token_invalid,
    /// field_missing, field_invalid, same_person, password_weak, locked_out.
    Result<void> set_up(const Installation& set_up, std::string_view peer, Instant now);

    // --- administration; who may is decided before

    [[nodiscard]] Result<std::optional<facts::AccountRow>> find_account(std::string_view id) const;
    [[nodiscard]] Result<std::optional<facts::AccountRow>> find_account_by_name(std::string_view name) const;
    /// The account of a person, if it has one.
    [[nodiscard]] Result<std::optional<facts::AccountRow>> find_account_of(std::string_view person) const;
    /// Until when the name is locked.
    [[nodiscard]] Result<std::optional<Instant>> locked_until(std::string_view name, Instant now) const;
    /// person_unknown, duplicate_key (the person has an account, the name is taken), field_invalid.
    Result<AccountMade> add_account(const access::Subject& by, std::string_view session,
                                    std::string_view person, std::string_view name, Instant now);
    /// A new one-time password where one was asked for. Errors: account_unknown, version_conflict,
    /// access_denied (also for one's own account), field_missing (a reason), not_in_vocabulary;
    /// approval_missing and what `access::approved` says where an administrator's account is to be reset.
    Result<std::string> change_account(const access::Subject& by, std::string_view session,
                                       std::string_view id, const AccountChange& change, Instant now);

    /// Closes every account that was not used for `unused_days`, but those of system administrators; each
    /// closing is a fact. How many. Does nothing where the data is sample data.
    Result<std::size_t> close_unused(Instant now);

    /// A password for one sign-in where nobody is left who could reset it: for the console alone. The access
    /// journal has the entry `recovered_at_console`. account_unknown, field_missing (a reason).
    Result<std::string> recover(std::string_view name, std::string_view reason, Instant now);

    struct State;
    explicit Accounts(std::unique_ptr<State> state);  ///< by open, which alone can make a State

 private:
    std::unique_ptr<State> state_;
};

/// Version of an account's row as an ETag without quotes.
[[nodiscard]] std::string etag_of(const facts::AccountRow& account);

/// desk, field or portal: where somebody with these roles starts.
[[nodiscard]] std::string_view entry_of(const std::vector<std::string>& roles, bool of_operator);

}  // namespace qingyuan::accounts
