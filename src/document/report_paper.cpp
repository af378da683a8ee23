// The laid-out report on paper: titles, ruled tables that repeat their header, notes below them.
#include <algorithm>

#include "base/text.hpp"
#include "document/report_tables.hpp"

namespace qingyuan::document {

namespace {

constexpr std::size_t columns_upright_max = 8;  ///< a wider table turns the page
constexpr std::size_t words_share_max = 18;     ///< no column takes more of the width than so many characters

/// Half-width characters, two to a CJK character.
std::size_t width_of(const std::string& text) {
    std::size_t halves = 0;
    for (const char32_t c : code_points(text)) halves += c < 0x2000 ? 1 : 2;
    return halves;
}

/// Shares of the width after what stands in the columns; a heading may be broken in two.
std::vector<int> widths_of(const ReportTable& table) {
    std::vector<int> out;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        std::size_t widest = (width_of(table.columns[i]) + 1) / 2 + 1;
        for (const auto& row : table.rows)
            if (i < row.size()) widest = std::max(widest, width_of(row[i]));
        out.push_back(static_cast<int>(std::clamp<std::size_t>(widest, 4, words_share_max * 2)));
    }
    return out;
}

PaperTable ruled(const ReportTable& table, double size) {
    PaperTable out{widths_of(table), 1, {}, size};
    TableRow header;
    for (const std::string& column : table.columns) header.cells.push_back({{{column, true}}, Align::centre});
    out.rows.push_back(std::move(header));
    std::size_t index = 0;
    for (const auto& row : table.rows) {
        const bool bold = table.last_is_total && ++index == table.rows.size();
        TableRow line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool number = i < table.is_number.size() && table.is_number[i];
            line.cells.push_back({{{row[i], bold}}, number ? Align::right : Align::left});
        }
        out.rows.push_back(std::move(line));
    }
    return out;
}

void put(Paper& paper, const ReportTable& table) {
    paper.blocks.emplace_back(Paragraph{{{table.title, true}}, Align::left, 0, 14, 10, true});
    const double size = table.columns.size() > columns_upright_max ? 8.5 : 10.5;
    if (!table.rows.empty()) paper.blocks.emplace_back(ruled(table, size));
    for (const std::string& note : table.notes)
        paper.blocks.emplace_back(Paragraph{{{note}}, Align::left, 0, 9, 0, false});
}

}  // namespace

Result<Paper> report_paper(const ReportLayout& layout, Date as_of, bool sample_data, Language language) {
    Paper paper;
    paper.size_pt = 12;
    paper.line_pt = 20;
    paper.title = layout.title;
    paper.dated = as_of;
    if (sample_data) paper.mark = language == Language::zh ? "样本数据" : "SAMPLE DATA";
    const auto wide = [](const ReportTable& table) { return table.columns.size() > columns_upright_max; };
    paper.landscape = std::ranges::any_of(layout.tables, wide) || std::ranges::any_of(layout.appendix, wide);
    paper.blocks.emplace_back(Paragraph{{{layout.organisation, true}}, Align::centre, 0, 16, 0, true});
    paper.blocks.emplace_back(Paragraph{{{layout.title, true}}, Align::centre, 0, 20, 4, true});
    for (const std::string& fact : layout.facts)
        paper.blocks.emplace_back(Paragraph{{{fact}}, Align::centre, 0, 9, 0, false});
    for (const ReportTable& table : layout.tables) put(paper, table);
    if (!layout.appendix.empty()) paper.blocks.emplace_back(PageBreak{});
    for (const ReportTable& table : layout.appendix) put(paper, table);
    TRY(settle_characters(paper));
    return paper;
}

}  // namespace qingyuan::document
