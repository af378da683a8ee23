// Projection rows: the current state, folded from the facts and rebuildable from them. One struct per table;
// `row_type` names the table, the key field and the fields by which lists are filtered or ordered.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "facts/access_facts.hpp"
#include "facts/account_facts.hpp"
#include "facts/act_facts.hpp"
#include "facts/registry_facts.hpp"

namespace qingyuan::facts {

/// What the stores must know of a row: everything else is one blob (facts/codec.hpp).
struct RowType {
    std::string_view table;
    std::string_view key;  ///< name of the key field (text or integer)
    std::array<std::string_view, 16>
        indexed{};  ///< fields with a column and an index of their own; "" ends the list
    std::array<std::string_view, 8>
        integers{};  ///< those of key and indexed that hold whole numbers or dates; the rest is text
    /// Indexes over several columns; one that begins with a field is also that field's own. What a list needs
    /// to find its keys stands in them, so that it reads no row it does not show.
    std::array<std::array<std::string_view, 12>, 2> composites{};
    /// Those of indexed that have a column only: too few different values for an index of their own.
    std::array<std::string_view, 4> columns_only{};

    [[nodiscard]] constexpr bool holds_integer(std::string_view field) const {
        return std::find(integers.begin(), integers.end(), field) != integers.end();
    }
    [[nodiscard]] constexpr bool has_own_index(std::string_view field) const {
        return std::find(columns_only.begin(), columns_only.end(), field) == columns_only.end() &&
               !leads_composite(field);
    }
    [[nodiscard]] constexpr bool leads_composite(std::string_view field) const {
        return std::any_of(composites.begin(), composites.end(),
                           [&](const auto& composite) { return composite.front() == field; });
    }
};

// --- act

/// A closed interval that does not count (both days inclusive); `to` is never_after while it is still open.
struct Pause {
    Date from;
    Date to;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("from", s.from);
        v("to", s.to);
    }
};

/// A clock of a dossier: budget, ledger of pauses, when it stopped. The due date is never stored here: it is
/// derived.
struct ClockState {
    std::string limit;
    std::string unit;
    std::int64_t value = 0;     ///< budget as started
    std::int64_t extended = 0;  ///< added by extensions
    Date started_on;
    std::int64_t started_at_us = 0;  ///< instant of the start, for limits in hours
    Date stopped_on;                 ///< default (1970-01-01) while it runs
    std::vector<Pause> pauses;
    std::int64_t stopped_at_us = 0;  ///< instant of the stop, 0 where only its day is known

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("limit", s.limit);
        v("unit", s.unit);
        v("value", s.value);
        v("extended", s.extended);
        v("started_on", s.started_on);
        v("started_at_us", s.started_at_us);
        v("stopped_on", s.stopped_on);
        v("stopped_at_us", s.stopped_at_us);
        v("pauses", s.pauses);
    }
};

struct ApprovalState {
    std::string step;
    std::string role;
    std::string person;
    Bytes form_digest;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("step", s.step);
        v("role", s.role);
        v("person", s.person);
        v("form_digest", s.form_digest);
    }
};

/// A step in the dossier's history, as guards need it.
struct StepState {
    std::int64_t seq = 0;
    std::string step;
    std::string from;  ///< state before the step
    std::string actor;
    Date on;
    bool voided = false;
    std::vector<std::string> officers{};  ///< who acted together with the actor
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("seq", s.seq);
        v("step", s.step);
        v("from", s.from);
        v("actor", s.actor);
        v("on", s.on);
        v("voided", s.voided);
        v("officers", s.officers);
    }
};

struct DossierRow {
    static constexpr RowType row_type{
        "dossiers",
        "seq",
        {"id", "procedure", "state", "organisation", "operator_id", "category", "campaign", "source", "due",
         "opened_on", "version", "path", "open", "suspended"},
        {"seq", "source", "due", "opened_on", "version", "open", "suspended"},
        {{{"due", "seq", "path", "procedure", "state", "campaign", "category", "open", "suspended"},
          {"path", "due", "seq", "procedure", "state", "campaign", "category", "open", "suspended"}}},
        {"category", "open", "suspended"}};
    std::int64_t seq = 0;  ///< sequence number of its opening fact: the dossier's identity inside the journal
    std::string id;
    std::string procedure;
    Date law_on;
    std::string state;  ///< "voided" after a void
    std::string organisation;
    std::string path;  ///< of the organisation in the tree today: "hunan/hengyang/430406/", root first
    std::string title;
    std::string operator_id;
    std::string category;
    std::string campaign;
    std::int64_t source = 0;
    std::int64_t source_fact = 0;
    Form attributes;  ///< opening form, then every later form field (the latest value wins)
    Date opened_on;
    Date closed_on;            ///< default while open
    bool open = false;         ///< neither closed nor voided
    std::int64_t version = 0;  ///< sequence number of its latest fact
    std::int64_t due = 0;      ///< days number of the nearest due date of a running clock, 0 = none
    bool suspended = false;    ///< a clock is suspended, and none runs that has a due date
    std::vector<StepState> steps;
    std::vector<ClockState> clocks;
    std::vector<ApprovalState> approvals;
    std::vector<std::string> officers;  ///< everyone who acted as an officer
    std::vector<std::string> recused;
    std::vector<std::string> documents;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("seq", s.seq);
        v("id", s.id);
        v("procedure", s.procedure);
        v("law_on", s.law_on);
        v("state", s.state);
        v("organisation", s.organisation);
        v("path", s.path);
        v("title", s.title);
        v("operator_id", s.operator_id);
        v("category", s.category);
        v("campaign", s.campaign);
        v("source", s.source);
        v("source_fact", s.source_fact);
        v("attributes", s.attributes);
        v("opened_on", s.opened_on);
        v("closed_on", s.closed_on);
        v("open", s.open);
        v("version", s.version);
        v("due", s.due);
        v("suspended", s.suspended);
        v("steps", s.steps);
        v("clocks", s.clocks);
        v("approvals", s.approvals);
        v("officers", s.officers);
        v("recused", s.recused);
        v("documents", s.documents);
    }
};

/// Where an organisation stands in the tree today: its latest recorded parent, or, once it has ended, the
/// organisation that took over from it. One that was never recorded stands alone.
struct PlaceRow {
    static constexpr RowType row_type{"places", "id", {"path"}};
    std::string id;
    std::string path;  ///< ids from the root down to itself, each followed by "/"
    std::string parent;
    std::string successor;
    Date from;      ///< of the latest version
    Date ended_on;  ///< default while it exists

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("path", s.path);
        v("parent", s.parent);
        v("successor", s.successor);
        v("from", s.from);
        v("ended_on", s.ended_on);
    }
};

/// A person and a dossier: acted on it as an officer, or must stay away from it.
struct InvolvementRow {
    static constexpr RowType row_type{"involvements", "key", {"person", "dossier", "role"}, {"dossier"}};
    std::string key;  ///< role/dossier/person
    std::string person;
    std::int64_t dossier = 0;
    std::string role;  ///< officer recused

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("key", s.key);
        v("person", s.person);
        v("dossier", s.dossier);
        v("role", s.role);
    }
};

// --- registry

struct OrganisationRow {
    static constexpr RowType row_type{"organisations", "id", {"parent", "department", "level", "region"}};
    std::string id;
    std::string parent;  ///< of the latest version
    std::string department;
    std::string level;
    std::string region;
    std::vector<OrganisationRecorded> versions;  ///< oldest first
    Date ended_on;                               ///< default while it exists
    std::string successor;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("parent", s.parent);
        v("department", s.department);
        v("level", s.level);
        v("region", s.region);
        v("versions", s.versions);
        v("ended_on", s.ended_on);
        v("successor", s.successor);
    }
};

struct OperatorRow {
    static constexpr RowType row_type{
        "operators", "id", {"uscc", "kind", "region", "organisation", "headquarters", "name"}};
    std::string id;
    std::string uscc;
    std::string kind;
    std::string region;
    std::string organisation;
    std::string headquarters;
    std::string name;
    std::vector<OperatorRecorded> versions;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("uscc", s.uscc);
        v("kind", s.kind);
        v("region", s.region);
        v("organisation", s.organisation);
        v("headquarters", s.headquarters);
        v("name", s.name);
        v("versions", s.versions);
    }
};

struct LicenceRow {
    static constexpr RowType row_type{"licences", "id", {"operator_id", "kind"}};
    std::string id;
    std::string operator_id;
    std::string kind;
    std::vector<LicenceRecorded> versions;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("operator_id", s.operator_id);
        v("kind", s.kind);
        v("versions", s.versions);
    }
};

struct PersonRow {
    static constexpr RowType row_type{"people", "id", {"organisation"}};
    std::string id;
    std::string organisation;
    std::vector<PersonRecorded> versions;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("organisation", s.organisation);
        v("versions", s.versions);
    }
};

struct ProductRow {
    static constexpr RowType row_type{"products", "id", {"holder", "category", "name"}};
    std::string id;
    std::string holder;
    std::string category;
    std::string name;
    std::vector<ProductRecorded> versions;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("holder", s.holder);
        v("category", s.category);
        v("name", s.name);
        v("versions", s.versions);
    }
};

// --- account

struct ReportedFigureRow {
    static constexpr RowType row_type{"reported_figures", "key", {"figure", "organisation"}};
    std::string key;  ///< figure/organisation/period
    std::string figure;
    std::string organisation;
    std::int64_t seq = 0;                    ///< of the latest statement
    std::vector<FigureReported> statements;  ///< oldest first; the last one stands

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("key", s.key);
        v("figure", s.figure);
        v("organisation", s.organisation);
        v("seq", s.seq);
        v("statements", s.statements);
    }
};

/// A step in the life of a report, and who took it.
struct ReportStep {
    std::int64_t seq = 0;
    std::string step;
    std::string actor;
    Date on;
    std::int64_t as_of = 0;
    std::string reason;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("seq", s.seq);
        v("step", s.step);
        v("actor", s.actor);
        v("on", s.on);
        v("as_of", s.as_of);
        v("reason", s.reason);
    }
};

struct ReportRow {
    static constexpr RowType row_type{"reports", "key", {"report", "organisation"}};
    std::string key;  ///< report/organisation/period
    std::string report;
    std::string organisation;
    std::string state;  ///< draft approved frozen published
    std::string actor;  ///< who made the latest move
    std::int64_t as_of = 0;
    Bytes manifest;
    std::vector<ReportStep> moves;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("key", s.key);
        v("report", s.report);
        v("organisation", s.organisation);
        v("state", s.state);
        v("actor", s.actor);
        v("as_of", s.as_of);
        v("manifest", s.manifest);
        v("moves", s.moves);
    }
};

// --- accounts and access

struct AccountRow {
    static constexpr RowType row_type{"accounts", "id", {"person", "name", "state"}};
    std::string id;
    std::string person;
    std::string name;
    std::string state;
    std::string reason;
    Date from;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("person", s.person);
        v("name", s.name);
        v("state", s.state);
        v("reason", s.reason);
        v("from", s.from);
    }
};

struct GrantRow {
    static constexpr RowType row_type{
        "grants", "id", {"object", "organisation", "person", "state", "until"}, {"object", "until"}};
    std::string id;
    std::int64_t object = 0;
    std::string organisation;
    std::string person;
    std::string state;  ///< given revoked; whether it is in force is a question of the day
    std::vector<std::string> actions;
    std::vector<std::string> masks;
    std::string purpose;
    std::string basis;
    Date from;
    Date until;
    std::int64_t version = 0;
    std::string giver;
    std::string approver;
    std::string reason;  ///< of the revocation
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("object", s.object);
        v("organisation", s.organisation);
        v("person", s.person);
        v("state", s.state);
        v("actions", s.actions);
        v("masks", s.masks);
        v("purpose", s.purpose);
        v("basis", s.basis);
        v("from", s.from);
        v("until", s.until);
        v("version", s.version);
        v("giver", s.giver);
        v("approver", s.approver);
        v("reason", s.reason);
    }
};

struct ProposalRow {
    static constexpr RowType row_type{"proposals", "id", {"kind", "object", "state"}};
    std::string id;
    std::string kind;
    std::string object;
    std::string state;  ///< open approved refused withdrawn
    Form content;
    Bytes digest;
    Date until;
    std::string proposer;
    std::string decider;
    std::string reason;
    std::int64_t seq = 0;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("kind", s.kind);
        v("object", s.object);
        v("state", s.state);
        v("content", s.content);
        v("digest", s.digest);
        v("until", s.until);
        v("proposer", s.proposer);
        v("decider", s.decider);
        v("reason", s.reason);
        v("seq", s.seq);
    }
};

/// The answer to a request that came with an Idempotency-Key, written in the same transaction as what the
/// request did. Working state: no fold owns it, a rebuild leaves it alone.
struct RequestRow {
    static constexpr RowType row_type{"requests", "key", {"at"}, {"at"}};
    std::string key;  ///< SM3 of person, operation and the client's key, hexadecimal
    Bytes digest;     ///< of the body
    std::int64_t status = 0;
    std::string body;
    std::string etag;
    std::int64_t at = 0;  ///< microseconds
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("key", s.key);
        v("digest", s.digest);
        v("status", s.status);
        v("body", s.body);
        v("etag", s.etag);
        v("at", s.at);
    }
};

}  // namespace qingyuan::facts
