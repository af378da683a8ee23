// The shipped rule sets of credit grades load; every way to write one wrongly is refused at its place.
#include "law/credit.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <gtest/gtest.h>
#include <unistd.h>

namespace qingyuan::law {
namespace {

namespace fs = std::filesystem;

/// A copy of the law whose files of credit may be rewritten; the law itself is loaded once.
class Credit : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        directory = fs::temp_directory_path() / ("qingyuan_credit_" + std::to_string(::getpid()));
        fs::remove_all(directory);
        fs::copy(fs::path(QINGYUAN_SOURCE_DIR) / "law", directory, fs::copy_options::recursive);
        auto loaded = Law::load(directory);
        ASSERT_TRUE(loaded) << loaded.error().text();
        law = std::make_unique<Law>(std::move(*loaded));
    }
    static void TearDownTestSuite() {
        law.reset();
        fs::remove_all(directory);
    }

    static std::string read(const std::string& file) {
        std::ifstream in(directory / file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void write(const std::string& file, const std::string& text) {
        std::ofstream(directory / file, std::ios::binary) << text;
    }
    /// What loading says with `from` replaced by `to` once in the file; the file is put back.
    static std::vector<Error> problems_with(const std::string& file, const std::string& from,
                                            const std::string& to) {
        const std::string before = read(file);
        const std::size_t at = before.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        write(file, std::string(before).replace(at, from.size(), to));
        std::vector<Error> problems;
        EXPECT_FALSE(CreditRules::load(*law, &problems)) << to;
        write(file, before);
        return problems;
    }

    static inline fs::path directory;
    static inline std::unique_ptr<Law> law;
};

// mission: F1
TEST_F(Credit, rule_sets_that_are_shipped_load) {
    std::vector<Error> problems;
    const auto rules = CreditRules::load(*law, &problems);
    for (const Error& problem : problems) ADD_FAILURE() << problem.text();
    ASSERT_TRUE(rules);
    const Date on = make_date(2025, 6, 30);
    const auto wuhan = rules->rule_for("pharmacy", on);
    ASSERT_TRUE(wuhan);
    EXPECT_EQ((*wuhan)->id, "wuhan_ten_point");
    EXPECT_EQ((*wuhan)->status, Status::unverified);
    EXPECT_EQ((*wuhan)->grade_of(Rational(9)), "A");
    EXPECT_EQ((*wuhan)->grade_of(Rational(17, 2)), "B");
    EXPECT_EQ((*wuhan)->grade_of(Rational(7)), "B");
    EXPECT_EQ((*wuhan)->grade_of(Rational(4)), "C");
    EXPECT_EQ((*wuhan)->grade_of(Rational(0)), "D");
    for (const char* id : {"shaanxi_direct", "risk_class_2022"}) EXPECT_TRUE(rules->rule(id, on)) << id;
    EXPECT_EQ(rules->rule("nothing", on).error().code, ErrorCode::rule_unknown);
    EXPECT_EQ(rules->rule("risk_class_2022", make_date(2020, 1, 1)).error().code,
              ErrorCode::law_not_in_force);
    EXPECT_EQ(rules->rule_for("pharmacy", make_date(2010, 1, 1)).error().code, ErrorCode::law_not_in_force);
}

struct Wrong {
    const char* name;
    const char* file;
    const char* from;
    const char* to;
    ErrorCode code;
    const char* says;
};

// mission: F1
TEST_F(Credit, a_rule_set_that_is_wrong_is_refused_at_its_place) {
    const Wrong table[] = {
        {"weights", "credit/risk_class_2022.toml", "weight = \"40\"", "weight = \"35\"",
         ErrorCode::law_value_invalid, "add up to 95"},
        {"overlap", "credit/wuhan_ten_point.toml", "below = \"9\"", "below = \"9.5\"",
         ErrorCode::law_value_invalid, "overlap"},
        {"gap", "credit/wuhan_ten_point.toml", "below = \"9\"", "below = \"8\"", ErrorCode::law_value_invalid,
         "gap"},
        {"fact", "credit/wuhan_ten_point.toml", "fact = \"penalty_fine\"", "fact = \"complaint\"",
         ErrorCode::law_reference_unknown, "no kind of fact 'complaint'"},
        {"twice", "credit/wuhan_ten_point.toml", "fact = \"penalty_fine\"", "fact = \"penalty_warning\"",
         ErrorCode::law_duplicate, "two rules for"},
        {"bonus", "credit/wuhan_ten_point.toml", "points = \"0.5\"", "points = \"-0.5\"",
         ErrorCode::law_value_invalid, "0 or more"},
        {"dimension", "credit/risk_class_2022.toml", "dimension = \"sampling\"", "dimension = \"samples\"",
         ErrorCode::law_reference_unknown, "no dimension"},
        {"citation", "credit/wuhan_ten_point.toml", "law = \"BLACK\"", "law = \"BLAK\"",
         ErrorCode::law_citation_unknown, "BLAK"},
        {"consequence", "credit/wuhan_ten_point.toml", "kind = \"publicity\"", "kind = \"shaming\"",
         ErrorCode::law_reference_unknown, "shaming"},
        {"key", "credit/wuhan_ten_point.toml", "start = 10", "start = 10\nbonus = 1",
         ErrorCode::law_key_unknown, "bonus"},
        {"step", "credit_facts.toml", "decided = [\"limit_over\"", "decided = [\"limit_is_over\"",
         ErrorCode::law_reference_unknown, "no step"},
        {"use", "credit_use.toml", "rule = \"wuhan_ten_point\"", "rule = \"wuhan\"",
         ErrorCode::law_reference_unknown, "no rule set"},
    };
    for (const Wrong& wrong : table) {
        SCOPED_TRACE(wrong.name);
        const auto problems = problems_with(wrong.file, wrong.from, wrong.to);
        ASSERT_FALSE(problems.empty());
        const Error& first = problems.front();
        EXPECT_EQ(first.code, wrong.code) << first.text();
        EXPECT_NE(first.message.find(wrong.says), std::string::npos) << first.text();
        EXPECT_TRUE(first.where.starts_with(wrong.file)) << first.where;
        EXPECT_EQ(std::ranges::count(first.where, ':'), 2) << first.where;
    }
}

}  // namespace
}  // namespace qingyuan::law
