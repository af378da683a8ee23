// ClickHouse under the suite of every engine, where QINGYUAN_TEST_CLICKHOUSE names servers
// (test/clickhouse.sh); and what needs no server: addresses, bytes of rows, what a failing server is taken
// for.
#include <cstdlib>
#include <mutex>

#include "base/random.hpp"
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
    static constexpr int operations = 1'000;
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
    static constexpr int operations = 1'000;
    static constexpr bool settles = true;
};
INSTANTIATE_TYPED_TEST_SUITE_P(ClickhouseTwoNodes, StoreConformance, TwoNodes);
INSTANTIATE_TYPED_TEST_SUITE_P(ClickhouseOneNode, StoreConformance, OneNode);

TEST(ClickhouseUrls, are_read_and_refused) {
    const auto url =
        parse_clickhouse_url("clickhouse://u%3A:p%40%2F@one:9000,[::1],10.0.0.1:8123/packs?cluster=c");
    ASSERT_TRUE(url) << url.error().text();
    EXPECT_EQ(url->user, "u:");
    EXPECT_EQ(url->password, "p@/");
    EXPECT_EQ(url->hosts, (std::vector<std::string>{"one:9000", "[::1]:8123", "10.0.0.1:8123"}));
    EXPECT_EQ(url->database, "packs");
    EXPECT_EQ(url->cluster, "c");
    const auto secure = parse_clickhouse_url("clickhouses://one/packs");
    ASSERT_TRUE(secure);
    EXPECT_EQ(secure->hosts, std::vector<std::string>{"one:8443"});
    EXPECT_EQ(secure->user, "default");
    for (const auto* wrong : {"",
                              "http://one/packs",
                              "clickhouse://one",
                              "clickhouse://one/",
                              "clickhouse:///packs",
                              "clickhouse://one/a b",
                              "clickhouse://one/a;drop",
                              "clickhouse://one/1a",
                              "clickhouse://one:0/packs",
                              "clickhouse://one:70000/packs",
                              "clickhouse://one:x/packs",
                              "clickhouse://one,one/packs",
                              "clickhouse://o ne/packs",
                              "clickhouse://o'ne/packs",
                              "clickhouse://@one/packs",
                              "clickhouse://u:%0a@one/packs",
                              "clickhouse://u:%4@one/packs",
                              "clickhouse://one/packs?x=1",
                              "clickhouse://one/packs?cluster=a'b",
                              "clickhouse://[::1/packs"}) {
        const auto read = parse_clickhouse_url(wrong);
        ASSERT_FALSE(read) << wrong;
        EXPECT_EQ(read.error().code, ErrorCode::config_invalid);
    }
    const auto secret = parse_clickhouse_url("clickhouse://u:geheim@one/a b");
    EXPECT_EQ(secret.error().text().find("geheim"), std::string::npos);
}

// The example of docs/formats/packs_store.md.
TEST(ClickhouseRows, are_as_the_document_says) {
    const std::string written = documented("runs_row");
    std::string_view left = written;
    Row row;
    ASSERT_TRUE(take_row(left, false, row));
    EXPECT_TRUE(left.empty());
    EXPECT_EQ(row.group, national(0x0102));
    EXPECT_EQ(row.rest, "run");
    EXPECT_EQ(row.token, 7U);
    EXPECT_EQ(row.kind, RowKind::put);
    EXPECT_EQ(row.value, "value");
    std::string again;
    put_row(again, false, row);
    EXPECT_EQ(again, written);

    const std::string sum = documented("tallies_row");
    left = sum;
    ASSERT_TRUE(take_row(left, true, row));
    EXPECT_EQ(row.group, "sale\0"s);
    EXPECT_EQ(row.rest, "a2");
    EXPECT_EQ(row.token, 8U);
    EXPECT_EQ(row.kind, RowKind::add);
    EXPECT_EQ(row.delta, -2);
    for (std::size_t size = 0; size < written.size(); ++size) {
        left = std::string_view(written).substr(0, size);
        EXPECT_FALSE(take_row(left, false, row)) << size;
    }
    left = std::string_view("Code: 241, e.displayText() = DB::Exception: Memory limit (total) exceeded");
    EXPECT_FALSE(take_row(left, false, row));
    EXPECT_EQ(literal("a\0'\\"s), R"('\x61\x00\x27\x5c')");
}

TEST(ClickhouseRows, lie_where_the_document_says) {
    EXPECT_EQ(std::string(1, static_cast<char>(node_of(national(0x0102), 2))), documented("runs_of_two"));
    EXPECT_EQ(node_of(national(0), 2), 0U);
    std::size_t first = 0;
    for (std::uint64_t group = 0; group < 10'000; ++group) first += node_of(national(group), 2) == 0 ? 1 : 0;
    EXPECT_NEAR(static_cast<double>(first), 5'000, 300);
}

/// Answers what a test says, or passes on.
class Scripted final : public http::Client {
 public:
    std::function<Result<http::Fetched>(const http::Fetch&)> answer;
    [[nodiscard]] Result<http::Fetched> fetch(const http::Fetch& request) const override {
        return answer(request);
    }
};

/// One server of a fresh index; `rows` is what it answers when it is asked for rows.
http::Fetched healthy(const http::Fetch& request, const std::string& rows) {
    const auto& statement = request.body;
    if (statement.find("version()") != std::string::npos)
        return {.status = 200,
                .body =
                    "\x07"
                    "18.16.1"s};
    if (statement.find(".layout") != std::string::npos || request.url.find("INSERT") != std::string::npos)
        return {.status = 200};
    if (statement.find("system.parts") != std::string::npos)
        return {.status = 200, .body = std::string(16, '\0')};
    if (statement.starts_with("SELECT pack_group")) return {.status = 200, .body = rows};
    return {.status = 200};
}

TEST(ClickhouseFailures, are_named_and_nothing_is_half_believed) {
    std::string two;
    put_row(two, false, {"a", "", 1, RowKind::put, "v", 0});
    put_row(two, false, {"b", "", 1, RowKind::put, "v", 0});
    std::string foreign;
    put_row(foreign, false, {"never asked for", "", 1, RowKind::put, "v", 0});
    const std::string exception = "Code: 159, e.displayText() = DB::Exception: Timeout exceeded\nand more";
    struct Case {
        const char* what;
        std::function<Result<http::Fetched>()> answer;
        const char* says;
    };
    const std::vector<Case> cases{
        {"an exception", [&] { return http::Fetched{.status = 500, .body = exception}; }, "Timeout exceeded"},
        {"an exception behind rows", [&] { return http::Fetched{.status = 200, .body = two + exception}; },
         "cut short"},
        {"an exception in the head of an answer",
         [&] {
             return http::Fetched{
                 .status = 200, .headers = {{"x-clickhouse-exception-code", "159"}}, .body = exception};
         },
         "Timeout exceeded"},
        {"a cut", [&] { return http::Fetched{.status = 200, .body = two.substr(0, two.size() - 1)}; },
         "cut short"},
        {"another group", [&] { return http::Fetched{.status = 200, .body = foreign}; }, "cut short"},
        {"no answer", [&] { return Error{ErrorCode::peer_failed, "timed out"}; }, "timed out"},
        {"bytes that are no text", [&] { return http::Fetched{.status = 400, .body = "\xff\xfe"}; },
         "no text"}};
    for (const auto& [what, answer, says] : cases) {
        Scripted client;
        client.answer = [](const http::Fetch& request) { return healthy(request, ""); };
        auto store = open_clickhouse(client, "clickhouse://u:geheim@one/packs");
        ASSERT_TRUE(store) << store.error().text();
        client.answer = [&](const http::Fetch& request) -> Result<http::Fetched> {
            if (request.body.starts_with("SELECT pack_group")) return answer();
            return healthy(request, "");
        };
        const std::vector<std::string> groups{"a", "b"};
        const auto visited = (*store)->visit(Space::names, groups, [](auto, auto, auto) { return true; });
        ASSERT_FALSE(visited) << what;
        EXPECT_EQ(visited.error().code, ErrorCode::peer_failed) << what;
        EXPECT_EQ(visited.error().where, "one:8123");
        EXPECT_NE(visited.error().message.find(says), std::string::npos) << visited.error().text();
        EXPECT_EQ(visited.error().text().find('\n'), std::string::npos);
        EXPECT_EQ(visited.error().text().find("geheim"), std::string::npos);
        EXPECT_FALSE((*store)->get(Space::names, "a", "")) << what;
        if (says != "cut short"s || what == "a cut"s) {
            EXPECT_FALSE((*store)->scan(Space::names, {}, {}, [](auto, auto, auto) { return true; })) << what;
        }
    }
}

TEST(ClickhouseFailures, an_absent_server_is_an_error_of_its_name) {
    const auto store = open_clickhouse(client(), "clickhouse://u:geheim@127.0.0.1:1/packs");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::peer_failed);
    EXPECT_EQ(store.error().where, "127.0.0.1:1");
    EXPECT_FALSE(store.error().next.empty());
}

TEST(ClickhouseFailures, a_set_without_a_token_is_refused) {
    Scripted client;
    client.answer = [](const http::Fetch& request) { return healthy(request, ""); };
    auto store = open_clickhouse(client, "clickhouse://one/packs");
    ASSERT_TRUE(store);
    EXPECT_EQ((*store)->write({}).error().code, ErrorCode::request_malformed);
    EXPECT_EQ(ingest(**store, Space::runs, 0, {}).error().code, ErrorCode::request_malformed);
}

// Connections break before a message has come or before it is acknowledged. Sets are repeated until they are
// taken; in the end each counts once, and the mark in Space::meta never stands before all else of its set.
TEST(ClickhouseFailures, repeated_sets_count_once) {
    if (!TwoNodes::available()) GTEST_SKIP() << "no server";
    Scripted flaky;
    Random random(17);
    std::mutex lock;
    bool breaks = false;
    flaky.answer = [&](const http::Fetch& request) -> Result<http::Fetched> {
        std::uint64_t luck = 9;
        if (const std::scoped_lock held(lock); breaks) luck = random.below(10);
        const Error broken{ErrorCode::peer_failed, "the connection broke"};
        if (luck == 0) return broken;
        auto answer = client().fetch(request);
        if (luck == 1) return broken;
        return answer;
    };
    auto store = open_clickhouse(flaky, server_url());
    ASSERT_TRUE(store) << store.error().text();
    expect((*store)->clear());
    auto watched = open_clickhouse(client(), server_url());
    ASSERT_TRUE(watched);
    Model model;
    int broken = 0;
    for (std::uint64_t token = 1; token <= 60; ++token) {
        WriteSet set;
        set.token = token;
        set.put(Space::meta, "applied", "", std::to_string(token));
        for (int i = 0; i < 6; ++i) {
            const std::string group(1, static_cast<char>('a' + random.below(6)));
            set.add(group, "sum", random.between(-5, 50));
            set.put(Space::documents, group, std::to_string(random.below(4)), std::to_string(token));
            if (random.chance(1, 4)) set.erase(Space::documents, group, std::to_string(random.below(4)));
            if (random.chance(1, 10)) set.erase(Space::tallies, group, "sum");
        }
        model.apply(set);
        breaks = true;
        for (int attempt = 0; attempt < 200; ++attempt) {
            if ((*store)->write(set)) break;
            ++broken;
            if (got(**watched, Space::meta, "applied", "") == std::to_string(token)) {
                EXPECT_EQ(scanned(**watched, Space::tallies), model.of(Space::tallies, {}, {}));
            }
        }
        breaks = false;
    }
    EXPECT_GT(broken, 10);
    for (const auto space : {Space::meta, Space::documents, Space::tallies})
        EXPECT_EQ(scanned(**store, space), model.of(space, {}, {}));
    expect((*store)->settle());
    for (const auto space : {Space::meta, Space::documents, Space::tallies})
        EXPECT_EQ(scanned(**store, space), model.of(space, {}, {}));
}

/// What a server answers as text.
std::string asked(const ClickhouseUrl& url, std::size_t node, const std::string& statement) {
    const auto answer = ClickhouseNode(client(), url, url.hosts[node]).ask(statement, 1'000'000);
    EXPECT_TRUE(answer) << answer.error().text();
    return answer ? *answer : "";
}

TEST(ClickhouseServers, hold_their_part_each_and_a_table_over_all) {
    if (!TwoNodes::available()) GTEST_SKIP() << "no server";
    const auto url = parse_clickhouse_url(server_url());
    ASSERT_TRUE(url);
    ASSERT_EQ(url->hosts.size(), 2U);
    auto store = TwoNodes::open();
    ASSERT_TRUE(store);
    expect((*store)->clear());
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < 1'000; ++i) entries.push_back({national(i), "r", "v"});
    expect(ingest(**store, Space::runs, 1, entries));
    std::size_t rows = 0;
    for (std::size_t node = 0; node < 2; ++node) {
        const auto here = std::stoul(asked(*url, node, "SELECT count() FROM " + url->database + ".runs"));
        EXPECT_GT(here, 400U);
        rows += here;
        EXPECT_EQ(asked(*url, node, "SELECT count() FROM " + url->database + ".runs_all"), "1000\n");
    }
    EXPECT_EQ(rows, 1'000U);

    // Named in another order or number: refused before anything is read.
    const auto named = [&](const std::string& hosts) {
        return open_clickhouse(
            client(), "clickhouse://" + url->user + ":" + url->password + "@" + hosts + "/" + url->database);
    };
    for (const auto& hosts : {url->hosts[1] + "," + url->hosts[0], url->hosts[0]}) {
        const auto other = named(hosts);
        ASSERT_FALSE(other) << hosts;
        EXPECT_EQ(other.error().code, ErrorCode::config_invalid);
        EXPECT_FALSE(other.error().next.empty());
    }
    EXPECT_TRUE(named(url->hosts[0] + "," + url->hosts[1]));
    const auto wrong =
        open_clickhouse(client(), "clickhouse://nobody:geheim@" + url->hosts[0] + "/" + url->database);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::peer_failed);
    EXPECT_EQ(wrong.error().text().find("geheim"), std::string::npos);
}

// What is asked for is found by the primary key, not by reading the table: the server itself refuses more.
TEST(ClickhouseServers, read_no_more_than_is_asked_for) {
    if (!TwoNodes::available()) GTEST_SKIP() << "no server";
    auto store = OneNode::open();
    ASSERT_TRUE(store);
    expect((*store)->clear());
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < 20'000; ++i) entries.push_back({national(i), "r", "v"});
    expect(ingest(**store, Space::runs, 1, entries));
    Scripted sparing;
    sparing.answer = [](http::Fetch request) {
        if (request.body.find(".runs ") != std::string::npos) request.url += "&max_rows_to_read=2000";
        return client().fetch(request);
    };
    std::string url = server_url();
    url.erase(url.find(','), url.rfind('/') - url.find(','));
    auto watched = open_clickhouse(sparing, url + "_alone");
    ASSERT_TRUE(watched) << watched.error().text();
    EXPECT_FALSE((*watched)->scan(Space::runs, {}, {}, [](auto, auto, auto) { return true; }));
    EXPECT_EQ(got(**watched, Space::runs, national(777), "r"), "v");
    EXPECT_EQ(scanned(**watched, Space::runs, national(5'000), national(6'000)).size(), 1'000U);
    EXPECT_EQ(visited(**watched, Space::runs, {national(3), national(8'000), national(19'000)}).size(), 3U);
}

}  // namespace
}  // namespace qingyuan::packs
