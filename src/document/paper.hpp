// A page as people hand it on: paragraphs, ruled tables, a seal, a code to check it by. Two back ends draw
// it, PDF (Pango, Cairo) and DOCX (libzip); both say the same. Measures after GB/T 9704-2012: A4, 37 mm above
// and 28 mm beside the text, which is 156 mm by 225 mm; 22 lines of 三号 on a page of a letter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::document {

struct Run {
    std::string text;  ///< UTF-8; a line feed begins a new line
    bool bold = false;
};
using Runs = std::vector<Run>;

enum class Align : std::uint8_t { left, centre, right, justify };

struct Paragraph {
    Runs runs;
    Align align = Align::justify;
    int indent_em = 0;     ///< of the first line, in characters
    double size_pt = 0;    ///< 0 = of the paper
    double before_pt = 0;  ///< space above
    bool keep_with_next = false;
};

struct TableCell {
    Runs runs;
    Align align = Align::left;
    int span = 1;
    std::string foot = {};  ///< at the right below the text: name and day of an opinion
};

struct TableRow {
    std::vector<TableCell> cells;
    double height_mm = 0;  ///< at least
};

struct PaperTable {
    std::vector<int> widths;  ///< shares of the text's width
    int header_rows = 0;      ///< repeated on every page
    std::vector<TableRow> rows;
    double size_pt = 0;  ///< 0 = of the paper
};

/// Authority and day at the right, with room for the seal above them.
struct SealBlock {
    std::string authority;
    std::string day;
};
struct RuleBlock {};
struct PageBreak {};

using Block = std::variant<Paragraph, PaperTable, SealBlock, RuleBlock, PageBreak>;

struct Paper {
    std::string title;  ///< for the file's properties
    std::vector<Block> blocks;
    double size_pt = 16;
    double line_pt = 29;  ///< from baseline to baseline
    bool landscape = false;
    bool is_sheet = false;                ///< a ruled form: narrower margins, so that it fits one page
    Date dated;                           ///< of the file's properties: no clock is read
    std::string code;                     ///< text of the QR on every page, empty = none
    std::vector<std::string> code_notes;  ///< small lines beside it
    std::string mark;                     ///< across every page: 草稿, 样本数据
};

/// Something a person must look at before the paper goes out.
struct Warning {
    std::string name;   ///< character_without_font, control_character
    std::string where;  ///< the words around it
    std::string text;
};

/// Margins in millimetres.
struct Margins {
    double top, right, bottom, left;
};
[[nodiscard]] Margins margins_of(const Paper& paper);
[[nodiscard]] double text_width_mm(const Paper& paper);

constexpr std::size_t paper_bytes_max = 4 * 1024 * 1024;  ///< of all texts together
constexpr int pages_max = 500;

/// The mark that stands for a character no font has (geta, U+3013).
constexpr std::string_view no_glyph = "〓";

/// SM3 of everything the paper says, in order, without its code and its mark: the same words give the same
/// digest in every back end.
[[nodiscard]] Digest content_digest(const Paper& paper);

/// Puts the mark in the place of every character that no font here has and of control characters, and says
/// so. too_large, encoding_invalid.
[[nodiscard]] Result<std::vector<Warning>> settle_characters(Paper& paper);

struct PdfFile {
    std::string bytes;
    int pages = 0;
};
/// The same paper gives the same bytes where the same fonts are installed. Errors: too_large (pages),
/// io_failed (Cairo says why).
[[nodiscard]] Result<PdfFile> write_pdf(const Paper& paper);

/// The first pages one below the other as a picture, `scale` pixels a point: what a screen shows of a draft.
/// Errors as write_pdf.
[[nodiscard]] Result<std::string> write_png(const Paper& paper, double scale, int pages_shown);

/// All papers small on sheets of A3, twenty-one pages each, a name above every page: for eyes. Errors as
/// write_pdf.
[[nodiscard]] Result<PdfFile> write_contact_sheet(const std::vector<Paper>& papers,
                                                  const std::vector<std::string>& names);

/// The bytes of a .docx file, equal for equal papers. Its page breaks are the word processor's. io_failed.
[[nodiscard]] Result<std::string> write_docx(const Paper& paper);

/// Calls `each(std::string& text)` on every text of the paper, in order.
template <class Each>
void each_text(Paper& paper, Each each) {
    const auto runs = [&](Runs& all) {
        for (Run& run : all) each(run.text);
    };
    for (Block& block : paper.blocks) {
        if (auto* paragraph = std::get_if<Paragraph>(&block)) {
            runs(paragraph->runs);
        } else if (auto* seal = std::get_if<SealBlock>(&block)) {
            each(seal->authority);
            each(seal->day);
        } else if (auto* table = std::get_if<PaperTable>(&block)) {
            for (TableRow& row : table->rows)
                for (TableCell& cell : row.cells) {
                    runs(cell.runs);
                    each(cell.foot);
                }
        }
    }
}

}  // namespace qingyuan::document
