#include "base/csv.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan {

namespace {
Error malformed(std::uint64_t line, std::string message) {
    return {ErrorCode::csv_malformed, std::move(message), fmt::format("line {}", line)};
}
}  // namespace

Result<CsvReader> CsvReader::create(std::string_view text, CsvLimits limits) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    CsvReader reader(text, limits);
    if (text.empty()) return malformed(1, "the file is empty: a header line is required");
    reader.columns_ = TRY(reader.record());
    if (reader.columns_.size() > limits.columns_max) return malformed(1, "too many columns");
    for (std::string& column : reader.columns_) column = trim(column);
    auto sorted = reader.columns_;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
        return Error{ErrorCode::duplicate_key, fmt::format("the column '{}' is named twice", *twice),
                     "line 1"};
    return reader;
}

std::optional<std::size_t> CsvReader::find_column(std::string_view name) const {
    const auto found = std::find(columns_.begin(), columns_.end(), name);
    if (found == columns_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns_.begin());
}

Result<std::optional<CsvRow>> CsvReader::next() {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
        if (text_[at_] == '\n') ++line_;
        ++at_;
    }
    if (at_ >= text_.size()) return std::optional<CsvRow>();
    CsvRow row{line_, TRY(record())};
    if (row.cells.size() != columns_.size())
        return malformed(row.line,
                         fmt::format("{} cells where the header has {}", row.cells.size(), columns_.size()));
    return std::optional<CsvRow>(std::move(row));
}

Result<std::vector<std::string>> CsvReader::record() {
    std::vector<std::string> cells;
    const std::uint64_t line = line_;
    // After an error the reader stands at the next line, so that one bad row is one reject.
    const auto fail = [&](Error error) {
        const auto end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
        ++line_;
        return Result<std::vector<std::string>>(std::move(error));
    };
    for (bool more = true; more;) {
        std::string cell;
        if (at_ < text_.size() && text_[at_] == '"') {
            const std::size_t opened = at_;
            const std::uint64_t opened_line = line_;
            for (++at_;; ++at_) {
                if (at_ >= text_.size()) {
                    at_ = opened;
                    line_ = opened_line;
                    return fail(malformed(line, "a quote is never closed"));
                }
                if (text_[at_] == '\n') ++line_;
                if (text_[at_] != '"') {
                    cell += text_[at_];
                    continue;
                }
                if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                    cell += '"';
                    ++at_;
                    continue;
                }
                ++at_;
                break;
            }
            if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n' && text_[at_] != '\r')
                return fail(malformed(line, "text after a closing quote"));
        } else {
            const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
            cell = text_.substr(at_, end - at_);
            at_ = end;
            if (cell.find('"') != std::string::npos)
                return fail(malformed(line, "a quote inside an unquoted cell"));
        }
        if (cell.size() > limits_.cell_bytes_max)
            return fail(
                Error{ErrorCode::cell_too_large,
                      fmt::format("a cell of {} bytes; {} are allowed", cell.size(), limits_.cell_bytes_max),
                      fmt::format("line {}", line)});
        if (!is_utf8(cell))
            return fail(
                Error{ErrorCode::encoding_invalid, "a cell is not UTF-8", fmt::format("line {}", line)});
        cells.push_back(std::move(cell));
        more = at_ < text_.size() && text_[at_] == ',';
        if (more) ++at_;
    }
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') {
        ++at_;
        ++line_;
    }
    return cells;
}

std::string csv_cell(std::string_view value) {
    if (value.find_first_of(",\"\r\n") == std::string_view::npos && trim(value).size() == value.size())
        return std::string(value);
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

std::string csv_line(const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += ',';
        out += csv_cell(cells[i]);
    }
    return out + "\r\n";
}

}  // namespace qingyuan
