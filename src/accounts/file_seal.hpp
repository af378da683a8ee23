// Sealing of raw files with personal data: each under a secret of its own, which is a value of the vault, so
// that erasing one subject makes one file unreadable. The functions fit journal::Transform. Bytes:
// docs/formats/evidence.md.
#pragma once

#include <functional>

#include "accounts/vault.hpp"

namespace qingyuan::accounts {

using FileTransform = std::function<Result<Bytes>(std::string_view digest_hex, std::string_view bytes)>;

/// Puts the subject's id in front of the sealed bytes. The vault must outlive the function.
[[nodiscard]] FileTransform seal_file(Vault& vault, Random random = {});
/// record_unknown where the secret was erased or never was here; crypto_failed where a byte was changed.
[[nodiscard]] FileTransform unseal_file(const Vault& vault);

/// The subject whose erasure makes the file unreadable; record_malformed where the bytes are no sealed file.
[[nodiscard]] Result<std::string> subject_of_file(std::string_view sealed_bytes);

}  // namespace qingyuan::accounts
