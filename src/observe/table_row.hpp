// One row of a trace table while it is read: its cells by column, and all its faults. Inside the room only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "observe/csv_lines.hpp"
#include "observe/row_problems.hpp"
#include "observe/trace_time.hpp"
#include "packs/code.hpp"

namespace qingyuan::observe {

class TableRow {
 public:
    TableRow(const CsvHeader& header, std::span<const CsvColumn> columns, RowProblems& problems)
        : columns_(columns), problems_(problems) {
        for (std::size_t i = 0; i < header.place.size(); ++i) place_[i] = header.place[i];
    }

    void begin(std::uint64_t row, const CsvCells& cells, std::string_view line) {
        ++problems_.rows;
        row_ = row;
        cells_ = &cells;
        line_ = line;
    }
    /// A line that could not be cut into cells.
    void refuse_line(std::uint64_t row, const LineFault& fault) {
        ++problems_.rows;
        ++problems_.rejected_rows;
        problems_.reject(row, "", fault.code, fault.message, fault.next);
    }

    [[nodiscard]] std::string_view cell(std::size_t column) const { return (*cells_)[place_[column]]; }
    [[nodiscard]] bool faulty() const { return !faults_.empty(); }

    void fail(std::size_t column, ErrorCode code, std::string message, std::string_view next) {
        faults_.push_back({column, code, std::move(message), std::string(next)});
    }
    /// Reports the faults of this row in the order of the table's columns.
    void reject() {
        ++problems_.rejected_rows;
        std::sort(faults_.begin(), faults_.end(),
                  [](const Fault& a, const Fault& b) { return a.column < b.column; });
        for (const Fault& fault : faults_)
            problems_.reject(row_, columns_[fault.column].name, fault.code, fault.message, fault.next);
        faults_.clear();
    }
    void wait(std::size_t column, ErrorCode code, std::string_view id) {
        problems_.wait(row_, columns_[column].name, code, id, line_);
    }

    /// The cell, at most `most` bytes.
    std::string_view text(std::size_t column, std::size_t most, bool required) {
        const std::string_view text = cell(column);
        if (text.size() - 1 < most) [[likely]]
            return text;  // an empty one wraps around
        if (text.empty() && required)
            fail(column, ErrorCode::field_missing, "the cell is empty", "fill it");
        else if (!text.empty())
            fail(column, ErrorCode::cell_too_large,
                 fmt::format("{} bytes; {} are allowed", text.size(), most), "give the identifier only");
        return text;
    }
    /// The time of an event; false where the cell is empty or wrong.
    bool event_time(std::size_t column, std::int64_t& ms, bool required) {
        const std::string_view text = cell(column);
        if (text.empty()) {
            if (required) fail(column, ErrorCode::field_missing, "the time is empty", "say when it was");
            return false;
        }
        return is_time(column, parse_event_time(text, ms));
    }
    /// A time or a bare date; `ms` stays where the cell is empty.
    bool bound(std::size_t column, DayEdge edge, std::int64_t& ms) {
        return !cell(column).empty() && is_time(column, parse_bound(cell(column), edge, ms));
    }

    /// A code of any kind that is not written as 20 digits; false where it is no code.
    bool scanned_code(std::size_t column, packs::ScannedCode& out);

 private:
    struct Fault {
        std::size_t column;
        ErrorCode code;
        std::string message;
        std::string next;
    };

    bool is_time(std::size_t column, TimeFault fault) {
        if (fault == TimeFault::none) [[likely]]
            return true;
        fail(column, ErrorCode::date_invalid, std::string(message_of(fault)), next_of(fault));
        return false;
    }

    std::span<const CsvColumn> columns_;
    RowProblems& problems_;
    std::array<std::size_t, csv_columns_max> place_{};
    std::uint64_t row_ = 0;
    const CsvCells* cells_ = nullptr;
    std::string_view line_;
    std::vector<Fault> faults_;
};

}  // namespace qingyuan::observe
