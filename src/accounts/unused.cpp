// Accounts nobody uses are closed: the more of them there are, the more doors nobody watches (GB/T 22239-2019
// 8.1.4.2 d: superfluous and expired accounts are deleted or disabled in time).
#include <algorithm>

#include <fmt/format.h>

#include "accounts/accounts_state.hpp"
#include "registry/registry.hpp"

namespace qingyuan::accounts {

/// The last day of a sign-in, of the use of a token, or of the opening of the account.
Result<Date> Accounts::State::last_used(const facts::AccountRow& account) const {
    std::int64_t seen = TRY(credential(account.id)).seen;
    const journal::Query own{.where = {{"account", journal::Compare::equal, {account.id}}}, .limit = 1'000};
    for (const SessionRow& session : TRY(parts.work.list<SessionRow>(own)))
        seen = std::max(seen, session.seen);
    for (const TokenRow& token : TRY(parts.work.list<TokenRow>(own))) seen = std::max(seen, token.used);
    return std::max(account.from, seen == 0 ? Date{} : Instant{seen}.date());
}

/// System administrators are left alone: where the last of them is closed, nobody can open an account again.
Result<std::vector<facts::AccountRow>> Accounts::State::unused(Date today) const {
    std::vector<facts::AccountRow> active, out;
    CHECK(parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        journal::Query query{.where = {{"state", journal::Compare::equal, {std::string("active")}}}};
        for (bool more = true; more;) {
            auto page = TRY(reader.view<facts::AccountRow>().list(query));
            more = page.size() == query.limit;
            if (more) query.after_key = query.after_order = page.back().id;
            for (facts::AccountRow& row : page) {
                const auto roles = TRY(registry::roles_on(reader, row.person, today));
                if (std::ranges::find(roles, "system_admin") == roles.end()) active.push_back(std::move(row));
            }
        }
        return {};
    }));
    for (facts::AccountRow& row : active)
        if (today - TRY(last_used(row)) > options.unused_days) out.push_back(std::move(row));
    return out;
}

Result<std::size_t> Accounts::close_unused(Instant now) {
    State& state = *state_;
    std::size_t closed = 0;
    if (state.options.unused_days == 0 || state.options.sample_data) return closed;
    const Date today = now.date();
    for (const facts::AccountRow& account : TRY(state.unused(today))) {
        const std::string reason = fmt::format("连续{}天未使用", state.options.unused_days);
        bool is_closed = false;
        CHECK(state.parts.journal.write([&](journal::Writer& writer) -> Result<void> {
            // Of several servers one is the first; and an administrator may have changed it meanwhile.
            const auto row = TRY(writer.view<facts::AccountRow>().find(account.id));
            if (!row || etag_of(*row) != etag_of(account)) return {};
            const auto post = TRY(registry::find_person(writer, account.person, today));
            TRY(writer.append({today, post ? post->organisation : std::string(), "system", 0,
                               facts::AccountRecorded{account.id, account.person, account.name, "disabled",
                                                      reason}}));
            is_closed = true;
            return {};
        }));
        if (!is_closed) continue;
        ++closed;
        CHECK(state.end_sessions(account.id, {}));
        CHECK(state.note("system", {},
                         {.action = "account_disabled",
                          .object = account.id,
                          .decision = "allowed",
                          .purpose = reason,
                          .policy = "account_change"},
                         now));
    }
    return closed;
}

}  // namespace qingyuan::accounts
