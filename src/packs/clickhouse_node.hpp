// One ClickHouse server, asked over its HTTP interface. Only what 18.16 and current servers both understand
// is sent: fixed statements, names of our own, byte strings as hexadecimal escapes.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/client.hpp"

namespace qingyuan::packs {

/// clickhouse://user:password@host:port,host:port/database?cluster=name; clickhouses:// speaks TLS. User and
/// password are percent-encoded; both may be absent, as may be the ports (8123, 8443) and the cluster.
struct ClickhouseUrl {
    bool tls = false;
    std::string user = "default";
    std::string password;
    std::vector<std::string> hosts;  ///< "host:port"
    std::string database;
    std::string cluster;  ///< empty where none is named
};
/// config_invalid; the message never shows the password.
[[nodiscard]] Result<ClickhouseUrl> parse_clickhouse_url(std::string_view url);

/// A string literal of any bytes: '\x61\x00'.
[[nodiscard]] std::string literal(std::string_view bytes);

/// May be used from any thread. Every error names the server: peer_failed with the first line it answered;
/// too_large where an answer is longer than was asked for.
class ClickhouseNode {
 public:
    ClickhouseNode(const http::Client& client, const ClickhouseUrl& url, std::string host);

    /// Asks for rows. The server sends nothing until it has all of them (`wait_end_of_query`): an exception
    /// in the middle comes as an error, never as the end of the rows.
    [[nodiscard]] Result<std::string> ask(std::string statement, std::size_t answer_bytes_max) const;
    /// A statement without an answer.
    [[nodiscard]] Result<void> run(std::string statement, std::chrono::milliseconds timeout) const;
    /// Rows in the format RowBinary. Acknowledged when it returns.
    [[nodiscard]] Result<void> insert(std::string_view table, std::string rows) const;
    [[nodiscard]] const std::string& host() const { return host_; }

 private:
    [[nodiscard]] Result<std::string> send(http::Fetch request) const;

    const http::Client* client_;
    std::string host_;
    std::string base_;
    std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace qingyuan::packs
