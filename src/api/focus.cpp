// Focus lists: whom the rules point at and why, what a changed rule changes, how far visits reach town and
// countryside, what visits find by the reason that chose them; and putting those on the list on the plan.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/assess_view.hpp"
#include "api/focus_visits.hpp"
#include "api/paging.hpp"
#include "assess/areas.hpp"
#include "base/text.hpp"
#include "target/estimates.hpp"

namespace qingyuan::api {

namespace {

Json fact_json(const Presenter& present, const assess::FocusMet& met) {
    const auto known = law::focus_facts();
    const auto fact = std::ranges::find(known, met.fact, &law::FocusFact::name);
    const bool found = fact != known.end();
    Json out{{"fact", found ? present.named(met.fact, fact->zh, fact->meaning)
                            : present.named(met.fact, met.fact, met.fact)},
             {"word", nullptr},
             {"count", met.count},
             {"at_least", met.at_least},
             {"within_months", met.within_months}};
    if (!met.word.empty())
        out["word"] = found && !fact->vocabulary.empty() ? present.word(fact->vocabulary, met.word)
                                                         : present.named(met.word, met.word, met.word);
    return out;
}

const law::FocusRule* rule_of(const law::FocusRules& rules, const assess::FocusReason& reason) {
    const auto all = rules.all();
    const auto at = std::ranges::find_if(all, [&](const law::FocusRule& rule) {
        return rule.id == reason.rule && rule.version == reason.version;
    });
    return at == all.end() ? nullptr : &*at;
}

bool has_reason(const assess::FocusEntry& entry, std::string_view dimension, std::string_view rule) {
    return std::ranges::any_of(entry.reasons, [&](const assess::FocusReason& reason) {
        return (dimension.empty() || reason.dimension == dimension) && (rule.empty() || reason.rule == rule);
    });
}

std::vector<std::string> dimensions_of(const assess::FocusEntry& entry) {
    std::vector<std::string> out;
    for (const assess::FocusReason& reason : entry.reasons)
        if (std::ranges::find(out, reason.dimension) == out.end()) out.push_back(reason.dimension);
    std::ranges::sort(out);
    return out;
}

/// Those with most dimensions first, then most reasons, then the order of predicted risk, which is not shown.
bool comes_before(const KnownOperator* a, const KnownOperator* b) {
    const auto key = [](const KnownOperator* one) {
        return std::tuple(dimensions_of(*one->focus).size(), one->focus->reasons.size(),
                          one->predicted_risk.priority);
    };
    if (key(a) != key(b)) return key(a) > key(b);
    return a->id < b->id;
}

/// Operators by rule and by dimension: of the reader's list, whatever the filters of dimension and rule say.
Json rules_json(AssessView& view, const law::FocusRules& rules,
                const std::vector<const KnownOperator*>& listed) {
    Json out = Json::array();
    for (const law::FocusRule* rule : rules.in_force(view.on())) {
        Json one = view.present().named(rule->id, rule->zh, rule->en);
        one["version"] = rule->version;
        one["dimension"] = rule->dimension;
        one["verified"] = rule->status == law::Status::verified;
        one["note"] = rule->note;
        one["law"] = view.present().citations(rule->law);
        one["from"] = date_or_null(rule->in_force.from);
        one["operators"] = std::ranges::count_if(
            listed, [&](const KnownOperator* row) { return has_reason(*row->focus, {}, rule->id); });
        out.push_back(std::move(one));
    }
    return out;
}

Json dimensions_json(AssessView& view, const std::vector<const KnownOperator*>& listed) {
    Json out = Json::array();
    const law::Vocabulary* words = view.law().find_vocabulary("focus_dimensions");
    for (const law::Word& word : words ? words->words : std::vector<law::Word>()) {
        Json one = view.present().named(word.code, word.zh, word.en);
        one["operators"] = std::ranges::count_if(
            listed, [&](const KnownOperator* row) { return has_reason(*row->focus, word.code, {}); });
        out.push_back(std::move(one));
    }
    return out;
}

Result<Json> planned_json(const Call& call, Presenter& present, const std::string& operator_id) {
    const auto row = TRY(planned_visit(present.reader(), operator_id));
    if (!row) return Json(nullptr);
    const auto seen = access::decide(call.subject, access::Policy::dossier_list,
                                     TRY(access::object_of(present.reader(), *row)));
    if (!seen.allowed) return Json(nullptr);
    const law::Procedure* procedure = present.procedure_of(*row);
    return Json{{"dossier", row->id},
                {"state", procedure ? present.state(*procedure, row->state) : present.term(row->state)},
                {"opened_on", row->opened_on.text()}};
}

Result<Json> row_json(AssessView& view, const law::FocusRules& rules, const KnownOperator& one) {
    Json out = view.operator_json(one);
    Json dimensions = Json::array();
    for (const std::string& word : dimensions_of(*one.focus))
        dimensions.push_back(view.present().word("focus_dimensions", word));
    out["dimensions"] = std::move(dimensions);
    out["reasons"] = reasons_json(view.present(), rules, one.focus->reasons);
    out["credit_grade"] = assess::text_of(one.credit_grade.grade);
    out["hazard_tier"] = view.present().word("hazard_tiers", assess::text_of(one.hazard_tier));
    out["visited_on"] = date_or_null(one.visited_on);
    out["planned"] = TRY(planned_json(view.call(), view.present(), one.id));
    return out;
}

}  // namespace

Json reasons_json(Presenter& present, const law::FocusRules& rules,
                  const std::vector<assess::FocusReason>& reasons) {
    Json out = Json::array();
    for (const assess::FocusReason& reason : reasons) {
        const law::FocusRule* rule = rule_of(rules, reason);
        Json met = Json::array();
        for (const assess::FocusMet& one : reason.met) met.push_back(fact_json(present, one));
        out.push_back({{"rule", rule ? present.named(rule->id, rule->zh, rule->en)
                                     : present.named(reason.rule, reason.rule, reason.rule)},
                       {"version", reason.version},
                       {"dimension", present.word("focus_dimensions", reason.dimension)},
                       {"met", std::move(met)}});
    }
    return out;
}

Answer focus(const Call& call) {
    return with_assess(call, access::Kind::risk, [&](AssessView& view) -> Answer {
        const law::FocusRules& rules = *TRY(view.desk().focus_rules(view.law()));
        std::vector<const KnownOperator*> listed, rows;
        for (const KnownOperator* one : TRY(view.asked()))
            if (one->focus != nullptr) listed.push_back(one);
        for (const KnownOperator* one : listed)
            if (has_reason(*one->focus, call.parameter("dimension"), call.parameter("rule")))
                rows.push_back(one);
        std::ranges::sort(rows, comes_before);
        Json out = TRY(rows_page(call, rows.size(), [&](std::size_t i) -> Result<Json> {
            return row_json(view, rules, *rows[i]);
        }));
        out["as_of"] = view.as_of();
        out["listed"] = listed.size();
        out["matched_twice"] = std::ranges::count_if(
            listed, [](const KnownOperator* one) { return one->focus->reasons.size() > 1; });
        out["dimensions"] = dimensions_json(view, listed);
        out["rules"] = rules_json(view, rules, listed);
        CHECK(view.note("focus", out["items"].size()));
        return json_response(out);
    });
}

Answer focus_changes(const Call& call) {
    if (call.parameter("from").empty())
        return Error{ErrorCode::field_missing,
                     "from: the day whose rules are compared",
                     "from",
                     {},
                     "give a day",
                     "须填写对比日期",
                     "请填写一个日期"};
    const Date from = TRY(parse_date(call.parameter("from")));
    Date to = call.now.date();
    if (const auto text = call.parameter("to"); !text.empty()) to = TRY(parse_date(text));
    return with_assess(call, access::Kind::risk, [&](AssessView& view) -> Answer {
        const law::FocusRules& rules = *TRY(view.desk().focus_rules(view.law()));
        // The facts of today under the rules of either day: what the rules alone changed.
        const auto list = [&](Date day) {
            return assess::focus_list(rules.in_force(day), view.state().focus_facts, view.on());
        };
        std::vector<std::pair<const KnownOperator*, assess::FocusChange>> rows;
        std::int64_t entered = 0, left = 0;
        for (assess::FocusChange& change : assess::focus_changes(list(from), list(to))) {
            const KnownOperator* one = view.state().find(change.operator_id);
            if (one == nullptr || !view.sees(*one)) continue;
            entered += change.entered ? 1 : 0;
            left += !change.entered && !change.kept ? 1 : 0;
            rows.emplace_back(one, std::move(change));
        }
        Json out = TRY(rows_page(call, rows.size(), [&](std::size_t i) -> Result<Json> {
            const auto& [one, change] = rows[i];
            Json row = view.operator_json(*one);
            row["change"] = change.kept ? "reasons" : change.entered ? "entered" : "left";
            row["gained"] = reasons_json(view.present(), rules, change.gained);
            row["lost"] = reasons_json(view.present(), rules, change.lost);
            return row;
        }));
        out["as_of"] = view.as_of();
        out["from"] = from.text();
        out["to"] = to.text();
        out["entered"] = entered;
        out["left"] = left;
        out["other_reasons"] = static_cast<std::int64_t>(rows.size()) - entered - left;
        CHECK(view.note("focus changes", out["items"].size()));
        return json_response(out);
    });
}

// --- what visits reach and find

namespace {

Json interval_json(const target::Interval& one) {
    return {{"value", rounded(one.value)}, {"low", rounded(one.low)}, {"high", rounded(one.high)}};
}

std::vector<const assess::VisitMade*> visits_seen(AssessView& view,
                                                  const std::vector<const KnownOperator*>& operators,
                                                  Date from, std::string_view mode) {
    std::vector<const assess::VisitMade*> out;
    for (const assess::VisitMade& visit : view.state().visits) {
        if (visit.on < from || visit.on > view.on() || (!mode.empty() && visit.mode != mode)) continue;
        const auto at =
            std::ranges::lower_bound(operators, std::string_view(visit.operator_id), {},
                                     [](const KnownOperator* one) -> std::string_view { return one->id; });
        if (at != operators.end() && (*at)->id == visit.operator_id) out.push_back(&visit);
    }
    return out;
}

/// Visits that found something by reason or mode, each with its Wilson interval; the kinds are never summed.
Json rates_json(AssessView& view, const std::vector<const assess::VisitMade*>& visits,
                std::string assess::VisitMade::* group, std::string_view vocabulary) {
    std::vector<target::ReasonedVisit> given;
    for (const assess::VisitMade* visit : visits) given.push_back({visit->*group, visit->hit});
    Json out = Json::array();
    for (const target::HitRate& one : target::hit_rates(given))
        out.push_back({{"group", view.present().word(vocabulary, one.reason)},
                       {"visits", one.visits},
                       {"found", one.hits},
                       {"rate", interval_json(one.rate)}});
    return out;
}

/// Activity and, beside it, what the visits drawn at random say of all: a share among all visits is no
/// prevalence. With the stated chances where every one has one, as equal chances otherwise.
Json quarter_json(Date first, Date end, const std::vector<const assess::VisitMade*>& visits) {
    std::int64_t made = 0, found = 0, drawn = 0, drawn_found = 0;
    bool stated = true;
    std::vector<target::Observation> sample;
    for (const assess::VisitMade* visit : visits) {
        if (visit->on < first || visit->on >= end) continue;
        ++made;
        found += visit->hit ? 1 : 0;
        if (visit->reason != "random") continue;
        ++drawn;
        drawn_found += visit->hit ? 1 : 0;
        stated = stated && visit->probability.has_value();
        sample.push_back({visit->hit, visit->probability.value_or(1)});
    }
    constexpr std::size_t sample_min = 2;  // a variance needs two
    const bool weighted = stated && sample.size() >= sample_min;
    const auto prevalence = weighted ? target::hajek(sample) : target::wilson(drawn_found, drawn);
    return {{"quarter", fmt::format("{}-Q{}", first.year(), (first.month() - 1) / 3 + 1)},
            {"visits", made},
            {"found", found},
            {"drawn", drawn},
            {"drawn_found", drawn_found},
            {"method", !prevalence ? Json(nullptr) : Json(weighted ? "hajek" : "wilson")},
            {"prevalence", prevalence ? interval_json(*prevalence) : Json(nullptr)}};
}

Json quarters_json(Date from, Date on, const std::vector<const assess::VisitMade*>& visits) {
    Json out = Json::array();
    const auto month = static_cast<int>(from.month());
    Date first = make_date(from.year(), month - (month - 1) % 3, 1);
    while (first <= on) {
        const Date end = first.plus_months(3);
        out.push_back(quarter_json(first, end, visits));
        first = end;
    }
    return out;
}

Json area_json(const Presenter& present, const assess::AreaCoverage& one) {
    Json out = share_json(one.visited, one.operators);
    out["area"] = one.area == "outside" ? Json(nullptr) : present.word("areas", one.area);
    return out;
}

Result<Json> coverage_json(AssessView& view, const std::vector<const KnownOperator*>& operators,
                           const std::vector<const assess::VisitMade*>& visits) {
    std::vector<std::string_view> visited;
    for (const assess::VisitMade* visit : visits) visited.emplace_back(visit->operator_id);
    std::ranges::sort(visited);
    std::vector<assess::AreaUnit> units;
    for (const KnownOperator* one : operators)
        units.push_back({one->area, std::ranges::binary_search(visited, std::string_view(one->id))});
    const auto target = TRY(view.law().parameter("focus_rural_coverage_percent", view.on()));
    const assess::Coverage coverage = assess::coverage_of(view.law(), units, target);
    Json areas = Json::array();
    for (const assess::AreaCoverage& one : coverage.areas) areas.push_back(area_json(view.present(), one));
    return Json{{"areas", std::move(areas)},
                {"outside", area_json(view.present(), coverage.outside)},
                {"target_percent", coverage.target.percent(2)},
                {"under_target", coverage.is_under()}};
}

}  // namespace

Answer focus_rates(const Call& call) {
    constexpr int months = 12;
    Date from = call.now.date().plus_months(-months) + 1;
    if (const auto text = call.parameter("from"); !text.empty()) from = TRY(parse_date(text));
    return with_assess(call, access::Kind::risk, [&](AssessView& view) -> Answer {
        const auto operators = TRY(view.asked());
        const auto visits = visits_seen(view, operators, from, call.parameter("mode"));
        CHECK(view.note("visits", visits.size()));
        return json_response(
            {{"as_of", view.as_of()},
             {"from", from.text()},
             {"operators", operators.size()},
             {"visits", visits.size()},
             {"by_reason", rates_json(view, visits, &assess::VisitMade::reason, "inspection_reasons")},
             {"by_mode", rates_json(view, visits, &assess::VisitMade::mode, "inspection_modes")},
             {"quarters", quarters_json(from, view.on(), visits)},
             {"coverage", TRY(coverage_json(view, operators, visits))}});
    });
}

}  // namespace qingyuan::api
