#include "http/server.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/un.h>

#include "http/fixture_test.hpp"
#include "http/notify.hpp"
#include "http/peers.hpp"

namespace qingyuan::http {

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/// Waits until it is so, at most two seconds.
bool soon(const auto& condition) {
    for (int i = 0; i < 400 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(5));
    return condition();
}

/// A handler that stands still while `hold` is set.
struct Gate {
    std::atomic<bool> hold{true};
    std::atomic<int> entered{0};
    Response operator()(const Request&) {
        ++entered;
        while (hold) std::this_thread::sleep_for(milliseconds(1));
        return {.body = "done"};
    }
};

}  // namespace

TEST(server, answers_several_requests_of_one_connection) {
    Fixture fixture(echo);
    const std::string reply = fixture.exchange(
        "GET /a%20b?q=%E6%B8%85+1 HTTP/1.1\r\nHost: h\r\nX-Person: li\r\n\r\n"
        "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    EXPECT_NE(reply.find("GET /a b q=清 1 x=li"), std::string::npos) << reply;
    EXPECT_NE(reply.find("POST /b q= x= abc"), std::string::npos) << reply;
    EXPECT_NE(reply.find("POST /c q= x= hi"), std::string::npos) << reply;
    EXPECT_NE(reply.find("\r\nDate: "), std::string::npos);
    EXPECT_NE(reply.find("\r\nX-Request-Id: "), std::string::npos);
}

TEST(server, answers_head_with_the_length_and_no_body) {
    Fixture fixture(echo);
    const std::string reply = fixture.exchange("HEAD /abc HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_NE(reply.find("Content-Length: 16"), std::string::npos) << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST(server, a_header_of_an_answer_cannot_end_its_line) {
    Fixture fixture([](const Request&) {
        return Response{.status = 204, .headers = {{"X-A", "b\r\nSet-Cookie: stolen=1"}}};
    });
    const std::string reply = fixture.exchange(get);
    EXPECT_NE(reply.find("X-A: b  Set-Cookie"), std::string::npos) << reply;
    EXPECT_EQ(reply.find("Content-Length"), std::string::npos) << reply;
}

// mission: H11
TEST(server, refuses_large_bodies_before_it_reads_them) {
    std::atomic<int> called{0};
    Fixture fixture(
        [&](const Request& request) {
            ++called;
            return Response{.body = std::to_string(request.body.size())};
        },
        {.limits = {.bodies_bytes_max = 300'000}, .classify = [](std::string_view, std::string_view path) {
             return RouteClass{.body_bytes_max = path == "/large" ? 400'000U : 1000U};
         }});
    const auto post = [](const std::string& path, const std::string& framing) {
        return "POST " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + framing + "\r\n\r\n";
    };
    const std::string ten_gigabytes = fixture.exchange(post("/", "Content-Length: 10000000000"));
    EXPECT_TRUE(ten_gigabytes.starts_with("HTTP/1.1 413 ")) << ten_gigabytes;
    EXPECT_TRUE(fixture.exchange(post("/", "Content-Length: 1001")).starts_with("HTTP/1.1 413 "));
    const std::string chunks = "200\r\n" + std::string(512, 'a') + "\r\n";
    const std::string endless = fixture.exchange(post("/", "Transfer-Encoding: chunked") + chunks + chunks);
    EXPECT_TRUE(endless.starts_with("HTTP/1.1 413 ")) << endless;
    const std::string expecting = fixture.exchange(post("/", "Content-Length: 5000\r\nExpect: 100-continue"));
    EXPECT_TRUE(expecting.starts_with("HTTP/1.1 413 ")) << expecting;
    EXPECT_EQ(called, 0);

    const std::string body(250'000, 'a');
    const Wire first(fixture.port());
    first.send(post("/large", "Content-Length: 250000").append(body, 0, 100'000));
    EXPECT_TRUE(soon([&] {  // the first holds most of what all bodies may take together
        return fixture.exchange(post("/large", "Content-Length: 250000")).starts_with("HTTP/1.1 503 ");
    }));
    first.send(std::string_view(body).substr(100'000));
    EXPECT_TRUE(first.rest().ends_with("250000"));
    EXPECT_TRUE(fixture.exchange(post("/large", "Content-Length: 250000") + body).ends_with("250000"));
}

TEST(server, says_go_on_to_who_asks_before_sending) {
    Fixture fixture(echo);
    const Wire wire(fixture.port());
    wire.send(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: "
        "close\r\n\r\n");
    EXPECT_EQ(wire.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send("hi");
    EXPECT_TRUE(wire.rest().ends_with(" hi"));
}

// mission: H11
TEST(server, a_full_lane_is_refused_and_the_others_go_on) {
    Gate gate;
    Fixture fixture(
        [&](const Request& request) { return request.path == "/sign_in" ? gate(request) : Response{}; },
        {.limits = {.general = {1, 4}, .sign_in = {1, 2}},
         .classify = [](std::string_view, std::string_view path) {
             return RouteClass{.lane = path == "/sign_in" ? Lane::sign_in : Lane::general};
         }});
    const std::string sign_in = "POST /sign_in HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const Wire first(fixture.port()), second(fixture.port());
    first.send(sign_in);
    second.send(sign_in);
    std::string reply;
    EXPECT_TRUE(soon([&] {
        const Wire wire(fixture.port());
        wire.patience(milliseconds(20));
        wire.send(sign_in);
        reply = wire.rest();
        return reply.starts_with("HTTP/1.1 429 ");
    })) << reply;
    EXPECT_NE(reply.find("Retry-After: 1"), std::string::npos) << reply;
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(fixture.exchange(get).starts_with("HTTP/1.1 200 "));
    gate.hold = false;
    EXPECT_TRUE(first.rest().ends_with("done"));
    EXPECT_TRUE(second.rest().ends_with("done"));
    EXPECT_TRUE(soon([&] { return fixture.exchange(sign_in).ends_with("done"); }));
}

TEST(server, a_full_general_lane_is_503) {
    Gate gate;
    Fixture fixture([&](const Request& request) { return gate(request); }, {.limits = {.general = {1, 1}}});
    const Wire first(fixture.port());
    first.send(get);
    EXPECT_TRUE(soon([&] { return gate.entered == 1; }));
    const std::string reply = fixture.exchange(get);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 503 ")) << reply;
    EXPECT_NE(reply.find("\"code\":\"overloaded\""), std::string::npos);
    gate.hold = false;
    EXPECT_TRUE(first.rest().ends_with("done"));
}

TEST(server, who_would_wait_too_long_is_told_at_once) {
    std::counting_semaphore<> turns(0);
    std::atomic<int> entered = 0;
    Metrics metrics;
    Fixture fixture(
        [&](const Request&) {
            ++entered;
            turns.acquire();
            return Response{.body = "done"};
        },
        {.limits = {.general = {1, 100, milliseconds(30)}}, .metrics = &metrics});
    const auto queued = [&](double count) {
        return soon([&] { return metrics.value("qingyuan_http_queue", {{"lane", "general"}}) == count; });
    };
    const Wire first(fixture.port()), second(fixture.port()), third(fixture.port());
    first.send(get);
    ASSERT_TRUE(soon([&] { return entered == 1; }));
    second.send(get);
    ASSERT_TRUE(queued(2)) << "nobody has waited yet: it may";
    std::this_thread::sleep_for(milliseconds(60));
    turns.release();
    ASSERT_TRUE(soon([&] { return entered == 2; }));
    third.send(get);
    ASSERT_TRUE(queued(2)) << "a worker is the next to be free: it may";
    EXPECT_TRUE(fixture.exchange(get).starts_with("HTTP/1.1 503 "));
    EXPECT_EQ(metrics.value("qingyuan_http_refusals_total", {{"why", "queue_wait"}}), 1);
    turns.release(3);
    for (const Wire* wire : {&first, &second, &third}) EXPECT_TRUE(wire->rest().ends_with("done"));
    EXPECT_TRUE(fixture.exchange(get).ends_with("done"));
}

TEST(server, connections_are_bounded_in_all_and_by_peer) {
    Metrics metrics;
    Fixture fixture(echo,
                    {.limits = {.connections_max = 5, .connections_loopback_max = 3}, .metrics = &metrics});
    {
        const Wire first(fixture.port()), second(fixture.port()), third(fixture.port());
        EXPECT_TRUE(soon([&] { return metrics.value("qingyuan_http_connections") == 3; }));
        const Wire fourth(fixture.port());
        EXPECT_TRUE(fourth.rest().starts_with("HTTP/1.1 503 "));
        EXPECT_EQ(metrics.value("qingyuan_http_refusals_total", {{"why", "peer_connections"}}), 1);
    }
    EXPECT_TRUE(soon([&] { return metrics.value("qingyuan_http_connections") == 0; }));
    EXPECT_TRUE(fixture.exchange(get).starts_with("HTTP/1.1 200 "));
}

// mission: H11
TEST(server, cuts_off_who_is_too_slow_in_any_phase) {
    Metrics metrics;
    Fixture fixture([](const Request&) { return Response{.body = std::string(8 << 20, 'a')}; },
                    {.limits = {.head_timeout = milliseconds(150),
                                .body_grace = milliseconds(150),
                                .idle_timeout = milliseconds(400),
                                .write_grace = milliseconds(150),
                                .rate_bytes_min = 64 << 20},
                     .metrics = &metrics});
    const auto refused = [&](const char* why) {
        return metrics.value("qingyuan_http_refusals_total", {{"why", why}});
    };
    {
        const Wire idle(fixture.port());
        const Wire head(fixture.port());
        const auto begun = std::chrono::steady_clock::now();
        for (int i = 0; i < 40 && refused("slow_head") == 0; ++i) {  // a byte now and then does not help
            head.send(i == 0 ? "GET / HTTP/1.1\r\n" : "A");
            std::this_thread::sleep_for(milliseconds(20));
        }
        EXPECT_EQ(refused("slow_head"), 1);
        EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(600));
        EXPECT_TRUE(head.closed());
        EXPECT_TRUE(idle.closed());
    }
    const Wire body(fixture.port());
    body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 60 && refused("slow_body") == 0; ++i) {
        body.send("a");
        std::this_thread::sleep_for(milliseconds(10));
    }
    EXPECT_EQ(refused("slow_body"), 1);
    const Wire reader(fixture.port(), 4096);
    reader.send(get);
    EXPECT_TRUE(soon([&] { return refused("slow_reader") == 1; }));
}

TEST(server, streams_events_until_they_end_the_client_leaves_or_it_stops) {
    std::atomic<int> asked{0};
    Metrics metrics;
    Fixture fixture(
        [&](const Request& request) {
            if (request.path == "/short")
                return Response{.events = [at = 0]() mutable {
                    ++at;
                    return EventPiece{at == 2 ? "" : "data: " + std::to_string(at) + "\n\n", at == 3};
                }};
            return Response{.events = [&] {
                ++asked;
                return EventPiece{};
            }};
        },
        {.limits = {.event_interval = milliseconds(10),
                    .event_heartbeat = milliseconds(50),
                    .streams_max = 1},
         .metrics = &metrics});
    const std::string reply = fixture.exchange("GET /short HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(reply.find("Content-Type: text/event-stream"), std::string::npos) << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\ndata: 1\n\ndata: 3\n\n")) << reply;
    {
        const Wire wire(fixture.port());
        wire.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
        EXPECT_NE(wire.until(": still here\n\n").find(": still here"), std::string::npos);
        EXPECT_TRUE(fixture.exchange("GET /long HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                        .starts_with("HTTP/1.1 503 "));
    }
    EXPECT_TRUE(soon([&] { return metrics.value("qingyuan_http_streams") == 0; }));
    const int before = asked;
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(asked, before) << "asked for a client that has left";
    const Wire last(fixture.port());
    last.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
    (void)last.until("\r\n\r\n");
    fixture.stop();
    EXPECT_TRUE(last.closed() || last.closed());
}

TEST(server, sends_files_from_the_disk) {
    const auto path =
        std::filesystem::temp_directory_path() / ("qingyuan_http_" + std::to_string(::getpid()));
    std::string content(1'500'000, '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7919 >> 3);
    std::ofstream(path, std::ios::binary) << content;
    Fixture fixture([&](const Request& request) {
        return Response{.content_type = "application/octet-stream",
                        .file = request.path == "/there" ? path : path / "nowhere"};
    });
    const std::string reply = fixture.exchange("GET /there HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_NE(reply.find("Content-Length: 1500000\r\n"), std::string::npos) << reply.substr(0, 300);
    EXPECT_EQ(reply.substr(reply.find("\r\n\r\n") + 4), content);
    EXPECT_TRUE(fixture.exchange("HEAD /there HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                    .ends_with("\r\n\r\n"));
    EXPECT_TRUE(fixture.exchange(get).starts_with("HTTP/1.1 500 "));
    std::filesystem::remove(path);
}

TEST(server, an_exception_ends_the_request_and_not_the_server) {
    Metrics metrics;
    Fixture fixture([](const Request&) -> Response { throw std::runtime_error("canary"); },
                    {.metrics = &metrics});
    const std::string reply = fixture.exchange(get);
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 500 ")) << reply;
    EXPECT_EQ(reply.find("canary"), std::string::npos);
    EXPECT_EQ(metrics.value("qingyuan_http_handler_exceptions_total"), 1);
}

TEST(server, the_log_holds_patterns_and_no_path_address_or_query) {
    std::mutex lock;
    std::vector<std::string> lines;
    Fixture fixture(
        echo, {.classify = [](std::string_view,
                              std::string_view) { return RouteClass{.pattern = "/api/people/{id}"}; },
               .log =
                   [&](const LogEntry& entry) {
                       const std::lock_guard guard(lock);
                       lines.push_back(std::string(entry.method) + " " + std::string(entry.pattern) + " " +
                                       std::to_string(entry.status) + " " + std::to_string(entry.bytes_in) +
                                       " " + std::string(entry.remark));
                   }});
    (void)fixture.exchange(
        "POST /api/people/zhang?q=li HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: "
        "close\r\n\r\nhi");
    (void)fixture.exchange("GET /../zhang HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(soon([&] {
        const std::lock_guard guard(lock);
        return lines.size() == 2;
    }));
    EXPECT_EQ(lines[0], "POST /api/people/{id} 200 2 ");
    EXPECT_EQ(lines[1], "other other 400 0 a dot segment in the path");
}

TEST(server, refuses_addresses_that_others_can_reach_and_a_port_in_use) {
    for (const char* address : {"0.0.0.0", "192.168.1.1", "::", "example.org", "", "127.0.0.1:80"})
        EXPECT_EQ(Server::create({.address = address}, echo).error().code, ErrorCode::address_refused)
            << address;
    Fixture fixture(echo);
    EXPECT_EQ(Server::create({.port = fixture.port()}, echo).error().code, ErrorCode::port_in_use);
    EXPECT_EQ(Server::create({.trusted_peers = {"10.0.0.0/33"}}, echo).error().code,
              ErrorCode::config_invalid);
}

TEST(server, finishes_requests_in_flight_when_it_stops_and_lets_idle_connections_go) {
    Gate gate;
    Fixture fixture([&](const Request& request) { return gate(request); });
    const Wire idle(fixture.port()), begun(fixture.port()), busy(fixture.port());
    begun.send("GET / HT");
    busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_TRUE(soon([&] { return gate.entered == 1; }));
    EXPECT_FALSE(fixture.server->stopping());
    fixture.server->stop();
    EXPECT_TRUE(soon([&] { return fixture.server->stopping(); }));
    EXPECT_TRUE(idle.closed());
    EXPECT_TRUE(begun.closed());
    gate.hold = false;
    const std::string reply = busy.rest();
    EXPECT_TRUE(reply.ends_with("done")) << reply;
    EXPECT_NE(reply.find("Connection: close"), std::string::npos) << "it may be asked no more";
    fixture.thread.join();
}

TEST(server, says_it_stops_before_it_refuses_connections) {
    Fixture fixture(echo, {.limits = {.stop_announce = milliseconds(300)}});
    fixture.server->stop();
    EXPECT_TRUE(soon([&] { return fixture.server->stopping(); }));
    EXPECT_TRUE(fixture.exchange(get).starts_with("HTTP/1.1 200 "));
    fixture.thread.join();
}

TEST(peers, only_trusted_proxies_name_the_client) {
    const auto trusted = TrustedPeers::parse({"10.0.0.5", "10.1.0.0/20", "fd00::/8"});
    ASSERT_TRUE(trusted);
    struct {
        const char* socket;
        const char* forwarded;
        const char* scheme;
        const char* peer;
        bool secure;
    } const table[] = {
        {"192.0.2.1", "203.0.113.9", "https", "192.0.2.1", false},
        {"10.0.0.5", "203.0.113.9", "https", "203.0.113.9", true},
        {"::ffff:10.0.0.5", "203.0.113.9", "http", "203.0.113.9", false},
        {"10.0.0.6", "203.0.113.9", "https", "10.0.0.6", false},
        {"10.1.15.255", "1.1.1.1, 203.0.113.9", "", "203.0.113.9", false},
        {"10.1.16.0", "203.0.113.9", "", "10.1.16.0", false},
        {"fd12::1", "203.0.113.9, 10.0.0.5 ,10.1.0.9", "http, https", "203.0.113.9", true},
        {"10.0.0.5", "1.1.1.1, nonsense, 10.1.0.9", "https", "10.1.0.9", true},
        {"10.0.0.5", "nonsense", "", "10.0.0.5", false},
        {"10.0.0.5", "", "", "10.0.0.5", false},
        {"10.0.0.5", "::ffff:203.0.113.9", "", "203.0.113.9", false},
    };
    for (const auto& row : table) {
        Request request;
        request.headers["x-forwarded-for"] = row.forwarded;
        request.headers["x-forwarded-proto"] = row.scheme;
        trusted->resolve(plain_address(boost::asio::ip::make_address(row.socket)), false, request);
        EXPECT_EQ(request.peer, row.peer) << row.socket << " " << row.forwarded;
        EXPECT_EQ(request.secure, row.secure) << row.socket << " " << row.forwarded;
    }
    for (const char* wrong : {"", "10.0.0", "10.0.0.0/0", "10.0.0.0/33", "10.0.0.0/x", "host", "fd00::/129"})
        EXPECT_EQ(TrustedPeers::parse({wrong}).error().code, ErrorCode::config_invalid) << wrong;
}

TEST(notify, tells_the_supervisor_by_datagram) {
    const auto path =
        std::filesystem::temp_directory_path() / ("qingyuan_notify_" + std::to_string(::getpid()));
    std::filesystem::remove(path);
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.string().copy(at.sun_path, sizeof at.sun_path - 1);
    ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "40000", 1);
    std::string told;
    {
        Fixture fixture(echo, {.notify = true});
        const timeval patience{2, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        char buffer[64];
        for (int i = 0; i < 4; ++i) {
            const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
            told.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0).append(" ");
        }
    }
    EXPECT_EQ(told, "READY=1 WATCHDOG=1 WATCHDOG=1 WATCHDOG=1 ");
    char buffer[64];
    std::string last;
    for (ssize_t got; last != "STOPPING=1" && (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
        last.assign(buffer, static_cast<std::size_t>(got));
    EXPECT_EQ(last, "STOPPING=1");
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_FALSE(watchdog_interval());
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    EXPECT_FALSE(notify_supervisor("READY=1"));
    ::close(socket);
    std::filesystem::remove(path);
}

}  // namespace qingyuan::http
