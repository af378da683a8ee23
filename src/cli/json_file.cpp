#include "cli/json_file.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace qingyuan::cli {

Result<nlohmann::json> read_json(const std::filesystem::path& path) {
    constexpr std::uintmax_t bytes_max = 64 << 20;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed))
        return Error{ErrorCode::file_unreadable, "there is no such file", path.string()};
    if (const auto size = std::filesystem::file_size(path, failed); !failed && size > bytes_max)
        return Error{ErrorCode::too_large, fmt::format("{} bytes; {} are allowed", size, bytes_max),
                     path.string()};
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{ErrorCode::file_unreadable, "it cannot be read", path.string()};
    try {
        return nlohmann::json::parse(text.str());
    } catch (const nlohmann::json::parse_error& error) {
        return Error{ErrorCode::json_malformed, fmt::format("at byte {}", error.byte), path.string()};
    }
}

Result<std::string> scalar_text(const nlohmann::json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean())
        return value.dump();  // the shortest writing that reads back the same
    return Error{ErrorCode::field_invalid,
                 fmt::format("{} is no number, truth or text", value.dump(-1, ' ', true))};
}

}  // namespace qingyuan::cli
