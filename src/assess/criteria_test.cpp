// Criteria judge what they say; trends and what is new.
#include "assess/criteria.hpp"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

namespace qingyuan::assess {
namespace {

const law::Criteria& shipped() {
    static const law::Criteria criteria = [] {
        const auto law = law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law");
        EXPECT_TRUE(law);
        return std::move(*law::Criteria::load(*law));
    }();
    return criteria;
}
const law::Criterion& shipped(std::string_view id) {
    return **shipped().criterion(id);
}

TEST(criteria, evans_needs_all_three) {
    // PRR 2.06, chi-square 4.6 at n = 10; at n = 2 the same ratio says nothing.
    const Measures enough = measures_of({10, 100, 500, 10'000});
    ASSERT_GT(enough.prr, 2);
    ASSERT_GT(enough.chi2_yates, 4);
    const Verdict yes = verdict(shipped("evans"), enough);
    EXPECT_TRUE(yes.met);
    ASSERT_EQ(yes.findings.size(), 3u);
    EXPECT_EQ(yes.findings[0].value, 10);
    const Verdict few = verdict(shipped("evans"), measures_of({2, 4, 100, 10'000}));
    EXPECT_FALSE(few.met);
    EXPECT_TRUE(few.estimable);
    EXPECT_FALSE(few.findings[0].met);
    EXPECT_TRUE(few.findings[1].met);
}

TEST(criteria, what_is_not_estimable_is_not_met_and_says_so) {
    const Measures only_here = measures_of({6, 44, 6, 3356});
    const Verdict lareb = verdict(shipped("lareb"), only_here);
    EXPECT_FALSE(lareb.met) << "no report of the reaction without the product: the odds ratio has no limits";
    EXPECT_FALSE(lareb.estimable);
    EXPECT_TRUE(verdict(shipped("evans"), only_here).met);
    EXPECT_TRUE(verdict(shipped("who"), only_here).met);
    EXPECT_FALSE(verdict(shipped("fda"), only_here).estimable) << "there is no prior";
    const Verdict too_few = verdict(shipped("lareb"), measures_of({1, 44, 1, 3356}));
    EXPECT_TRUE(too_few.estimable) << "too few reports, whatever the limit";
}

TEST(criteria, each_compares_as_it_says) {
    Measures at;
    at.eb05 = 2, at.ic025 = 0, at.ror_lower = 1;
    at.counts.n = 9;
    EXPECT_TRUE(meets(shipped("fda"), at)) << "at least";
    EXPECT_FALSE(meets(shipped("who"), at)) << "above";
    EXPECT_FALSE(meets(shipped("lareb"), at));
    at.ic025 = at.ror_lower = 1.001;
    EXPECT_TRUE(meets(shipped("who"), at) && meets(shipped("lareb"), at) && meets(shipped("evdas"), at));
    at.counts.n = 4;
    EXPECT_TRUE(meets(shipped("lareb"), at));
    EXPECT_FALSE(meets(shipped("evdas"), at));
}

TEST(criteria, any_of_and_all_of_combine) {
    using law::Comparison;
    using law::SignalCondition;
    const auto one = [](std::string_view measure, Comparison comparison, Rational threshold) {
        SignalCondition out;
        out.measure = static_cast<std::size_t>(std::ranges::find(law::signal_measures, measure) -
                                               law::signal_measures.begin());
        out.comparison = comparison;
        out.threshold = threshold;
        return out;
    };
    law::Criterion either;
    either.condition.kind = SignalCondition::Kind::any_of;
    SignalCondition both;
    both.kind = SignalCondition::Kind::all_of;
    both.of = {one("n", Comparison::at_least, 3), one("fisher_p", Comparison::below, Rational(1, 100))};
    either.condition.of = {one("rr", Comparison::at_most, Rational(1, 2)), both};
    EXPECT_TRUE(meets(either, measures_of({10, 100, 500, 10'000})) ==
                (fisher_p({10, 100, 500, 10'000}) < 0.01));
    EXPECT_TRUE(meets(either, measures_of({1, 100, 500, 10'000}))) << "fewer than half of what is expected";
    EXPECT_TRUE(meets(either, measures_of({30, 100, 500, 10'000})));
    EXPECT_FALSE(meets(either, measures_of({5, 100, 500, 10'000})));
}

TEST(trend, adds_up_and_says_what_is_new) {
    const std::vector<QuarterCounts> quarters{{quarter_of(make_date(2026, 4, 1)), {8, 60, 100, 1000}},
                                              {quarter_of(make_date(2025, 12, 31)), {1, 40, 100, 1000}},
                                              {quarter_of(make_date(2026, 3, 31)), {2, 50, 100, 1000}}};
    const auto points = trend(quarters);
    ASSERT_EQ(points.size(), 3u);
    EXPECT_EQ(quarter_text(points[0].quarter), "2025Q4");
    EXPECT_EQ(quarter_text(points[2].quarter), "2026Q2");
    EXPECT_EQ(points[2].alone.counts.n, 8u);
    EXPECT_EQ(points[2].until.counts.n, 11u);
    EXPECT_EQ(points[2].until.counts.total, 3000u);
    EXPECT_DOUBLE_EQ(points[1].until.expected, 90 * 200 / 2000.0);
    law::Criterion three;
    three.condition.kind = law::SignalCondition::Kind::all_of;
    three.condition.of = {{}};
    three.condition.of[0].threshold = 3;
    EXPECT_EQ(change(three, points, points[0].quarter), Change::none);
    EXPECT_EQ(change(three, points, points[1].quarter), Change::appeared);
    EXPECT_EQ(change(three, points, points[2].quarter), Change::none) << "it was one already";
    EXPECT_EQ(change(three, points, points[2].quarter + 5), Change::none) << "nothing came since";
    EXPECT_EQ(change(three, points[1].until, points[0].until), Change::went);
    EXPECT_TRUE(more_frequent(quarters, points[2].quarter, 3));
    EXPECT_FALSE(more_frequent(quarters, points[2].quarter, 12));
    std::vector<QuarterCounts> steady;
    for (int q = 0; q < 8; ++q) steady.push_back({100 + q, {5, 50, 100, 1000}});
    EXPECT_FALSE(more_frequent(steady, 107, 3)) << "the same share as the year before";
}

}  // namespace
}  // namespace qingyuan::assess
