// Working rows of accounts: what is secret about a sign-in, and what lasts hours. No fact makes them; of
// every secret only a digest or a sealed form is here.
#pragma once

#include <string>
#include <vector>

#include "facts/rows.hpp"

namespace qingyuan::accounts {

/// Somebody signed in.
struct SessionRow {
    static constexpr facts::RowType row_type{"sessions", "id", {"account", "ends"}, {"ends"}};
    std::string id;  ///< SM3 of the secret in the cookie, hexadecimal
    std::string account;
    std::string person;
    std::string method;    ///< password oidc demo
    std::string standing;  ///< digest of organisation and roles at sign-in: another one ends the session
    std::string limited;   ///< password_change code_enrolment, or empty
    std::int64_t signed_in = 0;  ///< microseconds, as the next two
    std::int64_t seen = 0;
    std::int64_t ends = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("account", s.account);
        v("person", s.person);
        v("method", s.method);
        v("standing", s.standing);
        v("limited", s.limited);
        v("signed_in", s.signed_in);
        v("seen", s.seen);
        v("ends", s.ends);
    }
};

/// What an account proves itself with.
struct CredentialRow {
    static constexpr facts::RowType row_type{"credentials", "account", {}};
    std::string account;
    std::string password;              ///< password.hpp; empty: none (OIDC only)
    std::vector<std::string> history;  ///< earlier ones, newest first
    Date changed_on;
    bool change_wanted = false;         ///< given by somebody else
    std::string code;                   ///< vault subject of the one-time code's secret; empty: not enrolled
    std::string code_pending;           ///< the same, begun and not confirmed
    std::string algorithm;              ///< of the code: sha1 sm3
    std::int64_t code_step = 0;         ///< last time step that was used
    std::vector<std::string> recovery;  ///< SM3 of the recovery codes that are left
    std::int64_t seen = 0;              ///< last sign-in, microseconds
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("account", s.account);
        v("password", s.password);
        v("history", s.history);
        v("changed_on", s.changed_on);
        v("change_wanted", s.change_wanted);
        v("code", s.code);
        v("code_pending", s.code_pending);
        v("algorithm", s.algorithm);
        v("code_step", s.code_step);
        v("recovery", s.recovery);
        v("seen", s.seen);
    }
};

/// Failures to sign in: of a name as it was typed (whether it exists or not), or of an address.
struct LockRow {
    static constexpr facts::RowType row_type{"lock_outs", "key", {"last"}, {"last"}};
    std::string key;            ///< "name/" or "peer/" and the hexadecimal SM3 of it
    std::int64_t failures = 0;  ///< since `first`
    std::int64_t first = 0;     ///< microseconds
    std::int64_t last = 0;
    std::int64_t until = 0;      ///< locked until; 0 = not
    std::int64_t lock_outs = 0;  ///< one after the other: each is longer
    std::int64_t untold = 0;     ///< refusals not yet in the access journal
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("key", s.key);
        v("failures", s.failures);
        v("first", s.first);
        v("last", s.last);
        v("until", s.until);
        v("lock_outs", s.lock_outs);
        v("untold", s.untold);
    }
};

/// An access token: for programs.
struct TokenRow {
    static constexpr facts::RowType row_type{"access_tokens", "digest_hex", {"id", "account"}};
    std::string digest_hex;  ///< SM3 of the token
    std::string id;          ///< its first 16 digits
    std::string account;
    std::string person;
    std::string label;
    std::vector<std::string> scope;  ///< rows of access/policy.def; empty = all (sample data only)
    Date from;
    Date until;             ///< last day
    std::int64_t used = 0;  ///< microseconds, to the minute
    bool revoked = false;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("digest_hex", s.digest_hex);
        v("id", s.id);
        v("account", s.account);
        v("person", s.person);
        v("label", s.label);
        v("scope", s.scope);
        v("from", s.from);
        v("until", s.until);
        v("used", s.used);
        v("revoked", s.revoked);
    }
};

/// Something that is waited for once: the set-up code, a sign-in that went to another service, reveals of a
/// day.
struct TicketRow {
    static constexpr facts::RowType row_type{"sign_in_tickets", "key", {"until"}, {"until"}};
    std::string key;
    std::string value;
    std::vector<std::string> values;
    std::int64_t until = 0;  ///< microseconds
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("key", s.key);
        v("value", s.value);
        v("values", s.values);
        v("until", s.until);
    }
};

/// All of them, for journal::Work::open.
[[nodiscard]] inline std::vector<facts::RowType> work_rows() {
    return {SessionRow::row_type, CredentialRow::row_type, LockRow::row_type, TokenRow::row_type,
            TicketRow::row_type};
}

}  // namespace qingyuan::accounts
