#include "packs/clickhouse_node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/sm3.hpp"
#include "base/text.hpp"

namespace qingyuan::packs {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{60'000};
constexpr std::size_t message_bytes_max = 300;
constexpr std::size_t nodes_max = 64;

Error wrong(std::string why) {
    return {ErrorCode::config_invalid, std::move(why), "packs", "",
            "write clickhouse://user:password@host:port,host:port/database"};
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && !(text.front() >= '0' && text.front() <= '9') &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
           });
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return wrong("a percent sign without two hexadecimal digits");
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    if (std::ranges::any_of(out, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }))
        return wrong("a control character");
    return out;
}

Result<std::string> host_of(std::string host, bool tls) {
    const bool bracketed = host.starts_with('[');  // IPv6
    const std::size_t from = bracketed ? host.find(']') : 0;
    if (from == std::string::npos) return wrong("a bracket that is not closed");
    const auto colon = host.find(':', from);
    if (colon == std::string::npos) {
        host += tls ? ":8443" : ":8123";
    } else {
        const auto port = parse_integer(std::string_view(host).substr(colon + 1));
        if (!port || *port < 1 || *port > 65'535) return wrong("a port that is none");
    }
    const std::string_view name = std::string_view(host).substr(0, host.rfind(':'));
    if (name.empty() || !std::ranges::all_of(name, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   std::string_view(".-_[]:").find(c) != std::string_view::npos;
        }))
        return wrong("a host that is none");
    return host;
}

/// What a server answered, down to what a person reads in one line.
std::string first_line(std::string_view body) {
    std::string line(body.substr(0, std::min(body.find('\n'), message_bytes_max)));
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    if (!is_utf8(line)) return "an answer that is no text";
    return line.empty() ? "nothing" : line;
}

}  // namespace

Result<ClickhouseUrl> parse_clickhouse_url(std::string_view url) {
    ClickhouseUrl out;
    constexpr std::string_view plain = "clickhouse://", secure = "clickhouses://";
    out.tls = url.starts_with(secure);
    if (!out.tls && !url.starts_with(plain)) return wrong("the address does not begin with clickhouse://");
    url.remove_prefix(out.tls ? secure.size() : plain.size());
    if (const auto question = url.find('?'); question != std::string_view::npos) {
        constexpr std::string_view cluster = "cluster=";
        const auto option = url.substr(question + 1);
        if (!option.starts_with(cluster) || !is_name(option.substr(cluster.size())))
            return wrong("the only option is cluster=NAME");
        out.cluster = option.substr(cluster.size());
        url = url.substr(0, question);
    }
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        const auto who = url.substr(0, at);
        const auto colon = who.find(':');
        out.user = TRY(decoded(who.substr(0, colon)));
        if (colon != std::string_view::npos) out.password = TRY(decoded(who.substr(colon + 1)));
        if (out.user.empty()) return wrong("an empty user name");
        url.remove_prefix(at + 1);
    }
    const auto slash = url.find('/');
    if (slash == std::string_view::npos || !is_name(url.substr(slash + 1)))
        return wrong("the database is missing or has other characters than letters, digits and _");
    out.database = url.substr(slash + 1);
    for (const auto& host : split(url.substr(0, slash), ',')) {
        out.hosts.push_back(TRY(host_of(host, out.tls)));
        if (std::ranges::count(out.hosts, out.hosts.back()) > 1) return wrong("a server is named twice");
    }
    if (out.hosts.empty()) return wrong("no server is named");
    if (out.hosts.size() > nodes_max) return wrong("more than 64 servers");
    return out;
}

std::string literal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 + 4 * bytes.size());
    out.push_back('\'');
    for (const char c : bytes) {
        out.append("\\x");
        out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
        out.push_back(digits[static_cast<unsigned char>(c) & 15]);
    }
    out.push_back('\'');
    return out;
}

ClickhouseNode::ClickhouseNode(const http::Client& client, const ClickhouseUrl& url, std::string host)
    : client_(&client),
      host_(std::move(host)),
      base_(fmt::format("{}://{}/", url.tls ? "https" : "http", host_)),
      headers_{{"X-ClickHouse-User", url.user}, {"X-ClickHouse-Key", url.password}} {
    if (url.password.empty()) headers_.pop_back();
}

Result<std::string> ClickhouseNode::send(http::Fetch request) const {
    request.method = "POST";
    request.headers = headers_;
    auto answer = client_->fetch(request);
    if (!answer) {
        Error error = std::move(answer).error();
        if (error.code == ErrorCode::peer_failed)
            error.next = "see whether the ClickHouse server runs and its address is right, then try again";
        error.where = host_;
        return error;
    }
    if (!answer->ok() || !answer->header("x-clickhouse-exception-code").empty())
        return Error{ErrorCode::peer_failed, first_line(answer->body), host_};
    return std::move(answer->body);
}

Result<std::string> ClickhouseNode::ask(std::string statement, std::size_t answer_bytes_max) const {
    return send({.url = fmt::format("{}?wait_end_of_query=1&buffer_size={}", base_, answer_bytes_max),
                 .body = std::move(statement),
                 .timeout = patience,
                 .answer_bytes_max = answer_bytes_max});
}

Result<void> ClickhouseNode::run(std::string statement, milliseconds timeout) const {
    TRY(send({.url = base_ + "?wait_end_of_query=1", .body = std::move(statement), .timeout = timeout}));
    return {};
}

Result<void> ClickhouseNode::insert(std::string_view table, std::string rows) const {
    TRY(send({.url = fmt::format("{}?query=INSERT%20INTO%20{}%20FORMAT%20RowBinary", base_, table),
              .body = std::move(rows),
              .timeout = patience}));
    return {};
}

}  // namespace qingyuan::packs
