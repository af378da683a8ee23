// The inside of Accounts, shared by its files.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "accounts/accounts.hpp"
#include "accounts/lockouts.hpp"

namespace qingyuan::accounts {

/// Only so many passwords are hashed at once, however many threads ask: a hash takes a core and 64 MiB.
class HashLane {
 public:
    HashLane(unsigned at_once, unsigned waiting_max) : free_(at_once), waiting_max_(waiting_max) {}
    /// Waits for a turn; overloaded where too many wait already.
    Result<void> enter();
    void leave();

 private:
    std::mutex lock_;
    std::condition_variable turn_;
    unsigned free_;
    unsigned waiting_ = 0;
    unsigned waiting_max_;
};

struct Accounts::State {
    State(Parts parts_, Options options_);

    Parts parts;
    Options options;
    Lockouts lockouts;
    HashLane lane;
    std::once_flag dummy_once;
    std::string dummy;  ///< hash that an unknown name is compared with

    /// A session or token that was found good a moment ago.
    struct Known {
        Identity identity;
        SessionRow session;
        Instant checked;
        Instant seen;     ///< newest use, ahead of the row by at most a minute
        Instant written;  ///< when the row last had it
        Date until;       ///< of a token
    };
    std::mutex known_lock;
    std::unordered_map<std::string, Known> known;
    std::uint64_t endings = 0;  ///< sessions and tokens that were ended: what was read before does not count

    std::mutex denied_lock;
    std::unordered_map<std::string, std::pair<std::int64_t, std::int64_t>> denied;  ///< token → since, count

    std::mutex demo_lock;
    Date demo_day;
    std::vector<DemoRole> demo;

    /// An entry of the access journal, on the disk when this returns.
    Result<void> note(std::string_view actor, std::string_view organisation, facts::AccessNoted entry,
                      Instant now);
    /// True where the password is the account's. Costs the same where `stored` is empty.
    Result<bool> fits(std::string_view password, std::string_view stored);
    Result<std::string> hash(std::string_view password);

    Result<SignedIn> begin_session(const facts::AccountRow& account, std::string_view method,
                                   std::string_view previous, std::string_view limited, Instant now);
    Result<void> end_sessions(std::string_view account, std::string_view except);
    Result<void> write_seen(const std::string& id, Instant now);
    void forget(const std::string& id);

    Result<std::optional<Identity>> by_session(std::string_view secret, Instant now);
    Result<Identity> by_token(std::string_view token, Instant now);
    Result<void> note_token_denied(const TokenRow& row, Instant now);

    Result<CredentialRow> credential(std::string_view account) const;
    Result<void> change_credential(std::string_view account,
                                   const std::function<Result<void>(CredentialRow&)>& change) const;
    /// Takes the code where it is right: a time step is used, a recovery code is gone.
    Result<bool> use_code(std::string_view account, std::string_view code, Instant now);
    Result<std::string> limits_of(const facts::AccountRow& account, const CredentialRow& credential,
                                  Instant now) const;
    /// Words of the person that its password must not be made of.
    Result<std::vector<std::string>> names_of(const facts::AccountRow& account, Date today) const;
    [[nodiscard]] Result<Date> last_used(const facts::AccountRow& account) const;
    [[nodiscard]] Result<std::vector<facts::AccountRow>> unused(Date today) const;
    /// Counts as an attempt to sign in: sign_in_refused, locked_out.
    Result<void> prove_password(const facts::AccountRow& account, std::string_view password, Instant now);
    Result<facts::AccountRow> active_account(std::string_view id) const;
    Result<std::string> reset(const access::Subject& by, std::string_view session,
                              const facts::AccountRow& account, const AccountChange& change, Instant now);
    /// For somebody another service vouched for.
    Result<SignedIn> sign_in_vouched(std::string_view name, std::string_view previous, Instant now);
    Result<facts::AccountRow> account_for_demo(std::string_view role, Instant now);
};

/// What the registry says of the person today, as a digest; nothing where the account is not active or the
/// person not in post.
[[nodiscard]] Result<std::optional<std::string>> standing_of(const journal::Reader& reader,
                                                             std::string_view account, Date today);

/// The one answer to every failed sign-in.
[[nodiscard]] Error sign_in_refusal();
/// access_denied for a token, or a session that is limited: only a full session may.
[[nodiscard]] Result<void> check_session_only(const Identity& identity);

}  // namespace qingyuan::accounts
