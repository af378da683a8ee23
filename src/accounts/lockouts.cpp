#include "accounts/lockouts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "accounts/letters.hpp"
#include "base/text.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::int64_t day_us = 24LL * 3600 * 1'000'000;
constexpr std::int64_t doublings_max = 6;  // 15 minutes become 16 hours

std::string key_of_name(std::string_view name) {
    return "name/" + digest_hex(typed_name(name));
}
std::string key_of_peer(std::string_view peer) {
    return "peer/" + digest_hex(peer);
}

Error locked(Instant until) {
    // rounded up to the minute: the answer is the same for all who ask within it
    const Instant shown{(until.us / 60'000'000 + 1) * 60'000'000};
    const std::string clock = shown.text().substr(11, 5);
    return {ErrorCode::locked_out,
            fmt::format("too many attempts; locked until {}", clock),
            "name",
            {},
            "wait, or ask the system administrator to unlock the account",
            fmt::format("尝试次数过多，锁定至{}", clock),
            "请稍后再试，或请系统管理员解锁"};
}

/// Begins a new window where the old one has passed and nothing is locked.
void renew(LockRow& row, std::int64_t window_us, Instant now) {
    if (now.us - row.last > day_us) row.lock_outs = 0;
    if (row.until > now.us || (row.until == 0 && now.us - row.first <= window_us)) return;
    row.failures = 0;
    row.first = now.us;
    row.until = 0;
}

}  // namespace

std::string typed_name(std::string_view name) {
    std::string out(trim(name));
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string name_in_journal(std::string_view name) {
    return "name/" + digest_hex(typed_name(name)).substr(0, 16);
}

Result<void> Lockouts::begin(std::string_view name, std::string_view peer, Instant now) const {
    const std::string by_name = key_of_name(name), by_peer = key_of_peer(peer);
    // A storm against what is locked already writes nothing.
    for (const std::string& key : {by_name, by_peer})
        if (const auto row = TRY(work_->find<LockRow>(key)); row && row->until > now.us)
            return locked(Instant{row->until});
    return work_->write([&](journal::Projections& rows) -> Result<void> {
        struct Counter {
            const std::string& key;
            int max;
            std::int64_t window_us;
        };
        for (const Counter& counter : {Counter{by_name, limits_.per_name, limits_.name_window_us},
                                       Counter{by_peer, limits_.per_peer, limits_.peer_window_us}}) {
            LockRow row = TRY(rows.find<LockRow>(counter.key)).value_or(LockRow{});
            row.key = counter.key;
            renew(row, counter.window_us, now);
            if (row.until > now.us || row.failures >= counter.max)
                return locked(Instant{std::max(row.until, row.first + counter.window_us)});
            ++row.failures;
            row.last = now.us;
            CHECK(rows.put(std::move(row)));
        }
        return {};
    });
}

Result<RefusedAttempt> Lockouts::refuse(std::string_view name, Instant now) const {
    RefusedAttempt out;
    CHECK(work_->write([&](journal::Projections& rows) -> Result<void> {
        LockRow row = TRY(rows.find<LockRow>(key_of_name(name))).value_or(LockRow{});
        if (row.key.empty()) return {};  // unlocked meanwhile
        ++row.untold;
        out.first = row.failures == 1;
        out.locked = row.failures >= limits_.per_name && row.until == 0;
        if (out.locked) {
            row.until = now.us + (limits_.name_window_us << std::min(row.lock_outs, doublings_max));
            ++row.lock_outs;
        }
        out.untold = row.untold;
        if (out.first || out.locked) row.untold = 0;
        return rows.put(std::move(row));
    }));
    return out;
}

Result<void> Lockouts::take_back(std::string_view name, std::string_view peer) const {
    return work_->write([&](journal::Projections& rows) -> Result<void> {
        for (const std::string& key : {key_of_name(name), key_of_peer(peer)}) {
            auto row = TRY(rows.find<LockRow>(key));
            if (!row || row->failures == 0) continue;
            --row->failures;
            CHECK(rows.put(std::move(*row)));
        }
        return {};
    });
}

Result<std::int64_t> Lockouts::forgive(std::string_view name, std::string_view peer) const {
    std::int64_t untold = 0;
    CHECK(work_->write([&](journal::Projections& rows) -> Result<void> {
        if (const auto row = TRY(rows.find<LockRow>(key_of_name(name)))) {
            untold = row->untold;
            CHECK(rows.erase<LockRow>(row->key));
        }
        auto row = TRY(rows.find<LockRow>(key_of_peer(peer)));
        if (!row || row->failures == 0) return {};
        --row->failures;
        return rows.put(std::move(*row));
    }));
    return untold;
}

Result<std::optional<Instant>> Lockouts::locked_until(std::string_view name, Instant now) const {
    const auto row = TRY(work_->find<LockRow>(key_of_name(name)));
    if (!row || row->until <= now.us) return std::optional<Instant>();
    return std::optional(Instant{row->until});
}

Result<void> Lockouts::unlock(std::string_view name) const {
    return work_->erase<LockRow>(key_of_name(name));
}

Result<void> Lockouts::purge(Instant now) const {
    const auto old = TRY(work_->list<LockRow>(
        {.where = {{"last", journal::Compare::less, {now.us - 2 * day_us}}}, .order_by = "last"}));
    if (old.empty()) return {};
    return work_->write([&](journal::Projections& rows) -> Result<void> {
        for (const LockRow& row : old)
            if (row.until <= now.us) CHECK(rows.erase<LockRow>(row.key));
        return {};
    });
}

}  // namespace qingyuan::accounts
