// One connection: requests are read one after another, each phase under its own deadline, and answered.
#include "http/server_state.hpp"

#include <algorithm>
#include <optional>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>

#include "http/chunked.hpp"
#include "http/head.hpp"

namespace qingyuan::http {

namespace {

using std::chrono::steady_clock;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t idle_room = 1024, busy_room = 16 * 1024, slice_bytes = 64 * 1024;
constexpr std::size_t slice_bytes_min = 4 * 1024;
constexpr std::uint64_t small_body = 64 * 1024;  ///< not counted against bodies_bytes_max
constexpr std::size_t linger_bytes_max = 8 * 1024 * 1024;
constexpr std::chrono::milliseconds linger_time{1'000};

template <class Stream>
struct Connection {
    Server::State& state;
    Stream stream;
    Address peer;
    std::string held = {};  ///< received and not yet used

    [[nodiscard]] PlainStream& tcp() { return beast::get_lowest_layer(stream); }
    [[nodiscard]] const Limits& limits() const { return state.options.limits; }
};

/// One request on its way through the server.
struct Exchange {
    Head head;
    RouteClass route;
    std::optional<Response> refusal;
    std::string remark;          ///< why it was refused
    bool unread = false;         ///< the client may still be sending: the connection cannot go on
    std::uint64_t reserved = 0;  ///< of bodies_bytes_max
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    steady_clock::time_point begun = steady_clock::now();

    void refuse(ErrorCode code, std::string why) {
        refusal = problem(code, why, wants_english(head.request));
        remark = std::move(why);
        unread = true;
    }
};

/// Reads once, at most `room` bytes more; false when the peer is gone or the deadline has passed.
template <class Stream>
asio::awaitable<bool> read_more(Connection<Stream>& connection, std::size_t room) {
    std::string& held = connection.held;
    const std::size_t before = held.size();
    held.resize(before + room);
    error_code error;
    const std::size_t got = co_await connection.stream.async_read_some(
        asio::buffer(held.data() + before, room), asio::redirect_error(asio::use_awaitable, error));
    held.resize(before + got);
    co_return !error && got > 0;
}

/// Waits for a request and reads its head. False: nobody there any more, nothing to answer.
template <class Stream>
asio::awaitable<bool> read_head(Connection<Stream>& connection, Exchange& exchange) {
    Server::State& state = connection.state;
    const Limits& limits = connection.limits();
    if (connection.held.empty()) {
        connection.held.shrink_to_fit();
        state.idle.insert(&connection.tcp());
        connection.tcp().expires_after(limits.idle_timeout);
        const bool came = co_await read_more(connection, idle_room);
        state.idle.erase(&connection.tcp());
        if (!came) co_return false;
    }
    connection.tcp().expires_after(limits.head_timeout);
    for (;;) {
        const std::size_t end = end_of_head(connection.held);
        const bool whole = end != std::string::npos;
        if (!hopeful(std::string_view(connection.held).substr(0, end))) {
            exchange.refuse(ErrorCode::request_malformed, "no HTTP request");
            co_return true;
        }
        if ((whole ? end : connection.held.size()) > limits.head_bytes_max) {
            exchange.refuse(ErrorCode::request_malformed, "the head is too long");
            co_return true;
        }
        if (whole) {
            exchange.begun = steady_clock::now();
            auto head = parse_head(std::string_view(connection.held).substr(0, end));
            connection.held.erase(0, end);
            if (head)
                exchange.head = std::move(*head);
            else
                exchange.refuse(ErrorCode::request_malformed, head.error().message);
            co_return true;
        }
        state.idle.insert(&connection.tcp());
        const bool came = co_await read_more(connection, busy_room);
        state.idle.erase(&connection.tcp());
        if (!came) {
            if (!state.closing) state.refused("slow_head");
            co_return false;
        }
    }
}

/// What can be said before the body is read: too large, too much at once.
void admit(Server::State& state, Exchange& exchange) {
    const Head& head = exchange.head;
    if (state.options.classify)
        exchange.route = state.options.classify(head.request.method, head.request.path);
    if (!head.has_body()) return;
    const std::uint64_t wanted = head.chunked ? exchange.route.body_bytes_max : head.content_length;
    if (wanted > exchange.route.body_bytes_max) {
        state.refused("too_large");
        exchange.refuse(ErrorCode::too_large,
                        fmt::format("a body here has at most {} bytes", exchange.route.body_bytes_max));
        return;
    }
    if (wanted <= small_body) return;
    if (state.bodies_bytes + wanted > state.options.limits.bodies_bytes_max) {
        state.refused("bodies");
        exchange.refuse(ErrorCode::overloaded, "too many large bodies at once");
        return;
    }
    exchange.reserved = wanted;
    state.bodies_bytes += wanted;
}

/// Takes what is held into the body; true when the body is whole or refused.
bool take_body(std::string& held, ChunkReader& chunks, Exchange& exchange) {
    std::string& body = exchange.head.request.body;
    std::size_t taken = 0;
    bool whole = false;
    if (exchange.head.chunked) {
        const auto got = chunks.take(held, body);
        if (!got) {
            exchange.refuse(got.error().code, got.error().message);
            return true;
        }
        taken = *got;
        whole = chunks.done();
    } else {
        taken = std::min<std::size_t>(held.size(), exchange.head.content_length - body.size());
        body.append(held, 0, taken);
        whole = body.size() == exchange.head.content_length;
    }
    exchange.bytes_in += taken;
    held.erase(0, taken);
    return whole;
}

/// Reads the body at no less than the lowest rate. False: the peer is gone or too slow.
template <class Stream>
asio::awaitable<bool> read_body(Connection<Stream>& connection, Exchange& exchange) {
    const Limits& limits = connection.limits();
    const auto begun = steady_clock::now();
    ChunkReader chunks(exchange.route.body_bytes_max);
    if (exchange.head.expects_continue && connection.held.empty()) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        error_code error;
        connection.tcp().expires_after(limits.write_grace);
        co_await asio::async_write(connection.stream, asio::buffer(go_on.data(), go_on.size()),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return false;
    }
    while (!take_body(connection.held, chunks, exchange)) {
        connection.tcp().expires_at(begun + limits.body_grace +
                                    std::chrono::seconds(exchange.bytes_in / limits.rate_bytes_min));
        if (!co_await read_more(connection, slice_bytes)) {
            connection.state.refused("slow_body");
            co_return false;
        }
    }
    co_return true;
}

/// Writes all of it in slices that the lowest rate carries within the grace: what the kernel holds for a
/// reader who takes nothing buys that reader no time.
template <class Stream>
asio::awaitable<bool> write_all(Connection<Stream>& connection, Exchange& exchange, std::string_view bytes) {
    const Limits& limits = connection.limits();
    const std::uint64_t carried =
        limits.rate_bytes_min * static_cast<std::uint64_t>(limits.write_grace.count()) / 1000;
    const std::size_t slice_size = std::clamp<std::size_t>(carried, slice_bytes_min, slice_bytes);
    while (!bytes.empty()) {
        const std::string_view slice = bytes.substr(0, slice_size);
        connection.tcp().expires_after(limits.write_grace);
        error_code error;
        co_await asio::async_write(connection.stream, asio::buffer(slice.data(), slice.size()),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            connection.state.refused("slow_reader");
            co_return false;
        }
        bytes.remove_prefix(slice.size());
        exchange.bytes_out += slice.size();
    }
    co_return true;
}

class File {
 public:
    explicit File(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat state{};
        if (fd_ >= 0 && ::fstat(fd_, &state) == 0 && S_ISREG(state.st_mode)) size_ = state.st_size;
    }
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    [[nodiscard]] std::int64_t size() const { return size_; }  ///< -1: not to be read
    [[nodiscard]] std::string read(std::int64_t at) const {
        std::string out(slice_bytes, '\0');
        const ssize_t got = ::pread(fd_, out.data(), out.size(), at);
        out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return out;
    }

 private:
    int fd_;
    std::int64_t size_ = -1;
};

asio::awaitable<std::string> read_slice(std::shared_ptr<File> file, std::int64_t at) {
    co_return file->read(at);
}

template <class Stream>
asio::awaitable<bool> write_file(Connection<Stream>& connection, Exchange& exchange, const Response& response,
                                 bool keep_alive) {
    const auto file = std::make_shared<File>(response.file);
    if (file->size() < 0) {
        const Response failed =
            problem(ErrorCode::io_failed, "the file cannot be read", wants_english(exchange.head.request));
        std::string text = head_text(failed, exchange.head.request, keep_alive,
                                     static_cast<std::int64_t>(failed.body.size()));
        if (exchange.head.request.method != "HEAD") text += failed.body;
        co_return co_await write_all(connection, exchange, text);
    }
    const std::string head = head_text(response, exchange.head.request, keep_alive, file->size());
    if (!co_await write_all(connection, exchange, head)) co_return false;
    if (exchange.head.request.method == "HEAD") co_return true;
    for (std::int64_t at = 0; at < file->size();) {
        std::string slice = co_await asio::co_spawn(connection.state.files.get_executor(),
                                                    read_slice(file, at), asio::use_awaitable);
        slice.resize(std::min(slice.size(), static_cast<std::size_t>(file->size() - at)));
        if (slice.empty()) co_return false;  // it became shorter: the promised length cannot be kept
        if (!co_await write_all(connection, exchange, slice)) co_return false;
        at += static_cast<std::int64_t>(slice.size());
    }
    co_return true;
}

/// Has the peer closed, or sent what nobody asked for?
bool left(PlainStream& stream) {
    char byte = 0;
    const ssize_t got = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

template <class Stream>
asio::awaitable<void> write_events(Connection<Stream>& connection, Exchange& exchange, Response response) {
    Server::State& state = connection.state;
    const Limits& limits = connection.limits();
    response.content_type = "text/event-stream; charset=utf-8";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx would hold events back
    const std::string head = head_text(response, exchange.head.request, false, -1);
    if (!co_await write_all(connection, exchange, head)) co_return;
    if (exchange.head.request.method == "HEAD") co_return;
    asio::steady_timer timer(state.io);
    auto heard = steady_clock::now();
    for (bool end = false; !end && !state.stopping && !left(connection.tcp());) {
        EventPiece piece = response.events();
        end = piece.end;
        if (piece.text.empty() && steady_clock::now() - heard >= limits.event_heartbeat)
            piece.text = ": still here\n\n";
        if (!piece.text.empty()) {
            if (!co_await write_all(connection, exchange, piece.text)) co_return;
            heard = steady_clock::now();
        }
        if (end) co_return;
        timer.expires_after(limits.event_interval);
        error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

/// False: the connection cannot go on.
template <class Stream>
asio::awaitable<bool> write_response(Connection<Stream>& connection, Exchange& exchange, Response response,
                                     bool keep_alive) {
    Server::State& state = connection.state;
    if (response.events && state.streams >= state.options.limits.streams_max) {
        state.refused("streams");
        response = problem(ErrorCode::overloaded, "too many streams", wants_english(exchange.head.request));
    }
    if (response.events) {
        state.gauge("qingyuan_http_streams", {}, ++state.streams);
        co_await write_events(connection, exchange, std::move(response));
        state.gauge("qingyuan_http_streams", {}, --state.streams);
        co_return false;
    }
    if (!response.file.empty()) co_return co_await write_file(connection, exchange, response, keep_alive);
    std::string text = head_text(response, exchange.head.request, keep_alive,
                                 static_cast<std::int64_t>(response.body.size()));
    if (exchange.head.request.method != "HEAD" && response.status != 204 && response.status != 304) {
        if (response.body.size() > slice_bytes) {  // not worth copying
            if (!co_await write_all(connection, exchange, text)) co_return false;
            co_return co_await write_all(connection, exchange, response.body);
        }
        text += response.body;
    }
    co_return co_await write_all(connection, exchange, text);
}

std::string_view class_of(int status) {
    constexpr std::string_view classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    return classes[std::clamp(status / 100, 1, 5) - 1];
}

void record(Server::State& state, const Exchange& exchange, int status) {
    constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    const std::string_view said = exchange.head.request.method;
    const std::string_view method = std::ranges::find(methods, said) != std::end(methods) ? said : "other";
    state.count("qingyuan_http_requests_total",
                {{"route", exchange.route.pattern}, {"method", method}, {"class", class_of(status)}});
    if (!state.options.log) return;
    state.options.log({.id = exchange.head.request.id,
                       .method = method,
                       .pattern = exchange.route.pattern,
                       .status = status,
                       .microseconds = std::chrono::duration_cast<std::chrono::microseconds>(
                                           steady_clock::now() - exchange.begun)
                                           .count(),
                       .bytes_in = exchange.bytes_in,
                       .bytes_out = exchange.bytes_out,
                       .remark = exchange.remark});
}

template <class Stream>
asio::awaitable<bool> serve_request(Connection<Stream>& connection) {
    Server::State& state = connection.state;
    Exchange exchange;
    if (!co_await read_head(connection, exchange)) co_return false;
    Request& request = exchange.head.request;
    request.id = fmt::format("{}{:x}", state.id_prefix, ++state.requests);
    state.trusted.resolve(connection.peer, std::is_same_v<Stream, TlsStream>, request);
    if (!exchange.refusal) {
        admit(state, exchange);
        bool here = true;
        if (!exchange.refusal && exchange.head.has_body()) here = co_await read_body(connection, exchange);
        state.bodies_bytes -= exchange.reserved;
        if (!here) co_return false;
    }
    Response response;
    if (exchange.refusal) {
        response = std::move(*exchange.refusal);
    } else {
        const auto given = std::make_shared<Request>(std::move(request));
        response = co_await answer_on_lane(&state, exchange.route.lane, given);
        request = std::move(*given);
    }
    const int status = response.status;
    const bool keep_alive = exchange.head.keep_alive && !exchange.unread && !state.stopping;
    const bool written = co_await write_response(connection, exchange, std::move(response), keep_alive);
    record(state, exchange, status);
    co_return written&& keep_alive;
}

/// A close while the client still sends would throw away the answer it has not read: its bytes are read over
/// for a moment.
template <class Stream>
asio::awaitable<void> leave(Connection<Stream>& connection) {
    connection.tcp().expires_after(linger_time);
    error_code ignored;
    if constexpr (std::is_same_v<Stream, TlsStream>)
        co_await connection.stream.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    connection.tcp().socket().shutdown(tcp::socket::shutdown_send, ignored);
    std::array<char, 4096> waste;
    std::size_t read = 0;
    while (read < linger_bytes_max && !ignored) {
        const std::size_t got = co_await connection.tcp().async_read_some(
            asio::buffer(waste), asio::redirect_error(asio::use_awaitable, ignored));
        read += got;
    }
}

template <class Stream>
asio::awaitable<void> serve_requests(Connection<Stream>& connection) {
    bool goes_on = true;
    while (goes_on && !connection.state.closing) { goes_on = co_await serve_request(connection); }
    co_await leave(connection);
}

/// Counts a connection for as long as it lives.
class Presence {
 public:
    Presence(Server::State& state, Address peer) : state_(state), peer_(std::move(peer)) {
        state_.gauge("qingyuan_http_connections", {}, ++state_.connections);
        ++state_.by_peer[peer_];
    }
    ~Presence() {
        state_.gauge("qingyuan_http_connections", {}, --state_.connections);
        const auto found = state_.by_peer.find(peer_);
        if (--found->second == 0) state_.by_peer.erase(found);
    }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

 private:
    Server::State& state_;
    Address peer_;
};

}  // namespace

asio::awaitable<void> serve_connection(Server::State* state, tcp::socket socket, Address peer) {
    const Presence presence(*state, peer);
    std::shared_ptr<asio::ssl::context> certificate;
    {
        const std::lock_guard guard(state->certificate_lock);
        certificate = state->certificate;
    }
    if (!certificate) {
        Connection<PlainStream> connection{*state, PlainStream(std::move(socket)), peer};
        co_await serve_requests(connection);
        co_return;
    }
    Connection<TlsStream> connection{*state, TlsStream(std::move(socket), *certificate), peer};
    connection.tcp().expires_after(state->options.limits.head_timeout);
    error_code error;
    co_await connection.stream.async_handshake(asio::ssl::stream_base::server,
                                               asio::redirect_error(asio::use_awaitable, error));
    if (error) {
        state->refused("tls");
        co_return;
    }
    co_await serve_requests(connection);
}

}  // namespace qingyuan::http
