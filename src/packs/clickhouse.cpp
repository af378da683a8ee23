#include "packs/clickhouse.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "packs/clickhouse_node.hpp"
#include "packs/clickhouse_rows.hpp"
#include "packs/clickhouse_scan.hpp"

namespace qingyuan::packs {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t format_version = 1;
constexpr milliseconds patience{60'000};
constexpr milliseconds settling_patience{3'600'000};
constexpr std::size_t insert_bytes_max = 8 * 1024 * 1024, insert_bytes_min = 1024 * 1024;
constexpr std::size_t inserts_bytes = 64 * 1024 * 1024;  ///< of all servers together
constexpr std::size_t groups_a_query = 400;              ///< of one server
constexpr std::string_view usual_cluster = "qingyuan";

/// Rows that are read together: values of runs have some thousand bytes, others few.
int granularity(Space space) {
    return space == Space::runs ? 32 : 256;
}

std::string columns(const ClickhouseTable& table) {
    return fmt::format("(pack_group String, rest String, token UInt64, kind UInt8, {})",
                       table.sums ? "delta Int64" : "value String");
}

Error not_rows(const ClickhouseNode& node) {
    return {ErrorCode::peer_failed, "an answer that is cut short or no rows", node.host()};
}

/// What one server answered about some groups.
struct Answer {
    std::string bytes;
    std::string_view left;
    Row row;
    bool has = false;

    [[nodiscard]] Result<void> advance(const ClickhouseNode& node, bool sums) {
        has = !left.empty();
        if (has && !take_row(left, sums, row)) return not_rows(node);
        return {};
    }
};

/// Rows on their way to each server: one message is under way while the next one fills.
class Sending {
 public:
    Sending(const std::vector<ClickhouseNode>& nodes, std::string table)
        : nodes_(nodes),
          table_(std::move(table)),
          limit_(std::clamp(inserts_bytes / (2 * nodes.size()), insert_bytes_min, insert_bytes_max)),
          rows_(nodes.size()),
          under_way_(nodes.size()) {}

    [[nodiscard]] Result<void> put(std::size_t node, bool sums, const Row& row) {
        put_row(rows_[node], sums, row);
        if (rows_[node].size() < limit_) return {};
        return send(node);
    }
    [[nodiscard]] Result<void> finish() {
        for (std::size_t node = 0; node < nodes_.size(); ++node)
            if (!rows_[node].empty()) CHECK(send(node));
        for (std::size_t node = 0; node < nodes_.size(); ++node) CHECK(arrived(node));
        return {};
    }

 private:
    Result<void> arrived(std::size_t node) {
        if (!under_way_[node].valid()) return {};
        return under_way_[node].get();
    }
    Result<void> send(std::size_t node) {
        CHECK(arrived(node));
        under_way_[node] =
            std::async(std::launch::async, [this, node, rows = std::exchange(rows_[node], {})]() mutable {
                return nodes_[node].insert(table_, std::move(rows));
            });
        return {};
    }

    const std::vector<ClickhouseNode>& nodes_;
    std::string table_;
    std::size_t limit_;
    std::vector<std::string> rows_;
    std::vector<std::future<Result<void>>> under_way_;  ///< the destructor waits
};

class Clickhouse final : public Store {
 public:
    Clickhouse(const http::Client& client, ClickhouseUrl url) : url_(std::move(url)) {
        for (const auto& host : url_.hosts) nodes_.emplace_back(client, url_, host);
        for (std::size_t i = 0; i < spaces; ++i)
            tables_[i] = {url_.database, std::string(space_names[i]),
                          static_cast<Space>(i) == Space::tallies};
    }
    Result<void> open();

    Result<void> write(const WriteSet& set) override;
    Result<void> ingest(Space space, std::uint64_t token,
                        const std::function<bool(Entry& next)>& source) override;
    Result<std::optional<Bytes>> get(Space space, std::string_view group, std::string_view rest) override;
    Result<void> visit(Space space, std::span<const std::string> groups, const VisitGroup& each) override;
    Result<void> scan(Space space, std::string_view from, std::string_view behind,
                      const Visit& each) override;
    Result<void> sync() override { return {}; }  // an insert that is acknowledged is all a server offers
    Result<void> settle() override;
    Result<void> clear() override;
    Result<std::uint64_t> bytes() override;
    [[nodiscard]] std::string engine() const override { return "clickhouse " + version_; }

 private:
    /// The rows of a set: of one space, by server.
    using SetRows = std::array<std::vector<std::string>, spaces>;

    Result<void> prepare(std::size_t node);
    Result<void> make_tables(const ClickhouseNode& node);
    Result<SetRows> rows_of(const WriteSet& set) const;
    Result<void> put_change(SetRows& rows, std::span<const WriteSet::Change* const> of_key,
                            std::uint64_t token) const;
    Result<void> ask_groups(Space space, std::span<const std::string> groups, std::vector<Answer>& answers);
    Result<bool> deliver(Space space, std::span<const std::string> groups, std::size_t first,
                         std::vector<Answer>& answers, const VisitGroup& each);
    Result<bool> visit_large(Space space, const std::string& group, std::size_t index,
                             const VisitGroup& each);
    [[nodiscard]] const ClickhouseTable& table(Space space) const {
        return tables_[static_cast<std::size_t>(space)];
    }
    [[nodiscard]] const ClickhouseNode& node_for(std::string_view group) const {
        return nodes_[node_of(group, nodes_.size())];
    }
    /// Does it on all servers at once; the first error.
    template <class Work>
    Result<void> on_all(const Work& work) const {
        std::vector<std::future<Result<void>>> others;
        for (std::size_t node = 1; node < nodes_.size(); ++node)
            others.push_back(std::async(std::launch::async, [&work, node] { return work(node); }));
        Result<void> result = work(0);
        for (auto& other : others)
            if (auto done = other.get(); !done && result) result = std::move(done);
        return result;
    }

    ClickhouseUrl url_;
    std::vector<ClickhouseNode> nodes_;
    std::array<ClickhouseTable, spaces> tables_;
    std::string version_;
    std::mutex writing_;
};

Result<void> Clickhouse::open() {
    CHECK(on_all([this](std::size_t node) { return prepare(node); }));
    const std::string version = TRY(nodes_.front().ask("SELECT version() FORMAT RowBinary", answer_bytes));
    std::string_view left = version, text;
    if (!take_string(left, text)) return not_rows(nodes_.front());
    version_ = text;
    return {};
}

/// Makes what is missing. The table `layout` says which of how many servers this one is; it is filled last.
Result<void> Clickhouse::prepare(std::size_t node) {
    const auto& server = nodes_[node];
    const std::string layout = url_.database + ".layout";
    CHECK(server.run("CREATE DATABASE IF NOT EXISTS " + url_.database, patience));
    CHECK(server.run(
        fmt::format("CREATE TABLE IF NOT EXISTS {} (format_version UInt64, nodes UInt64, node UInt64) "
                    "ENGINE = MergeTree ORDER BY node",
                    layout),
        patience));
    const std::string ours = number_value(format_version) + number_value(nodes_.size()) + number_value(node);
    const std::string found = TRY(server.ask(
        fmt::format("SELECT format_version, nodes, node FROM {} FORMAT RowBinary", layout), answer_bytes));
    if (found.empty()) {
        CHECK(make_tables(server));
        return server.insert(layout, ours);
    }
    std::string_view left = found;
    std::uint64_t format = 0, of = 0, number = 0;
    if (!take_number(left, format) || !take_number(left, of) || !take_number(left, number))
        return not_rows(server);
    if (format != format_version)
        return Error{ErrorCode::store_newer, fmt::format("the pack index has format {}", format),
                     server.host()};
    if (of != nodes_.size() || number != node)
        return Error{ErrorCode::config_invalid,
                     fmt::format("this server is number {} of {} of its pack index, here it is named as "
                                 "number {} of {}",
                                 number + 1, of, node + 1, nodes_.size()),
                     server.host(), "", "name the same servers in the same order, or another database"};
    return {};
}

Result<void> Clickhouse::make_tables(const ClickhouseNode& node) {
    for (std::size_t i = 0; i < spaces; ++i) {
        const auto& made = tables_[i];
        CHECK(node.run(
            fmt::format("CREATE TABLE IF NOT EXISTS {} {} ENGINE = {} SETTINGS index_granularity = {}",
                        made.name(), columns(made),
                        made.sums ? "ReplacingMergeTree ORDER BY (pack_group, rest, token, kind)"
                                  : "ReplacingMergeTree(token) ORDER BY (pack_group, rest)",
                        granularity(static_cast<Space>(i))),
            patience));
    }
    if (nodes_.size() == 1) return {};
    // One table over all servers, for people who look: this program knows where its rows lie.
    const std::string cluster = url_.cluster.empty() ? std::string(usual_cluster) : url_.cluster;
    const std::string known = TRY(node.ask(
        fmt::format("SELECT count() FROM system.clusters WHERE cluster = '{}' FORMAT RowBinary", cluster),
        answer_bytes));
    std::string_view left = known;
    std::uint64_t shards = 0;
    if (!take_number(left, shards)) return not_rows(node);
    if (shards == 0 && url_.cluster.empty()) return {};
    if (shards == 0)
        return Error{ErrorCode::config_invalid, "the server knows no cluster " + cluster, node.host(), "",
                     "name a cluster of its remote_servers, or none"};
    for (const auto& local : tables_)
        CHECK(node.run(fmt::format("CREATE TABLE IF NOT EXISTS {}_all {} ENGINE = Distributed({}, {}, {})",
                                   local.name(), columns(local), cluster, url_.database, local.space),
                       patience));
    return {};
}

/// The rows of the changes of one key, in the order they were made: one of what stands at last, and in
/// Space::tallies one of what was added since.
Result<void> Clickhouse::put_change(SetRows& rows, std::span<const WriteSet::Change* const> of_key,
                                    std::uint64_t token) const {
    using Kind = WriteSet::Change::Kind;
    const auto& last = *of_key.back();
    const bool sums = table(last.space).sums;
    auto& out = rows[static_cast<std::size_t>(last.space)][node_of(last.entry.group, nodes_.size())];
    Row row{last.entry.group, last.entry.rest, token, RowKind::put, {}, 0};
    if (!sums) {
        QY_ASSERT(last.kind != Kind::add);
        if (last.kind == Kind::erase)
            row.kind = RowKind::erase;
        else
            row.value = last.entry.value;
        put_row(out, sums, row);
        return {};
    }
    const auto behind = std::ranges::find_if(of_key.rbegin(), of_key.rend(),
                                             [](const auto* change) { return change->kind != Kind::add; });
    std::uint64_t sum = 0;
    for (auto add = of_key.rbegin(); add != behind; ++add) sum += static_cast<std::uint64_t>((*add)->delta);
    if (behind != of_key.rend()) {
        const auto& base = **behind;
        if (base.kind == Kind::put && base.entry.value.size() != 8)
            return Error{ErrorCode::record_malformed, "a tally that has not eight bytes"};
        row.kind = base.kind == Kind::put ? RowKind::put : RowKind::erase;
        if (base.kind == Kind::put) row.delta = static_cast<std::int64_t>(value_number(base.entry.value));
        put_row(out, sums, row);
    }
    if (behind == of_key.rbegin()) return {};
    row.kind = RowKind::add;
    row.delta = static_cast<std::int64_t>(sum);
    put_row(out, sums, row);
    return {};
}

Result<Clickhouse::SetRows> Clickhouse::rows_of(const WriteSet& set) const {
    std::vector<const WriteSet::Change*> changes;
    changes.reserve(set.changes.size());
    for (const auto& change : set.changes) changes.push_back(&change);
    const auto key = [](const WriteSet::Change* change) {
        return std::tie(change->space, change->entry.group, change->entry.rest);
    };
    std::ranges::stable_sort(changes, {}, key);
    SetRows rows;
    for (auto& of_space : rows) of_space.resize(nodes_.size());
    for (std::size_t from = 0, to = 0; from < changes.size(); from = to) {
        for (to = from + 1; to < changes.size() && key(changes[to]) == key(changes[from]);) ++to;
        CHECK(put_change(rows, std::span(changes).subspan(from, to - from), set.token));
    }
    return rows;
}

Result<void> Clickhouse::write(const WriteSet& set) {
    if (set.token == 0)
        return Error{ErrorCode::request_malformed, "a set of changes without a token cannot be repeated"};
    const std::scoped_lock lock(writing_);
    SetRows rows = TRY(rows_of(set));
    const auto insert = [&](std::size_t node, std::size_t space) -> Result<void> {
        if (rows[space][node].empty()) return {};
        return nodes_[node].insert(tables_[space].name(), std::move(rows[space][node]));
    };
    constexpr auto meta = static_cast<std::size_t>(Space::meta);
    static_assert(meta == 0);
    CHECK(on_all([&](std::size_t node) -> Result<void> {
        for (std::size_t space = 1; space < spaces; ++space) CHECK(insert(node, space));
        return {};
    }));
    // What says that the set was applied comes when all of it is there.
    for (std::size_t node = 0; node < nodes_.size(); ++node) CHECK(insert(node, meta));
    return {};
}

Result<void> Clickhouse::ingest(Space space, std::uint64_t token,
                                const std::function<bool(Entry& next)>& source) {
    if (token == 0)
        return Error{ErrorCode::request_malformed, "entries without a token cannot be sent again"};
    const auto& into = table(space);
    Sending sending(nodes_, into.name());
    Entry entry, last;
    bool first = true;
    while (source(entry)) {
        if (!first && std::tie(entry.group, entry.rest) <= std::tie(last.group, last.rest))
            return Error{ErrorCode::record_malformed, "entries to be ingested are not in order"};
        if (into.sums && entry.value.size() != 8)
            return Error{ErrorCode::record_malformed, "a tally that has not eight bytes"};
        Row row{entry.group, entry.rest, token, RowKind::put, entry.value, 0};
        if (into.sums) row.delta = static_cast<std::int64_t>(value_number(entry.value));
        CHECK(sending.put(node_of(entry.group, nodes_.size()), into.sums, row));
        std::swap(entry, last);
        first = false;
    }
    return sending.finish();
}

Result<std::optional<Bytes>> Clickhouse::get(Space space, std::string_view group, std::string_view rest) {
    const auto& from = table(space);
    const auto& node = node_for(group);
    const std::string answer =
        TRY(node.ask(fmt::format("{}WHERE pack_group = {} AND rest = {}{}FORMAT RowBinary", from.select(),
                                 literal(group), literal(rest), in_order),
                     answer_bytes));
    Folding folding(from.sums);
    Row row;
    for (std::string_view left = answer; !left.empty();) {
        if (!take_row(left, from.sums, row) || row.group != group || row.rest != rest) return not_rows(node);
        QY_ASSERT(!folding.push(row));  // one key only
    }
    if (!folding.finish()) return std::optional<Bytes>();
    return std::optional<Bytes>(folding.entry().value);
}

Result<void> Clickhouse::ask_groups(Space space, std::span<const std::string> groups,
                                    std::vector<Answer>& answers) {
    std::vector<std::string> lists(nodes_.size());
    for (const auto& group : groups) {
        auto& list = lists[node_of(group, nodes_.size())];
        if (!list.empty()) list.push_back(',');
        list += literal(group);
    }
    const auto& from = table(space);
    return on_all([&](std::size_t node) -> Result<void> {
        auto& answer = answers[node];
        answer = {};
        if (lists[node].empty()) return {};
        answer.bytes = TRY(nodes_[node].ask(
            fmt::format("{}WHERE pack_group IN ({}){}FORMAT RowBinary", from.select(), lists[node], in_order),
            answer_bytes));
        answer.left = answer.bytes;
        return answer.advance(nodes_[node], from.sums);
    });
}

/// False where the visitor has seen enough.
Result<bool> Clickhouse::deliver(Space space, std::span<const std::string> groups, std::size_t first,
                                 std::vector<Answer>& answers, const VisitGroup& each) {
    const bool sums = table(space).sums;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::size_t node = node_of(groups[i], nodes_.size());
        auto& answer = answers[node];
        Folding folding(sums);
        while (answer.has && answer.row.group == groups[i]) {
            if (folding.push(answer.row) && !each(first + i, folding.entry().rest, folding.entry().value))
                return false;
            CHECK(answer.advance(nodes_[node], sums));
        }
        if (folding.finish() && !each(first + i, folding.entry().rest, folding.entry().value)) return false;
    }
    for (std::size_t node = 0; node < nodes_.size(); ++node)
        if (answers[node].has) return not_rows(nodes_[node]);  // of a group that was not asked for
    return true;
}

Result<bool> Clickhouse::visit_large(Space space, const std::string& group, std::size_t index,
                                     const VisitGroup& each) {
    const std::string behind = group + '\0';
    ClickhouseScan scan(node_for(group), table(space), group, behind);
    while (TRY(scan.next()))
        if (!each(index, scan.entry().rest, scan.entry().value)) return false;
    return true;
}

Result<void> Clickhouse::visit(Space space, std::span<const std::string> groups, const VisitGroup& each) {
    const std::size_t most = groups_a_query * nodes_.size();
    std::size_t size = most;
    std::vector<Answer> answers(nodes_.size());
    for (std::size_t at = 0; at < groups.size();) {
        const auto part = groups.subspan(at, std::min(size, groups.size() - at));
        if (auto asked = ask_groups(space, part, answers); !asked) {
            if (asked.error().code != ErrorCode::too_large) return asked;
            if (part.size() > 1) {
                size = part.size() / 2;
                continue;
            }
            if (!TRY(visit_large(space, part.front(), at, each))) return {};
        } else if (!TRY(deliver(space, part, at, answers, each))) {
            return {};
        }
        at += part.size();
        std::size_t bytes = 0;
        for (const auto& answer : answers) bytes = std::max(bytes, answer.bytes.size());
        if (bytes > page_bytes)
            size = std::max<std::size_t>(1, size / 2);
        else if (bytes < page_bytes / 2)
            size = std::min(most, size * 2);
    }
    return {};
}

Result<void> Clickhouse::scan(Space space, std::string_view from, std::string_view behind,
                              const Visit& each) {
    std::vector<ClickhouseScan> scans;
    for (const auto& node : nodes_) scans.emplace_back(node, table(space), from, behind);
    std::vector<char> has(nodes_.size());
    CHECK(on_all([&](std::size_t node) -> Result<void> {
        has[node] = TRY(scans[node].next()) ? 1 : 0;
        return {};
    }));
    while (true) {
        std::optional<std::size_t> first;
        for (std::size_t node = 0; node < nodes_.size(); ++node) {
            if (has[node] == 0) continue;
            const auto& entry = scans[node].entry();
            if (!first || std::tie(entry.group, entry.rest) <
                              std::tie(scans[*first].entry().group, scans[*first].entry().rest))
                first = node;
        }
        if (!first) return {};
        const auto& entry = scans[*first].entry();
        if (!each(entry.group, entry.rest, entry.value)) return {};
        has[*first] = TRY(scans[*first].next()) ? 1 : 0;
    }
}

Result<void> Clickhouse::settle() {
    return on_all([&](std::size_t node) -> Result<void> {
        for (const auto& settled : tables_)
            CHECK(nodes_[node].run("OPTIMIZE TABLE " + settled.name() + " FINAL", settling_patience));
        return {};
    });
}

Result<void> Clickhouse::clear() {
    const std::scoped_lock lock(writing_);
    // In the order of the spaces: what was applied is forgotten first, everywhere.
    for (const auto& cleared : tables_)
        CHECK(on_all([&](std::size_t node) {
            return nodes_[node].run("TRUNCATE TABLE " + cleared.name(), patience);
        }));
    return {};
}

Result<std::uint64_t> Clickhouse::bytes() {
    std::uint64_t sum = 0;
    for (const auto& node : nodes_) {
        const std::string answer =
            TRY(node.ask(fmt::format("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND "
                                     "database = '{}' FORMAT RowBinary",
                                     url_.database),
                         answer_bytes));
        std::string_view left = answer;
        std::uint64_t bytes = 0;
        if (!take_number(left, bytes)) return not_rows(node);
        sum += bytes;
    }
    return sum;
}

}  // namespace

/// FNV-1a over the bytes, then spread (the last step of splitmix64): close groups part.
std::size_t node_of(std::string_view group, std::size_t nodes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : group) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
    return static_cast<std::size_t>((hash ^ (hash >> 31)) % nodes);
}

Result<std::unique_ptr<Store>> open_clickhouse(const http::Client& client, std::string_view url) {
    auto store = std::make_unique<Clickhouse>(client, TRY(parse_clickhouse_url(url)));
    CHECK(store->open());
    return std::unique_ptr<Store>(std::move(store));
}

}  // namespace qingyuan::packs
