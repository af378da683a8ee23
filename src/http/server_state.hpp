// What the server's coroutines share. All of it belongs to the one thread of the sockets, except what says
// otherwise; workers touch nothing here but the handler.
#pragma once

#include <utility>  // before asio: Boost 1.74 forgets it

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "http/peers.hpp"
#include "http/server.hpp"
#include "http/tls.hpp"

namespace qingyuan::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

struct LanePool {
    LaneSize size;
    unsigned waiting = 0;                                   ///< or running
    std::atomic<std::chrono::microseconds::rep> waited_us = 0;  ///< of the request that last found a worker
    asio::thread_pool pool;

    explicit LanePool(LaneSize given) : size(given), pool(given.workers) {}
};

struct Server::State {
    Options options;
    Handler handler;
    TrustedPeers trusted;
    std::string id_prefix;  ///< of request ids: differs from start to start
    std::uint64_t requests = 0;
    std::uint64_t bodies_bytes = 0;  ///< promised to bodies that are being read
    unsigned connections = 0;
    unsigned streams = 0;
    std::map<Address, unsigned> by_peer;
    std::unordered_set<beast::tcp_stream*> idle;  ///< between requests: closed at once by a stop
    std::atomic<bool> stopping{false};            ///< asked to: unready, no further request on a connection
    bool closing = false;                         ///< no further connection
    std::uint16_t port = 0;                       ///< listened on
    std::mutex certificate_lock;
    std::shared_ptr<asio::ssl::context> certificate;  ///< under certificate_lock; empty = plaintext

    asio::io_context io{1};
    tcp::acceptor acceptor{io};
    asio::signal_set signals{io};
    std::array<LanePool, lane_count> lanes;
    asio::thread_pool files{1};  ///< reads the files of answers

    State(Options given, Handler call, TrustedPeers peers)
        : options(std::move(given)),
          handler(std::move(call)),
          trusted(std::move(peers)),
          lanes{LanePool(options.limits.general), LanePool(options.limits.sign_in),
                LanePool(options.limits.heavy)} {}

    void count(std::string_view name, const Labels& labels, double delta = 1) const {
        if (options.metrics != nullptr) options.metrics->add(name, labels, delta);
    }
    void gauge(std::string_view name, const Labels& labels, double value) const {
        if (options.metrics != nullptr) options.metrics->set(name, labels, value);
    }
    void refused(std::string_view why) const { count("qingyuan_http_refusals_total", {{"why", why}}); }
    void tell(const std::string& sentence) const {
        if (options.event_log) options.event_log(sentence);
    }
};

/// Serves one accepted connection to its end; counts it among the connections.
asio::awaitable<void> serve_connection(Server::State* state, tcp::socket socket, Address peer);

/// Runs the handler on the lane; overloaded or rate_limited when its queue is full.
asio::awaitable<Response> answer_on_lane(Server::State* state, Lane lane, std::shared_ptr<Request> request);

/// Status line and headers of an answer, its last empty line included. `length` is left out where negative.
[[nodiscard]] std::string head_text(const Response& response, const Request& request, bool keep_alive,
                                    std::int64_t length);

/// Retry-After and title for what the server answers by itself are in problem().
[[nodiscard]] bool wants_english(const Request& request);

}  // namespace qingyuan::http
