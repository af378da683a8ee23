#include "observe/table_row.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::size_t code_bytes_max = 512;  // as scanned

/// A code that a spreadsheet took for a number: 8.1E+19.
bool is_spreadsheet_number(std::string_view text) {
    return text.find_first_not_of("0123456789.E+") == std::string_view::npos &&
           text.find("E+") != std::string_view::npos;
}

}  // namespace

bool TableRow::scanned_code(std::size_t column, packs::ScannedCode& out) {
    const std::string_view text = cell(column);
    if (text.empty()) {
        fail(column, ErrorCode::field_missing, "the code is empty", "give the code as scanned");
    } else if (text.size() > code_bytes_max) {
        fail(column, ErrorCode::cell_too_large,
             fmt::format("{} bytes; {} are allowed", text.size(), code_bytes_max),
             "give the code as scanned");
    } else if (is_spreadsheet_number(text)) {
        fail(column, ErrorCode::code_malformed, "a spreadsheet made a number of the code and lost its digits",
             "export again with the column as text");
    } else {
        auto scanned = packs::parse_code(text);
        if (scanned) {
            out = std::move(*scanned);
            return true;
        }
        const Error& error = scanned.error();
        fail(column, error.code, error.message.empty() ? std::string(error.info().en) : error.message,
             error.next.empty() ? "scan it again" : error.next);
    }
    return false;
}

}  // namespace qingyuan::observe
