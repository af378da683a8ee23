// A table that somebody sends: a file, perhaps compressed, in whatever encoding.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace qingyuan::cli {

/// The text of the file as UTF-8; gzip is unpacked, GB18030 and UTF-16 are converted. Errors:
/// file_unreadable, encoding_invalid, too_large.
[[nodiscard]] Result<std::string> read_text_file(const std::filesystem::path& path);

}  // namespace qingyuan::cli
