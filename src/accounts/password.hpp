// Passwords: how they are stored and which are accepted. A stored password is one line of text that names its
// scheme and its cost, so that a change of either is noticed at the next sign-in.
//   $argon2id$v=19$m=65536,t=2,p=1$…   Argon2id (RFC 9106), by libsodium
//   $pbkdf2-sm3$i=600000$salt$key      PBKDF2 (RFC 8018) with HMAC-SM3 (GM/T 0042), by OpenSSL
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::accounts {

enum class HashScheme : std::uint8_t { argon2id, pbkdf2_sm3 };

/// Cost of one hash. The defaults take some tenths of a second on one core; tests bring smaller ones.
struct Hashing {
    HashScheme scheme = HashScheme::argon2id;
    std::uint64_t argon_passes = 2;  ///< libsodium's "interactive" limits
    std::size_t argon_bytes = 64 * 1024 * 1024;
    std::uint32_t pbkdf2_iterations = 600'000;
};

/// crypto_failed where there is no memory for it.
[[nodiscard]] Result<std::string> hash_password(std::string_view password, const Hashing& hashing);
/// False for another password and for a stored text that is none. Takes as long as the stored cost says.
[[nodiscard]] bool password_fits(std::string_view password, std::string_view stored);
/// Was it stored with another scheme or cost than `hashing`?
[[nodiscard]] bool wants_rehash(std::string_view stored, const Hashing& hashing);

/// What this process has spent on hashing, in passes over a KiB and rounds of HMAC. Tests compare the work of
/// two sign-ins by it, which no clock on a busy machine can.
[[nodiscard]] std::uint64_t hashing_spent();

/// Which passwords are accepted. docs/accounts.md says why the default is what it is.
struct PasswordPolicy {
    std::string id = "mlps3";
    std::size_t length_min = 12;
    std::size_t length_max = 128;
    std::size_t classes_min = 3;  ///< of small letters, capitals, digits, others
    int rotation_days = 90;       ///< 0 = none
    std::size_t history = 5;      ///< earlier passwords that are refused
};
/// GB/T 22239-2019 8.1.4.1 a: complexity and regular change. The default.
[[nodiscard]] PasswordPolicy mlps3_policy();
/// OWASP ASVS 5.0 V6.2: length and a list of common passwords, no composition, no rotation.
[[nodiscard]] PasswordPolicy asvs_policy();

/// password_weak with the rule that was broken; never repeats the password. `names` are words the password
/// may not consist of: the account's name, the person's id and name.
[[nodiscard]] Result<void> check_password(std::string_view password, const PasswordPolicy& policy,
                                          const std::vector<std::string>& names);

/// A password that fits every policy, for a first sign-in: 16 characters that cannot be confused, ~ 90 bits.
[[nodiscard]] Result<std::string> one_time_password();

}  // namespace qingyuan::accounts
