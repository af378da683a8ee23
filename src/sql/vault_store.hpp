// The vault's rows in an SQLite file of their own, so that the personal values can be backed up, moved and
// destroyed apart from everything else.
#pragma once

#include <filesystem>
#include <memory>

#include "accounts/vault.hpp"

namespace qingyuan::sql {

/// Opens or creates the file (mode 0600). Erased rows are overwritten with zeros on the page (secure_delete)
/// and no write-ahead log keeps an older page. Errors: store_unavailable, store_newer, store_corrupt,
/// disk_full, io_failed.
[[nodiscard]] Result<std::unique_ptr<accounts::VaultStore>> open_vault_store(
    const std::filesystem::path& file);

}  // namespace qingyuan::sql
