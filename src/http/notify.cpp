#include "http/notify.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.hpp"

namespace qingyuan::http {

bool notify_supervisor(std::string_view state) {
    const char* const name = std::getenv("NOTIFY_SOCKET");
    if (name == nullptr || (name[0] != '/' && name[0] != '@')) return false;
    sockaddr_un to{};
    const std::size_t length = std::strlen(name);
    if (length >= sizeof to.sun_path) return false;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, name, length);
    if (name[0] == '@') to.sun_path[0] = '\0';  // the abstract namespace
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return false;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    const ssize_t sent = ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr*>(&to), size);  // NOLINT: the socket API
    ::close(socket);
    return sent == static_cast<ssize_t>(state.size());
}

std::optional<std::chrono::microseconds> watchdog_interval() {
    const char* const interval = std::getenv("WATCHDOG_USEC");
    if (interval == nullptr) return std::nullopt;
    const char* const process = std::getenv("WATCHDOG_PID");
    if (process != nullptr && process != std::to_string(::getpid())) return std::nullopt;
    const auto value = parse_integer(interval);
    if (!value || *value < 2) return std::nullopt;
    return std::chrono::microseconds(*value / 2);
}

}  // namespace qingyuan::http
