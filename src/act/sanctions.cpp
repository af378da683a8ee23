// The guard words about penalties and bans: is a fine inside what the law gives, are persons dealt with as it
// says, may a person stand in an application.
#include "act/attributes.hpp"
#include "act/bans.hpp"
#include "act/punishment.hpp"
#include "act/refuse.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/words.hpp"

namespace qingyuan::act {

namespace {

constexpr int life_years = 1000;

/// The years of a ban as the form says it: 0 none, a great many for life.
Result<std::optional<int>> ban_years(const Question& q) {
    const std::string ban = facts::text_of(*q.form, "ban");
    if (ban == "life") return std::optional(life_years);
    if (ban != "years") return std::optional(0);
    const auto until = parse_date(facts::text_of(*q.form, "ban_until"));
    if (!until) return std::optional<int>();
    int years = 0;
    while (q.on.plus_months(12 * (years + 1)) <= *until && years < life_years) ++years;
    return std::optional(years);
}

Result<bool> ban_fits(const Question& q, const law::Guard& guard, const law::PenaltyRange& range) {
    const auto years = TRY(ban_years(q));
    if (!years) return true;  // the missing date is another guard's matter
    const auto number = [](const std::string& text) {
        if (text == "life") return life_years;
        if (text == "up_to_10") return 0;
        const auto whole = parse_integer(text);
        return whole ? static_cast<int>(*whole) : 0;
    };
    const int least = number(range.ban_min), most = number(range.ban_max);
    if (least <= *years && *years <= most) return true;
    return refusal(q, guard,
                   range.ban_max.empty()
                       ? "the rule knows no ban for this act"
                       : fmt::format("the ban lasts from {} to {} years", range.ban_min, range.ban_max),
                   "give the ban the rule provides", "ban");
}

}  // namespace

/// A fine that is not given needs no range.
Result<bool> in_range(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const std::string& field = guard.arguments[0];
    const auto fine = number_in(q, field);
    if (!fine || *fine == 0) return true;
    const auto punishment = TRY(punishment_of(q.law, q.dossier, *q.form));
    if (!punishment || punishment->rules.empty()) return true;  // the data hold no range for this act
    const law::PenaltyRange& range = punishment->organisation;
    if (range.applies && range.min.value <= *fine && *fine <= range.max.value) return true;
    Error error =
        refusal(q, guard,
                range.applies ? fmt::format("{} yuan is outside {} to {} yuan", Fen{*fine}.text(),
                                            range.min.text(), range.max.text())
                              : "the rules of this act set no fine",
                range.applies ? fmt::format("give {} to {} fen, or state the factors that change the range",
                                            range.min.value, range.max.value)
                              : "leave the fine out",
                field);
    if (const law::PenaltyRule* rule = q.law.find_penalty_rule(punishment->heaviest)) error.law = rule->law;
    return error;
}

Result<bool> person_in_range(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const std::string& field = guard.arguments[0];
    const auto punishment = TRY(punishment_of(q.law, q.dossier, *q.form));
    if (!punishment || punishment->rules.empty()) return true;
    const law::PenaltyRange& range = punishment->persons;
    const law::PenaltyRule* rule = q.law.find_penalty_rule(punishment->persons_rule);
    const auto cited = [&](Error error) {
        if (rule != nullptr) error.law = rule->law;
        return error;
    };
    if (!range.applies)
        return refusal(q, guard, "the rules of this act punish no persons on these facts",
                       "state serious circumstances where they are there, or take no step against a person",
                       field);
    const Fen fine{number_in(q, field).value_or(0)};
    const bool by_income = rule != nullptr && rule->persons && rule->persons->fine &&
                           rule->persons->fine->base != law::FineBase::fixed;
    if (by_income && fine.value > 0 && !attribute_of(q.dossier, *q.form, "income_basis_fen"))
        return cited(refusal(q, guard, "is a multiple of the person's income, which is not given",
                             "give income_basis_fen", "income_basis_fen"));
    if (fine < range.min || range.max < fine)
        return cited(refusal(
            q, guard,
            fmt::format("{} yuan is outside {} to {} yuan", fine.text(), range.min.text(), range.max.text()),
            fmt::format("give {} to {} fen", range.min.value, range.max.value), field));
    const auto fits = ban_fits(q, guard, range);
    if (!fits && fits.error().info().kind == ErrorKind::refusal) return cited(fits.error());
    return fits;
}

/// "The rule provides nothing for persons" must be true.
Result<bool> liable(const Question& q, const law::Guard& guard) {
    if (has_no_form(q)) return false;
    const std::string& field = guard.arguments[0];
    const std::string said = facts::text_of(*q.form, field);
    if (said != "not_provided" && said != "penalise") return true;
    const law::Violation* violation = q.law.find_violation(facts::text_of(q.dossier.attributes, "violation"));
    if (violation == nullptr) return true;
    bool provides = false, known = false;
    std::string citation;
    for (const std::string& id : violation->penalises) {
        const law::PenaltyRule* rule = q.law.find_penalty_rule(id);
        if (rule == nullptr) continue;
        known = true;
        if (!rule->persons || provides) continue;
        provides = true;
        citation = rule->law;
    }
    if (!known || provides == (said == "penalise")) return true;
    Error error =
        refusal(q, guard,
                provides ? fmt::format("{} provides penalties for persons", citation)
                         : fmt::format("no rule of {} provides penalties for persons", violation->code),
                provides ? "decide to punish, or not to and why" : "say not_provided", field);
    if (provides) error.law = citation;
    return error;
}

/// Measures of joint discipline against persons are dossiers of their own; while one is in force its person
/// stands in no application (药品管理法 118, 122 to 126, 140). They are few.
Result<bool> not_banned(const Question& q, const law::Guard& guard) {
    for (const std::string& name : guard.arguments) {
        const auto value = attribute_of(q.dossier, q.form ? *q.form : facts::Form{}, name);
        const auto* person = value ? std::get_if<facts::SubjectRef>(&*value) : nullptr;
        if (person == nullptr) continue;
        const auto ban = TRY(ban_of(q.reader, *person, q.on));
        if (ban)
            return refusal(q, guard,
                           fmt::format("is banned by {} until {}", ban->dossier,
                                       ban->until ? ban->until->text() : "the end of life"),
                           "another person must stand here; a ban ends by itself after its last day", name);
    }
    return true;
}

}  // namespace qingyuan::act
