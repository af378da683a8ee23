// Listening: the HTTP server as the configuration wants it, its log and its port for metrics.
#pragma once

#include "cli/config.hpp"
#include "http/metrics.hpp"
#include "http/server.hpp"

namespace qingyuan::cli {

/// Answers with `handler` until SIGINT or SIGTERM. JSON lines on stderr tell of each request (no personal
/// data: the route's pattern, never the path) and of the server itself; the first line of stderr is the
/// server's address. /readyz is 503 from the moment a stop is asked for.
Result<void> listen(const Config& config, http::Metrics& metrics, http::Classify classify,
                    http::Handler handler);

}  // namespace qingyuan::cli
