#include "law/describe.hpp"
#include "law/words.hpp"

#include <algorithm>

#include <gtest/gtest.h>

using namespace qingyuan;
using namespace qingyuan::law;

namespace {
const Law& shipped() {
    static const Result<Law> law = Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law");
    QY_ASSERT(law.has_value());
    return *law;
}
std::string told(std::string_view procedure, std::string_view step, WordId word, bool english) {
    const Procedure* found = *shipped().procedure(procedure, make_date(2025, 7, 1));
    const Step* taken = found->find_step(step);
    for (const Guard& guard : taken->guards)
        if (guard.word == word) return describe(shipped(), *found, *taken, guard, english);
    return {};
}
}  // namespace

TEST(describe, names_steps_roles_fields_and_linked_procedures) {
    EXPECT_EQ(told("penalty_case", "file", WordId::officers, false), "须有2名以上执法人员");
    EXPECT_EQ(told("penalty_case", "finish", WordId::done, false),
              "须已办理“告知陈述、申辩和申请回避的权利”");
    EXPECT_EQ(told("penalty_case", "close", WordId::no_linked, false), "不得有未办结的关联挂牌督办");
    EXPECT_EQ(
        told("penalty_case", "close", WordId::done_if, true),
        "where Decision on persons is Penalise the persons, Penalise a responsible person has been taken");
}

TEST(describe, no_guard_of_the_law_is_left_with_a_gap) {
    for (const Procedure& procedure : shipped().procedures())
        for (const Step& step : procedure.steps)
            for (const Guard& guard : step.guards)
                for (const bool english : {false, true}) {
                    const std::string text = describe(shipped(), procedure, step, guard, english);
                    EXPECT_EQ(text.find('{'), std::string::npos) << guard.where << ": " << text;
                    EXPECT_FALSE(text.empty());
                }
}

namespace {
/// Runs of small letters, digits and underscores that stand in a text where people read Chinese, or that have
/// an underscore: an identifier of the data, not a word.
std::vector<std::string> raw_words(const std::string& text, bool english) {
    std::vector<std::string> out;
    std::string run;
    const auto end = [&] {
        const bool letters = std::ranges::any_of(run, [](char c) { return c >= 'a' && c <= 'z'; });
        if (letters && run.size() > 1 && (!english || run.find('_') != std::string::npos)) out.push_back(run);
        run.clear();
    };
    for (const char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
            run += c;
        else
            end();
    }
    end();
    return out;
}
}  // namespace

TEST(describe, says_no_guard_in_identifiers_in_either_language) {
    EXPECT_EQ(raw_words("须填写“dismissal”", false), (std::vector<std::string>{"dismissal"}));
    EXPECT_EQ(raw_words("no_linked(risk_item, open)", true),
              (std::vector<std::string>{"no_linked", "risk_item"}));
    for (const Procedure& procedure : shipped().procedures())
        for (const Step& step : procedure.steps)
            for (const Guard& guard : step.guards)
                for (const bool english : {false, true}) {
                    const std::string text = describe(shipped(), procedure, step, guard, english);
                    EXPECT_EQ(raw_words(text, english), std::vector<std::string>{})
                        << guard.where << ": " << guard.text() << " → " << text;
                    EXPECT_EQ(text.find(guard.text()), std::string::npos) << guard.where;
                    EXPECT_EQ(text.find("()"), std::string::npos) << guard.where << ": " << text;
                    EXPECT_EQ(text.find("“”"), std::string::npos) << guard.where << ": " << text;
                }
}
