// Credit grades: what the acts of the day give, what persons decided, and the rules both rest on. Nothing
// here knows a score.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/assess_view.hpp"
#include "api/paging.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

using assess::CreditGrade;

constexpr CreditGrade all_grades[] = {CreditGrade::A, CreditGrade::B, CreditGrade::C, CreditGrade::D,
                                      CreditGrade::ungraded};

/// Counts of every grade; the ungraded stand in no denominator.
Json grades_json(const std::vector<const KnownOperator*>& rows) {
    assess::GradeShare share;
    for (const KnownOperator* row : rows) ++share.counts[row->credit_grade.grade];
    Json counts = Json::object();
    for (const CreditGrade grade : all_grades)
        counts[std::string(assess::text_of(grade))] = share.counts[grade];
    return {
        {"counts", std::move(counts)},
        {"graded", share.graded()},
        {"a_or_b", share_json(share.counts[CreditGrade::A] + share.counts[CreditGrade::B], share.graded())}};
}

/// The same by organisation, those with most operators first.
Json by_organisation(AssessView& view, const std::vector<const KnownOperator*>& rows) {
    std::map<std::string, std::vector<const KnownOperator*>, std::less<>> units;
    for (const KnownOperator* row : rows) units[row->organisation].push_back(row);
    std::vector<const decltype(units)::value_type*> order;
    for (const auto& unit : units) order.push_back(&unit);
    std::ranges::stable_sort(order, std::greater(), [](const auto* unit) { return unit->second.size(); });
    Json out = Json::array();
    for (const auto* unit : order) {
        Json one = grades_json(unit->second);
        one["organisation"] = view.present().organisation(unit->first);
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::optional<CreditGrade>> grade_asked(const Call& call) {
    const std::string_view text = call.parameter("grade");
    if (text.empty()) return std::optional<CreditGrade>();
    const auto grade = assess::find_grade(text);
    if (!grade)
        return Error{ErrorCode::not_in_vocabulary,
                     fmt::format("there is no grade '{}'", text),
                     "grade",
                     {},
                     "one of A, B, C, D, ungraded",
                     fmt::format("没有“{}”这一等级", text),
                     "可选 A、B、C、D、ungraded（未评级）"};
    return grade;
}

std::int64_t acts_counted(const assess::Grading& grading) {
    return std::ranges::count_if(grading.facts, [](const assess::GradedFact& fact) {
        return fact.effect == assess::CreditEffect::counted || fact.effect == assess::CreditEffect::direct;
    });
}

/// D first, the ungraded last; within a grade the fewest points, then the id.
bool is_worse(const KnownOperator* a, const KnownOperator* b) {
    const auto rank = [](const KnownOperator* one) {
        const auto grade = one->credit_grade.grade;
        return grade == CreditGrade::ungraded ? -1 : static_cast<int>(grade);
    };
    if (rank(a) != rank(b)) return rank(a) > rank(b);
    if (a->credit_grade.points != b->credit_grade.points)
        return a->credit_grade.points < b->credit_grade.points;
    return a->id < b->id;
}

bool is_due(const KnownOperator& one) {
    return one.decided && one.decided->grade != assess::text_of(one.credit_grade.grade);
}

Json row_json(AssessView& view, const KnownOperator& one) {
    Json out = view.operator_json(one);
    const assess::Grading& grading = one.credit_grade;
    out["credit_grade"] = assess::text_of(grading.grade);
    out["points"] = grading.points.exact();
    out["acts"] = acts_counted(grading);
    out["locked_until"] = date_or_null(grading.locked_until);
    out["rule_version"] = grading.rule_version;
    out["decided"] = decided_json(view.present(), view.credit(), one.decided);
    out["differs"] = is_due(one);
    out["hazard_tier"] = view.present().word("hazard_tiers", assess::text_of(one.hazard_tier));
    return out;
}

Json rules_in_use(AssessView& view, const std::vector<const KnownOperator*>& rows) {
    std::map<std::string, std::int64_t, std::less<>> used;
    for (const KnownOperator* row : rows) ++used[row->credit_grade.rule];
    Json out = Json::array();
    for (const auto& [id, operators] : used) {
        const auto rule = view.credit().rule(id, view.on());
        if (!rule) continue;
        Json one = view.present().named((*rule)->id, (*rule)->zh, (*rule)->en);
        one["version"] = (*rule)->version;
        one["verified"] = (*rule)->status == law::Status::verified;
        one["operators"] = operators;
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

Json decided_json(const Presenter& present, const law::CreditRules& rules,
                  const std::optional<DecidedGrade>& grade) {
    if (!grade) return nullptr;
    return {{"dossier", grade->dossier},
            {"grade", grade->grade},
            {"state", grade->state},
            {"rule", grade->rule},
            {"rule_version", grade->rule_version},
            {"graded_on", date_or_null(grade->graded_on)},
            {"told_on", date_or_null(grade->told_on)},
            {"published_on", date_or_null(grade->published_on)},
            {"contested", grade->contested},
            {"public", is_public(rules, *grade, present.today())}};
}

Answer credit_list(const Call& call) {
    const auto grade = TRY(grade_asked(call));
    const bool only_due = call.parameter("due") == "true";
    return with_assess(call, access::Kind::credit, [&](AssessView& view) -> Answer {
        const auto all = TRY(view.asked());
        std::vector<const KnownOperator*> rows;
        for (const KnownOperator* one : all)
            if ((!grade || one->credit_grade.grade == *grade) && (!only_due || is_due(*one)))
                rows.push_back(one);
        std::ranges::sort(rows, is_worse);
        Json out = TRY(rows_page(call, rows.size(),
                                 [&](std::size_t i) -> Result<Json> { return row_json(view, *rows[i]); }));
        out["as_of"] = view.as_of();
        out["grades"] = grades_json(all);
        out["by_organisation"] = by_organisation(view, all);
        out["rules"] = rules_in_use(view, all);
        out["decided"] =
            std::ranges::count_if(all, [](const KnownOperator* one) { return one->decided.has_value(); });
        out["due"] = std::ranges::count_if(all, [](const KnownOperator* one) { return is_due(*one); });
        CHECK(view.note("credit", out["items"].size()));
        return json_response(out);
    });
}

// --- one operator

namespace {

Json fact_json(const Presenter& present, const law::CreditRules& rules, const assess::GradedFact& one) {
    const law::CreditFactKind* kind = rules.find_kind(one.fact.kind);
    return {{"fact", present.named(one.fact.kind, kind->zh, kind->en)},
            {"matter", one.fact.matter},
            {"act", one.fact.act},
            {"effective_on", date_or_null(one.fact.effective_on)},
            {"final_on", date_or_null(one.fact.final_on)},
            {"annulled_on", date_or_null(one.fact.annulled_on)},
            {"ended_on", date_or_null(one.fact.ended_on)},
            {"law", present.citation(one.article)},
            {"points", one.points.exact()},
            {"effect", assess::text_of(one.effect)},
            {"counts_until", date_or_null(one.counts_until)},
            {"standing", one.fact.standing}};
}

Json consequences_json(const Presenter& present, const law::CreditRule& rule, CreditGrade grade, Date on) {
    Json out = Json::array();
    for (const law::CreditConsequence* one : assess::consequences_of(rule, grade, on))
        out.push_back({{"kind", present.word("credit_consequences", one->kind)},
                       {"value", one->value},
                       {"zh", one->zh},
                       {"en", one->en},
                       {"law", present.citation(one->law)},
                       {"from", date_or_null(one->in_force.from)},
                       {"to", date_or_null(one->in_force.to)}});
    return out;
}

Result<Json> frequency_json(const law::Law& law, const law::CreditRule& rule, assess::HazardTier tier,
                            CreditGrade grade, Date on) {
    const auto often = assess::frequency(law, rule, tier, grade, on);
    if (!often) return Json(nullptr);  // no text on the day says so
    return Json{{"planned", often->per_year.exact()},
                {"floor", often->floor.exact()},
                {"cap", often->cap.exact()},
                {"factor", often->factor.exact()}};
}

}  // namespace

Result<Json> credit_json(const Call& call, Presenter& present, const law::CreditRules& rules,
                         const facts::OperatorRecorded& firm, const Reaches& reaches) {
    const Date on = call.now.date();
    const law::CreditRule* rule = TRY(rules.rule_for(firm.kind, on));
    const auto facts = TRY(assess::credit_facts(present.reader(), rules, firm.id));
    const assess::Grading grading = TRY(assess::grade(rules, *rule, facts, on));
    const assess::HazardTier tier = assess::hazard_tier(call.services.law, firm.kind);
    Json shown = Json::array();
    std::int64_t hidden = 0;
    for (auto one = grading.facts.rbegin(); one != grading.facts.rend(); ++one) {
        if (TRY(reaches(one->fact.matter)))
            shown.push_back(fact_json(present, rules, *one));
        else
            ++hidden;
    }
    const auto ground = std::ranges::find(rule->direct, grading.ground, &law::CreditDirect::id);
    return Json{{"operator", {{"id", firm.id}, {"name", firm.name}}},
                {"as_of", on.text()},
                {"credit_grade", assess::text_of(grading.grade)},
                {"points", grading.points.exact()},
                {"of", rule->start.exact()},
                {"locked_until", date_or_null(grading.locked_until)},
                {"ground", ground == rule->direct.end() ? Json(nullptr)
                                                        : present.named(ground->id, ground->zh, ground->en)},
                {"rule", present.named(rule->id, rule->zh, rule->en)},
                {"rule_version", grading.rule_version},
                {"rule_verified", rule->status == law::Status::verified},
                {"facts", std::move(shown)},
                {"hidden", hidden},
                {"consequences", consequences_json(present, *rule, grading.grade, on)},
                {"visits_a_year", TRY(frequency_json(call.services.law, *rule, tier, grading.grade, on))},
                {"decided", decided_json(present, rules, TRY(decided_grade(present.reader(), firm.id, on)))},
                {"hazard_tier", present.word("hazard_tiers", assess::text_of(tier))}};
}

Answer credit_of(const Call& call) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const std::string& id = call.path.at("id");
        const auto unknown = [&] {
            return Error{ErrorCode::operator_unknown,
                         fmt::format("'{}'", id),
                         {},
                         {},
                         "look it up in the list of operators",
                         fmt::format("没有“{}”这一主体", id),
                         "请在主体列表中查找"};
        };
        call.decided = true;
        const auto firm = registry::operator_on(reader, id, call.now.date());
        if (!firm) return firm.error().code == ErrorCode::operator_unknown ? unknown() : firm.error();
        auto object = TRY(access::object_at(reader, access::Kind::credit, firm->organisation));
        object.operator_id = firm->id;
        const auto decision = TRY(call.may(object));
        Presenter present(call.services, reader, call.now, decision.masks);
        const auto* rules = TRY(call.services.assess->credit_rules(call.services.law));
        body = TRY(credit_json(call, present, *rules, *firm, [](const std::string&) { return true; }));
        return {};
    }));
    return json_response(body);
}

// --- the rules, which everybody may read

namespace {

Json deductions_json(const Presenter& present, const law::CreditRules& rules, const law::CreditRule& rule) {
    Json out = Json::array();
    for (const law::CreditDeduction& one : rule.deductions) {
        const law::CreditFactKind* kind = rules.find_kind(one.fact);
        out.push_back({{"fact", present.named(one.fact, kind->zh, kind->en)},
                       {"points", one.points.exact()},
                       {"months", one.months},
                       {"law", present.citation(one.law)}});
    }
    return out;
}

Json direct_json(const Presenter& present, const law::CreditRules& rules, const law::CreditRule& rule) {
    Json out = Json::array();
    for (const law::CreditDirect& one : rule.direct) {
        Json facts = Json::array();
        for (const std::string& id : one.facts) {
            const law::CreditFactKind* kind = rules.find_kind(id);
            facts.push_back(present.named(id, kind->zh, kind->en));
        }
        Json json = present.named(one.id, one.zh, one.en);
        json["facts"] = std::move(facts);
        json["count"] = one.count;
        json["within_months"] = one.within_months;
        json["lock_months"] = one.lock_months;
        json["law"] = present.citation(one.law);
        out.push_back(std::move(json));
    }
    return out;
}

Json all_consequences(const Presenter& present, const law::CreditRule& rule) {
    Json out = Json::array();
    for (const law::CreditConsequence& one : rule.consequences)
        out.push_back({{"grades", one.grades},
                       {"kind", present.word("credit_consequences", one.kind)},
                       {"value", one.value},
                       {"zh", one.zh},
                       {"en", one.en},
                       {"law", present.citation(one.law)},
                       {"from", date_or_null(one.in_force.from)},
                       {"to", date_or_null(one.in_force.to)}});
    return out;
}

}  // namespace

Json credit_rule_json(const Presenter& present, const law::CreditRules& rules, const law::CreditRule& rule) {
    Json bands = Json::array();
    for (const law::CreditBand& band : rule.bands)
        bands.push_back({{"grade", present.word("credit_grades", band.grade)},
                         {"min", band.min ? Json(band.min->exact()) : Json(nullptr)},
                         {"below", band.below ? Json(band.below->exact()) : Json(nullptr)}});
    Json out = present.named(rule.id, rule.zh, rule.en);
    out["version"] = rule.version;
    out["verified"] = rule.status == law::Status::verified;
    out["note"] = rule.note;
    out["law"] = present.citations(rule.law);
    out["from"] = date_or_null(rule.in_force.from);
    out["to"] = date_or_null(rule.in_force.to);
    out["start"] = rule.start.exact();
    out["deductions"] = deductions_json(present, rules, rule);
    out["direct"] = direct_json(present, rules, rule);
    out["bands"] = std::move(bands);
    out["consequences"] = all_consequences(present, rule);
    return out;
}

Answer credit_rules(const Call& call) {
    const auto* rules = TRY(call.services.assess->credit_rules(call.services.law));
    Json items = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Presenter present(call.services, reader, call.now);
        const auto all = rules->rules();
        for (const law::CreditRule& rule : all) {
            Json one = credit_rule_json(present, *rules, rule);
            Json kinds = Json::array();
            if (const law::Vocabulary* words = call.services.law.find_vocabulary("operator_kinds"))
                for (const law::Word& word : words->words)
                    if (const auto used = rules->rule_for(word.code, call.now.date()); used && *used == &rule)
                        kinds.push_back(present.named(word.code, word.zh, word.en));
            one["grades_kinds"] = std::move(kinds);
            items.push_back(std::move(one));
        }
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

}  // namespace qingyuan::api
