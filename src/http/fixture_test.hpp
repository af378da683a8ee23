// A server on a free loopback port for one test, and a client that sends bytes as they are.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.hpp"

namespace qingyuan::http {

using std::chrono::milliseconds;

class Wire {
 public:
    explicit Wire(std::uint16_t port, int receive_bytes = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_bytes > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        patience(milliseconds(5'000));
    }
    ~Wire() { ::close(fd_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    void patience(milliseconds time) const {
        const timeval value{time.count() / 1000, time.count() % 1000 * 1000};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
    }
    /// False when the other side no longer listens.
    bool send(std::string_view bytes) const {
        return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    /// Everything until the other side closes or patience ends.
    [[nodiscard]] std::string rest() const {
        std::string out;
        char buffer[16384];
        for (ssize_t got; (got = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;)
            out.append(buffer, static_cast<std::size_t>(got));
        return out;
    }
    /// Everything until `text` has come (or nothing more does).
    [[nodiscard]] std::string until(std::string_view text) const {
        std::string out;
        char buffer[4096];
        while (out.find(text) == std::string::npos) {
            const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
            if (got <= 0) break;
            out.append(buffer, static_cast<std::size_t>(got));
        }
        return out;
    }
    /// Has the other side closed (waits as long as patience goes)?
    [[nodiscard]] bool closed() const {
        char byte = 0;
        const ssize_t got = ::recv(fd_, &byte, 1, 0);
        return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    }

 private:
    int fd_;
};

struct Fixture {
    std::unique_ptr<Server> server;
    std::thread thread;

    explicit Fixture(Handler handler, Options options = {}) {
        options.signals = false;
        auto made = Server::create(std::move(options), std::move(handler));
        EXPECT_TRUE(made) << (made ? "" : made.error().text());
        server = std::move(*made);
        thread = std::thread([this] { server->run(); });
    }
    ~Fixture() { stop(); }
    void stop() {
        if (!thread.joinable()) return;
        server->stop();
        thread.join();
    }
    [[nodiscard]] std::uint16_t port() const { return server->port(); }
    [[nodiscard]] std::string url(std::string_view path) const {
        return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
    }
    /// Sends and reads until the server closes (the request must ask for that or be wrong).
    [[nodiscard]] std::string exchange(std::string_view bytes) const {
        const Wire wire(port());
        wire.send(bytes);
        return wire.rest();
    }
};

inline Response echo(const Request& request) {
    Response response;
    response.content_type = "text/plain";
    response.body = request.method + " " + request.path + " q=" + std::string(request.parameter("q")) +
                    " x=" + std::string(request.header("x-person")) + " " + request.body;
    return response;
}

}  // namespace qingyuan::http
