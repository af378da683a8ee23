// One transaction of a journal on a connection. A write transaction keeps what it is given until something
// reads it, so that a batch of facts costs one bulk insert and a projection row folded many times is
// written once.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include "journal/store.hpp"
#include "sql/tables.hpp"

namespace qingyuan::sql {

/// The fixed statements, rendered for one journal.
struct JournalStatements {
    JournalStatements(Dialect dialect, std::string_view journal);
    Statement create_head, head, lock_head, put_head, unfold_head, append_records, record, chain, scan,
        facts_of, put_nodes, node;
};

/// The projection tables a store knows; filled by prepare.
class Tables {
 public:
    explicit Tables(Dialect dialect) : dialect_(dialect) {}
    Table& add(const facts::RowType& type);
    /// store_unavailable where the row type was never prepared.
    Result<Table*> table(const facts::RowType& type);
    /// Reads every row of every table and compares its checksum.
    Result<void> check(Database& database);

 private:
    Dialect dialect_;
    std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Table>, std::less<>> tables_;
};

/// A connection on loan; gives it back when it ends.
using Lease = std::unique_ptr<Database, std::function<void(Database*)>>;

class Transaction final : public journal::WriteTransaction {
 public:
    Transaction(Lease database, const JournalStatements& statements, Tables& tables, bool owns_transaction)
        : database_(std::move(database)),
          statements_(&statements),
          tables_(&tables),
          owns_transaction_(owns_transaction) {}
    ~Transaction() override;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    Result<journal::Head> head() override;
    Result<Bytes> record(std::uint64_t seq) override;
    Result<void> scan(std::uint64_t from, std::uint64_t to,
                      const std::function<Result<void>(std::uint64_t, std::string_view)>& each) override;
    Result<void> scan_stored(std::uint64_t from, std::uint64_t to,
                             const std::function<Result<void>(const journal::StoredView&)>& each) override;
    Result<Digest> chain(std::uint64_t seq) override;
    Result<std::vector<std::uint64_t>> facts_of(std::uint64_t dossier) override;
    Result<std::optional<Digest>> node(int level, std::uint64_t index) override;
    Result<std::optional<journal::StoredRow>> find(const facts::RowType& type,
                                                   const journal::Key& key) override;
    Result<std::vector<journal::StoredRow>> list(const facts::RowType& type,
                                                 const journal::Query& query) override;
    Result<std::uint64_t> count(const facts::RowType& type,
                                const std::vector<journal::Condition>& where) override;
    Result<std::uint64_t> count(const facts::RowType& type, const journal::Query& query,
                                std::uint64_t at_most) override;
    Result<std::vector<journal::Tally>> tally(const facts::RowType& type, const journal::Query& query,
                                              const std::vector<std::string_view>& fields) override;

    Result<void> append(journal::StoredFact fact) override;
    Result<void> put_head(const journal::Head& head) override;
    Result<void> put_node(int level, std::uint64_t index, const Digest& digest) override;
    Result<void> put(const facts::RowType& type, journal::StoredRow row) override;
    Result<void> erase(const facts::RowType& type, const journal::Key& key) override;
    Result<void> clear(const std::vector<facts::RowType>& types) override;
    Result<void> savepoint() override;
    Result<void> release() override;
    Result<void> rollback_to() override;
    Result<void> commit() override;

    /// Takes the lock that orders the writers of every process.
    Result<void> lock();
    /// Reads the head: from here on the transaction sees the state of this moment.
    Result<void> look();

 private:
    struct KeyHash {
        std::size_t operator()(const journal::Key& key) const {
            return std::visit(
                [](const auto& held) { return std::hash<std::decay_t<decltype(held)>>()(held); }, key);
        }
    };
    /// A row as this transaction sees it, and as the database has it.
    struct Cached {
        std::optional<journal::StoredRow> now;
        /// Indexed fields in the database; none = not there, or not known.
        std::optional<std::vector<journal::Key>> stored;
        bool dirty = false;
    };
    using Rows = std::unordered_map<journal::Key, Cached, KeyHash>;
    struct Node {
        std::int64_t level;
        std::int64_t index;
        Digest digest;
    };

    /// A row's place in an order: the order field, then the key.
    using Place = std::pair<journal::Key, journal::Key>;
    Result<std::uint64_t> number(const Statement& statement, const Bound& bound);
    Result<std::vector<journal::StoredRow>> rows(Table& table, const Statement& statement,
                                                 const Bound& bound);
    Result<std::vector<journal::StoredRow>> list_united(Table& table, const journal::Query& query);
    Result<std::vector<Place>> places(Table& table, const journal::Query& query,
                                      const journal::Branch& branch, Path path);
    Result<std::vector<Place>> first_places(Table& table, const journal::Query& query,
                                            const journal::Branch& branch, std::string_view leader);
    /// Does the query find more rows than `most`? As it was measured some uses ago.
    Result<bool> has_more(Table& table, const journal::Query& query, std::uint64_t most);
    Result<bool> is_long(Table& table, const journal::Branch& branch);
    Result<std::string_view> leader_of(Table& table, const journal::Query& query);

    Result<journal::Head> read_head(const Statement& statement);
    Result<void> flush_head();
    Result<void> flush_facts();
    Result<void> flush_rows(Table& table, Rows& rows);
    Result<void> flush();
    Result<Digest> digest_at(const Statement& statement, std::uint64_t seq);

    Lease database_;
    const JournalStatements* statements_;
    Tables* tables_;
    bool owns_transaction_;  ///< false for reads of an in-memory database, which has one connection
    std::optional<journal::Head> head_;  ///< as read under the lock, or as put
    bool head_dirty_ = false;
    std::vector<journal::StoredFact> facts_;
    std::vector<Node> nodes_;
    std::unordered_map<Table*, Rows> rows_;
};

}  // namespace qingyuan::sql
