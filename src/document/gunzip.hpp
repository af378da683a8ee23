// A gzip file as its bytes: tables of other systems often come compressed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan::document {

constexpr std::size_t gunzip_bytes_max = std::size_t{4} << 30;  ///< of what comes out
constexpr std::size_t gunzip_ratio_max = 200;  ///< a table compresses 5 to 30 times; more is no table

/// Does it begin as a gzip file (RFC 1952)?
[[nodiscard]] bool is_gzip(std::string_view bytes);

/// All members, one after another. file_unreadable where it is damaged or cut; too_large.
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes);

}  // namespace qingyuan::document
