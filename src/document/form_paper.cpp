// A form's lines and a dossier's values as blocks of a paper.
#include "document/form_paper.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "document/chinese.hpp"
#include "document/code.hpp"

namespace qingyuan::document {

namespace {

constexpr std::string_view line_to_write_on = "＿";  // joins into one line in CJK fonts
constexpr std::string_view blank_day = "　　　　年　　月　　日";
constexpr int usual_blank_em = 8;
constexpr int long_blank_em = 20;  ///< from here on a blank fills the rest of its line
constexpr double opinion_height_mm = 28;
constexpr double value_height_mm = 9;
constexpr std::string_view opinion_foot = "签名：　　　　　　　　　年　　月　　日";

/// Width of a text in half characters, near enough to know where a line stands.
int halves_of(std::string_view utf8) {
    int halves = 0;
    if (!is_utf8(utf8)) return halves;  // the setting of the page refuses it by name
    for (const char32_t c : code_points(utf8)) halves += c < 0x2000 ? 1 : 2;
    return halves;
}

class Writer {
 public:
    Writer(const law::Law& law, const law::DocumentForm& form, const facts::FilledForm& filled)
        : law_(law), form_(form), filled_(filled) {
        Paper& paper = drawn_.paper;
        paper.size_pt = form.style == law::FormStyle::sheet ? 12 : 16;
        paper.line_pt = form.style == law::FormStyle::sheet ? 20 : 29;
        paper.is_sheet = form.style != law::FormStyle::letter;
        paper.dated = filled.dated;
        paper.title = form.title;
        if (filled.is_draft) paper.mark = "草稿";
        if (filled.is_sample) paper.mark = filled.is_draft ? "样本数据·草稿" : "样本数据";
    }

    DrawnForm write() {
        if (form_.style != law::FormStyle::banner) head();
        for (const law::FormLine& line : form_.lines) put(line);
        flush_rows();
        if (!form_.copies.empty()) {
            add(RuleBlock{});
            add(Paragraph{{{form_.copies}}, Align::left, 0, 10.5, 0, false});
        }
        return std::move(drawn_);
    }

 private:
    /// Text keeps a little away from the table above it.
    void add(Block block) {
        std::vector<Block>& blocks = drawn_.paper.blocks;
        auto* text = std::get_if<Paragraph>(&block);
        if (text != nullptr && !blocks.empty() && std::holds_alternative<PaperTable>(blocks.back()))
            text->before_pt = std::max(text->before_pt, 6.0);
        blocks.push_back(std::move(block));
    }

    /// Names and seal never stand alone on a page: the paragraph before them goes along.
    void hold_last() {
        if (drawn_.paper.blocks.empty()) return;
        if (auto* last = std::get_if<Paragraph>(&drawn_.paper.blocks.back())) last->keep_with_next = true;
    }

    // --- head

    void head() {
        const bool letter = form_.style == law::FormStyle::letter;
        if (!filled_.authority.empty())
            add(Paragraph{{{filled_.authority, true}}, Align::centre, 0, letter ? 20.0 : 16.0, 0, true});
        // 标题用二号字 (GB/T 9704-2012, 7.3.1); a ruled sheet has less room.
        add(Paragraph{{{form_.title, true}}, Align::centre, 0, letter ? 22.0 : 18.0, 4, true});
        if (!form_.word.empty()) {
            const std::string number = filled_.number.empty()
                                           ? fmt::format("＿＿＿＿{}〔　　　　〕　　　号", form_.word)
                                           : filled_.number;
            add(Paragraph{
                {{number}}, letter ? Align::centre : Align::right, 0, letter ? 16.0 : 12.0, 6, true});
            add(Paragraph{{{""}}, Align::left, 0, 8, 0, true});
        } else {
            add(Paragraph{{{""}}, Align::left, 0, 6, 0, true});
        }
    }

    // --- values

    /// What the head shows may stand in the text too.
    [[nodiscard]] std::optional<facts::FilledValue> value_of(const std::string& field) const {
        const auto found = filled_.values.find(field);
        if (found != filled_.values.end()) return found->second;
        if (field == "doc.authority" && !filled_.authority.empty()) return filled_.authority;
        if (field == "doc.number" && !filled_.number.empty()) return filled_.number;
        if (field == "doc.date" && filled_.dated != Date{}) return filled_.dated;
        return std::nullopt;
    }

    void miss(const std::string& field) {
        if (std::ranges::find(drawn_.missing, field) == drawn_.missing.end()) drawn_.missing.push_back(field);
    }

    static std::string line_of(int characters) {
        std::string out;
        for (int i = 0; i < characters; ++i) out += line_to_write_on;
        return out;
    }

    /// A line to write on; a long one reaches to the end of its line. `before` is the paragraph so far.
    [[nodiscard]] std::string blank(const law::FormPiece& piece, const std::string& before, bool in_cell,
                                    int indent) const {
        if (piece.show == law::Show::date) return std::string(blank_day);
        if (in_cell && piece.blank_em == 0) return {};
        const int usual = piece.show == law::Show::list ? long_blank_em : usual_blank_em;
        const int wanted = piece.blank_em > 0 ? piece.blank_em : usual;
        if (wanted < long_blank_em || in_cell) return line_of(wanted);
        const int capacity = static_cast<int>(text_width_mm(drawn_.paper) * 72 / 25.4 / drawn_.paper.size_pt);
        const int used = (halves_of(before) + 1) / 2 + indent;
        int rest = capacity - used % capacity - 1;
        if (rest < 10) rest += capacity;
        return line_of(rest);
    }

    [[nodiscard]] static std::string checked(const law::FormPiece& piece, const facts::FilledValue* value) {
        std::string held;
        if (value != nullptr) {
            if (const auto* flag = std::get_if<bool>(value))
                held = piece.options[*flag ? 0 : 1];
            else if (const auto* text = std::get_if<std::string>(value))
                held = *text;
        }
        std::string out;
        for (const std::string& option : piece.options) {
            if (!out.empty()) out += "　";
            out += option == held ? "☑ " : "□ ";
            out += option;
        }
        return out;
    }

    static std::string numbered(const std::vector<std::string>& items) {
        if (items.size() == 1) return items.front();
        std::string out;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) out += "\n　　";
            out += fmt::format("{}．{}", i + 1, items[i]);
        }
        return out;
    }

    /// A value in the way the form writes it; a text is read as a day or a sum where one is wanted.
    [[nodiscard]] std::string shown(const law::FormPiece& piece, const facts::FilledValue& value) const {
        struct Write {
            const Writer& writer;
            law::Show show;
            std::string operator()(const std::string& text) const {
                if (show == law::Show::date)
                    if (const auto date = parse_date(text)) return date_zh(*date);
                if (show == law::Show::money)
                    if (const auto sum = parse_yuan(text)) return sum_zh(*sum);
                return writer.cited(text);
            }
            std::string operator()(const std::vector<std::string>& items) const {
                return writer.cited(show == law::Show::list ? numbered(items) : join(items, "；"));
            }
            std::string operator()(Fen sum) const { return sum_zh(sum); }
            std::string operator()(Date date) const { return date_zh(date); }
            std::string operator()(bool flag) const { return flag ? "是" : "否"; }
        };
        return std::visit(Write{*this, piece.show}, value);
    }

    /// Brackets around a citation, "[APL 33]", or around a sum in fen, "[¥500000]", in a fallback or a value
    /// of the dossier. Other brackets stay.
    [[nodiscard]] std::string cited(std::string_view text) const {
        std::string out;
        while (true) {
            const std::size_t open = text.find('[');
            const std::size_t close = open == std::string_view::npos ? open : text.find(']', open);
            if (close == std::string_view::npos) return out + std::string(text);
            const std::string_view inside = text.substr(open + 1, close - open - 1);
            const bool known = law_.find_source(law::parse_citation(inside).source) != nullptr;
            constexpr std::string_view yuan = "¥";
            const auto fen = inside.starts_with(yuan) ? parse_integer(inside.substr(yuan.size()))
                                                      : Result<std::int64_t>(std::int64_t{-1});
            out += text.substr(0, open);
            if (fen && *fen >= 0)
                out += sum_zh(Fen{*fen});
            else
                out += known ? citation_in_full(law_, inside, law_on()) : fmt::format("[{}]", inside);
            text = text.substr(close + 1);
        }
    }
    [[nodiscard]] Date law_on() const {
        return filled_.dated == Date{} ? Date::never_after() : filled_.dated;
    }

    std::string value_text(const law::FormPiece& piece, const std::string& before, bool in_cell, int indent) {
        if (law::is_by_hand(piece.text)) return line_of(piece.blank_em > 0 ? piece.blank_em : usual_blank_em);
        const std::optional<facts::FilledValue> value = value_of(piece.text);
        if (piece.show == law::Show::check) {
            if (!value) miss(piece.text);
            return checked(piece, value ? &*value : nullptr);
        }
        if (value) return shown(piece, *value);
        if (!piece.fallback.empty()) return cited(piece.fallback);
        miss(piece.text);
        return blank(piece, before, in_cell, indent);
    }

    Runs pieces(const std::vector<law::FormPiece>& all, bool in_cell, int indent = 0) {
        std::string text;
        for (const law::FormPiece& piece : all) {
            if (piece.kind == law::FormPiece::Kind::words)
                text += piece.text;
            else if (piece.kind == law::FormPiece::Kind::citation)
                text += citation_in_full(law_, piece.text, law_on());
            else
                text += value_text(piece, text, in_cell, indent);
        }
        return {{std::move(text)}};
    }

    // --- lines

    void put(const law::FormLine& line) {
        const bool in_table = line.kind == law::LineKind::row || line.kind == law::LineKind::opinion;
        if (!in_table) flush_rows();
        switch (line.kind) {
            case law::LineKind::paragraph: return paragraph(line, Align::justify, 2);
            case law::LineKind::flush: return paragraph(line, Align::left, 0);
            case law::LineKind::centred: return centred(line);
            case law::LineKind::heading:
                add(Paragraph{bold(pieces(line.cells[0], false)), Align::left,
                              form_.style == law::FormStyle::letter ? 2 : 0, 0, 4, true});
                return;
            case law::LineKind::signature:
                hold_last();
                add(Paragraph{pieces(line.cells[0], false), Align::left, 0, 0, 14, false});
                return;
            case law::LineKind::row:
            case law::LineKind::opinion: rows_.push_back(row(line)); return;
            case law::LineKind::listing: return listing(line);
            case law::LineKind::seal:
                hold_last();
                add(SealBlock{filled_.authority,
                              filled_.dated == Date{} ? std::string(blank_day) : date_zh(filled_.dated)});
                return;
            case law::LineKind::rule: add(RuleBlock{}); return;
            case law::LineKind::new_page: add(PageBreak{}); return;
        }
    }

    static Runs bold(Runs runs) {
        for (Run& run : runs) run.bold = true;
        return runs;
    }

    /// A value of several lines is several paragraphs, so that each can break across pages.
    void paragraph(const law::FormLine& line, Align align, int indent) {
        const Runs runs = pieces(line.cells[0], false, indent);
        for (const std::string& part : split(runs.front().text, '\n')) {
            std::string_view text = part;
            while (text.starts_with("　")) text.remove_prefix(std::string_view("　").size());
            add(Paragraph{
                {{std::string(text)}}, has_long_word(text) ? Align::left : align, indent, 0, 0, false});
        }
    }

    /// A digest or an address that leaves its line short: the line is not spread.
    static bool has_long_word(std::string_view text) {
        constexpr int long_word = 20;
        int run = 0;
        if (!is_utf8(text)) return false;
        for (const char32_t c : code_points(text)) {
            run = c > U' ' && c < 0x2000 ? run + 1 : 0;
            if (run > long_word) return true;
        }
        return false;
    }

    void centred(const law::FormLine& line) {
        const bool banner = form_.style == law::FormStyle::banner;
        add(Paragraph{bold(pieces(line.cells[0], false)), Align::centre, 0, banner ? 34.0 : 0.0,
                      banner ? 18.0 : 0.0, false});
    }

    TableRow row(const law::FormLine& line) {
        TableRow out;
        out.height_mm = value_height_mm;
        const std::size_t count = line.cells.size();
        for (std::size_t i = 0; i < count; ++i) {
            const bool label = i % 2 == 0;
            TableCell cell;
            cell.runs = pieces(line.cells[i], true);
            cell.align = label ? Align::centre : Align::left;
            if (!label && count == 2) cell.span = 3;
            if (line.kind == law::LineKind::opinion && !label) {
                cell.foot = opinion_foot;
                out.height_mm = opinion_height_mm;
            }
            out.cells.push_back(std::move(cell));
        }
        return out;
    }
    void flush_rows() {
        if (rows_.empty()) return;
        add(PaperTable{{8, 14, 8, 14}, 0, std::move(rows_), 0});
        rows_.clear();
    }

    void listing(const law::FormLine& line) {
        PaperTable table{line.widths, 1, {}, 10.5};
        TableRow header;
        for (const auto& column : line.cells)
            header.cells.push_back({{{column.front().text, true}}, Align::centre});
        table.rows.push_back(std::move(header));
        if (filled_.rows.empty())
            for (const auto& column : line.cells) miss(column.back().text);
        for (const auto& entry : filled_.rows) {
            TableRow one;
            for (const auto& column : line.cells) {
                const auto found = entry.find(column.back().text);
                one.cells.push_back({{{found == entry.end() ? "" : found->second}}, Align::left});
            }
            table.rows.push_back(std::move(one));
        }
        for (int i = 0; filled_.rows.empty() && i < form_.blank_rows; ++i) {
            TableRow one;
            one.height_mm = value_height_mm;
            one.cells.assign(line.cells.size(), {{{""}}, Align::left});
            table.rows.push_back(std::move(one));
        }
        add(std::move(table));
    }

    const law::Law& law_;
    const law::DocumentForm& form_;
    const facts::FilledForm& filled_;
    DrawnForm drawn_;
    std::vector<TableRow> rows_;
};

std::size_t bytes_of_value(const facts::FilledValue& value) {
    struct Size {
        std::size_t operator()(const std::string& text) const { return text.size(); }
        std::size_t operator()(const std::vector<std::string>& items) const {
            std::size_t sum = 0;
            for (const std::string& item : items) sum += item.size();
            return sum;
        }
        std::size_t operator()(Fen) const { return 0; }
        std::size_t operator()(Date) const { return 0; }
        std::size_t operator()(bool) const { return 0; }
    };
    return std::visit(Size{}, value);
}

Result<void> check_values(const law::Law& law, const law::DocumentForm& form,
                          const facts::FilledForm& filled) {
    const law::Document* document = law.find_document(form.document);
    QY_ASSERT(document != nullptr);  // Forms::load refuses a form without its document
    const std::vector<std::string>& fields = law::fields_of(law, *document);
    const auto check = [&](const std::string& field, std::size_t bytes) -> Result<void> {
        if (std::ranges::find(fields, field) == fields.end() && !field.starts_with("doc."))
            return Error{ErrorCode::field_unknown,
                         fmt::format("{} has no field '{}'", form.document, field),
                         field,
                         {},
                         "fields: " + join(fields, " ")};
        if (bytes > field_bytes_max)
            return Error{ErrorCode::too_large,
                         fmt::format("{} bytes; {} are allowed in a field", bytes, field_bytes_max),
                         field,
                         {},
                         "attach long material and name it here"};
        return {};
    };
    for (const auto& [field, value] : filled.values) CHECK(check(field, bytes_of_value(value)));
    for (const auto& row : filled.rows)
        for (const auto& [field, text] : row) CHECK(check(field, text.size()));
    return {};
}

}  // namespace

Result<DrawnForm> draw_form(const law::Law& law, const law::DocumentForm& form,
                            const facts::FilledForm& filled, std::string_view base) {
    CHECK(check_values(law, form, filled));
    DrawnForm drawn = Writer(law, form, filled).write();
    drawn.warnings = TRY(settle_characters(drawn.paper));
    drawn.digest = content_digest(drawn.paper);
    if (!filled.is_draft && !filled.is_redacted) {
        const std::string code = code_of(drawn.digest);
        drawn.paper.code = code_text({code, filled.number}, base);
        if (!filled.number.empty()) drawn.paper.code_notes.push_back(filled.number);
        drawn.paper.code_notes.push_back("SM3 " + code);
        drawn.paper.code_notes.emplace_back("扫码核验本文书");
    }
    return drawn;
}

}  // namespace qingyuan::document
