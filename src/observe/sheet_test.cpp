// Workbooks: what is read, and every one that is refused.
#include "observe/sheet.hpp"

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "observe/workbook_test.hpp"

namespace qingyuan::observe {
namespace {

using Rows = std::map<std::uint64_t, std::vector<std::string>>;

Result<Rows> read(const std::string& bytes, std::string_view name = {}, const SheetLimits& limits = {}) {
    Rows rows;
    CHECK(read_sheet(
        bytes, name,
        [&](std::uint64_t row, const std::vector<std::string>& cells) -> Result<void> {
            rows.emplace(row, cells);
            return {};
        },
        limits));
    return rows;
}

TEST(Sheet, ReadsTextsNumbersAndPlaces) {
    const auto rows = read(archive_of(
        workbook_parts("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>"
                       "<row r=\"2\"><c r=\"A2\"/></row>"
                       "<row r=\"5\"><c r=\"A5\"><v>45658.25</v></c><c r=\"B5\" t=\"inlineStr\"><is><t>in "
                       "</t><r><t>line</t></r></is></c>"
                       "<c r=\"C5\" t=\"b\"><v>1</v></c><c r=\"D5\" t=\"str\"><f>A1&amp;B1</f><v>a &lt; "
                       "b</v></c><c r=\"AB5\" t=\"e\"><v>#REF!</v></c></row>"
                       "<row><c><v>7</v></c><c t=\"inlineStr\"><is><t><![CDATA[<x>]]></t></is></c></row>",
                       "<si><t>药品追溯码</t></si><si><r><t>单</t></r><r><t xml:space=\"preserve\">据 "
                       "</t></r><rPh sb=\"0\" eb=\"1\"><t>dan</t></rPh></si>")));
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 3u) << "a row without any text is none";
    EXPECT_EQ(rows->at(1), (std::vector<std::string>{"药品追溯码", "", "单据 "}));
    std::vector<std::string> fifth{"45658.25", "in line", "1", "a < b"};
    fifth.resize(28);
    fifth[27] = "#REF!";
    EXPECT_EQ(rows->at(5), fifth);
    EXPECT_EQ(rows->at(6), (std::vector<std::string>{"7", "<x>"}))
        << "rows and cells without places follow one another";
}

TEST(Sheet, SheetsAreFoundByName) {
    const std::string bytes = archive_of(workbook_parts("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"));
    EXPECT_EQ(read(bytes, "数据")->at(1), std::vector<std::string>{"1"});
    EXPECT_EQ(read(bytes, "A&B")->at(1), std::vector<std::string>{"second"});
    const auto missing = read(bytes, "nowhere");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::record_unknown);
}

TEST(Sheet, WhatIsNoWorkbookIsRefused) {
    const std::string row = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
    const auto with = [&](std::string name, std::string text) {
        WorkbookParts parts = workbook_parts(row);
        for (auto& part : parts)
            if (part.first == name) {
                part.second = text;
                return archive_of(parts);
            }
        parts.emplace_back(std::move(name), std::move(text));
        return archive_of(parts);
    };
    const auto without = [&](std::string_view name) {
        WorkbookParts parts = workbook_parts(row);
        std::erase_if(parts, [&](const auto& part) { return part.first == name; });
        return archive_of(parts);
    };
    const auto sheet = [&](const std::string& rows) { return archive_of(workbook_parts(rows)); };
    const std::string good = archive_of(workbook_parts(row));
    const std::string doctype =
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
        "\"&a;&a;&a;\">]><worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>";
    struct Case {
        std::string bytes;
        ErrorCode code;
        std::string_view why;
    };
    const std::vector<Case> cases{
        {"", ErrorCode::file_kind_refused, "empty"},
        {"event_id,code\n", ErrorCode::file_kind_refused, "CSV"},
        {"\xD0\xCF\x11\xE0 and more", ErrorCode::file_kind_refused, "an old or encrypted workbook"},
        {archive_of({{"a.txt", "hello"}}), ErrorCode::file_kind_refused, "another archive"},
        {with("xl/embeddings/a.bin", "x"), ErrorCode::file_kind_refused, "an embedded object"},
        {with("more.zip", "x"), ErrorCode::file_kind_refused, "an archive inside, by its name"},
        {with("xl/media/picture.png", archive_of({{"a", "b"}})), ErrorCode::file_kind_refused,
         "an archive inside"},
        {with("xl/worksheets/sheet1.xml", doctype), ErrorCode::file_kind_refused, "a document type"},
        {with("xl/workbook.xml", "<!DOCTYPE x><workbook/>"), ErrorCode::file_kind_refused, "a document type"},
        {with("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>"), ErrorCode::file_unreadable,
         "cut XML"},
        {with("xl/worksheets/sheet1.xml", "<worksheet>&nbsp;</worksheet>"), ErrorCode::file_unreadable,
         "an entity"},
        {with("xl/worksheets/sheet1.xml", "<worksheet>\xFF</worksheet>"), ErrorCode::file_unreadable,
         "no UTF-8"},
        {without("xl/worksheets/sheet1.xml"), ErrorCode::file_unreadable, "a part is missing"},
        {without("xl/_rels/workbook.xml.rels"), ErrorCode::file_unreadable, "a part is missing"},
        {good.substr(0, good.size() / 2), ErrorCode::file_unreadable, "cut archive"},
        {sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"), ErrorCode::file_unreadable,
         "a text that is not there"},
        {sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>x</v></c></row>"), ErrorCode::file_unreadable,
         "a text without number"},
        {sheet("<row r=\"2\"/><row r=\"2\"/>"), ErrorCode::file_unreadable, "a row twice"},
        {sheet("<row r=\"2\"><c r=\"B2\"/><c r=\"A2\"/></row>"), ErrorCode::file_unreadable,
         "cells out of order"},
        {sheet("<row r=\"2\"><c r=\"A3\"/></row>"), ErrorCode::file_unreadable, "a cell of another row"},
        {sheet("<row r=\"2\"><c r=\"2\"/></row>"), ErrorCode::file_unreadable, "a place that is none"},
        {sheet("<row r=\"1048577\"/>"), ErrorCode::too_large, "too many rows"},
        {sheet("<row r=\"1\"><c r=\"IW1\"><v>1</v></c></row>"), ErrorCode::too_large, "too many columns"},
        {sheet("<row r=\"1\"><c r=\"A1\"><v>" + std::string(40'000, '1') + "</v></c></row>"),
         ErrorCode::cell_too_large, "a cell too large"},
        {sheet("<row r=\"1\"><c r=\"A1\"><v>" + std::string(5'000'000, ' ') + "</v></c></row>"),
         ErrorCode::cell_too_large, "a cell too large"},
        {with("xl/sharedStrings.xml", "<sst>" + std::string(3'000'000, ' ') + "</sst>"), ErrorCode::too_large,
         "a bomb"},
    };
    for (const Case& one : cases) {
        const auto rows = read(one.bytes);
        ASSERT_FALSE(rows) << one.why;
        EXPECT_EQ(info(rows.error().code).name, info(one.code).name)
            << one.why << ": " << rows.error().text();
    }
    SheetLimits few;
    few.parts_max = 3;
    EXPECT_EQ(read(good, {}, few).error().code, ErrorCode::too_large);
    few = {};
    few.shared_bytes_max = 100;
    EXPECT_EQ(read(with("xl/sharedStrings.xml", "<sst><si/><si/><si/><si/></sst>"), {}, few).error().code,
              ErrorCode::too_large)
        << "empty texts count too";
    few = {};
    few.part_bytes_max = 100;
    EXPECT_EQ(read(good, {}, few).error().code, ErrorCode::too_large);
}

TEST(Sheet, EveryCutAndEveryChangedByteIsAnAnswer) {
    const std::string good = archive_of(
        workbook_parts("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>", "<si><t>x</t></si>"));
    for (std::size_t i = 0; i < good.size(); ++i) {
        static_cast<void>(read(good.substr(0, i)));
        std::string changed = good;
        changed[i] = static_cast<char>(changed[i] ^ 0x41);
        if (const auto rows = read(changed); rows && rows->contains(1)) EXPECT_LE(rows->at(1).size(), 256u);
    }
}

TEST(Sheet, TheSinkMayStop) {
    const std::string bytes =
        archive_of(workbook_parts("<row r=\"1\"><c><v>1</v></c></row><row r=\"2\"><c><v>2</v></c></row>"));
    int calls = 0;
    const auto stopped = read_sheet(bytes, {}, [&](std::uint64_t, const auto&) -> Result<void> {
        ++calls;
        return Error{ErrorCode::disk_full, "full"};
    });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::disk_full);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace qingyuan::observe
