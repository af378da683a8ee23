// What does not add up is refused by name, with what to change: one table over the stages.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <unistd.h>

#include "act/theatre_test.hpp"
#include "assess/credit.hpp"
#include "law/credit.hpp"
#include "target/frame.hpp"

namespace qingyuan {
namespace {

namespace fs = std::filesystem;

const law::Law& shipped() {
    static const law::Law law = act::Theatre::must(law::Law::load(fs::path(QINGYUAN_SOURCE_DIR) / "law"));
    return law;
}

template <class T>
Error error_of(const Result<T>& result) {
    if (!result) return result.error();
    ADD_FAILURE() << "was accepted";
    return Error{ErrorCode::usage, "accepted"};
}

const Date day = make_date(2025, 6, 30);

assess::CreditFact fine(std::int64_t act) {
    return {"penalty_fine", "case1", act, make_date(2025, 3, 1), make_date(2025, 3, 1), {}, {}, false, false};
}

Error graded(const std::vector<assess::CreditFact>& facts) {
    static const law::CreditRules rules = act::Theatre::must(law::CreditRules::load(shipped()));
    return error_of(assess::grade(rules, **rules.rule("wuhan_ten_point", day), facts, day));
}

/// The first problem of a rule file of credit in which one text stands for another.
Error rule_file(const std::string& file, const std::string& from, const std::string& to) {
    const fs::path folder = fs::temp_directory_path() / ("qingyuan_refusals_" + std::to_string(::getpid()));
    fs::remove_all(folder);
    fs::copy(fs::path(QINGYUAN_SOURCE_DIR) / "law", folder, fs::copy_options::recursive);
    std::ifstream in(folder / file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    in.close();
    std::ofstream(folder / file, std::ios::binary) << text.replace(at, from.size(), to);
    const law::Law law = act::Theatre::must(law::Law::load(folder));
    const Error error = error_of(law::CreditRules::load(law));
    fs::remove_all(folder);
    return error;
}

Error drawn(std::vector<target::Candidate> candidates, const target::Plan& plan) {
    return error_of(target::chances_of(candidates, plan));
}

/// Signing a visit that was opened on the day, by a_inspector with the other.
Error signed_with(Date on, const std::string& other) {
    act::Theatre theatre(shipped(), on);
    act::Theatre::must(theatre.open("a_unit_head", {.procedure = "inspection",
                                                    .id = "visit",
                                                    .operator_id = "shop",
                                                    .category = "drug",
                                                    .form = {{"reason", std::string("routine")},
                                                             {"mode", std::string("on_site")},
                                                             {"activity", std::string("distribution")}}}));
    act::Theatre::must(theatre.take("visit", "a_unit_head", "approve"));
    const facts::Form formalities{{"formalities", std::vector<std::string>{"id_shown", "rights_told"}}};
    act::Theatre::must(
        theatre.take("visit", "a_inspector", "go", {.form = formalities, .officers = {"b_inspector"}}));
    return error_of(theatre.take("visit", "a_inspector", "sign",
                                 {.form = {{"signature", std::string("signed")}}, .officers = {other}}));
}

}  // namespace

// mission: G16
TEST(Refusals, have_a_name_and_say_what_to_change) {
    struct Row {
        const char* what;
        Error error;
        ErrorCode code;
        const char* message;  ///< a part of it
        const char* next;     ///< a part of it
    };
    const Row rows[] = {
        {"two facts for one act", graded({fine(7), fine(7)}), ErrorCode::duplicate_key, "one act 7 of case1",
         "give each act once"},
        {"an act without a day", graded({[] {
             assess::CreditFact fact = fine(7);
             fact.effective_on = {};
             return fact;
         }()}),
         ErrorCode::field_missing, "became effective", "give effective_on"},
        {"a kind nobody knows", graded({[] {
             assess::CreditFact fact = fine(7);
             fact.kind = "rumour";
             return fact;
         }()}),
         ErrorCode::law_reference_unknown, "rumour", "credit_facts.toml"},
        {"weights that do not add up", rule_file("credit/shaanxi_direct.toml", "start = 100", "start = 99"),
         ErrorCode::law_value_invalid, "not to 'start' 99", "change a weight"},
        {"an empty frame", drawn({}, {.size = 1}), ErrorCode::frame_empty, "nobody can be drawn",
         "at least one unit"},
        {"a draw of more than there are", drawn({{.operator_id = "a", .stratum = "s"}}, {.size = 2}),
         ErrorCode::quota_impossible, "", ""},
        {"an expired certificate", signed_with(make_date(2025, 3, 3), "expired"),
         ErrorCode::officer_unqualified, "expired has no certificate valid on 2025-03-03",
         "whose certificate is valid"},
        {"no training within the year", signed_with(make_date(2026, 3, 2), "b_inspector"),
         ErrorCode::officer_unqualified, "a_inspector has 0 of 60 hours", "completes the training"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(row.error.info().name, Error(row.code, "").info().name)
            << row.what << ": " << row.error.text();
        EXPECT_NE(row.error.message.find(row.message), std::string::npos)
            << row.what << ": " << row.error.text();
        EXPECT_FALSE(row.error.next.empty()) << row.what;
        EXPECT_NE(row.error.next.find(row.next), std::string::npos) << row.what << ": " << row.error.next;
    }
}

}  // namespace qingyuan
