// Sample data: signing in as any role without a password. Closed wherever the data is real.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "accounts/accounts_state.hpp"
#include "accounts/letters.hpp"
#include "registry/registry.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::uint64_t page = 1000;

Error closed() {
    return {ErrorCode::access_denied,
            "signing in as a role is for sample data only",
            "role",
            {},
            "sign in with name and password"};
}

/// A name to sign in with, from a person's id.
std::string name_from(std::string_view person) {
    std::string out;
    for (const char c : typed_name(person))
        out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ? c : '-';
    return out;
}

}  // namespace

Result<std::vector<DemoRole>> Accounts::demo_roles(Date today) {
    State& state = *state_;
    if (!state.options.sample_data) return std::vector<DemoRole>{};
    const std::lock_guard lock(state.demo_lock);
    if (state.demo_day == today) return state.demo;
    std::map<std::string, DemoRole, std::less<>> first;
    CHECK(state.parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        journal::Query query{.limit = page};
        for (;;) {
            const auto rows = TRY(reader.view<facts::PersonRow>().list(query));
            for (const facts::PersonRow& row : rows) {
                const auto person = TRY(registry::find_person(reader, row.id, today));
                if (!person) continue;
                for (const std::string& role : person->roles) {
                    const bool preferred = person->organisation == state.options.demo_organisation;
                    DemoRole& held = first[role];
                    if (!held.person.empty() &&
                        (!preferred || held.organisation == state.options.demo_organisation))
                        continue;
                    held = {role, person->id, person->organisation};
                }
            }
            if (rows.size() < page) return {};
            query.after_key = rows.back().id;
            query.after_order = query.after_key;
        }
    }));
    state.demo.clear();
    for (auto& [role, entry] : first) state.demo.push_back(std::move(entry));
    state.demo_day = today;
    return state.demo;
}

Result<facts::AccountRow> Accounts::State::account_for_demo(std::string_view role, Instant now) {
    DemoRole person;
    {
        const std::lock_guard lock(demo_lock);
        const auto found = std::ranges::find(demo, role, &DemoRole::role);
        if (found != demo.end()) person = *found;
    }
    if (person.person.empty())
        return Error{ErrorCode::person_unknown, fmt::format("nobody of the sample data is '{}'", role),
                     "role"};
    facts::AccountRow out;
    CHECK(parts.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto accounts = writer.view<facts::AccountRow>();
        const auto held =
            TRY(accounts.list({.where = {{"person", journal::Compare::equal, {person.person}}}, .limit = 1}));
        if (!held.empty()) {
            out = held.front();
            return {};
        }
        const facts::AccountRecorded fresh{fmt::format("a-{:06}", TRY(accounts.count({})) + 1),
                                           person.person,
                                           name_from(person.person),
                                           "active",
                                           {}};
        TRY(writer.append({now.date(), person.organisation, "system", 0, fresh}));
        out = TRY(accounts.find(fresh.id)).value_or(facts::AccountRow{});
        return {};
    }));
    if (out.state != "active") return sign_in_refusal();
    return out;
}

Result<SignedIn> Accounts::sign_in_demo(std::string_view role, std::string_view previous, Instant now) {
    if (!state_->options.sample_data) return closed();
    TRY(demo_roles(now.date()));
    const facts::AccountRow account = TRY(state_->account_for_demo(role, now));
    SignedIn out = TRY(state_->begin_session(account, "demo", previous, {}, now));
    CHECK(state_->note(account.person, {},
                       {.action = "sign_in",
                        .object = account.id,
                        .decision = "allowed",
                        .purpose = "demo",
                        .policy = "sign_in",
                        .session = out.identity.session},
                       now));
    return out;
}

Result<std::string> Accounts::demo_token(std::string_view role, Instant now) {
    if (!state_->options.sample_data) return closed();
    TRY(demo_roles(now.date()));
    const facts::AccountRow account = TRY(state_->account_for_demo(role, now));
    const std::string token = std::string(token_prefix) + TRY(fresh_secret());
    TokenRow row{.digest_hex = digest_hex(token),
                 .account = account.id,
                 .person = account.person,
                 .label = fmt::format("demo {}", role),
                 .from = now.date(),
                 .until = now.date() + 1};
    row.id = row.digest_hex.substr(0, 16);
    CHECK(state_->parts.work.put(std::move(row)));
    return token;
}

}  // namespace qingyuan::accounts
