// One connection to a database, SQLite or PostgreSQL, behind one small interface. Statements carry $1..$n;
// values are bound, never written into the text. What differs between the two is here and in the two files
// that implement it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"

namespace qingyuan::sql {

enum class Dialect : std::uint8_t { sqlite, postgres };

struct Blob {
    std::string_view bytes;
};

/// A value to bind: null, a whole number, a text, or bytes. Views must live until the call returns.
using Parameter = std::variant<std::monostate, std::int64_t, std::string_view, Blob>;

/// SQL with a name. Prepared once per connection and remembered by its address: it lives as long as the
/// connections that run it.
struct Statement {
    std::string name;
    std::string text;
};

/// One row of an answer; views are valid until the next row.
class Row {
 public:
    virtual ~Row() = default;
    [[nodiscard]] virtual bool is_null(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual std::string_view text(int column) const = 0;
    [[nodiscard]] virtual std::string_view bytes(int column) const = 0;
};

enum class Begin : std::uint8_t { read, write };

using EachRow = std::function<Result<void>(const Row&)>;

/// Errors: duplicate_key, disk_full, overloaded (busy, timed out, deadlock: may be tried again),
/// store_corrupt, store_unavailable, encoding_invalid (a text with a zero character), io_failed.
class Database {
 public:
    virtual ~Database() = default;
    [[nodiscard]] virtual Dialect dialect() const = 0;

    /// Runs a statement; the number of rows it changed.
    virtual Result<std::uint64_t> execute(const Statement& statement, std::span<const Parameter> values) = 0;
    /// Calls `each` for every row of the answer; an error of `each` ends the query and is returned.
    virtual Result<void> query(const Statement& statement, std::span<const Parameter> values,
                               const EachRow& each) = 0;
    /// Runs an INSERT whose text ends its VALUES in {rows …} for many rows of `width` values each, given
    /// row after row.
    virtual Result<void> bulk(const Statement& statement, std::size_t width,
                              std::span<const Parameter> values) = 0;
    /// Runs what `statements` executes (no queries) with one answer for all: PostgreSQL is then asked once,
    /// and `execute` inside tells no count.
    virtual Result<void> together(const std::function<Result<void>()>& statements) = 0;
    /// Several statements without values: schema and pragmas.
    virtual Result<void> script(const std::string& text) = 0;

    /// PostgreSQL is told together with the first statement.
    virtual Result<void> begin(Begin mode) = 0;
    virtual Result<void> commit() = 0;
    virtual Result<void> rollback() = 0;
    [[nodiscard]] virtual bool in_transaction() const = 0;
    /// False after the connection was lost.
    [[nodiscard]] virtual bool is_usable() const = 0;
    /// Drops the prepared statements: those that are about to end must not be remembered by their address.
    virtual void forget() = 0;
};

/// The text of a statement for one dialect and one journal: {journal}, {integer}, {text}, {bytes},
/// {for_update} and {rows integer bytes …}, which is VALUES ($1, $2, …) on SQLite and SELECT * FROM
/// unnest($1::bigint[], …) on PostgreSQL.
[[nodiscard]] std::string render(std::string_view text, Dialect dialect, std::string_view journal = {});

struct SqliteOptions {
    bool writer = true;  ///< only the writer checkpoints the write-ahead log
    /// synchronous=FULL; false is for the proof that the power-cut harness can see loss.
    bool durable = true;
};
/// `file` is a path, or a file: URI.
Result<std::unique_ptr<Database>> connect_sqlite(const std::string& file, SqliteOptions options);
/// `url` is a libpq URL; statements end with `overloaded` after timeout_ms.
Result<std::unique_ptr<Database>> connect_postgres(const std::string& url, int timeout_ms = 60'000);

}  // namespace qingyuan::sql
