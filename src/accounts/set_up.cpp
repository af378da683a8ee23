// The first start: nobody has an account, and nobody has a password. A code on the console proves that
// whoever sets up stands at the machine; with it an organisation and two administrators come to be. The
// third, who watches them, and everybody else are then appointed by one of the two and agreed to by the
// other.
#include <algorithm>

#include <fmt/format.h>

#include "accounts/accounts_state.hpp"
#include "accounts/administration.hpp"
#include "accounts/letters.hpp"
#include "accounts/sm4.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::string_view ticket_key = "set_up";
constexpr std::int64_t day_us = 24LL * 3600 * 1'000'000;
constexpr std::size_t code_bytes = 10;

std::string typed(std::string_view code) {
    std::string out;
    for (const char c : code)
        if (c != ' ' && c != '-') out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

struct NewAdministrator {
    const FirstPerson* given;
    std::string_view role;
    std::string field;
    std::string person;   ///< id
    std::string account;  ///< id
    std::string stored;   ///< hash
    facts::SubjectRef name;
};

Result<void> check_first(const NewAdministrator& one, const PasswordPolicy& policy) {
    CHECK(check_account_name(one.given->name, one.field + ".name"));
    if (trim(one.given->person_name).empty())
        return Error{ErrorCode::field_missing, "the person's name is wanted", one.field + ".person_name"};
    if (auto weak = check_password(one.given->password, policy, {one.given->name, one.given->person_name});
        !weak) {
        Error error = weak.error();
        error.where = one.field + ".password";
        return error;
    }
    return {};
}

/// The first id of the form "organisation-p-001" that nobody has.
Result<std::string> free_person(const journal::Reader& reader, std::string_view organisation, int& number) {
    std::string stem(organisation);
    std::ranges::replace(stem, '_', '-');
    for (;;) {
        std::string id = fmt::format("{}-p-{:03}", stem, ++number);
        if (!TRY(reader.view<facts::PersonRow>().find(id))) return id;
    }
}

}  // namespace

Result<bool> Accounts::set_up_wanted() const {
    if (state_->options.sample_data) return false;
    std::uint64_t count = 0;
    CHECK(state_->parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        count = TRY(reader.view<facts::AccountRow>().count({}));
        return {};
    }));
    return count == 0;
}

Result<std::optional<std::string>> Accounts::set_up_code(Instant now) {
    if (!TRY(set_up_wanted())) return std::optional<std::string>();
    const std::string letters = base32(TRY(random_bytes(code_bytes)));
    CHECK(state_->parts.work.put(
        TicketRow{.key = std::string(ticket_key), .value = digest_hex(letters), .until = now.us + day_us}));
    return std::optional(fmt::format("{}-{}-{}-{}", letters.substr(0, 4), letters.substr(4, 4),
                                     letters.substr(8, 4), letters.substr(12)));
}

Result<void> Accounts::set_up(const Installation& set_up, std::string_view peer, Instant now) {
    State& state = *state_;
    if (!TRY(set_up_wanted()))
        return Error{ErrorCode::set_up_done, "there are accounts already", {}, {}, "sign in"};
    CHECK(state.lockouts.begin("set-up code", peer, now));
    const auto ticket = TRY(state.parts.work.find<TicketRow>(std::string(ticket_key)));
    if (!ticket || ticket->until < now.us ||
        !equal_in_constant_time(ticket->value, digest_hex(typed(set_up.code)))) {
        TRY(state.lockouts.refuse("set-up code", now));
        return Error{ErrorCode::token_invalid,
                     "the set-up code does not fit or has expired",
                     "code",
                     {},
                     "read it on the server's console; each start of the server prints a new one",
                     "初始设置码不符或已过期",
                     "请查看服务器控制台；每次启动都会显示新的设置码"};
    }
    TRY(state.lockouts.forgive("set-up code", peer));
    NewAdministrator both[] = {
        {&set_up.system_admin, "system_admin", "system_admin", {}, "a-000001", {}, {}},
        {&set_up.security_admin, "security_admin", "security_admin", {}, "a-000002", {}, {}}};
    for (const NewAdministrator& one : both) CHECK(check_first(one, state.options.policy));
    if (set_up.system_admin.name == set_up.security_admin.name ||
        trim(set_up.system_admin.person_name) == trim(set_up.security_admin.person_name))
        return Error{ErrorCode::same_person, "the administrators are two persons", "security_admin"};
    facts::OrganisationRecorded organisation = set_up.organisation;
    if (organisation.from == Date{}) organisation.from = now.date();
    CHECK(check_first_organisation(organisation));
    int number = 0;
    bool known = false;
    CHECK(state.parts.journal.read([&](const journal::Reader& reader) -> Result<void> {
        known = TRY(registry::find_organisation(reader, organisation.id, now.date())).has_value();
        for (NewAdministrator& one : both) one.person = TRY(free_person(reader, organisation.id, number));
        return {};
    }));
    // The passwords first: were the power to fail between the two stores, the set-up can be done again.
    for (NewAdministrator& one : both) {
        one.stored = TRY(state.hash(one.given->password));
        one.name = TRY(state.parts.vault.put("person_name/" + one.person, trim(one.given->person_name)));
        CHECK(state.parts.work.put(CredentialRow{.account = one.account,
                                                 .password = one.stored,
                                                 .changed_on = now.date(),
                                                 .change_wanted = one.role == "security_admin"}));
    }
    CHECK(state.parts.journal.write([&](journal::Writer& writer) -> Result<void> {
        if (TRY(writer.view<facts::AccountRow>().count({})) != 0)
            return Error{ErrorCode::set_up_done, "there are accounts already", {}, {}, "sign in"};
        const auto record = [&](facts::Payload payload) -> Result<void> {
            TRY(writer.append({now.date(), organisation.id, both[0].person, 0, std::move(payload)}));
            return {};
        };
        if (!known) CHECK(record(organisation));
        for (const NewAdministrator& one : both) {
            CHECK(record(facts::PersonRecorded{.id = one.person,
                                               .name = one.name,
                                               .organisation = organisation.id,
                                               .roles = {std::string(one.role)},
                                               .from = now.date()}));
            CHECK(record(facts::AccountRecorded{one.account, one.person, one.given->name, "active", {}}));
        }
        return {};
    }));
    CHECK(state.note(
        both[0].person, organisation.id,
        {.action = "set_up", .object = organisation.id, .decision = "allowed", .policy = "sign_in"}, now));
    return state.parts.work.erase<TicketRow>(std::string(ticket_key));
}

}  // namespace qingyuan::accounts
