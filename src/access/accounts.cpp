// Accounts as facts: whose, by which name, open or not. Passwords and sessions stand elsewhere.
#include <algorithm>

#include <fmt/format.h>

#include "access/stage.hpp"
#include "base/text.hpp"

namespace qingyuan::access {

namespace {

using facts::AccountRecorded;
using facts::AccountRow;
using journal::Compare;
using journal::Reader;

constexpr std::size_t name_min = 2, name_max = 64;

bool is_name(std::string_view name) {
    return name.size() >= name_min && name.size() <= name_max && std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
           });
}

Result<void> check_fields(const AccountRecorded& account) {
    if (account.person.empty()) return stage::missing("person");
    if (account.name.empty()) return stage::missing("name");
    if (!is_name(account.name))
        return stage::invalid("name", "2 to 64 of a-z 0-9 _ - . : a staff number, never a personal name");
    if (account.state != "active" && account.state != "disabled")
        return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}'", account.state), "state"};
    if (account.state == "disabled" && trim(account.reason).empty()) return stage::missing("reason");
    return {};
}

/// Nobody else has the name, and this human being has no other account.
Result<void> check_alone(const Reader& reader, const AccountRecorded& account) {
    journal::Query query;
    for (bool more = true; more;) {
        const auto page = TRY(reader.view<AccountRow>().list(query));
        for (const AccountRow& row : page) {
            if (row.id == account.id) continue;
            if (row.name == account.name)
                return Error{ErrorCode::duplicate_key, fmt::format("{} has the name", row.id), "name"};
            if (TRY(same_human(reader, row.person, account.person)))
                return Error{ErrorCode::duplicate_key,
                             fmt::format("{} is of the same person", row.id),
                             "person",
                             {},
                             "one account a person"};
        }
        more = page.size() == query.limit;
        if (more) query.after_key = page.back().id;
    }
    return {};
}

}  // namespace

Result<facts::Fact> record_account(const Reader& reader, const Subject& subject, AccountRecorded account) {
    const std::uint64_t accounts = TRY(reader.view<AccountRow>().count({}));
    const Object object = TRY(stage::account_object(reader, account.person, subject.today));
    if (accounts != 0) CHECK(stage::allowed(decide(subject, Policy::account_change, object), "an account"));
    CHECK(check_fields(account));
    if (account.id.empty()) {
        account.id = fmt::format("a-{:06}", accounts + 1);  // rows are never erased
    } else {
        const auto before = TRY(reader.view<AccountRow>().find(account.id));
        if (!before) return Error{ErrorCode::account_unknown, fmt::format("'{}'", account.id), "id"};
        if (before->person != account.person)
            return stage::invalid("person", "an account stays with its person");
    }
    CHECK(check_alone(reader, account));
    if (account.state == "active") account.reason.clear();
    const std::string actor = subject.person.empty() ? account.person : subject.person;
    const std::string organisation =
        subject.organisation.empty() ? object.organisation : subject.organisation;
    return facts::Fact{subject.today, organisation, actor, 0, std::move(account)};
}

}  // namespace qingyuan::access
