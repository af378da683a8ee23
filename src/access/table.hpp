// The rules of rules.def as data. Inside this room only: everybody else asks `decide` and `scope_of`.
#pragma once

#include <array>
#include <span>

#include "access/access.hpp"

namespace qingyuan::access {

/// A set of relations; the last bit is a grant, which holds beside any relation.
using Relations = std::uint8_t;
constexpr Relations granted_bit = 1U << 7U;

/// A set of departments, as far as roles are bound to them.
using Departments = std::uint16_t;

struct Rule {
    Policy policy{};
    Kind kind{};
    Action action{};
    Roles roles = 0;
    Relations relations = 0;
    Label label{};
    Masks masks = 0;
    bool note = false;
    bool purpose = false;
    bool open = false;  ///< for strangers too
};

constexpr std::size_t kind_count = 0
#define X(name) +1
#include "access/kinds.def"
#undef X
    ;
constexpr std::size_t action_count = 0
#define X(name) +1
#include "access/actions.def"
#undef X
    ;
constexpr std::size_t policy_count = 0
#define X(name, ...) +1
#include "access/policy.def"
#undef X
    ;

/// The rules, sorted by kind and action; inside one the order of rules.def.
[[nodiscard]] std::span<const Rule> rules();
/// Those of one kind and action.
[[nodiscard]] std::span<const Rule> rules_of(Kind kind, Action action);

/// The roles that count: known, and of the subject's department; none where an administrator holds anything
/// else (`conflict`).
struct Standing {
    Roles roles = 0;
    bool conflict = false;
};
[[nodiscard]] Standing standing_of(const Subject& subject);

[[nodiscard]] Relation relation_of(const Subject& subject, const Object& object);
/// Drug and market regulators are one department.
[[nodiscard]] bool same_department(std::string_view a, std::string_view b);
/// Is the policy one of a token's?
[[nodiscard]] bool in_token(const Subject& subject, Policy policy);
[[nodiscard]] constexpr Relations bit(Relation relation) {
    return static_cast<Relations>(1U << static_cast<unsigned>(relation));
}
[[nodiscard]] constexpr Roles bit(Role role) {
    return 1U << static_cast<unsigned>(role);
}

/// The word of GrantGiven::actions that opens the action; empty where no grant can.
[[nodiscard]] std::string_view grant_word(Action action);
/// Grants of the subject on one dossier.
[[nodiscard]] std::span<const facts::GrantRow> grants_on(const Subject& subject, std::int64_t dossier);
/// Is the grant to this subject, and does it open the action? Whatever its state.
[[nodiscard]] bool opens(const facts::GrantRow& grant, const Subject& subject, Action action);
[[nodiscard]] bool in_force(const facts::GrantRow& grant, Date today);

}  // namespace qingyuan::access
