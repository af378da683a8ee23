// The PDF back end: lines set on a fixed pitch, tables ruled and continued with their header on the next
// page, a code and a page number at the foot of every page.
#include <algorithm>
#include <cmath>

#include <cairo-pdf.h>
#include <functional>

#include <fmt/format.h>
#include <qrencode.h>

#include "document/code.hpp"
#include "document/typesetting.hpp"

namespace qingyuan::document {

namespace {

constexpr double mm = points_a_mm;
constexpr double sheet_short = 210 * mm, sheet_long = 297 * mm;
constexpr double cell_pad_x = 1.6 * mm, cell_pad_y = 1.3 * mm;
constexpr double hairline = 0.5;
constexpr double code_size = 18 * mm;
constexpr double foot_gap = 7 * mm;  ///< GB/T 9704-2012, 7.5: the page number stands 7 mm below the text
constexpr double seal_height = 14 * mm;

cairo_status_t collect(void* closure, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

/// A cell that is set: its lines, and how many of them have been drawn.
struct SetCell {
    double x = 0, width = 0;
    Layout text;
    Layout foot;
    int lines = 0;
    int drawn = 0;
};

class Press {
 public:
    explicit Press(const Paper& paper)
        : paper_(paper),
          width_(paper.landscape ? sheet_long : sheet_short),
          height_(paper.landscape ? sheet_short : sheet_long),
          left_(margins_of(paper).left * mm),
          top_(margins_of(paper).top * mm),
          text_width_(text_width_mm(paper) * mm),
          bottom_(height_ - margins_of(paper).bottom * mm) {}

    /// Where a page goes on a surface that is somebody else's: it sets the transformation.
    using Place = std::function<void(cairo_t* drawing, int page)>;

    [[nodiscard]] double width() const { return width_; }
    [[nodiscard]] double height() const { return height_; }
    Result<int> count() {
        CHECK(run(0));
        return page_;
    }
    /// Draws the paper, whose pages were counted, on a surface of the caller's.
    Result<void> draw(cairo_t* drawing, const Place& place, int pages) {
        place_ = place;
        drawing_ = drawing;
        pages_ = pages;
        page_ = 0;
        context_ = text_context();
        set();
        drawing_ = nullptr;
        place_ = {};
        return {};
    }

    /// Sets the paper twice: the first time to count its pages.
    Result<PdfFile> print() {
        CHECK(run(0));
        const int pages = page_;
        CHECK(run(pages));
        return PdfFile{std::move(bytes_), pages};
    }

 private:
    Result<void> run(int pages) {
        bytes_.clear();
        page_ = 0;
        pages_ = pages;
        const bool counting = pages == 0;
        // Counting sets every line but draws none: no surface, no fonts embedded.
        Surface surface;
        Drawing drawing;
        if (!counting) {
            surface.reset(cairo_pdf_surface_create_for_stream(collect, &bytes_, width_, height_));
            describe(surface.get());
            drawing.reset(cairo_create(surface.get()));
        }
        drawing_ = drawing.get();
        context_ = text_context();
        set();
        if (page_ > pages_max)
            return Error{ErrorCode::too_large,
                         fmt::format("the document has more than {} pages", pages_max),
                         "document",
                         {},
                         "attach long material instead"};
        if (counting) return {};
        drawing.reset();
        drawing_ = nullptr;
        cairo_surface_finish(surface.get());
        const cairo_status_t status = cairo_surface_status(surface.get());
        if (status != CAIRO_STATUS_SUCCESS)
            return Error{ErrorCode::io_failed, cairo_status_to_string(status), "pdf"};
        return {};
    }

    void set() {
        begin_page();
        for (at_ = 0; at_ < paper_.blocks.size() && page_ <= pages_max; ++at_)
            std::visit([this](const auto& one) { put(one); }, paper_.blocks[at_]);
        end_page();
    }

    void describe(cairo_surface_t* surface) const {
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, paper_.title.c_str());
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Qingyuan");
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                       (paper_.dated.text() + "T00:00:00").c_str());
    }

    // --- pages

    void begin_page() {
        ++page_;
        y_ = top_;
        if (drawing_ != nullptr && place_) place_(drawing_, page_);
        if (drawing_ != nullptr && !paper_.mark.empty()) draw_mark();
    }
    void end_page() {
        if (drawing_ == nullptr) return;
        const double y = bottom_ + foot_gap;
        if (!paper_.code.empty()) draw_code(y);
        const std::string number =
            pages_ > 0 ? fmt::format("第 {} 页　共 {} 页", page_, pages_) : fmt::format("第 {} 页", page_);
        draw_text({{number}}, 10.5, left_, y + 10, text_width_, Align::centre);
        if (!place_) cairo_show_page(drawing_);
    }
    void next_page() {
        end_page();
        begin_page();
    }
    [[nodiscard]] double room() const { return bottom_ - y_; }
    [[nodiscard]] bool at_top() const { return y_ <= top_ + 0.01; }

    void draw_mark() {
        cairo_save(drawing_);
        cairo_set_source_rgb(drawing_, 0.92, 0.92, 0.92);
        cairo_translate(drawing_, width_ / 2, height_ / 2);
        cairo_rotate(drawing_, -std::atan2(height_, width_));
        const Layout layout = lay_out(context_.get(), {{paper_.mark, true}}, 64, width_ * 1.4, Align::centre);
        int high = 0;
        pango_layout_get_size(layout.get(), nullptr, &high);
        cairo_move_to(drawing_, -width_ * 0.7, -static_cast<double>(high) / PANGO_SCALE / 2);
        pango_cairo_show_layout(drawing_, layout.get());
        cairo_restore(drawing_);
    }

    void draw_code(double y) {
        const CodePicture picture = code_picture(paper_.code);
        const double module = code_size / picture.width;
        // Runs of dark modules are drawn as one bar: fewer strokes, and no seams between them.
        for (int row = 0; row < picture.width; ++row)
            for (int column = 0; column < picture.width; ++column) {
                int end = column;
                while (end < picture.width && picture.dark(row, end)) ++end;
                if (end == column) continue;
                cairo_rectangle(drawing_, left_ + column * module, y + row * module, (end - column) * module,
                                module);
                column = end;
            }
        cairo_fill(drawing_);
        double line = y + 8;
        for (const std::string& note : paper_.code_notes) {
            draw_text({{note}}, 7, left_ + code_size + 2.5 * mm, line, 40 * mm, Align::left);
            line += 10;
        }
    }

    /// One line of text with its baseline at y.
    void draw_text(const Runs& runs, double size, double x, double baseline, double width, Align align) {
        const Layout layout = lay_out(context_.get(), runs, size, width, align);
        const LayoutIterator at(pango_layout_get_iter(layout.get()));
        draw_line(at.get(), x, baseline);
    }
    void draw_line(PangoLayoutIter* at, double x, double baseline) {
        if (drawing_ == nullptr) return;
        PangoRectangle extents;
        pango_layout_iter_get_line_extents(at, nullptr, &extents);
        cairo_move_to(drawing_, x + static_cast<double>(extents.x) / PANGO_SCALE, baseline);
        pango_cairo_show_layout_line(drawing_, pango_layout_iter_get_line_readonly(at));
    }

    // --- blocks

    [[nodiscard]] double pitch_of(double size) const {
        return size == paper_.size_pt ? paper_.line_pt : std::max(size * 1.5, size + 6);
    }
    /// From the top of a line's slot to its baseline: the text stands in the middle of the slot.
    [[nodiscard]] static double drop(double size, double pitch) { return (pitch - size) / 2 + size * 0.86; }

    [[nodiscard]] double size_of(const Paragraph& paragraph) const {
        return paragraph.size_pt > 0 ? paragraph.size_pt : paper_.size_pt;
    }
    [[nodiscard]] Layout layout_of(const Paragraph& paragraph) const {
        return lay_out(context_.get(), paragraph.runs, size_of(paragraph), text_width_, paragraph.align,
                       paragraph.indent_em);
    }

    /// What must find room on a page for the block to begin there.
    [[nodiscard]] double needs(std::size_t index) const {
        if (index >= paper_.blocks.size()) return 0;
        const Block& block = paper_.blocks[index];
        if (std::holds_alternative<SealBlock>(block)) return seal_needs();
        if (const auto* table = std::get_if<PaperTable>(&block))
            return (table->header_rows + 1) * (paper_.line_pt + 2 * cell_pad_y);
        const auto* paragraph = std::get_if<Paragraph>(&block);
        if (paragraph == nullptr) return 0;
        const int lines = std::min(2, pango_layout_get_line_count(layout_of(*paragraph).get()));
        const double own = paragraph->before_pt + lines * pitch_of(size_of(*paragraph));
        return paragraph->keep_with_next ? own + needs(index + 1) : own;
    }

    void put(const Paragraph& paragraph) {
        const double size = size_of(paragraph), pitch = pitch_of(size);
        const Layout layout = layout_of(paragraph);
        const int lines = pango_layout_get_line_count(layout.get());
        // What belongs together stays so: a heading with its text, the last two lines with the seal, and no
        // line of a paragraph alone.
        const double tail = paragraph.keep_with_next ? needs(at_ + 1) : 0;
        if (!at_top()) y_ += paragraph.before_pt;
        if (room() < std::min(lines, 2) * pitch && !at_top()) next_page();
        const LayoutIterator at(pango_layout_get_iter(layout.get()));
        for (int line = 0; line < lines; ++line) {
            const double wanted = line == std::max(0, lines - 2) ? (lines - line) * pitch + tail : pitch;
            if (room() < wanted - 0.01 && !at_top()) {
                next_page();
                if (page_ > pages_max) return;
            }
            draw_line(at.get(), left_, y_ + drop(size, pitch));
            y_ += pitch;
            pango_layout_iter_next_line(at.get());
        }
    }

    /// With the line about copies below it.
    [[nodiscard]] double seal_needs() const { return seal_height + 3 * paper_.line_pt + 12 + 17; }
    void put(const SealBlock& seal) {
        const double size = paper_.size_pt, pitch = paper_.line_pt;
        if (room() < seal_needs() && !at_top()) next_page();
        y_ += seal_height;
        // GB/T 9704-2012, 7.3.5: the day stands four characters from the right edge, the authority above it.
        const double block = text_width_ - 2 * size;
        for (const std::string& text : {seal.authority, seal.day}) {
            draw_text({{text}}, size, left_, y_ + drop(size, pitch), block, Align::right);
            y_ += pitch;
        }
        draw_text({{"（印章）"}}, size * 0.8, left_, y_ + drop(size, pitch) - pitch * 0.2, block,
                  Align::right);
        y_ += pitch;
    }
    void put(const RuleBlock&) {
        if (room() < 12) next_page();
        y_ += 6;
        stroke(left_, y_, left_ + text_width_, y_);
        y_ += 6;
    }
    void put(const PageBreak&) { next_page(); }

    // --- tables

    void stroke(double x1, double y1, double x2, double y2) {
        if (drawing_ == nullptr) return;
        cairo_set_line_width(drawing_, hairline);
        cairo_move_to(drawing_, x1, y1);
        cairo_line_to(drawing_, x2, y2);
        cairo_stroke(drawing_);
    }

    /// What the paragraphs after a table need that stand with names or a seal: the last row goes along when
    /// they find no room, so that nobody signs a page without a word of what is signed.
    [[nodiscard]] double signed_tail() const {
        const auto* next =
            at_ + 1 < paper_.blocks.size() ? std::get_if<Paragraph>(&paper_.blocks[at_ + 1]) : nullptr;
        return next != nullptr && next->keep_with_next ? needs(at_ + 1) : 0;
    }
    [[nodiscard]] double height_of(const PaperTable& table, const TableRow& row, double size) {
        int lines = 1;
        bool has_foot = false;
        for (const SetCell& cell : set_cells(table, row, size)) {
            lines = std::max(lines, cell.lines);
            has_foot = has_foot || cell.foot;
        }
        return std::max((lines + (has_foot ? 1 : 0)) * pitch_of(size) + 2 * cell_pad_y, row.height_mm * mm);
    }

    void put(const PaperTable& table) {
        const double size = table.size_pt > 0 ? table.size_pt : paper_.size_pt;
        const double tail = signed_tail();
        std::size_t row = 0;
        for (const TableRow& one : table.rows) {
            const bool is_header = row++ < static_cast<std::size_t>(table.header_rows);
            const double last = row == table.rows.size() && tail > 0 ? height_of(table, one, size) : 0;
            // A row too tall to move with its names stays where it is.
            if (last > 0 && room() < last + tail && last + tail < (bottom_ - top_) * 0.6 && !at_top()) {
                next_page();
                if (!is_header) repeat_header(table, size);
            }
            draw_row(table, one, size, is_header);
            if (page_ > pages_max) return;
        }
    }

    std::vector<SetCell> set_cells(const PaperTable& table, const TableRow& row, double size) {
        int all = 0;
        for (const int width : table.widths) all += width;
        std::vector<SetCell> cells;
        std::size_t column = 0;
        double x = left_;
        for (const TableCell& cell : row.cells) {
            int share = 0;
            for (int i = 0; i < cell.span && column < table.widths.size(); ++i)
                share += table.widths[column++];
            const double width = text_width_ * share / all;
            const double inner = width - 2 * cell_pad_x;
            SetCell set{x, width, lay_out(context_.get(), cell.runs, size, inner, cell.align), {}, 0, 0};
            set.lines = pango_layout_get_line_count(set.text.get());
            if (!cell.foot.empty())
                set.foot = lay_out(context_.get(), {{cell.foot}}, size, inner, Align::right);
            cells.push_back(std::move(set));
            x += width;
        }
        return cells;
    }

    /// The lines of a row that fit, then the rest on the next page under the header.
    void draw_row(const PaperTable& table, const TableRow& row, double size, bool is_header) {
        const double pitch = pitch_of(size);
        std::vector<SetCell> cells = set_cells(table, row, size);
        while (true) {
            int lines = 1;
            bool has_foot = false;
            for (const SetCell& cell : cells) {
                has_foot = has_foot || cell.foot;
                lines = std::max(lines, cell.lines - cell.drawn);
            }
            const double rest = lines * pitch + (has_foot ? pitch : 0) + 2 * cell_pad_y;
            const double wanted = std::max(rest, row.height_mm * mm);
            if (wanted <= room() + 0.01) {
                draw_part(row, cells, lines, wanted, size, true);
                return;
            }
            const double whole = bottom_ - top_;
            const int fitting = static_cast<int>((room() - 2 * cell_pad_y) / pitch);
            // A row that fits a page of its own is not divided.
            if (wanted <= whole * 0.6 || fitting < 2) {
                if (at_top()) {  // a minimum height larger than the page
                    draw_part(row, cells, lines, room(), size, true);
                    return;
                }
                next_page();
                if (!is_header) repeat_header(table, size);
                if (page_ > pages_max) return;
                continue;
            }
            draw_part(row, cells, std::min(fitting, lines), room(), size, false);
            next_page();
            if (!is_header) repeat_header(table, size);
            if (page_ > pages_max) return;
        }
    }

    void repeat_header(const PaperTable& table, double size) {
        for (int i = 0; i < table.header_rows; ++i)
            draw_row(table, table.rows[static_cast<std::size_t>(i)], size, true);
    }

    void draw_part(const TableRow& row, std::vector<SetCell>& cells, int lines, double height, double size,
                   bool is_last) {
        const double pitch = pitch_of(size);
        std::size_t index = 0;
        for (SetCell& cell : cells) {
            const TableCell& said = row.cells[index++];
            const int now = std::min(lines, cell.lines - cell.drawn);
            // A value stands at the top, a short label or value in the middle of its cell.
            const double slack = height - 2 * cell_pad_y - now * pitch - (cell.foot ? pitch : 0);
            const bool top = cell.foot || (now > 1 && said.align == Align::left && cell.drawn > 0);
            double y = y_ + cell_pad_y + (top ? 0 : std::max(0.0, slack / 2));
            const LayoutIterator at(pango_layout_get_iter(cell.text.get()));
            for (int i = 0; i < cell.drawn; ++i) pango_layout_iter_next_line(at.get());
            for (int i = 0; i < now; ++i) {
                draw_line(at.get(), cell.x + cell_pad_x, y + drop(size, pitch));
                y += pitch;
                pango_layout_iter_next_line(at.get());
            }
            cell.drawn += now;
            if (cell.foot && is_last) {
                const LayoutIterator foot(pango_layout_get_iter(cell.foot.get()));
                draw_line(foot.get(), cell.x + cell_pad_x,
                          y_ + height - cell_pad_y - pitch + drop(size, pitch));
            }
            if (drawing_ == nullptr) continue;
            cairo_set_line_width(drawing_, hairline);
            cairo_rectangle(drawing_, cell.x, y_, cell.width, height);
            cairo_stroke(drawing_);
        }
        y_ += height;
    }

    const Paper& paper_;
    double width_, height_, left_, top_, text_width_, bottom_;
    std::string bytes_;
    PangoContextHeld context_;
    cairo_t* drawing_ = nullptr;
    Place place_;  ///< set while the surface is somebody else's
    double y_ = 0;
    std::size_t at_ = 0;  ///< the block that is being put
    int page_ = 0;
    int pages_ = 0;
};

}  // namespace

Result<PdfFile> write_pdf(const Paper& paper) {
    return Press(paper).print();
}

Result<std::string> write_png(const Paper& paper, double scale, int pages_shown) {
    Press press(paper);
    const int pages = TRY(press.count());
    const int shown = std::min(pages, pages_shown);
    const int width = static_cast<int>(press.width() * scale);
    const int height = static_cast<int>(press.height() * scale);
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height * shown));
    const Drawing drawing(cairo_create(surface.get()));
    cairo_set_source_rgb(drawing.get(), 1, 1, 1);
    cairo_paint(drawing.get());
    cairo_set_source_rgb(drawing.get(), 0, 0, 0);
    // What lies below the picture is cut off by it.
    CHECK(press.draw(
        drawing.get(),
        [&](cairo_t* on, int page) {
            cairo_identity_matrix(on);
            cairo_scale(on, scale, scale);
            cairo_translate(on, 0, press.height() * (page - 1));
        },
        pages));
    std::string bytes;
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), collect, &bytes);
    if (status != CAIRO_STATUS_SUCCESS)
        return Error{ErrorCode::io_failed, cairo_status_to_string(status), "png"};
    return bytes;
}

namespace {

/// The grid of a contact sheet: A3 across, seven pages in a row, three rows, a name above each.
struct Grid {
    static constexpr double width = 1190.55, height = 841.89, edge = 24, gap = 12, name = 14;
    static constexpr int columns = 7, rows = 3;
    int at = 0;

    [[nodiscard]] bool is_full() const { return at == columns * rows; }
    [[nodiscard]] double cell_width() const { return (width - 2 * edge - (columns - 1) * gap) / columns; }
    [[nodiscard]] double cell_height() const { return (height - 2 * edge - (rows - 1) * gap) / rows; }
    [[nodiscard]] double left() const { return edge + (at % columns) * (cell_width() + gap); }
    [[nodiscard]] double top() const {
        return edge + static_cast<double>(at / columns) * (cell_height() + gap);
    }
};

void put_name(cairo_t* on, const PangoContextHeld& context, const Grid& grid, const std::string& name) {
    const Layout layout = lay_out(context.get(), {{name}}, 6.5, grid.cell_width(), Align::left);
    cairo_identity_matrix(on);
    cairo_set_source_rgb(on, 0, 0, 0);
    cairo_move_to(on, grid.left(), grid.top());
    pango_cairo_show_layout(on, layout.get());
}

void put_frame(cairo_t* on, const Grid& grid, double scale, double width, double height) {
    cairo_identity_matrix(on);
    cairo_set_line_width(on, 0.3);
    cairo_set_source_rgb(on, 0.6, 0.6, 0.6);
    cairo_rectangle(on, grid.left(), grid.top() + Grid::name, width * scale, height * scale);
    cairo_stroke(on);
    cairo_set_source_rgb(on, 0, 0, 0);
}

}  // namespace

Result<PdfFile> write_contact_sheet(const std::vector<Paper>& papers, const std::vector<std::string>& names) {
    QY_ASSERT(papers.size() == names.size());
    PdfFile out{{}, 1};
    Surface surface(cairo_pdf_surface_create_for_stream(collect, &out.bytes, Grid::width, Grid::height));
    Drawing drawing(cairo_create(surface.get()));
    const PangoContextHeld context = text_context();
    Grid grid;
    for (std::size_t i = 0; i < papers.size(); ++i) {
        Press press(papers[i]);
        const int pages = TRY(press.count());
        const double scale =
            std::min(grid.cell_width() / press.width(), (grid.cell_height() - Grid::name) / press.height());
        CHECK(press.draw(
            drawing.get(),
            [&](cairo_t* on, int page) {
                if (grid.is_full()) {
                    cairo_show_page(on);
                    grid.at = 0;
                    ++out.pages;
                }
                put_name(on, context, grid,
                         pages == 1 ? names[i] : fmt::format("{}（{}/{}）", names[i], page, pages));
                put_frame(on, grid, scale, press.width(), press.height());
                cairo_translate(on, grid.left(), grid.top() + Grid::name);
                cairo_scale(on, scale, scale);
                ++grid.at;
            },
            pages));
    }
    cairo_show_page(drawing.get());
    drawing.reset();
    cairo_surface_finish(surface.get());
    const cairo_status_t status = cairo_surface_status(surface.get());
    if (status != CAIRO_STATUS_SUCCESS)
        return Error{ErrorCode::io_failed, cairo_status_to_string(status), "pdf"};
    return out;
}

}  // namespace qingyuan::document
