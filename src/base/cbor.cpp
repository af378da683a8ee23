#include "base/cbor.hpp"

#include "base/text.hpp"

namespace qingyuan {

namespace {
constexpr std::uint8_t major_unsigned = 0, major_negative = 1, major_bytes = 2, major_text = 3,
                       major_array = 4, major_map = 5;
constexpr std::uint8_t simple_false = 0xF4, simple_true = 0xF5, simple_null = 0xF6;

Error malformed(const char* message) {
    return {ErrorCode::record_malformed, message};
}
}  // namespace

void CborWriter::head(std::uint8_t major, std::uint64_t value) {
    const auto put = [&](std::uint8_t extra, int bytes) {
        out_ += static_cast<char>((major << 5) | extra);
        for (int i = bytes - 1; i >= 0; --i) out_ += static_cast<char>(value >> (8 * i));
    };
    if (value < 24)
        put(static_cast<std::uint8_t>(value), 0);
    else if (value <= 0xFF)
        put(24, 1);
    else if (value <= 0xFFFF)
        put(25, 2);
    else if (value <= 0xFFFFFFFF)
        put(26, 4);
    else
        put(27, 8);
}

void CborWriter::integer(std::int64_t value) {
    if (value >= 0)
        head(major_unsigned, static_cast<std::uint64_t>(value));
    else
        head(major_negative, static_cast<std::uint64_t>(-1 - value));
}
void CborWriter::text(std::string_view utf8) {
    head(major_text, utf8.size());
    out_ += utf8;
}
void CborWriter::bytes(std::string_view raw) {
    head(major_bytes, raw.size());
    out_ += raw;
}
void CborWriter::boolean(bool value) {
    out_ += static_cast<char>(value ? simple_true : simple_false);
}
void CborWriter::null() {
    out_ += static_cast<char>(simple_null);
}
void CborWriter::array(std::uint64_t count) {
    head(major_array, count);
}
void CborWriter::map(std::uint64_t count) {
    head(major_map, count);
}

Result<CborType> CborReader::peek() const {
    if (at_end()) return malformed("the bytes end early");
    const auto byte = static_cast<std::uint8_t>(bytes_[at_]);
    switch (byte >> 5) {
        case major_unsigned:
        case major_negative: return CborType::integer;
        case major_bytes: return CborType::bytes;
        case major_text: return CborType::text;
        case major_array: return CborType::array;
        case major_map: return CborType::map;
        default: break;
    }
    if (byte == simple_false || byte == simple_true) return CborType::boolean;
    if (byte == simple_null) return CborType::null;
    return malformed("a type that facts do not use");
}

Result<std::uint64_t> CborReader::head(std::uint8_t major) {
    if (at_end()) return malformed("the bytes end early");
    const auto byte = static_cast<std::uint8_t>(bytes_[at_]);
    if (byte >> 5 != major) return malformed("another type was expected");
    const int extra = byte & 31;
    if (extra < 24) {
        ++at_;
        return static_cast<std::uint64_t>(extra);
    }
    if (extra > 27) return malformed("an indefinite length");
    const int count = 1 << (extra - 24);
    if (at_ + 1 + static_cast<std::size_t>(count) > bytes_.size()) return malformed("the bytes end early");
    std::uint64_t value = 0;
    for (int i = 0; i < count; ++i)
        value = (value << 8) | static_cast<std::uint8_t>(bytes_[at_ + 1 + static_cast<std::size_t>(i)]);
    const std::uint64_t least = extra == 24 ? 24 : std::uint64_t{1} << (4 * count);
    if (value < least) return malformed("a number is not written in its shortest form");
    at_ += 1 + static_cast<std::size_t>(count);
    return value;
}

Result<std::int64_t> CborReader::integer() {
    if (at_end()) return malformed("the bytes end early");
    const bool negative = static_cast<std::uint8_t>(bytes_[at_]) >> 5 == major_negative;
    const std::uint64_t value = TRY(head(negative ? major_negative : major_unsigned));
    if (value > INT64_MAX) return malformed("a number does not fit in 64 bits");
    return negative ? -1 - static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

Result<std::string_view> CborReader::bytes() {
    const std::uint64_t size = TRY(head(major_bytes));
    if (size > bytes_.size() - at_) return malformed("the bytes end early");
    const auto out = bytes_.substr(at_, size);
    at_ += size;
    return out;
}

Result<std::string_view> CborReader::text() {
    const std::uint64_t size = TRY(head(major_text));
    if (size > bytes_.size() - at_) return malformed("the bytes end early");
    const auto out = bytes_.substr(at_, size);
    at_ += size;
    if (!is_utf8(out)) return malformed("a text is not UTF-8");
    return out;
}

Result<bool> CborReader::boolean() {
    if (TRY(peek()) != CborType::boolean) return malformed("another type was expected");
    return static_cast<std::uint8_t>(bytes_[at_++]) == simple_true;
}

Result<void> CborReader::null() {
    if (TRY(peek()) != CborType::null) return malformed("another type was expected");
    ++at_;
    return {};
}

Result<std::uint64_t> CborReader::array() {
    return head(major_array);
}
Result<std::uint64_t> CborReader::map() {
    return head(major_map);
}

Result<void> CborReader::skip() {
    return skip(0);
}

Result<void> CborReader::skip(int depth) {
    if (depth > 16) return malformed("nested too deep");
    switch (TRY(peek())) {
        case CborType::integer: TRY(integer()); return {};
        case CborType::text: TRY(text()); return {};
        case CborType::bytes: TRY(bytes()); return {};
        case CborType::boolean: TRY(boolean()); return {};
        case CborType::null: return null();
        case CborType::array: {
            const std::uint64_t count = TRY(array());
            for (std::uint64_t i = 0; i < count; ++i) CHECK(skip(depth + 1));
            return {};
        }
        case CborType::map: {
            const std::uint64_t count = TRY(map());
            for (std::uint64_t i = 0; i < 2 * count; ++i) CHECK(skip(depth + 1));
            return {};
        }
    }
    return malformed("a type that facts do not use");
}

}  // namespace qingyuan
