#include <gtest/gtest.h>

#include "law/law.hpp"

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

struct Vector {
    std::string_view rule;
    PenaltyFacts facts;
    std::int64_t min_yuan;
    std::int64_t max_yuan;
};

TEST(penalties, of_organisations) {
    const Vector vectors[] = {
        {"DAL116", {{"goods_value", "3000"}, {"channel", "retail"}}, 1'500'000, 3'000'000},
        {"DAL116", {{"goods_value", "250000"}, {"channel", "wholesale"}}, 3'750'000, 7'500'000},
        {"DAL117", {{"goods_value", "500"}, {"channel", "retail"}}, 100'000, 200'000},
        {"DAL117", {{"goods_value", "500"}, {"channel", "wholesale"}}, 1'000'000, 2'000'000},
        {"DAL115", {{"goods_value", "99999.99"}, {"channel", "retail"}}, 1'500'000, 3'000'000},
        {"DAL115", {{"goods_value", "100000"}, {"channel", "retail"}}, 1'500'000, 3'000'000},
        {"DAL129", {{"goods_value", "20000"}, {"channel", "retail"}}, 100'000, 500'000},
        {"DAL129",
         {{"goods_value", "20000"}, {"channel", "retail"}, {"serious", "true"}},
         500'000,
         1'500'000},
        {"DAL122", {{"illegal_income", "30000"}}, 100'000, 500'000},
        {"DAL122", {{"illegal_income", "30000"}, {"serious", "true"}}, 500'000, 1'500'000},
        {"DALR79", {{"goods_value", "800"}, {"channel", "retail"}}, 100'000, 200'000},
        {"DAL133", {{"goods_value", "60000"}}, 120'000, 300'000},
        {"DAL126", {{"corrected_in_time", "true"}}, 0, 0},
        {"DAL126", {{"corrected_in_time", "false"}}, 100'000, 500'000},
        {"DAL126", {{"serious", "true"}}, 500'000, 2'000'000},
        {"DEV81", {{"goods_value", "9999"}}, 50'000, 150'000},
        {"DEV81", {{"goods_value", "10000"}}, 150'000, 300'000},
        {"DEV86", {{"goods_value", "5000"}}, 20'000, 50'000},
        {"DEV86", {{"goods_value", "40000"}}, 200'000, 800'000},
        {"COS60", {{"goods_value", "12000"}}, 60'000, 240'000},
        {"COS61", {{"goods_value", "700"}}, 10'000, 30'000},
        {"DEV83-2", {{"illegal_income", "20000"}}, 200'000, 400'000},
        {"VAL80-1", {{"goods_value", "100000"}}, 7'500'000, 25'000'000},
        // A hospital that used an inferior drug is punished as a retailer.
        {"DAL119", {{"quality", "inferior"}, {"goods_value", "500"}}, 100'000, 200'000},
        {"DAL119", {{"quality", "fake"}, {"goods_value", "500"}}, 1'500'000, 3'000'000},
        {"DEV88", {{"refused_to_correct", "true"}}, 50'000, 100'000},
        {"DAL135", {{"uncooperative_other", "true"}}, 100'000, 500'000},
        {"DEV84", {{"corrected_in_time", "true"}, {"goods_value", "20000"}}, 0, 0},
        {"DAL128", {}, 0, 0},
    };
    for (const Vector& v : vectors) {
        const auto penalty = compute_penalty(statute_book(), v.rule, v.facts);
        ASSERT_TRUE(penalty) << v.rule << ' ' << penalty.error().text();
        EXPECT_EQ(penalty->organisation.min.value, v.min_yuan * 100) << v.rule;
        EXPECT_EQ(penalty->organisation.max.value, v.max_yuan * 100) << v.rule;
        EXPECT_FALSE(penalty->steps.empty()) << v.rule;
        for (const PenaltyStep& step : penalty->steps)
            EXPECT_FALSE(step.law.empty() || step.zh.empty() || step.en.empty());
    }
}

TEST(penalties, of_persons) {
    const Vector vectors[] = {
        {"DAL118", {{"income_from_unit", "80000"}}, 24'000, 240'000},
        {"DAL126", {{"income_from_unit", "120000"}, {"serious", "true"}}, 12'000, 60'000},
        {"DEV86", {{"income_from_unit", "100000"}, {"serious", "true"}}, 30'000, 300'000},
        {"COS60", {{"income_previous_year", "100000"}, {"serious", "true"}}, 100'000, 300'000},
        {"DAL122", {{"serious", "true"}, {"illegal_income", "30000"}}, 20'000, 200'000},
        {"DAL122", {{"serious", "true"}}, 20'000, 200'000},
        {"VAL85",
         {{"serious", "true"}, {"goods_value", "1"}, {"income_from_unit", "100000"}},
         50'000,
         500'000},
    };
    for (const Vector& v : vectors) {
        const auto penalty = compute_penalty(statute_book(), v.rule, v.facts);
        ASSERT_TRUE(penalty) << v.rule << ' ' << penalty.error().text();
        EXPECT_EQ(penalty->persons.min.value, v.min_yuan * 100) << v.rule;
        EXPECT_EQ(penalty->persons.max.value, v.max_yuan * 100) << v.rule;
    }
    const auto fake = compute_penalty(statute_book(), "DAL118", {{"income_from_unit", "80000"}});
    EXPECT_EQ(fake->persons.confiscated_income.value, 8'000'000);
    EXPECT_EQ(fake->persons.ban_min, "life");
    EXPECT_EQ(fake->persons.detention_days_max, 15);
    const auto mild = compute_penalty(statute_book(), "DAL126", {{"income_from_unit", "120000"}});
    EXPECT_FALSE(mild->persons.applies);
    EXPECT_EQ(
        compute_penalty(statute_book(), "COS60", {{"income_previous_year", "100000"}, {"serious", "true"}})
            ->persons.confiscated_income.value,
        0);
}

TEST(penalties, fractions_of_a_fen_stay_inside_the_range) {
    // 0.3 times 0.01 yuan is three tenths of a fen: the least lawful fine is 1 fen, the greatest 3.
    const auto penalty = compute_penalty(statute_book(), "DAL118", {{"income_from_unit", "0.01"}});
    EXPECT_EQ(penalty->persons.min.value, 1);
    EXPECT_EQ(penalty->persons.max.value, 3);
}

TEST(penalties, name_their_steps_and_articles) {
    const auto penalty = compute_penalty(
        statute_book(), "DAL117", {{"goods_value", "500"}, {"channel", "retail"}, {"serious", "true"}});
    ASSERT_TRUE(penalty);
    ASSERT_GE(penalty->steps.size(), 4u);
    EXPECT_EQ(penalty->steps.front().law, "DAL 117");
    EXPECT_EQ(penalty->steps.back().en, "10 to 20 times: a fine of 100000.00 to 200000.00 yuan");
    EXPECT_EQ(penalty->also,
              (std::vector<std::string>{"stop_business", "revoke_approval_document_or_licence"}));
    EXPECT_EQ(penalty->confiscate, (std::vector<std::string>{"goods", "illegal_income"}));
}

TEST(penalties, refusals) {
    const std::tuple<std::string_view, PenaltyFacts, ErrorCode> wrong[] = {
        {"DAL999", {}, ErrorCode::penalty_rule_unknown},
        {"DAL116", {{"goods_valeu", "1"}}, ErrorCode::field_unknown},
        {"DAL116", {{"goods_value", "many"}}, ErrorCode::field_invalid},
        {"DAL116", {{"goods_value", "-1"}}, ErrorCode::field_invalid},
        {"DAL116", {{"goods_value", "0.001"}}, ErrorCode::field_invalid},
        {"DAL116", {{"goods_value", "99999999999999"}}, ErrorCode::field_invalid},
        {"DAL116", {{"serious", "maybe"}}, ErrorCode::field_invalid},
        {"DAL116", {{"channel", "market"}}, ErrorCode::field_invalid},
        {"DAL116", {}, ErrorCode::field_missing},
        {"DAL122", {}, ErrorCode::field_missing},
        {"DAL117", {{"goods_value", "500"}}, ErrorCode::field_missing},
        {"DAL119", {{"goods_value", "500"}}, ErrorCode::field_missing},
    };
    for (const auto& [rule, facts, code] : wrong) {
        const auto penalty = compute_penalty(statute_book(), rule, facts);
        ASSERT_FALSE(penalty) << rule;
        EXPECT_EQ(penalty.error().code, code) << rule << ' ' << penalty.error().text();
    }
}

}  // namespace
}  // namespace qingyuan::law
