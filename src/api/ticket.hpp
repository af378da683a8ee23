// The secret of a receipt: sixteen letters that open the progress of what was handed in.
#pragma once

#include <string>
#include <string_view>

namespace qingyuan::api {

constexpr std::size_t ticket_secret_bytes = 10;

/// Bytes in groups of four letters that cannot be taken for one another when read aloud or typed (Crockford
/// Base32): "7H2K-…".
[[nodiscard]] std::string ticket_secret(std::string_view bytes);
/// What is kept of a secret, however it was typed: with or without hyphens, in either case, O for 0, I or L
/// for 1.
[[nodiscard]] std::string ticket_check(std::string_view secret);

}  // namespace qingyuan::api
