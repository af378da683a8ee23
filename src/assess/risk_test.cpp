// Predicted risk: what the model may know, that it shrinks and forgets as it says, and that its judge notices
// a bad model.
#include "assess/risk_evaluate.hpp"

#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "assess/focus.hpp"

namespace qingyuan::assess {
namespace {

const law::Law& book() {
    static const law::Law law = *law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law");
    return law;
}
const Date day = make_date(2025, 7, 1);
RiskLevers levers() {
    const auto out = RiskLevers::load(book(), day);
    EXPECT_TRUE(out) << out.error().text();
    return *out;
}

// What must never be an input has no place in the struct: these would not compile the other way.
template <class T>
concept knows_inspector = requires(T one) { one.inspector; } || requires(T one) { one.officers; };
template <class T>
concept knows_owner = requires(T one) { one.owner; } || requires(T one) { one.representative; } ||
                      requires(T one) { one.nationality; } || requires(T one) { one.ownership; };
template <class T>
concept knows_outcome = requires(T one) { one.conclusion; } || requires(T one) { one.next_visit; };
static_assert(!knows_inspector<Features> && !knows_owner<Features> && !knows_outcome<Features>);
static_assert(!knows_inspector<RiskVisit> && !knows_owner<RiskVisit>);
template <class T>
concept knows_grade = requires(T one) { one.grade; };
static_assert(!knows_grade<Features>);

struct Names {
    std::vector<std::string> names;
    template <class T>
    void operator()(std::string_view name, const T&) {
        names.emplace_back(name);
    }
};

// mission: B23
TEST(Risk, knows_exactly_the_reviewed_inputs) {
    Names names;
    Features one;
    Features::fields(names, one);
    std::vector<std::string> reviewed;
    for (const law::Word& word : book().find_vocabulary("risk_inputs")->words) reviewed.push_back(word.code);
    EXPECT_EQ(names.names, reviewed);
}

Features firm(const std::string& type, std::vector<std::pair<int, bool>> visits) {
    Features out;
    out.type = type;
    out.region = "430406";
    out.size = "single";
    for (const auto& [days_ago, violation] : visits)
        out.visits.push_back({day - days_ago, violation, violation ? 2.0 : 0, violation ? 4.0 : 0});
    return out;
}

/// A stratum in which operators differ: half are often bad, half never.
std::vector<Features> mixed(int operators = 200, int visits = 4) {
    std::vector<Features> out;
    for (int i = 0; i < operators; ++i) {
        std::vector<std::pair<int, bool>> made;
        for (int k = 0; k < visits; ++k) made.emplace_back(30 + 90 * k, i % 2 == 0 && k % 4 != 3);
        out.push_back(firm("pharmacy", made));
    }
    return out;
}

TEST(Risk, shrinks_towards_the_stratum_and_trusts_more_visits_more) {
    const auto model = RiskModel::train(mixed(), levers(), day);
    const double mean = model.stratum_of(firm("pharmacy", {})).mean;
    const auto never = model.score(firm("pharmacy", {}));
    EXPECT_NEAR(never.risk.probability(), mean, 1e-9);
    EXPECT_EQ(never.history, 0);
    const auto once = model.score(firm("pharmacy", {{30, true}}));
    const auto often = model.score(firm("pharmacy", {{30, true}, {60, true}, {90, true}, {120, true}}));
    EXPECT_GT(once.risk.probability(), mean);
    EXPECT_GT(often.risk.probability(), once.risk.probability());
    EXPECT_LT(often.risk.probability(), 1);
    const auto wide = interval_of(never, 0.9), narrow = interval_of(often, 0.9);
    EXPECT_LT(narrow.upper - narrow.lower, wide.upper - wide.lower);
    EXPECT_LT(wide.lower, mean);
    EXPECT_GT(wide.upper, mean);
}

// The estimate by hand: (Σγ^age v + Sμ) / (Σγ^age n + S).
TEST(Risk, is_the_formula) {
    const RiskLevers known = levers();
    const auto model = RiskModel::train(mixed(), known, day);
    const Features one = firm("pharmacy", {{365, true}, {730, false}});
    const Stratum& stratum = model.stratum_of(one);
    const double a = std::pow(known.discount_per_year, 365 / 365.25),
                 b = std::pow(known.discount_per_year, 730 / 365.25);
    const double expected = (a + stratum.strength * stratum.mean) / (a + b + stratum.strength);
    EXPECT_NEAR(model.score(one).risk.probability(), expected, 1e-9);
    EXPECT_NEAR(model.score(one).severity_rate,
                (2 * a + stratum.rate_strength * stratum.rate) / (a + b + stratum.rate_strength), 1e-9);
}

TEST(Risk, measures_how_far_operators_differ) {
    const auto differing = RiskModel::train(mixed(), levers(), day);
    // Operators that are all alike: each finds something every second time.
    std::vector<Features> alike;
    for (int i = 0; i < 400; ++i)
        alike.push_back(
            firm("pharmacy", {{30, i % 2 == 0}, {60, i % 3 == 0}, {90, i % 2 == 1}, {120, i % 5 == 0}}));
    const auto same = RiskModel::train(alike, levers(), day);
    EXPECT_LT(differing.stratum_of(alike[0]).strength, 5);
    EXPECT_EQ(same.stratum_of(alike[0]).strength, levers().strength_max);
}

TEST(Risk, looks_at_nothing_on_or_after_the_day) {
    auto operators = mixed();
    const auto before = RiskModel::train(operators, levers(), day);
    const auto clean = before.score(operators[1]);
    for (Features& one : operators) {
        one.visits.push_back({day, true, 9, 81});
        one.visits.push_back({day + 10, true, 9, 81});
        one.signals.push_back({RiskSignal::sample, day});
        one.controls.push_back(day + 1);
    }
    const auto after = RiskModel::train(operators, levers(), day);
    EXPECT_EQ(after.score(operators[1]).risk.probability(), clean.risk.probability());
    EXPECT_EQ(after.all().mean, before.all().mean);
}

TEST(Risk, caps_and_forgets_signals_and_credits_control) {
    const RiskLevers known = levers();
    const auto model = RiskModel::train(mixed(), known, day);
    Features one = firm("pharmacy", {});
    const double quiet = model.score(one).risk.probability();
    one.signals = {{RiskSignal::sample, day - 10}};
    const double fresh = model.score(one).risk.probability();
    one.signals = {{RiskSignal::sample, day - 700}};
    const double old = model.score(one).risk.probability();
    EXPECT_GT(fresh, old);
    EXPECT_GT(old, quiet);
    one.signals.clear();
    for (int i = 0; i < 500; ++i)
        for (std::size_t kind = 0; kind < risk_signals; ++kind)
            one.signals.push_back({static_cast<RiskSignal>(kind), day - 1});
    const auto flooded = model.score(one);
    double sum = 0;
    for (const double signal : flooded.signals) sum += signal;
    EXPECT_NEAR(sum, known.signals_cap, 1e-9);
    one.signals.clear();
    for (int i = 0; i < 100; ++i) one.controls.push_back(day - 5);
    EXPECT_NEAR(model.score(one).control, -known.control.cap, 1e-9);
}

// mission: B23
TEST(Risk, explains_every_score) {
    const auto model = RiskModel::train(mixed(), levers(), day);
    Features one = firm("pharmacy", {{30, true}});
    one.tier = HazardTier::special;
    one.signals = {{RiskSignal::custody, day - 3}};
    const auto score = model.score(one);
    const auto parts = contributions(score);
    ASSERT_GE(parts.size(), 3u);
    for (std::size_t i = 1; i < parts.size(); ++i)
        EXPECT_GE(std::abs(parts[i - 1].log), std::abs(parts[i].log));
    double sum = score.base;
    for (const RiskContribution& part : parts)
        if (part.name != "hazard" && part.name != "exposure") sum += part.log;
    EXPECT_NEAR(1 / (1 + std::exp(-sum)), score.risk.probability(), 1e-9);
    EXPECT_NE(model.version().find(day.text()), std::string::npos);
    auto changed = levers();
    EXPECT_EQ(changed.version, levers().version);
    EXPECT_EQ(model.trained_from(), make_date(2020, 7, 1));
}

TEST(Risk, of_an_empty_history_is_the_same_for_all) {
    const std::vector<Features> nobody(3);
    const auto model = RiskModel::train(nobody, levers(), day);
    EXPECT_EQ(model.score(nobody[0]).risk, model.score(nobody[1]).risk);
}

// mission: B15 B23
TEST(RiskEvaluation, sees_that_the_model_ranks_and_is_calibrated) {
    const auto subjects = simulated_subjects(7, 2000, 545, 12, day);
    const auto out = evaluate_risk(subjects, levers(), day, 12);
    ASSERT_TRUE(out) << out.error().text();
    EXPECT_GT(out->visits, 3000);
    EXPECT_GT(out->auc, 0.58);
    EXPECT_GT(out->captured_half, 0.55);
    EXPECT_LT(out->brier, out->brier_stratum);
    EXPECT_EQ(out->random.visits, out->visits);
    // Every decile's mean prediction lies near its interval.
    for (const CalibrationBin& bin : out->deciles) {
        EXPECT_GT(bin.predicted, bin.lower - 0.05);
        EXPECT_LT(bin.predicted, bin.upper + 0.05);
    }
    // Visits were drawn at random: nobody bears more than others at equal risk.
    for (const BurdenRow& row : out->burden) EXPECT_NEAR(row.parity, 1, 0.15) << row.axis << ' ' << row.group;
}

TEST(RiskEvaluation, sees_that_one_group_is_visited_twice_as_often) {
    auto subjects = simulated_subjects(7, 2000, 545, 12, day);
    for (RiskSubject& subject : subjects) {
        if (subject.ownership != "chain") continue;
        const auto visits = subject.features.visits;
        for (const RiskVisit& visit : visits) {
            subject.features.visits.push_back(visit);
            subject.random.push_back(false);
        }
    }
    const auto out = evaluate_risk(subjects, levers(), day, 12);
    ASSERT_TRUE(out);
    for (const BurdenRow& row : out->burden)
        if (row.axis == "ownership" && row.group == "chain") { EXPECT_GT(row.parity, 1.2); }
    EXPECT_EQ(evaluate_risk({}, levers(), day).error().code, ErrorCode::condition_unmet);
}

FocusFacts known(const std::string& kind, int findings) {
    FocusFacts out;
    out.words["kind"] = {kind};
    for (int i = 0; i < findings; ++i) out.days["finding"].push_back(day - 30 * i);
    return out;
}

// mission: B8 B10 B11
TEST(Focus, names_an_operator_once_with_every_reason_and_a_changed_rule_with_its_cause) {
    const auto rules = law::FocusRules::load(book());
    ASSERT_TRUE(rules) << rules.error().text();
    FocusFactsByOperator facts;
    facts["a"] = known("online_seller", 3);
    facts["b"] = known("pharmacy", 3);
    facts["c"] = known("pharmacy", 5);
    facts["d"] = known("pharmacy", 0);
    const auto now = focus_list(rules->in_force(day), facts, day);
    ASSERT_EQ(now.size(), 3u);
    EXPECT_EQ(now[0].operator_id, "a");
    ASSERT_EQ(now[0].reasons.size(), 2u);
    EXPECT_EQ(now[0].reasons[0].because, "finding 3 of 3 within 24 months");
    EXPECT_EQ(now[0].reasons[1].because, "kind online_seller");
    // Before 2023-06-01 five findings were needed, and online sellers had no rule.
    const auto before = focus_list(rules->in_force(make_date(2023, 5, 1)), facts, day);
    const auto changes = focus_changes(before, now);
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].operator_id, "a");
    EXPECT_TRUE(changes[0].entered);
    EXPECT_EQ(changes[0].gained.size(), 2u);
    EXPECT_EQ(changes[1].operator_id, "b");
    EXPECT_EQ(changes[1].gained[0].rule, "many_findings");
    EXPECT_TRUE(focus_changes(now, now).empty());
}

}  // namespace
}  // namespace qingyuan::assess
