// Text of unknown encoding to UTF-8. Tables come out of Chinese spreadsheets in GB18030 or UTF-16 as often as
// in UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan::document {

enum class Encoding : std::uint8_t { utf8, utf16_le, utf16_be, gb18030 };
[[nodiscard]] std::string_view name_of(Encoding encoding);

struct DecodedText {
    std::string text;  ///< UTF-8 without a byte order mark
    Encoding encoding = Encoding::utf8;
};

/// A byte order mark decides; without one, bytes that are valid UTF-8 are UTF-8; everything else must be
/// GB18030 to the last byte. encoding_invalid with the offset of the first byte that fits neither, also for a
/// NUL character (no table has one).
[[nodiscard]] Result<DecodedText> decode_text(std::string_view bytes);

/// For exports to programs that expect it. encoding_invalid where the text is not UTF-8.
[[nodiscard]] Result<std::string> encode_gb18030(std::string_view utf8);

}  // namespace qingyuan::document
