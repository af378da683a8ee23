// The shipped figures load; every way to write one wrongly is refused at its place.
#include "law/statistics.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <unistd.h>

#include "law/law.hpp"

namespace qingyuan::law {
namespace {

namespace fs = std::filesystem;

/// A copy of the law in which files of figures may be written; loaded once.
class Figures : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        directory = fs::temp_directory_path() / ("qingyuan_statistics_" + std::to_string(::getpid()));
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

    void write(const std::string& file, const std::string& text) {
        std::ofstream(directory / file, std::ios::binary) << text;
        written.push_back(directory / file);
    }
    void TearDown() override {
        for (const fs::path& file : written) fs::remove(file);
    }

    std::vector<fs::path> written;
    static inline fs::path directory;
    static inline std::unique_ptr<Law> law;
};

const std::string head = R"(id = "extra"
zh = "另一指标"
en = "Another figure"
question_zh = "多少？"
question_en = "How many?"
note_zh = "口径"
note_en = "Note"
)";
const std::string counted = head + "kind = \"derived\"\nunit = \"case\"\n";

TEST_F(Figures, that_are_shipped_load) {
    std::vector<Error> problems;
    const auto statistics = Statistics::load(*law, &problems);
    for (const Error& problem : problems) ADD_FAILURE() << problem.text();
    ASSERT_TRUE(statistics);
    EXPECT_GT(statistics->all().size(), 70u);
    for (const char* id :
         {"inspections", "findings", "rectification_orders", "interviews", "cases", "qingyuan_inspections",
          "qingyuan_noncompliant_entities", "qingyuan_rectified_entities", "qingyuan_cases",
          "qingyuan_referrals_public_security", "qingyuan_leads_medical_insurance"})
        EXPECT_NE(statistics->find(id, make_date(2025, 6, 30)), nullptr) << id;
    EXPECT_TRUE(statistics->is_repeatable({"inspection", "record_finding", {}}));
    EXPECT_FALSE(statistics->is_repeatable({"penalty_case", "file", {}}));
    EXPECT_EQ(statistics->figure("nothing", make_date(2025, 1, 1)).error().code, ErrorCode::figure_unknown);
    EXPECT_EQ(statistics->figure("qingyuan_cases", make_date(2023, 1, 1)).error().code,
              ErrorCode::law_not_in_force);
    EXPECT_EQ(statistics->report("nothing").error().code, ErrorCode::report_unknown);
    EXPECT_EQ(unit_zh(*law, "order_per_finding"), unit_zh(*law, "order") + "/" + unit_zh(*law, "finding"));
}

TEST_F(Figures, may_be_added_by_a_file_alone) {
    write("statistics/extra.toml", counted +
                                       "law = [\"APPR 19\"]\nstep = \"penalty_case.file\"\nwhere = { "
                                       "category = [\"drug\", \"device\"] }\n");
    const auto statistics = Statistics::load(*law);
    ASSERT_TRUE(statistics) << statistics.error().text();
    const Statistic* extra = statistics->find("extra", make_date(2025, 1, 1));
    ASSERT_NE(extra, nullptr);
    EXPECT_EQ(extra->where.front().values.size(), 2u);
}

TEST_F(Figures, may_change_their_definition_on_a_day) {
    write("statistics/extra.toml", counted + "step = \"penalty_case.file\"\nto = 2024-12-31\n");
    write("statistics/extra.2025-01-01.toml",
          counted + "step = \"penalty_case.finish\"\nfrom = 2025-01-01\n");
    const auto statistics = Statistics::load(*law);
    ASSERT_TRUE(statistics) << statistics.error().text();
    EXPECT_EQ(statistics->find("extra", make_date(2024, 12, 31))->measures.front().step, "file");
    EXPECT_EQ(statistics->find("extra", make_date(2025, 1, 1))->measures.front().step, "finish");
}

TEST_F(Figures, that_are_wrong_are_refused_at_their_place) {
    const std::string step = "step = \"penalty_case.file\"\n";
    const struct {
        std::string text;
        ErrorCode code;
        std::string where;
    } cases[] = {
        {counted, ErrorCode::law_value_invalid, ":1:"},
        {counted + step + "open = \"inspection\"\nby = \"dossier\"\nnumerator = \"cases\"\n",
         ErrorCode::law_key_missing, ":1:"},
        {counted + "step = \"penalty_case.fiel\"\n", ErrorCode::law_reference_unknown, ":10:8"},
        {counted + "step = \"penalty_case\"\n", ErrorCode::law_value_invalid, ":10:8"},
        {counted + "step = \"penalty.file\"\n", ErrorCode::law_reference_unknown, ":10:8"},
        {counted + "open = \"penalty\"\n", ErrorCode::law_reference_unknown, ":10:8"},
        {counted + step + "stpe = \"x\"\n", ErrorCode::law_key_unknown, ":11:1"},
        {counted + step + "law = [\"NOLAW 1\"]\n", ErrorCode::law_citation_unknown, ":11:8"},
        {counted + step + "where = { catgory = \"drug\" }\n", ErrorCode::law_reference_unknown, ":11:9"},
        {counted + step + "where = { case_source = \"rumour\" }\n", ErrorCode::law_reference_unknown,
         ":11:9"},
        {counted + step + "where = { category = 1.5 }\n", ErrorCode::law_value_invalid, ":11:"},
        {counted + step + "where = \"drug\"\n", ErrorCode::law_value_invalid, ":11:9"},
        {counted + step + "period = \"always\"\n", ErrorCode::law_value_invalid, ":11:10"},
        {counted + step + "by = \"person\"\n", ErrorCode::law_value_invalid, ":11:6"},
        {counted + step + "by = \"operator\"\n", ErrorCode::unit_mismatch, ":9:8"},
        {counted + step + "by = \"row\"\n", ErrorCode::law_value_invalid, ":11:6"},
        {counted + step + "operator_field = \"invited_operator\"\n", ErrorCode::law_value_invalid, ":11:18"},
        {counted + step + "sum = \"file_name\"\n", ErrorCode::law_reference_unknown, ":11:7"},
        {counted + step + "from = 2025-01-01\nto = 2024-01-01\n", ErrorCode::law_value_invalid, ":12:6"},
        {counted + step + "from = \"2025-01-01\"\n", ErrorCode::law_value_invalid, ":11:8"},
        {counted + "union = [\"cases\", \"findings\"]\n", ErrorCode::unit_mismatch, ":9:8"},
        {counted + "union = [\"findings\"]\n", ErrorCode::unit_mismatch, ":9:8"},
        {counted + "union = [\"nothing\"]\n", ErrorCode::law_reference_unknown, ":10:9"},
        {counted + "union = [\"extra\"]\n", ErrorCode::law_value_invalid, ":1:"},
        {counted + "union = [\"cases\"]\nperiod = \"until_end\"\n", ErrorCode::law_value_invalid, ":1:"},
        {counted + "minus = [\"cases\", \"national_cases\"]\n", ErrorCode::unit_mismatch, ":10:9"},
        {counted + "minus = [\"cases\"]\nunion = [\"cases\"]\n", ErrorCode::law_value_invalid, ""},
        {counted + "in_dossiers = [\"cases\", \"interviewed_entities\"]\n", ErrorCode::unit_mismatch, ":9:8"},
        {counted + "intersect = [\"orders_per_finding\"]\n", ErrorCode::law_value_invalid, ":10:13"},
        {counted + "numerator = \"cases\"\ndenominator = \"findings\"\n", ErrorCode::unit_mismatch, ":9:8"},
        {counted + "numerator = \"cases\"\n", ErrorCode::law_key_missing, ":1:"},
        {head + "kind = \"derived\"\nunit = \"share\"\n" + step, ErrorCode::unit_mismatch, ":9:8"},
        {head + "kind = \"derived\"\nunit = \"acre\"\n" + step, ErrorCode::law_reference_unknown, ":9:8"},
        {head + "kind = \"derived\"\nunit = \"visit\"\nopen = \"penalty_case\"\n", ErrorCode::unit_mismatch,
         ":9:8"},
        {head + "kind = \"guessed\"\nunit = \"case\"\n", ErrorCode::law_value_invalid, ":8:8"},
        {head + "unit = \"case\"\n" + step, ErrorCode::law_key_missing, ":1:"},
        {head + "kind = \"reported\"\nunit = \"case\"\ngrowth = \"cases\"\n",
         ErrorCode::law_reference_unknown, ":10:10"},
        {head + "kind = \"reported\"\nunit = \"case\"\n" + step, ErrorCode::law_key_unknown, ":10:1"},
        {counted + step + "id = \"twice\"\n", ErrorCode::toml_malformed, ":11:"},
        {"id = \"other\"\n", ErrorCode::law_key_missing, ""},
        {"\xff", ErrorCode::encoding_invalid, ":1:1"},
    };
    for (const auto& each : cases) {
        write("statistics/extra.toml", each.text);
        std::vector<Error> problems;
        const auto statistics = Statistics::load(*law, &problems);
        ASSERT_FALSE(statistics) << each.text;
        const bool found = std::any_of(problems.begin(), problems.end(), [&](const Error& problem) {
            return problem.code == each.code &&
                   problem.where.starts_with("statistics/extra.toml" + each.where);
        });
        EXPECT_TRUE(found) << each.text << "\n-> " << statistics.error().text();
    }
}

TEST_F(Figures, overlapping_definitions_are_refused) {
    write("statistics/extra.toml", counted + "step = \"penalty_case.file\"\n");
    write("statistics/extra.2025-01-01.toml", counted + "step = \"penalty_case.file\"\nfrom = 2025-01-01\n");
    EXPECT_EQ(Statistics::load(*law).error().code, ErrorCode::law_dates_overlap);
    write("statistics/extra.2025-01-01.toml", counted + "step = \"penalty_case.file\"\n");
    EXPECT_EQ(Statistics::load(*law).error().code, ErrorCode::law_duplicate);
}

TEST_F(Figures, reports_that_are_wrong_are_refused) {
    const std::string report =
        "id = \"extra\"\nzh = \"报告\"\nen = \"Report\"\n[[section]]\nid = \"s\"\nkind = \"figures\"\nzh = "
        "\"节\"\nen = \"S\"\n";
    const struct {
        std::string text;
        ErrorCode code;
    } cases[] = {
        {"id = \"extra\"\nzh = \"报告\"\nen = \"Report\"\n", ErrorCode::law_key_missing},
        {report, ErrorCode::law_key_missing},
        {report + "figures = [\"nothing\"]\n", ErrorCode::law_reference_unknown},
        {report + "figures = [\"cases\"]\nby_units = true\n", ErrorCode::law_key_unknown},
        {report + "figures = [\"cases\", \"cases\"]\n", ErrorCode::law_duplicate},
        {report + "reported = [{ figure = \"cases\", organisation = \"cn\", period = \"2022\" }]\n",
         ErrorCode::law_value_invalid},
        {report + "figures = [\"cases\"]\n[[identity]]\nid = \"i\"\nkind = \"equation\"\nzh = \"等式\"\nen = "
                  "\"I\"\nequal = \"cases\"\nplus = [\"findings\"]\n",
         ErrorCode::unit_mismatch},
        {report + "figures = [\"cases\"]\n[[identity]]\nid = \"i\"\nkind = \"equation\"\nzh = \"等式\"\nen = "
                  "\"I\"\nequal = \"cases\"\nplus = [\"national_cases\"]\n",
         ErrorCode::unit_mismatch},
        {report + "figures = [\"cases\"]\n[[identity]]\nid = \"i\"\nkind = \"guess\"\nzh = \"等式\"\nen = "
                  "\"I\"\nequal = \"cases\"\nplus = [\"cases\"]\n",
         ErrorCode::law_value_invalid},
    };
    for (const auto& each : cases) {
        write("reports/extra.toml", each.text);
        const auto statistics = Statistics::load(*law);
        ASSERT_FALSE(statistics) << each.text;
        EXPECT_EQ(statistics.error().code, each.code) << each.text << "\n-> " << statistics.error().text();
        EXPECT_TRUE(statistics.error().where.starts_with("reports/extra.toml:")) << statistics.error().text();
    }
}

}  // namespace
}  // namespace qingyuan::law
