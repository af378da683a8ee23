// Dossiers, offers and clocks as JSON.
#include "cli/dossier_json.hpp"

#include <algorithm>

#include "act/links.hpp"
#include "document/form_json.hpp"

namespace qingyuan::cli {

using nlohmann::ordered_json;

namespace {

ordered_json date_or_null(Date date) {
    return date == Date{} ? ordered_json() : ordered_json(date.text());
}

/// What a fact says, by kind; `number` counts the steps from 1.
ordered_json fact_json(const facts::Recorded& recorded, const facts::DossierRow& row, std::size_t& number) {
    ordered_json out{{"seq", recorded.seq},
                     {"kind", facts::kind_of(recorded.fact.payload)},
                     {"happened_on", recorded.fact.happened_on.text()},
                     {"recorded_at", recorded.recorded_at.text()},
                     {"actor", recorded.fact.actor}};
    if (const auto* opened = std::get_if<facts::DossierOpened>(&recorded.fact.payload)) {
        out["to"] = opened->state;
        out["form"] = form_json(opened->attributes);
    } else if (const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload)) {
        out["number"] = ++number;
        out["step"] = step->step;
        const auto state =
            std::ranges::find(row.steps, static_cast<std::int64_t>(recorded.seq), &facts::StepState::seq);
        if (state != row.steps.end()) {
            out["from"] = state->from;
            out["voided"] = state->voided;
        }
        out["to"] = step->to;
        out["role"] = step->role;
        out["officers"] = step->officers;
        out["form"] = form_json(step->form);
        out["documents"] = step->documents;
        out["evidence"] = step->evidence;
        out["clocks"] = ordered_json::array();
        for (const facts::ClockChange& change : step->clocks)
            out["clocks"].push_back({{"limit", change.limit},
                                     {"change", change.change},
                                     {"value", change.value},
                                     {"unit", change.unit}});
    } else if (const auto* approval = std::get_if<facts::ApprovalGiven>(&recorded.fact.payload)) {
        out["step"] = approval->step;
        out["role"] = approval->role;
        out["form_digest"] = hex(std::string_view(approval->form_digest));
    } else if (const auto* recusal = std::get_if<facts::PersonRecused>(&recorded.fact.payload)) {
        out["person"] = recusal->person;
        out["reason"] = recusal->reason;
    } else if (const auto* voided = std::get_if<facts::FactVoided>(&recorded.fact.payload)) {
        out["target"] = voided->target;
        out["reason"] = voided->reason;
    }
    return out;
}

}  // namespace

ordered_json form_json(const facts::Form& form) {
    return ordered_json::parse(document::json_of_form(form));
}

ordered_json clock_json(const act::ClockView& clock) {
    ordered_json out{{"limit", clock.limit_id},
                     {"budget", clock.budget},
                     {"used", clock.used},
                     {"left", clock.left},
                     {"unit", law::text_of(clock.unit)},
                     {"excluded_days", clock.excluded_days},
                     {"running", clock.running},
                     {"suspended", clock.suspended},
                     {"started_on", clock.started_on.text()},
                     {"stopped_on", date_or_null(clock.stopped_on)}};
    if (clock.due_at) out["due_at"] = clock.due_at->text();
    out["due"] = clock.due.due.text();
    out["due_raw"] = clock.due.raw.text();
    out["due_holiday_roll"] = clock.due.due_holiday_roll.text();
    out["provisional"] = clock.due.provisional;
    out["extension"] = clock.extension;
    out["pauses"] = ordered_json::array();
    for (const facts::Pause& pause : clock.pauses)
        out["pauses"].push_back(
            {{"from", pause.from.text()},
             {"to", pause.to == Date::never_after() ? ordered_json() : ordered_json(pause.to.text())}});
    if (clock.limit) out["law"] = clock.limit->citation.text();
    return out;
}

ordered_json offer_json(const act::Offer& offer) {
    ordered_json out{{"step", offer.step->id},
                     {"zh", offer.step->zh},
                     {"en", offer.step->en},
                     {"law", offer.step->law},
                     {"open", !offer.refusal}};
    if (offer.refusal)
        out["refusal"] = {{"code", offer.refusal->info().name},
                          {"message", offer.refusal->message},
                          {"law", offer.refusal->law},
                          {"next", offer.refusal->next}};
    else
        out["needs"] = offer.needs;
    return out;
}

ordered_json row_json(const facts::DossierRow& row) {
    ordered_json out{{"id", row.id},
                     {"seq", row.seq},
                     {"procedure", row.procedure},
                     {"state", row.state},
                     {"organisation", row.organisation},
                     {"title", row.title},
                     {"operator_id", row.operator_id},
                     {"category", row.category},
                     {"campaign", row.campaign},
                     {"law_on", row.law_on.text()},
                     {"opened_on", row.opened_on.text()},
                     {"closed_on", date_or_null(row.closed_on)},
                     {"open", row.open},
                     {"version", row.version}};
    out["due"] =
        row.due == 0 ? ordered_json() : ordered_json(Date{static_cast<std::int32_t>(row.due)}.text());
    return out;
}

Result<ordered_json> dossier_json(const journal::Reader& reader, const act::Engine& engine,
                                  const facts::DossierRow& row, Instant now) {
    ordered_json out = row_json(row);
    out["source"] = ordered_json();
    if (row.source != 0)
        if (const auto source = TRY(reader.view<facts::DossierRow>().find(row.source)))
            out["source"] = {{"id", source->id}, {"seq", row.source}, {"fact", row.source_fact}};
    out["attributes"] = form_json(row.attributes);
    out["officers"] = row.officers;
    out["recused"] = row.recused;
    out["documents"] = row.documents;
    out["approvals"] = ordered_json::array();
    for (const facts::ApprovalState& approval : row.approvals)
        out["approvals"].push_back(
            {{"step", approval.step}, {"role", approval.role}, {"person", approval.person}});
    out["clocks"] = ordered_json::array();
    for (const act::ClockView& clock : engine.clocks(row, now)) out["clocks"].push_back(clock_json(clock));
    out["timeline"] = ordered_json::array();
    std::size_t number = 0;
    for (const std::uint64_t seq : TRY(reader.facts_of(static_cast<std::uint64_t>(row.seq))))
        out["timeline"].push_back(fact_json(TRY(reader.fact(seq)), row, number));
    out["links"] = ordered_json::array();
    for (const facts::DossierRow& link : TRY(act::linked_dossiers(reader, row, "", "any")))
        out["links"].push_back({{"id", link.id},
                                {"procedure", link.procedure},
                                {"state", link.state},
                                {"fact", link.source_fact}});
    return out;
}

}  // namespace qingyuan::cli
