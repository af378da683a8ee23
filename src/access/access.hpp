// Who may do what to what: one pure function over one table (rules.def). The same table yields the predicate
// of lists. Deny by default; the order is label, recusal, scope or grant, deny. The model on one page:
// docs/access.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/rows.hpp"
#include "journal/view.hpp"

namespace qingyuan::access {

/// What the object is, as far as access is concerned.
enum class Kind : std::uint8_t {
#define X(name) name,
#include "access/kinds.def"
#undef X
};
/// What is asked.
enum class Action : std::uint8_t {
#define X(name) name,
#include "access/actions.def"
#undef X
};
/// How widely the object may be known. Each includes the fear of the ones before it.
enum class Label : std::uint8_t { public_, internal, sensitive, informant };
/// Where the object stands to the subject: the first that fits. An authority, its own units, branches and
/// centres are one house. The drug and the market regulators are one department.
enum class Relation : std::uint8_t {
    self,       ///< the person's own: its account, its report
    firm,       ///< of the operator the subject belongs to
    assigned,   ///< of the subject's own house, and the subject is named on it as an officer
    own,        ///< of the subject's own house
    below,      ///< of an organisation below it
    elsewhere,  ///< of the same department, above or beside
    foreign     ///< of another department, or of none
};
enum class GrantState : std::uint8_t { none, active, expired, revoked };

/// Classes of fields that a decision may leave out.
enum class Mask : std::uint8_t { personal = 1, internal = 2, risk = 4, content = 8 };
using Masks = std::uint8_t;  ///< a set of Mask

/// The roles of roles.def; strangers have none.
enum class Role : std::uint8_t {
#define X(name, ...) name,
#include "access/roles.def"
#undef X
};
using Roles = std::uint32_t;  ///< a set of Role
[[nodiscard]] std::string_view name_of(Role role);
[[nodiscard]] std::optional<Role> find_role(std::string_view name);

/// Every row of policy.def by its name: what a route says it needs, and what the access journal records.
enum class Policy : std::uint8_t {
#define X(name, ...) name,
#include "access/policy.def"
#undef X
};
[[nodiscard]] std::string_view name_of(Policy policy);
[[nodiscard]] std::optional<Policy> find_policy(std::string_view name);
[[nodiscard]] std::string_view name_of(Kind kind);
[[nodiscard]] std::string_view name_of(Action action);
[[nodiscard]] Kind kind_of(Policy policy);
[[nodiscard]] Action action_of(Policy policy);

/// An organisation and its place in the tree.
struct Place {
    std::string organisation;
    std::string path;
};

/// Who asks. Made from the registry as of now; nothing in it comes from the request.
struct Subject {
    std::string person;  ///< empty: a stranger
    std::string organisation;
    std::string path;                ///< of the authority it acts for: "hunan/hengyang/"; empty without one
    std::string department;          ///< word of vocabulary departments; "operator" for people of an operator
    std::string operator_id;         ///< people of an operator
    std::vector<std::string> roles;  ///< of law/roles.csv
    std::vector<facts::GrantRow> grants;  ///< to the house or the person, of any state; sorted by object
    Date today;
    /// What an access token may do; empty = everything the person may (a session).
    std::vector<Policy> scope;
    std::vector<Place> house;  ///< the authority and its own units; the own organisation is always in
    std::vector<std::int64_t> submitted;  ///< dossiers somebody from outside opened; sorted
    std::vector<std::int64_t> recused;    ///< dossiers the person is recused from; sorted
};

struct Object {
    Kind kind{};
    Label label = Label::internal;
    std::int64_t seq = 0;      ///< of a dossier, for grants
    std::string person;        ///< whose it is, where it is a person's own (an account, a submission)
    std::string organisation;  ///< empty: of nobody
    std::string path;
    std::string department;
    std::string operator_id;
    std::vector<std::string> assigned;
    std::vector<std::string> recused;
    std::int64_t version = 0;  ///< for pinned grants
};
/// A dossier as an object of access; its label by labels.def. `department` is that of its organisation.
[[nodiscard]] Object object_of(const facts::DossierRow& dossier, std::string_view department);
/// As above, reading the department from the registry.
[[nodiscard]] Result<Object> object_of(const journal::Reader& reader, const facts::DossierRow& dossier);
[[nodiscard]] Label label_of(std::string_view procedure, std::string_view state);
/// What the law publishes, and the doors open to all.
[[nodiscard]] Object published();
/// What belongs to a person: kind own.
[[nodiscard]] Object belongings_of(std::string_view person);
/// Something of an organisation that is no dossier: a figure, a registry record, an account.
[[nodiscard]] Result<Object> object_at(const journal::Reader& reader, Kind kind,
                                       std::string_view organisation);

struct Decision {
    bool allowed = false;
    Masks masks = 0;               ///< fields to leave out
    bool note = false;             ///< to be journaled before bytes are sent
    bool ask_purpose = false;      ///< the reader must say why
    ErrorCode refusal{};           ///< when denied: not_signed_in, access_denied, recused, grant_expired
    std::optional<Policy> policy;  ///< the row that allowed
    std::string_view grant;        ///< the grant it rested on; lives as long as the subject
    std::string_view reason;       ///< one word for the journal: label recusal scope conflict grant
    [[nodiscard]] bool masked(Mask mask) const { return (masks & static_cast<Masks>(mask)) != 0; }
};

/// May the subject do the action to the object, by any row of the table? Pure, without allocation; at most
/// 2 µs.
[[nodiscard]] Decision decide(const Subject& subject, Action action, const Object& object);
/// As above by the rules of the route's own policy alone, where the policy is about this kind and action
/// (portal_step and dossier_step are open to different people); else by any.
[[nodiscard]] Decision decide(const Subject& subject, Policy policy, Action action, const Object& object);
[[nodiscard]] Decision decide(const Subject& subject, Policy policy, const Object& object);

/// What a subject may list of one kind: path ranges and operators united with granted dossiers, minus labels
/// and recusals. `sql` renders it as a UNION of index ranges, never as an OR. Lists, counts, search and
/// export all use it. For dossiers it is exactly what `decide` allows, but for grants pinned to a version:
/// they open one dossier as it was, not a row as it is. What to leave out of a row `decide` says, row by row.
struct Scope {
    bool everything = false;             ///< no condition on where the object stands
    std::vector<std::string> prefixes;   ///< paths, none inside another
    std::vector<Place> places;           ///< organisations of the own house, without what lies below
    std::vector<std::string> operators;  ///< only what is not sensitive (labels.def)
    std::vector<std::int64_t> granted;   ///< sequence numbers, with those somebody from outside submitted
    std::vector<std::int64_t> recused;   ///< sequence numbers left out everywhere
    std::string person;                  ///< what belongs to this person; empty = does not matter
    bool note = false;                   ///< the list is to be journaled before bytes are sent
    [[nodiscard]] bool nothing() const {
        return !everything && prefixes.empty() && places.empty() && operators.empty() && granted.empty() &&
               person.empty();
    }
};
[[nodiscard]] Scope scope_of(const Subject& subject, Action action, Kind kind);
/// As above by the rules of one policy alone.
[[nodiscard]] Scope scope_of(const Subject& subject, Policy policy);
/// The scope as conditions on the fields of DossierRow: one conjunction for each index range, their union is
/// the list. No branch = nothing.
[[nodiscard]] std::vector<journal::Branch> branches(const Scope& scope);

/// The rows of policy.def a subject may use at all: what the screen shows.
[[nodiscard]] std::vector<Policy> policies_of(const Subject& subject);

/// The role of roles.def that a role of law/roles.csv stands for ("inspector" → "officer"); empty for one
/// that has no door (system).
[[nodiscard]] std::string_view access_role(std::string_view role);

/// Reads the subject of a person: roles, organisation, house and path as of the day; grants to it; recusals.
/// person_unknown; somebody who has left the post, or whose organisation has ended, has no roles.
[[nodiscard]] Result<Subject> subject_of(const journal::Reader& reader, std::string_view person, Date today);
/// A stranger.
[[nodiscard]] Subject stranger(Date today);

}  // namespace qingyuan::access
