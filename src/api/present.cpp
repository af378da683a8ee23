#include "api/present.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr int near_units = 3;
constexpr std::int64_t near_hours_us = 24LL * 3600 * 1'000'000;

std::string_view text_of(law::FieldType type) {
    constexpr std::string_view names[] = {"text",     "long_text", "date",    "instant",      "whole",
                                          "money",    "boolean",   "word",    "words",        "person",
                                          "people",   "operator",  "product", "organisation", "dossier",
                                          "evidence", "personal"};
    return names[static_cast<std::size_t>(type)];
}

/// What officials write for one another: free text that a document does not repeat.
bool is_remark(const law::Field& field) {
    return field.type == law::FieldType::long_text || field.type == law::FieldType::person ||
           field.type == law::FieldType::people;
}
bool is_assessment(const law::Field& field) {
    return field.vocabulary.starts_with("risk_") || field.id.starts_with("risk_");
}

const std::string& limit_zh(const law::Limit& limit) {
    return limit.zh.empty() ? limit.step : limit.zh;
}

}  // namespace

Json date_or_null(Date date) {
    if (date == Date{} || date <= Date::never_before() || date >= Date::never_after()) return nullptr;
    return date.text();
}

std::string_view standing(const act::ClockView& view, Instant now) {
    if (!view.running) return "stopped";
    if (view.due_at) {
        if (now > *view.due_at) return "late";
        return view.due_at->us - now.us <= near_hours_us ? "near" : "running";
    }
    if (view.suspended) return "suspended";
    if (now.date() > view.due.raw) return "late";
    return view.left <= near_units && view.unit != law::Unit::month && view.unit != law::Unit::year
               ? "near"
               : "running";
}

Presenter::Presenter(const Services& services, const journal::Reader& reader, Instant now,
                     access::Masks masks)
    : services_(&services), reader_(&reader), now_(now), masks_(masks) {}

Json Presenter::named(std::string_view id, std::string_view zh, std::string_view en) const {
    return {{"id", id}, {"zh", zh.empty() ? id : zh}, {"en", en.empty() ? id : en}};
}

Json Presenter::word(std::string_view vocabulary, std::string_view code) const {
    if (code.empty()) return nullptr;
    const law::Vocabulary* found = services_->law.find_vocabulary(vocabulary);
    const law::Word* word = found ? found->find(code) : nullptr;
    return word ? named(code, word->zh, word->en) : named(code, code, code);
}

Json Presenter::term(std::string_view id) const {
    if (const law::Term* found = services_->law.find_term(id)) return named(id, found->zh, found->en);
    return named(id, id, id);
}

Json Presenter::role(std::string_view id) const {
    if (const law::Role* found = services_->law.find_role(id)) return named(id, found->zh, found->en);
    return named(id, id, id);
}

Json Presenter::organisation(std::string_view id) {
    auto known = organisations_.find(id);
    if (known == organisations_.end()) {
        std::pair<std::string, std::string> names{id, id};
        if (const auto row = reader_->view<facts::OrganisationRow>().find(std::string(id));
            row && *row && !(*row)->versions.empty())
            names = {(*row)->versions.back().name, (*row)->versions.back().name_en};
        known = organisations_.emplace(id, std::move(names)).first;
    }
    return named(id, known->second.first, known->second.second);
}

Json Presenter::person(std::string_view id) {
    auto known = people_.find(id);
    if (known == people_.end()) {
        std::string name;
        if (const auto row = reader_->view<facts::PersonRow>().find(std::string(id));
            row && *row && !(*row)->versions.empty())
            if (const auto value = services_->vault.find((*row)->versions.back().name.subject);
                value && *value != accounts::erased_text)
                name = *value;
        known = people_.emplace(id, std::move(name)).first;
    }
    Json out{{"id", id}, {"name", nullptr}};
    if (!known->second.empty()) out["name"] = known->second;
    return out;
}

Json Presenter::operator_ref(std::string_view id) {
    if (id.empty()) return nullptr;
    auto known = operators_.find(id);
    if (known == operators_.end()) {
        std::string name(id);
        if (const auto row = reader_->view<facts::OperatorRow>().find(std::string(id)); row && *row)
            name = (*row)->name;
        known = operators_.emplace(id, std::move(name)).first;
    }
    return {{"id", id}, {"name", known->second}};
}

Json Presenter::citation(std::string_view text) const {
    const law::Citation parsed = law::parse_citation(text);
    return {{"text", text}, {"zh", services_->law.cite_zh(parsed)}, {"en", services_->law.cite_en(parsed)}};
}

Json Presenter::citations(const std::vector<std::string>& texts) const {
    Json out = Json::array();
    for (const std::string& text : texts) out.push_back(citation(text));
    return out;
}

Json Presenter::document(std::string_view id) const {
    if (const law::Document* found = services_->law.find_document(id)) return named(id, found->zh, found->en);
    return named(id, id, id);
}

Json Presenter::campaign(std::string_view id) const {
    return word("campaigns", id);
}

Json Presenter::state(const law::Procedure& procedure, std::string_view id) const {
    if (id == "voided") return {{"id", "voided"}, {"zh", "已作废"}, {"en", "Voided"}, {"terminal", true}};
    const law::State* found = procedure.find_state(id);
    if (!found) return {{"id", id}, {"zh", id}, {"en", id}, {"terminal", false}};
    return {{"id", id}, {"zh", found->zh}, {"en", found->en}, {"terminal", found->terminal}};
}

Json Presenter::procedure(const law::Procedure& procedure) const {
    return named(procedure.id, procedure.zh, procedure.en);
}

Json Presenter::step(const law::Procedure* procedure, std::string_view id) const {
    const law::Step* found = procedure ? procedure->find_step(id) : nullptr;
    return found ? named(id, found->zh, found->en) : named(id, id, id);
}

Json Presenter::field(const law::Field& field) const {
    Json out{{"id", field.id},
             {"zh", field.zh},
             {"en", field.en},
             {"type", text_of(field.type)},
             {"vocabulary", field.vocabulary},
             {"required", field.required}};
    if (const law::Vocabulary* vocabulary =
            field.vocabulary.empty() ? nullptr : services_->law.find_vocabulary(field.vocabulary)) {
        out["words"] = Json::array();
        for (const law::Word& word : vocabulary->words)
            if (word.in_force.holds(today())) out["words"].push_back(named(word.code, word.zh, word.en));
    }
    return out;
}

Json Presenter::attributes(const facts::Form& form, const std::vector<law::Field>& fields) {
    Json out = Json::array();
    if (masked(access::Mask::content)) return out;
    for (const auto& [id, value] : form) {
        const auto found =
            std::find_if(fields.begin(), fields.end(),
                         [&, &name = id](const law::Field& field) { return field.id == name; });
        const bool known = found != fields.end();
        if (masked(access::Mask::internal) && (!known || is_remark(*found))) continue;
        if (masked(access::Mask::risk) && (!known || is_assessment(*found))) continue;
        Json attribute = known ? named(id, found->zh, found->en) : term(id);
        attribute["type"] = known ? text_of(found->type) : "text";
        if (std::holds_alternative<facts::SubjectRef>(value) && masked(access::Mask::personal)) {
            attribute["value"] = "";
            attribute["masked"] = true;
        } else if (const auto* subject = std::get_if<facts::SubjectRef>(&value)) {
            const auto plain = services_->vault.find(subject->subject);
            attribute["value"] = "";
            attribute["erased"] = plain && *plain == accounts::erased_text;
            if (plain && *plain != accounts::erased_text) attribute["value"] = *plain;
        } else {
            std::visit(
                [&](const auto& held) {
                    if constexpr (!std::is_same_v<std::decay_t<decltype(held)>, facts::SubjectRef>)
                        attribute["value"] = held;
                },
                value);
        }
        if (known && !found->vocabulary.empty()) {
            attribute["texts"] = Json::array();
            for (const std::string& code : facts::list_of(form, id))
                attribute["texts"].push_back(word(found->vocabulary, code));
        }
        out.push_back(std::move(attribute));
    }
    return out;
}

Json Presenter::clock(const act::ClockView& view) const {
    Json pauses = Json::array();
    for (const facts::Pause& pause : view.pauses)
        pauses.push_back({{"from", pause.from.text()}, {"to", date_or_null(pause.to)}});
    Json out{{"limit", view.limit_id},
             {"zh", term(view.limit_id)["zh"]},
             {"en", term(view.limit_id)["en"]},
             {"law", nullptr},
             {"unit", law::text_of(view.unit)},
             {"budget", view.budget},
             {"used", view.used},
             {"left", view.left},
             {"excluded_days", view.excluded_days},
             {"extended", view.extended},
             {"extension", view.extension},
             {"extension_due", nullptr},
             {"started_on", view.started_on.text()},
             {"stopped_on", date_or_null(view.stopped_on)},
             {"running", view.running},
             {"suspended", view.suspended},
             {"standing", standing(view, now_)},
             {"due",
              {{"raw", view.due.raw.text()},
               {"due_holiday_roll", view.due.due_holiday_roll.text()},
               {"due", view.due.due.text()},
               {"counted_days", view.due.counted_days},
               {"excluded_days", view.due.excluded_days},
               {"provisional", view.due.provisional},
               {"calendar_version", view.due.calendar_version}}},
             {"due_at", nullptr},
             {"pauses", std::move(pauses)},
             {"verified", true}};
    if (view.due_at) out["due_at"] = view.due_at->text();
    if (view.limit) {
        out["zh"] = limit_zh(*view.limit);
        out["en"] = view.limit->step;
        out["law"] = citation(view.limit->citation.text());
        out["verified"] = view.limit->status == law::Status::verified;
    }
    if (view.extension > 0 && view.running && !view.due_at) {
        std::vector<law::Excluded> excluded;
        for (const facts::Pause& pause : view.pauses)
            excluded.push_back({pause.from, std::min(pause.to, today())});
        if (const auto due = law::due_date(services_->law.calendar(), view.started_on,
                                           view.budget + view.extension, view.unit, excluded))
            out["extension_due"] = due->raw.text();
    }
    return out;
}

Json Presenter::clock_change(const facts::ClockChange& change) const {
    const auto limit = services_->law.limit(change.limit, today());
    return {{"limit", change.limit},
            {"zh", limit ? limit_zh(**limit) : change.limit},
            {"en", limit ? (*limit)->step : change.limit},
            {"change", change.change},
            {"value", change.value},
            {"unit", change.unit}};
}

const law::Procedure* Presenter::procedure_of(const facts::DossierRow& row) const {
    const auto found = services_->law.procedure(row.procedure, row.law_on);
    return found ? *found : nullptr;
}

std::vector<law::Field> Presenter::all_fields(const law::Procedure& procedure) const {
    std::vector<law::Field> fields = procedure.form;
    for (const law::Step& step : procedure.steps)
        fields.insert(fields.end(), step.form.begin(), step.form.end());
    return fields;
}

Json Presenter::dossier_row(const facts::DossierRow& row) {
    const law::Procedure* procedure = procedure_of(row);
    Json officers = Json::array();
    if (!masked(access::Mask::internal))
        for (const std::string& id : row.officers) officers.push_back(person(id));
    // The clock shown in a list is the running one that ends first.
    Json nearest = nullptr;
    const act::ClockView* first = nullptr;
    const auto views = services_->engine().clocks(row, now_);
    for (const act::ClockView& view : views)
        if (view.running && (!first || view.due.raw < first->due.raw)) first = &view;
    if (first) nearest = clock(*first);
    Json out{
        {"seq", row.seq},
        {"id", row.id},
        {"title", masked(access::Mask::content) ? "" : row.title},
        {"procedure", procedure ? this->procedure(*procedure) : term(row.procedure)},
        {"state",
         procedure ? state(*procedure, row.state)
                   : Json{{"id", row.state}, {"zh", row.state}, {"en", row.state}, {"terminal", !row.open}}},
        {"organisation", organisation(row.organisation)},
        {"operator", operator_ref(row.operator_id)},
        {"category", word("categories", row.category)},
        {"campaign", campaign(row.campaign)},
        {"opened_on", row.opened_on.text()},
        {"closed_on", date_or_null(row.closed_on)},
        {"open", row.open},
        {"updated_on", row.steps.empty() ? row.opened_on.text() : row.steps.back().on.text()},
        {"version", row.version},
        {"officers", std::move(officers)},
        {"clock", std::move(nearest)},
        {"restricted", false}};
    return out;
}

}  // namespace qingyuan::api
