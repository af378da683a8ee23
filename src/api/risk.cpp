// Predicted risk: the order in which to look, why, and whether it is any good. For those who plan visits of
// their own tree; every look is noted; nothing of it is published.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/assess_view.hpp"
#include "api/paging.hpp"

namespace qingyuan::api {

namespace {

Json contributions_json(const assess::RiskScore& score) {
    Json out = Json::array();
    for (const assess::RiskContribution& one : assess::contributions(score))
        out.push_back({{"name", one.name}, {"log", rounded(one.log)}});
    return out;
}

Json score_json(AssessView& view, const KnownOperator& one) {
    const assess::RiskScore& score = one.predicted_risk;
    const auto interval = assess::interval_of(score, view.state().model.levers().interval);
    Json out = view.operator_json(one);
    out["predicted_risk"] = rounded(score.risk.probability());
    out["propensity"] = {{"lower", rounded(interval.lower)},
                         {"value", rounded(score.alpha / (score.alpha + score.beta))},
                         {"upper", rounded(interval.upper)}};
    out["severity_rate"] = rounded(score.severity_rate);
    out["priority"] = rounded(score.priority);
    out["contributions"] = contributions_json(score);
    out["credit_grade"] = assess::text_of(one.credit_grade.grade);
    out["hazard_tier"] = view.present().word("hazard_tiers", assess::text_of(one.hazard_tier));
    out["visited_on"] = date_or_null(one.visited_on);
    return out;
}

/// What the scores rest on: two of one version are comparable.
Json model_json(const AssessView& view) {
    const assess::RiskModel& model = view.state().model;
    return {{"version", model.version()},
            {"trained_from", model.trained_from().text()},
            {"trained_until", (model.as_of() - 1).text()},
            {"operators", view.state().subjects.size()},
            {"strata", model.strata()},
            {"base", rounded(model.all().mean)},
            {"interval", model.levers().interval}};
}

/// The order of all whom the reader sees, highest first: the rank of one does not change with a filter.
std::vector<const KnownOperator*> in_order(const AssessView& view) {
    std::vector<const KnownOperator*> out;
    for (const KnownOperator& one : view.state().operators)
        if (view.sees(one)) out.push_back(&one);
    std::ranges::stable_sort(out, std::greater(),
                             [](const KnownOperator* one) { return one->predicted_risk.priority; });
    return out;
}

}  // namespace

Answer risk_list(const Call& call) {
    return with_assess(call, access::Kind::risk, [&](AssessView& view) -> Answer {
        auto wanted = TRY(view.asked());
        std::ranges::sort(wanted);
        const auto order = in_order(view);
        std::vector<std::size_t> rows;  // places in the whole order
        for (std::size_t i = 0; i < order.size(); ++i)
            if (std::ranges::binary_search(wanted, order[i])) rows.push_back(i);
        Json out = TRY(rows_page(call, rows.size(), [&](std::size_t i) -> Result<Json> {
            Json one = score_json(view, *order[rows[i]]);
            one["rank"] = rows[i] + 1;
            return one;
        }));
        out["as_of"] = view.as_of();
        out["model"] = model_json(view);
        out["ranked"] = order.size();
        CHECK(view.note("predicted_risk", out["items"].size()));
        return json_response(out);
    });
}

Answer risk_of(const Call& call) {
    return with_assess(call, access::Kind::risk, [&](AssessView& view) -> Answer {
        const std::string& id = call.path.at("id");
        const KnownOperator* one = view.state().find(id);
        if (one == nullptr || !view.sees(*one))
            return Error{ErrorCode::operator_unknown,
                         fmt::format("'{}'", id),
                         {},
                         {},
                         "look it up in the list of operators",
                         fmt::format("没有“{}”这一主体", id),
                         "请在主体列表中查找"};
        Json out = score_json(view, *one);
        const auto order = in_order(view);
        out["rank"] = std::ranges::find(order, one) - order.begin() + 1;
        out["ranked"] = order.size();
        out["as_of"] = view.as_of();
        out["model"] = model_json(view);
        out["focus"] = one->focus == nullptr
                           ? Json::array()
                           : reasons_json(view.present(), *TRY(view.desk().focus_rules(view.law())),
                                          one->focus->reasons);
        CHECK(view.note("predicted_risk " + one->id, 1));
        return json_response(out);
    });
}

namespace {

Json bin_json(const assess::CalibrationBin& bin) {
    return {{"visits", bin.visits},
            {"found", bin.found},
            {"predicted", rounded(bin.predicted)},
            {"observed", rounded(bin.observed)},
            {"lower", rounded(bin.lower)},
            {"upper", rounded(bin.upper)}};
}

Json group_name(AssessView& view, const assess::BurdenRow& row) {
    if (row.axis == "region") {
        const law::Region* region = view.law().find_region(row.group, view.on());
        return view.present().named(row.group, region ? region->name : row.group,
                                    region ? region->name_en : row.group);
    }
    return view.present().named(row.group, row.group, row.group);
}

}  // namespace

Answer risk_evaluation(const Call& call) {
    return with_assess(call, access::Kind::risk, [&](AssessView& view) -> Answer {
        const auto done = view.desk().evaluation(view.shared_state());
        if (!done && done.error().code == ErrorCode::condition_unmet)
            return Error{ErrorCode::condition_unmet,
                         done.error().message,
                         {},
                         {},
                         "come back when there is half a year of visits",
                         "尚无可供回测的检查",
                         "积累半年以上的检查记录后再看"};
        if (!done) return done.error();
        const assess::RiskEvaluation& one = **done;
        Json deciles = Json::array(), burden = Json::array();
        for (const assess::CalibrationBin& bin : one.deciles) deciles.push_back(bin_json(bin));
        for (const assess::BurdenRow& row : one.burden)
            burden.push_back({{"axis", row.axis},
                              {"group", group_name(view, row)},
                              {"operators", row.operators},
                              {"visits_a_year", rounded(row.visits_a_year)},
                              {"parity", rounded(row.parity)},
                              {"clean_share", rounded(row.clean_share)},
                              {"clean_a_year", rounded(row.clean_a_year)}});
        CHECK(view.note("risk evaluation", 1));
        return json_response({{"as_of", view.as_of()},
                              {"version", one.version},
                              {"from", one.from.text()},
                              {"to", one.to.text()},
                              {"quarters", one.periods},
                              {"visits", one.visits},
                              {"found", one.found},
                              {"auc", rounded(one.auc)},
                              {"captured_half", rounded(one.captured_half)},
                              {"brier", rounded(one.brier)},
                              {"brier_stratum", rounded(one.brier_stratum)},
                              {"random", bin_json(one.random)},
                              {"random_auc", rounded(one.random_auc)},
                              {"deciles", std::move(deciles)},
                              {"burden", std::move(burden)}});
    });
}

Answer risk_groups(const Call& call) {
    return with_assess(call, access::Kind::risk, [&](AssessView& view) -> Answer {
        const assess::RiskLevers& levers = view.state().model.levers();
        Json items = Json::array();
        for (const assess::GroupRisk& group : view.state().groups) {
            const KnownOperator* head = view.state().find(group.headquarters);
            if (head == nullptr || !view.sees(*head)) continue;
            Json stores = Json::array();
            std::int64_t elsewhere = 0;
            for (const std::string& id : group.stores) {
                const KnownOperator* store = view.state().find(id);
                if (store != nullptr && view.sees(*store))
                    stores.push_back(view.operator_json(*store));
                else
                    ++elsewhere;
            }
            Json row{{"headquarters", {{"id", head->id}, {"name", head->name}}},
                     {"clause", group.clause},
                     {"stores", std::move(stores)},
                     {"elsewhere", elsewhere},
                     {"reached_on", group.reached_on.text()}};
            if (const law::Violation* known = view.law().find_violation(group.clause))
                row["violation"] = view.present().named(known->code, known->zh, known->en);
            items.push_back(std::move(row));
        }
        CHECK(view.note("risk groups", items.size()));
        return json_response({{"as_of", view.as_of()},
                              {"stores_min", levers.group_stores_min},
                              {"window_days", levers.group_window_days},
                              {"items", std::move(items)}});
    });
}

}  // namespace qingyuan::api
