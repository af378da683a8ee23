// Who may use the system and what was opened to whom beyond the organisation tree: accounts, grants, and
// what needs two persons. What is secret (passwords, sessions) stands in no fact.
#pragma once

#include <string>
#include <vector>

#include "base/date.hpp"
#include "facts/value.hpp"

namespace qingyuan::facts {

/// The account of a person. A later fact with the same id replaces it.
struct AccountRecorded {
    std::string id;      ///< "a-" and digits
    std::string person;  ///< id in the registry; one account a person
    std::string name;    ///< what is typed to sign in: a staff number, never a personal name
    std::string state;   ///< active disabled
    std::string reason;  ///< why it was disabled

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("person", s.person);
        v("name", s.name);
        v("state", s.state);
        v("reason", s.reason);
    }
};

/// One dossier opened to an organisation (or one person of it) that the tree does not open it to. Never
/// transitive: who was granted cannot grant on.
struct GrantGiven {
    std::string id;                    ///< "g-" and digits
    std::int64_t object = 0;           ///< sequence number of the dossier's opening fact
    std::string organisation;          ///< to whom
    std::string person;                ///< empty: everybody of the organisation with a role that may
    std::vector<std::string> actions;  ///< of access/policy.def: read step export
    std::vector<std::string> masks;    ///< classes of fields left out: personal internal
    std::string purpose;
    std::string basis;  ///< citation of the legal basis
    Date from;
    Date until;                ///< last day; always there
    std::int64_t version = 0;  ///< pinned to the dossier as of this sequence number; 0 = as it goes on
    std::string approver;      ///< the second person
    std::string proposal;      ///< what both agreed to

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("object", s.object);
        v("organisation", s.organisation);
        v("person", s.person);
        v("actions", s.actions);
        v("masks", s.masks);
        v("purpose", s.purpose);
        v("basis", s.basis);
        v("from", s.from);
        v("until", s.until);
        v("version", s.version);
        v("approver", s.approver);
        v("proposal", s.proposal);
    }
};

struct GrantRevoked {
    std::string id;
    std::string reason;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("reason", s.reason);
    }
};

/// What one person proposes and another decides: a change of roles, a grant to another department, the
/// reveal of several informants, … The decision is bound to the digest of the content.
struct ProposalMade {
    std::string id;    ///< "q-" and digits
    std::string kind;  ///< role_change grant account_reset informant_reveal
    std::string object;
    Form content;
    Bytes digest;  ///< SM3 of kind, object and content
    Date until;    ///< lapses after this day

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("kind", s.kind);
        v("object", s.object);
        v("content", s.content);
        v("digest", s.digest);
        v("until", s.until);
    }
};

struct ProposalDecided {
    std::string id;
    std::string decision;  ///< approved refused withdrawn
    std::string reason;
    Bytes digest;  ///< of the content that was decided on

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("decision", s.decision);
        v("reason", s.reason);
        v("digest", s.digest);
    }
};

}  // namespace qingyuan::facts
