#include "http/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

using namespace qingyuan;
using namespace qingyuan::http;

namespace {

/// A server on a free port, and a plain socket to it.
struct Fixture {
    std::unique_ptr<Server> server;
    std::thread thread;

    explicit Fixture(Handler handler, Limits limits = {}) {
        auto created = Server::create("127.0.0.1", 0, limits, std::move(handler));
        EXPECT_TRUE(created);
        server = std::move(*created);
        thread = std::thread([this] { server->run(); });
    }
    ~Fixture() {
        server->stop();
        thread.join();
    }
    [[nodiscard]] int connect() const {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(server->port());
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        timeval patience{5, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        return fd;
    }
    /// Sends and reads until the peer closes (the request must ask for that).
    [[nodiscard]] std::string exchange(const std::string& bytes) const {
        const int fd = connect();
        EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
        std::string reply;
        char buffer[4096];
        for (ssize_t got; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
            reply.append(buffer, static_cast<std::size_t>(got));
        ::close(fd);
        return reply;
    }
};

Response echo(const Request& request) {
    Response response;
    response.body = request.method + " " + request.path + " q=" + std::string(request.parameter("q")) +
                    " x=" + std::string(request.header("x-person")) + " " + request.body;
    return response;
}

}  // namespace

TEST(server, answers_several_requests_of_one_connection) {
    Fixture fixture(echo);
    const std::string reply = fixture.exchange(
        "GET /a%20b?q=%E6%B8%85+1 HTTP/1.1\r\nHost: h\r\nX-Person: li\r\n\r\n"
        "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    EXPECT_NE(reply.find("GET /a b q=清 1 x=li"), std::string::npos) << reply;
    EXPECT_NE(reply.find("POST /c q= x= hi"), std::string::npos) << reply;
}

TEST(server, refuses_malformed_and_oversized_requests_with_a_problem) {
    Fixture fixture(echo, {.header_bytes_max = 512, .body_bytes_max = 100});
    struct {
        std::string request;
        const char* status;
    } const table[] = {
        {"NONSENSE\r\n\r\n", " 400 "},
        {"GET /%zz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", " 400 "},
        {"GET /%00 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", " 400 "},
        {"GET /%ff HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", " 400 "},
        {"GET / HTTP/1.1\r\nA: " + std::string(600, 'a') + "\r\n\r\n", " 400 "},
        {"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", " 413 "},
        {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", " 400 "},
    };
    for (const auto& [request, status] : table) {
        const std::string reply = fixture.exchange(request);
        EXPECT_NE(reply.find(status), std::string::npos) << request << "\n" << reply;
        EXPECT_NE(reply.find("application/problem+json"), std::string::npos) << reply;
    }
    EXPECT_NE(fixture.exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").find(" 200 "),
              std::string::npos);
}

TEST(server, answers_head_with_the_length_and_no_body) {
    Fixture fixture(echo);
    const std::string reply = fixture.exchange("HEAD /abc HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_NE(reply.find("Content-Length: 16"), std::string::npos) << reply;
    EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST(server, says_503_when_its_queue_is_full_and_serves_again_after) {
    std::atomic<bool> hold{true};
    Fixture fixture(
        [&](const Request&) {
            while (hold) std::this_thread::yield();
            return Response{};
        },
        {.workers = 1, .queue_max = 2});
    std::thread first([&] { (void)fixture.exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"); });
    std::thread second([&] { (void)fixture.exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"); });
    std::string reply;
    for (int tries = 0; tries < 200 && reply.find(" 503 ") == std::string::npos; ++tries) {
        const int fd = fixture.connect();
        const std::string request = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
        timeval patience{0, 200'000};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        char buffer[1024];
        const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
        reply = got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
        ::close(fd);
    }
    EXPECT_NE(reply.find(" 503 "), std::string::npos);
    EXPECT_NE(reply.find("Retry-After"), std::string::npos);
    hold = false;
    first.join();
    second.join();
    std::string later;
    for (int tries = 0; tries < 200 && later.find(" 200 ") == std::string::npos; ++tries)
        later = fixture.exchange("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_NE(later.find(" 200 "), std::string::npos);
}

TEST(server, refuses_addresses_that_others_can_reach_and_a_port_in_use) {
    for (const char* address : {"0.0.0.0", "192.168.1.1", "::", "example.org", ""})
        EXPECT_EQ(Server::create(address, 0, {}, echo).error().code, ErrorCode::address_refused) << address;
    Fixture fixture(echo);
    EXPECT_EQ(Server::create("127.0.0.1", fixture.server->port(), {}, echo).error().code,
              ErrorCode::port_in_use);
}

TEST(server, finishes_a_request_in_flight_when_it_stops) {
    std::atomic<bool> entered{false};
    std::string reply;
    std::thread client;
    {
        Fixture fixture([&](const Request&) {
            entered = true;
            std::this_thread::sleep_for(std::chrono::milliseconds(150));
            return Response{.body = "done"};
        });
        client = std::thread([&fixture, &reply] {
            const int fd = fixture.connect();
            const std::string request = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
            ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
            char buffer[1024];
            for (ssize_t got; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
                reply.append(buffer, static_cast<std::size_t>(got));
            ::close(fd);
        });
        while (!entered) std::this_thread::yield();
    }
    client.join();
    EXPECT_TRUE(reply.ends_with("done")) << reply;
}
