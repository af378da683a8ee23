// RFC 4180 tables with a header line. The text is UTF-8 (document/encoding.hpp brings other encodings there).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace qingyuan {

struct CsvLimits {
    std::size_t cell_bytes_max = 1 << 20;  ///< a larger cell is cell_too_large
    std::size_t columns_max = 256;
    std::size_t rows_max = 50'000'000;
};

struct CsvRow {
    std::uint64_t line;  ///< line of the file where the row begins, header = 1
    std::vector<std::string> cells;
};

/// Reads row after row from a text in memory; memory use is one row.
class CsvReader {
 public:
    /// Reads the header. A UTF-8 byte order mark is skipped. Errors: csv_malformed, encoding_invalid,
    /// cell_too_large, duplicate_key (a column named twice).
    static Result<CsvReader> create(std::string_view text, CsvLimits limits = {});

    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    [[nodiscard]] std::optional<std::size_t> find_column(std::string_view name) const;

    /// The next row, or nothing at the end. A ragged row or a bad quote is csv_malformed with its line in
    /// `where`; reading may go on after it at the next line.
    Result<std::optional<CsvRow>> next();

 private:
    CsvReader(std::string_view text, CsvLimits limits) : text_(text), limits_(limits) {}
    Result<std::vector<std::string>> record();

    std::string_view text_;
    CsvLimits limits_;
    std::size_t at_ = 0;
    std::uint64_t line_ = 1;
    std::vector<std::string> columns_;
};

/// One cell, quoted only where it must be.
[[nodiscard]] std::string csv_cell(std::string_view value);
/// One line with its CR LF.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& cells);

}  // namespace qingyuan
