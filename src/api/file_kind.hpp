// What kind of file it is, told by its first bytes, never by its name.
#pragma once

#include <optional>
#include <string_view>

namespace qingyuan::api {

/// Media type of a file that is taken as evidence; nothing for every other kind, first of all for what a
/// browser or an office would run. `end` is the file's last bytes (a ZIP container names its parts there).
[[nodiscard]] std::optional<std::string_view> kind_of_file(std::string_view begin, std::string_view end);

/// How much of the beginning and the end is looked at.
constexpr std::size_t kind_bytes = 4096;

}  // namespace qingyuan::api
