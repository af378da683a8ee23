// Reports: the year before, the ledger, identities, units, and the same report again.
#include <algorithm>

#include "account/play_test.hpp"
#include "account/publication.hpp"

namespace qingyuan::account {
namespace {

// mission: E4
TEST(report, compares_with_the_year_before) {
    Play play(book());
    for (const int year : {2024, 2024, 2025, 2025, 2025})
        play.step(play.open("inspection", "north", make_date(year, 3, 1), "firm_a"), "sign",
                  make_date(year, 3, 1));
    play.reported("national", "2022", 153'600);
    play.reported("growth", "2022", 1765, 10'000);
    const Report report = half(play);
    const auto& visits = *report.find("visits")->before;
    EXPECT_EQ(visits.change->percent(2, true), "+50.00");
    EXPECT_EQ(visits.base->value, Rational(2));
    EXPECT_EQ(report.find("changed")->before->comparability, Comparability::scope_changed);
    EXPECT_FALSE(report.find("changed")->before->change) << "never a percentage where the scope changed";
    EXPECT_EQ(report.find("young")->before->comparability, Comparability::not_defined);
    EXPECT_EQ(report.find("findings")->before->comparability, Comparability::zero_base);
    const auto& national = *report.find("national")->before;
    EXPECT_EQ(national.base->value, Rational(130'557));
    EXPECT_TRUE(national.is_implied);
    EXPECT_EQ(national.change->percent(2, true), "+17.65");
    play.reported("national", "2021", 140'000);
    const Report stated = half(play);
    EXPECT_FALSE(stated.find("national")->before->is_implied)
        << "a stated base is taken before an implied one";
    EXPECT_EQ(stated.find("growth")->value->quotient()->percent(2), "17.65");
}

TEST(report, gives_no_percentage_before_the_period_is_over) {
    Play play(book());
    for (const int year : {2024, 2025})
        play.step(play.open("inspection", "north", make_date(year, 3, 1), "firm_a"), "sign",
                  make_date(year, 3, 1));
    const auto report = compute(play.index, {"half", "city", *parse_period("2025"), 0, false});
    ASSERT_TRUE(report);
    const auto& visits = *report->find("visits")->before;
    EXPECT_EQ(visits.comparability, Comparability::period_open);
    EXPECT_EQ(visits.base->value, Rational(1));
    EXPECT_FALSE(visits.change);
}

TEST(report, leaves_out_a_figure_nobody_reported) {
    Play play(book());
    const Report report = half(play);
    EXPECT_FALSE(report.find("national")->value);
    play.reported("national", "2022", 17'600, 1, true);
    const Report later = half(play);
    EXPECT_TRUE(later.find("national")->value->approximate);
    EXPECT_EQ(later.find("national")->before->comparability, Comparability::not_reported);
    EXPECT_EQ(play.lines("national", "cn", "2022").size(), 1u);
}

TEST(report, keeps_the_ledger_of_open_orders) {
    Play play(book());
    const auto order = [&](const char* at, Date on) { return play.open("order", at, on, "firm_a"); };
    const auto old_open = order("north", make_date(2024, 11, 1));
    const auto old_closed = order("north", make_date(2024, 11, 2));
    play.step(old_closed, "pass", make_date(2024, 12, 1));
    play.step(old_open, "pass", make_date(2025, 2, 1));
    order("north", make_date(2025, 3, 1));
    play.step(order("south", make_date(2025, 3, 1)), "pass", make_date(2025, 7, 1));
    const Report report = half(play);
    ASSERT_EQ(report.identities.size(), 3u);
    for (const IdentityResult& each : report.identities) EXPECT_TRUE(each.holds()) << each.organisation;
    EXPECT_EQ(play.count("open_start", "city"), 1);
    EXPECT_EQ(play.count("orders", "city"), 2);
    EXPECT_EQ(play.count("closed", "city"), 1);
    EXPECT_EQ(play.count("open_end", "city"), 2);
    EXPECT_FALSE(report.broken());
}

TEST(report, says_when_an_identity_is_broken) {
    Play play(book());
    const auto order = play.open("order", "north", make_date(2024, 11, 1), "firm_a");
    play.step(order, "pass", make_date(2024, 10, 1));  // passed before it was issued
    play.step(play.open("order", "north", make_date(2025, 8, 1), "firm_a"), "pass", make_date(2025, 2, 1));
    const Report report = half(play);
    EXPECT_FALSE(report.identities.front().holds());
    EXPECT_EQ(report.identities.front().gap, Rational(1));
    EXPECT_EQ(report.broken()->code, ErrorCode::identity_broken);
}

TEST(report, lists_units_whose_sum_is_the_total) {
    Play play(book());
    play.step(play.open("inspection", "north", may, "firm_a"), "sign", may);
    play.step(play.open("inspection", "hill", may, "firm_a"), "sign", may);
    play.step(play.open("inspection", "city", may, "firm_b"), "sign", may);
    const Report report = half(play);
    ASSERT_EQ(report.by_unit.size(), 3u);
    EXPECT_TRUE(report.by_unit.back().is_own);
    for (const UnitReport& unit : report.by_unit)
        EXPECT_EQ(unit.find("visits")->value, Rational(1)) << unit.unit.id;
    for (const ChildrenResult& each : report.children) EXPECT_TRUE(each.holds()) << each.figure;
    const auto visited = std::find_if(report.children.begin(), report.children.end(),
                                      [](const ChildrenResult& each) { return each.figure == "visited"; });
    EXPECT_EQ(visited->total, Rational(2));
    EXPECT_EQ(visited->sum, Rational(3)) << "firm_a was visited by two units";
    ASSERT_EQ(report.overlaps.size(), 1u);
    EXPECT_EQ(report.overlaps[0].both, Rational(0));
}

// mission: E5
TEST(report, is_the_same_again_as_of_the_same_fact) {
    Play play(book());
    const auto a = play.open("inspection", "north", may, "firm_a");
    play.step(a, "sign", may);
    const auto as_of = play.index.applied();
    const Report before = half(play);
    play.voided(a, may);
    const Report then = half(play, as_of);
    EXPECT_TRUE(changes(before, then).empty());
    EXPECT_EQ(*before.find("visits")->members_root, *then.find("visits")->members_root);
    const auto moved = changes(before, half(play));
    ASSERT_FALSE(moved.empty());
    EXPECT_EQ(moved.front().figure, "visits");
    EXPECT_EQ(moved.front().before, "1");
    EXPECT_EQ(moved.front().now, "0");
}

}  // namespace
}  // namespace qingyuan::account
