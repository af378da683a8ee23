#include "document/encoding.hpp"

#include <memory>

#include <fmt/format.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

#include "base/text.hpp"

namespace qingyuan::document {

namespace {

struct Closed {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, Closed>;

Error invalid(std::size_t offset, std::string message) {
    return {ErrorCode::encoding_invalid,
            std::move(message),
            fmt::format("byte {}", offset),
            {},
            "save the file as UTF-8 or GB18030 (in a spreadsheet: CSV UTF-8)"};
}

/// A converter that stops at the first sequence it cannot map, instead of putting a substitute in its place.
Result<Converter> strict_converter(const char* name) {
    UErrorCode status = U_ZERO_ERROR;
    Converter converter(ucnv_open(name, &status));
    if (U_SUCCESS(status))
        ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    if (U_SUCCESS(status))
        ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    if (U_FAILURE(status))
        return Error{ErrorCode::encoding_invalid,
                     fmt::format("ICU has no converter for {}: {}", name, u_errorName(status))};
    return converter;
}

/// Bytes → UTF-16 → UTF-8, a piece at a time.
Result<std::string> converted(std::string_view bytes, const char* name, std::size_t skipped) {
    const Converter from = TRY(strict_converter(name));
    const Converter to = TRY(strict_converter("UTF-8"));
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 2);
    const char* at = bytes.data();
    const char* const end = at + bytes.size();
    char16_t units[4096];
    char piece[4096 * 3];
    for (bool more = true; more;) {
        UErrorCode status = U_ZERO_ERROR;
        char16_t* units_end = units;
        ucnv_toUnicode(from.get(), &units_end, units + std::size(units), &at, end, nullptr, true, &status);
        more = status == U_BUFFER_OVERFLOW_ERROR;
        if (U_FAILURE(status) && !more) {
            char wrong[8];
            auto length = static_cast<std::int8_t>(sizeof wrong);
            UErrorCode ignored = U_ZERO_ERROR;
            ucnv_getInvalidChars(from.get(), wrong, &length, &ignored);
            const auto consumed = static_cast<std::size_t>(at - bytes.data());
            return invalid(skipped + consumed - static_cast<std::size_t>(length),
                           fmt::format("neither UTF-8 nor {}", name));
        }
        const char16_t* unit = units;
        while (unit < units_end) {
            char* piece_end = piece;
            UErrorCode written = U_ZERO_ERROR;
            ucnv_fromUnicode(to.get(), &piece_end, piece + std::size(piece), &unit, units_end, nullptr, !more,
                             &written);
            if (U_FAILURE(written) && written != U_BUFFER_OVERFLOW_ERROR)
                return invalid(skipped + static_cast<std::size_t>(at - bytes.data()),
                               "a character that does not exist");
            out.append(piece, piece_end);
        }
    }
    return out;
}

Result<DecodedText> checked(std::string text, Encoding encoding, std::size_t skipped) {
    if (const auto nul = text.find('\0'); nul != std::string::npos)
        return invalid(nul + skipped, "a NUL character: this is not a text file");
    return DecodedText{std::move(text), encoding};
}

std::size_t first_bad_byte(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        std::size_t length = 1;
        while (length <= 4 && !is_utf8(bytes.substr(at, length))) ++length;
        if (length > 4) break;
        at += length;
    }
    return at;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
    switch (encoding) {
        case Encoding::utf8: return "UTF-8";
        case Encoding::utf16_le: return "UTF-16LE";
        case Encoding::utf16_be: return "UTF-16BE";
        case Encoding::gb18030: return "GB18030";
    }
    return {};
}

Result<DecodedText> decode_text(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) {
        const std::string_view text = bytes.substr(3);
        if (!is_utf8(text))
            return invalid(3 + first_bad_byte(text),
                           "not UTF-8, although it begins with its byte order mark");
        return checked(std::string(text), Encoding::utf8, 3);
    }
    if (bytes.starts_with("\xFF\xFE"))
        return checked(TRY(converted(bytes.substr(2), "UTF-16LE", 2)), Encoding::utf16_le, 2);
    if (bytes.starts_with("\xFE\xFF"))
        return checked(TRY(converted(bytes.substr(2), "UTF-16BE", 2)), Encoding::utf16_be, 2);
    // GB18030 has a mark of its own (84 31 95 33).
    const std::size_t mark = bytes.starts_with("\x84\x31\x95\x33") ? 4 : 0;
    if (mark == 0 && is_utf8(bytes)) return checked(std::string(bytes), Encoding::utf8, 0);
    return checked(TRY(converted(bytes.substr(mark), "GB18030", mark)), Encoding::gb18030, mark);
}

Result<std::string> encode_gb18030(std::string_view utf8) {
    if (!is_utf8(utf8)) return invalid(first_bad_byte(utf8), "not UTF-8");
    UErrorCode status = U_ZERO_ERROR;
    const auto size = static_cast<std::int32_t>(utf8.size());
    const std::int32_t needed = ucnv_convert("GB18030", "UTF-8", nullptr, 0, utf8.data(), size, &status);
    std::string out(static_cast<std::size_t>(needed), '\0');
    status = U_ZERO_ERROR;
    ucnv_convert("GB18030", "UTF-8", out.data(), needed, utf8.data(), size, &status);
    if (U_FAILURE(status)) return invalid(0, u_errorName(status));
    return out;
}

}  // namespace qingyuan::document
