// SQLite behind the connection interface. Write-ahead log, synchronous=FULL: a commit is durable when it
// returns.
#include <array>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

#include "sql/database.hpp"

namespace qingyuan::sql {

namespace {

struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct FinishStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

ErrorCode code_of(int extended) {
    switch (extended & 0xFF) {
        case SQLITE_FULL: return ErrorCode::disk_full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT: return ErrorCode::store_corrupt;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return ErrorCode::overloaded;
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM: return ErrorCode::store_unavailable;
        case SQLITE_CONSTRAINT: return ErrorCode::duplicate_key;
        default: return ErrorCode::io_failed;
    }
}

class SqliteRow final : public Row {
 public:
    explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
    [[nodiscard]] bool is_null(int column) const override {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    [[nodiscard]] std::int64_t integer(int column) const override {
        return sqlite3_column_int64(statement_, column);
    }
    [[nodiscard]] std::string_view text(int column) const override { return bytes(column); }
    [[nodiscard]] std::string_view bytes(int column) const override {
        const void* data = sqlite3_column_blob(statement_, column);
        return {static_cast<const char*>(data),
                data ? static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) : 0};
    }

 private:
    sqlite3_stmt* statement_;
};

/// A prepared statement. SQLite numbers $1, $2 by first appearance, not by the digit, so each is looked up
/// by its name.
struct Prepared {
    std::unique_ptr<sqlite3_stmt, FinishStatement> handle;
    std::vector<int> position;
    bool running = false;
};

class Sqlite final : public Database {
 public:
    Sqlite(sqlite3* connection, bool writer) : connection_(connection), writer_(writer) {}
    ~Sqlite() override {
        prepared_.clear();
        if (writer_ && !in_transaction())
            sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                      nullptr);
    }

    [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }
    [[nodiscard]] bool in_transaction() const override {
        return sqlite3_get_autocommit(connection_.get()) == 0;
    }

    [[nodiscard]] bool is_usable() const override { return true; }
    void forget() override { prepared_.clear(); }

    Result<std::uint64_t> execute(const Statement& statement, std::span<const Parameter> values) override {
        CHECK(query(statement, values, {}));
        return static_cast<std::uint64_t>(sqlite3_changes64(connection_.get()));
    }

    Result<void> query(const Statement& statement, std::span<const Parameter> values,
                       const EachRow& each) override {
        Prepared* prepared = TRY(find(statement));
        // A callback may run the statement that is calling it: it then gets a second copy.
        Prepared own;
        if (prepared->running) {
            own = TRY(prepare(statement));
            prepared = &own;
        }
        return run(*prepared, statement, values, each);
    }

    Result<void> bulk(const Statement& statement, std::size_t width,
                      std::span<const Parameter> values) override {
        QY_ASSERT(width > 0 && values.size() % width == 0);
        Prepared* const prepared = TRY(find(statement));
        for (std::size_t at = 0; at < values.size(); at += width)
            CHECK(run(*prepared, statement, values.subspan(at, width), {}));
        return {};
    }

    Result<void> together(const std::function<Result<void>()>& statements) override { return statements(); }

    Result<void> script(const std::string& text) override {
        if (sqlite3_exec(connection_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            return failure("script");
        return {};
    }

    Result<void> begin(Begin mode) override {
        static const Statement read{"begin", "BEGIN"}, write{"begin_immediate", "BEGIN IMMEDIATE"};
        return query(mode == Begin::read ? read : write, {}, {});
    }
    Result<void> commit() override {
        static const Statement statement{"commit", "COMMIT"};
        return query(statement, {}, {});
    }
    Result<void> rollback() override {
        static const Statement statement{"rollback", "ROLLBACK"};
        if (!in_transaction()) return {};
        return query(statement, {}, {});
    }

 private:
    [[nodiscard]] Error failure(std::string_view doing) const {
        return {code_of(sqlite3_extended_errcode(connection_.get())),
                fmt::format("{}: {} ({})", doing, sqlite3_errmsg(connection_.get()),
                            sqlite3_extended_errcode(connection_.get()))};
    }

    Result<Prepared> prepare(const Statement& statement) {
        sqlite3_stmt* raw = nullptr;
        if (sqlite3_prepare_v3(connection_.get(), statement.text.c_str(),
                               static_cast<int>(statement.text.size() + 1), SQLITE_PREPARE_PERSISTENT, &raw,
                               nullptr) != SQLITE_OK)
            return failure(statement.name);
        Prepared prepared;
        prepared.handle.reset(raw);
        const int count = sqlite3_bind_parameter_count(raw);
        for (int number = 1; number <= count; ++number) {
            const int position = sqlite3_bind_parameter_index(raw, fmt::format("${}", number).c_str());
            QY_ASSERT(position > 0);
            prepared.position.push_back(position);
        }
        return prepared;
    }

    Result<Prepared*> find(const Statement& statement) {
        const auto found = prepared_.find(&statement);
        if (found != prepared_.end()) return &found->second;
        return &prepared_.emplace(&statement, TRY(prepare(statement))).first->second;
    }

    Result<void> bind(Prepared& prepared, const Statement& statement, std::span<const Parameter> values) {
        QY_ASSERT(values.size() == prepared.position.size());
        sqlite3_stmt* const handle = prepared.handle.get();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const int at = prepared.position[i];
            int status = SQLITE_OK;
            if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
                status = sqlite3_bind_int64(handle, at, *number);
            } else if (const auto* text = std::get_if<std::string_view>(&values[i])) {
                // PostgreSQL cannot store it; the two must not differ.
                if (text->find('\0') != std::string_view::npos)
                    return Error{ErrorCode::encoding_invalid, "a text holds the character U+0000",
                                 statement.name};
                status = sqlite3_bind_text64(handle, at, text->data() ? text->data() : "", text->size(),
                                             SQLITE_STATIC, SQLITE_UTF8);
            } else if (const auto* blob = std::get_if<Blob>(&values[i])) {
                status = sqlite3_bind_blob64(handle, at, blob->bytes.data() ? blob->bytes.data() : "",
                                             blob->bytes.size(), SQLITE_STATIC);
            } else {
                status = sqlite3_bind_null(handle, at);
            }
            if (status != SQLITE_OK) return failure(statement.name);
        }
        return {};
    }

    Result<void> run(Prepared& prepared, const Statement& statement, std::span<const Parameter> values,
                     const EachRow& each) {
        CHECK(bind(prepared, statement, values));
        prepared.running = true;
        const SqliteRow row(prepared.handle.get());
        Result<void> result;
        int status = SQLITE_ROW;
        while (result && (status = sqlite3_step(prepared.handle.get())) == SQLITE_ROW)
            if (each) result = each(row);
        if (result && status != SQLITE_DONE) result = failure(statement.name);
        sqlite3_reset(prepared.handle.get());
        prepared.running = false;
        return result;
    }

    std::unique_ptr<sqlite3, CloseConnection> connection_;
    bool writer_;
    std::unordered_map<const Statement*, Prepared> prepared_;
};

}  // namespace

Result<std::unique_ptr<Database>> connect_sqlite(const std::string& file, SqliteOptions options) {
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    const int status = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
    auto database = std::make_unique<Sqlite>(raw, options.writer);
    if (status != SQLITE_OK)
        return Error{code_of(status),
                     raw ? sqlite3_errmsg(raw) : "out of memory",
                     file,
                     {},
                     "does the directory exist and may it be written?"};
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, 20'000);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    // A reader that closes last must not checkpoint: in this version a checkpoint that meets a writer of
    // another connection can lose pages (sqlite.org/wal.html, "the WAL-reset bug"). Only the writer does,
    // holding the lock of all writers.
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_autocheckpoint(raw, options.writer ? 4'000 : 0);
    const Result<void> set_up = database->script(
        fmt::format("PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA foreign_keys = ON; PRAGMA "
                    "secure_delete = ON;"
                    "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{};"
                    "PRAGMA journal_size_limit = 67108864;",
                    options.durable ? "FULL" : "NORMAL", options.writer ? 32'768 : 8'192));
    if (!set_up) {
        Error error = set_up.error();
        error.where = file;
        if (error.code == ErrorCode::store_corrupt)
            error.next = "restore the last backup together with journal.head";
        return error;
    }
    return std::unique_ptr<Database>(std::move(database));
}

}  // namespace qingyuan::sql
