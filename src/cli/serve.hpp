// Serving a data directory over HTTP: what `demo` and `serve` share.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands.hpp"

namespace qingyuan::cli {

/// Serves until SIGINT or SIGTERM. Loopback addresses only.
Result<void> serve(Context& context, Workspace& workspace, const std::string& address, std::uint16_t port);

}  // namespace qingyuan::cli
