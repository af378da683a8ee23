#include "law/form_lines.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::law {

namespace {

constexpr std::array<std::pair<std::string_view, LineKind>, 7> marks{{{"|~ ", LineKind::opinion},
                                                                      {"| ", LineKind::row},
                                                                      {"+ ", LineKind::listing},
                                                                      {"# ", LineKind::heading},
                                                                      {"> ", LineKind::flush},
                                                                      {"! ", LineKind::centred},
                                                                      {"= ", LineKind::signature}}};
constexpr std::array<std::string_view, 5> show_names{"text", "date", "money", "list", "check"};
constexpr int blank_em_max = 40;

/// One line while it is read.
struct Reading {
    std::string_view line;
    const Complain& complain;

    void wrong(std::string message, std::string_view at) const {
        const auto bytes = static_cast<std::size_t>(at.data() - line.data());
        complain(ErrorCode::law_value_invalid, std::move(message), length_of(line.substr(0, bytes)));
    }
};

/// "check 是/否", "date", "6": how, and what of.
void read_show(const Reading& reading, std::string_view text, FormPiece& piece) {
    const std::size_t gap = text.find(' ');
    const std::string_view name = text.substr(0, gap);
    if (const auto width = parse_integer(name)) {
        if (*width < 1 || *width > blank_em_max) reading.wrong("a blank is 1 to 40 characters wide", text);
        piece.blank_em = static_cast<int>(std::clamp<std::int64_t>(*width, 1, blank_em_max));
        return;
    }
    const auto known = std::ranges::find(show_names, name);
    if (known == show_names.end())
        return reading.wrong(fmt::format("'{}' is no way to write a value: text date money list check", name),
                             text);
    piece.show = static_cast<Show>(known - show_names.begin());
    if (gap != std::string_view::npos) piece.options = split(text.substr(gap + 1), '/');
    if ((piece.show == Show::check) != (piece.options.size() > 1))
        reading.wrong("check, and only check, has two options or more: {f:check 是/否}", text);
}

/// The inside of {…}: field[:show][=fallback].
FormPiece read_value(const Reading& reading, std::string_view inside) {
    FormPiece piece{FormPiece::Kind::value, {}, Show::text, {}, {}, 0};
    if (const std::size_t equal = inside.find('='); equal != std::string_view::npos) {
        piece.fallback = inside.substr(equal + 1);
        const std::string_view fallback = inside.substr(equal + 1);
        const std::size_t end = fallback.find_last_not_of("0123456789");
        if (end != std::string_view::npos && end + 1 < fallback.size() && fallback[end] == ':')
            reading.wrong("how a value is written stands before its fallback: {f:14=words}", fallback);
        inside = inside.substr(0, equal);
    }
    const std::size_t colon = inside.find(':');
    piece.text = inside.substr(0, colon);
    if (colon != std::string_view::npos) read_show(reading, inside.substr(colon + 1), piece);
    if (piece.text.empty()) reading.wrong("a value names its field", inside);
    return piece;
}

std::vector<FormPiece> read_pieces(const Reading& reading, std::string_view text) {
    std::vector<FormPiece> pieces;
    const auto words = [&](std::string_view more) {
        if (more.empty()) return;
        if (pieces.empty() || pieces.back().kind != FormPiece::Kind::words) pieces.push_back({});
        pieces.back().text += more;
    };
    while (!text.empty()) {
        const std::size_t open = text.find_first_of("{[");
        words(text.substr(0, open));
        if (open == std::string_view::npos) break;
        const bool is_value = text[open] == '{';
        const std::size_t close = text.find(is_value ? '}' : ']', open);
        // A list field's name ends in brackets of its own: {qa[]}.
        if (close == std::string_view::npos) {
            reading.wrong(fmt::format("'{}' is never closed", text[open]), text.substr(open));
            break;
        }
        const std::string_view inside = text.substr(open + 1, close - open - 1);
        if (is_value)
            pieces.push_back(read_value(reading, inside));
        else
            pieces.push_back({FormPiece::Kind::citation, std::string(inside), Show::text, {}, {}, 0});
        text = text.substr(close + 1);
    }
    return pieces;
}

std::vector<std::string_view> cells_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t bar = text.find(" | ");
        out.push_back(trim(text.substr(0, bar)));
        if (bar == std::string_view::npos) return out;
        text = text.substr(bar + 3);
    }
}

/// "序号 {row.no} 1": header, value, share of the width.
void read_column(const Reading& reading, std::string_view cell, FormLine& line) {
    const std::size_t last = cell.rfind(' ');
    const auto share =
        last == std::string_view::npos ? Result<std::int64_t>(0) : parse_integer(cell.substr(last + 1));
    if (!share || *share < 1 || *share > 40) {
        reading.wrong("a column is: header {field} share", cell);
        return;
    }
    line.widths.push_back(static_cast<int>(*share));
    std::vector<FormPiece> pieces = read_pieces(reading, cell.substr(0, last));
    if (pieces.size() != 2 || pieces[0].kind != FormPiece::Kind::words ||
        pieces[1].kind != FormPiece::Kind::value)
        reading.wrong("a column is: header {field} share", cell);
    else
        pieces[0].text = trim(pieces[0].text);
    line.cells.push_back(std::move(pieces));
}

}  // namespace

std::vector<PlacedLine> lines_of(const TomlNode& text) {
    std::vector<PlacedLine> out;
    std::uint32_t number = text.place.line;
    const std::string& all = text.text;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\n', at), all.size());
        ++number;
        const std::string_view line = trim(std::string_view(all).substr(at, end - at));
        if (!line.empty()) out.push_back({std::string(line), {number, 1}});
        at = end + 1;
    }
    return out;
}

FormLine parse_line(std::string_view line, const Complain& complain) {
    const Reading reading{line, complain};
    FormLine out;
    if (line == "@seal") return {LineKind::seal, {}, {}};
    if (line == "---") return {LineKind::rule, {}, {}};
    if (line == "^^^") return {LineKind::new_page, {}, {}};
    std::string_view rest = line;
    for (const auto& [mark, kind] : marks)
        if (line.starts_with(mark)) {
            out.kind = kind;
            rest = line.substr(mark.size());
            break;
        }
    if (out.kind == LineKind::listing) {
        for (const std::string_view cell : cells_of(rest)) read_column(reading, cell, out);
    } else if (out.kind == LineKind::row || out.kind == LineKind::opinion) {
        for (const std::string_view cell : cells_of(rest)) out.cells.push_back(read_pieces(reading, cell));
        const std::size_t count = out.cells.size();
        if (count % 2 != 0 || count > 4 || (out.kind == LineKind::opinion && count != 2))
            reading.wrong("a row has a label and a value, once or twice", rest);
    } else {
        out.cells.push_back(read_pieces(reading, rest));
    }
    return out;
}

}  // namespace qingyuan::law
