// The predicate of lists, out of the same rules as `decide`.
#include <algorithm>

#include "access/table.hpp"
#include "base/text.hpp"

namespace qingyuan::access {

namespace {

using journal::Compare;
using journal::Condition;

template <class T>
void sort_once(std::vector<T>& values) {
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
}

void add_house(const Subject& subject, std::vector<Place>& places) {
    places = subject.house;
    if (!subject.organisation.empty() &&
        std::ranges::find(places, subject.organisation, &Place::organisation) == places.end())
        places.push_back({subject.organisation, {}});
}

void add(const Rule& rule, const Subject& subject, Scope& scope) {
    const auto reaches = [&](Relation relation) { return (rule.relations & bit(relation)) != 0; };
    if (reaches(Relation::elsewhere) || reaches(Relation::foreign)) scope.everything = true;
    if (reaches(Relation::own)) add_house(subject, scope.places);
    if (reaches(Relation::below) && !subject.path.empty()) scope.prefixes = {subject.path};
    if (reaches(Relation::firm) && !subject.operator_id.empty()) scope.operators = {subject.operator_id};
    if (reaches(Relation::self)) {
        if (rule.kind == Kind::own) scope.person = subject.person;
        if (rule.kind == Kind::dossier)
            scope.granted.insert(scope.granted.end(), subject.submitted.begin(), subject.submitted.end());
    }
    if ((rule.relations & granted_bit) == 0) return;
    for (const facts::GrantRow& grant : subject.grants)
        if (grant.version == 0 && opens(grant, subject, rule.action) && in_force(grant, subject.today))
            scope.granted.push_back(grant.object);
}

Scope scoped(const Subject& subject, std::optional<Policy> policy, Action action, Kind kind) {
    Scope scope;
    const Roles held = standing_of(subject).roles;
    for (const Rule& rule : rules_of(kind, action)) {
        if (policy && rule.policy != *policy) continue;
        if ((!rule.open && (rule.roles & held) == 0) || !in_token(subject, rule.policy)) continue;
        const std::size_t granted = scope.granted.size();
        add(rule, subject, scope);
        // To somebody who holds no grant the rule of grants opens nothing, and there is nothing to note.
        const bool opens_nothing = rule.relations == granted_bit && scope.granted.size() == granted;
        scope.note |= rule.note && !opens_nothing;
    }
    sort_once(scope.granted);
    if (kind == Kind::dossier || kind == Kind::plan) scope.recused = subject.recused;
    return scope;
}

Condition text(std::string_view field, Compare compare, std::string_view value) {
    return {field, compare, {std::string(value)}};
}

Condition none_of(std::string_view field, const std::vector<std::string>& words) {
    Condition out{field, Compare::none_of, {}};
    for (const std::string& word : words) out.values.emplace_back(word);
    return out;
}

/// What an operator may see of its own: one branch for all procedures whose label does not depend on the
/// state, one for each whose does.
void add_operator(const std::string& operator_id, std::vector<journal::Branch>& out) {
    const Condition own = text("operator_id", Compare::equal, operator_id);
    std::vector<std::string> named;
    const auto add = [&](std::string_view procedure, std::string_view states) {
        named.emplace_back(procedure);
        if (states == "*") return;
        std::vector<std::string> withheld = split(states, ' ');
        withheld.emplace_back("voided");
        out.push_back({own, text("procedure", Compare::equal, procedure), none_of("state", withheld)});
    };
#define X(procedure, states) add(procedure, states);
#include "access/labels.def"
#undef X
    out.push_back({own, none_of("procedure", named), none_of("state", {"voided"})});
}

}  // namespace

Scope scope_of(const Subject& subject, Action action, Kind kind) {
    return scoped(subject, {}, action, kind);
}
Scope scope_of(const Subject& subject, Policy policy) {
    return scoped(subject, policy, action_of(policy), kind_of(policy));
}

std::vector<journal::Branch> branches(const Scope& scope) {
    std::vector<journal::Branch> out;
    if (scope.everything) {
        out.emplace_back();
    } else {
        for (const std::string& prefix : scope.prefixes)
            out.push_back({text("path", Compare::prefix, prefix)});
        for (const Place& place : scope.places)
            out.push_back({place.path.empty() ? text("organisation", Compare::equal, place.organisation)
                                              : text("path", Compare::equal, place.path)});
        for (const std::string& operator_id : scope.operators) add_operator(operator_id, out);
        if (!scope.granted.empty()) {
            Condition granted{"seq", Compare::one_of, {}};
            for (const std::int64_t seq : scope.granted) granted.values.emplace_back(seq);
            out.push_back({std::move(granted)});
        }
    }
    if (scope.recused.empty()) return out;
    Condition recused{"seq", Compare::none_of, {}};
    for (const std::int64_t seq : scope.recused) recused.values.emplace_back(seq);
    for (journal::Branch& branch : out) branch.push_back(recused);
    return out;
}

}  // namespace qingyuan::access
