// What one act costs: the heaviest of its rules, persons, and what lightens it.
#include "law/punishment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace qingyuan::law {
namespace {

const Law& statute_book() {
    static const Law law = [] {
        auto loaded = Law::load(QINGYUAN_SOURCE_DIR "/law");
        QY_ASSERT(loaded.has_value());
        return *loaded;
    }();
    return law;
}

const Violation& kind(std::string_view code) {
    const Violation* found = statute_book().find_violation(code);
    QY_ASSERT(found != nullptr);
    return *found;
}

Result<Punishment> punished(std::string_view code, const PenaltyFacts& facts, const Factors& factors = {},
                            std::string_view rule = {}) {
    return punish(statute_book(), kind(code), facts, factors, rule);
}

constexpr Fen yuan(std::int64_t amount) {
    return {amount * 100};
}

}  // namespace

// mission: D1
TEST(Punishment, ALicenceLentHasItsClauseItsRangeAndTheFloor) {
    const auto lent = punished("D01", {{"illegal_income", "30000"}});
    ASSERT_TRUE(lent) << lent.error().text();
    EXPECT_EQ(lent->heaviest, "DAL122");
    EXPECT_EQ(lent->infringes.front(), "DAL 51");
    EXPECT_EQ(lent->organisation.min, yuan(100'000));
    EXPECT_EQ(lent->organisation.max, yuan(500'000));
    EXPECT_FALSE(lent->persons.applies);
    const auto serious = punished("D01", {{"illegal_income", "30000"}, {"serious", "true"}});
    ASSERT_TRUE(serious);
    EXPECT_EQ(serious->organisation.min, yuan(500'000));
    EXPECT_EQ(serious->organisation.max, yuan(1'500'000));
    EXPECT_EQ(serious->persons.min, yuan(20'000));
    EXPECT_EQ(serious->persons.ban_min, "10");
}

// mission: D2
TEST(Punishment, FakeDrugsPunishPersonsInAnyCaseInferiorOnesWhenSerious) {
    const PenaltyFacts facts{{"goods_value", "3000"}, {"channel", "retail"}, {"income_from_unit", "80000"}};
    const auto fake = punished("D02", facts);
    ASSERT_TRUE(fake) << fake.error().text();
    EXPECT_EQ(fake->heaviest, "DAL116");
    EXPECT_EQ(fake->persons_rule, "DAL118");
    EXPECT_EQ(fake->persons.min, yuan(24'000));
    EXPECT_EQ(fake->persons.max, yuan(240'000));
    EXPECT_EQ(fake->persons.ban_min, "life");
    const auto inferior = punished("D03", facts);
    ASSERT_TRUE(inferior);
    EXPECT_FALSE(inferior->persons.applies);
    PenaltyFacts serious = facts;
    serious["serious"] = "true";
    EXPECT_TRUE(punished("D03", serious)->persons.applies);
}

// mission: D3
TEST(Punishment, OneActUnderSeveralRulesCountsTheHigherFine) {
    const PenaltyFacts facts{{"goods_value", "10000"}, {"channel", "retail"}, {"corrected_in_time", "false"}};
    const auto all = punished("D11", facts);
    ASSERT_TRUE(all) << all.error().text();
    EXPECT_EQ(all->heaviest, "DAL116");
    EXPECT_EQ(all->steps.back().law, "APL 29");
    const auto one = punished("D11", facts, {}, "DAL129");
    ASSERT_TRUE(one);
    EXPECT_EQ(one->heaviest, "DAL129");
    EXPECT_EQ(one->organisation.min, yuan(100'000));
    EXPECT_EQ(punished("D11", facts, {}, "DAL115").error().code, ErrorCode::penalty_rule_unknown);
}

/// The kinds of violation a campaign looks for, each with its clause, its heaviest rule and what 3,000 yuan
/// of goods at retail cost when the order to correct was not kept.
TEST(Punishment, EveryKindTheCampaignLooksForHasItsClauseAndItsRange) {
    struct Row {
        const char *code, *clause, *rule;
        std::int64_t min, max;
    };
    const PenaltyFacts facts{{"goods_value", "3000"},
                             {"illegal_income", "30000"},
                             {"channel", "retail"},
                             {"corrected_in_time", "false"}};
    for (const Row& row :
         {Row{"D04", "DAL 55", "DAL129", 100'000, 500'000},      // bought outside the channels
          Row{"D05", "DAL 52", "DAL126", 100'000, 500'000},      // a pharmacist in name only
          Row{"D06", "DAL 51", "DAL115", 1'500'000, 3'000'000},  // psychotropics beyond scope
          Row{"D07", "DALR 43", "DAL126", 100'000, 500'000},     // no prescription
          Row{"D08", "DAL 53", "DAL126", 100'000, 500'000},      // a store buys elsewhere
          Row{"D09", "DAL 36", "DAL127", 100'000, 500'000},      // codes not scanned
          Row{"D10", "DAL 51", "DAL115", 1'500'000, 3'000'000},  // no licence
          Row{"D11", "DAL 55", "DAL116", 1'500'000, 3'000'000},  // drugs bought back and sold
          Row{"D12", "DAL 61", "DALR79", 100'000, 200'000},      // banned online
          Row{"D13", "DAL 62", "DAL131", 200'000, 2'000'000},    // a platform's duties
          Row{"D14", "DAL 57", "DAL126", 100'000, 500'000},      // invoice, ledger, goods
          Row{"D21", "DAL 123", "DAL123", 500'000, 5'000'000},   // a licence by false papers
          Row{"D28", "DAL 53", "DAL126", 100'000, 500'000},      // quality system
          Row{"D32", "DAL 44", "DAL126", 100'000, 500'000}}) {   // process not kept
        const auto found = punished(row.code, facts);
        ASSERT_TRUE(found) << row.code << ": " << found.error().text();
        EXPECT_EQ(found->infringes.front(), row.clause) << row.code;
        EXPECT_EQ(found->heaviest, row.rule) << row.code;
        EXPECT_EQ(found->organisation.min, yuan(row.min)) << row.code;
        EXPECT_EQ(found->organisation.max, yuan(row.max)) << row.code;
    }
}

TEST(Punishment, AFineThatWaitsForAMissedCorrectionNeedsToKnow) {
    EXPECT_EQ(punished("D28", {}).error().code, ErrorCode::field_missing);
    EXPECT_EQ(punished("D28", {{"corrected_in_time", "true"}})->organisation.max, yuan(0));
    EXPECT_EQ(punished("D28", {{"corrected_in_time", "false"}})->organisation.max, yuan(500'000));
    EXPECT_EQ(punished("M07", {}).error().code, ErrorCode::field_missing);
    EXPECT_EQ(punished("M07", {{"refused_to_correct", "false"}}).error().code, ErrorCode::condition_unmet);
}

TEST(Punishment, FactorsOpenTheRangeOrCloseIt) {
    const PenaltyFacts facts{{"goods_value", "20000"}, {"channel", "retail"}};
    EXPECT_EQ(punished("D04", facts, {{"reduce_remedy"}, {}})->organisation.min, yuan(0));
    EXPECT_EQ(punished("D04", facts, {{"reduce_remedy"}, {}})->organisation.max, yuan(500'000));
    EXPECT_EQ(punished("D04", facts, {{"none_no_fault"}, {}})->organisation.max, yuan(0));
    const auto heavier = punished("D04", facts, {{}, {"repeat"}});
    EXPECT_EQ(heavier->organisation.min, yuan(100'000));
    EXPECT_EQ(heavier->steps.back().law, "DAL 137");
}

/// Every kind of violation can be asked about: a range, or a named fact that is missing, and never a range
/// that runs backwards.
RC_GTEST_PROP(Punishment, EveryViolationAnswers, ()) {
    const auto& all = statute_book().violations();
    const Violation& one = all[*rc::gen::inRange<std::size_t>(0, all.size())];
    PenaltyFacts facts;
    const auto maybe = [&](const char* name, std::string value) {
        if (*rc::gen::arbitrary<bool>()) facts[name] = std::move(value);
    };
    for (const char* name : {"goods_value", "illegal_income", "income_from_unit", "income_previous_year"})
        maybe(name, std::to_string(*rc::gen::inRange(0, 10'000'000)));
    for (const char* name : {"serious", "corrected_in_time", "refused_to_correct"})
        maybe(name, *rc::gen::arbitrary<bool>() ? "true" : "false");
    maybe("channel", "retail");
    maybe("quality", "fake");
    const auto result = punish(statute_book(), one, facts, {});
    if (!result) {
        RC_ASSERT(result.error().code == ErrorCode::field_missing ||
                  result.error().code == ErrorCode::condition_unmet);
        RC_ASSERT(!result.error().where.empty());
        return;
    }
    RC_ASSERT(result->organisation.min <= result->organisation.max);
    RC_ASSERT(result->persons.min <= result->persons.max);
    for (const Penalty& penalty : result->rules)
        RC_ASSERT(penalty.organisation.max <= result->organisation.max);
}

}  // namespace qingyuan::law
