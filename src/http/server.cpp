#include "http/server_state.hpp"

#include <csignal>
#include <cstdlib>

#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "http/notify.hpp"

namespace qingyuan::http {

namespace {

/// Bounds what the kernel takes of an answer before the peer has window for it. Without it a reader who takes
/// nothing costs this thread the copying of megabytes, which every other connection waits for.
void bound_unsent(tcp::socket& socket) {
    constexpr int bytes_max = 64 * 1024;
    // Refused by a kernel before 3.12: then answers are only larger in memory.
    (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes_max, sizeof bytes_max);
}

asio::awaitable<void> sleep_for(Server::State* state, std::chrono::milliseconds time) {
    asio::steady_timer timer(state->io, time);
    error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

/// Room for one more connection of this peer? The refused one is told so if that costs no waiting.
bool has_room(Server::State& state, tcp::socket& socket, const Address& peer) {
    const Limits& limits = state.options.limits;
    const auto found = state.by_peer.find(peer);
    const unsigned of_peer = found == state.by_peer.end() ? 0 : found->second;
    const bool near = peer.is_loopback() || state.trusted.contains(peer);
    const char* why = nullptr;
    if (state.connections >= limits.connections_max) why = "connections";
    if (of_peer >= (near ? limits.connections_loopback_max : limits.connections_per_peer_max))
        why = "peer_connections";
    if (why == nullptr) return true;
    state.refused(why);
    if (state.options.tls.certificate.empty()) {
        const Response response = problem(ErrorCode::overloaded, "too many connections");
        const std::string text =
            head_text(response, {}, false, static_cast<std::int64_t>(response.body.size())) + response.body;
        error_code ignored;
        socket.non_blocking(true, ignored);
        socket.send(asio::buffer(text), 0, ignored);
    }
    return false;
}

asio::awaitable<void> accept_connections(Server::State* state) {
    constexpr std::chrono::milliseconds breath{50};
    for (;;) {
        error_code error;
        tcp::socket socket =
            co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (!state->acceptor.is_open()) co_return;
        if (error) {  // no file descriptor is left: waiting is all that helps
            state->refused("accept");
            co_await sleep_for(state, breath);
            continue;
        }
        const tcp::endpoint from = socket.remote_endpoint(error);
        if (error) continue;
        const Address peer = plain_address(from.address());
        if (!has_room(*state, socket, peer)) continue;
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        bound_unsent(socket);
        asio::co_spawn(state->io, serve_connection(state, std::move(socket), peer), asio::detached);
    }
}

/// Unready at once; then no new connections; then the idle ones are closed and requests in flight finish.
asio::awaitable<void> wind_down(Server::State* state) {
    constexpr std::chrono::milliseconds step{10};
    const Limits& limits = state->options.limits;
    if (state->stopping.exchange(true)) co_return;
    if (state->options.notify) notify_supervisor("STOPPING=1");
    state->tell("stopping");
    if (limits.stop_announce.count() > 0) co_await sleep_for(state, limits.stop_announce);
    error_code ignored;
    state->closing = true;
    state->acceptor.close(ignored);
    for (auto waited = std::chrono::milliseconds(0); state->connections > 0 && waited < limits.stop_grace;
         waited += step) {
        for (beast::tcp_stream* const stream : state->idle) stream->cancel();
        co_await sleep_for(state, step);
    }
    if (state->connections > 0) state->tell(fmt::format("{} connections were cut off", state->connections));
    state->io.stop();
}

asio::awaitable<void> await_signals(Server::State* state, Server* server) {
    for (;;) {
        error_code error;
        const int signal =
            co_await state->signals.async_wait(asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        if (signal == SIGHUP) {
            if (!state->options.tls.certificate.empty()) {
                const auto loaded = server->reload_certificate();
                state->tell(loaded ? "certificate loaded" : loaded.error().text());
            }
            continue;
        }
        // The journal bears an end at any moment; whoever asks twice is not kept waiting.
        if (state->stopping) std::_Exit(128 + signal);
        asio::co_spawn(state->io, wind_down(state), asio::detached);
    }
}

/// As long as this thread turns, the supervisor hears of it.
asio::awaitable<void> tell_supervisor(Server::State* state) {
    notify_supervisor("READY=1");
    const auto interval = watchdog_interval();
    while (interval) {
        notify_supervisor("WATCHDOG=1");
        co_await sleep_for(state, std::chrono::duration_cast<std::chrono::milliseconds>(*interval));
    }
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);  // refused by some sandboxes: the smaller number serves
}

void describe(Metrics& metrics) {
    constexpr std::pair<std::string_view, std::string_view> texts[] = {
        {"qingyuan_http_requests_total", "requests answered, by route, method and class of status"},
        {"qingyuan_http_request_seconds", "waiting and running of a request, by lane"},
        {"qingyuan_http_connections", "open connections"},
        {"qingyuan_http_streams", "open streams of events"},
        {"qingyuan_http_queue", "requests waiting or running, by lane"},
        {"qingyuan_http_refusals_total", "what the server refused or cut off by itself, by reason"},
        {"qingyuan_http_handler_exceptions_total", "requests ended by an exception"},
        {"qingyuan_tls_certificate_not_after_seconds", "when the certificate ends, seconds since 1970"}};
    for (const auto& [name, text] : texts) metrics.describe(name, text);
}

Result<void> listen(Server::State& state, const asio::ip::address& ip) {
    error_code error;
    const tcp::endpoint endpoint(ip, state.options.port);
    state.acceptor.open(endpoint.protocol(), error);
    if (!error) state.acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) state.acceptor.bind(endpoint, error);
    if (!error) state.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) state.port = state.acceptor.local_endpoint(error).port();
    if (!error) return {};
    return Error{
        ErrorCode::port_in_use,
        fmt::format("cannot listen on {}:{}: {}", state.options.address, state.options.port, error.message()),
        "port",
        {},
        "stop the other server or choose another --port"};
}

}  // namespace

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
    for (LanePool& lane : state_->lanes) lane.pool.stop();
    for (LanePool& lane : state_->lanes) lane.pool.join();
    state_->files.stop();
    state_->files.join();
}

Result<std::unique_ptr<Server>> Server::create(Options options, Handler handler) {
    error_code error;
    const auto ip = asio::ip::make_address(
        options.address == "localhost" ? std::string("127.0.0.1") : options.address, error);
    if (error)
        return Error{ErrorCode::address_refused,
                     fmt::format("'{}' is no IP address", options.address),
                     "address",
                     {},
                     "127.0.0.1 serves this machine, 0.0.0.0 with TLS every other"};
    if (!ip.is_loopback() && options.tls.certificate.empty())
        return Error{ErrorCode::address_refused,
                     fmt::format("'{}' can be reached by others, and there is no TLS", options.address),
                     "address",
                     {},
                     "use 127.0.0.1, or give --tls CERTIFICATE KEY"};
    TrustedPeers trusted = TRY(TrustedPeers::parse(options.trusted_peers));
    auto state = std::make_unique<State>(std::move(options), std::move(handler), std::move(trusted));
    std::uint64_t start = 0;
    if (::getrandom(&start, sizeof start, 0) != sizeof start)
        return Error{ErrorCode::crypto_failed, "the machine gives no random bytes"};
    state->id_prefix = fmt::format("{:012x}-", start & 0xffff'ffff'ffff);
    if (state->options.metrics != nullptr) describe(*state->options.metrics);
    auto server = std::unique_ptr<Server>(new Server(std::move(state)));  // NOLINT: private constructor
    if (!server->state_->options.tls.certificate.empty()) CHECK(server->reload_certificate());
    CHECK(listen(*server->state_, ip));
    raise_descriptor_limit();
    if (server->state_->options.signals)
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) server->state_->signals.add(signal, error);
    return server;
}

Result<void> Server::reload_certificate() {
    Certificate loaded = TRY(load_certificate(state_->options.tls));
    state_->gauge("qingyuan_tls_certificate_not_after_seconds", {}, static_cast<double>(loaded.not_after));
    const std::lock_guard guard(state_->certificate_lock);
    state_->certificate = std::move(loaded.context);
    return {};
}

std::uint16_t Server::port() const {
    return state_->port;
}

bool Server::stopping() const {
    return state_->stopping;
}

void Server::run() {
    asio::co_spawn(state_->io, accept_connections(state_.get()), asio::detached);
    if (state_->options.signals)
        asio::co_spawn(state_->io, await_signals(state_.get(), this), asio::detached);
    if (state_->options.notify) asio::co_spawn(state_->io, tell_supervisor(state_.get()), asio::detached);
    state_->io.run();
}

void Server::stop() {
    asio::co_spawn(state_->io, wind_down(state_.get()), asio::detached);
}

}  // namespace qingyuan::http
