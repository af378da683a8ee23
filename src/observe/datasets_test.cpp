// The national base data sets: the shipped table of headings, and what becomes of rows.
#include "observe/datasets.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "observe/trace_csv.hpp"
#include "observe/workbook_test.hpp"

namespace qingyuan::observe {
namespace {

Datasets shipped() {
    std::ifstream in(QINGYUAN_SOURCE_DIR "/law/trace_datasets.toml", std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    auto datasets = parse_datasets(text.str(), "trace_datasets.toml");
    if (!datasets) ADD_FAILURE() << datasets.error().text();
    return datasets ? *datasets : Datasets{};
}

/// Reads flat lines as events would be read; the rows that were refused are in `problems`.
struct Events {
    packs::Reference reference;
    packs::Names names;
    packs::Piece piece;
    RowProblems problems;

    Events() {
        for (const char* id : {"M1", "W1", "S1", "Y1"}) reference.put(packs::Operator{.id = id});
        reference.put(packs::Batch{.id = "B1"});
        reference.put(packs::Product{.code = 8'123'456});
    }
    FlatLines sink() {
        return [this](std::string_view block, std::uint64_t first_row) -> Result<void> {
            const auto table = TRY(EventTable::from_header(dataset_event_columns));
            packs::Names::Cursor cursor(names);
            table.read(block, first_row, {.reference = reference, .now_ms = 1'767'225'600'000}, cursor, piece,
                       problems);
            return {};
        };
    }
};

constexpr std::string_view bills =
    "单据号,单据类型,单据时间,发货企业,收货企业,药品追溯码,生产批号,拆零标志,药品通用名称\n"
    "RK1,101,2025-01-01 06:00:00,M1,M1,81234560000012341234,B1,,示例片\n"
    "CK1,销售出库,2025/1/2 8:00,M1,W1,81234560000012341234,B1,,示例片\n"
    "RK2,102,20250103093000,M1,W1,81234560000012341234,B1,,\"示例\n片\"\n"
    "LS1,321,2025-01-05,S1,,81234560000012341234,B1,是,示例片\n"
    "PY1,111,2025-01-05,S1,S1,81234560000012341234,B1,,示例片\n"
    "CK2,201,soon,M1,W1,81234560000012341234,B1,,示例片\n"
    "CK3,201,2025-01-06 08:00,M1,W1,8.1234E+19,B1,,示例片\n"
    "CK4,201,2025-01-06 08:00,M1,W1\n"
    "CK5,201,2025-01-06 08:00,M1,W9,81234560000012341234,B1,,示例片\n";

TEST(Datasets, BillsBecomeEvents) {
    const Datasets datasets = shipped();
    Events events;
    const auto id = read_dataset_csv(datasets, bills, {}, events.sink());
    ASSERT_TRUE(id) << id.error().text();
    EXPECT_EQ(*id, "distributor");
    ASSERT_EQ(events.piece.events.size(), 4u);
    const auto at = [&](std::size_t i) { return events.piece.events[i]; };
    const std::uint32_t maker = events.reference.find_operator("M1"),
                        wholesaler = events.reference.find_operator("W1");
    EXPECT_EQ(at(0).action, packs::Action::produce);
    EXPECT_EQ(at(0).actor, maker);
    EXPECT_EQ(at(0).counterparty, 0u);
    EXPECT_EQ(at(0).time_ms, 1'735'682'400'000) << "read as China time";
    EXPECT_EQ(at(0).batch, 1u);
    EXPECT_EQ(at(1).action, packs::Action::ship);
    EXPECT_EQ(at(1).actor, maker);
    EXPECT_EQ(at(1).counterparty, wholesaler);
    EXPECT_EQ(at(2).action, packs::Action::receive);
    EXPECT_EQ(at(2).actor, wholesaler);
    EXPECT_EQ(at(2).counterparty, maker);
    EXPECT_EQ(at(2).document, events.names.name_of("RK2"));
    EXPECT_EQ(at(3).action, packs::Action::dispense);
    EXPECT_EQ(at(3).flags, packs::flag_split);
    EXPECT_EQ(at(3).time_ms, 1'736'092'799'000) << "a sale that names its day only is the last of that day";
    std::vector<std::string> refused;
    for (const RejectedRow& row : events.problems.rejected)
        refused.push_back(fmt::format("{} {} {}", row.row, row.field, info(row.code).name));
    EXPECT_EQ(refused, (std::vector<std::string>{"7 action not_in_vocabulary", "8 event_time date_invalid",
                                                 "9 code code_malformed", "10 event_id field_missing",
                                                 "10 code field_missing", "10 action field_missing",
                                                 "10 actor field_missing", "10 event_time field_missing"}))
        << "line numbers are those of the file, the line break in a cell counted";
    ASSERT_EQ(events.problems.waiting.size(), 1u);
    EXPECT_EQ(events.problems.waiting[0].row, 11u);
    EXPECT_EQ(events.problems.waiting[0].id, "W9");
    // The same file again gives the same ids: nothing is counted twice.
    Events again;
    ASSERT_TRUE(read_dataset_csv(datasets, bills, "distributor", again.sink()));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(again.piece.events[i].id, at(i).id);
}

TEST(Datasets, WorkbooksAreRead) {
    const auto cell = [](std::string_view text) {
        return fmt::format("<c t=\"inlineStr\"><is><t>{}</t></is></c>", text);
    };
    std::string rows = "<row r=\"1\">" + cell("药品使用记录") + "</row><row r=\"3\">";
    for (const char* heading : {"药品追溯码*", " 使用单位 ", "使用时间", "处方号", "备注"})
        rows += cell(heading);
    rows += "</row><row r=\"5\">" + cell("81234560000012341234") + cell("Y1") + "<c><v>45658.25</v></c>" +
            cell("RX1") + "</row>";
    rows += "<row r=\"9\">" + cell("81234560000012351234") + cell("") + "<c><v>45658.5</v></c></row>";
    Events events;
    const auto id = read_dataset_sheet(shipped(), archive_of(workbook_parts(rows)), {}, events.sink());
    ASSERT_TRUE(id) << id.error().text();
    EXPECT_EQ(*id, "user");
    ASSERT_EQ(events.piece.events.size(), 1u);
    EXPECT_EQ(events.piece.events[0].action, packs::Action::use);
    EXPECT_EQ(events.piece.events[0].actor, events.reference.find_operator("Y1"));
    EXPECT_EQ(events.piece.events[0].time_ms, 1'735'682'400'000);
    EXPECT_EQ(events.piece.events[0].extra.prescription, events.names.name_of("RX1"));
    ASSERT_EQ(events.problems.rejected.size(), 1u);
    EXPECT_EQ(events.problems.rejected[0].row, 9u);
    EXPECT_EQ(events.problems.rejected[0].field, "actor");
}

TEST(Datasets, OtherHeadingsAreRefused) {
    const Datasets datasets = shipped();
    const auto refused = [&](std::vector<std::string> headings, ErrorCode code, std::string_view id = {}) {
        const auto rows = DatasetRows::from_headings(datasets, headings, id);
        ASSERT_FALSE(rows);
        EXPECT_EQ(info(rows.error().code).name, info(code).name) << rows.error().text();
    };
    const std::vector<std::string> good{"药品追溯码", "单据类型", "发货企业",
                                        "收货企业",   "单据时间", "单据号"};
    EXPECT_EQ(DatasetRows::from_headings(datasets, good)->dataset().id, "holder");
    EXPECT_EQ(DatasetRows::from_headings(datasets, good, "distributor")->dataset().id, "distributor");
    auto more = good;
    more.emplace_back("身份证号");
    refused(more, ErrorCode::column_unknown);
    more.back() = "追溯码";
    refused(more, ErrorCode::duplicate_key);
    refused({good.begin() + 1, good.end()}, ErrorCode::column_missing);
    refused(good, ErrorCode::column_unknown, "user");
    refused(good, ErrorCode::record_unknown, "hospital");
    refused({}, ErrorCode::column_missing);
    Events events;
    EXPECT_FALSE(read_dataset_sheet(datasets, archive_of(workbook_parts("")), {}, events.sink()));
    EXPECT_FALSE(read_dataset_csv(datasets, "", {}, events.sink()));
}

TEST(Datasets, Times) {
    for (const auto& [given, first, last] :
         {std::tuple{"2025-01-01 08:00:05", "2025-01-01T08:00:05+08:00", "2025-01-01T08:00:05+08:00"},
          std::tuple{"2025/1/1 8:00", "2025-01-01T08:00:00+08:00", "2025-01-01T08:00:00+08:00"},
          std::tuple{"20250101080005", "2025-01-01T08:00:05+08:00", "2025-01-01T08:00:05+08:00"},
          std::tuple{"2025-01-01", "2025-01-01T00:00:00+08:00", "2025-01-01T23:59:59+08:00"},
          std::tuple{"20250101", "2025-01-01T00:00:00+08:00", "2025-01-01T23:59:59+08:00"},
          std::tuple{"45658", "2025-01-01T00:00:00+08:00", "2025-01-01T23:59:59+08:00"},
          std::tuple{"45658.333333333336", "2025-01-01T08:00:00+08:00", "2025-01-01T08:00:00+08:00"},
          // given back as they are
          std::tuple{"1735689600", "1735689600", "1735689600"},
          std::tuple{"2025-01-01T08:00:00Z", "2025-01-01T08:00:00Z", "2025-01-01T08:00:00Z"},
          std::tuple{"2025-02-30 08:00", "2025-02-30 08:00", "2025-02-30 08:00"},
          std::tuple{"2025-01-01 25:00", "2025-01-01 25:00", "2025-01-01 25:00"},
          std::tuple{"20251301080005", "20251301080005", "20251301080005"},
          std::tuple{"99999999999999999999", "99999999999999999999", "99999999999999999999"},
          std::tuple{"昨天", "昨天", "昨天"}, std::tuple{"", "", ""}}) {
        EXPECT_EQ(dataset_time(given, false), first);
        EXPECT_EQ(dataset_time(given, true), last);
    }
}

TEST(Datasets, TheFileIsChecked) {
    const std::string set =
        "[[dataset]]\nid = \"a\"\nzh = \"甲\"\nen = \"A\"\nstandard = \"X\"\n"
        "[[dataset.column]]\nfield = \"code\"\nzh = [\"码\"]\n[[dataset.column]]\nfield = \"event_time\"\nzh "
        "= [\"时\"]\n";
    ASSERT_TRUE(parse_datasets(set, "f"));
    const auto refused = [](const std::string& text, ErrorCode code) {
        const auto datasets = parse_datasets(text, "f");
        ASSERT_FALSE(datasets) << text;
        EXPECT_EQ(info(datasets.error().code).name, info(code).name) << datasets.error().text();
    };
    refused("x", ErrorCode::toml_malformed);
    refused("x = 1\n", ErrorCode::law_key_unknown);
    refused(set + set, ErrorCode::law_duplicate);
    refused(set + "[[dataset.column]]\nfield = \"batch\"\nzh = [\"码\"]\n", ErrorCode::law_duplicate);
    refused(set + "[[dataset.column]]\nfield = \"code\"\nzh = [\"号\"]\n", ErrorCode::law_duplicate);
    refused(set + "[[dataset.column]]\nfield = \"colour\"\nzh = [\"色\"]\n", ErrorCode::law_value_invalid);
    refused(set + "[[dataset.column]]\nfield = \"batch\"\n", ErrorCode::law_key_missing);
    refused(set.substr(0, set.rfind("[[dataset.column]]")), ErrorCode::law_key_missing);
    const std::string bill =
        "[[bill_type]]\ncode = \"1\"\nzh = \"甲\"\naction = \"ship\"\nactor = \"from\"\n";
    ASSERT_TRUE(parse_datasets(bill, "f"));
    refused(bill + bill, ErrorCode::law_duplicate);
    refused("[[bill_type]]\ncode = \"1\"\nzh = \"甲\"\naction = \"other\"\nactor = \"from\"\n",
            ErrorCode::law_value_invalid);
    refused("[[bill_type]]\ncode = \"1\"\nzh = \"甲\"\naction = \"ship\"\nactor = \"us\"\n",
            ErrorCode::law_value_invalid);
    refused("[[bill_type]]\ncode = \"1\"\nzh = \"甲\"\nactor = \"from\"\n", ErrorCode::law_key_missing);
}

}  // namespace
}  // namespace qingyuan::observe
