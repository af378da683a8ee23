#include "document/table.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unistd.h>

#include "base/csv.hpp"

using namespace qingyuan;
using namespace qingyuan::document;

namespace {

Workbook sample() {
    return {.tables = {{.title = "办案情况/H1",
                        .columns = {{"单位", "", ColumnType::text},
                                    {"案件", "件", ColumnType::whole},
                                    {"罚没", "元", ColumnType::yuan},
                                    {"占比", "", ColumnType::share, 2},
                                    {"日期", "", ColumnType::date}},
                        .rows = {{std::string("耒阳市"), std::int64_t{148}, Fen{15000050}, Rational(182, 545),
                                  make_date(2025, 7, 5)},
                                 {std::string("=1+1"), std::monostate{}, std::string("未报"), Rational(1),
                                  make_date(1899, 1, 1)}}}},
            .notes = {{"期间", "2025-H1"}, {"截至", "2025-07-05, 序号 17"}},
            .created = start_of(make_date(2025, 7, 5)),
            .sample_data = true};
}

/// A part of the file as text: an .xlsx file is a zip archive, which python3 (needed by ./dev check as well)
/// reads.
std::string part(const std::string& bytes, const std::string& name) {
    const auto file =
        std::filesystem::temp_directory_path() / ("table_test_" + std::to_string(::getpid()) + ".xlsx");
    std::ofstream(file, std::ios::binary) << bytes;
    const std::string command = "python3 -c \"import zipfile,sys;sys.stdout.buffer.write(zipfile.ZipFile('" +
                                file.string() + "').read('" + name + "'))\"";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string out;
    char piece[4096];
    for (std::size_t count; (count = std::fread(piece, 1, sizeof piece, pipe)) > 0;) out.append(piece, count);
    EXPECT_EQ(::pclose(pipe), 0) << name;
    std::filesystem::remove(file);
    return out;
}

}  // namespace

TEST(xlsx, cells_are_typed_and_no_text_is_a_formula) {
    const auto bytes = write_xlsx(sample());
    ASSERT_TRUE(bytes) << bytes.error().text();
    const std::string sheet = part(*bytes, "xl/worksheets/sheet1.xml"),
                      strings = part(*bytes, "xl/sharedStrings.xml");
    EXPECT_EQ(sheet.find("<f>"), std::string::npos) << "a formula";
    EXPECT_NE(strings.find("=1+1"), std::string::npos);
    EXPECT_NE(sheet.find("<v>148</v>"), std::string::npos);
    EXPECT_NE(sheet.find("<v>150000.5</v>"), std::string::npos) << "fen are shown in yuan";
    EXPECT_NE(sheet.find("<v>0.3339</v>"), std::string::npos) << "182/545 rounded exactly";
    EXPECT_NE(sheet.find("<v>45843</v>"), std::string::npos)
        << "2025-07-05 as the day number of spreadsheets";
    EXPECT_NE(sheet.find("SAMPLE DATA"), std::string::npos);
    EXPECT_NE(strings.find("案件 (件)"), std::string::npos);
    EXPECT_NE(strings.find("1899-01-01"), std::string::npos) << "before the first day of spreadsheets: text";
}

TEST(xlsx, a_sheet_says_units_filters_and_as_of) {
    const std::string bytes = write_xlsx(sample()).value();
    const std::string book = part(bytes, "xl/workbook.xml"), strings = part(bytes, "xl/sharedStrings.xml");
    EXPECT_NE(book.find("办案情况_H1"), std::string::npos) << "a slash is no character of a sheet's name";
    EXPECT_NE(book.find("说明 Notes"), std::string::npos);
    for (const char* text : {"2025-H1", "序号 17", "计量单位 unit: 件", "Sample data"})
        EXPECT_NE(strings.find(text), std::string::npos) << text;
}

TEST(xlsx, the_same_content_gives_the_same_bytes) {
    EXPECT_EQ(write_xlsx(sample()).value(), write_xlsx(sample()).value());
}

TEST(xlsx, hostile_titles_and_texts_are_written_safely) {
    Workbook book;
    for (int i = 0; i < 3; ++i)
        book.tables.push_back({.title = "'[a]:*?/\\ " + std::string(100, 'x'),
                               .columns = {{"<&>\"", "", ColumnType::text}},
                               .rows = {{std::string("\x01\x02<script>&amp;]]>")},
                                        {std::string(100'000, 'y')},
                                        {std::string("𠮷") + std::string(40'000, 'z')}}});
    const auto bytes = write_xlsx(book);
    ASSERT_TRUE(bytes) << bytes.error().text();
    EXPECT_NE(part(*bytes, "xl/sharedStrings.xml").find("&lt;script&gt;"), std::string::npos);
}

TEST(xlsx, more_rows_than_a_sheet_holds_are_refused) {
    Workbook book;
    book.tables.push_back(
        {.title = "t", .columns = {}, .rows = std::vector<std::vector<Cell>>(sheet_rows_max + 1)});
    EXPECT_EQ(write_xlsx(book).error().code, ErrorCode::too_large);
}

TEST(csv, text_that_looks_like_a_formula_is_marked_and_numbers_are_not) {
    const Table table{.title = "",
                      .columns = {{"名称", "", ColumnType::text},
                                  {"差额", "元", ColumnType::yuan},
                                  {"n", "", ColumnType::whole}},
                      .rows = {{std::string("=cmd|'/c calc'!A0"), Fen{-150}, std::int64_t{-5}},
                               {std::string("甲,乙"), std::monostate{}, std::string("-")}}};
    EXPECT_EQ(write_csv(table),
              "\xEF\xBB\xBF名称,差额 (元),n\r\n'=cmd|'/c calc'!A0,-1.50,-5\r\n\"甲,乙\",,'-\r\n");
}

TEST(csv, every_way_to_begin_a_formula_is_seen) {
    for (const char* text : {"=1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"})
        EXPECT_TRUE(looks_like_formula(text)) << text;
    for (const char* text : {"", " ", "1=1", "药=", "a@b", "甲-乙"})
        EXPECT_FALSE(looks_like_formula(text)) << text;
}

TEST(csv, what_is_written_reads_back) {
    ASSERT_TRUE(rc::check([](const std::vector<std::int64_t>& numbers) {
        Table table{
            .title = "", .columns = {{"n", "", ColumnType::whole}, {"t", "", ColumnType::text}}, .rows = {}};
        for (const std::int64_t number : numbers)
            table.rows.push_back({number, "行\n\"" + std::to_string(number)});
        const std::string text = write_csv(table);
        auto reader = CsvReader::create(text).value();
        for (const std::int64_t number : numbers) {
            const auto row = reader.next().value().value();
            RC_ASSERT(row.cells[0] == std::to_string(number));
            RC_ASSERT(row.cells[1] == "行\n\"" + std::to_string(number));
        }
        RC_ASSERT(!reader.next().value().has_value());
    }));
}
