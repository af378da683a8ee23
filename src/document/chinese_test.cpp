// Dates, sums and articles in an official document.
#include "document/chinese.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace qingyuan::document {
namespace {

TEST(chinese, writes_sums_as_a_bill_does) {
    const std::pair<std::int64_t, const char*> sums[] = {
        {0, "零元整"},
        {1, "壹分"},
        {10, "壹角整"},
        {11, "壹角壹分"},
        {100, "壹元整"},
        {105, "壹元零伍分"},
        {150, "壹元伍角整"},
        {1'000'00, "壹仟元整"},
        {1'409'50, "壹仟肆佰零玖元伍角整"},
        {6'007'14, "陆仟零柒元壹角肆分"},
        {10'000'00, "壹万元整"},
        {100'500'00, "壹拾万零伍佰元整"},
        {107'000'53, "壹拾万柒仟元伍角叁分"},
        {16'409'02, "壹万陆仟肆佰零玖元零贰分"},
        {1'000'000'00, "壹佰万元整"},
        {100'000'000'00, "壹亿元整"},
        {100'010'000'00, "壹亿零壹万元整"},
        {1'000'000'005'00, "壹拾亿零伍元整"},
        {-3'50, "负叁元伍角整"},
    };
    for (const auto& [fen, text] : sums) EXPECT_EQ(sum_in_capitals(Fen{fen}), text) << fen;
    EXPECT_EQ(sum_zh(Fen{12'345'678'90}), "人民币壹仟贰佰叁拾肆万伍仟陆佰柒拾捌元玖角整（¥12,345,678.90）");
    EXPECT_EQ(sum_in_figures(Fen{99}), "0.99");
}

/// Reads a sum in capitals back, by its own way.
std::int64_t read_back(std::string_view text) {
    const std::pair<std::string_view, int> digits[] = {{"壹", 1}, {"贰", 2}, {"叁", 3}, {"肆", 4}, {"伍", 5},
                                                       {"陆", 6}, {"柒", 7}, {"捌", 8}, {"玖", 9}};
    const std::pair<std::string_view, std::int64_t> units[] = {{"拾", 10}, {"佰", 100}, {"仟", 1000}};
    std::int64_t whole = 0, group = 0, digit = 0, fen = 0;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, 3);
        text.remove_prefix(3);
        for (const auto& [name, value] : digits)
            if (one == name) digit = value;
        for (const auto& [name, value] : units)
            if (one == name) group += digit * value, digit = 0;
        if (one == "万") whole += (group + digit) * 10'000, group = digit = 0;
        if (one == "亿") whole = (whole + group + digit) * 100'000'000, group = digit = 0;
        if (one == "元") whole += group + digit, group = digit = 0;
        if (one == "角") fen += digit * 10, digit = 0;
        if (one == "分") fen += digit, digit = 0;
    }
    return whole * 100 + fen;
}

RC_GTEST_PROP(chinese, reads_every_sum_back, ()) {
    const auto fen = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
    RC_ASSERT(read_back(sum_in_capitals(Fen{fen})) == fen);
}

TEST(chinese, writes_articles_in_full) {
    const auto law = law::Law::load(QINGYUAN_SOURCE_DIR "/law");
    ASSERT_TRUE(law);
    const Date on = make_date(2026, 6, 1);
    EXPECT_EQ(citation_in_full(*law, "DAL 117", on), "《中华人民共和国药品管理法》第一百一十七条");
    EXPECT_EQ(citation_in_full(*law, "DAL 98(1)(3)", on),
              "《中华人民共和国药品管理法》第九十八条第一款第三项");
    EXPECT_EQ(citation_in_full(*law, "APPR 18-20", on), "《市场监督管理行政处罚程序规定》第十八条至第二十条");
    EXPECT_EQ(citation_in_full(*law, "APPR 13,16", on), "《市场监督管理行政处罚程序规定》第十三条、第十六条");
    EXPECT_EQ(citation_in_full(*law, "COMPL", make_date(2025, 1, 1)), "《市场监督管理投诉举报处理暂行办法》");
    EXPECT_EQ(citation_in_full(*law, "NOLAW 1", on), "NOLAW 1");
    EXPECT_EQ(number_zh(0), "零");
    EXPECT_EQ(number_zh(10), "十");
    EXPECT_EQ(number_zh(105), "一百零五");
    EXPECT_EQ(number_zh(1010), "一千零一十");
    EXPECT_EQ(date_zh(make_date(2025, 7, 5)), "2025年7月5日");
}

}  // namespace
}  // namespace qingyuan::document
