// The configuration of a server: a TOML file, over it the environment, over it the command line. Every
// setting stands in config.def; a key that does not is an error with its place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/accounts.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace qingyuan::cli {

struct Config {
#define SECTION(name) struct {
#define END(name) \
    }             \
    name;
#define TEXT(key, initial, help) std::string key = initial;
#define CHOICE(key, initial, words, help) std::string key = initial;
#define WHOLE(key, initial, least, most, help) std::int64_t key = initial;
#define FLAG(key, initial, help) bool key = initial;
#define LIST(key, help) std::vector<std::string> key = {};
#define PATH(key, help) std::filesystem::path key = {};
#define SECRET(key, help) std::filesystem::path key = {};
#include "cli/config.def"
#undef SECTION
#undef END
#undef TEXT
#undef CHOICE
#undef WHOLE
#undef FLAG
#undef LIST
#undef PATH
#undef SECRET
    /// Where a setting comes from, by "section.key": "qingyuan.toml:12", a name of the environment, an
    /// option. Absent: the default.
    std::map<std::string, std::string, std::less<>> origins = {};
};

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The variables of this process.
[[nodiscard]] Environment process_environment();

/// Reads a file (none: only defaults) and the environment over it. Errors, with file:line or the variable:
/// file_unreadable, toml_malformed, config_unknown, config_invalid.
[[nodiscard]] Result<Config> load_config(const std::optional<std::filesystem::path>& file,
                                         const Environment& environment);

/// Overrides one setting ("server.port") by text, as the command line and the environment write it: numbers
/// and true/false plain, lists with commas. Errors: config_unknown, config_invalid.
Result<void> set_config(Config& config, std::string_view name, std::string_view value, std::string origin);

/// What must fit together, and that secrets are secret: certificate with key, sender with relay, modes of
/// files. Errors: config_invalid, key_file_missing, key_file_exposed.
Result<void> check_config(const Config& config);

/// TOML that loads again, each setting with what it is for and where it comes from; no secret: they stand in
/// files, and user names in addresses are left out.
[[nodiscard]] std::string config_text(const Config& config);

// What the rooms are given of it.
[[nodiscard]] http::Options server_options(const Config& config);
[[nodiscard]] accounts::Options account_options(const Config& config);
/// Nothing where no relay is set. Errors: those of the password's file.
[[nodiscard]] Result<std::optional<http::MailOptions>> mail_options(const Config& config);

}  // namespace qingyuan::cli
