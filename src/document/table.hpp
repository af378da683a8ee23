// Tables that go out: CSV and XLSX from one description. Text from outside never becomes a formula in either.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/date.hpp"
#include "base/rational.hpp"
#include "base/result.hpp"

namespace qingyuan::document {

/// How the cells of a column are written. `yuan` cells are Fen; `share` cells are exact fractions, written as
/// percentages.
enum class ColumnType : std::uint8_t { text, whole, decimal, yuan, share, date };

struct Column {
    std::string name;
    std::string unit;  ///< shown behind the name; empty = none
    ColumnType type = ColumnType::text;
    int decimals = 2;  ///< of decimal and share columns
};

/// monostate is an empty cell. A text may stand in a column of any type ("n/a", "17,600 余").
using Cell = std::variant<std::monostate, std::string, std::int64_t, Rational, Fen, Date>;

struct Table {
    std::string title;  ///< name of the sheet
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;  ///< each as long as `columns` (asserted)
};

struct Workbook {
    std::vector<Table> tables;
    /// The sheet 说明 Notes: what the figures count, units, filters, as of what. Label and text.
    std::vector<std::pair<std::string, std::string>> notes;
    Instant created;           ///< as of; the same content gives the same bytes
    bool sample_data = false;  ///< every page says so
    std::string mark;  ///< who took it out, when, and its number: on every page, and in the properties
};

constexpr std::size_t sheet_rows_max = 1'048'575;    ///< of the format, without the header
constexpr std::size_t cell_characters_max = 32'767;  ///< of the format; a longer text is cut and ends in "…"

/// The bytes of an .xlsx file. Errors: too_large (rows), io_failed (the temporary file), disk_full.
[[nodiscard]] Result<std::string> write_xlsx(const Workbook& workbook);

/// UTF-8 with byte order mark, RFC 4180. A text that a spreadsheet would take for a formula gets an
/// apostrophe in front.
[[nodiscard]] std::string write_csv(const Table& table);
/// The same with what the sheet Notes of a workbook says in front: label and text, then an empty line.
[[nodiscard]] std::string write_csv(const Table& table,
                                    const std::vector<std::pair<std::string, std::string>>& notes);

/// Byte order mark and those notes alone, for a file whose rows are written otherwise.
[[nodiscard]] std::string csv_notes(const std::vector<std::pair<std::string, std::string>>& notes);

/// The cell as people read it: 1500.00, 33.39%, 2025-07-05.
[[nodiscard]] std::string text_of(const Cell& cell, const Column& column);

/// Does a spreadsheet take the text for a formula? Leading blanks and full-width signs count too.
[[nodiscard]] bool looks_like_formula(std::string_view text);

}  // namespace qingyuan::document
