// One-time codes that change every 30 seconds (TOTP, RFC 6238), six digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/date.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::accounts {

/// The time step of an instant: 30 seconds since 1970.
[[nodiscard]] std::int64_t code_step(Instant now);

/// Six digits of the step; `algorithm`: "sha1" as authenticator apps expect, or "sm3" for those that know
/// it. crypto_failed.
[[nodiscard]] Result<std::string> code_at(std::string_view secret, std::int64_t step,
                                          std::string_view algorithm);

/// The step whose code this is: the present one, or one before or after for clocks that differ; never one
/// up to `used`, so that a code works once.
[[nodiscard]] Result<std::optional<std::int64_t>> step_of_code(std::string_view secret, std::string_view code,
                                                               std::int64_t used, Instant now,
                                                               std::string_view algorithm);

/// "otpauth://totp/Issuer:name?secret=…", as authenticator apps read it.
[[nodiscard]] std::string otpauth_uri(std::string_view issuer, std::string_view name,
                                      std::string_view secret_base32, std::string_view algorithm);

/// A QR code as an SVG drawing in the colour of the text around it; field_invalid where the text is too long.
[[nodiscard]] Result<std::string> qr_drawing(std::string_view text);

}  // namespace qingyuan::accounts
