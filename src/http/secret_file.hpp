// Secrets come in files, never in settings, arguments or the environment.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace qingyuan::http {

/// A secret's file may be read by its owner only: mode 0600 or narrower. A file handed over by systemd
/// (CREDENTIALS_DIRECTORY) carries its access list in the group's bits and is allowed those. Errors:
/// key_file_missing, key_file_exposed.
Result<void> check_secret_file(const std::filesystem::path& path);

/// Its one line, without the line's end. Errors: the above; config_invalid where it is empty, longer than
/// 4 KiB or more than a line.
[[nodiscard]] Result<std::string> read_secret(const std::filesystem::path& path);

}  // namespace qingyuan::http
