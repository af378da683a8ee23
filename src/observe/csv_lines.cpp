#include "observe/csv_lines.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace qingyuan::observe {

namespace {

constexpr std::string_view one_line = "write one event a line, and no line break inside a cell";

constexpr bool is_blank_character(char c) {
    return c == ' ' || c == '\t';
}

std::size_t behind_blanks(std::string_view line, std::size_t at) {
    while (at < line.size() && is_blank_character(line[at])) ++at;
    return at;
}

std::string_view trim_blanks(std::string_view text) {
    text.remove_prefix(behind_blanks(text, 0));
    while (!text.empty() && is_blank_character(text.back())) text.remove_suffix(1);
    return text;
}

#if defined(__SSE2__)
/// Bits of 16 bytes that are a comma, a quote, or no visible ASCII.
unsigned marked_of(const char* at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i comma = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(','));
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i erased = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    const __m128i outside = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x21));  // signed: all above 0x7f too
    return static_cast<unsigned>(
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(comma, quote), _mm_or_si128(erased, outside))));
}
#else
unsigned marked_of(const char* at) {
    unsigned bits = 0;
    for (unsigned i = 0; i < 16; ++i) {
        const auto byte = static_cast<unsigned char>(at[i]);
        if (byte == ',' || byte == '"' || byte < 0x21 || byte > 0x7e) bits |= 1U << i;
    }
    return bits;
}
#endif

std::uint64_t marked_of_64(const char* at) {
    return std::uint64_t{marked_of(at)} | std::uint64_t{marked_of(at + 16)} << 16 |
           std::uint64_t{marked_of(at + 32)} << 32 | std::uint64_t{marked_of(at + 48)} << 48;
}

/// Blanks count as visible. Eight bytes at a time; the last eight may be looked at twice.
bool is_visible_ascii(std::string_view cell) {
    constexpr std::uint64_t each = 0x0101010101010101ULL, tops = each * 0x80;
    const auto odd = [&](std::size_t at) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, cell.data() + at, 8);
        const std::uint64_t erased = bytes ^ each * 0x7f;
        return (bytes | ((bytes - each * 0x20) & ~bytes) | ((erased - each) & ~erased)) & tops;
    };
    if (cell.size() < 8)
        return std::all_of(cell.begin(), cell.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    std::uint64_t found = odd(cell.size() - 8);
    for (std::size_t at = 0; at + 8 <= cell.size(); at += 8) found |= odd(at);
    return found == 0;
}

/// Does a character stand at `at` that no identifier holds: C1 controls, marks without width, marks that turn
/// the writing direction, the replacement character?
bool is_foul_at(std::string_view cell, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < cell.size() ? static_cast<unsigned char>(cell[at + i]) : 0U;
    };
    if (byte(0) == 0xC2) return byte(1) < 0xA0;
    if (byte(0) == 0xE2 && byte(1) == 0x80)
        return (byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE);
    if (byte(0) == 0xE2 && byte(1) == 0x81) return byte(2) >= 0xA0 && byte(2) <= 0xAF;
    if (byte(0) == 0xEF) return (byte(1) == 0xBB && byte(2) == 0xBF) || (byte(1) == 0xBF && byte(2) == 0xBD);
    return false;
}

}  // namespace

std::size_t last_line_end(std::string_view block) {
    const auto* const found = static_cast<const char*>(::memrchr(block.data(), '\n', block.size()));
    return found == nullptr ? 0 : static_cast<std::size_t>(found - block.data()) + 1;
}

std::uint64_t line_ends(std::string_view block) {
    constexpr std::uint64_t sevens = 0x7f7f7f7f7f7f7f7f;
    std::uint64_t ends = 0;
    std::size_t at = 0;
    for (; at + 8 <= block.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, block.data() + at, 8);
        word ^= 0x0a0a0a0a0a0a0a0a;  // a line end is a zero byte now, the only one whose top bit stays clear
        // One in each such byte, then their sum in the top byte.
        ends += ((~(((word & sevens) + sevens) | word | sevens) >> 7) * 0x0101010101010101) >> 56;
    }
    for (; at < block.size(); ++at) ends += block[at] == '\n' ? 1 : 0;
    return ends;
}

std::uint64_t count_lines(std::string_view block) {
    return line_ends(block) + (!block.empty() && block.back() != '\n' ? 1 : 0);
}

Result<CsvHeader> read_csv_header(std::string_view line, std::span<const CsvColumn> columns) {
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    CsvHeader header{std::string(line), std::vector<std::size_t>(columns.size(), csv_absent), 0};
    std::string names = fmt::format("{}", columns.empty() ? "" : columns.front().name);
    for (std::size_t i = 1; i < columns.size(); ++i) names += fmt::format(",{}", columns[i].name);
    const Error empty{ErrorCode::csv_malformed, "the header line is empty", "line 1", {}, names};
    if (line.empty()) return empty;
    if (!is_utf8(line))
        return Error{
            ErrorCode::encoding_invalid, "the header is not UTF-8", "line 1", {}, "save the file as UTF-8"};
    for (std::string_view rest = line; header.columns == 0 || !rest.empty(); ++header.columns) {
        const auto comma = rest.find(',');
        std::string_view name = trim_blanks(rest.substr(0, comma));
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
            name = name.substr(1, name.size() - 2);
        if (header.columns == csv_columns_max)
            return Error{ErrorCode::csv_malformed,
                         fmt::format("more than {} columns", csv_columns_max),
                         "line 1",
                         {},
                         names};
        const auto found =
            std::find_if(columns.begin(), columns.end(), [&](const CsvColumn& c) { return c.name == name; });
        if (found == columns.end())
            return Error{ErrorCode::column_unknown,
                         fmt::format("'{}' is no column of this table", name),
                         "line 1",
                         {},
                         names};
        std::size_t& place = header.place[static_cast<std::size_t>(found - columns.begin())];
        if (place != csv_absent)
            return Error{ErrorCode::duplicate_key,
                         fmt::format("the column '{}' is named twice", name),
                         "line 1",
                         {},
                         names};
        place = header.columns;
        if (comma != std::string_view::npos && comma + 1 == rest.size())
            return Error{ErrorCode::column_unknown, "the last column has no name", "line 1", {}, names};
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].required && header.place[i] == csv_absent)
            return Error{ErrorCode::column_missing,
                         fmt::format("the column '{}' is missing", columns[i].name),
                         "line 1",
                         {},
                         names};
    return header;
}

CsvWalker::CsvWalker(std::size_t columns, std::uint32_t separators)
    : columns_(columns),
      separators_(separators),
      marks_(std::make_unique_for_overwrite<std::uint32_t[]>(csv_line_bytes_max + 128)) {
    QY_ASSERT(columns >= 2 && columns <= csv_columns_max);
}

std::size_t CsvWalker::mark(std::string_view window) {
    std::uint32_t* out = marks_.get();
    std::array<char, 64> last;
    for (std::size_t at = 0; at < window.size(); at += 64) {
        const char* bytes = window.data() + at;
        if (window.size() - at < 64) {
            last.fill('x');
            std::copy(bytes, window.data() + window.size(), last.data());
            bytes = last.data();
        }
        for (std::uint64_t bits = marked_of_64(bytes); bits != 0; bits &= bits - 1)
            *out++ = static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(std::countr_zero(bits));
    }
    return static_cast<std::size_t>(out - marks_.get());
}

std::string_view CsvWalker::next_window(std::string_view block) {
    const std::string_view most = block.substr(0, csv_line_bytes_max + 1);
    if (const std::size_t lines = last_line_end(most); lines > 0) return most.substr(0, lines);
    const auto end = block.find('\n');
    return end == std::string_view::npos ? block : block.substr(0, end + 1);
}

std::string_view CsvWalker::with_line_end(std::string_view line) {
    tail_.assign(line);
    tail_ += '\n';
    return tail_;
}

LineFault CsvWalker::too_long(std::size_t bytes) {
    return {ErrorCode::too_large,
            fmt::format("a line of {} bytes; {} are allowed", bytes, csv_line_bytes_max),
            std::string(one_line)};
}

bool CsvWalker::is_blank(std::string_view line) {
    return trim_blanks(line).empty();
}

bool CsvWalker::fail(ErrorCode code, std::string message, std::string next) {
    fault_ = {code, std::move(message), std::move(next)};
    return false;
}

bool CsvWalker::split(std::string_view line) {
    std::size_t count = 0;
    if (!split_cells(line, count)) return false;
    if (count != columns_)
        return fail(ErrorCode::csv_malformed,
                    fmt::format("{} cells where the header has {}", count, columns_),
                    "put cells that hold a comma into quotes");
    for (std::size_t i = 0; i < columns_; ++i)
        if (!is_visible_ascii(cells_[i]) && !check_cell(i, cells_[i])) return false;
    return true;
}

bool CsvWalker::split_cells(std::string_view line, std::size_t& count) {
    scratch_.clear();
    scratch_.reserve(line.size());  // cells are views into it: it must not move
    std::size_t at = 0;
    for (count = 0;; ++count) {
        std::string_view cell;
        const std::size_t begin = behind_blanks(line, at);
        if (begin < line.size() && line[begin] == '"') {
            at = begin;
            if (!take_quoted(line, at, cell)) return false;
        } else {
            const std::size_t end = std::min(line.find(',', at), line.size());
            cell = line.substr(at, end - at);
            at = end;
            if (cell.find('"') != std::string_view::npos)
                return fail(ErrorCode::csv_malformed, "a quote inside a cell that does not begin with one",
                            "put the whole cell into quotes and double the quote");
        }
        if (count < columns_) cells_[count] = trim_blanks(cell);
        if (at >= line.size()) break;
        ++at;  // the comma
    }
    ++count;
    return true;
}

bool CsvWalker::take_quoted(std::string_view line, std::size_t& at, std::string_view& cell) {
    const std::size_t begin = scratch_.size();
    for (++at;; ++at) {
        const std::size_t quote = line.find('"', at);
        if (quote == std::string_view::npos)
            return fail(ErrorCode::csv_malformed, "a quote is not closed in its line", std::string(one_line));
        scratch_.append(line.substr(at, quote - at));
        at = quote + 1;
        if (at >= line.size() || line[at] != '"') break;
        scratch_ += '"';
    }
    cell = std::string_view(scratch_).substr(begin);
    at = behind_blanks(line, at);
    if (at < line.size() && line[at] != ',')
        return fail(ErrorCode::csv_malformed, "text behind a closing quote",
                    "put the whole cell into quotes");
    return true;
}

bool CsvWalker::check_cell(std::size_t column, std::string_view cell) {
    if (cell.find('\0') != std::string_view::npos)
        return fail(ErrorCode::encoding_invalid, fmt::format("cell {} holds a NUL byte", column + 1),
                    "send the table again; the file was damaged");
    if (!is_utf8(cell))
        return fail(ErrorCode::encoding_invalid, fmt::format("cell {} is not UTF-8", column + 1),
                    "save the file as UTF-8");
    const bool separators = (separators_ >> column & 1) != 0;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        const auto byte = static_cast<unsigned char>(cell[i]);
        if ((byte < 0x20 || byte == 0x7f) && !(byte == 0x1d && separators))
            return fail(ErrorCode::field_invalid,
                        fmt::format("cell {} holds a control character", column + 1), "remove it");
        if (byte >= 0x80 && is_foul_at(cell, i))
            return fail(ErrorCode::field_invalid,
                        fmt::format("cell {} holds an invisible or replaced character", column + 1),
                        "type the cell again");
    }
    return true;
}

LineBlocks::LineBlocks(Source source, std::size_t block_bytes)
    : source_(std::move(source)), buffer_(std::max(block_bytes, 4 * csv_line_bytes_max), '\0') {}

Result<void> LineBlocks::fill() {
    if (begin_ > 0) {
        std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                  buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
        end_ -= begin_;
        begin_ = 0;
    }
    while (!ended_ && end_ < buffer_.size()) {
        const std::size_t read = TRY(source_(std::span<char>(buffer_).subspan(end_)));
        ended_ = read == 0;
        end_ += read;
    }
    return {};
}

Result<std::optional<LineBlocks::Block>> LineBlocks::next() {
    for (;;) {
        CHECK(fill());
        std::string_view text = std::string_view(buffer_).substr(begin_, end_ - begin_);
        if (text.empty()) return std::optional<Block>();
        if (skip_) {
            const auto end = text.find('\n');
            begin_ += end == std::string_view::npos ? text.size() : end + 1;
            skip_ = end == std::string_view::npos;
            continue;
        }
        if (const std::size_t lines = last_line_end(text); !ended_ && lines > 0) text = text.substr(0, lines);
        skip_ = !ended_ && text.back() != '\n';
        const Block block{text, row_};
        row_ += count_lines(text);
        begin_ += text.size();
        return std::optional<Block>(block);
    }
}

Result<std::string> LineBlocks::header() {
    CHECK(fill());
    const std::string_view text = std::string_view(buffer_).substr(begin_, end_ - begin_);
    if (text.empty())
        return Error{ErrorCode::csv_malformed, "the file is empty: a header line is required", "line 1"};
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && text.size() > csv_line_bytes_max)
        return Error{ErrorCode::csv_malformed, "the header line does not end", "line 1"};
    std::string line(text.substr(0, end));
    begin_ += end == std::string_view::npos ? text.size() : end + 1;
    ++row_;
    return line;
}

LineBlocks::Source source_of(std::string_view text) {
    return [text](std::span<char> out) mutable -> Result<std::size_t> {
        const std::size_t size = std::min(out.size(), text.size());
        std::copy_n(text.data(), size, out.data());
        text.remove_prefix(size);
        return size;
    };
}

}  // namespace qingyuan::observe
