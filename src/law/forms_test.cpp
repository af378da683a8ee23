// The shipped forms cover the statutory sets; every way to write one wrongly is refused at its place.
#include "law/forms.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <unistd.h>

namespace qingyuan::law {
namespace {

namespace fs = std::filesystem;

/// A copy of the law to which files of forms may be added; loaded once.
class FormFiles : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        directory = fs::temp_directory_path() / ("qingyuan_forms_" + std::to_string(::getpid()));
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
    void TearDown() override { fs::remove(directory / "forms/zz.toml"); }

    /// The problems of the shipped forms with one more file: "code at line:column".
    std::vector<std::string> problems_of(const std::string& text) {
        std::ofstream(directory / "forms/zz.toml", std::ios::binary) << text;
        std::vector<Error> problems;
        std::ignore = Forms::load(*law, &problems);
        std::vector<std::string> out;
        for (const Error& problem : problems)
            out.push_back(std::string(problem.info().name) + " " + problem.where);
        return out;
    }

    static inline fs::path directory;
    static inline std::unique_ptr<Law> law;
};

TEST_F(FormFiles, cover_the_three_statutory_sets) {  // mission: H6
    std::vector<Error> problems;
    const auto forms = Forms::load(*law, &problems);
    ASSERT_TRUE(forms) << problems.front().text();
    std::size_t penalty = 0, inspection = 0, complaint = 0;
    for (const DocumentForm& form : forms->all()) {
        penalty += form.document.starts_with("penalty_");
        inspection += form.document.starts_with("inspection_");
        complaint += form.document.starts_with("complaint_");
    }
    EXPECT_EQ(penalty, 56U);
    EXPECT_EQ(inspection, 7U);
    EXPECT_EQ(complaint, 10U);
}

TEST_F(FormFiles, are_unverified_where_the_catalogue_says_so) {
    const auto forms = Forms::load(*law);
    ASSERT_TRUE(forms);
    const FormsSummary summary = summarise(*forms);
    EXPECT_EQ(summary.forms, 73U);
    const auto status = [&](std::string_view document) {
        return (*forms->form(document, make_date(2026, 1, 1)))->status;
    };
    EXPECT_EQ(status("penalty_45"), Status::verified);
    EXPECT_EQ(status("penalty_01"), Status::unverified) << "its fields come from practice";
    EXPECT_EQ(status("inspection_02"), Status::unverified);
    EXPECT_EQ(status("complaint_06"), Status::verified) << "its fields were read";
    EXPECT_TRUE(
        std::ranges::any_of(summary.unverified, [](const Remark& r) { return r.id == "inspection_02"; }));
}

TEST_F(FormFiles, bind_values_before_all_where_a_document_is_named) {
    const auto forms = Forms::load(*law);
    ASSERT_TRUE(forms);
    ASSERT_NE(forms->binding("requirements", "penalty_33"), nullptr);
    EXPECT_EQ(forms->binding("requirements", "penalty_33")->attributes.front(), "items");
    EXPECT_EQ(forms->binding("requirements", "penalty_03")->attributes.front(), "requirements");
    EXPECT_EQ(forms->binding("no_such_field", "penalty_03"), nullptr);
    EXPECT_EQ(forms->unit_word("hengyang"), "衡市监");
    EXPECT_EQ(forms->form("penalty_99", make_date(2026, 1, 1)).error().code, ErrorCode::document_unknown);
}

/// A form of a document whose fields are few, with one more line.
std::string with(const std::string& line) {
    return "[[form]]\ndocument = \"product_02\"\nbody = '''\n{entity} {hazards} {requirements} {deadline} "
           "{contact}\n" +
           line + "\n'''\n";
}

TEST_F(FormFiles, that_are_wrong_are_refused_at_their_place) {
    struct Row {
        std::string text;
        std::string problem;
    };
    const std::vector<Row> rows{
        {with("{entity}"), ""},
        {with("词{nothing}"), "law_reference_unknown forms/zz.toml:5:3"},
        {with("见[NOLAW 3]"), "law_citation_unknown forms/zz.toml:5:3"},
        {with("{entity:loud}"), "law_value_invalid forms/zz.toml:5:9"},
        {with("{entity:check 是}"), "law_value_invalid forms/zz.toml:5:9"},
        {with("{entity:99}"), "law_value_invalid forms/zz.toml:5:9"},
        {with("{entity=词:14}"), "law_value_invalid forms/zz.toml:5:9"},
        {with("{entity"), "law_value_invalid forms/zz.toml:5:1"},
        {with("@no_snippet"), "law_reference_unknown forms/zz.toml:5:1"},
        {with("| 只有标签"), "law_value_invalid forms/zz.toml:5:3"},
        {with("+ 名称 {entity}"), "law_value_invalid forms/zz.toml:5:3"},
        {"[[form]]\ndocument = \"product_02\"\nbody = '''\n{entity}\n'''\n",
         "law_reference_unknown forms/zz.toml:2:12"},
        {"[[form]]\ndocument = \"product_99\"\nbody = '''\n词\n'''\n",
         "law_reference_unknown forms/zz.toml:2:12"},
        {"[[form]]\ndocument = \"penalty_01\"\nbody = '''\n{lead.source}{lead.received_at}{lead.provider}"
         "{lead.summary}{lead.handler_opinion}{lead.head_opinion}\n'''\n",
         "law_dates_overlap forms/zz.toml:2:12"},
        {"[[form]]\ndocument = \"product_02\"\nstyle = \"loud\"\nbody = '''\n{entity} {hazards} "
         "{requirements} "
         "{deadline} {contact}\n'''\n",
         "law_value_invalid forms/zz.toml:3:9"},
        {"[[form]]\ndocument = \"product_02\"\n", "law_key_missing forms/zz.toml:1:1"},
        {"[[form]]\ndocument = \"product_02\"\ncolour = \"red\"\nbody = '''\n{entity} {hazards} "
         "{requirements} "
         "{deadline} {contact}\n'''\n",
         "law_key_unknown forms/zz.toml:3:1"},
        {"[[bind]]\nfield = \"facts\"\nattributes = [\"no_attribute\"]\n",
         "law_reference_unknown forms/zz.toml:3:15"},
        {"[[bind]]\nfield = \"facts\"\nsources = [\"no_source\"]\n",
         "law_reference_unknown forms/zz.toml:3:12"},
        {"[[bind]]\nfield = \"no.field\"\n", "law_reference_unknown forms/zz.toml:2:9"},
        {"[[unit]]\norganisation = \"hengyang\"\nword = \"衡\"\n", "law_duplicate forms/zz.toml:2:16"},
        {"[[snippet]]\nid = \"party\"\nbody = '''\n词\n'''\n", "law_duplicate forms/zz.toml:2:6"},
        {"not toml", "toml_malformed forms/zz.toml:1:5"},
    };
    for (const Row& row : rows) {
        const std::vector<std::string> found = problems_of(row.text);
        if (row.problem.empty())
            EXPECT_TRUE(found.empty()) << row.text << "\n" << (found.empty() ? "" : found.front());
        else
            EXPECT_TRUE(std::ranges::find(found, row.problem) != found.end())
                << row.text << "\nwanted " << row.problem << "\nfound "
                << (found.empty() ? "nothing" : found.front());
    }
}

TEST_F(FormFiles, that_are_missing_are_told) {
    const fs::path file = directory / "forms/complaint.toml";
    fs::rename(file, directory / "complaint.kept");
    std::vector<Error> problems;
    EXPECT_FALSE(Forms::load(*law, &problems));
    EXPECT_EQ(problems.size(), 10U);
    EXPECT_EQ(problems.front().where, "documents.csv:1:1");
    fs::rename(directory / "complaint.kept", file);
}

}  // namespace
}  // namespace qingyuan::law
