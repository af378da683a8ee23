// Files of the built web app.
#pragma once

#include <filesystem>
#include <optional>

#include "http/server.hpp"

namespace qingyuan::api {

/// The file of the web app at the path, precompressed where the client takes that; the page of its entry
/// (desk, field, portal, public) for a path that names no file. Nothing where there is none.
[[nodiscard]] std::optional<http::Response> static_file(const std::filesystem::path& web,
                                                        const http::Request& request);

}  // namespace qingyuan::api
