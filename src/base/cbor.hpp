// Deterministic CBOR (RFC 8949, 4.2.1): the bytes of a fact. Only what facts need: unsigned and negative
// integers, byte and text strings, arrays, maps with text keys in bytewise order of their encoding, false,
// true, null. Definite lengths, shortest heads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan {

class CborWriter {
 public:
    CborWriter() = default;
    explicit CborWriter(Bytes begun) : out_(std::move(begun)) {}  ///< goes on after what was written before

    void integer(std::int64_t value);
    void text(std::string_view utf8);
    void bytes(std::string_view raw);
    void boolean(bool value);
    void null();
    void array(std::uint64_t count);
    void map(std::uint64_t
                 count);  ///< the caller writes the pairs in key order (shorter key first, then bytewise)
    void encoded(std::string_view item) { out_ += item; }  ///< an item that is deterministic CBOR already
    [[nodiscard]] Bytes take() { return std::move(out_); }
    [[nodiscard]] std::size_t size() const { return out_.size(); }

 private:
    void head(std::uint8_t major, std::uint64_t value);
    Bytes out_;
};

enum class CborType : std::uint8_t { integer, text, bytes, boolean, null, array, map };

/// Reads one item after another; every deviation from the deterministic form is record_malformed.
class CborReader {
 public:
    explicit CborReader(std::string_view bytes) : bytes_(bytes) {}

    [[nodiscard]] bool at_end() const { return at_ >= bytes_.size(); }
    [[nodiscard]] std::string_view rest() const { return bytes_.substr(at_); }
    [[nodiscard]] Result<CborType> peek() const;
    Result<std::int64_t> integer();
    Result<std::string_view> text();
    Result<std::string_view> bytes();
    Result<bool> boolean();
    Result<void> null();
    Result<std::uint64_t> array();  ///< number of items that follow
    Result<std::uint64_t> map();    ///< number of pairs that follow
    /// Passes over one item of any type, nested at most 16 deep.
    Result<void> skip();

 private:
    Result<std::uint64_t> head(std::uint8_t major);
    Result<void> skip(int depth);
    std::string_view bytes_;
    std::size_t at_ = 0;
};

/// Does key a come before key b in deterministic order: shorter first, then bytewise.
[[nodiscard]] inline bool cbor_key_before(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace qingyuan
