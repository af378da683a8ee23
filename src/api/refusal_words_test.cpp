// Refusals and needs of every step of the law, as the API says them: no identifier stands for a word.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/refusal_words.hpp"
#include "law/describe.hpp"
#include "law/words.hpp"

using namespace qingyuan;
using namespace qingyuan::api;

namespace {

const law::Law& shipped() {
    static const Result<law::Law> law = law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law");
    QY_ASSERT(law.has_value());
    return *law;
}

/// Is it written in identifiers: with an underscore, or as a word with its arguments?
bool is_raw(const std::string& text) {
    return text.find('_') != std::string::npos || text.find("given(") != std::string::npos;
}

}  // namespace

TEST(RefusalWords, a_need_is_said_in_words_for_every_guard_and_every_required_field) {
    for (const law::Procedure& procedure : shipped().procedures())
        for (const law::Step& step : procedure.steps) {
            std::vector<std::string> needs;
            for (const law::Guard& guard : step.guards) needs.push_back(guard.text());
            for (const law::Field& field : step.form)
                if (field.required) needs.push_back("given(" + field.id + ")");
            const Json said = needs_json(shipped(), procedure, step, needs);
            ASSERT_EQ(said.size(), needs.size());
            for (std::size_t i = 0; i < needs.size(); ++i)
                for (const char* language : {"zh", "en"}) {
                    const std::string text = said[i][language];
                    EXPECT_FALSE(text.empty() || text == needs[i] || is_raw(text))
                        << procedure.id << "." << step.id << " " << needs[i] << ": " << text;
                }
        }
}

TEST(RefusalWords, a_refusal_has_the_sentence_of_its_guard_in_both_languages) {
    for (const law::Procedure& procedure : shipped().procedures())
        for (const law::Step& step : procedure.steps)
            for (const law::Guard& guard : step.guards) {
                Error error{law::info(guard.word).refusal,
                            "head_of_authority has not approved close",
                            {},
                            "APPR 77",
                            "take decide_person_liability first"};
                error.zh = law::describe(shipped(), procedure, step, guard, false);
                const Error said = spoken(shipped(), procedure, step, error);
                EXPECT_EQ(said.message.empty() || is_raw(said.message), false) << guard.where << said.message;
                EXPECT_EQ(said.next.empty() || is_raw(said.next), false) << guard.where << said.next;
                EXPECT_EQ(said.zh, error.zh);
                EXPECT_EQ(said.law, "APPR 77");
            }
}

TEST(RefusalWords, who_acts_and_where_the_matter_stands_is_said_without_identifiers) {
    const law::Procedure& procedure = **shipped().procedure("penalty_case", make_date(2025, 7, 1));
    const law::Step& step = *procedure.find_step("close");
    for (const ErrorCode code :
         {ErrorCode::wrong_role, ErrorCode::wrong_organisation, ErrorCode::recused, ErrorCode::wrong_state}) {
        const Error said = spoken(shipped(), procedure, step,
                                  {code, "p_1 is hearing_chair", {}, {}, "for head_of_authority, unit_head"});
        EXPECT_FALSE(is_raw(said.message)) << said.message;
        EXPECT_FALSE(is_raw(said.next)) << said.next;
    }
    // What was typed is named as it was typed.
    const Error typed{ErrorCode::not_in_vocabulary, "'a_b' is no word of close_grounds", "close_ground"};
    EXPECT_EQ(spoken(shipped(), procedure, step, typed).message, typed.message);
}
