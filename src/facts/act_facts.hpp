// What was done: dossiers moving by declared steps. `Fact::dossier` is the sequence number of the fact that
// opened the dossier.
#pragma once

#include <string>
#include <vector>

#include "base/date.hpp"
#include "facts/value.hpp"

namespace qingyuan::facts {

/// What an opening or a step did to a clock. Budget and unit are copied from the limit in force, so that a
/// replay needs no law.
struct ClockChange {
    std::string limit;       ///< id of limits.csv: CASE.DECIDE
    std::string change;      ///< start stop suspend resume extend
    std::int64_t value = 0;  ///< budget (start) or additional budget (extend)
    std::string unit;        ///< working_day calendar_day month year hour; empty for stop, suspend, resume

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("limit", s.limit);
        v("change", s.change);
        v("value", s.value);
        v("unit", s.unit);
    }
};

/// A dossier was opened under a procedure; its state is then the procedure's initial state.
struct DossierOpened {
    std::string id;  ///< record id shown to people, unique: "hy-2025-ins-00017"
    std::string procedure;
    Date law_on;        ///< the procedure and limits in force on this date decide the dossier
    std::string state;  ///< initial state
    std::string title;
    std::string operator_id;       ///< the operator it concerns, or empty
    std::string category;          ///< drug device cosmetic, or empty
    std::string campaign;          ///< campaign id, or empty
    std::int64_t source = 0;       ///< sequence number of the dossier it came from
    std::int64_t source_fact = 0;  ///< the very fact it came from (a finding), or 0
    Form attributes;               ///< the opening form
    std::vector<ClockChange> clocks;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("procedure", s.procedure);
        v("law_on", s.law_on);
        v("state", s.state);
        v("title", s.title);
        v("operator_id", s.operator_id);
        v("category", s.category);
        v("campaign", s.campaign);
        v("source", s.source);
        v("source_fact", s.source_fact);
        v("attributes", s.attributes);
        v("clocks", s.clocks);
    }
};

struct StepTaken {
    std::string procedure;
    std::string step;
    std::string to;                     ///< state after the step
    std::string role;                   ///< role the actor took it in
    std::vector<std::string> officers;  ///< persons who acted together, the actor included
    Form form;
    std::vector<std::string> documents;  ///< forms of the statutory set drawn up: "penalty_07"
    std::vector<std::string> evidence;   ///< digests in the evidence store, hexadecimal
    std::vector<ClockChange> clocks;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("procedure", s.procedure);
        v("step", s.step);
        v("to", s.to);
        v("role", s.role);
        v("officers", s.officers);
        v("form", s.form);
        v("documents", s.documents);
        v("evidence", s.evidence);
        v("clocks", s.clocks);
    }
};

/// A second person approves the content of a step before it is taken. Bound to the form's digest: any edit
/// voids it.
struct ApprovalGiven {
    std::string step;
    std::string role;
    Bytes form_digest;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("step", s.step);
        v("role", s.role);
        v("form_digest", s.form_digest);
    }
};

/// A person may no longer act on the dossier (行政处罚法 43).
struct PersonRecused {
    std::string person;
    std::string reason;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("person", s.person);
        v("reason", s.reason);
    }
};

}  // namespace qingyuan::facts
