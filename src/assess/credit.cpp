#include "assess/credit.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "facts/rows.hpp"

namespace qingyuan::assess {

namespace {

constexpr std::array<std::string_view, 5> grade_texts{"A", "B", "C", "D", "ungraded"};
constexpr std::array<std::string_view, 4> tier_texts{"special", "high", "medium", "low"};
constexpr std::array<std::string_view, 10> effect_texts{
    "counted", "direct", "lighter", "capped", "no_points", "lapsed", "ended", "pending", "annulled", "later"};

template <class T, std::size_t N>
std::optional<T> find_text(const std::array<std::string_view, N>& texts, std::string_view text) {
    const auto found = std::ranges::find(texts, text);
    if (found == texts.end()) return std::nullopt;
    return static_cast<T>(found - texts.begin());
}

bool is_day(Date date) {
    return date != Date{};
}

/// A fact counts up to and including the day before `effective + months`.
Date last_day(Date from, int months) {
    return from.plus_months(months) - 1;
}

Result<void> check_facts(const law::CreditRules& rules, std::span<const CreditFact> facts) {
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const CreditFact& fact = facts[i];
        if (rules.find_kind(fact.kind) == nullptr)
            return Error{ErrorCode::law_reference_unknown,
                         fmt::format("no kind of fact '{}'", fact.kind),
                         fact.matter,
                         {},
                         "name one of credit_facts.toml"};
        if (!is_day(fact.effective_on))
            return Error{ErrorCode::field_missing,
                         "an act has the day it became effective",
                         fact.matter,
                         {},
                         "give effective_on"};
        for (std::size_t k = 0; k < i; ++k)
            if (facts[k].act == fact.act && facts[k].kind == fact.kind && facts[k].matter == fact.matter)
                return Error{
                    ErrorCode::duplicate_key,
                    fmt::format("two facts '{}' for one act {} of {}", fact.kind, fact.act, fact.matter),
                    fact.matter,
                    {},
                    "give each act once"};
    }
    return {};
}

/// What a fact is on the day, points aside.
CreditEffect standing_of(const CreditFact& fact, Date as_of) {
    if (fact.effective_on > as_of) return CreditEffect::later;
    if (is_day(fact.annulled_on) && fact.annulled_on <= as_of) return CreditEffect::annulled;
    if (!is_day(fact.final_on) || fact.final_on > as_of) return CreditEffect::pending;
    if (is_day(fact.ended_on) && fact.ended_on <= as_of) return CreditEffect::ended;
    return CreditEffect::counted;
}

GradedFact weighed(const law::CreditRules& rules, const law::CreditRule& rule, const CreditFact& fact,
                   Date as_of) {
    GradedFact out{fact, standing_of(fact, as_of), {}, {}, {}};
    const law::CreditDeduction* deduction = rule.find_deduction(fact.kind);
    out.article = deduction != nullptr ? deduction->law : rules.find_kind(fact.kind)->law.front();
    if (deduction != nullptr && deduction->months > 0)
        out.counts_until = last_day(fact.effective_on, deduction->months);
    if (out.effect != CreditEffect::counted) return out;
    if (deduction == nullptr || deduction->points == Rational(0))
        out.effect = CreditEffect::no_points;
    else if (is_day(out.counts_until) && out.counts_until < as_of)
        out.effect = CreditEffect::lapsed;
    else
        out.points = deduction->points;
    return out;
}

/// Of one matter only the heaviest act counts, the first of equal ones.
void keep_heaviest(std::vector<GradedFact>& facts) {
    for (GradedFact& one : facts) {
        if (one.effect != CreditEffect::counted) continue;
        const bool heavier = std::ranges::any_of(facts, [&](const GradedFact& other) {
            return &other != &one && other.effect == CreditEffect::counted &&
                   other.fact.matter == one.fact.matter &&
                   (other.points > one.points || (other.points == one.points && &other < &one));
        });
        if (heavier) one.effect = CreditEffect::lighter;
    }
    for (GradedFact& one : facts)
        if (one.effect == CreditEffect::lighter) one.points = Rational(0);
}

/// A dimension costs at most its weight: what goes beyond is taken off nothing, oldest act first.
void cap_dimensions(const law::CreditRule& rule, std::vector<GradedFact>& facts) {
    for (const law::CreditDimension& dimension : rule.dimensions) {
        Rational left = dimension.weight;
        for (GradedFact& one : facts) {
            if (one.effect != CreditEffect::counted) continue;
            if (rule.find_deduction(one.fact.kind)->dimension != dimension.id) continue;
            if (left == Rational(0)) one.effect = CreditEffect::capped;
            if (one.points > left) one.points = left;
            left = left - one.points;
        }
    }
}

/// The latest day up to which one direct ground locks grade D, and marks the facts it rests on.
Date locked_until(const law::CreditDirect& ground, std::vector<GradedFact>& facts, Date as_of) {
    std::vector<GradedFact*> fit;
    for (GradedFact& one : facts) {
        const CreditEffect standing = standing_of(one.fact, as_of);
        if (standing == CreditEffect::counted &&
            std::ranges::find(ground.facts, one.fact.kind) != ground.facts.end())
            fit.push_back(&one);
    }
    std::ranges::stable_sort(fit, {}, [](const GradedFact* one) { return one->fact.effective_on; });
    Date until;
    const auto count = static_cast<std::size_t>(ground.count);
    for (std::size_t last = count - 1; last < fit.size(); ++last) {
        const std::size_t first = last + 1 - count;
        const Date from = fit[first]->fact.effective_on, to = fit[last]->fact.effective_on;
        if (ground.within_months > 0 && last_day(from, ground.within_months) < to) continue;
        const Date locked = fit[last]->fact.standing ? Date::never_after() : last_day(to, ground.lock_months);
        if (locked < as_of) continue;
        until = std::max(until, locked);
        for (std::size_t i = first; i <= last; ++i) fit[i]->effect = CreditEffect::direct;
    }
    return until;
}

bool somebody_looked(const law::CreditRule& rule, std::span<const GradedFact> facts, Date as_of) {
    return std::ranges::any_of(facts, [&](const GradedFact& one) {
        if (!one.fact.basis || one.effect == CreditEffect::later || one.effect == CreditEffect::pending ||
            one.effect == CreditEffect::annulled)
            return false;
        return rule.basis_months == 0 || last_day(one.fact.effective_on, rule.basis_months) >= as_of;
    });
}

}  // namespace

std::string_view text_of(CreditGrade grade) {
    return grade_texts[static_cast<std::size_t>(grade)];
}
std::optional<CreditGrade> find_grade(std::string_view text) {
    return find_text<CreditGrade>(grade_texts, text);
}
std::string_view text_of(HazardTier tier) {
    return tier_texts[static_cast<std::size_t>(tier)];
}
std::optional<HazardTier> find_tier(std::string_view text) {
    return find_text<HazardTier>(tier_texts, text);
}
std::string_view text_of(CreditEffect effect) {
    return effect_texts[static_cast<std::size_t>(effect)];
}

Result<Grading> grade(const law::CreditRules& rules, const law::CreditRule& rule,
                      std::span<const CreditFact> facts, Date as_of) {
    CHECK(check_facts(rules, facts));
    Grading out;
    out.rule = rule.id;
    out.rule_version = rule.version;
    out.as_of = as_of;
    out.facts.reserve(facts.size());
    for (const CreditFact& fact : facts) out.facts.push_back(weighed(rules, rule, fact, as_of));
    keep_heaviest(out.facts);
    cap_dimensions(rule, out.facts);
    out.points = rule.start;
    bool counted = false;
    for (const GradedFact& one : out.facts) {
        if (one.effect != CreditEffect::counted) continue;
        out.points = out.points - one.points;
        counted = true;
    }
    if (out.points < Rational(0)) out.points = Rational(0);
    for (const law::CreditDirect& ground : rule.direct) {
        const Date until = locked_until(ground, out.facts, as_of);
        if (!is_day(until) || (is_day(out.locked_until) && until <= out.locked_until)) continue;
        out.locked_until = until;
        out.ground = ground.id;
    }
    if (!out.ground.empty())
        out.grade = CreditGrade::D;
    else if (counted || somebody_looked(rule, out.facts, as_of))
        out.grade = *find_grade(rule.grade_of(out.points));
    return out;
}

std::vector<const law::CreditConsequence*> consequences_of(const law::CreditRule& rule, CreditGrade grade,
                                                           Date on) {
    std::vector<const law::CreditConsequence*> out;
    for (const law::CreditConsequence& one : rule.consequences)
        if (one.in_force.holds(on) && std::ranges::find(one.grades, text_of(grade)) != one.grades.end())
            out.push_back(&one);
    return out;
}

HazardTier hazard_tier(const law::Law& law, std::string_view operator_kind) {
    const law::Vocabulary* kinds = law.find_vocabulary("hazard_by_kind");
    const law::Word* word = kinds != nullptr ? kinds->find(operator_kind) : nullptr;
    if (word == nullptr || !word->more.contains("tier")) return HazardTier::low;
    return find_tier(word->more.find("tier")->second).value_or(HazardTier::low);
}

namespace {

/// "2" or "1/3" of a tier's row.
Result<Rational> fraction(const law::Word& word, std::string_view column) {
    const auto found = word.more.find(column);
    if (found == word.more.end())
        return Error{ErrorCode::column_missing, std::string(column), "hazard_tiers"};
    const std::string_view text = found->second;
    const std::size_t bar = text.find('/');
    const Rational above = TRY(parse_decimal(text.substr(0, bar)));
    if (bar == std::string_view::npos) return above;
    return above / TRY(parse_decimal(text.substr(bar + 1)));
}

}  // namespace

Result<Frequency> frequency(const law::Law& law, const law::CreditRule& rule, HazardTier tier,
                            CreditGrade grade, Date on) {
    const law::Vocabulary* tiers = law.find_vocabulary("hazard_tiers");
    const law::Word* word = tiers != nullptr ? tiers->find(text_of(tier)) : nullptr;
    if (word == nullptr) return Error{ErrorCode::law_reference_unknown, "no vocabulary 'hazard_tiers'"};
    Frequency out;
    out.factor = Rational(1);
    for (const law::CreditConsequence* one : consequences_of(rule, grade, on))
        if (one->kind == "frequency") out.factor = TRY(parse_decimal(one->value));
    out.floor = TRY(fraction(*word, "floor_per_year"));
    out.per_year = TRY(fraction(*word, "visits_per_year")) * out.factor;
    const auto named = word->more.find("cap");
    const auto cap = law.parameter(named != word->more.end() ? named->second : "", on);
    if (!cap && cap.error().code != ErrorCode::law_not_in_force) return cap.error();
    out.cap = cap ? *cap : out.per_year;
    // The statute wins over the cap: what must be done is done.
    out.per_year = std::max(out.floor, std::min(out.per_year, out.cap));
    return out;
}

std::int64_t GradeShare::graded() const {
    std::int64_t sum = 0;
    for (const auto& [grade, count] : counts)
        if (grade != CreditGrade::ungraded) sum += count;
    return sum;
}

Rational GradeShare::b_or_above() const {
    const std::int64_t all = graded();
    if (all == 0) return {};
    std::int64_t good = 0;
    for (const auto& [grade, count] : counts)
        if (grade == CreditGrade::A || grade == CreditGrade::B) good += count;
    return Rational(good, all);
}

}  // namespace qingyuan::assess
