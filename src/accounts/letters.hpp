// Bytes as letters: base64url without padding (RFC 4648 5) for secrets and tokens of other services, Base32
// (RFC 4648 6) for what a person types into an authenticator app, percent-encoding for what stands in a URL.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::accounts {

[[nodiscard]] std::string base64url(std::string_view bytes);
/// Nothing but the canonical form is read: token_invalid for padding, white space or stray last bits.
[[nodiscard]] Result<Bytes> parse_base64url(std::string_view text);

[[nodiscard]] std::string base32(std::string_view bytes);
/// Capitals and small letters, spaces between groups; field_invalid.
[[nodiscard]] Result<Bytes> parse_base32(std::string_view text);

/// All but the unreserved characters of RFC 3986 as %XX.
[[nodiscard]] std::string encode_url(std::string_view text);

/// A fresh secret of 256 bits in 43 letters; crypto_failed.
[[nodiscard]] Result<std::string> fresh_secret();
/// The hexadecimal SM3 of a secret: what may be stored of it.
[[nodiscard]] std::string digest_hex(std::string_view secret);

}  // namespace qingyuan::accounts
