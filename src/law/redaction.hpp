// Personal identifiers in text that is about to be published (处罚信息公示规定 5, 6; 个人信息保护法 4):
// found, so that the text can be refused or masked.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qingyuan::law {

enum class IdentifierKind : std::uint8_t {
    identity_number,  ///< 18 digits with the right check character, or 15 of the older writing with a real
                      ///< date
    telephone,        ///< mobile or landline, with or without blanks and hyphens
    bank_card,        ///< 16 to 19 digits with the right check digit that begin with 62
    email,
    name  ///< one of the names given
};

/// Where an identifier stands in the text, in bytes.
struct Identifier {
    std::size_t at = 0;
    std::size_t length = 0;
    IdentifierKind kind{};
    bool operator==(const Identifier&) const = default;
};

/// All identifiers in valid UTF-8, in order, none inside another. Full-width digits count as digits. Digits
/// inside a longer run (a trace code, an approval number) are none. A name is found wherever it stands; names
/// of one character are ignored, for they are words too.
[[nodiscard]] std::vector<Identifier> find_identifiers(std::string_view text,
                                                       std::span<const std::string> names = {});

/// The text with every identifier replaced: 〔身份证号〕, 〔电话〕, 〔银行卡号〕, 〔邮箱〕, 〔姓名〕. Nothing
/// is found in what it returns.
[[nodiscard]] std::string redacted(std::string_view text, std::span<const std::string> names = {});

/// A personal name as it is published: the family name and ××.
[[nodiscard]] std::string masked_name(std::string_view name);

}  // namespace qingyuan::law
