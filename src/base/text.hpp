// Text as every room needs it: UTF-8, splitting, numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace qingyuan {

[[nodiscard]] bool is_utf8(std::string_view bytes);
/// Length in code points of valid UTF-8.
[[nodiscard]] std::size_t length_of(std::string_view utf8);
/// The code points of valid UTF-8.
[[nodiscard]] std::u32string code_points(std::string_view utf8);
[[nodiscard]] std::string_view trim(std::string_view text);  ///< without ASCII white space at both ends
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);  ///< "" gives no part
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] Result<std::int64_t> parse_integer(std::string_view text);
/// Is it a name of our own: [a-z][a-z0-9_]*
[[nodiscard]] bool is_identifier(std::string_view text);

}  // namespace qingyuan
