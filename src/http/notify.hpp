// What a service supervisor is told (sd_notify(3)): one datagram to the socket named by NOTIFY_SOCKET.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace qingyuan::http {

/// "READY=1", "STOPPING=1", "WATCHDOG=1"; false where nobody listens.
bool notify_supervisor(std::string_view state);

/// How often the supervisor wants to hear WATCHDOG=1 from this process: half of WATCHDOG_USEC.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace qingyuan::http
