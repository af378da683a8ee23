// ClickHouse under the suite of every engine, where QINGYUAN_TEST_CLICKHOUSE names servers
// (test/clickhouse.sh); and what needs no server: addresses, bytes of rows, what a failing server is taken
// for.
#include <cstdlib>

#include "packs/clickhouse.hpp"
#include "packs/clickhouse_node.hpp"
#include "packs/clickhouse_rows.hpp"
#include "packs/store_conformance_test.hpp"

namespace qingyuan::packs {
namespace {

const http::Client& client() {
    static const auto made = http::make_client();
    return *made;
}

std::string server_url() {
    const char* url = std::getenv("QINGYUAN_TEST_CLICKHOUSE");
    return url == nullptr ? "" : url;
}

/// Two servers behind one store, as they are named.
struct TwoNodes {
    static bool available() { return !server_url().empty(); }
    static Result<std::unique_ptr<Store>> open() { return open_clickhouse(client(), server_url()); }
    static constexpr int operations = 300;
    static constexpr bool settles = true;
};
/// The first of them alone, in a database of its own.
struct OneNode {
    static bool available() { return TwoNodes::available(); }
    static Result<std::unique_ptr<Store>> open() {
        std::string url = server_url();
        const auto comma = url.find(','), slash = url.rfind('/');
        if (comma != std::string::npos) url.erase(comma, slash - comma);
        return open_clickhouse(client(), url + "_alone");
    }
    static constexpr int operations = 300;
    static constexpr bool settles = true;
};
INSTANTIATE_TYPED_TEST_SUITE_P(ClickhouseTwoNodes, StoreConformance, TwoNodes);
INSTANTIATE_TYPED_TEST_SUITE_P(ClickhouseOneNode, StoreConformance, OneNode);

}  // namespace
}  // namespace qingyuan::packs
