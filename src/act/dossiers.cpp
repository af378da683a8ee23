// The fold of dossiers. A row depends on the dossier's facts, the calendar, which states its procedure calls
// terminal, and where its organisation stands.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "act/clocks.hpp"
#include "act/documents.hpp"
#include "act/engine.hpp"
#include "act/places.hpp"

namespace qingyuan::act {

namespace {

/// The instant of what was recorded on the day it happened; of what was recorded later only the day is known.
std::optional<Instant> instant_of(const facts::Recorded& recorded) {
    return recorded.recorded_at.date() == recorded.fact.happened_on ? std::optional(recorded.recorded_at)
                                                                    : std::nullopt;
}

void append_new(std::vector<std::string>& list, const std::vector<std::string>& more) {
    for (const std::string& one : more)
        if (std::ranges::find(list, one) == list.end()) list.push_back(one);
}

facts::DossierRow opened_row(const facts::Recorded& recorded, const facts::DossierOpened& opened) {
    facts::DossierRow row;
    row.seq = static_cast<std::int64_t>(recorded.seq);
    row.id = opened.id;
    row.procedure = opened.procedure;
    row.law_on = opened.law_on;
    row.state = opened.state;
    row.organisation = recorded.fact.organisation;
    row.title = opened.title;
    row.operator_id = opened.operator_id;
    row.category = opened.category;
    row.campaign = opened.campaign;
    row.source = opened.source;
    row.source_fact = opened.source_fact;
    row.attributes = opened.attributes;
    row.opened_on = recorded.fact.happened_on;
    row.open = true;
    apply_changes(row, opened.clocks, recorded.fact.happened_on, instant_of(recorded));
    return row;
}

void note_step(facts::DossierRow& row, const facts::Recorded& recorded, const facts::StepTaken& step,
               bool voided) {
    row.steps.push_back({static_cast<std::int64_t>(recorded.seq), step.step, row.state, recorded.fact.actor,
                         recorded.fact.happened_on, voided, step.officers});
}

Result<void> take_step(const law::Law& law, facts::DossierRow& row, const facts::Recorded& recorded,
                       const facts::StepTaken& step) {
    const Date on = recorded.fact.happened_on;
    note_step(row, recorded, step, false);
    row.state = step.to;
    for (const auto& [field, value] : step.form) row.attributes.insert_or_assign(field, value);
    apply_changes(row, step.clocks, on, instant_of(recorded));
    std::erase_if(row.approvals, [&](const auto& approval) { return approval.step == step.step; });
    if (step.role == "officer" || step.role == "inspector")
        append_new(row.officers, step.officers);
    else if (step.officers.size() > 1)
        append_new(row.officers, {step.officers.begin() + 1, step.officers.end()});
    append_new(row.documents, step.documents);
    const law::Procedure& procedure = *TRY(law.procedure(row.procedure, row.law_on));
    const law::State* state = procedure.find_state(row.state);
    row.open = !state || !state->terminal;
    if (!row.open) {
        row.closed_on = on;
        stop_all(row, on, instant_of(recorded));
    }
    return {};
}

void void_all(facts::DossierRow& row, const facts::Recorded& recorded) {
    const Date on = recorded.fact.happened_on;
    row.state = voided_state;
    row.open = false;
    row.closed_on = on;
    stop_all(row, on, instant_of(recorded));
}

/// What a fact that is not void does to the row of its dossier. A voided step stays in the list of steps,
/// marked.
Result<void> apply(const law::Law& law, facts::DossierRow& row, const facts::Recorded& recorded,
                   const std::set<std::int64_t>& voided) {
    const bool is_void = voided.contains(static_cast<std::int64_t>(recorded.seq));
    const facts::Payload& payload = recorded.fact.payload;
    if (const auto* step = std::get_if<facts::StepTaken>(&payload)) {
        if (is_void)
            note_step(row, recorded, *step, true);
        else
            CHECK(take_step(law, row, recorded, *step));
    } else if (const auto* approval = std::get_if<facts::ApprovalGiven>(&payload); approval && !is_void) {
        std::erase_if(row.approvals, [&](const auto& one) {
            return one.step == approval->step && one.role == approval->role &&
                   one.person == recorded.fact.actor;
        });
        row.approvals.push_back({approval->step, approval->role, recorded.fact.actor, approval->form_digest});
    } else if (const auto* recusal = std::get_if<facts::PersonRecused>(&payload); recusal && !is_void) {
        append_new(row.recused, {recusal->person});
    }
    row.version = static_cast<std::int64_t>(recorded.seq);
    return {};
}

/// What lists are ordered and counted by.
Result<void> settle(const law::Law& law, facts::DossierRow& row) {
    row.due = TRY(nearest_due(law.calendar(), row));
    row.suspended = row.due == 0 && std::ranges::any_of(row.clocks, is_suspended);
    return {};
}

/// Writes a row, and who is on it or must stay away from it.
Result<void> put(journal::Projections& rows, const facts::DossierRow* before, const facts::DossierRow& row) {
    const auto tell = [&](std::string_view role, const std::vector<std::string>& was,
                          const std::vector<std::string>& is) -> Result<void> {
        const auto key = [&](const std::string& person) {
            return fmt::format("{}/{}/{}", role, row.seq, person);
        };
        for (const std::string& person : was)
            if (std::ranges::find(is, person) == is.end())
                CHECK(rows.erase<facts::InvolvementRow>(key(person)));
        for (const std::string& person : is)
            if (std::ranges::find(was, person) == was.end())
                CHECK(rows.put(facts::InvolvementRow{key(person), person, row.seq, std::string(role)}));
        return {};
    };
    const facts::DossierRow none;
    if (before == nullptr) before = &none;
    CHECK(tell("officer", before->officers, row.officers));
    CHECK(tell("recused", before->recused, row.recused));
    return rows.put(row);
}

bool moves_a_dossier(const facts::Payload& payload) {
    return std::holds_alternative<facts::StepTaken>(payload) ||
           std::holds_alternative<facts::ApprovalGiven>(payload) ||
           std::holds_alternative<facts::PersonRecused>(payload) ||
           std::holds_alternative<facts::DocumentIssued>(payload) ||
           std::holds_alternative<facts::FactVoided>(payload);
}

Result<facts::DossierRow> start_again(const law::Law& law, const journal::Projections& rows,
                                      const facts::Recorded& last) {
    std::vector<facts::Recorded> recorded;
    for (const std::uint64_t seq : TRY(rows.facts_of(last.fact.dossier)))
        if (seq < last.seq) recorded.push_back(TRY(rows.fact(seq)));
    recorded.push_back(last);
    return refold(law, recorded);
}

}  // namespace

Result<facts::DossierRow> refold(const law::Law& law, const std::vector<facts::Recorded>& recorded) {
    std::set<std::int64_t> voided;
    for (const facts::Recorded& one : recorded)
        if (const auto* fact = std::get_if<facts::FactVoided>(&one.fact.payload)) voided.insert(fact->target);
    facts::DossierRow row;
    for (const facts::Recorded& one : recorded) {
        if (const auto* opened = std::get_if<facts::DossierOpened>(&one.fact.payload)) {
            row = opened_row(one, *opened);
            row.version = static_cast<std::int64_t>(one.seq);
        } else {
            CHECK(apply(law, row, one, voided));
        }
        if (const auto* fact = std::get_if<facts::FactVoided>(&one.fact.payload);
            fact && fact->target == row.seq)
            void_all(row, one);
    }
    CHECK(settle(law, row));
    return row;
}

journal::Fold fold(const law::Law& law) {
    journal::Fold fold;
    fold.name = "dossiers";
    fold.types = {facts::DossierRow::row_type, facts::InvolvementRow::row_type, facts::PlaceRow::row_type};
    const std::vector<facts::RowType> documents = document_rows();
    fold.types.insert(fold.types.end(), documents.begin(), documents.end());
    fold.apply = [law](const facts::Recorded& recorded, journal::Projections& rows) -> Result<void> {
        const facts::Payload& payload = recorded.fact.payload;
        if (const auto* organisation = std::get_if<facts::OrganisationRecorded>(&payload))
            return place(*organisation, rows);
        if (const auto* ended = std::get_if<facts::OrganisationEnded>(&payload)) return place(*ended, rows);
        if (const auto* opened = std::get_if<facts::DossierOpened>(&payload)) {
            facts::DossierRow row = opened_row(recorded, *opened);
            row.version = static_cast<std::int64_t>(recorded.seq);
            row.path = TRY(path_of(rows, row.organisation));
            CHECK(settle(law, row));
            return put(rows, nullptr, row);
        }
        CHECK(fold_document(recorded, rows));
        if (recorded.fact.dossier == 0 || !moves_a_dossier(payload)) return {};
        const auto before =
            TRY(rows.find<facts::DossierRow>(static_cast<std::int64_t>(recorded.fact.dossier)));
        if (!before)
            return Error{ErrorCode::dossier_unknown,
                         fmt::format("fact {} moves dossier {}", recorded.seq, recorded.fact.dossier)};
        facts::DossierRow row;
        if (std::holds_alternative<facts::FactVoided>(payload)) {
            row = TRY(start_again(law, rows, recorded));
            row.path = before->path;
        } else {
            row = *before;
            CHECK(apply(law, row, recorded, {}));
            CHECK(settle(law, row));
        }
        return put(rows, &*before, row);
    };
    return fold;
}

}  // namespace qingyuan::act
