// The distributed engine of the pack index: tables in one or more ClickHouse servers, 18.16 or newer.
#pragma once

#include <memory>
#include <string_view>

#include "http/client.hpp"
#include "packs/store.hpp"

namespace qingyuan::packs {

/// `url` as clickhouse://user:password@host:port,host:port/database (clickhouse_node.hpp). The database and
/// its tables are made where they are missing. The servers are always named in the same number and order: a
/// group lies on the server that its hash says. config_invalid, store_newer, peer_failed. The client is used
/// as long as the store lives.
[[nodiscard]] Result<std::unique_ptr<Store>> open_clickhouse(const http::Client& client,
                                                             std::string_view url);

/// Which of `nodes` servers holds a group.
[[nodiscard]] std::size_t node_of(std::string_view group, std::size_t nodes);

}  // namespace qingyuan::packs
