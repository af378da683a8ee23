// Decision tables: how conditions are read, and golden cases of the criteria for the transfer to the police.
#include "law/decision_table.hpp"

#include <map>

#include <gtest/gtest.h>

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

using Matter = std::map<std::string, std::vector<std::string>, std::less<>>;

std::string met(std::string_view table, Date on, const Matter& matter) {
    const auto rows = rows_met(statute_book(), table, on, [&](std::string_view name) {
        const auto found = matter.find(name);
        return found == matter.end() ? std::vector<std::string>() : found->second;
    });
    if (!rows) return "error " + std::string(rows.error().info().name);
    std::string out;
    for (const Word* row : *rows) out += (out.empty() ? "" : " ") + row->code;
    return out;
}

}  // namespace

struct Golden {
    const char* what;
    Date on;
    Matter matter;
    const char* rows;
};

// mission: C24
TEST(DecisionTable, GoldenCasesOfTheTransferToThePolice) {
    const Date old = make_date(2022, 3, 5), now = make_date(2022, 3, 6);
    const Golden cases[] = {
        {"fake drugs, any amount", now, {{"violation", {"D02"}}}, "fake_drug"},
        {"fake drugs before the amendment", make_date(2021, 2, 28), {{"violation", {"D02"}}}, ""},
        {"inferior drugs without harm", now, {{"violation", {"D03"}}}, ""},
        {"inferior drugs with harm",
         now,
         {{"violation", {"D03"}}, {"aggravation", {"repeat", "harm"}}},
         "inferior_harm"},
        {"unapproved, not dangerous", now, {{"violation", {"D30"}}, {"serious", {"false"}}}, ""},
        {"unapproved and dangerous", now, {{"violation", {"D30"}}, {"serious", {"true"}}}, "unapproved"},
        {"unlicensed trade, old text, at the amount",
         old,
         {{"violation", {"D10"}}, {"goods_value_fen", {"10000000"}}},
         "unlicensed_trade"},
        {"unlicensed trade, old text, a fen less",
         old,
         {{"violation", {"D10"}}, {"goods_value_fen", {"9999999"}}},
         ""},
        {"unlicensed trade, new text", now, {{"violation", {"D10"}}, {"goods_value_fen", {"10000000"}}}, ""},
        {"psychotropics leaked", now, {{"violation", {"D06"}}, {"narcotic", {"true"}}}, "narcotic_leak"},
        {"bad devices at the amount",
         now,
         {{"violation", {"M04"}}, {"goods_value_fen", {"15000000"}}},
         "bad_goods"},
        {"bad devices that harmed",
         now,
         {{"violation", {"M04"}}, {"goods_value_fen", {"15000000"}}, {"aggravation", {"harm"}}},
         "device_harm bad_goods"},
        {"a record missing", now, {{"violation", {"D14"}}, {"goods_value_fen", {"99999999"}}}, ""},
        {"nothing known", now, {}, ""},
    };
    for (const Golden& one : cases)
        EXPECT_EQ(met("transfer_criteria", one.on, one.matter), one.rows) << one.what;
}

// mission: C18
TEST(DecisionTable, AMajorCaseByAmountHarmOrProduct) {
    const Date on = make_date(2025, 3, 3);
    EXPECT_EQ(met("major_case_criteria", on, {{"goods_value_fen", {"49999999"}}}), "");
    EXPECT_EQ(met("major_case_criteria", on, {{"goods_value_fen", {"50000000"}}}), "amount");
    EXPECT_EQ(met("major_case_criteria", on, {{"violation", {"D31"}}, {"aggravation", {"biologics"}}}),
              "vulnerable vaccine");
}

TEST(DecisionTable, ConditionsThatCannotBeReadAreRefused) {
    for (const char* text : {"", " ", "violation", "=D02", "violation=", "goods_value_fen>=many", ">=1"})
        EXPECT_FALSE(parse_conditions(text)) << text;
    const auto read = parse_conditions("violation=D02|D03 goods_value_fen>=5");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->at(0).words.size(), 2u);
    EXPECT_EQ(read->at(1).least, 5);
    EXPECT_EQ(met("no_such_table", make_date(2025, 3, 3), {}), "error law_reference_unknown");
    EXPECT_EQ(met("agencies", make_date(2025, 3, 3), {}), "error law_value_invalid");
}

}  // namespace qingyuan::law
