// The table of reports: what is taken, what becomes missing with a warning, what is refused and with which
// advice; nothing of a row depends on the other rows but its number.
#include "observe/report_csv.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/csv.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "law/law.hpp"

namespace qingyuan::observe {
namespace {

const ReportWords& words() {
    static const ReportWords known = [] {
        const auto law = law::Law::load(QINGYUAN_SOURCE_DIR "/law");
        return law ? report_words(*law) : ReportWords{};
    }();
    return known;
}

const Date today = make_date(2026, 1, 31);

std::string header() {
    std::vector<std::string> columns = report_columns();
    columns.pop_back();  // kind
    return join(columns, ",") + "\n";
}

/// A row that is right, with one cell changed.
std::string row(std::string_view column = {}, std::string_view value = {}, std::string_view number = "R1") {
    const std::vector<std::string> good = {std::string(number),
                                           "医疗机构",
                                           "H00009",
                                           "甲市",
                                           "2025-01-05",
                                           "2025-01-03",
                                           "郭某",
                                           "女",
                                           "67",
                                           "83.0",
                                           "清开灵注射液",
                                           "国药准字Z99990038",
                                           "虚拟药厂B04",
                                           "2410033",
                                           "寒战|发热",
                                           "严重",
                                           "好转",
                                           "很可能"};
    std::string out;
    for (std::size_t i = 0; i < good.size(); ++i)
        out += (i > 0 ? "," : "") + (report_columns()[i] == column ? std::string(value) : good[i]);
    return out + "\n";
}

ReportTable read(const std::string& rows) {
    auto table = read_report_csv(header() + rows, words(), today);
    EXPECT_TRUE(table) << (table ? "" : table.error().text());
    return table ? *table : ReportTable{};
}

TEST(ReportCsv, a_row_becomes_a_report) {
    const ReportTable table = read(row());
    ASSERT_EQ(table.reports.size(), 1U);
    const facts::SafetyReport& report = table.reports[0];
    EXPECT_EQ(report.number, "R1");
    EXPECT_EQ(report.received_on, make_date(2025, 1, 5));
    EXPECT_EQ(report.onset_on, make_date(2025, 1, 3));
    EXPECT_EQ(report.sex, "female");
    EXPECT_EQ(report.age_years, 67);
    EXPECT_EQ(report.weight_kg, 83);
    ASSERT_EQ(report.products.size(), 1U);
    EXPECT_EQ(report.products[0].batch, "2410033");
    EXPECT_EQ(report.reactions, (std::vector<std::string>{"寒战", "发热"}));
    EXPECT_EQ(report.seriousness, "serious");
    EXPECT_EQ(report.outcome, "improved");
    EXPECT_EQ(report.causality, "probable");
    EXPECT_EQ(report.kind, "");
    EXPECT_EQ(table.warnings.faults, 0U);
    EXPECT_EQ(table.lines, std::vector<std::uint64_t>{2});
}

TEST(ReportCsv, blank_is_missing) {
    for (const std::string& column : report_columns()) {
        const ReportTable table = read(row(column, ""));
        const bool needed = column == "report_no" || column == "drug" || column == "reactions";
        EXPECT_EQ(table.reports.size(), needed ? 0U : 1U) << column;
        EXPECT_EQ(table.warnings.faults, column == "receive_date" ? 1U : 0U) << column;
        if (needed) {
            ASSERT_EQ(table.problems.rejected.size(), 1U) << column;
            EXPECT_EQ(table.problems.rejected[0].field, column);
            EXPECT_EQ(table.problems.rejected[0].code, ErrorCode::field_missing);
            EXPECT_FALSE(table.problems.rejected[0].next.empty());
        }
    }
}

TEST(ReportCsv, what_makes_no_sense_becomes_missing_with_a_warning) {
    const std::tuple<std::string_view, std::string_view, ErrorCode> cases[] = {
        {"sex", "不男不女", ErrorCode::not_in_vocabulary},
        {"serious", "很重", ErrorCode::not_in_vocabulary},
        {"outcome", "好了", ErrorCode::not_in_vocabulary},
        {"causality", "大概", ErrorCode::not_in_vocabulary},
        {"age", "abc", ErrorCode::number_invalid},
        {"age", "131", ErrorCode::field_invalid},
        {"age", "-1", ErrorCode::field_invalid},
        {"age", "nan", ErrorCode::field_invalid},
        {"age", "1e999", ErrorCode::number_invalid},
        {"weight", "0", ErrorCode::field_invalid},
        {"weight", "401", ErrorCode::field_invalid},
        {"onset_date", "2025-02-29", ErrorCode::date_invalid},
        {"onset_date", "2026-02-01", ErrorCode::date_in_future},
        {"batch_no", "A|B", ErrorCode::field_invalid},
    };
    for (const auto& [column, value, code] : cases) {
        const ReportTable table = read(row(column, value));
        ASSERT_EQ(table.reports.size(), 1U) << column << ' ' << value;
        ASSERT_EQ(table.warnings.rejected.size(), 1U) << column << ' ' << value;
        EXPECT_EQ(table.warnings.rejected[0].code, code) << column << ' ' << value;
        EXPECT_EQ(table.warnings.rejected[0].field, column);
        EXPECT_FALSE(table.warnings.rejected[0].next.empty());
        EXPECT_EQ(table.warnings.rejected_rows, 1U);
    }
    EXPECT_FALSE(read(row("age", "131")).reports[0].age_years);
    EXPECT_FALSE(read(row("onset_date", "2026-02-01")).reports[0].onset_on);
    const ReportTable late = read(row("onset_date", "2025-01-06"));
    EXPECT_EQ(late.reports.at(0).onset_on, make_date(2025, 1, 6))
        << "which of two dates is wrong nobody knows";
    EXPECT_EQ(late.warnings.rejected.at(0).code, ErrorCode::date_before_previous);
}

TEST(ReportCsv, what_cannot_be_a_report_is_refused) {
    EXPECT_EQ(read(row("receive_date", "2025-13-01")).problems.rejected.at(0).code, ErrorCode::date_invalid);
    EXPECT_EQ(read(row("receive_date", "2026-02-01")).problems.rejected.at(0).code,
              ErrorCode::date_in_future);
    EXPECT_EQ(read(row("drug", "a\tb")).problems.rejected.at(0).code, ErrorCode::field_invalid);
    EXPECT_EQ(read("R1,2\n").problems.rejected.at(0).code, ErrorCode::csv_malformed);
    EXPECT_EQ(read("R1,\"2\n").problems.rejected.at(0).row, 2U);
    EXPECT_EQ(read(row("drug", " | ")).problems.rejected.at(0).code, ErrorCode::field_missing);
    const ReportTable table =
        read("x,y\n" + row() + row("receive_date", "nonsense", "R2") + row({}, {}, "R3"));
    EXPECT_EQ(table.reports.size(), 2U);
    EXPECT_EQ(table.problems.rows, 4U);
    EXPECT_EQ(table.problems.rejected_rows, 2U);
    EXPECT_EQ(table.problems.rejected.at(1).row, 4U);
}

TEST(ReportCsv, a_number_that_repeats) {
    const ReportTable same = read(row() + row());
    EXPECT_EQ(same.reports.size(), 1U);
    EXPECT_EQ(same.repeated, 1U);
    EXPECT_EQ(same.problems.rejected_rows, 0U);
    const ReportTable other = read(row() + row("age", "68"));
    EXPECT_EQ(other.reports.size(), 1U);
    EXPECT_EQ(other.problems.rejected.at(0).code, ErrorCode::duplicate_key);
    EXPECT_EQ(other.reports.at(0).age_years, 67);
}

TEST(ReportCsv, spellings) {
    EXPECT_EQ(read(row("onset_date", "2025/1/3")).reports.at(0).onset_on, make_date(2025, 1, 3));
    EXPECT_EQ(read(row("onset_date", "2025.01.03")).reports.at(0).onset_on, make_date(2025, 1, 3));
    EXPECT_EQ(read(row("age", "67岁")).reports.at(0).age_years, 67);
    EXPECT_EQ(read(row("age", "6个月")).reports.at(0).age_years, 0.5);
    EXPECT_EQ(read(row("weight", "83 kg")).reports.at(0).weight_kg, 83);
    EXPECT_EQ(read(row("serious", "新的严重")).reports.at(0).seriousness, "serious");
    EXPECT_EQ(read(row("outcome", "death")).reports.at(0).outcome, "death");
    EXPECT_EQ(read(row("drug", "\u3000甲药 ")).reports.at(0).products.at(0).name, "甲药");
    const ReportTable two = read(row("drug", "甲药|乙药").replace(0, 0, ""));
    ASSERT_EQ(two.reports.at(0).products.size(), 2U);
    EXPECT_EQ(two.reports[0].products[0].batch, "2410033") << "one value stands for the first product";
    EXPECT_EQ(two.reports[0].products[1].batch, "");
}

TEST(ReportCsv, headers) {
    const auto missing = read_report_csv("report_no,drug\nR1,a\n", words(), today);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::column_missing);
    EXPECT_EQ(missing.error().message, "without the column receive_date, onset_date, reactions");
    const auto unknown = read_report_csv("report_no,colour\nR1,a\n", words(), today);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::column_unknown);
    EXPECT_FALSE(read_report_csv("", words(), today));
    EXPECT_EQ(read_report_csv("drug,drug\n", words(), today).error().code, ErrorCode::duplicate_key);
    const auto other_order = read_report_csv(
        "\xEF\xBB\xBFreactions,kind,drug,onset_date,receive_date,report_no\n皮疹,化妆品,面霜,,2025-01-01,"
        "R9\n",
        words(), today);
    ASSERT_TRUE(other_order);
    ASSERT_EQ(other_order->reports.size(), 1U);
    EXPECT_EQ(other_order->reports[0].kind, "cosmetic");
    EXPECT_EQ(other_order->reports[0].sex, "");
}

TEST(ReportCsv, order_of_rows_does_not_matter) {
    rc::check("each report is read alike wherever its row stands", [] {
        const auto count = *rc::gen::inRange(1, 30);
        std::vector<std::string> rows;
        for (int i = 0; i < count; ++i) {
            const auto column = *rc::gen::elementOf(report_columns());
            const auto value =
                *rc::gen::element<std::string>("", "x", "2025-01-01", "2027-01-01", "5", "男", "死亡");
            if (column == "report_no" || column == "kind") continue;
            rows.push_back(row(column, value, fmt::format("N{}", i)));
        }
        const auto sorted_numbers = [&] {
            std::string all;
            for (const std::string& one : rows) all += one;
            const auto table = read_report_csv(header() + all, words(), today);
            RC_ASSERT(table.has_value());
            RC_ASSERT(table->problems.accepted() == table->reports.size() + table->repeated);
            std::vector<std::string> numbers;
            for (const auto& report : table->reports)
                numbers.push_back(report.number + report.outcome + report.sex);
            std::sort(numbers.begin(), numbers.end());
            return numbers;
        };
        const auto first = sorted_numbers();
        std::reverse(rows.begin(), rows.end());
        RC_ASSERT(sorted_numbers() == first);
    });
}

}  // namespace
}  // namespace qingyuan::observe
