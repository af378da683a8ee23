#include "http/server.hpp"

#include <utility>  // before asio: Boost 1.74 forgets it

#include <atomic>
#include <csignal>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using Message = beast::http::request<beast::http::string_body>;
using Reply = beast::http::response<beast::http::string_body>;

struct Server::State {
    Limits limits;
    Handler handler;
    asio::io_context io{1};
    tcp::acceptor acceptor{io};
    asio::signal_set signals{io};
    asio::thread_pool workers;
    std::atomic<unsigned> in_flight{0};
    unsigned connections = 0;
    bool stopping = false;

    State(Limits given, Handler call) : limits(given), handler(std::move(call)), workers(given.workers) {}
};

namespace {

std::string_view view_of(beast::string_view text) {
    return {text.data(), text.size()};
}

/// Method, path, query and headers as a handler reads them; false when the target is malformed.
bool translate(const Message& message, Request& out) {
    const std::string_view target = view_of(message.target());
    out.method = view_of(message.method_string());
    const auto question = target.find('?');
    auto path = decode_url(target.substr(0, question));
    if (!path || !path->starts_with('/')) return false;
    out.path = std::move(*path);
    if (question != std::string_view::npos) {
        for (std::string pair : split(target.substr(question + 1), '&')) {
            for (char& c : pair)
                if (c == '+') c = ' ';
            const auto equals = pair.find('=');
            auto name = decode_url(std::string_view(pair).substr(0, equals));
            auto value = decode_url(equals == std::string::npos ? std::string_view()
                                                                : std::string_view(pair).substr(equals + 1));
            if (!name || !value) return false;
            out.query[std::move(*name)] = std::move(*value);
        }
    }
    for (const auto& field : message) {
        std::string name(view_of(field.name_string()));
        for (char& c : name)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        out.headers[std::move(name)] = view_of(field.value());
    }
    out.body = message.body();
    return true;
}

Response problem(ErrorCode code) {
    const ErrorInfo& row = info(code);
    Response response;
    response.status = row.http;
    response.content_type = "application/problem+json";
    response.body = fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"code":"{}"}})", row.en,
                                row.http, row.name);
    if (code == ErrorCode::overloaded) response.headers.emplace_back("Retry-After", "1");
    return response;
}

Reply reply_of(Response response, const Message& message, bool keep_alive) {
    Reply reply{static_cast<beast::http::status>(response.status), message.version()};
    reply.set(beast::http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) reply.insert(name, value);
    reply.keep_alive(keep_alive);
    const std::size_t size = response.body.size();
    if (message.method() != beast::http::verb::head) reply.body() = std::move(response.body);
    reply.content_length(size);
    return reply;
}

// Named coroutines with arguments by value only: GCC 12 destroys captures of a lambda inside co_await twice.
asio::awaitable<Response> answer(Server::State* state, std::shared_ptr<Request> request) {
    Response response = state->handler(*request);
    --state->in_flight;
    co_return response;
}

asio::awaitable<Response> answer_on_workers(Server::State* state, std::shared_ptr<Request> request) {
    if (++state->in_flight > state->limits.queue_max) {
        --state->in_flight;
        co_return problem(ErrorCode::overloaded);
    }
    co_return co_await asio::co_spawn(state->workers.get_executor(), answer(state, std::move(request)),
                                      asio::use_awaitable);
}

asio::awaitable<void> serve_requests(Server::State* state, beast::tcp_stream& stream) {
    beast::flat_buffer buffer;
    error_code error;
    for (bool first = true; !state->stopping; first = false) {
        beast::http::request_parser<beast::http::string_body> parser;
        parser.header_limit(state->limits.header_bytes_max);
        parser.body_limit(state->limits.body_bytes_max);
        stream.expires_after(first ? state->limits.header_timeout : state->limits.idle_timeout);
        co_await beast::http::async_read_header(stream, buffer, parser,
                                                asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            stream.expires_after(state->limits.body_timeout);
            co_await beast::http::async_read(stream, buffer, parser,
                                             asio::redirect_error(asio::use_awaitable, error));
        }
        Response response;
        bool keep_alive = false;
        if (error == beast::http::error::body_limit) {
            response = problem(ErrorCode::too_large);
        } else if (error == beast::http::error::header_limit ||
                   (error &&
                    error.category() ==
                        beast::http::make_error_code(beast::http::error::bad_method).category() &&
                    error != beast::http::error::end_of_stream &&
                    error != beast::http::error::partial_message)) {
            response = problem(ErrorCode::request_malformed);
        } else if (error) {
            co_return;
        } else {
            auto request = std::make_shared<Request>();
            keep_alive = parser.get().keep_alive() && !state->stopping;
            if (translate(parser.get(), *request))
                response = co_await answer_on_workers(state, std::move(request));
            else
                response = problem(ErrorCode::request_malformed);
        }
        Reply reply = reply_of(std::move(response), parser.get(), keep_alive);
        stream.expires_after(state->limits.write_timeout);
        co_await beast::http::async_write(stream, reply, asio::redirect_error(asio::use_awaitable, error));
        if (error || !keep_alive) co_return;
    }
}

asio::awaitable<void> serve_connection(Server::State* state, tcp::socket socket) {
    ++state->connections;
    beast::tcp_stream stream(std::move(socket));
    co_await serve_requests(state, stream);
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    --state->connections;
}

asio::awaitable<void> accept_connections(Server::State* state) {
    for (;;) {
        error_code error;
        tcp::socket socket =
            co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (!state->acceptor.is_open()) co_return;
        if (error || state->connections >= state->limits.connections_max)
            continue;  // the refused socket closes itself
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        asio::co_spawn(state->io, serve_connection(state, std::move(socket)), asio::detached);
    }
}

/// Stops accepting, lets requests in flight end, then ends the loop.
asio::awaitable<void> wind_down(Server::State* state) {
    state->stopping = true;
    error_code ignored;
    state->acceptor.close(ignored);
    asio::steady_timer timer(state->io);
    for (auto waited = std::chrono::milliseconds(0);
         state->in_flight > 0 && waited < state->limits.stop_grace; waited += std::chrono::milliseconds(20)) {
        timer.expires_after(std::chrono::milliseconds(20));
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    timer.expires_after(std::chrono::milliseconds(50));  // replies on their way
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    state->io.stop();
}

asio::awaitable<void> await_signal(Server::State* state) {
    error_code error;
    co_await state->signals.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_await wind_down(state);
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Request::parameter(std::string_view name) const {
    const auto found = query.find(std::string(name));
    return found == query.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::string> decode_url(std::string_view text) {
    const Error wrong{ErrorCode::request_malformed, "a malformed address"};
    const auto nibble = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        if (at + 2 >= text.size()) return wrong;
        const int high = nibble(text[at + 1]), low = nibble(text[at + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return wrong;
        out += static_cast<char>(high * 16 + low);
        at += 2;
    }
    if (!is_utf8(out)) return wrong;
    return out;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() {
    state_->workers.stop();
    state_->workers.join();
}

Result<std::unique_ptr<Server>> Server::create(std::string_view address, std::uint16_t port, Limits limits,
                                               Handler handler) {
    error_code error;
    const auto ip =
        asio::ip::make_address(address == "localhost" ? "127.0.0.1" : std::string(address), error);
    if (error || !ip.is_loopback())
        return Error{ErrorCode::address_refused,
                     fmt::format("'{}' is not a loopback address", address),
                     "address",
                     {},
                     "without accounts only this machine may connect: use 127.0.0.1"};
    auto state = std::make_unique<State>(limits, std::move(handler));
    const tcp::endpoint endpoint(ip, port);
    state->acceptor.open(endpoint.protocol(), error);
    if (!error) state->acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) state->acceptor.bind(endpoint, error);
    if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        return Error{ErrorCode::port_in_use,
                     fmt::format("cannot listen on {}:{}: {}", address, port, error.message()),
                     "port",
                     {},
                     "stop the other server or choose another --port"};
    state->signals.add(SIGINT, error);
    state->signals.add(SIGTERM, error);
    return std::unique_ptr<Server>(new Server(std::move(state)));  // NOLINT: private constructor
}

std::uint16_t Server::port() const {
    return state_->acceptor.local_endpoint().port();
}

void Server::run() {
    asio::co_spawn(state_->io, accept_connections(state_.get()), asio::detached);
    asio::co_spawn(state_->io, await_signal(state_.get()), asio::detached);
    state_->io.run();
}

void Server::stop() {
    asio::co_spawn(state_->io, wind_down(state_.get()), asio::detached);
}

}  // namespace qingyuan::http
