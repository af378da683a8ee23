// Days in each stage, lead times, the matrix, and a self-inspection beside the visit: what needs no journal.
#include "assess/register.hpp"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "assess/self_check.hpp"

namespace qingyuan::assess {
namespace {

const law::Law& book() {
    static const law::Law law = *law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law");
    return law;
}

// mission: A11
TEST(Register, counts_the_days_of_every_stage) {
    facts::DossierRow item;
    item.opened_on = make_date(2025, 3, 1);
    item.state = "closed";
    item.closed_on = make_date(2025, 5, 1);
    item.steps = {{1, "assess", "identified", "a", make_date(2025, 3, 11), false, {}},
                  {2, "measure", "assessed", "a", make_date(2025, 3, 15), true, {}},
                  {3, "assign", "assessed", "a", make_date(2025, 3, 31), false, {}},
                  {4, "close", "controlling", "a", make_date(2025, 5, 1), false, {}}};
    const auto days = stage_days(item, make_date(2025, 12, 31));
    EXPECT_EQ(days.at("identified"), 10);
    EXPECT_EQ(days.at("assessed"), 20);
    EXPECT_EQ(days.at("controlling"), 31);
    EXPECT_FALSE(days.contains("closed"));
    // As it was on 20 March: ten days recognised, nine assessed.
    const auto then = stage_days(item, make_date(2025, 3, 20));
    EXPECT_EQ(then.at("assessed"), 9);
    EXPECT_FALSE(then.contains("controlling"));
    EXPECT_EQ(median_of({1, 2, 10}), 2);
    EXPECT_EQ(median_of({1, 2}), 2);
    EXPECT_EQ(median_of({}), 0);
}

// mission: A12
TEST(Register, has_no_lead_time_before_the_control) {
    LeadTime lead{"risk1", "trace", make_date(2025, 3, 1), std::nullopt, 0};
    EXPECT_FALSE(lead.days());
    lead.controlled_on = make_date(2025, 3, 15);
    EXPECT_EQ(lead.days(), 14);
}

// mission: A3
TEST(RiskMatrix, answers_every_combination_and_never_falls_when_one_input_rises) {
    const Date on = make_date(2025, 7, 1);
    const std::vector<std::string> order = {"low", "medium", "high", "critical"};
    const auto rank = [&](int l, int s, int e) {
        const std::string level =
            level_of(book(), std::to_string(l), std::to_string(s), std::to_string(e), on);
        EXPECT_FALSE(level.empty()) << l << s << e;
        return std::ranges::find(order, level) - order.begin();
    };
    for (int l = 1; l <= 5; ++l)
        for (int s = 1; s <= 5; ++s)
            for (int e = 1; e <= 5; ++e) {
                const auto here = rank(l, s, e);
                EXPECT_LE(here, rank(std::min(l + 1, 5), s, e));
                EXPECT_LE(here, rank(l, std::min(s + 1, 5), e));
                EXPECT_LE(here, rank(l, s, std::min(e + 1, 5)));
            }
    EXPECT_EQ(level_of(book(), "6", "1", "1", on), "");
    EXPECT_EQ(matrix_version(book(), on), matrix_version(book(), on + 1));
    EXPECT_TRUE(matrix_version(book(), on).starts_with("default."));
}

// mission: B16
TEST(SelfCheck, tells_what_was_hidden) {
    const law::Checklist& list = **book().checklist("drug_use", make_date(2025, 7, 1));
    std::vector<std::string> items;
    for (const auto& section : list.sections)
        for (const auto& item : section.items) items.push_back(item.id);
    const auto same = concordance(list, {items[0]}, {items[0]});
    ASSERT_TRUE(same);
    EXPECT_EQ(same->agreed(), static_cast<std::int64_t>(items.size()));
    EXPECT_NEAR(same->kappa, 1, 1e-9);
    const auto silent = concordance(list, {}, {items[0], items[1]});
    EXPECT_EQ(silent->hidden, 2);
    EXPECT_NEAR(silent->kappa, 0, 1e-9);
    EXPECT_EQ(concordance(list, {"nothing"}, {}).error().code, ErrorCode::field_unknown);
}

}  // namespace
}  // namespace qingyuan::assess
