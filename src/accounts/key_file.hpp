// The master key of the vault: one line of text in a file that only its owner may read.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::accounts {

constexpr std::size_t master_key_bytes = 32;

/// Reads the key. key_file_missing, key_file_exposed (the mode gives anything to group or others, or it is no
/// regular file), key_file_wrong (not the form of a key file), io_failed.
[[nodiscard]] Result<Bytes> load_master_key(const std::filesystem::path& file);

/// Writes a new file with mode 0600 and brings it to the disk; io_failed, also where the file exists already.
Result<void> create_master_key(const std::filesystem::path& file, std::string_view key);

}  // namespace qingyuan::accounts
