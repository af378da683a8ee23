#include "accounts/administration.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::size_t account_name_min = 2, account_name_max = 32;
constexpr std::size_t id_max = 64, text_max = 128;

bool is_small(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool has_form(std::string_view id, std::string_view more, std::size_t min, std::size_t max) {
    if (id.size() < min || id.size() > max || !(is_small(id[0]) || is_digit(id[0]))) return false;
    return std::ranges::all_of(
        id, [&](char c) { return is_small(c) || is_digit(c) || more.find(c) != std::string_view::npos; });
}

Result<void> check_word(const law::Law& law, std::string_view vocabulary, std::string_view word,
                        std::string_view field, bool may_be_empty) {
    if (word.empty() && may_be_empty) return {};
    if (word.empty()) return Error{ErrorCode::field_missing, "must be given", std::string(field)};
    const law::Vocabulary* found = law.find_vocabulary(vocabulary);
    if (found && found->find(word)) return {};
    return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}' is no word of {}", word, vocabulary),
                 std::string(field)};
}

Result<void> check_text(std::string_view text, std::string_view field) {
    if (trim(text).empty()) return Error{ErrorCode::field_missing, "must be given", std::string(field)};
    if (!is_utf8(text) || length_of(text) > text_max)
        return Error{ErrorCode::field_invalid, fmt::format("at most {} characters", text_max),
                     std::string(field)};
    return {};
}

facts::Fact fact_by(const access::Subject& by, facts::Payload payload) {
    return {by.today, by.organisation, by.person, 0, std::move(payload)};
}

/// The parent is there on the day, and not below the organisation itself.
Result<void> check_parent(const journal::Reader& reader, const facts::OrganisationRecorded& one) {
    if (one.parent.empty()) return {};
    if (!TRY(registry::find_organisation(reader, one.parent, one.from)))
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("there is no organisation '{}' on {}", one.parent, one.from.text()),
                     "parent"};
    if (one.parent == one.id || TRY(registry::is_under(reader, one.parent, one.id, one.from)))
        return Error{ErrorCode::field_invalid, "an organisation cannot stand below itself", "parent"};
    if (TRY(registry::path(reader, one.parent, one.from)).size() >=
        static_cast<std::size_t>(registry::tree_depth_max))
        return Error{ErrorCode::field_invalid, "the tree would be too deep", "parent"};
    return {};
}

}  // namespace

Result<void> check_account_name(std::string_view name, std::string_view field) {
    if (has_form(name, "._-", account_name_min, account_name_max)) return {};
    return Error{ErrorCode::field_invalid,
                 fmt::format("{} to {} of a-z 0-9 . _ -, beginning with a letter or digit", account_name_min,
                             account_name_max),
                 std::string(field),
                 {},
                 "use the staff number",
                 fmt::format("账号为{}至{}位小写字母、数字或 . _ -，以字母或数字开头", account_name_min,
                             account_name_max),
                 "建议使用工号"};
}

Result<void> check_organisation(const law::Law& law, const facts::OrganisationRecorded& one) {
    if (!has_form(one.id, "_", 1, id_max))
        return Error{ErrorCode::field_invalid, "an id of a-z 0-9 _, beginning with a letter or digit", "id"};
    CHECK(check_text(one.name, "name"));
    if (!one.name_en.empty()) CHECK(check_text(one.name_en, "name_en"));
    CHECK(check_word(law, "departments", one.department, "department", false));
    CHECK(check_word(law, "organisation_kinds", one.kind, "kind", false));
    CHECK(check_word(law, "organisation_levels", one.level, "level", true));
    if (!one.region.empty() && !law.find_region(one.region, one.from))
        return Error{ErrorCode::code_not_in_table, fmt::format("'{}' is no code of GB/T 2260", one.region),
                     "region"};
    return {};
}

Result<void> check_first_organisation(const facts::OrganisationRecorded& one) {
    if (!has_form(one.id, "_", 1, id_max))
        return Error{ErrorCode::field_invalid, "an id of a-z 0-9 _, beginning with a letter or digit", "id"};
    CHECK(check_text(one.name, "name"));
    if (one.department == "drug_regulator" || one.department == "market_regulator") return {};
    return Error{ErrorCode::field_invalid,
                 "the first organisation is one of the regulator",
                 "department",
                 {},
                 "drug_regulator or market_regulator"};
}

Result<facts::Fact> record_organisation(const journal::Reader& reader, const law::Law& law,
                                        const access::Subject& by, facts::OrganisationRecorded organisation) {
    if (organisation.from == Date{}) organisation.from = by.today;
    CHECK(check_organisation(law, organisation));
    if (TRY(reader.view<facts::OrganisationRow>().find(organisation.id)))
        return Error{ErrorCode::duplicate_key, fmt::format("'{}' is there already", organisation.id), "id"};
    CHECK(check_parent(reader, organisation));
    return fact_by(by, std::move(organisation));
}

Result<std::vector<facts::Fact>> change_organisation(const journal::Reader& reader, const law::Law& law,
                                                     const access::Subject& by, std::string_view id,
                                                     const OrganisationChange& change) {
    std::vector<facts::Fact> out;
    facts::OrganisationRecorded next = TRY(registry::organisation_on(reader, id, by.today));
    const facts::OrganisationRecorded before = next;
    bool changes = false;
    const auto set = [&](std::string& field, const std::optional<std::string>& value) {
        if (!value) return;
        field = *value;
        changes = true;
    };
    set(next.name, change.name);
    set(next.name_en, change.name_en);
    set(next.parent, change.parent);
    set(next.department, change.department);
    set(next.kind, change.kind);
    set(next.level, change.level);
    set(next.region, change.region);
    if (!changes && !change.ended_on)
        return Error{ErrorCode::field_missing, "nothing is to be changed", "name"};
    next.from = change.from.value_or(by.today);
    next.batch = 0;
    if (changes) {
        if (next.from < before.from)
            return Error{ErrorCode::field_invalid, "a version cannot begin before the present one", "from"};
        CHECK(check_organisation(law, next));
        CHECK(check_parent(reader, next));
        out.push_back(fact_by(by, next));
    }
    if (!change.ended_on) return out;
    if (*change.ended_on < before.from || (changes && *change.ended_on < next.from))
        return Error{ErrorCode::field_invalid, "it cannot end before it begins", "ended_on"};
    if (!change.successor.empty() &&
        (change.successor == id || !TRY(registry::find_organisation(reader, change.successor, by.today))))
        return Error{ErrorCode::organisation_unknown, "the successor is no organisation of today",
                     "successor"};
    const auto tree = TRY(registry::OrganisationTree::load(reader));
    if (const auto below = tree.children(id, *change.ended_on + 1); !below.empty())
        return Error{ErrorCode::linked_open,
                     fmt::format("{} organisations are still below it, the first is '{}'", below.size(),
                                 below.front()),
                     "ended_on",
                     {},
                     "place them below another one first"};
    out.push_back(fact_by(by, facts::OrganisationEnded{std::string(id), *change.ended_on, change.successor}));
    return out;
}

Result<facts::Fact> record_person(const journal::Reader& reader, const access::Subject& by,
                                  facts::PersonRecorded person) {
    if (person.from == Date{}) person.from = by.today;
    if (!has_form(person.id, "-", 3, id_max))
        return Error{ErrorCode::field_invalid, "an id of a-z 0-9 -, beginning with a letter or digit", "id"};
    if (person.name.subject.empty()) return Error{ErrorCode::field_missing, "must be given", "name"};
    if (!person.roles.empty())
        return Error{ErrorCode::field_unknown, "roles are proposed, not recorded", "roles"};
    if (person.certificate.empty() && person.certificate_to != Date{})
        return Error{ErrorCode::field_missing, "a certificate has a number", "certificate"};
    if (TRY(reader.view<facts::PersonRow>().find(person.id)))
        return Error{ErrorCode::duplicate_key, fmt::format("'{}' is there already", person.id), "id"};
    if (!TRY(registry::find_organisation(reader, person.organisation, person.from)) &&
        !TRY(registry::find_operator(reader, person.organisation, person.from)))
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("there is no organisation or operator '{}'", person.organisation),
                     "organisation"};
    return fact_by(by, std::move(person));
}

Result<facts::Fact> change_roles(const journal::Reader& reader, const access::Subject& by,
                                 const facts::ProposalRow& proposal) {
    if (proposal.kind != "role_change" || proposal.state != "approved")
        return Error{ErrorCode::approval_missing, "no approved change of roles", proposal.id};
    facts::PersonRecorded person = TRY(registry::person_on(reader, proposal.object, by.today));
    person.roles = facts::list_of(proposal.content, "roles");
    person.from = by.today;
    person.batch = 0;
    return fact_by(by, std::move(person));
}

bool is_administrator(const std::vector<std::string>& roles) {
    return std::ranges::any_of(roles, [](const std::string& role) {
        return role == "system_admin" || role == "security_admin" || role == "audit_admin";
    });
}

}  // namespace qingyuan::accounts
