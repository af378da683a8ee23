// The table as data, checked as it is compiled; roles, relations and grants.
#include "access/table.hpp"

#include <algorithm>

namespace qingyuan::access {

namespace {

// The words of rules.def and roles.def.
namespace departments {
constexpr Departments regulators = 1, public_security = 2, procuratorate = 4, court = 8, health = 16,
                      medical_insurance = 32, government = 64, operators = 128, joint_body = 256,
                      nobody = 512;
}

Departments department_set(std::string_view department) {
    using namespace qingyuan::access::departments;
    if (department == "drug_regulator" || department == "market_regulator") return regulators;
    if (department == "operator") return operators;
    if (department == "government") return government;
    if (department == "public_security") return public_security;
    if (department == "procuratorate") return procuratorate;
    if (department == "court") return court;
    if (department == "health") return health;
    if (department == "medical_insurance") return medical_insurance;
    if (department == "joint_body") return joint_body;
    return department.empty() ? nobody : 0;
}

enum class Group : std::uint8_t { business, outside, admin };
struct RoleRow {
    std::string_view name;
    Group group{};
    Departments departments = 0;
};

constexpr std::array role_rows = [] {
    using namespace qingyuan::access::departments;
    using enum Group;
    return std::to_array<RoleRow>({
#define X(name, group, departments) {#name, group, static_cast<Departments>(departments)},
#include "access/roles.def"
#undef X
    });
}();

namespace words {
#define X(name, ...) constexpr Roles name = bit(Role::name);
#include "access/roles.def"
#undef X
constexpr Roles handlers = officer | unit_head | legal_reviewer | head_of_authority | dispatcher;
constexpr Roles contacts = police_contact | procurator_contact | health_contact | insurance_contact;
constexpr Roles administrators = system_admin | security_admin | audit_admin;
constexpr Roles signed_in = (1U << role_rows.size()) - 1;

constexpr Relations self = bit(Relation::self), firm = bit(Relation::firm),
                    assigned = bit(Relation::assigned), own = bit(Relation::own),
                    below = bit(Relation::below), elsewhere = bit(Relation::elsewhere),
                    foreign = bit(Relation::foreign), granted = granted_bit;
constexpr Relations house = own | assigned, anywhere = house | below | elsewhere | foreign,
                    any = self | firm | anywhere;

constexpr Masks personal = 1, internal = 2, risk = 4, content = 8;
constexpr unsigned note = 1, purpose = 2, open = 4;
}  // namespace words

struct PolicyRow {
    std::string_view name;
    Kind kind{};
    Action action{};
};
constexpr auto policy_rows = std::to_array<PolicyRow>({
#define X(name, kind, action) {#name, Kind::kind, Action::action},
#include "access/policy.def"
#undef X
});
constexpr std::string_view kind_names[] = {
#define X(name) #name,
#include "access/kinds.def"
#undef X
};
constexpr std::string_view action_names[] = {
#define X(name) #name,
#include "access/actions.def"
#undef X
};

constexpr Rule made(Policy policy, Roles roles, Relations relations, Label label, Masks masks,
                    unsigned duties) {
    const PolicyRow& row = policy_rows[static_cast<std::size_t>(policy)];
    return {policy,
            row.kind,
            row.action,
            roles,
            relations,
            label,
            masks,
            (duties & words::note) != 0,
            (duties & words::purpose) != 0,
            (duties & words::open) != 0};
}

constexpr std::size_t place_of(Kind kind, Action action) {
    return static_cast<std::size_t>(kind) * action_count + static_cast<std::size_t>(action);
}

constexpr auto rule_rows = [] {
    using namespace qingyuan::access::words;
    auto rows = std::to_array<Rule>({
#define X(policy, roles, relations, label, masks, duties)                                      \
    made(Policy::policy, (roles) & signed_in, static_cast<Relations>(relations), Label::label, \
         static_cast<Masks>(masks), duties),
#include "access/rules.def"
#undef X
    });
    // By insertion: stable, and the compiler does it.
    for (std::size_t i = 1; i < rows.size(); ++i)
        for (std::size_t at = i; at > 0; --at) {
            if (place_of(rows[at - 1].kind, rows[at - 1].action) <= place_of(rows[at].kind, rows[at].action))
                break;
            const Rule held = rows[at];
            rows[at] = rows[at - 1];
            rows[at - 1] = held;
        }
    return rows;
}();

constexpr auto starts = [] {
    std::array<std::uint16_t, kind_count * action_count + 1> out{};
    std::size_t at = 0;
    for (std::size_t place = 0; place < out.size(); ++place) {
        while (at < rule_rows.size() && place_of(rule_rows[at].kind, rule_rows[at].action) < place) ++at;
        out[place] = static_cast<std::uint16_t>(at);
    }
    return out;
}();

// What a list predicate can say, and what it cannot: the tree opens a dossier up to `sensitive` or not at
// all, operators reach what is `internal`, below comes with the own house, and nothing is listed by
// assignment alone, nor elsewhere.
static_assert([] {
    for (const Rule& rule : rule_rows) {
        if (rule.kind != Kind::dossier || rule.action != Action::list) continue;
        const Relations tree = words::house | words::below | words::granted;
        if ((rule.relations & tree) != 0 && rule.label != Label::sensitive) return false;
        if ((rule.relations & (words::elsewhere | words::foreign)) != 0) return false;
        if ((rule.relations & words::house) != 0 && (rule.relations & words::house) != words::house)
            return false;
        if ((rule.relations & words::below) != 0 && (rule.relations & words::house) != words::house)
            return false;
        if ((rule.relations & words::self) != 0 && rule.label != Label::sensitive) return false;
        if ((rule.relations & words::firm) != 0 && rule.label != Label::internal) return false;
    }
    return true;
}());
// Only what is published is open to strangers; an administrator reads no matter and no informant.
static_assert([] {
    for (const Rule& rule : rule_rows) {
        if (rule.open && rule.kind != Kind::published) return false;
        const bool content = rule.kind == Kind::dossier || rule.kind == Kind::informant ||
                             rule.kind == Kind::figure || rule.kind == Kind::registry;
        if (content && (rule.roles & words::administrators) != 0) return false;
    }
    return true;
}());

/// law/roles.csv on the left, sorted.
struct Alias {
    std::string_view law;
    Role role{};
};
constexpr auto aliases = std::to_array<Alias>({
    {"audit_admin", Role::audit_admin},
    {"case_review_panel", Role::head_of_authority},
    {"court_contact", Role::procurator_contact},
    {"dispatcher", Role::dispatcher},
    {"head_of_authority", Role::head_of_authority},
    {"health_contact", Role::health_contact},
    {"hearing_chair", Role::legal_reviewer},
    {"hospital_reporter", Role::hospital_reporter},
    {"inspector", Role::officer},
    {"insurance_contact", Role::insurance_contact},
    {"lab", Role::lab},
    {"legal_reviewer", Role::legal_reviewer},
    {"licensing_officer", Role::officer},
    {"officer", Role::officer},
    {"operator_user", Role::operator_user},
    {"police_contact", Role::police_contact},
    {"procurator_contact", Role::procurator_contact},
    {"public_user", Role::public_user},
    {"report_approver", Role::head_of_authority},
    {"risk_analyst", Role::risk_analyst},
    {"sampler", Role::officer},
    {"security_admin", Role::security_admin},
    {"statistician", Role::risk_analyst},
    {"superior", Role::superior},
    {"system_admin", Role::system_admin},
    {"technical_reviewer", Role::lab},
    {"township_coordinator", Role::grassroots},
    {"unit_head", Role::unit_head},
    {"village_informant", Role::grassroots},
});
static_assert(std::ranges::is_sorted(aliases, {}, &Alias::law));

const Alias* find_alias(std::string_view role) {
    const auto* at = std::ranges::lower_bound(aliases, role, {}, &Alias::law);
    return at != aliases.end() && at->law == role ? at : nullptr;
}

}  // namespace

std::string_view name_of(Role role) {
    return role_rows[static_cast<std::size_t>(role)].name;
}
std::string_view name_of(Policy policy) {
    return policy_rows[static_cast<std::size_t>(policy)].name;
}
std::string_view name_of(Kind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}
std::string_view name_of(Action action) {
    return action_names[static_cast<std::size_t>(action)];
}
Kind kind_of(Policy policy) {
    return policy_rows[static_cast<std::size_t>(policy)].kind;
}
Action action_of(Policy policy) {
    return policy_rows[static_cast<std::size_t>(policy)].action;
}

std::optional<Role> find_role(std::string_view name) {
    const auto* at = std::ranges::find(role_rows, name, &RoleRow::name);
    if (at == role_rows.end()) return {};
    return static_cast<Role>(at - role_rows.begin());
}
std::optional<Policy> find_policy(std::string_view name) {
    const auto* at = std::ranges::find(policy_rows, name, &PolicyRow::name);
    if (at == policy_rows.end()) return {};
    return static_cast<Policy>(at - policy_rows.begin());
}
std::string_view access_role(std::string_view role) {
    const Alias* alias = find_alias(role);
    return alias ? name_of(alias->role) : std::string_view();
}

std::span<const Rule> rules() {
    return rule_rows;
}
std::span<const Rule> rules_of(Kind kind, Action action) {
    const std::size_t place = place_of(kind, action);
    return std::span(rule_rows).subspan(starts[place], starts[place + 1] - starts[place]);
}

Standing standing_of(const Subject& subject) {
    const Departments department = department_set(subject.department);
    Roles held = 0, counting = 0;
    bool unknown = false;
    for (const std::string& name : subject.roles) {
        const Alias* alias = find_alias(name);
        if (!alias) {
            unknown = true;
            continue;
        }
        held |= bit(alias->role);
        if ((role_rows[static_cast<std::size_t>(alias->role)].departments & department) != 0)
            counting |= bit(alias->role);
    }
    const bool administers = (held & words::administrators) != 0;
    const bool several = (held & (held - 1)) != 0;
    if (administers && (several || unknown)) return {0, true};
    return {counting, false};
}

bool same_department(std::string_view a, std::string_view b) {
    return a == b ||
           (department_set(a) == departments::regulators && department_set(b) == departments::regulators);
}

bool in_token(const Subject& subject, Policy policy) {
    return subject.scope.empty() || std::ranges::find(subject.scope, policy) != subject.scope.end();
}

Relation relation_of(const Subject& subject, const Object& object) {
    if (subject.person.empty()) return Relation::foreign;
    if (!object.person.empty() && object.person == subject.person) return Relation::self;
    if (object.kind == Kind::dossier && std::ranges::binary_search(subject.submitted, object.seq))
        return Relation::self;
    if (!subject.operator_id.empty() && object.operator_id == subject.operator_id) return Relation::firm;
    if (object.organisation.empty() || !same_department(subject.department, object.department))
        return Relation::foreign;
    const bool own =
        object.organisation == subject.organisation ||
        std::ranges::find(subject.house, object.organisation, &Place::organisation) != subject.house.end();
    if (own)
        return std::ranges::find(object.assigned, subject.person) != object.assigned.end()
                   ? Relation::assigned
                   : Relation::own;
    if (!subject.path.empty() && object.path.starts_with(subject.path)) return Relation::below;
    return Relation::elsewhere;
}

std::string_view grant_word(Action action) {
    switch (action) {
        case Action::list:
        case Action::read: return "read";
        case Action::step: return "step";
        case Action::export_: return "export";
        default: return {};
    }
}

std::span<const facts::GrantRow> grants_on(const Subject& subject, std::int64_t dossier) {
    const auto found = std::ranges::equal_range(subject.grants, dossier, {}, &facts::GrantRow::object);
    return {found.begin(), found.end()};
}

bool opens(const facts::GrantRow& grant, const Subject& subject, Action action) {
    const bool ours =
        grant.organisation == subject.organisation ||
        std::ranges::find(subject.house, grant.organisation, &Place::organisation) != subject.house.end();
    if (!ours || grant.organisation.empty()) return false;
    if (!grant.person.empty() && grant.person != subject.person) return false;
    const std::string_view word = grant_word(action);
    if (word.empty() || std::ranges::find(grant.actions, word) == grant.actions.end()) return false;
    // Pinned: this one dossier as it was. Nothing can be done to it, and lists show rows as they are.
    return grant.version == 0 || action == Action::read;
}

bool in_force(const facts::GrantRow& grant, Date today) {
    return grant.state == "given" && grant.from <= today && today <= grant.until;
}

}  // namespace qingyuan::access
