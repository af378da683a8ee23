#include "accounts/accounts.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "accounts/accounts_state.hpp"
#include "accounts/letters.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::accounts {

// --- the lane of hashing

Result<void> HashLane::enter() {
    std::unique_lock lock(lock_);
    if (free_ == 0 && waiting_ >= waiting_max_)
        return Error{ErrorCode::overloaded,
                     "too many sign-ins at once",
                     {},
                     {},
                     "try again in a minute",
                     "登录人数过多",
                     "请稍后再试"};
    ++waiting_;
    turn_.wait(lock, [&] { return free_ > 0; });
    --waiting_;
    --free_;
    return {};
}

void HashLane::leave() {
    {
        const std::lock_guard lock(lock_);
        ++free_;
    }
    turn_.notify_one();
}

// --- what all files share

Accounts::State::State(Parts parts_, Options options_)
    : parts(parts_),
      options(std::move(options_)),
      lockouts(parts.work, {options.failures_per_name, options.name_window_us, options.failures_per_peer,
                            options.peer_window_us}),
      lane(options.hashes_at_once, options.hashes_waiting_max) {}

Result<void> Accounts::State::note(std::string_view actor, std::string_view organisation,
                                   facts::AccessNoted entry, Instant now) {
    return parts.access.append(
        {facts::Fact{now.date(), std::string(organisation), std::string(actor), 0, std::move(entry)}});
}

Result<bool> Accounts::State::fits(std::string_view password, std::string_view stored) {
    std::call_once(dummy_once, [&] {
        if (auto made = hash_password("no password fits this", options.hashing)) dummy = std::move(*made);
    });
    CHECK(lane.enter());
    const bool same = password_fits(password, stored.empty() ? std::string_view(dummy) : stored);
    lane.leave();
    return same && !stored.empty();
}

Result<std::string> Accounts::State::hash(std::string_view password) {
    CHECK(lane.enter());
    auto made = hash_password(password, options.hashing);
    lane.leave();
    return made;
}

Result<CredentialRow> Accounts::State::credential(std::string_view account) const {
    CredentialRow row = TRY(parts.work.find<CredentialRow>(std::string(account))).value_or(CredentialRow{});
    row.account = account;
    return row;
}

Result<void> Accounts::State::change_credential(
    std::string_view account, const std::function<Result<void>(CredentialRow&)>& change) const {
    return parts.work.write([&](journal::Projections& rows) -> Result<void> {
        CredentialRow row = TRY(rows.find<CredentialRow>(std::string(account))).value_or(CredentialRow{});
        row.account = account;
        CHECK(change(row));
        return rows.put(std::move(row));
    });
}

Result<facts::AccountRow> Accounts::State::active_account(std::string_view id) const {
    std::optional<facts::AccountRow> found;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        found = TRY(reader.view<facts::AccountRow>().find(std::string(id)));
        return {};
    }));
    if (!found || found->state != "active")
        return Error{ErrorCode::account_unknown, "the account is not active"};
    return std::move(*found);
}

Result<std::optional<std::string>> standing_of(const journal::Reader& reader, std::string_view account,
                                               Date today) {
    const auto row = TRY(reader.view<facts::AccountRow>().find(std::string(account)));
    if (!row || row->state != "active") return std::optional<std::string>();
    auto person = TRY(registry::find_person(reader, row->person, today));
    if (!person) return std::optional<std::string>();
    std::ranges::sort(person->roles);
    return std::optional(digest_hex(fmt::format("{}\n{}", person->organisation, join(person->roles, ","))));
}

Error sign_in_refusal() {
    return {ErrorCode::sign_in_refused,
            "the name or the password does not fit",
            "name",
            {},
            "check both; after five failures the name is locked for a while",
            "账号或口令不符",
            "请核对后重试；连续五次失败将暂时锁定"};
}

Result<void> check_session_only(const Identity& identity) {
    if (!identity.token && identity.limited.empty()) return {};
    return Error{
        ErrorCode::access_denied,
        identity.token ? "an access token may not do this" : "something must be done about the account first",
        {},
        {},
        "sign in with the password"};
}

std::string etag_of(const facts::AccountRow& account) {
    return hex(sm3(facts::encode_row(account))).substr(0, 16);
}

std::string_view entry_of(const std::vector<std::string>& roles, bool of_operator) {
    if (of_operator) return "portal";
    constexpr std::string_view out_of_doors[] = {"inspector", "sampler", "township_coordinator",
                                                 "village_informant"};
    const auto is_outdoors = [&](const std::string& role) {
        return std::ranges::find(out_of_doors, role) != std::end(out_of_doors);
    };
    if (std::ranges::find(roles, "hospital_reporter") != roles.end()) return "portal";
    return !roles.empty() && std::ranges::all_of(roles, is_outdoors) ? "field" : "desk";
}

// --- Accounts

Accounts::Accounts(std::unique_ptr<State> state) : state_(std::move(state)) {}
Accounts::~Accounts() = default;

Result<std::unique_ptr<Accounts>> Accounts::open(Parts parts, Options options) {
    return std::make_unique<Accounts>(std::make_unique<State>(parts, std::move(options)));
}

const Options& Accounts::options() const {
    return state_->options;
}

Result<CredentialRow> Accounts::credentials(std::string_view account) const {
    CredentialRow row = TRY(state_->credential(account));
    row.password.clear();
    row.history.clear();
    row.recovery.clear();
    return row;
}

Result<std::optional<facts::AccountRow>> Accounts::find_account(std::string_view id) const {
    std::optional<facts::AccountRow> found;
    CHECK(state_->parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        found = TRY(reader.view<facts::AccountRow>().find(std::string(id)));
        return {};
    }));
    return found;
}

namespace {

Result<std::optional<facts::AccountRow>> account_where(journal::Journal& journal, std::string_view field,
                                                       std::string_view value) {
    std::optional<facts::AccountRow> found;
    CHECK(journal.read([&](const journal::Reader& reader) -> Result<void> {
        auto rows = TRY(reader.view<facts::AccountRow>().list(
            {.where = {{field, journal::Compare::equal, {std::string(value)}}}, .limit = 1}));
        if (!rows.empty()) found = std::move(rows.front());
        return {};
    }));
    return found;
}

}  // namespace

Result<std::optional<facts::AccountRow>> Accounts::find_account_by_name(std::string_view name) const {
    return account_where(state_->parts.journal, "name", typed_name(name));
}

Result<std::optional<facts::AccountRow>> Accounts::find_account_of(std::string_view person) const {
    return account_where(state_->parts.journal, "person", person);
}

Result<std::optional<Instant>> Accounts::locked_until(std::string_view name, Instant now) const {
    return state_->lockouts.locked_until(name, now);
}

}  // namespace qingyuan::accounts
