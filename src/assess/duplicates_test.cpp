// Linkage: the shared set and our own with other errors and prevalences; what a decision does; that order
// does not matter; what each field says of a pair.
#include "assess/duplicates.hpp"

#include <rapidcheck.h>

#include "assess/reports_test.hpp"
#include "base/random.hpp"

namespace qingyuan::assess {
namespace {

using demo::ReportSet;
using demo::ReportSetOptions;
using facts::SafetyReport;
using test::families;

/// The groups by number, so that sets in another order can be compared.
std::set<std::set<std::string>> by_number(const std::vector<SafetyReport>& reports, const Linkage& linkage) {
    std::set<std::set<std::string>> out;
    for (const DuplicateGroup& group : linkage.groups()) {
        std::set<std::string> one;
        for (const std::uint32_t member : group.members) one.insert(reports[member].number);
        out.insert(std::move(one));
    }
    return out;
}

ReportSet small_set(std::uint64_t seed) {
    ReportSetOptions options;
    options.reports = 1'200;
    options.drugs = 30;
    options.organisations = 40;
    options.seed = seed;
    options.clusters = 4;
    options.decoys = 4;
    return demo::make_reports(options);
}

TEST(Duplicates, shared_set) {
    const auto set = test::shared_set();
    if (!set) GTEST_SKIP() << "QINGYUAN_FIXTURES does not hold vigilance/";
    const Linkage linkage = Linkage::make(set->reports, families());
    const test::Score score = test::score_of(*set, linkage.groups());
    EXPECT_GE(score.f1(), 0.98) << score.precision << ' ' << score.recall;
    const Linkage fixed =
        Linkage::make(set->reports, families(), {.min_bits = {}, .estimate = false, .decisions = {}});
    EXPECT_GE(test::score_of(*set, fixed.groups()).f1(), 0.93) << "with nothing learned from the set";
}

TEST(Duplicates, other_errors_and_prevalences) {
    for (const int permille : {5, 30, 100})
        for (const auto& errors :
             {demo::CopyErrors{}, demo::CopyErrors{600, 600, 500, 500, 500, 400, 400, 500, 250, 250, 0, 0},
              demo::CopyErrors{100, 100, 100, 100, 100, 100, 100, 100, 50, 50, 400, 150}}) {
            ReportSetOptions options;
            options.reports = 8'000;
            options.seed = static_cast<std::uint64_t>(permille + errors.age);
            options.duplicates_permille = permille;
            options.errors = errors;
            const ReportSet set = demo::make_reports(options);
            const test::Score score = test::score_of(set, Linkage::make(set.reports, families()).groups());
            EXPECT_GE(score.f1(), 0.95)
                << permille << ' ' << errors.age << ": " << score.precision << ' ' << score.recall;
        }
}

TEST(Duplicates, nothing_to_link) {
    EXPECT_TRUE(Linkage::make({}, families()).groups().empty());
    const std::vector<SafetyReport> empty(3);
    EXPECT_TRUE(Linkage::make(empty, families()).groups().empty())
        << "what says nothing is nobody's duplicate";
    ReportSetOptions options;
    options.reports = 8'000;
    options.duplicates_permille = 0;
    const ReportSet set = demo::make_reports(options);
    EXPECT_LE(Linkage::make(set.reports, families()).groups().size(), 3U);
}

TEST(Duplicates, order_of_reports_does_not_matter) {
    rc::check("the same groups in any order", [] {
        ReportSet set = small_set(*rc::gen::inRange<std::uint64_t>(1, 1000));
        const auto first = by_number(set.reports, Linkage::make(set.reports, families()));
        RC_ASSERT(!first.empty());
        Random random(*rc::gen::arbitrary<std::uint64_t>());
        random.shuffle(set.reports);
        RC_ASSERT(by_number(set.reports, Linkage::make(set.reports, families())) == first);
    });
}

TEST(Duplicates, groups_are_whole) {
    const ReportSet set = small_set(7);
    const Linkage linkage = Linkage::make(set.reports, families());
    std::set<std::uint32_t> seen;
    for (const DuplicateGroup& group : linkage.groups()) {
        EXPECT_GE(group.members.size(), 2U);
        EXPECT_EQ(group.members.front(), group.first);
        EXPECT_EQ(std::ranges::count(group.members, group.master), 1);
        for (std::size_t i = 0; i < group.members.size(); ++i) {
            EXPECT_TRUE(seen.insert(group.members[i]).second)
                << "a report is of one group, and never its own duplicate";
            EXPECT_LE(completeness(set.reports[group.members[i]]), completeness(set.reports[group.master]));
            EXPECT_LE(set.reports[group.first].received_on, set.reports[group.members[i]].received_on);
            for (std::size_t j = i + 1; j < group.members.size(); ++j)
                EXPECT_GE(linkage.bits(group.members[i], group.members[j]), linkage.min_bits())
                    << "complete link";
        }
    }
    EXPECT_EQ(count_cases(set.reports, linkage.groups()).size(),
              set.reports.size() - seen.size() + linkage.groups().size());
}

TEST(Duplicates, evidence_adds_up) {
    const ReportSet set = small_set(3);
    const Linkage linkage = Linkage::make(set.reports, families());
    ASSERT_FALSE(linkage.groups().empty());
    for (const DuplicateGroup& group : linkage.groups()) {
        double sum = 0;
        for (const LinkEvidence& one : linkage.evidence(group.first, group.members[1])) {
            sum += one.bits;
            EXPECT_FALSE(one.zh.empty());
            EXPECT_FALSE(one.en.empty());
        }
        EXPECT_NEAR(sum, group.bits[1], 1e-3);
        EXPECT_DOUBLE_EQ(linkage.bits(group.first, group.members[1]),
                         linkage.bits(group.members[1], group.first));
    }
}

TEST(Duplicates, decisions_overrule) {
    const ReportSet set = small_set(5);
    const Linkage linkage = Linkage::make(set.reports, families());
    ASSERT_FALSE(linkage.groups().empty());
    const DuplicateGroup group = linkage.groups().front();
    const std::string &a = set.reports[group.first].number, &b = set.reports[group.members[1]].number;
    const auto together = [&](const std::vector<LinkDecision>& decisions, const std::string& x,
                              const std::string& y) {
        for (const auto& numbers : by_number(
                 set.reports, Linkage::make(set.reports, families(),
                                            {.min_bits = {}, .estimate = true, .decisions = decisions})))
            if (numbers.contains(x) && numbers.contains(y)) return true;
        return false;
    };
    EXPECT_TRUE(together({}, a, b));
    EXPECT_FALSE(together({{b, a, false}}, a, b));
    EXPECT_FALSE(together({{a, b, true}, {b, a, false}}, a, b)) << "who tells apart is believed";
    EXPECT_TRUE(together({{a, "nobody's number", false}}, a, b));
    const std::string &x = set.reports[0].number, &y = set.reports[1].number;
    EXPECT_FALSE(together({}, x, y));
    EXPECT_TRUE(together({{x, y, true}}, x, y)) << "whatever the score says";
}

TEST(Duplicates, min_bits_is_obeyed) {
    const ReportSet set = small_set(9);
    const Linkage strict =
        Linkage::make(set.reports, families(), {.min_bits = 45.0, .estimate = true, .decisions = {}});
    const Linkage loose = Linkage::make(set.reports, families());
    EXPECT_LT(strict.groups().size(), loose.groups().size());
    for (const DuplicateGroup& group : strict.groups())
        for (std::size_t i = 1; i < group.bits.size(); ++i) EXPECT_GE(group.bits[i], 45.0 - 1e-3);
}

TEST(Duplicates, a_rare_value_is_worth_more) {
    // Two pairs alike but for the drug: one that many report, one that only these two do.
    ReportSet set = small_set(11);
    SafetyReport rare = set.reports[0];
    rare.products[0] = {"无人知晓片", "", "国药准字H99999999", "无名药厂", "250101"};
    for (const char* number : {"A1", "A2"}) {
        rare.number = number;
        set.reports.push_back(rare);
    }
    SafetyReport common = set.reports[0];
    common.number = "B2";
    set.reports.push_back(common);
    const Linkage linkage = Linkage::make(set.reports, families());
    const auto n = static_cast<std::uint32_t>(set.reports.size());
    EXPECT_GT(linkage.bits(n - 3, n - 2), linkage.bits(0, n - 1));
    const auto bits = [&](std::uint32_t a, std::uint32_t b) {
        for (const LinkEvidence& one : linkage.evidence(a, b))
            if (one.field == "drug") return one.bits;
        return 0.0;
    };
    EXPECT_GT(bits(n - 3, n - 2), bits(0, n - 1) + 1);
}

TEST(Duplicates, the_master_is_completed_by_the_others) {
    std::vector<SafetyReport> reports(2);
    reports[0].number = "1";
    reports[0].products = {{"甲片", "", "H1", "厂", "25010"}};
    reports[0].sex = "male";
    reports[1].number = "2";
    reports[1].products = {{"甲片", "", "H1", "厂", "250101"}};
    reports[1].weight_kg = 60;
    const auto cases = count_cases(reports, {{0, 0, {0, 1}, {0, 30}}});
    ASSERT_EQ(cases.size(), 1U);
    EXPECT_EQ(cases[0].number, "1");
    EXPECT_EQ(cases[0].weight_kg, 60);
    EXPECT_EQ(cases[0].products[0].batch, "250101") << "a number that was cut short";
}

}  // namespace
}  // namespace qingyuan::assess
