// SM2 signatures (GB/T 32918.2) over checkpoints, with the identity of the standard ("1234567812345678").
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/sm3.hpp"

namespace qingyuan::journal {

class SigningKey {
 public:
    /// Reads the private key (PEM), or creates it with mode 0600. io_failed, crypto_failed.
    static Result<SigningKey> load_or_create(const std::filesystem::path& file);

    /// Hexadecimal uncompressed point, 130 digits.
    [[nodiscard]] const std::string& public_key() const { return public_key_; }
    /// DER signature.
    [[nodiscard]] Result<Bytes> sign(std::string_view text) const;

 private:
    std::shared_ptr<void> key_;
    std::string public_key_;
};

/// proof_invalid where the signature is not of this key over this text.
Result<void> verify_signature(std::string_view public_key, std::string_view text, std::string_view signature);

[[nodiscard]] Result<Bytes> parse_hex(std::string_view text);

}  // namespace qingyuan::journal
