// An open-loop load generator: requests are due at a fixed rate whatever the server does, and a latency
// counts from the moment its request was due, so that a server that stands still is not flattered
// (coordinated omission). Keep-alive connections; beside them, if wanted, idle ones and a storm of wrong
// sign-ins.
//
//   load --url http://127.0.0.1:8080 --tokens FILE --rate 1000 --seconds 30
//
// A file of requests has lines `WEIGHT METHOD PATH [BODY]`; `{n}` becomes a number that never repeats.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/random.hpp"
#include "measure.hpp"

namespace qingyuan::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr std::string_view built_in_requests =
    "34 GET /api/today\n"
    "34 GET /api/dossiers?limit=50\n"
    "10 GET /api/reports/mid_year\n"
    "10 GET /api/meta\n"
    "5 GET /api/organisations\n"
    "5 GET /api/journal\n"
    "2 POST /api/dossiers {\"procedure\":\"penalty_case\",\"title\":\"load {n}\",\"category\":\"drug\","
    "\"form\":{\"case_source\":\"inspection\",\"description\":\"货架有过期药品\",\"violation\":\"D03A\"}}\n";

struct Settings {
    std::string url = "http://127.0.0.1:8080";
    std::vector<std::string> tokens;
    std::string token_file, request_file;
    double rate = 1'000, seconds = 10, storm_rate = 0, p99_max_ms = 0;
    unsigned connections = 200, idle = 0;
    std::uint64_t seed = 1;
};

struct Template {
    std::uint64_t weight = 0;
    std::string method, path, body;
};

/// What was measured of one kind of traffic.
struct Outcome {
    std::vector<double> milliseconds;
    std::map<int, std::size_t> statuses;
    std::size_t broken = 0;  ///< connections that ended under a request

    [[nodiscard]] double percentile(double share) {
        if (milliseconds.empty()) return 0;
        const auto at = static_cast<std::size_t>(share * static_cast<double>(milliseconds.size() - 1));
        std::ranges::nth_element(milliseconds, milliseconds.begin() + static_cast<std::ptrdiff_t>(at));
        return milliseconds[at];
    }
    [[nodiscard]] std::size_t count(int from, int below) const {
        std::size_t sum = 0;
        for (const auto& [status, number] : statuses)
            if (status >= from && status < below) sum += number;
        return sum;
    }
};

struct Connection {
    int fd = -1;
    std::string out, in;
    std::size_t sent = 0;
    bool busy = false;
    Clock::time_point due;
};

/// One kind of traffic: requests due at a rate, over connections of its own.
class Traffic {
 public:
    Traffic(int poll, sockaddr_in server, double rate, unsigned connections)
        : poll_(poll), server_(server), step_(static_cast<std::int64_t>(1e9 / rate)), slots_(connections) {
        for (std::size_t i = 0; i < slots_.size(); ++i) free_.push_back(i);
    }

    void begin(Clock::time_point now) { next_due_ = now; }
    [[nodiscard]] Clock::time_point next_due() const { return next_due_; }

    /// Puts every request whose time has come on a free connection, or on the list of those that wait.
    void release(Clock::time_point now, Clock::time_point end, const auto& make_request) {
        for (; next_due_ <= now && next_due_ < end; next_due_ += step_) waiting_.push_back(next_due_);
        while (!waiting_.empty() && !free_.empty()) {
            const std::size_t slot = free_.back();
            free_.pop_back();
            Connection& connection = slots_[slot];
            connection.due = waiting_.front();
            waiting_.pop_front();
            connection.out = make_request();
            connection.sent = 0;
            connection.busy = true;
            if (connection.fd < 0) open(slot);
            flush(slot);
        }
    }

    void ready(std::size_t slot, std::uint32_t events) {
        Connection& connection = slots_[slot];
        if ((events & EPOLLOUT) != 0) flush(slot);
        if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && connection.fd >= 0) receive(slot);
    }

    /// Requests not answered when the time is over.
    [[nodiscard]] std::size_t pending() const { return waiting_.size() + slots_.size() - free_.size(); }
    void set_tag(std::uint32_t tag) { tag_ = tag; }

    Outcome outcome;

 private:
    void open(std::size_t slot) {
        Connection& connection = slots_[slot];
        connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connection.in.clear();
        const int on = 1;
        ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        (void)::connect(connection.fd, reinterpret_cast<const sockaddr*>(&server_), sizeof server_);
        epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET,
                          .data = {.u64 = (std::uint64_t{tag_} << 32) | slot}};
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.fd, &event);
    }

    void flush(std::size_t slot) {
        Connection& connection = slots_[slot];
        while (connection.sent < connection.out.size()) {
            const ssize_t sent = ::send(connection.fd, connection.out.data() + connection.sent,
                                        connection.out.size() - connection.sent, MSG_NOSIGNAL);
            if (sent < 0) return;  // EAGAIN or not yet connected: epoll tells; an error shows when it is read
            connection.sent += static_cast<std::size_t>(sent);
        }
    }

    void receive(std::size_t slot) {
        Connection& connection = slots_[slot];
        std::array<char, 65536> buffer;
        for (;;) {
            const ssize_t got = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
            if (got > 0) {
                connection.in.append(buffer.data(), static_cast<std::size_t>(got));
                continue;
            }
            if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
            finish(slot);  // the last answer may be whole
            if (connection.busy) {
                ++outcome.broken;
                settle(slot);
            }
            close(slot);
            return;
        }
        finish(slot);
    }

    /// Takes a whole answer off the connection.
    void finish(std::size_t slot) {
        Connection& connection = slots_[slot];
        const auto end = connection.in.find("\r\n\r\n");
        if (!connection.busy || end == std::string::npos) return;
        const auto at = connection.in.find("Content-Length: ");
        std::size_t length = 0;
        if (at != std::string::npos && at < end)
            length = std::strtoul(connection.in.c_str() + at + 16, nullptr, 10);
        if (connection.in.size() < end + 4 + length) return;
        const bool last = connection.in.rfind("Connection: close", end) != std::string::npos;
        const int status = std::atoi(connection.in.c_str() + 9);
        const std::chrono::duration<double, std::milli> took = Clock::now() - connection.due;
        outcome.milliseconds.push_back(took.count());
        ++outcome.statuses[status];
        connection.in.erase(0, end + 4 + length);
        if (last) close(slot);
        settle(slot);
    }

    void settle(std::size_t slot) {
        slots_[slot].busy = false;
        free_.push_back(slot);
    }
    void close(std::size_t slot) {
        if (slots_[slot].fd >= 0) ::close(slots_[slot].fd);
        slots_[slot].fd = -1;
    }

    int poll_;
    sockaddr_in server_;
    nanoseconds step_;
    std::vector<Connection> slots_;
    std::vector<std::size_t> free_;
    std::deque<Clock::time_point> waiting_;
    Clock::time_point next_due_;
    std::uint32_t tag_ = 0;
};

/// Connections that ask once and then only stay.
class Idlers {
 public:
    Idlers(const sockaddr_in& server, unsigned count, const std::string& request) {
        for (unsigned i = 0; i < count; ++i) {
            const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const timeval patience{5, 0};
            ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
                if (fd >= 0) ::close(fd);
                continue;
            }
            std::array<char, 4096> buffer;
            (void)::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
            (void)::recv(fd, buffer.data(), buffer.size(), 0);
            fds_.push_back(fd);
        }
    }
    ~Idlers() {
        for (const int fd : fds_) ::close(fd);
    }
    Idlers(const Idlers&) = delete;
    Idlers& operator=(const Idlers&) = delete;

    /// How many are still open.
    [[nodiscard]] std::size_t held() const {
        return static_cast<std::size_t>(std::ranges::count_if(fds_, [](int fd) {
            char byte = 0;
            const ssize_t got = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
            return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
        }));
    }

 private:
    std::vector<int> fds_;
};

std::vector<Template> parse_requests(std::istream& in) {
    std::vector<Template> out;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words(line);
        Template one;
        words >> one.weight >> one.method >> one.path;
        std::getline(words >> std::ws, one.body);
        if (one.weight == 0 || !one.path.starts_with('/')) {
            fmt::print(stderr, "not a request: {}\n", line);
            std::exit(2);
        }
        out.push_back(std::move(one));
    }
    return out;
}

std::string replaced(std::string text, std::uint64_t number) {
    for (std::size_t at; (at = text.find("{n}")) != std::string::npos;)
        text.replace(at, 3, std::to_string(number));
    return text;
}

/// The bytes of requests, drawn by weight; every POST has a key of its own.
class Requests {
 public:
    Requests(const Settings& settings, std::vector<Template> templates)
        : templates_(std::move(templates)), tokens_(settings.tokens), random_(settings.seed) {
        for (const Template& one : templates_) weights_ += one.weight;
        host_ = settings.url.substr(settings.url.find("://") + 3);
        run_ = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    }
    [[nodiscard]] std::string next() {
        std::uint64_t drawn = random_.below(weights_);
        const Template* chosen = templates_.data();
        while (drawn >= chosen->weight) drawn -= (chosen++)->weight;
        return bytes(*chosen, true);
    }
    [[nodiscard]] std::string bytes(const Template& one, bool signed_in) {
        ++number_;
        std::string out =
            fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", one.method, replaced(one.path, number_), host_);
        if (signed_in && !tokens_.empty())
            out += fmt::format("Authorization: Bearer {}\r\n", tokens_[number_ % tokens_.size()]);
        if (one.method != "GET") {
            const std::string body = replaced(one.body, number_);
            out += fmt::format(
                "Idempotency-Key: load-{:x}-{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
                run_, number_, body.size());
            return out + "\r\n" + body;
        }
        return out + "\r\n";
    }

 private:
    std::vector<Template> templates_;
    std::vector<std::string> tokens_;
    Random random_;
    std::uint64_t weights_ = 0, number_ = 0, run_ = 0;
    std::string host_;
};

sockaddr_in address_of(const std::string& url) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    const auto begin = url.find("://") + 3;
    const auto colon = url.find(':', begin);
    const std::string host = url.substr(begin, colon - begin);
    const bool right =
        url.starts_with("http://") && colon != std::string::npos &&
        ::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &out.sin_addr) == 1;
    if (!right) {
        fmt::print(stderr, "--url is http://ADDRESS:PORT, an IPv4 address\n");
        std::exit(2);
    }
    out.sin_port = htons(static_cast<std::uint16_t>(std::atoi(url.c_str() + colon + 1)));
    return out;
}

void run_traffic(int poll, std::vector<Traffic*> all, std::vector<std::function<std::string()>> makers,
                 double seconds) {
    const auto begun = Clock::now();
    const auto end = begun + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
    const auto patience = end + std::chrono::seconds(10);
    for (Traffic* const one : all) one->begin(begun);
    std::array<epoll_event, 256> events;
    for (;;) {
        auto now = Clock::now();
        auto wake = patience;
        std::size_t pending = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i]->release(now, end, makers[i]);
            if (all[i]->next_due() < end) wake = std::min(wake, all[i]->next_due());
            pending += all[i]->pending();
        }
        if (now >= patience || (now >= end && pending == 0)) return;
        now = Clock::now();
        const auto rest =
            std::max<std::int64_t>(0, std::chrono::duration_cast<nanoseconds>(wake - now).count());
        const timespec wait{rest / 1'000'000'000, rest % 1'000'000'000};
        const int count = ::epoll_pwait2(poll, events.data(), events.size(), &wait, nullptr);
        for (int i = 0; i < count; ++i)
            all[events[i].data.u64 >> 32]->ready(events[i].data.u64 & 0xffff'ffff, events[i].events);
    }
}

/// `expected`: a status that is no error though it is one of 4xx.
void report(const std::string& name, Outcome& outcome, std::size_t pending, double seconds,
            int expected = 0) {
    const auto number = [](std::size_t value) { return static_cast<double>(value); };
    print(name + ": answered", number(outcome.milliseconds.size()) / seconds, "requests/s");
    print(name + ": p50", outcome.percentile(0.50), "ms", "from the moment a request was due");
    print(name + ": p99", outcome.percentile(0.99), "ms");
    print(name + ": largest", outcome.percentile(1.0), "ms");
    std::string statuses;
    for (const auto& [status, count] : outcome.statuses) statuses += fmt::format("{}×{} ", count, status);
    print(name + ": 2xx and 3xx", number(outcome.count(200, 400)), "answers", statuses);
    print(name + ": 429 and 503", number(outcome.count(429, 430) + outcome.count(503, 504)), "answers");
    const std::size_t wrong = outcome.count(400, 600) - outcome.count(429, 430) - outcome.count(503, 504) -
                              outcome.count(expected, expected + 1);
    print(name + ": errors", number(wrong + outcome.broken + pending), "requests",
          fmt::format("{} statuses, {} broken connections, {} unanswered", wrong, outcome.broken, pending));
}

/// Held connections, the paced mix, the storm; 1 where more than one request in a hundred took too long.
int run(Settings settings) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (!settings.token_file.empty()) {
        std::ifstream in(settings.token_file);
        for (std::string line; std::getline(in, line);)
            if (!line.empty()) settings.tokens.push_back(line);
    }
    std::istringstream built_in{std::string(built_in_requests)};
    std::ifstream given(settings.request_file);
    Requests requests(
        settings,
        parse_requests(settings.request_file.empty() ? static_cast<std::istream&>(built_in) : given));
    const sockaddr_in server = address_of(settings.url);
    const Template live{1, "GET", "/livez", {}};
    const Template wrong_sign_in{1, "POST", "/api/session",
                                 "{\"name\":\"nobody_{n}\",\"password\":\"not the password {n}\"}"};

    const Idlers idlers(server, settings.idle, requests.bytes(live, false));
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    Traffic mixed(poll, server, settings.rate, settings.connections);
    std::vector<Traffic*> all{&mixed};
    std::vector<std::function<std::string()>> makers{[&] { return requests.next(); }};
    std::unique_ptr<Traffic> storm;
    if (settings.storm_rate > 0) {
        storm = std::make_unique<Traffic>(poll, server, settings.storm_rate, settings.connections);
        storm->set_tag(1);
        all.push_back(storm.get());
        makers.emplace_back([&] { return requests.bytes(wrong_sign_in, false); });
    }
    run_traffic(poll, all, makers, settings.seconds);
    report("mixed", mixed.outcome, mixed.pending(), settings.seconds);
    if (storm) report("sign-in storm", storm->outcome, storm->pending(), settings.seconds, 401);
    if (settings.idle > 0)
        print("idle connections held", static_cast<double>(idlers.held()),
              "of " + std::to_string(settings.idle));
    ::close(poll);
    return settings.p99_max_ms > 0 && mixed.outcome.percentile(0.99) > settings.p99_max_ms ? 1 : 0;
}

}  // namespace
}  // namespace qingyuan::bench

int main(int count, char** values) {
    qingyuan::bench::Settings settings;
    CLI::App app("open-loop load on a server, latencies from the due time");
    app.add_option("--url", settings.url, "http://ADDRESS:PORT");
    app.add_option("--token", settings.tokens, "bearer token; of several, each request takes the next");
    app.add_option("--tokens", settings.token_file, "file with one token a line");
    app.add_option("--requests", settings.request_file,
                   "lines `WEIGHT METHOD PATH [BODY]`; default: a mix 90/10");
    app.add_option("--rate", settings.rate, "requests a second")->check(CLI::PositiveNumber);
    app.add_option("--seconds", settings.seconds, "how long")->check(CLI::PositiveNumber);
    app.add_option("--connections", settings.connections, "keep-alive connections")
        ->check(CLI::Range(1, 10'000));
    app.add_option("--idle", settings.idle, "further connections that only stay open");
    app.add_option("--storm", settings.storm_rate, "wrong sign-ins a second, beside");
    app.add_option("--seed", settings.seed, "of the mix");
    app.add_option("--p99", settings.p99_max_ms, "exit 1 where the mix took longer, ms");
    CLI11_PARSE(app, count, values);
    return qingyuan::bench::run(std::move(settings));
}
