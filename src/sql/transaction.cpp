#include "sql/transaction.hpp"

#include <array>

#include <fmt/format.h>

namespace qingyuan::sql {

using journal::Head;
using journal::Key;
using journal::StoredFact;
using journal::StoredRow;
using journal::StoredView;

namespace {

struct Template {
    std::string_view name;
    std::string_view text;
};
namespace statements {
#include "sql_statements.inc"
}

Statement rendered(const Template& source, Dialect dialect, std::string_view journal) {
    return {fmt::format("{}.{}", journal, source.name), render(source.text, dialect, journal)};
}

std::int64_t whole(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

Result<Digest> digest_in(std::string_view bytes, std::string_view what) {
    if (bytes.size() != std::tuple_size_v<Digest>)
        return Error{ErrorCode::store_corrupt, fmt::format("a digest of {} bytes", bytes.size()),
                     std::string(what)};
    return digest_of(bytes);
}

}  // namespace

JournalStatements::JournalStatements(Dialect dialect, std::string_view journal)
    : create_head(rendered(statements::create_head, dialect, journal)),
      head(rendered(statements::head, dialect, journal)),
      lock_head(rendered(statements::lock_head, dialect, journal)),
      put_head(rendered(statements::put_head, dialect, journal)),
      unfold_head(rendered(statements::unfold_head, dialect, journal)),
      append_records(rendered(statements::append_records, dialect, journal)),
      record(rendered(statements::record, dialect, journal)),
      chain(rendered(statements::chain, dialect, journal)),
      scan(rendered(statements::scan, dialect, journal)),
      facts_of(rendered(statements::facts_of, dialect, journal)),
      put_nodes(rendered(statements::put_nodes, dialect, journal)),
      node(rendered(statements::node, dialect, journal)) {}

Table& Tables::add(const facts::RowType& type) {
    const std::lock_guard lock(mutex_);
    auto& table = tables_[std::string(type.table)];
    if (!table) table = std::make_unique<Table>(type, dialect_);
    return *table;
}

Result<Table*> Tables::table(const facts::RowType& type) {
    const std::lock_guard lock(mutex_);
    const auto found = tables_.find(type.table);
    if (found == tables_.end())
        return Error{ErrorCode::store_unavailable, "no fold of this journal owns the table",
                     std::string(type.table)};
    return found->second.get();
}

Result<void> Tables::check(Database& database) {
    std::vector<Table*> tables;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [name, table] : tables_) tables.push_back(table.get());
    }
    for (Table* table : tables) {
        journal::Query page;
        bool more = true;
        while (more) {
            Bound bound;
            const Statement& statement = table->list(page, bound);
            std::uint64_t count = 0;
            std::optional<Key> last;
            const auto one = [&](const Row& row) -> Result<void> {
                last = TRY(table->read(row, nullptr)).key;
                ++count;
                return {};
            };
            CHECK(database.query(statement, bound.values, one));
            page.after_key = last;
            more = count == page.limit;
        }
    }
    return {};
}

Transaction::~Transaction() {
    // Nothing more can be done about a failed rollback: the connection then refuses its next begin.
    if (owns_transaction_ && database_ && database_->in_transaction()) (void)database_->rollback();
}

Result<void> Transaction::lock() {
    head_ = TRY(read_head(statements_->lock_head));
    return {};
}

Result<void> Transaction::look() {
    auto head = read_head(statements_->head);
    // Who looks for damage must get as far as to name it: a wrong head is told to whoever asks for it.
    if (!head && head.error().code != ErrorCode::store_corrupt) return head.error();
    if (head) head_ = *std::move(head);
    return {};
}

Result<Head> Transaction::head() {
    return head_ ? *head_ : read_head(statements_->head);
}

Result<Head> Transaction::read_head(const Statement& statement) {
    std::optional<Head> head;
    CHECK(database_->query(statement, {}, [&](const Row& row) -> Result<void> {
        Head& out = head.emplace();
        out.size = static_cast<std::uint64_t>(row.integer(0));
        out.chain = TRY(digest_in(row.bytes(1), "head"));
        const std::string_view peaks = row.bytes(2);
        if (peaks.size() != 32 * static_cast<std::size_t>(std::popcount(out.size)))
            return Error{ErrorCode::store_corrupt, "the stored edge of the tree does not fit its size",
                         "head"};
        for (std::size_t at = 0; at < peaks.size(); at += 32)
            out.peaks.push_back(digest_of(peaks.substr(at, 32)));
        out.at = Instant{row.integer(3)};
        out.folded = static_cast<std::uint64_t>(row.integer(4));
        out.origin = row.text(5);
        return {};
    }));
    if (!head) return Error{ErrorCode::store_corrupt, "the journal has lost its head", "head"};
    return *std::move(head);
}

Result<Bytes> Transaction::record(std::uint64_t seq) {
    CHECK(flush_facts());
    std::optional<Bytes> record;
    const std::array<Parameter, 1> values{whole(seq)};
    CHECK(database_->query(statements_->record, values, [&](const Row& row) -> Result<void> {
        record = row.bytes(0);
        return {};
    }));
    if (!record) return Error{ErrorCode::record_unknown, fmt::format("the journal holds no fact {}", seq)};
    return *std::move(record);
}

Result<void> Transaction::scan(std::uint64_t from, std::uint64_t to,
                               const std::function<Result<void>(std::uint64_t, std::string_view)>& each) {
    return scan_stored(from, to, [&](const StoredView& fact) { return each(fact.seq, fact.record); });
}

Result<void> Transaction::scan_stored(std::uint64_t from, std::uint64_t to,
                                      const std::function<Result<void>(const StoredView&)>& each) {
    CHECK(flush_facts());
    const auto one = [&](const Row& row) {
        return each({static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)),
                     row.bytes(2), row.bytes(3)});
    };
    if (database_->dialect() == Dialect::sqlite) {
        const std::array<Parameter, 2> values{whole(from), whole(std::min<std::uint64_t>(to, INT64_MAX))};
        return database_->query(statements_->scan, values, one);
    }
    // libpq holds a whole answer in memory, so a long scan is asked for in pieces.
    constexpr std::uint64_t piece = 8'192;
    const std::uint64_t end = TRY(head()).size + 1;
    std::uint64_t last = 0;
    const auto counted = [&](const Row& row) {
        last = static_cast<std::uint64_t>(row.integer(0));
        return one(row);
    };
    // Behind the head it goes on as long as there is something that should not be there.
    for (std::uint64_t at = from; at < to && at < std::max(end, last + 2); at += piece) {
        const std::array<Parameter, 2> values{whole(at), whole(std::min(to, at + piece))};
        CHECK(database_->query(statements_->scan, values, counted));
    }
    return {};
}

Result<Digest> Transaction::digest_at(const Statement& statement, std::uint64_t seq) {
    std::optional<Digest> digest;
    const std::array<Parameter, 1> values{whole(seq)};
    CHECK(database_->query(statement, values, [&](const Row& row) -> Result<void> {
        digest = TRY(digest_in(row.bytes(0), fmt::format("chain {}", seq)));
        return {};
    }));
    if (!digest) return Error{ErrorCode::record_unknown, fmt::format("the journal holds no fact {}", seq)};
    return *digest;
}

Result<Digest> Transaction::chain(std::uint64_t seq) {
    CHECK(flush_facts());
    return digest_at(statements_->chain, seq);
}

Result<std::vector<std::uint64_t>> Transaction::facts_of(std::uint64_t dossier) {
    CHECK(flush_facts());
    std::vector<std::uint64_t> out;
    const std::array<Parameter, 1> values{whole(dossier)};
    CHECK(database_->query(statements_->facts_of, values, [&](const Row& row) -> Result<void> {
        out.push_back(static_cast<std::uint64_t>(row.integer(0)));
        return {};
    }));
    return out;
}

Result<std::optional<Digest>> Transaction::node(int level, std::uint64_t index) {
    CHECK(flush_facts());
    std::optional<Digest> digest;
    const std::array<Parameter, 2> values{std::int64_t{level}, whole(index)};
    CHECK(database_->query(statements_->node, values, [&](const Row& row) -> Result<void> {
        digest = TRY(digest_in(row.bytes(0), "node"));
        return {};
    }));
    return digest;
}

Result<std::optional<StoredRow>> Transaction::find(const facts::RowType& type, const Key& key) {
    Table& table = *TRY(tables_->table(type));
    Rows& rows = rows_[&table];
    const auto cached = rows.find(key);
    if (cached != rows.end()) return cached->second.now;
    std::optional<StoredRow> found;
    const std::array<Parameter, 1> values{parameter(key)};
    CHECK(database_->query(table.find, values, [&](const Row& row) -> Result<void> {
        found = TRY(table.read(row, &key));
        return {};
    }));
    Cached& entry = rows[key];
    entry.now = found;
    if (found) entry.stored = found->indexed;
    return found;
}

Result<std::vector<StoredRow>> Transaction::rows(Table& table, const Statement& statement,
                                                 const Bound& bound) {
    std::vector<StoredRow> out;
    CHECK(database_->query(statement, bound.values, [&](const Row& row) -> Result<void> {
        out.push_back(TRY(table.read(row, nullptr)));
        return {};
    }));
    return out;
}

Result<std::vector<StoredRow>> Transaction::list(const facts::RowType& type, const journal::Query& query) {
    Table& table = *TRY(tables_->table(type));
    CHECK(flush_rows(table, rows_[&table]));
    if (!query.any.empty()) return list_united(table, query);
    Bound bound;
    const Statement& statement = table.list(query, bound);
    return rows(table, statement, bound);
}

Result<std::uint64_t> Transaction::number(const Statement& statement, const Bound& bound) {
    std::uint64_t count = 0;
    CHECK(database_->query(statement, bound.values, [&](const Row& row) -> Result<void> {
        count = static_cast<std::uint64_t>(row.integer(0));
        return {};
    }));
    return count;
}

Result<std::uint64_t> Transaction::count(const facts::RowType& type,
                                         const std::vector<journal::Condition>& where) {
    return count(type, {.where = where}, UINT64_MAX);
}

Result<std::uint64_t> Transaction::count(const facts::RowType& type, const journal::Query& query,
                                         std::uint64_t at_most) {
    Table& table = *TRY(tables_->table(type));
    CHECK(flush_rows(table, rows_[&table]));
    const std::string_view leader = TRY(leader_of(table, query));
    Bound bound;
    const Statement& statement = table.count(query, leader, at_most, bound);
    return number(statement, bound);
}

Result<std::vector<journal::Tally>> Transaction::tally(const facts::RowType& type,
                                                       const journal::Query& query,
                                                       const std::vector<std::string_view>& fields) {
    Table& table = *TRY(tables_->table(type));
    CHECK(flush_rows(table, rows_[&table]));
    const std::string_view leader = TRY(leader_of(table, query));
    Bound bound;
    const Statement& statement = table.tally(query, leader, fields, bound);
    std::vector<journal::Tally> out;
    CHECK(database_->query(statement, bound.values, [&](const Row& row) -> Result<void> {
        journal::Tally& tally = out.emplace_back();
        int column = 0;
        for (const std::string_view field : fields) {
            tally.values.push_back(type.holds_integer(field) ? Key(row.integer(column))
                                                             : Key(std::string(row.text(column))));
            ++column;
        }
        tally.count = static_cast<std::uint64_t>(row.integer(column));
        return {};
    }));
    return out;
}

// --- lists of several branches
//
// Measured at a million rows: gathering and ordering a range costs by its length, walking the order costs by
// how rare the branch is. Neither database tells the two apart well: SQLite keeps no statistics of ranges,
// PostgreSQL plans a prepared statement once. So the range is measured first, and the walk is bounded.

namespace {

constexpr std::uint64_t gather_max = 5'000;  ///< rows of a branch that are gathered without another thought
constexpr std::uint64_t lead_max = 1'000;    ///< rows of a condition that then leads
constexpr std::uint64_t walk_covered = 20'000;   ///< rows walked where the index holds what is asked
constexpr std::uint64_t walk_looked_up = 2'000;  ///< where each must be looked up in the table
/// PostgreSQL filters a range inside its index: a gather in vain costs it little, a long walk in vain does.
constexpr std::uint64_t walk_covered_postgres = 8'000;

}  // namespace

Result<std::string_view> Transaction::leader_of(Table& table, const journal::Query& query) {
    using journal::Compare;
    if (query.any.empty()) return std::string_view();
    const facts::RowType& type = table.type();
    std::map<std::string_view, journal::Query> by_field;
    for (const journal::Condition& wanted : query.where)
        if (wanted.compare != Compare::none_of && wanted.compare != Compare::not_equal)
            by_field[wanted.field].where.push_back(wanted);
    for (const auto& [field, alone] : by_field) {
        const Compare first = alone.where.front().compare;
        const bool is_range = first != Compare::equal && first != Compare::one_of && first != Compare::prefix;
        // A range that is open at one end finds too much; the order's own field is walked.
        if (field == query.order_by || (is_range && alone.where.size() < 2)) continue;
        if (field == type.key) {
            if (!is_range && alone.where.front().values.size() <= lead_max) return field;
            continue;
        }
        const bool is_covered = type.leads_composite(field);
        if (!is_covered && !type.has_own_index(field)) continue;
        const std::uint64_t most = is_covered ? gather_max : lead_max;
        if (!TRY(has_more(table, alone, most))) return field;
    }
    return std::string_view();
}

Result<bool> Transaction::has_more(Table& table, const journal::Query& query, std::uint64_t most) {
    Bound bound;
    const Statement& statement = table.count(query, {}, most, bound);
    const std::string asked = Table::question(statement, bound);
    if (const auto known = table.recall(asked)) return *known;
    const bool more = TRY(number(statement, bound)) > most;
    table.remember(asked, more);
    return more;
}

Result<std::vector<Transaction::Place>> Transaction::places(Table& table, const journal::Query& query,
                                                            const journal::Branch& branch, Path path) {
    const facts::RowType& type = table.type();
    const bool by_key = query.order_by.empty();
    const bool whole = type.holds_integer(by_key ? type.key : query.order_by);
    const bool whole_key = type.holds_integer(type.key);
    Bound bound;
    const Statement& statement = table.keys(query, branch, path, bound);
    std::vector<Place> out;
    CHECK(database_->query(statement, bound.values, [&](const Row& row) -> Result<void> {
        const auto value = [&](bool is_whole, int column) {
            return is_whole ? Key(row.integer(column)) : Key(std::string(row.text(column)));
        };
        out.emplace_back(value(whole, 0), value(whole_key, 1));
        return {};
    }));
    return out;
}

Result<bool> Transaction::is_long(Table& table, const journal::Branch& branch) {
    using journal::Compare;
    const auto excludes = [](Compare compare) {
        return compare == Compare::none_of || compare == Compare::not_equal;
    };
    journal::Query range;  // of every row, where nothing leads
    if (!branch.empty() && !excludes(branch.front().compare)) {
        const journal::Condition& first = branch.front();
        if (first.field == table.type().key) return first.values.size() > lead_max;
        range.where = {first};
    }
    return has_more(table, range, gather_max);
}

Result<std::vector<Transaction::Place>> Transaction::first_places(Table& table, const journal::Query& query,
                                                                  const journal::Branch& branch,
                                                                  std::string_view leader) {
    const facts::RowType& type = table.type();
    if (leader.empty() && TRY(is_long(table, branch))) {
        const bool covered = type.leads_composite(query.order_by);
        const bool filters_inside = database_->dialect() == Dialect::postgres;
        auto found = TRY(places(table, query, branch,
                                {!covered         ? walk_looked_up
                                 : filters_inside ? walk_covered_postgres
                                                  : walk_covered}));
        if (found.size() == query.limit) return found;
    }
    return places(table, query, branch, {0, leader});
}

Result<std::vector<StoredRow>> Transaction::list_united(Table& table, const journal::Query& query) {
    const std::string_view leader = TRY(leader_of(table, query));
    std::vector<Place> first;
    for (const journal::Branch& branch : query.any) {
        auto found = TRY(first_places(table, query, branch, leader));
        std::move(found.begin(), found.end(), std::back_inserter(first));
    }
    std::sort(first.begin(), first.end());
    first.erase(std::unique(first.begin(), first.end()), first.end());
    if (query.descending) std::reverse(first.begin(), first.end());
    if (first.size() > query.limit) first.resize(query.limit);
    if (first.empty()) return std::vector<StoredRow>();

    journal::Query shown{.where = {{table.type().key, journal::Compare::one_of, {}}}, .limit = first.size()};
    std::unordered_map<Key, std::size_t, KeyHash> position;
    for (const auto& [order, key] : first) {
        position.emplace(key, position.size());
        shown.where[0].values.push_back(key);
    }
    Bound bound;
    const Statement& statement = table.list(shown, bound);
    std::vector<StoredRow> out(first.size());
    std::size_t count = 0;
    for (StoredRow& row : TRY(rows(table, statement, bound))) {
        out[position.at(row.key)] = std::move(row);
        ++count;
    }
    QY_ASSERT(count == out.size());
    return out;
}

Result<void> Transaction::append(StoredFact fact) {
    facts_.push_back(std::move(fact));
    constexpr std::size_t held_max = 4'096;
    return facts_.size() < held_max ? Result<void>() : flush_facts();
}

Result<void> Transaction::put_head(const Head& head) {
    head_ = head;
    head_dirty_ = true;
    return {};
}

Result<void> Transaction::flush_head() {
    if (!head_dirty_) return {};
    head_dirty_ = false;
    Bytes peaks;
    for (const Digest& peak : head_->peaks) peaks += bytes_of(peak);
    const std::array<Parameter, 5> values{whole(head_->size), Blob{bytes_of(head_->chain)}, Blob{peaks},
                                          head_->at.us, whole(head_->folded)};
    TRY(database_->execute(statements_->put_head, values));
    return {};
}

Result<void> Transaction::put_node(int level, std::uint64_t index, const Digest& digest) {
    nodes_.push_back({level, whole(index), digest});
    return {};
}

Result<void> Transaction::put(const facts::RowType& type, StoredRow row) {
    Table& table = *TRY(tables_->table(type));
    Rows& rows = rows_[&table];
    Cached& entry = rows[row.key];
    entry.now = std::move(row);
    entry.dirty = true;
    constexpr std::size_t held_max = 20'000;
    if (rows.size() < held_max) return {};
    CHECK(flush_rows(table, rows));
    rows.clear();
    return {};
}

Result<void> Transaction::erase(const facts::RowType& type, const Key& key) {
    Table& table = *TRY(tables_->table(type));
    Cached& entry = rows_[&table][key];
    entry.now.reset();
    entry.dirty = true;
    return {};
}

Result<void> Transaction::clear(const std::vector<facts::RowType>& types) {
    for (const facts::RowType& type : types) {
        Table& table = *TRY(tables_->table(type));
        rows_.erase(&table);
        TRY(database_->execute(table.clear, {}));
    }
    return {};
}

Result<void> Transaction::flush_facts() {
    if (!facts_.empty()) {
        std::vector<Parameter> values;
        values.reserve(facts_.size() * 4);
        for (const StoredFact& fact : facts_) {
            values.emplace_back(whole(fact.seq));
            values.emplace_back(whole(fact.dossier));
            values.emplace_back(Blob{fact.record});
            values.emplace_back(Blob{bytes_of(fact.chain)});
        }
        CHECK(database_->bulk(statements_->append_records, 4, values));
        facts_.clear();
    }
    if (!nodes_.empty()) {
        std::vector<Parameter> values;
        for (const Node& node : nodes_) {
            values.emplace_back(node.level);
            values.emplace_back(node.index);
            values.emplace_back(Blob{bytes_of(node.digest)});
        }
        CHECK(database_->bulk(statements_->put_nodes, 3, values));
        nodes_.clear();
    }
    return {};
}

Result<void> Transaction::flush_rows(Table& table, Rows& rows) {
    std::vector<Parameter> values;
    for (auto& [key, entry] : rows) {
        if (!entry.dirty) continue;
        entry.dirty = false;
        if (!entry.now) {
            const std::array<Parameter, 1> gone{parameter(key)};
            TRY(database_->execute(table.erase, gone));
            entry.stored.reset();
            continue;
        }
        StoredRow& row = *entry.now;
        if (row.encode) row.blob = row.encode(row.row.get());
        QY_ASSERT(row.indexed.size() == table.indexed());
        // SQLite writes every index of a column that is set, changed or not; PostgreSQL sees that by itself.
        if (database_->dialect() == Dialect::sqlite && entry.stored) {
            std::uint32_t changed = 0;
            std::vector<Parameter> replaced;
            for (std::size_t i = 0; i < row.indexed.size(); ++i) {
                if (row.indexed[i] == (*entry.stored)[i]) continue;
                changed |= std::uint32_t{1} << i;
                replaced.push_back(parameter(row.indexed[i]));
            }
            replaced.insert(replaced.end(), {Blob{row.blob}, Table::checksum(row), parameter(key)});
            TRY(database_->execute(table.update(changed), replaced));
            entry.stored = row.indexed;
            continue;
        }
        values.push_back(parameter(key));
        for (const Key& field : row.indexed) values.push_back(parameter(field));
        values.emplace_back(Blob{row.blob});
        values.emplace_back(Table::checksum(row));
        entry.stored = row.indexed;
    }
    if (values.empty()) return {};
    return database_->bulk(table.upsert, table.indexed() + 3, values);
}

Result<void> Transaction::flush() {
    CHECK(flush_facts());
    CHECK(flush_head());
    for (auto& [table, rows] : rows_) CHECK(flush_rows(*table, rows));
    return {};
}

Result<void> Transaction::savepoint() {
    CHECK(flush());
    static const Statement statement{"savepoint", "SAVEPOINT change"};
    TRY(database_->execute(statement, {}));
    return {};
}

Result<void> Transaction::release() {
    CHECK(flush());
    static const Statement statement{"release", "RELEASE SAVEPOINT change"};
    TRY(database_->execute(statement, {}));
    return {};
}

Result<void> Transaction::rollback_to() {
    QY_ASSERT(!head_dirty_);
    facts_.clear();
    nodes_.clear();
    rows_.clear();
    static const Statement statement{"rollback_to", "ROLLBACK TO SAVEPOINT change"};
    static const Statement release{"release", "RELEASE SAVEPOINT change"};
    TRY(database_->execute(statement, {}));
    TRY(database_->execute(release, {}));
    return {};
}

Result<void> Transaction::commit() {
    const auto all = [this]() -> Result<void> {
        CHECK(flush());
        return database_->commit();
    };
    return database_->together(all);
}

}  // namespace qingyuan::sql
