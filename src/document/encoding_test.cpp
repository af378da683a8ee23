#include "document/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/sm3.hpp"
#include "base/text.hpp"

using namespace qingyuan;
using namespace qingyuan::document;

namespace {
std::string utf16(std::u16string_view text, bool little) {
    std::string out = little ? "\xFF\xFE" : "\xFE\xFF";
    for (const char16_t unit : text) {
        const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
        out += little ? std::string{low, high} : std::string{high, low};
    }
    return out;
}
}  // namespace

TEST(encoding, every_encoding_a_spreadsheet_writes_gives_the_same_text) {
    const std::string text = "编号,名称\r\n1,衡阳市示例大药房\r\n";
    const std::u16string wide = u"编号,名称\r\n1,衡阳市示例大药房\r\n";
    struct Case {
        std::string bytes;
        Encoding encoding;
    };
    for (const auto& [bytes, encoding] :
         {Case{text, Encoding::utf8}, Case{"\xEF\xBB\xBF" + text, Encoding::utf8},
          Case{encode_gb18030(text).value(), Encoding::gb18030},
          Case{"\x84\x31\x95\x33" + encode_gb18030(text).value(), Encoding::gb18030},
          Case{utf16(wide, true), Encoding::utf16_le}, Case{utf16(wide, false), Encoding::utf16_be}}) {
        const auto decoded = decode_text(bytes);
        ASSERT_TRUE(decoded) << decoded.error().text();
        EXPECT_EQ(decoded->text, text) << name_of(encoding);
        EXPECT_EQ(decoded->encoding, encoding);
    }
    EXPECT_EQ(decode_text("")->text, "");
    EXPECT_EQ(qingyuan::hex(encode_gb18030("衡阳").value()), "bae2d1f4");
}

TEST(encoding, four_byte_characters_of_gb18030_are_read) {
    const std::string rare = "𠮷䶮";  // U+20BB7 and U+4DAE
    EXPECT_EQ(decode_text(encode_gb18030("药" + rare).value())->text, "药" + rare);
}

TEST(encoding, what_fits_no_encoding_is_refused_at_its_byte) {
    struct Case {
        std::string bytes;
        std::string where;
    };
    for (const auto& [bytes, where] : {
             Case{"abc\xFFxyz", "byte 3"},  // in no encoding
             Case{std::string("\xBA\xE2\xD1\xF4,") + "\xBA",
                  "byte 5"},  // GB18030 cut in the middle of a character
             Case{"\xEF\xBB\xBF"
                  "ab\xBA\xE2",
                  "byte 5"},  // the mark says UTF-8
             Case{std::string("a\0b", 3), "byte 1"},
             Case{std::string("\xFF\xFE\x00\xD8\x41\x00", 6), "byte 2"},  // half a surrogate pair
             Case{std::string("\xFF\xFE\x41", 3), "byte 2"},              // an odd number of bytes
         }) {
        const auto decoded = decode_text(bytes);
        ASSERT_FALSE(decoded) << where;
        EXPECT_EQ(decoded.error().code, ErrorCode::encoding_invalid);
        EXPECT_EQ(decoded.error().where, where) << decoded.error().text();
        EXPECT_FALSE(decoded.error().next.empty());
    }
    EXPECT_EQ(encode_gb18030("\xFF").error().code, ErrorCode::encoding_invalid);
}

TEST(encoding, a_long_text_crosses_the_converter_s_buffer_whole) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += i % 3 == 0 ? "衡" : i % 7 == 0 ? "𠮷" : "a";
    EXPECT_EQ(decode_text(encode_gb18030(text).value())->text, text);
}

TEST(encoding, random_bytes_give_utf8_or_a_refusal) {
    ASSERT_TRUE(rc::check([](const std::string& bytes) {
        const auto decoded = decode_text(bytes);
        if (decoded) RC_ASSERT(is_utf8(decoded->text));
        else RC_ASSERT(decoded.error().code == ErrorCode::encoding_invalid);
    }));
}
