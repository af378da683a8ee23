// The HTTP/1.1 server: sockets stand only here. A handler is a plain function from Request to Response; it
// runs on the bounded pool of its lane and knows neither sockets nor coroutines. What is wrong, too large,
// too slow or too much is answered or cut off here, before a handler sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/metrics.hpp"

namespace qingyuan::http {

struct Request {
    std::string method;                          ///< "GET"
    std::string path;                            ///< percent-decoded, without query: "/api/reports/mid_year"
    std::map<std::string, std::string> query;    ///< percent-decoded, the last of equal names wins
    std::map<std::string, std::string> headers;  ///< names in lower case, equal names joined by ", "
    std::string body;
    std::string peer = "127.0.0.1";  ///< address of who asks; a trusted proxy's word on it is taken
    std::string id;                  ///< of this request, in the log and in the header X-Request-Id
    bool secure = false;             ///< came by TLS, here or at a trusted proxy

    [[nodiscard]] std::string_view header(std::string_view name) const;     ///< "" where absent
    [[nodiscard]] std::string_view parameter(std::string_view name) const;  ///< of the query, "" where absent
    [[nodiscard]] std::string_view cookie(std::string_view name) const;     ///< "" where absent
};

/// The next piece of a stream of server-sent events.
struct EventPiece {
    std::string text;  ///< whole events ("event: x\ndata: {}\n\n"); empty = nothing yet
    bool end = false;  ///< the last piece
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    /// The body is this file instead, read from the disk while it is sent.
    std::filesystem::path file = {};
    /// The answer is a stream of events instead: asked for the next piece five times a second until it ends,
    /// the client leaves or the server stops. Runs on the thread of the sockets: it must not wait for
    /// anything (a lock held for microseconds is fine, a database is not).
    std::function<EventPiece()> events = {};
};

using Handler = std::function<Response(const Request&)>;

/// Pools of workers that cannot starve one another.
enum class Lane : std::uint8_t {
    general,
    sign_in,  ///< password hashing: full is answered 429, because the storm is the clients' doing
    heavy,    ///< exports, uploads
};
constexpr std::size_t lane_count = 3;

struct LaneSize {
    unsigned workers = 1;
    unsigned queue_max = 64;  ///< requests waiting or running; one more is refused
    /// While the request that last found a worker had waited longer, no further one is let wait: an answer
    /// now that it is too much is worth more than one long after nobody wants it. 0 = as long as it takes.
    std::chrono::milliseconds wait_max{0};
};

/// What is known of a request by its method and path, before its body is read.
struct RouteClass {
    Lane lane = Lane::general;
    std::uint64_t body_bytes_max = 1024 * 1024;
    std::string_view pattern = "other";  ///< its name in metrics and log; outlives the server
};
using Classify = std::function<RouteClass(std::string_view method, std::string_view path)>;

/// One answered request, as the log may hold it: no address, no query, no person.
struct LogEntry {
    std::string_view id;
    std::string_view method;
    std::string_view pattern;  ///< of the route, never the path
    int status = 0;
    std::int64_t microseconds = 0;  ///< from the end of the head to the end of the answer
    std::uint64_t bytes_in = 0;     ///< of the body
    std::uint64_t bytes_out = 0;
    std::string_view remark;  ///< why the server refused by itself, else ""
};

struct Limits {
    std::uint32_t head_bytes_max = 16 * 1024;
    std::uint64_t bodies_bytes_max = 128 * 1024 * 1024;  ///< of all bodies being read; beyond it 503
    std::chrono::milliseconds head_timeout{10'000};  ///< from a request's first byte to the end of its head
    std::chrono::milliseconds body_grace{10'000};    ///< a body has this, plus a second for each `rate` bytes
    std::chrono::milliseconds idle_timeout{120'000};  ///< between two requests of one connection
    std::chrono::milliseconds write_grace{20'000};    ///< for every `rate` × `grace` bytes of an answer
    std::uint64_t rate_bytes_min = 1024;              ///< a second, of bodies and answers
    std::chrono::milliseconds stop_announce{0};       ///< unready, still accepting: a balancer may look away
    std::chrono::milliseconds stop_grace{20'000};     ///< requests in flight may finish
    std::chrono::milliseconds event_interval{200};
    std::chrono::milliseconds event_heartbeat{15'000};
    LaneSize general{4, 256, std::chrono::milliseconds(250)};
    LaneSize sign_in{2, 64};
    LaneSize heavy{1, 32};
    unsigned connections_max = 10'000;
    unsigned connections_per_peer_max = 100;
    unsigned connections_loopback_max = 10'000;  ///< from this machine and from trusted proxies
    unsigned streams_max = 1'000;                ///< answers by events at one time
};

struct Tls {
    std::filesystem::path certificate = {};  ///< PEM, the chain; empty = plaintext
    std::filesystem::path key = {};          ///< PEM; key_file_exposed where others may read it
};

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0 takes a free one
    Tls tls = {};
    std::vector<std::string> trusted_peers = {};  ///< proxies: "10.0.0.5", "10.1.0.0/16"
    Limits limits = {};
    Classify classify = {};      ///< none: every request is general with 1 MiB
    Metrics* metrics = nullptr;  ///< outlives the server
    std::function<void(const LogEntry&)> log = {};
    std::function<void(const std::string&)> event_log = {};  ///< a sentence on the server itself
    bool signals = true;  ///< SIGINT, SIGTERM stop; SIGHUP loads the certificate again
    bool notify = false;  ///< tell the service supervisor (notify.hpp): ready, stopping, alive
};

class Server {
 public:
    /// Binds and listens. Without TLS `address` must be a loopback address, because secrets would travel in
    /// the clear. Errors: port_in_use, address_refused, config_invalid (a trusted peer, a certificate),
    /// key_file_missing, key_file_exposed.
    static Result<std::unique_ptr<Server>> create(Options options, Handler handler);
    ~Server();

    [[nodiscard]] std::uint16_t port() const;
    /// Serves until SIGINT, SIGTERM or stop(). Requests in flight are finished; a second signal ends the
    /// process at once with status 130 (INT) or 143 (TERM).
    void run();
    /// May be called from any thread.
    void stop();
    /// A stop has been asked for: not ready any more. May be called from any thread.
    [[nodiscard]] bool stopping() const;
    /// Loads certificate and key again for connections to come; the old ones stay on an error.
    Result<void> reload_certificate();

    struct State;  ///< defined in server_state.hpp

 private:
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Percent-decoding; nothing on a bad escape, a NUL or bytes that are not UTF-8.
[[nodiscard]] Result<std::string> decode_url(std::string_view text);

/// problem+json as the server itself answers it; Retry-After where the code says "later".
[[nodiscard]] Response problem(ErrorCode code, std::string_view detail, bool english = false);

}  // namespace qingyuan::http
