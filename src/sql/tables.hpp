// SQL of projection tables, generated from their RowType: one column for the key, one for each indexed
// field, one for the whole row and one for its checksum, because neither database keeps one that would
// notice a changed bit in a row.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "facts/rows.hpp"
#include "journal/store.hpp"
#include "sql/database.hpp"

namespace qingyuan::sql {

/// The values of a statement, and the texts that were made for it.
struct Bound {
    std::vector<Parameter> values;
    std::deque<std::string> made;
};

/// How the rows of one branch are found.
struct Path {
    /// Rows of the order looked at, one after the other, until the page is full; 0 = all rows of the branch
    /// are gathered and then put in order.
    std::uint64_t walk = 0;
    /// Field of `where` whose conditions find so little that its index is used; "" = the branch's own.
    std::string_view leader = {};
};

class Table {
 public:
    Table(const facts::RowType& type, Dialect dialect);

    /// CREATE TABLE and CREATE INDEX; the same text for the same row type, so that a changed type is noticed.
    [[nodiscard]] const std::string& create() const { return create_; }
    [[nodiscard]] const facts::RowType& type() const { return type_; }
    [[nodiscard]] Dialect dialect() const { return dialect_; }
    [[nodiscard]] std::size_t indexed() const { return indexed_; }

    Statement upsert;  ///< {rows …}: key, indexed…, row, checksum
    Statement find;    ///< indexed…, row, checksum of a key
    Statement erase;
    Statement clear;

    // Statements of queries, with the values to bind, which are views into the query. Made once per shape.

    /// Rows in order: key, indexed…, row, checksum. Not for a query with branches.
    const Statement& list(const journal::Query& query, Bound& bound);
    /// Order field and key of the first rows of one branch.
    const Statement& keys(const journal::Query& query, const journal::Branch& branch, Path path,
                          Bound& bound);
    /// How many rows, exact up to at_most and at most at_most + 1.
    const Statement& count(const journal::Query& query, std::string_view leader, std::uint64_t at_most,
                           Bound& bound);
    /// The fields' values and how many rows have them.
    const Statement& tally(const journal::Query& query, std::string_view leader,
                           const std::vector<std::string_view>& fields, Bound& bound);
    // Which way to a page is the shorter one is measured, and the answer kept for some uses: a page is right
    // whichever way it was found.

    /// A statement with its values, as a key.
    [[nodiscard]] static std::string question(const Statement& statement, const Bound& bound);
    [[nodiscard]] std::optional<bool> recall(const std::string& question);
    void remember(const std::string& question, bool answer);

    /// SQLite, where only some indexed fields changed (bit i = field i), so that other indexes are left
    /// alone: those fields, row, checksum, key.
    const Statement& update(std::uint32_t changed);

    /// Reads a row of `find` (key given) or of `query` (key in column 0); store_corrupt where the checksum
    /// differs.
    [[nodiscard]] Result<journal::StoredRow> read(const Row& row, const journal::Key* key) const;
    /// Checksum over key, indexed fields and row: FNV-1a, 64 bit; every single changed byte changes it.
    [[nodiscard]] static std::int64_t checksum(const journal::StoredRow& row);

 private:
    /// Builds the WHERE of a statement; conditions that must not lead are kept from the indexes.
    class Where;
    struct Order;
    const Statement& walk(const journal::Query& query, const journal::Branch& branch, std::uint64_t rows,
                          Bound& bound);
    [[nodiscard]] bool known(std::string_view field, const journal::Key& value) const;
    /// The rows of `where` and `any`, each once, as a subselect of the fields.
    [[nodiscard]] std::string united(const journal::Query& query, std::string_view leader,
                                     const std::string& fields, std::string_view limit, Bound& bound) const;
    const Statement& made(std::string_view name, std::string text);
    facts::RowType type_;
    std::size_t indexed_ = 0;
    std::string columns_;  ///< "seq, id, procedure"
    std::string create_;
    Dialect dialect_;
    std::mutex mutex_;
    std::map<std::string, Statement, std::less<>> queries_;
    struct Remembered {
        bool answer = false;
        int uses = 0;  ///< left
    };
    std::unordered_map<std::string, Remembered> remembered_;
};

[[nodiscard]] Parameter parameter(const journal::Key& key);

}  // namespace qingyuan::sql
