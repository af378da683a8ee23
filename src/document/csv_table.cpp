#include "base/csv.hpp"
#include "document/table.hpp"

namespace qingyuan::document {

std::string text_of(const Cell& cell, const Column& column) {
    return std::visit(
        [&]<class T>(const T& value) -> std::string {
            if constexpr (std::is_same_v<T, std::monostate>) return {};
            else if constexpr (std::is_same_v<T, std::string>) return value;
            else if constexpr (std::is_same_v<T, std::int64_t>) return std::to_string(value);
            else if constexpr (std::is_same_v<T, Rational>)
                return column.type == ColumnType::share ? value.percent(column.decimals) + "%"
                                                        : value.text(column.decimals);
            else return value.text();
        },
        cell);
}

bool looks_like_formula(std::string_view text) {
    if (!text.empty() && std::string_view("\t\r\n").find(text.front()) != std::string_view::npos) return true;
    // Tab and carriage return in front are passed over by spreadsheets; ＝＋－＠ are made half-width on input
    // by some.
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return false;
    text.remove_prefix(first);
    if (std::string_view("=+-@").find(text.front()) != std::string_view::npos) return true;
    for (const std::string_view wide : {"＝", "＋", "－", "＠"})
        if (text.starts_with(wide)) return true;
    return false;
}

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string safe(std::string text) {
    return looks_like_formula(text) ? "'" + text : text;
}

}  // namespace

std::string csv_notes(const std::vector<std::pair<std::string, std::string>>& notes) {
    std::string out(byte_order_mark);
    for (const auto& [label, text] : notes) out += csv_line({safe(label), safe(text)});
    if (!notes.empty()) out += "\r\n";
    return out;
}

std::string write_csv(const Table& table, const std::vector<std::pair<std::string, std::string>>& notes) {
    return csv_notes(notes) + write_csv(table).substr(byte_order_mark.size());
}

std::string write_csv(const Table& table) {
    std::string out(byte_order_mark);
    std::vector<std::string> cells;
    for (const Column& column : table.columns)
        cells.push_back(safe(column.unit.empty() ? column.name : column.name + " (" + column.unit + ")"));
    out += csv_line(cells);
    for (const std::vector<Cell>& row : table.rows) {
        QY_ASSERT(row.size() == table.columns.size());
        cells.clear();
        // A number of ours may be negative: only text that came from outside can be a formula.
        for (std::size_t at = 0; at < row.size(); ++at) {
            std::string text = text_of(row[at], table.columns[at]);
            cells.push_back(std::holds_alternative<std::string>(row[at]) ? safe(std::move(text))
                                                                         : std::move(text));
        }
        out += csv_line(cells);
    }
    return out;
}

}  // namespace qingyuan::document
