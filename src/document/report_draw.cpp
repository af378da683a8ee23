// The laid-out report as text for a terminal and as a printable page.
#include <algorithm>

#include <fmt/format.h>
#include <unicode/uchar.h>

#include "base/text.hpp"
#include "document/report_tables.hpp"

namespace qingyuan::document {

namespace {

/// Columns a text takes in a terminal: two for a wide East Asian character.
std::size_t width_of(const std::string& text) {
    std::size_t width = 0;
    for (const char32_t point : code_points(text)) {
        const int kind = u_getIntPropertyValue(static_cast<UChar32>(point), UCHAR_EAST_ASIAN_WIDTH);
        width += kind == U_EA_WIDE || kind == U_EA_FULLWIDTH ? 2 : 1;
    }
    return width;
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
    const std::string space(width - std::min(width, width_of(text)), ' ');
    return to_the_right ? space + text : text + space;
}

std::string without_end(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

/// A heading cut into lines no wider than `width`, at blanks where it has any.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
    std::vector<std::string> lines = {""};
    for (std::size_t at = 0; at < text.size();) {
        std::size_t next = at + 1;
        while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
        const std::string point = text.substr(at, next - at);
        std::size_t ahead = text.find(' ', next);
        const bool is_word =
            point == " " &&
            width_of(lines.back()) + width_of(text.substr(at, std::min(ahead, text.size()) - at)) > width;
        if (is_word || width_of(lines.back()) + width_of(point) > width) lines.emplace_back();
        if (point != " " || !lines.back().empty()) lines.back() += point;
        at = next;
    }
    return lines;
}

std::string draw(const ReportTable& table) {
    constexpr std::size_t heading_width = 14;
    std::vector<std::size_t> widths(table.columns.size());
    for (const auto& row : table.rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    std::vector<std::vector<std::string>> headings;
    std::size_t heading_lines = 1;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        headings.push_back(wrapped(table.columns[i], std::max(widths[i], heading_width)));
        for (const std::string& line : headings.back()) widths[i] = std::max(widths[i], width_of(line));
        heading_lines = std::max(heading_lines, headings.back().size());
    }
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string out;
        for (std::size_t i = 0; i < cells.size(); ++i)
            out += (i == 0 ? "" : "  ") + padded(cells[i], widths[i], table.is_number[i]);
        return without_end(out);
    };
    std::size_t total = widths.empty() ? 0 : 2 * (widths.size() - 1);
    for (const std::size_t width : widths) total += width;
    const std::string rule = std::string(total, '-') + "\n";
    std::string out = table.title + "\n" + rule;
    for (std::size_t at = 0; at < heading_lines; ++at) {
        std::vector<std::string> cells;
        for (const auto& heading : headings) {
            const std::size_t empty = heading_lines - heading.size();  // headings stand on their last line
            cells.push_back(at < empty ? std::string() : heading[at - empty]);
        }
        out += line(cells);
    }
    out += rule;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        if (table.last_is_total && i + 1 == table.rows.size()) out += rule;
        out += line(table.rows[i]);
    }
    for (const std::string& note : table.notes) out += note + "\n";
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

std::string drawn_html(const ReportTable& table) {
    const auto line = [&](const std::vector<std::string>& cells, std::string_view tag) {
        std::string out = "<tr>";
        for (std::size_t i = 0; i < cells.size(); ++i)
            out += fmt::format("<{0}{1}>{2}</{0}>", tag, table.is_number[i] ? " class=\"n\"" : "",
                               escaped(cells[i]));
        return out + "</tr>\n";
    };
    std::string out = fmt::format("<h2>{}</h2>\n<table>\n<thead>{}</thead>\n<tbody>\n", escaped(table.title),
                                  line(table.columns, "th"));
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        out += line(table.rows[i], table.last_is_total && i + 1 == table.rows.size() ? "th" : "td");
    out += "</tbody>\n</table>\n";
    for (const std::string& note : table.notes)
        out += fmt::format("<p class=\"note\">{}</p>\n", escaped(note));
    return out;
}

constexpr std::string_view style = R"(
body { font: 14px/1.6 serif; color: #222; max-width: 1080px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 26px; margin: 0; }
h2 { font-size: 17px; margin: 1.8em 0 .4em; }
table { border-collapse: collapse; width: 100%; border-top: 2px solid #222; border-bottom: 1px solid #222; }
th, td { text-align: left; padding: 3px 8px; border-bottom: 1px solid #ddd; font-weight: normal; }
tbody th { border-top: 1px solid #222; font-weight: bold; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.note, .facts { color: #555; font-size: 12px; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
)";

}  // namespace

std::string report_text(const ReportLayout& layout) {
    std::string out = layout.organisation + "\n" + layout.title + "\n\n";
    for (const std::string& fact : layout.facts) out += fact + "\n";
    for (const ReportTable& table : layout.tables) out += "\n" + draw(table);
    return out;
}

std::string report_html(const ReportLayout& layout, Language language) {
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta "
        "charset=\"utf-8\">\n<title>{}</title>\n<style>{}</style>\n"
        "</head>\n<body>\n<p>{}</p>\n<h1>{}</h1>\n<p class=\"facts\">",
        language == Language::zh ? "zh-CN" : "en", escaped(layout.title), style, escaped(layout.organisation),
        escaped(layout.title));
    for (const std::string& fact : layout.facts) out += escaped(fact) + "<br>\n";
    out += "</p>\n";
    for (const ReportTable& table : layout.tables) out += drawn_html(table);
    for (const ReportTable& table : layout.appendix) out += drawn_html(table);
    return out + "</body>\n</html>\n";
}

}  // namespace qingyuan::document
