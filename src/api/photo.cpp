#include "api/photo.hpp"

#include <algorithm>
#include <array>

namespace qingyuan::api {

namespace {

Error not_a_picture() {
    return {ErrorCode::field_invalid,           "not a whole JPEG, PNG or WebP picture", "photos",        {},
            "attach a JPEG, PNG or WebP photo", "不是完整的 JPEG、PNG 或者 WebP 图片",   "请选择照片文件"};
}

std::uint32_t big(std::string_view bytes, std::size_t at, int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
}
std::uint32_t little(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

/// The end of the compressed data that begins at `at`: the next marker that is neither stuffing nor a
/// restart.
std::size_t end_of_scan(std::string_view in, std::size_t at) {
    for (; at + 1 < in.size(); ++at) {
        const auto next = static_cast<unsigned char>(in[at + 1]);
        if (static_cast<unsigned char>(in[at]) == 0xFF && next != 0 && next != 0xFF &&
            (next < 0xD0 || next > 0xD7))
            return at;
    }
    return in.size();
}

/// APP0 (JFIF) and APP14 (Adobe colours) stay, for the picture needs them; what follows its end does not.
Result<Bytes> jpeg(std::string_view in) {
    Bytes out(in.substr(0, 2));
    for (std::size_t at = 2; at + 2 <= in.size();) {
        const auto marker = static_cast<unsigned char>(in[at + 1]);
        if (static_cast<unsigned char>(in[at]) != 0xFF) return not_a_picture();
        if (marker == 0xFF) {  // filling
            ++at;
            continue;
        }
        if (marker == 0xD9) return out += in.substr(at, 2);
        if (at + 4 > in.size()) break;
        std::size_t end = at + 2 + big(in, at + 2, 2);
        if (end < at + 4 || end > in.size()) break;
        if (marker == 0xDA) end = end_of_scan(in, end);
        const bool application = marker >= 0xE1 && marker <= 0xEF && marker != 0xEE;
        if (!application && marker != 0xFE) out += in.substr(at, end - at);
        at = end;
    }
    return not_a_picture();
}

Result<Bytes> png(std::string_view in) {
    constexpr std::array<std::string_view, 5> told{"tEXt", "zTXt", "iTXt", "eXIf", "tIME"};
    Bytes out(in.substr(0, 8));
    for (std::size_t at = 8; at + 12 <= in.size();) {
        const std::size_t length = std::size_t{12} + big(in, at, 4);
        if (at + length > in.size()) return not_a_picture();
        const std::string_view type = in.substr(at + 4, 4);
        if (std::find(told.begin(), told.end(), type) == told.end()) out += in.substr(at, length);
        at += length;
        if (type == "IEND") return out;  // what follows the end is no picture
    }
    return not_a_picture();
}

Result<Bytes> webp(std::string_view in) {
    constexpr char exif_flag = 0x08, xmp_flag = 0x04;
    Bytes chunks;
    for (std::size_t at = 12; at + 8 <= in.size();) {
        const std::size_t body = little(in, at + 4), length = 8 + body + body % 2;
        if (at + length > in.size()) return not_a_picture();
        const std::string_view type = in.substr(at, 4);
        if (type != "EXIF" && type != "XMP ") chunks += in.substr(at, length);
        if (type == "VP8X" && body > 0)
            chunks[chunks.size() - length + 8] &= static_cast<char>(~(exif_flag | xmp_flag));
        at += length;
    }
    if (chunks.empty()) return not_a_picture();
    Bytes out = "RIFF";
    const auto size = static_cast<std::uint32_t>(chunks.size() + 4);
    for (int i = 0; i < 4; ++i) out += static_cast<char>(size >> (8 * i) & 0xFF);
    return out + "WEBP" + chunks;
}

}  // namespace

Result<Bytes> without_metadata(std::string_view picture) {
    if (picture.starts_with("\xFF\xD8\xFF")) return jpeg(picture);
    if (picture.starts_with("\x89PNG\r\n\x1A\n")) return png(picture);
    if (picture.size() > 12 && picture.starts_with("RIFF") && picture.substr(8, 4) == "WEBP")
        return webp(picture);
    return not_a_picture();
}

}  // namespace qingyuan::api
