// Golden values were computed apart from this program, in Python with exact binomials (math.comb) and the
// formulas of the papers named in estimates.hpp; the assurance table is that of the published one (N = 200,
// 500, 2,000, 8,000).
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "target/estimates.hpp"
#include "target/market.hpp"

namespace qingyuan::target {
namespace {

const std::vector<Observation> six{{true, 0.5},  {false, 0.25}, {true, 0.8},
                                   {false, 0.2}, {false, 0.4},  {true, 1}};

TEST(target_estimates, horvitz_thompson_and_hajek) {
    const Interval ht = *horvitz_thompson(six, 14);
    EXPECT_NEAR(ht.value, 0.30357142857142855, 1e-12);
    EXPECT_NEAR(ht.error, 0.10393054154141265, 1e-12);
    EXPECT_NEAR(ht.low, 0.30357142857142855 - 1.959963984540054 * 0.10393054154141265, 1e-12);
    const Interval share = *hajek(six);
    EXPECT_NEAR(share.value, 0.2698412698412698, 1e-12);
    EXPECT_NEAR(share.error, 0.12377231549595365, 1e-12);
    EXPECT_EQ(horvitz_thompson({}, 14).error().info().name, "frame_empty");
    EXPECT_EQ(horvitz_thompson(six, 0).error().info().name, "frame_empty");
    EXPECT_EQ(hajek({{true, 0}}).error().info().name, "probability_invalid");
    EXPECT_EQ(hajek({{true, 1.1}}).error().info().name, "probability_invalid");
}

TEST(target_estimates, a_census_has_no_error) {
    const std::vector<Observation> all{{true, 1}, {false, 1}, {false, 1}, {true, 1}};
    EXPECT_EQ(horvitz_thompson(all, 4)->value, 0.5);
    EXPECT_EQ(horvitz_thompson(all, 4)->error, 0);
    EXPECT_EQ(hajek(all)->error, 0);
}

TEST(target_estimates, strata_add_up) {
    const Interval out = *combine({{{0.1, 0.02, 0, 1}, 300}, {{0.4, 0.05, 0, 1}, 100}});
    EXPECT_NEAR(out.value, 0.175, 1e-12);
    EXPECT_NEAR(out.error, std::sqrt(300.0 * 300 * 0.0004 + 100.0 * 100 * 0.0025) / 400, 1e-12);
    EXPECT_EQ(combine({}).error().info().name, "frame_empty");
}

TEST(target_estimates, wilson) {
    const Interval rate = *wilson(182, 545);
    EXPECT_NEAR(rate.value, 182.0 / 545, 1e-12);
    EXPECT_NEAR(rate.low, 0.2956337233842098, 1e-12);
    EXPECT_NEAR(rate.high, 0.3745806944753337, 1e-12);
    EXPECT_EQ(wilson(0, 26)->low, 0);
    EXPECT_NEAR(wilson(0, 26)->high, 0.1287289218592153, 1e-12);
    EXPECT_EQ(wilson(10, 10)->high, 1);
    EXPECT_NEAR(wilson(10, 10)->low, 0.7224672001371107, 1e-12);
    EXPECT_EQ(wilson(0, 0).error().info().name, "frame_empty");
    EXPECT_EQ(wilson(3, 2).error().info().name, "field_invalid");
}

TEST(target_estimates, hit_rates_stay_apart_by_reason) {
    const auto rates =
        hit_rates({{"targeted", true}, {"random", false}, {"targeted", false}, {"random", false}});
    ASSERT_EQ(rates.size(), 2u);
    EXPECT_EQ(rates[0].reason, "random");
    EXPECT_EQ(rates[0].hits, 0);
    EXPECT_EQ(rates[1].visits, 2);
    EXPECT_EQ(rates[1].rate.value, 0.5);
}

TEST(target_estimates, assurance) {
    const std::int64_t units[] = {200, 500, 2000, 8000}, five[] = {51, 56, 58, 59},
                       one[] = {155, 225, 277, 293};
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(*visits_needed(units[i], units[i] / 20), five[i]);
        EXPECT_EQ(*visits_needed(units[i], units[i] / 100), one[i]);
    }
    EXPECT_EQ(*visits_needed(10, 10), 1);
    EXPECT_EQ(*visits_needed(100, 1), 95);
    EXPECT_EQ(visits_needed(10, 0).error().info().name, "field_invalid");
    EXPECT_EQ(visits_needed(10, 1, 1.0).error().info().name, "field_invalid");
}

TEST(target_estimates, nothing_found_is_not_nothing_there) {
    EXPECT_EQ(*violators_at_most(26, 26, 0), 0);
    EXPECT_EQ(*violators_at_most(1000, 26, 0), 107);
    EXPECT_EQ(*violators_at_most(100, 26, 0), 9);
    EXPECT_EQ(*violators_at_most(500, 60, 3), 59);
    EXPECT_EQ(*violators_at_most(2000, 545, 182), 727);
    EXPECT_EQ(*violators_at_most(10, 0, 0), 10);
    EXPECT_EQ(violators_at_most(10, 11, 0).error().info().name, "field_invalid");
}

RC_GTEST_PROP(target_estimates, bounds_and_needs_agree, ()) {
    const auto units = *rc::gen::inRange<std::int64_t>(2, 300);
    const auto violators = *rc::gen::inRange<std::int64_t>(1, units + 1);
    const std::int64_t needed = *visits_needed(units, violators);
    RC_ASSERT(needed >= 1 && needed <= units - violators + 1);
    // After so many visits without a finding, there are fewer violators than that.
    RC_ASSERT(*violators_at_most(units, needed, 0) < violators);
    if (needed > 1) RC_ASSERT(*violators_at_most(units, needed - 1, 0) >= violators);
}

/// The figures wanted of the simulated market, for a seed of the test's own and fewer replications than the
/// command.
TEST(target_market, proportional_beats_uniform_without_bias_and_greedy_has_its_price) {
    const Market market;
    const auto results = simulate_market(market, 7, 12, policies(market));
    ASSERT_EQ(results.size(), 4u);
    EXPECT_NEAR(results[0].bias, 0, 0.003);
    EXPECT_GT(results[1].gain, 0.06);
    EXPECT_NEAR(results[1].bias, 0, 0.004);
    EXPECT_GT(results[2].gain, results[1].gain);
    EXPECT_GT(results[2].bias, 0.03);
    EXPECT_GT(results[2].forgotten, 0.5);
    EXPECT_GT(results[3].gain, results[2].gain - 0.01);
    EXPECT_NEAR(results[3].bias, 0, 0.01);
    EXPECT_LE(results[3].forgotten, 0.45);
    const auto again = simulate_market(market, 7, 12, policies(market));
    EXPECT_EQ(again[3].found, results[3].found);
}

// A bureau's own visits tell its outlets apart from the first period on; without them nobody knows which is
// which.
TEST(target_market, begins_with_what_is_known_of_each_outlet) {
    Market market{.outlets = 400, .visits = 60, .periods = 1, .rate = 0.5, .drift = 0};
    for (int i = 0; i < market.outlets; ++i)
        market.posterior.emplace_back(i % 2 == 0 ? 36.0 : 4.0, i % 2 == 0 ? 4.0 : 36.0);
    const auto known = simulate_market(market, 5, 20, policies(market));
    EXPECT_GT(known[1].gain, 0.25);  // two groups of 0.9 and 0.1: half as much again is there to be gained
    EXPECT_NEAR(known[0].found, 30, 2);
    market.posterior.clear();
    const auto unknown = simulate_market(market, 5, 20, policies(market));
    EXPECT_NEAR(unknown[1].gain, 0, 0.08);
}

}  // namespace
}  // namespace qingyuan::target
