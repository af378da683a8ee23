// Code systems: which writing a code has and whether its check character is right (code_systems.toml).
// Patterns are a small language of our own over code points, because Chinese prefixes and letters count as
// one:
//
//   国药准字<approval_kind><digit>{8}    literal characters, <class>, and after either {n}, {n,m} or ?
//
// A class is a list of characters and ranges ("0-9A-HJ"), turned round by a leading ^. A code is right when
// one pattern fits it whole and its check holds.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::law {

class Law;
enum class Status : std::uint8_t;

struct CharacterClass {
    std::vector<std::pair<char32_t, char32_t>> ranges;
    bool negated = false;
    [[nodiscard]] bool holds(char32_t point) const;
};
using CharacterClasses = std::map<std::string, CharacterClass, std::less<>>;

/// "0-9A-F" or "^〔"; law_value_invalid for an empty list or a range that runs backwards.
[[nodiscard]] Result<CharacterClass> parse_character_class(std::string_view text);

class CodePattern {
 public:
    /// law_value_invalid for an unknown class or a bad count.
    static Result<CodePattern> create(std::string_view text, const CharacterClasses& classes);
    [[nodiscard]] bool fits(std::u32string_view value) const;

 private:
    struct Atom {
        CharacterClass one;
        std::size_t min = 1;
        std::size_t max = 1;
    };
    bool fits(std::u32string_view value, std::size_t atom) const;
    std::vector<Atom> atoms_;
};

/// How the check character is computed: `gs1` over the whole code, `udi` over the 14 digits after (01),
/// `region` by the table.
enum class CodeCheck : std::uint8_t { none, uscc, id_card, gs1, udi, region };

struct CodeSystem {
    std::string id;
    std::string zh;
    std::string en;
    std::string standard;
    Status status{};
    std::string basis;
    std::string algorithm;  ///< in words, for screens
    std::string note;
    std::vector<CodePattern> patterns;
    std::vector<CodePattern> legacy;  ///< older writings that stand in old records
    CodeCheck check = CodeCheck::none;
    bool personal = false;  ///< a personal value: masked on screens, kept in the vault
};

/// What the value of an application identifier is to a reader of pack codes; `none` is passed over.
enum class CodePart : std::uint8_t { none, container, item, content, serial, batch, made, expires };
[[nodiscard]] std::string_view text_of(CodePart part);

/// A GS1 application identifier: code_patterns.toml.
struct ApplicationIdentifier {
    std::string ai;  ///< "01", 2 to 4 digits; none begins another
    std::string zh;
    std::string en;
    std::size_t length_min = 1;  ///< characters of the value
    std::size_t length_max = 0;
    bool digits = false;  ///< of digits only
    CodePart holds = CodePart::none;
    CodeCheck check = CodeCheck::none;  ///< gs1: the last digit is the check digit of the value
};

/// Errors: code_system_unknown, code_malformed, code_check_failed, code_not_in_table. `value` is taken as it
/// is written.
[[nodiscard]] Result<void> check_code(const Law& law, std::string_view system, std::string_view value);

/// Is the value an older writing of the system (not valid for new records)? False for an unknown system.
[[nodiscard]] bool is_legacy_code(const Law& law, std::string_view system, std::string_view value);

/// What importers do before they check: full-width letters and digits made half-width, white space removed,
/// and the final x of an ID card number made X.
[[nodiscard]] std::string normalise_code(std::string_view system, std::string_view value);

/// Full-width forms (U+FF01..U+FF5E, U+3000) made half-width.
[[nodiscard]] std::string half_width(std::string_view utf8);

/// Check characters, for generators of sample data: of the first 17 characters of a USCC or ID card number,
/// of the digits of a GS1 key without its last. The text must hold only characters of the code (asserted).
[[nodiscard]] char uscc_check_character(std::string_view first_17);
[[nodiscard]] char id_card_check_character(std::string_view first_17);
[[nodiscard]] char gs1_check_digit(std::string_view digits);

}  // namespace qingyuan::law
