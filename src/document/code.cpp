#include "document/code.hpp"

#include <memory>

#include <fmt/format.h>
#include <qrencode.h>

#include "base/text.hpp"
#include "document/typesetting.hpp"

namespace qingyuan::document {

namespace {

constexpr int quiet_modules = 4;  ///< ISO/IEC 18004: the border a reader needs

bool is_unreserved(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_unreserved(c))
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<std::uint8_t>(c));
    }
    return out;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
        if (high < 0 || low < 0) return Error{ErrorCode::code_malformed, "a half-written % sign", "code"};
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (!is_utf8(out)) return Error{ErrorCode::code_malformed, "the number is not UTF-8", "code"};
    return out;
}

cairo_status_t collect(void* closure, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

}  // namespace

std::string code_of(const Digest& content) {
    return hex(content).substr(0, code_digits);
}

std::string code_text(const PrintedCode& printed, std::string_view base) {
    std::string out = base.empty() ? "qingyuan:" : fmt::format("{}/d/", base);
    out += printed.code;
    if (!printed.number.empty()) out += "?n=" + escaped(printed.number);
    return out;
}

Result<PrintedCode> parse_code_text(std::string_view text) {
    text = trim(text);
    PrintedCode out;
    const std::size_t question = text.find('?');
    std::string_view path = text.substr(0, question);
    if (const std::size_t slash = path.rfind('/'); slash != std::string_view::npos)
        path = path.substr(slash + 1);
    if (path.starts_with("qingyuan:")) path.remove_prefix(std::string_view("qingyuan:").size());
    for (const char c : path) {
        if (digit_of(c) < 0) return Error{ErrorCode::code_malformed, "a code has hexadecimal digits", "code"};
        out.code += static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    }
    if (out.code.size() != code_digits)
        return Error{ErrorCode::code_malformed,
                     fmt::format("a code has {} digits, not {}", code_digits, out.code.size()),
                     "code",
                     {},
                     "scan the square at the foot of the page"};
    if (question == std::string_view::npos) return out;
    const std::string_view query = text.substr(question + 1);
    if (!query.starts_with("n=")) return Error{ErrorCode::code_malformed, "the number is missing", "code"};
    out.number = TRY(unescaped(query.substr(2)));
    return out;
}

CodePicture code_picture(std::string_view text) {
    const std::unique_ptr<QRcode, Releases<QRcode_free>> made(QRcode_encodeData(
        static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
    if (!made) return {1, {false}};
    CodePicture out{made->width, {}};
    const auto count = static_cast<std::size_t>(made->width) * static_cast<std::size_t>(made->width);
    out.modules.reserve(count);
    for (std::size_t i = 0; i < count; ++i) out.modules.push_back((made->data[i] & 1U) != 0);
    return out;
}

Result<std::string> code_png(std::string_view text, int scale) {
    const CodePicture picture = code_picture(text);
    const int side = (picture.width + 2 * quiet_modules) * scale;
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side));
    const Drawing drawing(cairo_create(surface.get()));
    cairo_set_source_rgb(drawing.get(), 1, 1, 1);
    cairo_paint(drawing.get());
    cairo_set_source_rgb(drawing.get(), 0, 0, 0);
    cairo_set_antialias(drawing.get(), CAIRO_ANTIALIAS_NONE);
    for (int row = 0; row < picture.width; ++row)
        for (int column = 0; column < picture.width; ++column)
            if (picture.dark(row, column))
                cairo_rectangle(drawing.get(), (column + quiet_modules) * scale,
                                (row + quiet_modules) * scale, scale, scale);
    cairo_fill(drawing.get());
    std::string bytes;
    const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), collect, &bytes);
    if (status != CAIRO_STATUS_SUCCESS)
        return Error{ErrorCode::io_failed, cairo_status_to_string(status), "png"};
    return bytes;
}

}  // namespace qingyuan::document
