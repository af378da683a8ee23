// Reports as they go out: the manifest and what it finds, text that stands in columns, pages that take no
// foreign markup.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "account/play_test.hpp"
#include "base/csv.hpp"
#include "base/merkle.hpp"
#include "base/text.hpp"
#include "document/report_json.hpp"
#include "document/report_tables.hpp"

namespace qingyuan::document {
namespace {

using account::may;
using account::Play;
using nlohmann::json;

const law::Law& shipped_law() {
    static const law::Law law = *law::Law::load(QINGYUAN_SOURCE_DIR "/law");
    return law;
}

/// Three visits, one of them by the city itself, and a reported figure.
struct Printed {
    Printed() {
        for (const char* at : {"north", "hill", "city"}) {
            visit = play.open("inspection", at, may, at);
            play.step(visit, "sign", may);
            play.step(visit, "record_finding", may);
        }
        play.reported("national", "2022", 153'600, 1, true);
        play.reported("growth", "2022", 1765, 10'000);
    }
    [[nodiscard]] std::string manifest() const {
        return report_json(shipped_law(), account::half(play),
                           {"city", play.index.applied(), sm3("root"), true});
    }
    [[nodiscard]] ReportLayout layout(Language language) const {
        return lay_out(shipped_law(), account::half(play), {"city", play.index.applied(), sm3("root"), true},
                       language);
    }
    Play play{account::book()};
    std::uint64_t visit = 0;
};

TEST(report_json, says_what_the_contract_names) {
    const Printed printed;
    const json out = json::parse(printed.manifest());
    for (const char* key :
         {"report", "org", "period", "as_of", "figures", "by_unit", "identities", "law_digest", "journal"})
        EXPECT_TRUE(out.contains(key)) << key;
    const json& visits = out["figures"][0];
    EXPECT_EQ(visits["id"], "visits");
    EXPECT_EQ(visits["unit"], "visit");
    EXPECT_EQ(visits["value"], 3);
    EXPECT_EQ(visits["previous"], 0);
    EXPECT_EQ(visits["year_before"]["comparability"], "zero_base");
    EXPECT_EQ(visits["members_root"].get<std::string>().size(), 64u);
    EXPECT_EQ(out["by_unit"].size(), 3u);
    EXPECT_TRUE(out["by_unit"][2]["own"]);
    for (const json& figure : out["figures"]) {
        if (figure["id"] == "orders_per_finding") EXPECT_EQ(figure["denominator"], 3);
        if (figure["id"] != "national") continue;
        EXPECT_EQ(figure["kind"], "reported");
        EXPECT_TRUE(figure["approximate"]);
        EXPECT_EQ(figure["previous"], 130'557);
        EXPECT_TRUE(figure["year_before"]["implied"]);
        EXPECT_EQ(figure["year_before"]["change_percent"], "+17.65");
    }
    EXPECT_EQ(printed.manifest(), printed.manifest()) << "equal reports, equal bytes";
}

TEST(manifest, is_read_back) {
    const Printed printed;
    const auto head = parse_manifest(printed.manifest());
    ASSERT_TRUE(head) << head.error().text();
    EXPECT_EQ(head->report, "half");
    EXPECT_EQ(head->organisation, "city");
    EXPECT_EQ(head->as_of, printed.play.index.applied());
    EXPECT_EQ(head->period.text, "2025-H1");
    EXPECT_EQ(head->root, sm3("root"));
    EXPECT_TRUE(head->sample_data);
}

TEST(manifest, that_is_none_is_refused) {
    const Printed printed;
    for (const char* text : {"", "{", "nothing", "\xff"})
        EXPECT_EQ(parse_manifest(text).error().code, ErrorCode::json_malformed) << text;
    for (const char* text : {"[]", "1", "{}", R"({"report": 1})"})
        EXPECT_EQ(parse_manifest(text).error().code, ErrorCode::request_malformed) << text;
    for (const char* key :
         {"report", "org", "period", "law_digest", "as_of", "journal", "sample_data", "figures"}) {
        json out = json::parse(printed.manifest());
        out.erase(key);
        EXPECT_EQ(parse_manifest(out.dump()).error().code, ErrorCode::request_malformed) << key;
        out[key] = nullptr;
        EXPECT_EQ(parse_manifest(out.dump()).error().code, ErrorCode::request_malformed) << key;
    }
    json out = json::parse(printed.manifest());
    out["journal"]["root"] = "00";
    EXPECT_FALSE(parse_manifest(out.dump()));
    out = json::parse(printed.manifest());
    out["as_of"]["seq"] = -1;
    EXPECT_FALSE(parse_manifest(out.dump()));
    out["period"] = "2025-H9";
    EXPECT_FALSE(parse_manifest(out.dump()));
}

// mission: E6
TEST(manifest, names_what_differs) {
    Printed printed;
    const std::string before = printed.manifest();
    EXPECT_TRUE(manifest_differences(before, before)->empty());
    json changed = json::parse(before);
    changed["figures"][0]["value"] = 4;
    auto found = manifest_differences(changed.dump(), before);
    ASSERT_EQ(found->size(), 1u);
    EXPECT_TRUE(found->front().starts_with("visits: manifest 4")) << found->front();
    changed = json::parse(before);
    changed["by_unit"][0]["figures"][0]["members_root"] = std::string(64, '0');
    found = manifest_differences(changed.dump(), before);
    ASSERT_EQ(found->size(), 1u);
    EXPECT_TRUE(found->front().starts_with("north/visits")) << found->front();
    changed = json::parse(before);
    changed["figures"].erase(0);
    changed["by_unit"].erase(0);
    found = manifest_differences(changed.dump(), before);
    EXPECT_GE(found->size(), 2u);
    changed = json::parse(before);
    changed["identities"][0]["gap"] = 1;
    found = manifest_differences(changed.dump(), before);
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front(), "/identities/0/gap: replace");
    changed["law_digest"] = std::string(64, '0');
    EXPECT_TRUE(manifest_differences(changed.dump(), before)->empty())
        << "another law: only the figures count";
    for (const char* text :
         {R"({"figures": 1, "by_unit": 2})", R"({"figures": [1, "a", {}], "by_unit": [null]})"})
        EXPECT_FALSE(manifest_differences(text, before)->empty()) << text;
    EXPECT_FALSE(manifest_differences("[", before));
}

std::size_t columns_of(std::string_view line) {
    std::size_t width = 0;
    for (const char32_t point : code_points(line)) width += point >= 0x2E80 ? 2 : 1;
    return width;
}

TEST(report_text, stands_in_columns) {
    const Printed printed;
    for (const Language language : {Language::zh, Language::en}) {
        const std::string text = report_text(printed.layout(language));
        std::size_t rule = 0;
        for (const std::string& line : split(text, '\n')) {
            if (line.starts_with("---")) rule = line.size();
            if (line.empty()) rule = 0;
            if (rule > 0 && line.find("  ") != std::string::npos) EXPECT_LE(columns_of(line), rule) << line;
        }
        EXPECT_NE(text.find(language == Language::zh ? "约153,600" : "about 153,600"), std::string::npos);
        EXPECT_NE(text.find("+17.65%"), std::string::npos);
        EXPECT_NE(text.find(language == Language::zh ? "示例数据" : "Sample data"), std::string::npos);
    }
}

TEST(report_html, takes_no_foreign_markup) {
    Printed printed;
    ReportLayout layout = printed.layout(Language::zh);
    layout.organisation = "<script>alert(1)</script>";
    layout.tables[0].rows[0][0] = "a & b < c \"d\"";
    const std::string html = report_html(layout, Language::zh);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_NE(html.find("a &amp; b &lt; c &quot;d&quot;"), std::string::npos);
    EXPECT_EQ(html.find("http"), std::string::npos) << "no outside resource";
}

TEST(report_csv, has_a_row_for_every_figure) {
    const Printed printed;
    const std::string text = report_csv(account::half(printed.play));
    auto csv = CsvReader::create(text);
    ASSERT_TRUE(csv);
    std::size_t rows = 0;
    while (auto row = csv->next()) {
        if (!*row) break;
        ++rows;
    }
    EXPECT_EQ(rows, 8u + 3 * 6u);
}

TEST(report_workbook, states_what_it_counts) {
    const Printed printed;
    const Workbook book = report_workbook(shipped_law(), account::half(printed.play),
                                          {"city", 1, sm3("root"), true}, Language::zh);
    ASSERT_EQ(book.tables.size(), 3u);
    EXPECT_EQ(std::get<std::int64_t>(book.tables[0].rows[0][3]), 3);
    EXPECT_EQ(std::get<std::string>(book.tables[0].rows[6][3]), "约153,600");
    EXPECT_TRUE(book.sample_data);
    EXPECT_GT(book.notes.size(), 6u);
    const auto bytes = write_xlsx(book);
    ASSERT_TRUE(bytes) << bytes.error().text();
    EXPECT_TRUE(bytes->starts_with("PK"));
}

TEST(report_paper, says_what_the_tables_say) {
    const Printed printed;
    const ReportLayout layout = printed.layout(Language::zh);
    auto paper = report_paper(layout, may, true, Language::zh);
    ASSERT_TRUE(paper) << paper.error().text();
    EXPECT_EQ(paper->mark, "样本数据");
    std::string text;
    each_text(*paper, [&](const std::string& one) { text += one + "\n"; });
    for (const ReportTable& table : layout.tables) {
        EXPECT_NE(text.find(table.title), std::string::npos);
        for (const auto& row : table.rows)
            for (const std::string& cell : row) EXPECT_NE(text.find(cell), std::string::npos) << cell;
    }
    const auto pdf = write_pdf(*paper);
    ASSERT_TRUE(pdf) << pdf.error().text();
    EXPECT_EQ(pdf->bytes, write_pdf(*paper)->bytes);
    EXPECT_GE(pdf->pages, 2);
    const auto docx = write_docx(*paper);
    ASSERT_TRUE(docx) << docx.error().text();
    EXPECT_TRUE(docx->starts_with("PK"));
}

TEST(formats, the_members_of_the_document_have_its_root) {
    std::ifstream in(QINGYUAN_SOURCE_DIR "/docs/formats/report.md");
    std::vector<std::string> members;
    std::string root;
    std::string block;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```"))
            block = line;
        else if (block == "```example members")
            members.push_back(line);
        else if (block == "```example members_root")
            root = line;
    }
    ASSERT_EQ(members.size(), 3u);
    EXPECT_EQ(hex(merkle_root(members)), root);
}

TEST(shown_value, writes_numbers_as_people_read_them) {
    law::Statistic statistic;
    account::FigureValue value;
    value.statistic = &statistic;
    const auto shown = [&](const std::string& unit, Rational of, std::optional<Rational> by = {},
                           bool approximate = false) {
        statistic.unit = unit;
        value.value = of;
        value.denominator = by;
        value.approximate = approximate;
        return shown_value(value, Language::en);
    };
    EXPECT_EQ(shown("visit", Rational(2918)), "2,918");
    EXPECT_EQ(shown("visit", Rational(-1234567)), "-1,234,567");
    EXPECT_EQ(shown("visit", Rational(123)), "123");
    EXPECT_EQ(shown("fen", Rational(720'900'050)), "7,209,000.50");
    EXPECT_EQ(shown("share", Rational(144), Rational(182)), "79.12% (144/182)");
    EXPECT_EQ(shown("share", Rational(0), Rational(0)), "– (0/0)");
    EXPECT_EQ(shown("order_per_finding", Rational(535), Rational(1014)), "0.5276 (535/1,014)");
    EXPECT_EQ(shown("matter", Rational(17'600), {}, true), "about 17,600");
    statistic.kind = law::FigureKind::reported;
    EXPECT_EQ(shown("share", Rational(9665), Rational(10'000)), "96.65%");
}

}  // namespace
}  // namespace qingyuan::document
