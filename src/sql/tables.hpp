// SQL of projection tables, generated from their RowType: one column for the key, one for each indexed
// field, one for the whole row and one for its checksum, because neither database keeps one that would
// notice a changed bit in a row.
#pragma once

#include <map>
#include <mutex>

#include "facts/rows.hpp"
#include "journal/store.hpp"
#include "sql/database.hpp"

namespace qingyuan::sql {

class Table {
 public:
    Table(const facts::RowType& type, Dialect dialect);

    /// CREATE TABLE and CREATE INDEX; the same text for the same row type, so that a changed type is noticed.
    [[nodiscard]] const std::string& create() const { return create_; }
    [[nodiscard]] const facts::RowType& type() const { return type_; }
    [[nodiscard]] std::size_t indexed() const { return indexed_; }

    Statement upsert;   ///< {rows …}: key, indexed…, row, checksum
    Statement replace;  ///< SQLite, indexed fields unchanged: row, checksum, key
    Statement find;     ///< indexed…, row, checksum of a key
    Statement erase;
    Statement clear;

    /// The statement of a query, and the values to bind. Made once per shape. `counted` asks for count(*).
    const Statement& query(const journal::Query& query, bool counted, std::vector<Parameter>& values);

    /// Reads a row of `find` (key given) or of `query` (key in column 0); store_corrupt where the checksum
    /// differs.
    [[nodiscard]] Result<journal::StoredRow> read(const Row& row, const journal::Key* key) const;
    /// Checksum over key, indexed fields and row: FNV-1a, 64 bit; every single changed byte changes it.
    [[nodiscard]] static std::int64_t checksum(const journal::StoredRow& row);

 private:
    [[nodiscard]] bool known(std::string_view field, const journal::Key& value) const;
    facts::RowType type_;
    std::size_t indexed_ = 0;
    std::string columns_;  ///< "seq, id, procedure"
    std::string create_;
    Dialect dialect_;
    std::mutex mutex_;
    std::map<std::string, Statement, std::less<>> queries_;
};

[[nodiscard]] Parameter parameter(const journal::Key& key);

}  // namespace qingyuan::sql
