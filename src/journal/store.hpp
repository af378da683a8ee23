// What a journal asks of a database. Implemented in sql/ for SQLite and PostgreSQL; one conformance suite
// runs on both.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/merkle.hpp"
#include "base/result.hpp"
#include "facts/rows.hpp"

namespace qingyuan::journal {

/// A journal's end: how many facts, the chain hash after the last, the right edge of the Merkle tree, when.
struct Head {
    std::uint64_t size = 0;
    Digest chain{};             ///< SM3 of the origin text for an empty journal
    std::vector<Digest> peaks;  ///< see base/merkle.hpp
    Instant at;
    std::uint64_t folded = 0;  ///< facts the projections have taken in; less than size only before a rebuild
    std::string origin;
};

struct StoredFact {
    std::uint64_t seq = 0;
    std::uint64_t dossier = 0;  ///< 0 = none
    Bytes record;
    Digest chain{};  ///< chain hash after this fact
};

/// A stored fact as a scan sees it: views into the database's own memory, valid during the call.
struct StoredView {
    std::uint64_t seq = 0;
    std::uint64_t dossier = 0;
    std::string_view record;
    std::string_view chain;
};

using Key = std::variant<std::int64_t, std::string>;

enum class Compare : std::uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    prefix,
    one_of,
    none_of
};

/// A condition on an indexed field. `one_of` and `none_of` use `values`, every other one `values[0]`.
struct Condition {
    std::string_view field;
    Compare compare = Compare::equal;
    std::vector<Key> values;
};

/// Conditions that must all hold.
using Branch = std::vector<Condition>;

struct Query {
    std::vector<Condition> where;  ///< all must hold
    /// And one of these, where there are any: each is looked up by the index of its first condition, and what
    /// they find is united, never joined by OR. A row of several of them is there once. `where` then filters.
    std::vector<Branch> any;
    /// An indexed field, or "" for the key; ties are broken by the key, in the same direction.
    std::string_view order_by;
    bool descending = false;
    std::uint64_t limit = 1000;
    std::optional<Key> after_order;  ///< keyset paging: rows behind (after_order, after_key)
    std::optional<Key> after_key;
};

/// How many rows have these values in the fields asked for.
struct Tally {
    std::vector<Key> values;
    std::uint64_t count = 0;
};

struct StoredRow {
    Key key;
    std::vector<Key> indexed;  ///< in the order of RowType::indexed
    Bytes blob;                ///< facts/codec.hpp
    /// The row itself while a transaction folds it again and again; `encode` then makes the blob when it is
    /// written.
    std::shared_ptr<const void> row = {};
    Bytes (*encode)(const void*) = nullptr;
};

/// Reads of one consistent state. Not shared between threads.
class ReadTransaction {
 public:
    virtual ~ReadTransaction() = default;

    virtual Result<Head> head() = 0;
    /// record_unknown where there is no such fact.
    virtual Result<Bytes> record(std::uint64_t seq) = 0;
    /// Calls `each` for the facts from ≤ seq < to, in order; an error of `each` ends the scan and is
    /// returned.
    virtual Result<void> scan(std::uint64_t from, std::uint64_t to,
                              const std::function<Result<void>(std::uint64_t, std::string_view)>& each) = 0;
    /// As scan, with all that is stored of a fact (verify).
    virtual Result<void> scan_stored(std::uint64_t from, std::uint64_t to,
                                     const std::function<Result<void>(const StoredView&)>& each) = 0;
    /// The chain hash after fact `seq`, as stored; record_unknown.
    virtual Result<Digest> chain(std::uint64_t seq) = 0;
    /// Sequence numbers of a dossier's facts in order, its opening fact first.
    virtual Result<std::vector<std::uint64_t>> facts_of(std::uint64_t dossier) = 0;
    /// A stored node of the tree: root of the leaves [index·2^level, (index+1)·2^level); only levels 8, 16,
    /// 24, … are stored.
    virtual Result<std::optional<Digest>> node(int level, std::uint64_t index) = 0;

    virtual Result<std::optional<StoredRow>> find(const facts::RowType& type, const Key& key) = 0;
    virtual Result<std::vector<StoredRow>> list(const facts::RowType& type, const Query& query) = 0;
    virtual Result<std::uint64_t> count(const facts::RowType& type, const std::vector<Condition>& where) = 0;
    /// Rows of `where` and `any` of the query; exact up to `at_most`, then `at_most` + 1: there are more.
    virtual Result<std::uint64_t> count(const facts::RowType& type, const Query& query,
                                        std::uint64_t at_most) = 0;
    /// Counts rows of `where` and `any` by the values of indexed fields; without order.
    virtual Result<std::vector<Tally>> tally(const facts::RowType& type, const Query& query,
                                             const std::vector<std::string_view>& fields) = 0;
};

/// One write transaction; the lock of the whole journal is held from begin to end.
class WriteTransaction : public ReadTransaction {
 public:
    /// May be held back until the next read of facts or the commit, so that many are written at once.
    virtual Result<void> append(StoredFact fact) = 0;
    virtual Result<void> put_head(const Head& head) = 0;
    virtual Result<void> put_node(int level, std::uint64_t index, const Digest& digest) = 0;

    virtual Result<void> put(const facts::RowType& type, StoredRow row) = 0;
    virtual Result<void> erase(const facts::RowType& type, const Key& key) = 0;
    /// Empties the tables of all rows (rebuild).
    virtual Result<void> clear(const std::vector<facts::RowType>& types) = 0;

    virtual Result<void> savepoint() = 0;    ///< opens an inner transaction
    virtual Result<void> release() = 0;      ///< keeps what was written since the savepoint
    virtual Result<void> rollback_to() = 0;  ///< undoes it
    virtual Result<void> commit() = 0;  ///< durable when it returns; destruction without commit rolls back
};

/// A database. Thread-safe.
class Store {
 public:
    virtual ~Store() = default;
    /// Creates what is missing for a journal of this name and these row types; refuses a newer schema
    /// (store_newer).
    virtual Result<void> prepare(std::string_view journal, std::string_view origin,
                                 const std::vector<facts::RowType>& types) = 0;
    virtual Result<std::unique_ptr<ReadTransaction>> read(std::string_view journal) = 0;
    virtual Result<std::unique_ptr<WriteTransaction>> write(std::string_view journal) = 0;
    /// What the database can tell of damage to its own files; store_corrupt.
    virtual Result<void> check_integrity() = 0;
    /// Several processes may write this store (PostgreSQL).
    [[nodiscard]] virtual bool is_shared() const = 0;
};

}  // namespace qingyuan::journal
