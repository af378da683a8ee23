#include "cli/scenario_text.hpp"

#include <gtest/gtest.h>

using namespace qingyuan;
using namespace qingyuan::cli;

namespace {

constexpr std::string_view story =
    "title 试  Try\nlaw APPR 18, APPR 19\nmission C4 C8\n\n# a remark\nworld\non 2025-03-03\n----\n\n"
    "do c1 file by=tang\n  note=\"a \\\"b\\\" c\"\n----\nfirst\nsecond\n\n# the end\n";

std::string place(std::string_view text) {
    const auto parsed = parse_scenario(text);
    EXPECT_FALSE(parsed);
    if (parsed) return {};
    EXPECT_EQ(parsed.error().code, ErrorCode::scenario_malformed);
    return parsed.error().where;
}

}  // namespace

TEST(scenario_text, reads_header_and_blocks) {
    const auto parsed = parse_scenario(story);
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->title_zh, "试");
    EXPECT_EQ(parsed->title_en, "Try");
    EXPECT_EQ(parsed->law, (std::vector<std::string>{"APPR 18", "APPR 19"}));
    EXPECT_EQ(parsed->mission, (std::vector<std::string>{"C4", "C8"}));
    ASSERT_EQ(parsed->blocks.size(), 2u);
    EXPECT_EQ(parsed->blocks[0].commands.size(), 2u);
    EXPECT_EQ(parsed->blocks[0].expected, "");
    const Command& command = parsed->blocks[1].commands[0];
    EXPECT_EQ(command.words, (std::vector<std::string>{"do", "c1", "file"}));
    EXPECT_EQ(command.arguments[1].second, "a \"b\" c");
    EXPECT_EQ(parsed->blocks[1].expected, "first\nsecond");
}

TEST(scenario_text, rewriting_with_what_it_expects_changes_nothing) {
    const auto parsed = parse_scenario(story);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->rewritten({"", "first\nsecond"}), story);
    const auto again = parse_scenario(parsed->rewritten({"new", "first"}));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->blocks[0].expected, "new");
    EXPECT_EQ(again->blocks[1].expected, "first");
}

TEST(scenario_text, what_is_malformed_is_named_with_its_line) {
    EXPECT_EQ(place(""), "line 1");
    EXPECT_EQ(place("law APPR 18\n\nworld\n----\n"), "line 1");
    EXPECT_EQ(place("title 试\n\nworld\n----\n"), "line 1");
    EXPECT_EQ(place("title 试  Try\ncolour red\n\nworld\n----\n"), "line 2");
    EXPECT_EQ(place("title 试  Try\n"), "line 1");
    EXPECT_EQ(place("title 试  Try\n\nworld\n\n----\n"), "line 3");
    EXPECT_EQ(place("title 试  Try\n\nworld"), "line 3");
    EXPECT_EQ(place("title 试  Try\n\n----\nx\n"), "line 3");
    EXPECT_EQ(place("title 试  Try\n\ndo x note=\"open\n----\n"), "line 3");
    EXPECT_EQ(place("title 试  Try\n\ndo x note=\"a\"b\n----\n"), "line 3");
    EXPECT_EQ(place("title 试  Try\n\nworld\n----\n\nby=li\n----\n"), "line 6");
    EXPECT_EQ(parse_scenario("title \xFF").error().code, ErrorCode::encoding_invalid);
}

TEST(scenario_text, a_difference_shows_where_it_begins) {
    EXPECT_EQ(difference("a\nb\nc\nd", "a\nb\nx\nd"), "  a\n  b\n- c\n+ x\n");
    EXPECT_EQ(difference("", "x"), "+ x\n");
    EXPECT_EQ(difference("x", ""), "- x\n");
}
