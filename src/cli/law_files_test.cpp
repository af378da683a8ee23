#include "cli/law_files.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/json_file.hpp"

namespace qingyuan::cli {
namespace {

using nlohmann::json;

const law::Law& statute_book() {
    static const law::Law law = [] {
        auto loaded = law::Law::load(QINGYUAN_SOURCE_DIR "/law");
        QY_ASSERT(loaded.has_value());
        return *loaded;
    }();
    return law;
}

using Runner = Result<ExampleRun> (*)(const law::Law&, const json&);

/// The published files of worked examples, where they are at hand; the same examples stand in
/// src/law/*_test.cpp.
void run_fixture(const char* name, Runner runner, int expected) {
    const char* folder = std::getenv("QINGYUAN_FIXTURES");
    const auto path = std::filesystem::path(folder == nullptr ? "" : folder) / "law" / name;
    if (folder == nullptr || !std::filesystem::exists(path))
        GTEST_SKIP() << "QINGYUAN_FIXTURES does not hold law/" << name;
    const auto file = read_json(path);
    ASSERT_TRUE(file);
    const auto run = runner(statute_book(), *file);
    ASSERT_TRUE(run) << run.error().text();
    for (const std::string& failure : run->failures) ADD_FAILURE() << failure;
    EXPECT_EQ(run->passed, expected);
}

TEST(law_files, published_due_dates) {
    run_fixture("deadline_vectors.json", run_due_vectors, 24);
}
TEST(law_files, published_codes) {
    run_fixture("code_systems.json", run_code_examples, 118);
}
TEST(law_files, published_penalties) {
    run_fixture("penalty_rules.json", run_penalty_vectors, 28);
}

ExampleRun run(Runner runner, std::string_view text) {
    const auto done = runner(statute_book(), json::parse(text));
    EXPECT_TRUE(done) << done.error().text();
    return done ? *done : ExampleRun{};
}

TEST(law_files, a_vector_counts_by_its_own_length_and_pauses) {
    // CASE.DECIDE is 90 calendar days; the vector says 30 working days with a pause of one working week.
    const auto done =
        run(run_due_vectors,
            R"({"vectors": [{"id": "CASE.DECIDE", "start": "2026-06-01", "value": 30, "unit": "working_day",
        "suspend": [["2026-06-08", "2026-06-14"]], "due": "2026-07-21", "provisional": false}]})");
    EXPECT_EQ(done.failures, std::vector<std::string>{});
    EXPECT_EQ(done.passed, 1);
}

TEST(law_files, a_vector_without_a_length_takes_the_limit_s) {
    EXPECT_EQ(run(run_due_vectors,
                  R"({"vectors": [{"id": "CMP.MEDIATE", "start": "2026-08-05", "due": "2026-10-08"},
        {"id": "CMP.MEDIATE", "start": "2025-01-02", "due": "2025-03-12"}]})")
                  .passed,
              2);
}

TEST(law_files, failures_say_what_differs) {
    const auto done = run(run_due_vectors, R"({"vectors": [
        {"id": "CASE.PAY", "start": "2026-11-13", "value": 15, "unit": "calendar_day",
         "raw": "2026-11-28", "due": "2026-11-29"},
        {"id": "NO.SUCH", "start": "2026-11-13", "due": "2026-11-28"},
        {"id": "CASE.PAY", "start": "2026-02-30", "value": 15, "unit": "calendar_day", "due": "2026-11-28"},
        {"id": "CASE.PAY", "start": "2026-11-13", "value": 15, "unit": "calendar_day"}]})");
    EXPECT_EQ(done.passed, 0);
    ASSERT_EQ(done.failures.size(), 4u);
    EXPECT_EQ(done.failures[0], "CASE.PAY 2026-11-13: due is 2026-11-30, expected 2026-11-29");
    EXPECT_NE(done.failures[1].find("limit_unknown"), std::string::npos);
    EXPECT_NE(done.failures[2].find("date_invalid"), std::string::npos);
    EXPECT_EQ(done.failures[3], "CASE.PAY 2026-11-13: it states nothing that could be compared");
}

TEST(law_files, codes_and_penalties_may_fail) {
    const auto codes =
        run(run_code_examples,
            R"({"items": [{"id": "gtin", "valid": ["6901234567893"], "invalid": ["6901234567892"]}]})");
    EXPECT_EQ(codes.passed, 0);
    EXPECT_EQ(codes.failures.size(), 2u);
    const auto penalties = run(run_penalty_vectors, R"({"vectors": [
        {"rule": "DAL116", "facts": {"goods_value": 3000, "channel": "retail"}, "min_yuan": 1500000,
         "max_yuan": 3000001},
        {"rule": "DAL116", "facts": {"goods_value": 99999.99, "channel": "retail"}, "min_yuan": 1500000,
         "max_yuan": 3000000},
        {"rule": "DAL116", "facts": {"goods": 3000}, "min_yuan": 1, "max_yuan": 2}]})");
    EXPECT_EQ(penalties.passed, 1);
    ASSERT_EQ(penalties.failures.size(), 2u);
    EXPECT_NE(penalties.failures[1].find("field_unknown"), std::string::npos);
}

TEST(law_files, another_shape_is_refused) {
    for (const std::string_view text : {"[]", "{}", R"({"vectors": 3})", R"({"vectors": [3]})",
                                        R"({"vectors": [{"start": "2026-01-01"}]})"}) {
        const auto done = run_due_vectors(statute_book(), json::parse(text));
        ASSERT_FALSE(done) << text;
        EXPECT_EQ(done.error().code, ErrorCode::json_malformed);
    }
    EXPECT_FALSE(run_code_examples(
        statute_book(), json::parse(R"({"items": [{"id": "gtin", "valid": [1], "invalid": []}]})")));
    EXPECT_FALSE(penalty_facts(json::parse("[1]")));
    EXPECT_EQ(penalty_facts(json::parse(R"({"goods_value": [1]})")).error().code, ErrorCode::field_invalid);
}

TEST(law_files, unreadable_files_are_named) {
    const auto folder = std::filesystem::path(::testing::TempDir());
    EXPECT_EQ(read_json(folder / "not_there.json").error().code, ErrorCode::file_unreadable);
    std::ofstream(folder / "broken.json") << "{\"vectors\": [}";
    const auto broken = read_json(folder / "broken.json");
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ErrorCode::json_malformed);
    EXPECT_EQ(broken.error().message, "at byte 14");
}

}  // namespace
}  // namespace qingyuan::cli
