// Lines of big comma-separated files, cut into cells many bytes at a time. A line break inside quotes is
// refused, so that a file may be cut at any line end and its pieces read by several threads (RFC 4180
// otherwise).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "observe/row_problems.hpp"

namespace qingyuan::observe {

constexpr std::size_t csv_line_bytes_max = 32 * 1024;
constexpr std::size_t csv_columns_max = 31;
constexpr std::size_t csv_absent = csv_columns_max;  ///< place of a cell that is always empty

/// Behind the last line end; 0 where there is none.
[[nodiscard]] std::size_t last_line_end(std::string_view block);
/// Line feeds.
[[nodiscard]] std::uint64_t line_ends(std::string_view block);
/// Line ends, and one more where the last line has none.
[[nodiscard]] std::uint64_t count_lines(std::string_view block);

/// Where the cells of a table's columns stand.
struct CsvColumn {
    std::string_view name;
    bool required = true;
};
struct CsvHeader {
    std::string line;                ///< as it came, without byte order mark and line end
    std::vector<std::size_t> place;  ///< of the table's columns, csv_absent for one that is not there
    std::size_t columns = 0;         ///< in the file
    [[nodiscard]] std::uint32_t bit(std::size_t column) const {
        return place[column] == csv_absent ? 0 : std::uint32_t{1} << place[column];
    }
};
/// Columns in any order. column_unknown, column_missing, duplicate_key (a column twice), csv_malformed,
/// encoding_invalid.
[[nodiscard]] Result<CsvHeader> read_csv_header(std::string_view line, std::span<const CsvColumn> columns);

/// What is wrong with a line before anybody looks at its cells.
struct LineFault {
    ErrorCode code{};
    std::string message;
    std::string next;
};

using CsvCells = std::array<std::string_view, csv_columns_max + 1>;

/// Cuts blocks of whole lines into cells. Cells come without blanks around them; a line with anything but
/// visible ASCII takes a slower way. One walker serves one thread.
class CsvWalker {
 public:
    /// `separators`: bits of the columns whose cells may hold the GS1 group separator.
    explicit CsvWalker(std::size_t columns, std::uint32_t separators = 0);

    /// Calls `on_row(row, cells, line)` or `on_fault(row, LineFault)` for each line that is not blank.
    template <class OnRow, class OnFault>
    void walk(std::string_view block, std::uint64_t row, const OnRow& on_row, const OnFault& on_fault) {
        while (!block.empty()) {
            std::string_view window = next_window(block);
            block.remove_prefix(window.size());
            if (window.size() > csv_line_bytes_max + 1) {
                on_fault(row++, too_long(window.size()));
                continue;
            }
            if (window.back() != '\n') window = with_line_end(window);
            walk_window(window, row, on_row, on_fault);
        }
    }

 private:
    template <class OnRow, class OnFault>
    void walk_window(std::string_view window, std::uint64_t& row, const OnRow& on_row,
                     const OnFault& on_fault) {
        const char* const data = window.data();
        const std::size_t count = mark(window);
        const std::uint32_t* const marks = marks_.get();
        std::size_t at = 0, k = 0;
        while (at < window.size()) {
            if (k + columns_ <= count) {
                const std::uint32_t* const ends = marks + k;
                std::size_t begin = at;
                bool plain = true;
                for (std::size_t i = 0; i + 1 < columns_; ++i) {
                    plain &= data[ends[i]] == ',';
                    cells_[i] = std::string_view(data + begin, ends[i] - begin);
                    begin = ends[i] + 1;
                }
                const std::size_t end = ends[columns_ - 1];
                const std::size_t carriage = data[end] == '\r' ? 1 : 0;
                if (plain && data[end + carriage] == '\n') {
                    cells_[columns_ - 1] = std::string_view(data + begin, end - begin);
                    on_row(row++, cells_, std::string_view(data + at, end - at));
                    k += columns_ + carriage;
                    at = end + carriage + 1;
                    continue;
                }
            }
            const auto* const found =
                static_cast<const char*>(std::memchr(data + at, '\n', window.size() - at));
            const auto end = static_cast<std::size_t>(found - data);
            std::string_view line(data + at, end - at);
            if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
            if (!is_blank(line)) {
                if (split(line))
                    on_row(row, cells_, line);
                else
                    on_fault(row, fault_);
            }
            ++row;
            while (k < count && marks[k] <= end) ++k;
            at = end + 1;
        }
    }

    /// Places of commas, and of everything that is not visible ASCII or is a quote, line ends among them;
    /// their number.
    std::size_t mark(std::string_view window);
    /// Whole lines of at most csv_line_bytes_max bytes together, or one line that is longer.
    [[nodiscard]] static std::string_view next_window(std::string_view block);
    std::string_view with_line_end(std::string_view line);
    [[nodiscard]] static LineFault too_long(std::size_t bytes);
    [[nodiscard]] static bool is_blank(std::string_view line);
    /// The slower way: quotes, blanks, characters outside ASCII. False: fault_ says why.
    bool split(std::string_view line);
    bool split_cells(std::string_view line, std::size_t& count);
    bool take_quoted(std::string_view line, std::size_t& at, std::string_view& cell);
    bool check_cell(std::size_t column, std::string_view cell);
    bool fail(ErrorCode code, std::string message, std::string next);

    std::size_t columns_;
    std::uint32_t separators_;
    CsvCells cells_{};
    std::unique_ptr<std::uint32_t[]> marks_;
    std::string scratch_;  ///< cells without their quotes
    std::string tail_;
    LineFault fault_;
};

/// A file as blocks of whole lines, whatever its size. A line longer than a block comes as one block, cut.
class LineBlocks {
 public:
    /// Fills as much as it can; 0 at the end.
    using Source = std::function<Result<std::size_t>(std::span<char>)>;
    explicit LineBlocks(Source source, std::size_t block_bytes = std::size_t{1} << 20);

    struct Block {
        std::string_view text;        ///< valid until the next call
        std::uint64_t first_row = 0;  ///< line of the file, the first one is 1
    };
    [[nodiscard]] Result<std::optional<Block>> next();
    /// The first line, without its end; before any block. csv_malformed where the source is empty.
    [[nodiscard]] Result<std::string> header();

 private:
    [[nodiscard]] Result<void> fill();

    Source source_;
    std::string buffer_;
    std::size_t begin_ = 0, end_ = 0;
    std::uint64_t row_ = 1;
    bool ended_ = false;
    bool skip_ = false;  ///< the rest of a line that was too long
};

/// A text in memory as a source.
[[nodiscard]] LineBlocks::Source source_of(std::string_view text);

}  // namespace qingyuan::observe
