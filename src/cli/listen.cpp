#include "cli/listen.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/text.hpp"

namespace qingyuan::cli {

namespace {

std::shared_ptr<spdlog::logger> json_log() {
    auto log = spdlog::get("server");
    if (!log) log = spdlog::stderr_logger_mt("server");
    log->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})", spdlog::pattern_time_type::utc);
    return log;
}

std::string json_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < ' ')
            out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out;
}

void write_line(spdlog::logger& log, const http::LogEntry& entry) {
    const auto level = entry.status >= 500 ? spdlog::level::warn : spdlog::level::info;
    log.log(level, R"("id":"{}","method":"{}","path":"{}","status":{},"us":{},"in":{},"out":{}{})",
            json_text(entry.id), entry.method, json_text(entry.pattern), entry.status, entry.microseconds,
            entry.bytes_in, entry.bytes_out,
            entry.remark.empty() ? "" : fmt::format(R"(,"remark":"{}")", json_text(entry.remark)));
}

/// /metrics on a port of its own; a scraper needs no session there, so it listens on loopback only.
Result<std::unique_ptr<http::Server>> metrics_server(const Config& config, const http::Metrics& metrics) {
    http::Options options;
    options.address = config.server.metrics_address;
    options.port = static_cast<std::uint16_t>(config.server.metrics_port);
    options.signals = false;
    options.limits.connections_max = 64;
    options.limits.general = {1, 16};
    return http::Server::create(std::move(options), [&metrics](const http::Request& request) {
        if (request.path != "/metrics" || (request.method != "GET" && request.method != "HEAD"))
            return http::problem(ErrorCode::route_unknown, "only /metrics is here", true);
        return http::Response{.content_type = std::string(http::Metrics::content_type),
                              .body = metrics.text(),
                              .headers = {{"Cache-Control", "no-store"}}};
    });
}

std::string url_of(const Config& config, std::uint16_t port) {
    const bool bracketed = config.server.address.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}/", config.server.tls_certificate.empty() ? "http" : "https",
                       bracketed ? "[" : "", config.server.address, bracketed ? "]" : "", port);
}

}  // namespace

Result<void> listen(const Config& config, http::Metrics& metrics, http::Classify classify,
                    http::Handler handler) {
    const auto log = json_log();
    http::Options options = server_options(config);
    options.classify = std::move(classify);
    options.metrics = &metrics;
    options.notify = true;
    options.log = [log](const http::LogEntry& entry) { write_line(*log, entry); };
    options.event_log = [log](const std::string& sentence) {
        log->info(R"("event":"{}")", json_text(sentence));
    };
    const http::Server* running = nullptr;
    const auto server = TRY(http::Server::create(
        std::move(options), [&running, handler = std::move(handler)](const http::Request& request) {
            if (request.path == "/readyz" && running->stopping())
                return http::problem(ErrorCode::overloaded, "stopping", true);
            return handler(request);
        }));
    running = server.get();
    std::unique_ptr<http::Server> scraped;
    if (config.server.metrics_port != 0) scraped = TRY(metrics_server(config, metrics));
    std::jthread beside;
    if (scraped) beside = std::jthread([&scraped] { scraped->run(); });
    fmt::print(stderr, "{}\n", url_of(config, server->port()));
    std::fflush(stderr);
    server->run();
    if (scraped) scraped->stop();
    return {};
}

}  // namespace qingyuan::cli
