// What is printed on a pack and scanned: the 20-digit national code, GS1 serials (SGTIN, Digital Link,
// element string), SSCC of pallets, makers' own codes. One parser for whatever is scanned, one 128-bit key
// for the index.
//
// Sources: NMPAB/T 1002-2019 (a trace code has 20 characters, the first seven are the product identification
// code, or follows ISO/IEC 15459); GS1 General Specifications 3.2-3.4 (element strings), GS1 Digital
// Link 1.2.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan::packs {

__extension__ using Wide = unsigned __int128;

enum class CodeKind : std::uint8_t {
    national = 0,  ///< 20 digits; the number itself
    gs1 = 1,       ///< GTIN-14 (47 bits) and 77 bits of the serial's SHA-256
    sscc = 2,      ///< 18 digits; the number itself
    own = 3,       ///< 124 bits of the text's SHA-256
    document = 15  ///< no pack: findings about a document stand in its place
};

/// A code as the index orders it: four bits of kind, 124 of value. National codes order as numbers, so that
/// the packs of a batch, which have consecutive serials, lie side by side.
struct PackCode {
    Wide value = 0;
    auto operator<=>(const PackCode&) const = default;

    [[nodiscard]] CodeKind kind() const { return static_cast<CodeKind>(static_cast<unsigned>(value >> 124)); }
    /// Neighbours that are stored together: 64 consecutive serials of a product, or the code alone.
    [[nodiscard]] Wide group() const;
    /// The first 7 digits of a national code, the GTIN-14 of a GS1 code; 0 for the others.
    [[nodiscard]] std::uint64_t product() const;
    /// The text of a national code or an SSCC; empty where only a hash is kept.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool is_hashed() const { return kind() == CodeKind::gs1 || kind() == CodeKind::own; }
};

/// All codes of a product lie in [first, behind).
struct CodeRange {
    PackCode first, behind;
};
[[nodiscard]] CodeRange codes_of_product(CodeKind kind, std::uint64_t product);

/// 20 digits and nothing else: the fast path of bulk files. False where it is anything else.
[[nodiscard]] bool parse_national(std::string_view text, PackCode& out);

/// A code of any kind in its canonical writing: "81000010000000011234", "(01)09506000134352(21)A1", "(00)…",
/// or the text.
struct ScannedCode {
    PackCode code;
    std::string text;    ///< canonical
    std::string batch;   ///< AI 10, where the scan carried it
    std::string expiry;  ///< AI 17 as YYYY-MM-DD
};
/// Reads what a scanner or a person gives: blanks and separators are dropped, full-width digits are taken,
/// brackets, group separators and Digital Link addresses understood. code_malformed, code_check_failed (GS1
/// check digits; the national check part is its issuer's secret and is never recomputed).
[[nodiscard]] Result<ScannedCode> parse_code(std::string_view scanned);

[[nodiscard]] PackCode own_code(std::string_view text);
[[nodiscard]] PackCode gs1_code(std::uint64_t gtin, std::string_view serial);
/// Stands for a document where findings are kept.
[[nodiscard]] PackCode document_code(std::uint64_t name);

/// The least code that can lie in a group.
[[nodiscard]] Wide first_code_of(Wide group);

/// Big-endian bytes: nine of a national group, seventeen of any other (one of kind, then the value).
[[nodiscard]] std::string group_key(Wide group);
[[nodiscard]] Wide parse_group_key(std::string_view key);
/// Sixteen bytes, big-endian.
[[nodiscard]] std::string code_key(PackCode code);
[[nodiscard]] PackCode parse_code_key(std::string_view key);

}  // namespace qingyuan::packs
