// qingyuan risk: the order in which to look, why, and whether it is any good. For the desk only: none of it
// is published.
#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "assess/credit.hpp"
#include "assess/risk_evaluate.hpp"
#include "cli/assess.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::size_t top = 20;
    std::string as_of;
    bool simulated = false;
    std::uint64_t seed = 1;
};

/// Four decimals are more than the model knows.
double rounded(double value) {
    return static_cast<double>(static_cast<std::int64_t>(value * 10'000 + (value < 0 ? -0.5 : 0.5))) / 10'000;
}

ordered_json contributions_json(const assess::RiskScore& score) {
    ordered_json out = ordered_json::array();
    for (const assess::RiskContribution& one : assess::contributions(score))
        out.push_back({{"name", one.name}, {"log", rounded(one.log)}});
    return out;
}

ordered_json score_json(const assess::RiskSubject& subject, const assess::RiskScore& score,
                        const assess::RiskModel& model, std::string_view grade) {
    const auto interval = assess::interval_of(score, model.levers().interval);
    return {{"operator", subject.id},
            {"credit_grade", grade},
            {"hazard_tier", assess::text_of(subject.features.tier)},
            {"predicted_risk", rounded(score.risk.probability())},
            {"propensity_interval", {rounded(interval.lower), rounded(interval.upper)}},
            {"severity_rate", rounded(score.severity_rate)},
            {"priority", rounded(score.priority)},
            {"contributions", contributions_json(score)}};
}

Result<void> top(Context& context, const Options& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const law::Law& law = workspace->law();
    const Date as_of =
        options.as_of.empty() ? workspace->clock().now().date() : TRY(parse_date(options.as_of));
    const auto levers = TRY(assess::RiskLevers::load(law, as_of));
    const auto rules = TRY(law::CreditRules::load(law));
    ordered_json out;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const auto subjects = TRY(assess::risk_subjects(reader, law, levers, as_of));
        std::vector<assess::Features> features;
        for (const assess::RiskSubject& subject : subjects) features.push_back(subject.features);
        const auto model = assess::RiskModel::train(features, levers, as_of);
        std::vector<std::pair<assess::RiskScore, std::size_t>> order;
        for (std::size_t i = 0; i < features.size(); ++i) order.emplace_back(model.score(features[i]), i);
        std::ranges::stable_sort(
            order, [](const auto& a, const auto& b) { return a.first.priority > b.first.priority; });
        out = {{"version", model.version()},  {"trained_from", model.trained_from().text()},
               {"as_of", as_of.text()},       {"operators", subjects.size()},
               {"strata", model.strata()},    {"internal", true},
               {"top", ordered_json::array()}};
        for (std::size_t i = 0; i < std::min(options.top, order.size()); ++i) {
            const assess::RiskSubject& subject = subjects[order[i].second];
            const auto rule = rules.rule_for(subject.features.type, as_of);
            std::string grade = "ungraded";
            if (rule)
                grade = assess::text_of(
                    TRY(assess::grade(rules, **rule, TRY(assess::credit_facts(reader, rules, subject.id)),
                                      as_of))
                        .grade);
            out["top"].push_back(score_json(subject, order[i].first, model, grade));
        }
        return {};
    }));
    if (context.json) {
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    fmt::print("{}  {} operators\n", out["version"].get<std::string>(), out["operators"].get<std::size_t>());
    const ordered_json& rows = out["top"];
    for (const auto& row : rows) {
        std::string why;
        const ordered_json& parts = row["contributions"];
        for (std::size_t i = 0; i < std::min<std::size_t>(3, parts.size()); ++i)
            why += fmt::format("  {} {:+.2f}", parts[i]["name"].get<std::string>(),
                               parts[i]["log"].get<double>());
        fmt::print("{:<24} {:.3f} [{:.3f}, {:.3f}] priority {:.3f}{}\n", row["operator"].get<std::string>(),
                   row["predicted_risk"].get<double>(), row["propensity_interval"][0].get<double>(),
                   row["propensity_interval"][1].get<double>(), row["priority"].get<double>(), why);
    }
    return {};
}

ordered_json bin_json(const assess::CalibrationBin& bin) {
    return {{"visits", bin.visits},
            {"found", bin.found},
            {"predicted", rounded(bin.predicted)},
            {"observed", rounded(bin.observed)},
            {"lower", rounded(bin.lower)},
            {"upper", rounded(bin.upper)}};
}

ordered_json evaluation_json(const assess::RiskEvaluation& one) {
    ordered_json out{{"version", one.version},
                     {"from", one.from.text()},
                     {"to", one.to.text()},
                     {"quarters", one.periods},
                     {"visits", one.visits},
                     {"found", one.found},
                     {"auc", rounded(one.auc)},
                     {"captured_in_first_half", rounded(one.captured_half)},
                     {"brier", rounded(one.brier)},
                     {"brier_stratum_only", rounded(one.brier_stratum)},
                     {"random_arm", bin_json(one.random)},
                     {"random_arm_auc", rounded(one.random_auc)}};
    out["deciles"] = ordered_json::array();
    for (const assess::CalibrationBin& bin : one.deciles) out["deciles"].push_back(bin_json(bin));
    out["burden"] = ordered_json::array();
    for (const assess::BurdenRow& row : one.burden)
        out["burden"].push_back({{"axis", row.axis},
                                 {"group", row.group},
                                 {"operators", row.operators},
                                 {"visits_a_year", rounded(row.visits_a_year)},
                                 {"parity", rounded(row.parity)},
                                 {"clean_share", rounded(row.clean_share)},
                                 {"clean_a_year", rounded(row.clean_a_year)}});
    return out;
}

void print_evaluation(const assess::RiskEvaluation& one) {
    fmt::print("{} … {}  {} visits, {} found something, {} quarters\n", one.from.text(), one.to.text(),
               one.visits, one.found, one.periods);
    fmt::print("AUC {:.3f}  first half of the order holds {:.1f} % of what was found\n", one.auc,
               100 * one.captured_half);
    fmt::print("Brier {:.4f}, of the stratum's mean alone {:.4f}\n", one.brier, one.brier_stratum);
    fmt::print("random arm: {} visits, predicted {:.3f}, observed {:.3f} [{:.3f}, {:.3f}], AUC {:.3f}\n",
               one.random.visits, one.random.predicted, one.random.observed, one.random.lower,
               one.random.upper, one.random_auc);
    for (const assess::CalibrationBin& bin : one.deciles)
        fmt::print("  decile  predicted {:.3f}  observed {:.3f} [{:.3f}, {:.3f}]  {} visits\n", bin.predicted,
                   bin.observed, bin.lower, bin.upper, bin.visits);
    for (const assess::BurdenRow& row : one.burden)
        fmt::print("  {:<10} {:<24} {:>7} operators  {:.3f} visits a year  parity {:.3f}  clean {:.1f} %\n",
                   row.axis, row.group, row.operators, row.visits_a_year, row.parity, 100 * row.clean_share);
}

Result<void> evaluate(Context& context, const Options& options) {
    assess::RiskEvaluation out;
    if (options.simulated) {
        const law::Law law = TRY(context.load_law());
        const Date until = options.as_of.empty() ? make_date(2025, 7, 1) : TRY(parse_date(options.as_of));
        constexpr int operators = 2000, visits = 545, quarters = 12;
        out = TRY(assess::evaluate_risk(
            assess::simulated_subjects(options.seed, operators, visits, quarters, until),
            TRY(assess::RiskLevers::load(law, until)), until, 12));
    } else {
        const auto workspace = TRY(context.open_workspace(false));
        const Date as_of =
            options.as_of.empty() ? workspace->clock().now().date() : TRY(parse_date(options.as_of));
        const auto levers = TRY(assess::RiskLevers::load(workspace->law(), as_of));
        CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(assess::evaluate_risk(
                TRY(assess::risk_subjects(reader, workspace->law(), levers, as_of)), levers, as_of));
            return {};
        }));
    }
    if (context.json)
        fmt::print("{}\n", evaluation_json(out).dump(2));
    else
        print_evaluation(out);
    return {};
}

}  // namespace

void add_risk(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* group = app.add_subcommand("risk", "predicted risk: the order in which to look (internal)");
    group->fallthrough();
    group->add_option("--top", options->top, "so many operators, the first first");
    group->add_option("--as-of", options->as_of, "as of this day; default: today");
    auto* judged = group->add_subcommand("evaluate", "the back-test: calibration, burden, parity");
    judged->fallthrough();
    judged->add_flag("--simulated", options->simulated, "on a made-up history instead of the journal");
    judged->add_option("--seed", options->seed, "of the made-up history");
    add_risk_register(*group, context);
    add_risk_duties(*group, context);
    group->callback([&context, options, group, judged] {
        if (!group->get_subcommands().empty() && !judged->parsed()) return;
        const auto done = judged->parsed() ? evaluate(context, *options) : top(context, *options);
        if (!done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
