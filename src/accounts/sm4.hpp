// SM4-CTR (GB/T 32907) and HMAC-SM3 (GM/T 0042): the national algorithms of the vault. OpenSSL 3.0 has no
// SM4-GCM, so what is sealed is encrypted first and authenticated after, under two keys.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::accounts {

/// Encrypts and decrypts alike. `key` and `counter` have 16 bytes each (asserted). crypto_failed when OpenSSL
/// fails.
[[nodiscard]] Result<Bytes> sm4_ctr(std::string_view key, std::string_view counter, std::string_view text);

/// 32 bytes. crypto_failed when OpenSSL fails.
[[nodiscard]] Result<Bytes> hmac_sm3(std::string_view key, std::string_view text);

/// Bytes from the system's generator. crypto_failed where it has none.
[[nodiscard]] Result<Bytes> random_bytes(std::size_t count);

/// Compares without telling by the time taken where they differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

/// counter (16) ‖ SM4-CTR(text) ‖ HMAC-SM3(counter ‖ ciphertext ‖ context) (32), under keys derived from
/// `secret` (32 bytes). `context` is what the sealed value belongs to; it is authenticated, not stored.
[[nodiscard]] Result<Bytes> seal(std::string_view secret, std::string_view context, std::string_view counter,
                                 std::string_view text);
/// crypto_failed where any byte was changed, the context differs or the secret is another one.
[[nodiscard]] Result<Bytes> unseal(std::string_view secret, std::string_view context,
                                   std::string_view sealed);

}  // namespace qingyuan::accounts
