// Serving a data directory over HTTP: what `demo` and `serve` share.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands.hpp"

namespace qingyuan::cli {

struct Config;

/// Serves until SIGINT or SIGTERM as the configuration says.
Result<void> serve(Context& context, Workspace& workspace, const Config& config);

/// The same with the defaults on a loopback address. Serves until SIGINT or SIGTERM.
Result<void> serve(Context& context, Workspace& workspace, const std::string& address, std::uint16_t port);

}  // namespace qingyuan::cli
