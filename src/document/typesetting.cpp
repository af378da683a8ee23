#include "document/typesetting.hpp"

#include <array>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::document {

namespace {

/// The fonts of the list, loaded once a thread, and what they were asked.
class Coverage {
 public:
    Coverage() : context_(text_context()) {
        for (const std::string& family : split(font_families, ',')) {
            const FontDescription description(pango_font_description_from_string((family + " 12").c_str()));
            FontHeld font(pango_context_load_font(context_.get(), description.get()));
            // Where the family is not installed fontconfig answers with another: its characters count too,
            // for it is what will be drawn.
            if (font) fonts_.push_back(std::move(font));
        }
    }
    [[nodiscard]] bool has(char32_t character) {
        if (character < known_.size() && known_[character] != 0) return known_[character] == 1;
        bool found = false;
        for (const FontHeld& font : fonts_) found = found || pango_font_has_char(font.get(), character);
        if (character < known_.size()) known_[character] = found ? 1 : 2;
        return found;
    }

 private:
    PangoContextHeld context_;
    std::vector<FontHeld> fonts_;
    std::array<std::uint8_t, 0x10000> known_{};
};

bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xFFFE ||
           c == 0xFFFF;
}

void append_utf8(std::string& out, char32_t c) {
    const auto byte = [&](char32_t value) { out += static_cast<char>(value); };
    if (c < 0x80) return byte(c);
    if (c < 0x800) {
        byte(0xC0 | (c >> 6));
    } else if (c < 0x10000) {
        byte(0xE0 | (c >> 12));
        byte(0x80 | ((c >> 6) & 0x3F));
    } else {
        byte(0xF0 | (c >> 18));
        byte(0x80 | ((c >> 12) & 0x3F));
        byte(0x80 | ((c >> 6) & 0x3F));
    }
    byte(0x80 | (c & 0x3F));
}

/// A few characters around the place, for a person to find it.
std::string around(std::u32string_view text, std::size_t at) {
    constexpr std::size_t reach = 6;
    std::string out;
    const std::size_t begin = at > reach ? at - reach : 0;
    for (std::size_t i = begin; i < std::min(text.size(), at + reach + 1); ++i) {
        if (i == at || is_control(text[i]))
            out += no_glyph;
        else
            append_utf8(out, text[i]);
    }
    return out;
}

}  // namespace

PangoContextHeld text_context() {
    PangoContextHeld context(pango_font_map_create_context(pango_cairo_font_map_get_default()));
    pango_context_set_language(context.get(), pango_language_from_string("zh-cn"));
    pango_cairo_context_set_resolution(context.get(), 72);  // a point of the page is a point of the font
    const std::unique_ptr<cairo_font_options_t, Releases<cairo_font_options_destroy>> options(
        cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context.get(), options.get());
    return context;
}

Layout lay_out(PangoContext* context, const Runs& runs, double size_pt, double width_pt, Align align,
               int indent_em) {
    Layout layout(pango_layout_new(context));
    std::string text;
    const Attributes attributes(pango_attr_list_new());
    for (const Run& run : runs) {
        if (run.bold) {
            PangoAttribute* bold = pango_attr_weight_new(PANGO_WEIGHT_BOLD);
            bold->start_index = static_cast<guint>(text.size());
            bold->end_index = static_cast<guint>(text.size() + run.text.size());
            pango_attr_list_insert(attributes.get(), bold);
        }
        text += run.text;
    }
    const FontDescription font(pango_font_description_from_string(font_families));
    pango_font_description_set_absolute_size(font.get(), size_pt * PANGO_SCALE);
    pango_layout_set_font_description(layout.get(), font.get());
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    pango_layout_set_attributes(layout.get(), attributes.get());
    pango_layout_set_width(layout.get(), static_cast<int>(width_pt * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(layout.get(), FALSE);
    pango_layout_set_indent(layout.get(), static_cast<int>(indent_em * size_pt * PANGO_SCALE));
    pango_layout_set_justify(layout.get(), align == Align::justify);
    pango_layout_set_alignment(layout.get(), align == Align::centre  ? PANGO_ALIGN_CENTER
                                             : align == Align::right ? PANGO_ALIGN_RIGHT
                                                                     : PANGO_ALIGN_LEFT);
    return layout;
}

Result<std::vector<Warning>> settle_characters(Paper& paper) {
    static thread_local Coverage coverage;
    std::vector<Warning> warnings;
    std::size_t bytes = 0;
    Result<void> result;
    each_text(paper, [&](std::string& text) {
        bytes += text.size();
        if (!result || bytes > paper_bytes_max) return;
        if (!is_utf8(text)) {
            result = Error{ErrorCode::encoding_invalid, "a text of the document is not UTF-8", "document"};
            return;
        }
        const std::u32string characters = code_points(text);
        std::string settled;
        bool changed = false;
        for (std::size_t i = 0; i < characters.size(); ++i) {
            const char32_t c = characters[i];
            const bool control = c != U'\n' && is_control(c);
            if (!control && (c == U'\n' || coverage.has(c))) {
                append_utf8(settled, c);
                continue;
            }
            changed = true;
            settled += no_glyph;
            warnings.push_back({control ? "control_character" : "character_without_font",
                                around(characters, i),
                                fmt::format("U+{:04X}", static_cast<std::uint32_t>(c))});
        }
        if (changed) text = std::move(settled);
    });
    if (!result) return result.error();
    if (bytes > paper_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("the document has {} bytes of text; {} are allowed", bytes, paper_bytes_max),
                     "document",
                     {},
                     "attach long material instead"};
    return warnings;
}

}  // namespace qingyuan::document
