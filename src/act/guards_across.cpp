// Guard words that count over other dossiers: visits of one enterprise in a year, hours of training of a
// person, risk items of a unit.
#include <algorithm>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/carry_over.hpp"
#include "act/guard_words.hpp"
#include "act/links.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

using journal::Compare;

/// A dated number; nothing before it is in force: what is not asked yet is not missed.
Result<std::optional<Rational>> number_in_force(const law::Law& law, std::string_view parameter, Date on) {
    const auto found = law.parameter(parameter, on);
    if (found) return std::optional(*found);
    if (found.error().code == ErrorCode::law_not_in_force) return std::optional<Rational>();
    return found.error();
}

/// A column of a row of a vocabulary; "" where there is none.
std::string column_of(const law::Law& law, std::string_view vocabulary, std::string_view code,
                      std::string_view column) {
    const law::Vocabulary* words = law.find_vocabulary(vocabulary);
    const law::Word* word = words ? words->find(code) : nullptr;
    if (!word) return {};
    const auto found = word->more.find(column);
    return found == word->more.end() ? std::string() : found->second;
}

/// The published cap of the enterprise's hazard tier on the day, by parameter; "" where it has none.
Result<std::string> cap_of(const Question& q) {
    const auto firm = TRY(registry::find_operator(q.reader, q.dossier.operator_id, q.on));
    if (!firm) return std::string();
    std::string tier = column_of(q.law, "hazard_by_kind", firm->kind, "tier");
    if (tier.empty()) tier = column_of(q.law, "hazard_by_kind", "other", "tier");
    return column_of(q.law, "hazard_tiers", tier, "cap");
}

/// The day a visit was approved, where that stands.
std::optional<Date> approved_on(const facts::DossierRow& visit, std::string_view step) {
    for (const facts::StepState& taken : visit.steps)
        if (!taken.voided && taken.step == step) return taken.on;
    return std::nullopt;
}

Result<Rational> hours_of(const Question& q, const law::Guard& guard, const std::string& person) {
    std::int64_t hours = 0;
    CHECK(each_dossier(q.reader,
                       {{"procedure", Compare::equal, {guard.arguments[0]}},
                        {"state", Compare::equal, {guard.arguments[1]}}},
                       [&](const facts::DossierRow& course) -> Result<void> {
                           const auto on = parse_date(facts::text_of(course.attributes, "completed_on"));
                           if (facts::text_of(course.attributes, "person") == person && on && *on <= q.on &&
                               *on > q.on.plus_months(-12))
                               hours += whole_in(course.attributes, "hours");
                           return {};
                       }));
    return Rational(hours);
}

/// "new: 1, the register says 0"
std::string difference(const facts::Form& form, std::string_view field, std::int64_t register_says) {
    const std::int64_t given = whole_in(form, field);
    return given == register_says ? std::string()
                                  : fmt::format("{} {}, the register says {}", field, given, register_says);
}

}  // namespace

/// Hours of the courses a person passed in the twelve months before the step: `person`, `hours` and
/// `completed_on` of the procedure named. Each who signs needs them.
Result<bool> trained(const Question& q, const law::Guard& guard) {
    const auto wanted = TRY(number_in_force(q.law, guard.arguments[2], q.dossier.law_on));
    if (!wanted || q.actor.person == system_person) return true;
    std::vector<std::string> signing{q.actor.person};
    if (q.request) signing.insert(signing.end(), q.request->officers.begin(), q.request->officers.end());
    for (const std::string& person : signing) {
        const Rational hours = TRY(hours_of(q, guard, person));
        if (hours >= *wanted) continue;
        return refusal(
            q, guard,
            fmt::format("{} has {} of {} hours of training in the year to {}", person, hours.exact(),
                        wanted->exact(), q.on.text()),
            fmt::format("another signs, or {} completes the training ({})", person, guard.arguments[0]),
            "officers");
    }
    return true;
}

/// Visits of the same enterprise that were approved in the same calendar year and not called off, this one
/// included, against the cap of its hazard tier. A reason the law takes out of the cap (column `capped`)
/// neither counts nor is held back. 国办发〔2024〕54号
Result<bool> within_cap(const Question& q, const law::Guard& guard) {
    const auto& [reasons, allowing] = std::tie(guard.arguments[0], guard.arguments[1]);
    const auto counts = [&](const facts::DossierRow& visit) {
        return column_of(q.law, reasons, facts::text_of(visit.attributes, "reason"), "capped") == "yes";
    };
    if (q.dossier.operator_id.empty() || !counts(q.dossier)) return true;
    const std::string parameter = TRY(cap_of(q));
    if (parameter.empty()) return true;
    const auto cap = TRY(number_in_force(q.law, parameter, q.on));
    if (!cap) return true;
    std::vector<std::string> others;
    CHECK(each_dossier(q.reader,
                       {{"operator_id", Compare::equal, {q.dossier.operator_id}},
                        {"procedure", Compare::equal, {q.dossier.procedure}}},
                       [&](const facts::DossierRow& visit) -> Result<void> {
                           const auto on = approved_on(visit, q.step.id);
                           const bool off = visit.state == voided_state || visit.state == "cancelled";
                           if (visit.seq != q.dossier.seq && !off && on && on->year() == q.on.year() &&
                               counts(visit))
                               others.push_back(visit.id);
                           return {};
                       }));
    if (Rational(static_cast<std::int64_t>(others.size()) + 1) <= *cap) return true;
    if (std::ranges::any_of(q.dossier.steps, [&](const facts::StepState& taken) {
            return !taken.voided && taken.step == allowing;
        }))
        return true;
    return refusal(q, guard,
                   fmt::format("{} of {} visits of {} in {} are used ({})", others.size(), cap->exact(),
                               q.dossier.operator_id, q.on.year(), parameter),
                   fmt::format("take {} first, or cancel; visits so far: {}", allowing, join(others, ", ")));
}

/// What is carried over for a unit is what the register says: `before`, `new`, `persisting`, `escalated`,
/// `closed`, `after` against the dossier's `period` and the `unit` of the numbered invitation.
Result<bool> carried(const Question& q, const law::Guard& guard) {
    if (q.form == nullptr) return false;
    const auto& [field, step] = std::tie(guard.arguments[0], guard.arguments[1]);
    for (const std::string_view number : {"before", "new", "persisting", "escalated", "closed", "after"})
        if (!is_given(*q.form, number)) return true;  // the form says so
    const auto invitation = TRY(form_of_taking(q, step, whole_in(*q.form, field)));
    if (!invitation) return true;  // `numbered` says so
    const std::string text = facts::text_of(q.dossier.attributes, "period");
    const auto period = parse_period(text);
    if (!period)
        return refusal(q, guard, fmt::format("'{}' is no period", text),
                       "call the conference again for a period such as 2025-H1", field);
    const CarryOver is = TRY(carry_over(q.reader, q.law, facts::text_of(*invitation, "unit"), *period));
    std::vector<std::string> wrong;
    for (const auto& [name, value] : {std::pair{"before", is.before},
                                      {"new", is.fresh},
                                      {"persisting", is.persisting},
                                      {"escalated", is.escalated},
                                      {"closed", is.closed},
                                      {"after", is.after}})
        if (std::string one = difference(*q.form, name, value); !one.empty()) wrong.push_back(std::move(one));
    if (wrong.empty()) return true;
    return refusal(q, guard, join(wrong, "; "),
                   fmt::format("give before={} new={} persisting={} escalated={} closed={} after={}",
                               is.before, is.fresh, is.persisting, is.escalated, is.closed, is.after),
                   field);
}

}  // namespace qingyuan::act
