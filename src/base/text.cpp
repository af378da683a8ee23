#include "base/text.hpp"

#include <charconv>

#include <fmt/format.h>

namespace qingyuan {

namespace {

/// Decodes one code point at `at` and moves past it; false on anything RFC 3629 forbids.
bool next_code_point(std::string_view bytes, std::size_t& at, char32_t& out) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char first = byte(at);
    const std::size_t length = first < 0x80                    ? 1
                               : first >= 0xF0 && first < 0xF5 ? 4
                               : first >= 0xE0                 ? 3
                               : first >= 0xC2                 ? 2
                                                               : 0;
    if (length == 0 || first >= 0xF5 || at + length > bytes.size()) return false;
    char32_t value = length == 1 ? first : first & (0x7F >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return false;
        value = (value << 6) | (byte(at + i) & 0x3F);
    }
    if ((length == 3 && value < 0x800) || (length == 4 && (value < 0x10000 || value > 0x10FFFF)))
        return false;
    if (value >= 0xD800 && value <= 0xDFFF) return false;
    at += length;
    out = value;
    return true;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    char32_t ignored = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        if (static_cast<unsigned char>(bytes[at]) < 0x80)
            ++at;
        else if (!next_code_point(bytes, at, ignored))
            return false;
    }
    return true;
}

std::size_t length_of(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
}

std::u32string code_points(std::string_view utf8) {
    std::u32string out;
    char32_t point = 0;
    for (std::size_t at = 0; at < utf8.size();) {
        QY_ASSERT(next_code_point(utf8, at, point));
        out += point;
    }
    return out;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view white = " \t\r\n\f\v";
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    if (text.empty()) return parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

Result<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return Error{ErrorCode::number_invalid, fmt::format("'{}' is not a whole number", text)};
    return value;
}

bool is_identifier(std::string_view text) {
    if (text.empty() || text[0] < 'a' || text[0] > 'z') return false;
    for (const char c : text)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    return true;
}

}  // namespace qingyuan
