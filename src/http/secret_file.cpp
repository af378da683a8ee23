#include "http/secret_file.hpp"

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

namespace qingyuan::http {

Result<void> check_secret_file(const std::filesystem::path& path) {
    struct stat state{};
    if (::stat(path.c_str(), &state) != 0 || !S_ISREG(state.st_mode))
        return Error{ErrorCode::key_file_missing, "there is no such file", path.string()};
    const char* const handed_over = std::getenv("CREDENTIALS_DIRECTORY");
    const bool credential =
        handed_over != nullptr && *handed_over != 0 &&
        path.lexically_normal().parent_path() == std::filesystem::path(handed_over).lexically_normal();
    const mode_t refused = credential ? 0007 : 0077;
    if ((state.st_mode & refused) != 0)
        return Error{ErrorCode::key_file_exposed,
                     fmt::format("mode {:04o} lets others in", state.st_mode & 07777),
                     path.string(),
                     {},
                     "chmod 600 it, and replace what it holds if others may have read it"};
    return {};
}

Result<std::string> read_secret(const std::filesystem::path& path) {
    constexpr std::size_t secret_bytes_max = 4096;
    CHECK(check_secret_file(path));
    std::ifstream in(path, std::ios::binary);
    std::string text(secret_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    const std::size_t size = text.size();
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty() || size > secret_bytes_max || text.find('\n') != std::string::npos)
        return Error{ErrorCode::config_invalid, "a secret is one line of at most 4 KiB", path.string()};
    return text;
}

}  // namespace qingyuan::http
