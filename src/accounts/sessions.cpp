// Sessions: begun at sign-in with a fresh secret, known by its digest, ended by time, by hand, or because the
// person's roles, organisation or account changed.
#include <algorithm>

#include "accounts/accounts_state.hpp"
#include "accounts/letters.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::int64_t recheck_us = 2'000'000;  ///< how long a change elsewhere may go unnoticed
constexpr std::int64_t seen_us = 60'000'000;    ///< use is written at most once a minute
constexpr std::size_t known_max = 20'000;
constexpr std::size_t secret_letters_max = 128;

Identity identity_of(const SessionRow& row) {
    Identity out{row.account, row.person, row.id.substr(0, 16), {}, false, Instant{row.signed_in},
                 row.limited};
    if (!row.limited.empty()) out.scope = {access::Policy::own_read, access::Policy::own_change};
    return out;
}

bool lasts(const SessionRow& row, Instant seen, std::int64_t idle_us, Instant now) {
    return now.us < row.ends && now.us - seen.us <= idle_us;
}

}  // namespace

void Accounts::State::forget(const std::string& id) {
    const std::lock_guard lock(known_lock);
    known.erase(id);
    ++endings;
}

Result<void> Accounts::State::write_seen(const std::string& id, Instant now) {
    return parts.work.write([&](journal::Projections& rows) -> Result<void> {
        auto row = TRY(rows.find<SessionRow>(id));
        if (!row) return {};  // ended meanwhile: it must not come back
        row->seen = std::max(row->seen, now.us);
        return rows.put(std::move(*row));
    });
}

Result<std::optional<Identity>> Accounts::State::by_session(std::string_view secret, Instant now) {
    if (secret.empty() || secret.size() > secret_letters_max) return std::optional<Identity>();
    const std::string id = digest_hex(secret);
    std::optional<Known> before;
    std::uint64_t endings_then = 0;
    {
        const std::lock_guard lock(known_lock);
        endings_then = endings;
        if (const auto found = known.find(id); found != known.end()) {
            Known& entry = found->second;
            const bool fresh = now >= entry.checked && now.us - entry.checked.us < recheck_us;
            if (fresh && lasts(entry.session, entry.seen, options.idle_us, now)) {
                entry.seen = std::max(entry.seen, now);
                return std::optional(entry.identity);
            }
            before = entry;
        }
    }
    auto row = TRY(parts.work.find<SessionRow>(id));
    if (!row) {
        if (before) forget(id);
        return std::optional<Identity>();
    }
    const Instant seen{std::max(row->seen, before ? before->seen.us : 0)};
    std::optional<std::string> standing;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        standing = TRY(standing_of(reader, row->account, now.date()));
        return {};
    }));
    if (!lasts(*row, seen, options.idle_us, now) || standing != row->standing) {
        CHECK(parts.work.erase<SessionRow>(id));
        forget(id);
        return std::optional<Identity>();
    }
    if (now.us - row->seen >= seen_us) CHECK(write_seen(id, now));
    Known entry{identity_of(*row), *row, now, std::max(seen, now), now, {}};
    const Identity identity = entry.identity;
    const std::lock_guard lock(known_lock);
    if (known.size() >= known_max) known.clear();
    if (endings == endings_then) known[id] = std::move(entry);
    return std::optional(identity);
}

Result<std::optional<Identity>> Accounts::identify(std::string_view cookie, std::string_view bearer,
                                                   Instant now) {
    if (!bearer.empty()) return std::optional(TRY(state_->by_token(bearer, now)));
    return state_->by_session(cookie, now);
}

Result<SignedIn> Accounts::State::begin_session(const facts::AccountRow& account, std::string_view method,
                                                std::string_view previous, std::string_view limited,
                                                Instant now) {
    std::optional<std::string> standing;
    std::string organisation;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        standing = TRY(standing_of(reader, account.id, now.date()));
        return {};
    }));
    if (!standing) return sign_in_refusal();
    SignedIn out{TRY(fresh_secret()), {}, Instant{now.us + options.absolute_us}};
    SessionRow row{.id = digest_hex(out.secret),
                   .account = account.id,
                   .person = account.person,
                   .method = std::string(method),
                   .standing = *standing,
                   .limited = std::string(limited),
                   .signed_in = now.us,
                   .seen = now.us,
                   .ends = out.ends.us};
    out.identity = identity_of(row);
    const std::string replaced = previous.empty() ? std::string() : digest_hex(previous);
    CHECK(parts.work.write([&](journal::Projections& rows) -> Result<void> {
        if (!replaced.empty()) CHECK(rows.erase<SessionRow>(replaced));
        // what ended by itself while nobody looked
        for (const SessionRow& old : TRY(rows.view<SessionRow>().list(
                 {.where = {{"ends", journal::Compare::less, {now.us}}}, .order_by = "ends", .limit = 100})))
            CHECK(rows.erase<SessionRow>(old.id));
        return rows.put(std::move(row));
    }));
    if (!replaced.empty()) forget(replaced);
    return out;
}

Result<void> Accounts::State::end_sessions(std::string_view account, std::string_view except) {
    std::vector<std::string> ended;
    CHECK(parts.work.write([&](journal::Projections& rows) -> Result<void> {
        for (const SessionRow& row : TRY(rows.view<SessionRow>().list(
                 {.where = {{"account", journal::Compare::equal, {std::string(account)}}}}))) {
            if (row.id == except) continue;
            CHECK(rows.erase<SessionRow>(row.id));
            ended.push_back(row.id);
        }
        return {};
    }));
    for (const std::string& id : ended) forget(id);
    return {};
}

Result<void> Accounts::sign_out(std::string_view cookie, Instant now) {
    if (cookie.empty()) return {};
    const std::string id = digest_hex(cookie);
    const auto row = TRY(state_->parts.work.find<SessionRow>(id));
    if (!row) return {};
    CHECK(state_->note(
        row->person, {},
        {.action = "sign_out", .object = row->account, .decision = "allowed", .session = id.substr(0, 16)},
        now));
    CHECK(state_->parts.work.erase<SessionRow>(id));
    state_->forget(id);
    return {};
}

Result<std::vector<SessionRow>> Accounts::sessions(std::string_view account, Instant now) const {
    auto rows = TRY(state_->parts.work.list<SessionRow>(
        {.where = {{"account", journal::Compare::equal, {std::string(account)}}}}));
    std::erase_if(rows, [&](const SessionRow& row) {
        return !lasts(row, Instant{row.seen}, state_->options.idle_us, now);
    });
    std::ranges::sort(rows, std::ranges::greater{}, &SessionRow::signed_in);
    return rows;
}

Result<void> Accounts::end_session(std::string_view account, std::string_view id, Instant now) {
    for (const SessionRow& row : TRY(sessions(account, now))) {
        if (std::string_view(row.id).substr(0, 16) != id) continue;
        CHECK(state_->note(
            row.person, {},
            {.action = "sign_out", .object = row.account, .decision = "allowed", .session = std::string(id)},
            now));
        CHECK(state_->parts.work.erase<SessionRow>(row.id));
        state_->forget(row.id);
        return {};
    }
    return Error{ErrorCode::record_unknown, "there is no such session", "id"};
}

}  // namespace qingyuan::accounts
