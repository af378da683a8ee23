// Checklists: every shipped one is whole, and every way to write a wrong one is told.
#include "law/checklist.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

using namespace qingyuan;

namespace {

const law::Law& shipped() {
    static const Result<law::Law> law = law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law");
    QY_ASSERT(law.has_value());
    return *law;
}

constexpr const char* right = R"(id = "shop"
zh = "店"
en = "Shop"
category = "drug"
activity = "distribution"
kinds = ["pharmacy"]
law = ["SRC 1"]
status = "unverified"
from = 2024-01-01
[[section]]
id = "one"
zh = "一"
en = "One"
[[section.item]]
id = "a"
clause = "第1条"
law = "SRC 1"
severity = "major"
zh = "甲"
en = "A"
finding_zh = "乙"
finding_en = "B"
[[section.item]]
id = "t"
clause = "第2条"
law = "SRC 2"
severity = "minor"
zh = "丙"
en = "C"
answer = "number"
unit = "celsius"
min = "2"
max = "8"
finding_zh = "丁"
finding_en = "D"
)";

/// The law of nothing but one checklist, with one text in it replaced.
std::vector<Error> problems_of(std::string text, std::string_view what = {}, std::string_view with = {}) {
    if (!what.empty()) text.replace(text.find(what), what.size(), with);
    const auto folder =
        std::filesystem::temp_directory_path() / ("checklist_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "checklists");
    std::filesystem::create_directories(folder / "vocabularies");
    const auto write = [&](const char* name, std::string_view content) {
        std::ofstream(folder / name, std::ios::binary) << content;
    };
    write("sources.toml",
          "[[source]]\nid = \"SRC\"\nzh = \"法\"\nen = \"Law\"\ntext_read = \"full\"\nfrom = 2020-01-01\n");
    write("vocabularies.csv",
          "id,zh,en,source,status,basis\ncategories,类,C,x,verified,text\n"
          "activities,环,A,x,verified,text\noperator_kinds,种,K,x,verified,text\n"
          "finding_severity,级,S,x,verified,text\n");
    write("vocabularies/categories.csv", "code,zh,en\ndrug,药,drug\n");
    write("vocabularies/activities.csv", "code,zh,en\ndistribution,经营,distribution\n");
    write("vocabularies/operator_kinds.csv", "code,zh,en\npharmacy,药店,pharmacy\n");
    write("vocabularies/finding_severity.csv", "code,zh,en\nmajor,主要,major\nminor,一般,minor\n");
    write("checklists/shop.toml", text);
    std::vector<Error> problems;
    (void)law::Law::load(folder, &problems);
    std::filesystem::remove_all(folder);
    return problems;
}

}  // namespace

TEST(checklist, every_kind_that_is_visited_has_one) {
    const Date on = make_date(2025, 7, 5);
    struct Row {
        const char *kind, *category, *list;
        std::size_t items_min;
    };
    for (const Row& row :
         {Row{"pharmacy", "drug", "gsp_retail", 20}, Row{"chain_store", "drug", "gsp_retail", 20},
          Row{"wholesaler", "drug", "gsp_wholesale", 15}, Row{"hospital", "drug", "drug_use", 10},
          Row{"hospital", "device", "device_use", 10}, Row{"device_distributor", "device", "device_sale", 10},
          Row{"cosmetic_distributor", "cosmetic", "cosmetic_sale", 10},
          Row{"online_seller", "drug", "online_sale", 8}, Row{"chain_headquarters", "drug", "gsp_chain", 10},
          Row{"manufacturer", "drug", "gmp_manufacture", 10},
          Row{"preparation_room", "drug", "hospital_preparation", 9},
          Row{"trial_site", "drug", "clinical_trial", 10}, Row{"trial_site", "device", "device_trial", 9},
          Row{"device_manufacturer", "device", "device_manufacture", 10},
          Row{"cosmetic_manufacturer", "cosmetic", "cosmetic_manufacture", 9}}) {
        const law::Checklist* list = law::checklist_for(shipped(), row.kind, row.category, on);
        ASSERT_NE(list, nullptr) << row.kind << " " << row.category;
        EXPECT_EQ(list->id, row.list) << row.kind;
        EXPECT_GE(list->size(), row.items_min) << row.list;
    }
    EXPECT_EQ(law::checklist_for(shipped(), "pharmacy", "cosmetic", on), nullptr);
    EXPECT_EQ(law::checklist_for(shipped(), "pharmacy", "drug", make_date(2015, 1, 1)), nullptr);
}

// mission: B7
TEST(checklist, of_a_programme_serves_only_its_visits) {
    const Date on = make_date(2025, 7, 5);
    const auto id_of = [&](const char* kind, const char* programme) {
        const law::Checklist* list = law::checklist_for(shipped(), kind, "drug", on, programme);
        return list ? list->id : std::string();
    };
    EXPECT_EQ(id_of("pharmacy", ""), "gsp_retail");
    EXPECT_EQ(id_of("pharmacy", "special_drugs"), "special_drugs");
    EXPECT_EQ(id_of("pharmacy", "drug_circulation"), "gsp_retail") << "the programme has no list of its own";
    EXPECT_EQ(id_of("clinic", "special_drugs"), "drug_use")
        << "the programme's list does not serve this kind";
}

// mission: D13
TEST(checklist, of_a_chain_asks_for_the_independence_of_quality_and_takes_no_exemption) {
    const auto list = shipped().checklist("gsp_chain", make_date(2025, 7, 5));
    ASSERT_TRUE(list.has_value());
    const law::ChecklistItem* item = (*list)->find("qa_independence");
    ASSERT_NE(item, nullptr);
    EXPECT_TRUE(item->always);
    EXPECT_FALSE((*list)->find("warehouse")->always);
}

TEST(checklist, is_found_by_id_and_date) {
    const auto list = shipped().checklist("gsp_retail", make_date(2025, 7, 5));
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ((*list)->version.substr(0, 11), "2016-12-15.");
    EXPECT_EQ((*list)->find("expiry")->severity, "critical");
    EXPECT_EQ((*list)->find("nothing"), nullptr);
    EXPECT_EQ(shipped().checklist("gsp_retail", make_date(2016, 12, 14)).error().code,
              ErrorCode::law_not_in_force);
    EXPECT_EQ(shipped().checklist("gsp", make_date(2025, 7, 5)).error().code, ErrorCode::checklist_unknown);
}

TEST(checklist, every_wrong_writing_is_told) {
    ASSERT_TRUE(problems_of(right).empty()) << problems_of(right).front().text();
    struct Row {
        const char *what, *with;
        ErrorCode code;
    };
    constexpr Row rows[] = {
        {"id = \"shop\"", "id = \"Shop\"", ErrorCode::law_value_invalid},
        {"from = 2024-01-01", "", ErrorCode::law_key_missing},
        {"from = 2024-01-01", "from = 2024-01-01\nto = 2023-01-01", ErrorCode::law_value_invalid},
        {"category = \"drug\"", "category = \"food\"", ErrorCode::law_reference_unknown},
        {"\"pharmacy\"", "\"bakery\"", ErrorCode::law_reference_unknown},
        {"kinds = [\"pharmacy\"]", "kinds = []", ErrorCode::law_key_missing},
        {"activity = \"distribution\"", "activity = \"play\"", ErrorCode::law_reference_unknown},
        {"law = \"SRC 1\"", "law = \"NONE 1\"", ErrorCode::law_citation_unknown},
        {"severity = \"major\"", "severity = \"grave\"", ErrorCode::law_reference_unknown},
        {"id = \"t\"", "id = \"a\"", ErrorCode::law_duplicate},
        {"id = \"t\"", "id = \"one\"", ErrorCode::law_duplicate},
        {"answer = \"number\"", "answer = \"maybe\"", ErrorCode::law_value_invalid},
        {"answer = \"number\"", "", ErrorCode::law_value_invalid},
        {"unit = \"celsius\"", "", ErrorCode::law_value_invalid},
        {"max = \"8\"", "max = \"1\"", ErrorCode::law_value_invalid},
        {"max = \"8\"", "max = \"warm\"", ErrorCode::law_value_invalid},
        {"finding_zh = \"乙\"", "", ErrorCode::law_key_missing},
        {"zh = \"甲\"", "zh = \"甲\"\ncolour = \"red\"", ErrorCode::law_key_unknown},
        {"status = \"unverified\"", "status = \"maybe\"", ErrorCode::law_value_invalid},
    };
    for (const Row& row : rows) {
        const auto problems = problems_of(right, row.what, row.with);
        ASSERT_FALSE(problems.empty()) << row.what << " -> " << row.with;
        EXPECT_EQ(problems.front().code, row.code) << row.with << ": " << problems.front().text();
        EXPECT_TRUE(problems.front().where.starts_with("checklists/shop.toml:")) << problems.front().where;
    }
}

TEST(checklist, an_edit_is_another_version) {
    // The shipped lists differ from each other and are named after their content.
    std::vector<std::string> seen;
    for (const law::Checklist& list : shipped().checklists()) {
        EXPECT_EQ(std::count(seen.begin(), seen.end(), list.version), 0) << list.id;
        seen.push_back(list.version);
    }
    EXPECT_GE(seen.size(), 7u);
}
