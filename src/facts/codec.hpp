// Struct ↔ deterministic CBOR through a struct's `fields` list. A field at its default value (0, "", empty,
// false) is not written.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/cbor.hpp"
#include "base/date.hpp"
#include "facts/value.hpp"

namespace qingyuan::facts {

namespace codec {

// Bytes and texts are both std::string in structs; a field whose name is in this list holds raw bytes.
[[nodiscard]] constexpr bool holds_bytes(std::string_view field) {
    return field == "digest" || field == "root" || field == "rows_root" || field == "form_digest" ||
           field == "manifest" || field == "mac";
}

void write(CborWriter& out, std::string_view field, const std::string& value);
void write(CborWriter& out, std::string_view field, std::int64_t value);
void write(CborWriter& out, std::string_view field, bool value);
void write(CborWriter& out, std::string_view field, Date value);
void write(CborWriter& out, std::string_view field, const std::vector<std::string>& value);
void write(CborWriter& out, std::string_view field, const SubjectRef& value);
void write(CborWriter& out, std::string_view field, const Form& value);

Result<void> read(CborReader& in, std::string_view field, std::string& value);
Result<void> read(CborReader& in, std::string_view field, std::int64_t& value);
Result<void> read(CborReader& in, std::string_view field, bool& value);
Result<void> read(CborReader& in, std::string_view field, Date& value);
Result<void> read(CborReader& in, std::string_view field, std::vector<std::string>& value);
Result<void> read(CborReader& in, std::string_view field, SubjectRef& value);
Result<void> read(CborReader& in, std::string_view field, Form& value);

template <class T>
concept Listed = requires(T t, int& v) { T::fields(v, t); };

template <class T>
[[nodiscard]] bool is_default(const T& value) {
    return value == T{};
}
template <Listed T>
[[nodiscard]] bool is_default(const std::vector<T>& value) {
    return value.empty();
}

template <Listed T>
Bytes encode_fields(const T& value);
template <Listed T>
Result<void> decode_fields(CborReader& in, T& value);

template <Listed T>
void write(CborWriter& out, std::string_view, const std::vector<T>& value) {
    out.array(value.size());
    for (const T& item : value) out.encoded(encode_fields(item));
}
template <Listed T>
Result<void> read(CborReader& in, std::string_view, std::vector<T>& value) {
    const std::uint64_t count = TRY(in.array());
    for (std::uint64_t i = 0; i < count; ++i) CHECK(decode_fields(in, value.emplace_back()));
    return {};
}

/// Encodes the fields one behind the other into one buffer and remembers where each lies.
struct Encoder {
    struct Piece {
        std::string_view name;
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    CborWriter values;
    std::array<Piece, 32> pieces;
    std::size_t count = 0;

    template <class T>
    void operator()(std::string_view name, const T& value) {
        if (is_default(value)) return;
        QY_ASSERT(count < pieces.size());
        const std::size_t begin = values.size();
        write(values, name, value);
        pieces[count++] = {name, begin, values.size()};
    }
};

struct Decoder {
    CborReader& in;
    std::string_view key;
    bool found = false;
    Result<void> result = {};
    template <class T>
    void operator()(std::string_view name, T& value) {
        if (found || name != key) return;
        found = true;
        result = read(in, name, value);
        if (result && is_default(value))
            result = Error{ErrorCode::record_malformed, "a default value is written out"};
    }
};

template <Listed T>
Bytes encode_fields(const T& value) {
    Encoder encoder;
    T::fields(encoder, value);
    const auto end = encoder.pieces.begin() + static_cast<std::ptrdiff_t>(encoder.count);
    std::sort(encoder.pieces.begin(), end,
              [](const auto& a, const auto& b) { return cbor_key_before(a.name, b.name); });
    const Bytes values = encoder.values.take();
    Bytes bytes;
    bytes.reserve(values.size() + 20 * encoder.count + 8);
    CborWriter out(std::move(bytes));
    out.map(encoder.count);
    for (auto piece = encoder.pieces.begin(); piece != end; ++piece) {
        out.text(piece->name);
        out.encoded(std::string_view(values).substr(piece->begin, piece->end - piece->begin));
    }
    return out.take();
}

template <Listed T>
Result<void> decode_fields(CborReader& in, T& value) {
    const std::uint64_t count = TRY(in.map());
    std::string_view last;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view key = TRY(in.text());
        if (i > 0 && !cbor_key_before(last, key))
            return Error{ErrorCode::record_malformed, "map keys are not in order"};
        last = key;
        Decoder decoder{in, key};
        T::fields(decoder, value);
        if (!decoder.found)
            return Error{ErrorCode::record_malformed, "the field '" + std::string(key) + "' is unknown"};
        CHECK(decoder.result);
    }
    return {};
}

}  // namespace codec

/// The deterministic CBOR of any struct that lists its fields.
template <codec::Listed T>
[[nodiscard]] Bytes encode_row(const T& value) {
    return codec::encode_fields(value);
}

template <codec::Listed T>
[[nodiscard]] Result<T> decode_row(std::string_view bytes) {
    CborReader in(bytes);
    T value;
    CHECK(codec::decode_fields(in, value));
    if (!in.at_end()) return Error{ErrorCode::record_malformed, "bytes after the end"};
    return value;
}

}  // namespace qingyuan::facts
