#include "sql/vault_store.hpp"

#include <mutex>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <fmt/format.h>

namespace qingyuan::sql {

namespace {

using accounts::StoredSubject;

constexpr int schema_version = 1;

constexpr const char* schema =
    "CREATE TABLE subjects(subject TEXT PRIMARY KEY, lookup BLOB UNIQUE, purpose TEXT NOT NULL, wrapped_key "
    "BLOB NOT NULL,"
    " sealed BLOB NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;";

constexpr const char* columns =
    "SELECT subject, ifnull(lookup, x''), purpose, wrapped_key, sealed FROM subjects WHERE ";

ErrorCode code_of(int status) {
    switch (status & 0xFF) {
        case SQLITE_CONSTRAINT: return ErrorCode::duplicate_key;
        case SQLITE_FULL: return ErrorCode::disk_full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return ErrorCode::store_corrupt;
        case SQLITE_IOERR: return ErrorCode::io_failed;
        default: return ErrorCode::store_unavailable;
    }
}

struct Closed {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, Closed>;
using Statement = std::unique_ptr<sqlite3_stmt, Closed>;

class VaultRows final : public accounts::VaultStore {
   public:
    VaultRows(Connection database, std::string file)
        : database_(std::move(database)), file_(std::move(file)) {}

    Result<void> prepare() {
        // FULL brings every commit to the disk; TRUNCATE leaves no older page in a log beside the file.
        CHECK(
            run("PRAGMA busy_timeout=10000; PRAGMA secure_delete=ON; PRAGMA journal_mode=TRUNCATE;"
                "PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON; BEGIN IMMEDIATE;"));
        const Statement statement = TRY(prepared("PRAGMA user_version"));
        const int version =
            sqlite3_step(statement.get()) == SQLITE_ROW ? sqlite3_column_int(statement.get(), 0) : -1;
        sqlite3_reset(statement.get());
        if (version < 0) return failed(SQLITE_NOTADB);
        if (version > schema_version)
            return Error{
                ErrorCode::store_newer,
                fmt::format("the vault has schema {}, this program knows {}", version, schema_version),
                file_};
        if (version == 0) CHECK(run(schema));
        return run("COMMIT");
    }

    Result<std::optional<StoredSubject>> find(std::string_view subject) override {
        return one("subject=?", subject, false);
    }
    Result<std::optional<StoredSubject>> find_by_lookup(std::string_view lookup) override {
        return one("lookup=?", lookup, true);
    }

    Result<void> put(const std::vector<StoredSubject>& subjects) override {
        const std::lock_guard lock(mutex_);
        CHECK(run("BEGIN IMMEDIATE"));
        Result<void> done = insert(subjects);
        if (done) done = run("COMMIT");
        if (!done) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        return done;
    }

    Result<void> erase(std::string_view subject) override {
        const std::lock_guard lock(mutex_);
        const Statement statement = TRY(prepared(
            "UPDATE subjects SET lookup=NULL, purpose='', wrapped_key=x'', sealed=x'' WHERE subject=?"));
        bind_text(statement, 1, subject);
        if (const int status = sqlite3_step(statement.get()); status != SQLITE_DONE) return failed(status);
        if (sqlite3_changes(database_.get()) == 0)
            return Error{ErrorCode::record_unknown, "the vault has no such subject", std::string(subject)};
        return {};
    }

   private:
    [[nodiscard]] Error failed(int status) const {
        return {code_of(status), sqlite3_errmsg(database_.get()), file_, {}, {}};
    }

    Result<void> run(const char* statements) {
        if (const int status = sqlite3_exec(database_.get(), statements, nullptr, nullptr, nullptr);
            status != SQLITE_OK)
            return failed(status);
        return {};
    }

    Result<Statement> prepared(std::string_view text) {
        sqlite3_stmt* statement = nullptr;
        const int status = sqlite3_prepare_v2(database_.get(), text.data(), static_cast<int>(text.size()),
                                              &statement, nullptr);
        if (status != SQLITE_OK) return failed(status);
        return Statement(statement);
    }

    static void bind_text(const Statement& statement, int at, std::string_view text) {
        sqlite3_bind_text(statement.get(), at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    }
    static void bind_bytes(const Statement& statement, int at, std::string_view bytes) {
        sqlite3_bind_blob(statement.get(), at, bytes.empty() ? "" : bytes.data(),
                          static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
    }
    static Bytes bytes_at(const Statement& statement, int at) {
        const void* bytes = sqlite3_column_blob(statement.get(), at);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), at));
        return size == 0 ? Bytes() : Bytes(static_cast<const char*>(bytes), size);
    }

    Result<std::optional<StoredSubject>> one(std::string_view condition, std::string_view value,
                                             bool is_bytes) {
        const std::lock_guard lock(mutex_);
        Statement& statement = is_bytes ? by_lookup_ : by_subject_;
        if (!statement) statement = TRY(prepared(std::string(columns) + std::string(condition)));
        const Reset reset{statement.get()};
        if (is_bytes) bind_bytes(statement, 1, value);
        else bind_text(statement, 1, value);
        const int status = sqlite3_step(statement.get());
        if (status == SQLITE_DONE) return std::optional<StoredSubject>();
        if (status != SQLITE_ROW) return failed(status);
        return std::optional(StoredSubject{bytes_at(statement, 0), bytes_at(statement, 1),
                                           bytes_at(statement, 2), bytes_at(statement, 3),
                                           bytes_at(statement, 4)});
    }

    Result<void> insert(const std::vector<StoredSubject>& subjects) {
        const Statement statement = TRY(prepared("INSERT INTO subjects VALUES(?,?,?,?,?)"));
        for (const StoredSubject& subject : subjects) {
            bind_text(statement, 1, subject.subject);
            bind_bytes(statement, 2, subject.lookup);
            bind_text(statement, 3, subject.purpose);
            bind_bytes(statement, 4, subject.wrapped_key);
            bind_bytes(statement, 5, subject.sealed);
            if (const int status = sqlite3_step(statement.get()); status != SQLITE_DONE) {
                Error error = failed(status);
                error.where = subject.subject;
                return error;
            }
            sqlite3_reset(statement.get());
        }
        return {};
    }

    /// A statement that is kept reads no more when it goes out of use.
    struct Reset {
        sqlite3_stmt* statement;
        ~Reset() { sqlite3_reset(statement); }
    };

    Connection database_;
    Statement by_subject_, by_lookup_;  ///< asked for by every name that is shown
    std::string file_;
    std::mutex mutex_;
};

/// SQLite would create the file with the mode of the umask.
Result<void> create_private(const std::filesystem::path& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return Error{ErrorCode::store_unavailable, "cannot be opened or created", file.string()};
    ::close(fd);
    return {};
}

}  // namespace

Result<std::unique_ptr<accounts::VaultStore>> open_vault_store(const std::filesystem::path& file) {
    CHECK(create_private(file));
    sqlite3* opened = nullptr;
    const int status =
        sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
    Connection connection(opened);
    if (status != SQLITE_OK) return Error{ErrorCode::store_unavailable, "cannot be opened", file.string()};
    auto rows = std::make_unique<VaultRows>(std::move(connection), file.string());
    CHECK(rows->prepare());
    return std::unique_ptr<accounts::VaultStore>(std::move(rows));
}

}  // namespace qingyuan::sql
