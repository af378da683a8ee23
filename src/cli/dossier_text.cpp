// Dossiers, offers and clocks as text.
#include "cli/dossier_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "act/links.hpp"
#include "base/text.hpp"

namespace qingyuan::cli {

namespace {

std::string step_line(const facts::DossierRow& row, std::size_t index) {
    const facts::StepState& taken = row.steps[index];
    std::string line = fmt::format("{} {} {}", index + 1, taken.on.text(), taken.step);
    const std::string& to = index + 1 < row.steps.size() ? row.steps[index + 1].from : row.state;
    if (taken.voided)
        line += "  void";
    else if (to != taken.from && to != act::voided_state)
        line += fmt::format("  {} -> {}", taken.from, to);
    std::vector<std::string> others;
    std::ranges::copy_if(taken.officers, std::back_inserter(others),
                         [&](const auto& person) { return person != taken.actor; });
    line += fmt::format("  by {}", taken.actor);
    if (!others.empty()) line += fmt::format(" with {}", join(others, ","));
    return line;
}

}  // namespace

std::string value_text(const facts::Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
    if (const auto* yes = std::get_if<bool>(&value)) return *yes ? "true" : "false";
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return join(*list, ",");
    if (const auto* subject = std::get_if<facts::SubjectRef>(&value)) return "<" + subject->subject + ">";
    std::string text = std::get<std::string>(value);
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::string due_text(const law::Due& due) {
    std::string text = due.raw.text();
    if (due.due != due.raw) text += " / " + due.due.text();
    if (due.provisional) text += " provisional";
    return text;
}

std::string clock_line(const act::ClockView& clock, Instant now) {
    std::string line =
        fmt::format("{}  {} of {} {}", clock.limit_id, clock.used, clock.budget, law::text_of(clock.unit));
    if (clock.unit == law::Unit::month || clock.unit == law::Unit::year)
        line = fmt::format("{}  {} days of {} {}", clock.limit_id, clock.used, clock.budget,
                           law::text_of(clock.unit));
    if (!clock.running)
        return line + "  stopped " +
               (clock.stopped_at && clock.due_at ? clock.stopped_at->text() : clock.stopped_on.text());
    if (clock.suspended) return line + "  suspended since " + (clock.pauses.back().from - 1).text();
    const bool past = clock.due_at ? now > *clock.due_at : now.date() > clock.due.due;
    line += clock.duty ? "  due " : past ? "  ended " : "  ends ";
    line += clock.due_at ? clock.due_at->text() : due_text(clock.due);
    if (past && clock.duty)
        line += clock.due_at ? "  overdue" : fmt::format("  overdue {}", now.date() - clock.due.due);
    return line;
}

std::string offers_text(const std::vector<act::Offer>& offers) {
    std::size_t width = 0;
    for (const act::Offer& offer : offers) width = std::max(width, offer.step->id.size());
    std::string out;
    for (const act::Offer& offer : offers) {
        std::string line = fmt::format("{:{}}  ", offer.step->id, width);
        if (offer.refusal) {
            line += fmt::format("refused {}  {}", offer.refusal->info().name, offer.refusal->message);
            if (!offer.refusal->law.empty()) line += "  " + offer.refusal->law;
        } else {
            line += "open";
            if (!offer.needs.empty()) line += "  needs " + join(offer.needs, ", ");
        }
        out += line + "\n";
    }
    return out;
}

Result<std::string> dossier_text(const journal::Reader& reader, const act::Engine& engine,
                                 const facts::DossierRow& row, Instant now) {
    std::string out = fmt::format("{} {}  {}  {}  opened {}", row.id, row.procedure, row.state,
                                  row.organisation, row.opened_on.text());
    if (!row.open) out += "  closed " + row.closed_on.text();
    out += "\n";
    const auto line = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) out += fmt::format("{} {}\n", name, value);
    };
    line("title", row.title);
    line("operator", row.operator_id);
    line("category", row.category);
    line("campaign", row.campaign);
    if (row.source != 0)
        if (const auto source = TRY(reader.view<facts::DossierRow>().find(row.source))) {
            const auto step = std::ranges::find(source->steps, row.source_fact, &facts::StepState::seq);
            line("from", step == source->steps.end()
                             ? source->id
                             : fmt::format("{}/{}", source->id, step - source->steps.begin() + 1));
        }
    line("officers", join(row.officers, ", "));
    line("recused", join(row.recused, ", "));
    std::vector<std::string> attributes;
    for (const auto& [name, value] : row.attributes) attributes.push_back(name + "=" + value_text(value));
    line("attributes", join(attributes, "  "));
    line("documents", join(row.documents, ", "));
    for (const facts::ApprovalState& approval : row.approvals)
        out += fmt::format("approval {} by {} as {}\n", approval.step, approval.person, approval.role);
    for (std::size_t i = 0; i < row.steps.size(); ++i) out += step_line(row, i) + "\n";
    for (const act::ClockView& clock : engine.clocks(row, now)) out += clock_line(clock, now) + "\n";
    for (const facts::DossierRow& link : TRY(act::linked_dossiers(reader, row, "", "any")))
        out += fmt::format("link {} {}  {}\n", link.id, link.procedure, link.state);
    return out;
}

std::string dossier_line(const facts::DossierRow& row) {
    std::string line = fmt::format("{}  {}  {}  {}", row.id, row.procedure, row.state, row.organisation);
    if (!row.operator_id.empty()) line += "  " + row.operator_id;
    if (row.due != 0) line += "  due " + Date{static_cast<std::int32_t>(row.due)}.text();
    return line;
}

}  // namespace qingyuan::cli
