// The HTTP/1.1 server: sockets stand only here. A handler is a plain function from Request to Response; it
// runs on a bounded pool of workers and knows neither sockets nor coroutines. When the pool's queue is full
// the server answers 503 by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::http {

struct Request {
    std::string method;                          ///< "GET"
    std::string path;                            ///< percent-decoded, without query: "/api/reports/mid_year"
    std::map<std::string, std::string> query;    ///< percent-decoded, the last of equal names wins
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;

    [[nodiscard]] std::string_view header(std::string_view name) const;     ///< "" where absent
    [[nodiscard]] std::string_view parameter(std::string_view name) const;  ///< of the query, "" where absent
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

using Handler = std::function<Response(const Request&)>;

struct Limits {
    std::uint32_t header_bytes_max = 16 * 1024;
    std::uint64_t body_bytes_max = 16 * 1024 * 1024;
    std::chrono::seconds header_timeout{10};
    std::chrono::seconds body_timeout{60};
    std::chrono::seconds idle_timeout{120};  ///< between two requests of one connection
    std::chrono::seconds write_timeout{60};
    std::chrono::seconds stop_grace{10};  ///< how long requests in flight may finish after a signal
    unsigned workers = 4;
    unsigned queue_max = 256;  ///< requests waiting or running; one more is answered 503
    unsigned connections_max = 10'000;
};

class Server {
 public:
    /// Binds and listens. `address` must be a loopback address: address_refused otherwise, because until
    /// accounts exist whoever reaches the port is trusted. Port 0 takes a free one. Errors: port_in_use,
    /// address_refused.
    static Result<std::unique_ptr<Server>> create(std::string_view address, std::uint16_t port, Limits limits,
                                                  Handler handler);
    ~Server();

    [[nodiscard]] std::uint16_t port() const;
    /// Serves until SIGINT, SIGTERM or stop(); requests in flight are finished.
    void run();
    /// May be called from any thread.
    void stop();

    struct State;  ///< defined in server.cpp

 private:
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Percent-decoding; nothing on a bad escape, a NUL or bytes that are not UTF-8.
[[nodiscard]] Result<std::string> decode_url(std::string_view text);

}  // namespace qingyuan::http
