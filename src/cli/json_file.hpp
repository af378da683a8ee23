// JSON files given on the command line.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace qingyuan::cli {

/// Errors: file_unreadable, too_large, json_malformed with the place of the first wrong byte.
[[nodiscard]] Result<nlohmann::json> read_json(const std::filesystem::path& path);

/// A number, truth or text as it is written: 99999.99, true, retail. field_invalid for anything else.
[[nodiscard]] Result<std::string> scalar_text(const nlohmann::json& value);

}  // namespace qingyuan::cli
