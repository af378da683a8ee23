// Four eyes: one proposes, another human being decides on exactly what was proposed.
#include <algorithm>

#include <fmt/format.h>

#include "access/stage.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::access {

namespace stage {

Result<void> allowed(const Decision& decision, std::string_view what) {
    if (decision.allowed) return {};
    return Error{decision.refusal, std::string(what), {}, {}, "somebody of the authority whose matter it is"};
}

Result<facts::DossierRow> dossier_of(const journal::Reader& reader, std::string_view object) {
    const auto seq = parse_integer(object);
    if (seq)
        if (auto row = TRY(reader.view<facts::DossierRow>().find(*seq))) return *std::move(row);
    return Error{ErrorCode::dossier_unknown, fmt::format("'{}'", object), "object"};
}

Result<Object> account_object(const journal::Reader& reader, const std::string& person, Date today) {
    const auto post = TRY(registry::find_person(reader, person, today));
    if (!post && !TRY(reader.view<facts::PersonRow>().find(person)))
        return Error{ErrorCode::person_unknown, fmt::format("'{}'", person), "person"};
    Object out = TRY(object_at(reader, Kind::account, post ? post->organisation : std::string()));
    out.person = person;
    return out;
}

}  // namespace stage

namespace {

using facts::Fact;
using facts::Form;
using journal::Compare;
using journal::Reader;
using stage::missing;

/// What a proposal of the kind is about, and the policies of who asks and who decides.
struct Matter {
    Object object;
    Policy asks{};
    Policy decides{};
};

Result<Matter> matter_of(const Reader& reader, std::string_view kind, std::string_view object, Date today) {
    if (kind == "grant" || kind == "informant_reveal") {
        const Object dossier = TRY(object_of(reader, TRY(stage::dossier_of(reader, object))));
        return Matter{dossier, kind == "grant" ? Policy::grant_propose : Policy::personal_reveal,
                      Policy::grant_decide};
    }
    if (kind == step_kind) {  // "{dossier}/{step}"
        const Object dossier =
            TRY(object_of(reader, TRY(stage::dossier_of(reader, object.substr(0, object.find('/'))))));
        return Matter{dossier, Policy::dossier_step, Policy::dossier_approve};
    }
    std::string person(object);
    if (kind == "account_reset") {
        const auto account = TRY(reader.view<facts::AccountRow>().find(std::string(object)));
        if (!account) return Error{ErrorCode::account_unknown, fmt::format("'{}'", object), "object"};
        person = account->person;
    } else if (kind != "role_change") {
        return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}' is no kind of proposal", kind), "kind"};
    }
    return Matter{TRY(stage::account_object(reader, person, today)), Policy::people_change,
                  Policy::proposal_decide};
}

/// The rank of the highest role held: nobody agrees to what somebody above proposed.
int rank_of(const Subject& subject) {
    struct Ranked {
        Role role;
        int rank;
    };
    // The administrators check one another: none stands above another.
    static constexpr Ranked ranks[] = {{Role::officer, 1},           {Role::legal_reviewer, 1},
                                       {Role::dispatcher, 1},        {Role::unit_head, 2},
                                       {Role::head_of_authority, 3}, {Role::superior, 4},
                                       {Role::system_admin, 1},      {Role::security_admin, 1}};
    const Roles held = standing_of(subject).roles;
    int rank = 0;
    for (const Ranked& row : ranks)
        if ((held & bit(row.role)) != 0) rank = std::max(rank, row.rank);
    return rank;
}

/// Refuses fields the content of its kind does not have.
Result<void> only(const Form& content, std::initializer_list<std::string_view> fields) {
    for (const auto& [name, value] : content)
        if (std::ranges::find(fields, name) == fields.end())
            return Error{ErrorCode::field_unknown, fmt::format("'{}'", name), name};
    return {};
}

Result<void> check_roles(const Form& content) {
    CHECK(only(content, {"roles", "reason"}));
    if (!facts::find(content, "roles")) return missing("roles");
    Subject would;
    would.roles = facts::list_of(content, "roles");
    for (const std::string& role : would.roles)
        if (access_role(role).empty())
            return Error{ErrorCode::not_in_vocabulary, fmt::format("no role '{}'", role), "roles"};
    if (standing_of(would).conflict) return stage::invalid("roles", "an administrator holds no other role");
    return {};
}

/// The content as it is kept: of a grant with its dates filled in.
Result<Form> content_of(const Reader& reader, const Subject& subject, std::string_view kind,
                        const Object& object, const Form& content) {
    if (kind == "grant") {
        const GrantRequest request = TRY(grant_request(object.seq, content));
        return form_of(TRY(stage::checked(reader, subject, request)));
    }
    if (kind == "role_change") {
        CHECK(check_roles(content));
        return content;
    }
    if (kind == step_kind) return content;  // its form is the procedure's, and checked against it
    const std::string_view field = kind == "account_reset" ? "reason" : "purpose";
    CHECK(only(content, {field}));
    if (trim(facts::text_of(content, field)).empty()) return missing(field);
    return content;
}

Result<facts::ProposalRow> proposal_of(const Reader& reader, std::string_view id) {
    auto row = TRY(reader.view<facts::ProposalRow>().find(std::string(id)));
    if (!row) return Error{ErrorCode::record_unknown, fmt::format("no proposal '{}'", id), "id"};
    return *std::move(row);
}

Error lapsed(const facts::ProposalRow& row) {
    return {ErrorCode::proposal_lapsed,
            fmt::format("it was open until {}", row.until.text()),
            {},
            {},
            "propose it again"};
}

/// Is the row still what its digest says?
bool unchanged(const facts::ProposalRow& row) {
    return row.digest == proposal_digest(row.kind, row.object, row.content);
}

/// A person who decides must be another human being, and not below the proposer.
Result<void> check_decider(const Reader& reader, const Subject& subject, const facts::ProposalRow& row) {
    if (TRY(same_human(reader, subject.person, row.proposer)))
        return Error{ErrorCode::same_person,
                     fmt::format("{} proposed it", row.proposer),
                     {},
                     {},
                     "another person decides",
                     "报请人不得审批自己填报的内容",
                     "由另一名有审批权限的人员办理"};
    const Matter matter = TRY(matter_of(reader, row.kind, row.object, subject.today));
    CHECK(stage::allowed(decide(subject, matter.decides, matter.object), row.kind));
    if (!matter.object.person.empty() && TRY(same_human(reader, subject.person, matter.object.person)))
        return Error{ErrorCode::same_person, "it is about the decider", {}, {}, "another person decides"};
    if (row.kind == step_kind) return {};  // the step itself says which role approves
    const Subject proposer = TRY(subject_of(reader, row.proposer, subject.today));
    if (rank_of(subject) < rank_of(proposer))
        return Error{
            ErrorCode::wrong_role, "the proposer stands above", {}, {}, "somebody of the same rank or above"};
    return {};
}

}  // namespace

Bytes proposal_digest(std::string_view kind, std::string_view object, const Form& content) {
    const Digest digest = facts::digest_of_form({{"kind", std::string(kind)},
                                                 {"object", std::string(object)},
                                                 {"content", hex(facts::digest_of_form(content))}});
    return {digest.begin(), digest.end()};
}

Result<bool> same_human(const Reader& reader, std::string_view a, std::string_view b) {
    if (a == b) return true;
    const auto one = TRY(reader.view<facts::PersonRow>().find(std::string(a)));
    const auto other = TRY(reader.view<facts::PersonRow>().find(std::string(b)));
    if (!one || !other) return false;
    for (const facts::PersonRecorded& left : one->versions)
        for (const facts::PersonRecorded& right : other->versions) {
            if (!left.name.subject.empty() && left.name.subject == right.name.subject) return true;
            if (!left.certificate.empty() && left.certificate == right.certificate) return true;
        }
    return false;
}

Result<Fact> propose(const Reader& reader, const Subject& subject, std::string_view kind,
                     std::string_view object, const Form& content) {
    const Matter matter = TRY(matter_of(reader, kind, object, subject.today));
    CHECK(stage::allowed(decide(subject, matter.asks, matter.object), kind));
    facts::ProposalMade made;
    made.kind = kind;
    made.object = object;
    made.content = TRY(content_of(reader, subject, kind, matter.object, content));
    made.digest = proposal_digest(kind, object, made.content);
    made.until = subject.today + proposal_days;
    const auto same = TRY(reader.view<facts::ProposalRow>().list(
        {.where = {{"object", Compare::equal, {made.object}}, {"state", Compare::equal, {"open"}}}}));
    for (const facts::ProposalRow& row : same)
        if ((row.digest == made.digest || kind == step_kind) && subject.today <= row.until)
            return Error{ErrorCode::duplicate_key,
                         fmt::format("{} proposes the same", row.id),
                         {},
                         {},
                         "let it be decided",
                         "同一事项已报请批准，尚未审批",
                         "等待审批，或者由报请人撤回后重新报请"};
    // Rows are never erased: their number names the next.
    made.id = fmt::format("q-{:06}", TRY(reader.view<facts::ProposalRow>().count({})) + 1);
    return Fact{subject.today, subject.organisation, subject.person, 0, std::move(made)};
}

Result<Fact> decide_proposal(const Reader& reader, const Subject& subject, std::string_view id,
                             std::string_view decision, std::string_view digest, std::string_view reason) {
    if (subject.person.empty()) return Error{ErrorCode::not_signed_in, {}};
    const facts::ProposalRow row = TRY(proposal_of(reader, id));
    if (decision == "withdrawn") {
        if (subject.person != row.proposer)
            return Error{ErrorCode::access_denied,
                         fmt::format("{} proposed it", row.proposer),
                         {},
                         {},
                         "refuse it instead"};
    } else if (decision == "approved" || decision == "refused") {
        CHECK(check_decider(reader, subject, row));
    } else {
        return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}'", decision), "decision"};
    }
    if (row.state != "open")
        return Error{ErrorCode::wrong_state,
                     fmt::format("{} is {}", row.id, row.state),
                     {},
                     {},
                     "propose it again",
                     "该报请已经办结或者撤回",
                     "请刷新后查看"};
    if (subject.today > row.until) return lapsed(row);
    if (decision == "approved" && (digest != row.digest || !unchanged(row)))
        return Error{ErrorCode::content_changed,
                     "what was seen is not what was proposed",
                     "digest",
                     {},
                     "read it again",
                     "所审阅的内容与报请的内容不一致",
                     "请重新打开，核对后再审批"};
    if (decision != "approved" && trim(reason).empty()) return missing("reason");
    facts::ProposalDecided decided{row.id, std::string(decision), std::string(reason), row.digest};
    return Fact{subject.today, subject.organisation, subject.person, 0, std::move(decided)};
}

Result<facts::ProposalRow> approved(const Reader& reader, const Subject& subject, std::string_view id,
                                    std::string_view kind, std::string_view object, const Form& content) {
    facts::ProposalRow row = TRY(proposal_of(reader, id));
    if (row.kind != kind || row.object != object)
        return Error{ErrorCode::record_unknown, fmt::format("{} is about something else", row.id), "id"};
    if (row.state != "approved")
        return Error{ErrorCode::approval_missing,
                     fmt::format("{} is {}", row.id, row.state),
                     {},
                     {},
                     "a second person approves it"};
    if (TRY(same_human(reader, row.proposer, row.decider)) ||
        TRY(same_human(reader, subject.person, row.decider)))
        return Error{ErrorCode::same_person,
                     fmt::format("{} approved it", row.decider),
                     {},
                     {},
                     "another person carries it out"};
    if (subject.today > row.until) return lapsed(row);
    if (!unchanged(row) || row.digest != proposal_digest(kind, object, content))
        return Error{ErrorCode::content_changed,
                     "it differs from what was approved",
                     {},
                     {},
                     "carry out what was approved, or propose it anew"};
    return row;
}

}  // namespace qingyuan::access
