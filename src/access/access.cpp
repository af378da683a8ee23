// The decision itself, and objects as access sees them.
#include "access/access.hpp"

#include <algorithm>

#include "access/table.hpp"
#include "base/text.hpp"

namespace qingyuan::access {

namespace {

Masks masks_of(const facts::GrantRow& grant) {
    Masks masks = 0;
    for (const std::string& word : grant.masks) {
        if (word == "personal") masks |= static_cast<Masks>(Mask::personal);
        if (word == "internal") masks |= static_cast<Masks>(Mask::internal);
        if (word == "risk") masks |= static_cast<Masks>(Mask::risk);
        if (word == "content") masks |= static_cast<Masks>(Mask::content);
    }
    return masks;
}

/// The grant that opens the object for the action, or why none does.
struct Opened {
    const facts::GrantRow* grant = nullptr;
    bool expired = false;
};
Opened opened_by(const Subject& subject, Action action, const Object& object) {
    Opened found;
    if (object.kind != Kind::dossier || object.seq == 0) return found;
    for (const facts::GrantRow& grant : grants_on(subject, object.seq)) {
        if (!opens(grant, subject, action)) continue;
        if (in_force(grant, subject.today)) {
            // A pinned grant shows the dossier as it was: the object must be no newer than the pin.
            if (grant.version != 0 && object.version > grant.version) continue;
            if (!found.grant || masks_of(grant) < masks_of(*found.grant)) found.grant = &grant;
        } else if (grant.state == "given" && subject.today > grant.until) {
            found.expired = true;
        }
    }
    return found;
}

Decision denied(const Subject& subject, std::string_view reason, ErrorCode refusal) {
    Decision out;
    out.refusal = subject.person.empty() ? ErrorCode::not_signed_in : refusal;
    out.reason = reason;
    return out;
}

struct Question {
    const Subject& subject;
    std::optional<Policy> policy;  ///< the only one that counts, where there is one
    Action action;
    const Object& object;
};

/// The rules of the question that the roles, and the token, are under.
template <class Each>
void each_rule(const Question& question, Roles held, const Each& each) {
    for (const Rule& rule : rules_of(question.object.kind, question.action)) {
        if (question.policy && rule.policy != *question.policy) continue;
        if (!rule.open && (rule.roles & held) == 0) continue;
        if (in_token(question.subject, rule.policy)) each(rule);
    }
}

void allow(Decision& decision, const Rule& rule, Masks masks) {
    if (!decision.allowed) {
        decision.allowed = true;
        decision.policy = rule.policy;
        decision.masks = masks;
    }
    decision.masks &= masks;
    decision.note |= rule.note;
    decision.ask_purpose |= rule.purpose;
}

Decision decided(const Question& question) {
    const auto& [subject, policy, action, object] = question;
    const Standing standing = standing_of(subject);
    const Relation relation = relation_of(subject, object);
    Decision out;
    bool too_high = false, grantable = false, lapsed = false;
    each_rule(question, standing.roles, [&](const Rule& rule) {
        grantable |= (rule.relations & granted_bit) != 0;
        if ((rule.relations & bit(relation)) == 0) return;
        if (object.label > rule.label)
            too_high = true;
        else
            allow(out, rule, rule.masks);
    });
    // What the tree opens needs no grant; one's own matter, or one's own firm's, no grant opens.
    if (!out.allowed && grantable && relation > Relation::firm) {
        const Opened opened = opened_by(subject, action, object);
        lapsed = opened.expired;
        if (opened.grant)
            each_rule(question, standing.roles, [&](const Rule& rule) {
                if ((rule.relations & granted_bit) == 0) return;
                if (object.label > rule.label)
                    too_high = true;
                else
                    allow(out, rule, static_cast<Masks>(rule.masks | masks_of(*opened.grant)));
            });
        if (out.allowed) out.grant = opened.grant->id;
    }
    if (!out.allowed && too_high) return denied(subject, "label", ErrorCode::access_denied);
    if (!subject.person.empty() && std::ranges::find(object.recused, subject.person) != object.recused.end())
        return denied(subject, "recusal", ErrorCode::recused);
    if (out.allowed) {
        out.reason = out.grant.empty() ? "scope" : "grant";
        return out;
    }
    if (standing.conflict) return denied(subject, "conflict", ErrorCode::access_denied);
    if (lapsed) return denied(subject, "grant", ErrorCode::grant_expired);
    return denied(subject, "scope", ErrorCode::access_denied);
}

}  // namespace

Decision decide(const Subject& subject, Action action, const Object& object) {
    return decided({subject, {}, action, object});
}
Decision decide(const Subject& subject, Policy policy, Action action, const Object& object) {
    const bool about = kind_of(policy) == object.kind && action_of(policy) == action;
    return decided({subject, about ? std::optional(policy) : std::nullopt, action, object});
}
Decision decide(const Subject& subject, Policy policy, const Object& object) {
    return decide(subject, policy, action_of(policy), object);
}

Label label_of(std::string_view procedure, std::string_view state) {
    struct Row {
        std::string_view procedure, states;
    };
    static constexpr Row rows[] = {
#define X(procedure, states) {procedure, states},
#include "access/labels.def"
#undef X
    };
    if (state == "voided") return Label::sensitive;
    for (const Row& row : rows) {
        if (row.procedure != procedure) continue;
        if (row.states == "*") return Label::sensitive;
        for (std::string_view rest = row.states; !rest.empty();) {
            const std::size_t end = std::min(rest.find(' '), rest.size());
            if (rest.substr(0, end) == state) return Label::sensitive;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return Label::internal;
    }
    return Label::internal;
}

Object object_of(const facts::DossierRow& dossier, std::string_view department) {
    Object out;
    out.kind = Kind::dossier;
    out.label = label_of(dossier.procedure, dossier.state);
    out.seq = dossier.seq;
    out.organisation = dossier.organisation;
    out.path = dossier.path;
    out.department = department;
    out.operator_id = dossier.operator_id;
    out.assigned = dossier.officers;
    out.recused = dossier.recused;
    out.version = dossier.version;
    return out;
}

Object published() {
    Object out;
    out.kind = Kind::published;
    out.label = Label::public_;
    return out;
}

Object belongings_of(std::string_view person) {
    Object out;
    out.kind = Kind::own;
    out.person = person;
    return out;
}

std::vector<Policy> policies_of(const Subject& subject) {
    const Roles held = standing_of(subject).roles;
    std::vector<Policy> out;
    for (const Rule& rule : rules())
        if ((rule.open || (rule.roles & held) != 0) && in_token(subject, rule.policy))
            out.push_back(rule.policy);
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

Subject stranger(Date today) {
    Subject out;
    out.today = today;
    return out;
}

}  // namespace qingyuan::access
