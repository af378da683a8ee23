// The shipped criteria load; every way to write one wrongly is refused at its place.
#include "law/criteria.hpp"

#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <unistd.h>

namespace qingyuan::law {
namespace {

namespace fs = std::filesystem;

/// A law of nothing but criteria.
class CriteriaFiles : public testing::Test {
 protected:
    void SetUp() override {
        directory = fs::temp_directory_path() / ("qingyuan_criteria_" + std::to_string(::getpid()));
        fs::remove_all(directory);
        fs::create_directories(directory / "criteria");
    }
    void TearDown() override { fs::remove_all(directory); }
    void write(const std::string& text, const std::string& name = "extra.toml") {
        std::ofstream(directory / "criteria" / name, std::ios::binary) << text;
    }
    std::vector<Error> problems() {
        std::vector<Error> out;
        const auto law = Law::load(directory);
        EXPECT_TRUE(law) << (law ? "" : law.error().text());
        (void)Criteria::load(*law, &out);
        return out;
    }
    /// The file with these conditions is refused just so.
    void refused(const std::string& rest, ErrorCode code, const std::string& where) {
        write(head + rest);
        const auto found = problems();
        ASSERT_FALSE(found.empty()) << rest;
        EXPECT_EQ(found[0].code, code) << found[0].text();
        EXPECT_EQ(found[0].where, "criteria/extra.toml:" + where) << found[0].text();
    }
    const std::string head =
        "id = \"extra\"\nzh = \"另一\"\nen = \"Another\"\nsource = \"here\"\nbasis = \"text\"\n";
    fs::path directory;
};

TEST(criteria, that_are_shipped_load) {
    const auto law = Law::load(fs::path(QINGYUAN_SOURCE_DIR) / "law");
    ASSERT_TRUE(law);
    std::vector<Error> problems;
    const auto criteria = Criteria::load(*law, &problems);
    for (const Error& problem : problems) ADD_FAILURE() << problem.text();
    ASSERT_TRUE(criteria);
    for (const char* id : {"evans", "evdas", "fda", "who", "lareb"})
        EXPECT_TRUE(criteria->criterion(id)) << id;
    const Criterion& evans = **criteria->criterion("evans");
    EXPECT_EQ(evans.condition.kind, SignalCondition::Kind::all_of);
    ASSERT_EQ(evans.condition.of.size(), 3u);
    EXPECT_EQ(signal_measures[evans.condition.of[1].measure], "prr");
    EXPECT_EQ(text_of(evans.condition.of[1].comparison), "at_least");
    const auto unknown = criteria->criterion("nobody");
    EXPECT_EQ(unknown.error().code, ErrorCode::rule_unknown);
    EXPECT_NE(unknown.error().next.find("evans"), std::string::npos);
}

TEST_F(CriteriaFiles, nest_all_and_any) {
    write(head +
          "[[any_of]]\nmeasure = \"eb05\"\nat_least = \"1.8\"\n[[any_of]]\nall_of = [\n"
          "{measure = \"n\", above = 2}, {measure = \"fisher_p\", below = \"0.05\"}]\n");
    EXPECT_TRUE(problems().empty());
    const auto criteria = Criteria::load(*Law::load(directory));
    ASSERT_TRUE(criteria);
    const SignalCondition& top = (*criteria->criterion("extra"))->condition;
    EXPECT_EQ(top.kind, SignalCondition::Kind::any_of);
    EXPECT_EQ(top.of[0].threshold, Rational(9, 5));
    EXPECT_EQ(top.of[1].kind, SignalCondition::Kind::all_of);
    EXPECT_EQ(top.of[1].of[1].comparison, Comparison::below);
}

TEST_F(CriteriaFiles, are_refused_at_their_place) {
    refused("[[all_of]]\nmeasure = \"prrr\"\nat_least = 2\n", ErrorCode::law_reference_unknown, "7:11");
    refused("[[all_of]]\nmeasure = \"prr\"\n", ErrorCode::law_key_missing, "6:1");
    refused("[[all_of]]\nmeasure = \"prr\"\nat_least = 2\nbelow = 3\n", ErrorCode::law_key_missing, "6:1");
    refused("[[all_of]]\nmeasure = \"prr\"\nat_least = 2.5\n", ErrorCode::law_value_invalid, "8:12");
    refused("[[all_of]]\nmeasure = \"prr\"\nat_least = 2\nunit = 1\n", ErrorCode::law_key_unknown, "9:1");
    refused("", ErrorCode::law_key_missing, "1:1");
    refused("all_of = []\n", ErrorCode::law_key_missing, "1:1");
    refused("colour = 1\nall_of = [{measure = \"n\", above = 1}]\n", ErrorCode::law_key_unknown, "6:1");
    refused("all_of = [{measure = \"n\", above = 1}]\nany_of = [{measure = \"n\", above = 1}]\n",
            ErrorCode::law_value_invalid, "7:10");
    refused("all_of = [\n", ErrorCode::toml_malformed, "6:12");
}

TEST_F(CriteriaFiles, name_themselves_and_their_source) {
    write(
        "id = \"other\"\nzh = \"另一\"\nen = \"Another\"\nbasis = \"hearsay\"\n"
        "all_of = [{measure = \"n\", above = 1}]\n");
    const auto found = problems();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].where, "criteria/extra.toml:1:6") << "not the file's name";
    EXPECT_EQ(found[1].code, ErrorCode::law_key_missing) << "no source";
    EXPECT_EQ(found[2].where, "criteria/extra.toml:4:9");
    write("x", "notes.txt");
    EXPECT_FALSE(problems().empty());
}

}  // namespace
}  // namespace qingyuan::law
