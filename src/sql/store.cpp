#include "sql/store.hpp"

#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/sm3.hpp"
#include "sql/transaction.hpp"

namespace qingyuan::sql {

namespace {

struct Template {
    std::string_view name;
    std::string_view text;
};
namespace statements {
#include "sql_statements.inc"
}

/// Schema changes, forward only: number n brings a database of version n-1 to version n.
constexpr std::array schema_steps{statements::schema_1};
constexpr auto schema_version = static_cast<std::int64_t>(schema_steps.size());

/// A lock between processes on a file beside the database. SQLite's own locks would do for the order of
/// writers; this one also keeps a second process from writing while the first one checkpoints.
class FileLock {
 public:
    FileLock() = default;
    ~FileLock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    Result<void> open(const std::string& path) {
        descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor_ < 0)
            return Error{ErrorCode::store_unavailable, "the lock file cannot be opened", path};
        return {};
    }
    Result<void> lock() {
        if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0)
            return Error{ErrorCode::store_unavailable, "the database cannot be locked"};
        return {};
    }
    void unlock() {
        if (descriptor_ >= 0) ::flock(descriptor_, LOCK_UN);
    }

 private:
    int descriptor_ = -1;
};

enum class Place : std::uint8_t { file, memory, server };

class SqlStore final : public journal::Store {
 public:
    using Connect = std::function<Result<std::unique_ptr<Database>>(bool writer)>;

    SqlStore(Place place, Connect connect)
        : place_(place),
          dialect_(place == Place::server ? Dialect::postgres : Dialect::sqlite),
          connect_(std::move(connect)),
          tables_(dialect_) {}
    ~SqlStore() override {
        readers_.clear();
        if (writer_ && !drop_at_end_.empty()) (void)writer_->script(drop_at_end_);
        if (writer_ && file_lock_.lock()) {
            writer_.reset();
            file_lock_.unlock();
        }
    }

    Result<void> open(const std::string& lock_path) {
        if (!lock_path.empty()) CHECK(file_lock_.open(lock_path));
        const Lease database = TRY(schema_writer());
        CHECK(upgrade(*database));
        return database->commit();
    }

    /// The last words to the database: a throw-away schema.
    void at_end(std::string script) { drop_at_end_ = std::move(script); }

    Result<void> prepare(std::string_view journal, std::string_view origin,
                         const std::vector<facts::RowType>& types) override {
        const Lease database = TRY(schema_writer());
        const JournalStatements& made = statements_of(journal);
        const auto render_one = [&](const Template& text) {
            return Statement{std::string(text.name), render(text.text, dialect_, journal)};
        };
        CHECK(database->script(render(statements::create_journal.text, dialect_, journal)));
        const Digest chain = sm3(origin);
        const std::array<Parameter, 3> first{Blob{bytes_of(chain)}, Blob{{}}, origin};
        TRY(database->execute(made.create_head, first));
        std::int64_t size = 0;
        std::string kept;
        CHECK(database->query(made.head, {}, [&](const Row& row) -> Result<void> {
            size = row.integer(0);
            kept = row.text(5);
            return {};
        }));
        if (kept != origin)
            return Error{ErrorCode::usage,
                         fmt::format("this database holds the journal of '{}', not of '{}'", kept, origin),
                         std::string(journal)};
        bool stale = false;
        const Statement shape = render_one(statements::shape), put_shape = render_one(statements::put_shape);
        for (const facts::RowType& type : types) {
            const Table& table = tables_.add(type);
            const std::array<Parameter, 1> name{type.table};
            std::string present;
            CHECK(database->query(shape, name, [&](const Row& row) -> Result<void> {
                present = row.text(0);
                return {};
            }));
            if (present == table.create()) continue;
            // The rows are derived: a table of another form is made anew, and the journal folds itself again.
            CHECK(database->script(fmt::format("DROP TABLE IF EXISTS {};\n{}", type.table, table.create())));
            const std::array<Parameter, 2> shaped{type.table, std::string_view(table.create())};
            TRY(database->execute(put_shape, shaped));
            stale = true;
        }
        if (stale && size > 0) TRY(database->execute(made.unfold_head, {}));
        CHECK(database->commit());
        database->forget();
        return {};
    }

    Result<std::unique_ptr<journal::ReadTransaction>> read(std::string_view journal) override {
        const JournalStatements& made = statements_of(journal);
        if (place_ == Place::memory) {
            // One connection: readers wait for the writer and need no transaction of their own.
            auto held = std::make_shared<std::unique_lock<std::recursive_mutex>>(writer_mutex_);
            Lease lease(writer_.get(), [held](Database*) {});
            return std::unique_ptr<journal::ReadTransaction>(
                std::make_unique<Transaction>(std::move(lease), made, tables_, false));
        }
        Lease lease = TRY(reader());
        CHECK(lease->begin(Begin::read));
        auto transaction = std::make_unique<Transaction>(std::move(lease), made, tables_, true);
        CHECK(transaction->look());  // the snapshot is taken by the first read
        return std::unique_ptr<journal::ReadTransaction>(std::move(transaction));
    }

    Result<std::unique_ptr<journal::WriteTransaction>> write(std::string_view journal) override {
        const JournalStatements& made = statements_of(journal);
        auto transaction = std::make_unique<Transaction>(TRY(writer()), made, tables_, true);
        if (place_ == Place::server) CHECK(transaction->lock());
        return std::unique_ptr<journal::WriteTransaction>(std::move(transaction));
    }

    Result<void> check_integrity() override {
        if (place_ == Place::memory) return {};
        const Lease lease = TRY(reader());
        if (place_ == Place::file) {
            const Statement statement{"integrity_check", "PRAGMA integrity_check(1)"};
            const Result<void> checked = lease->query(statement, {}, [](const Row& row) -> Result<void> {
                if (row.text(0) == "ok") return {};
                return Error{ErrorCode::store_corrupt,
                             std::string(row.text(0)),
                             "database",
                             {},
                             "restore the last backup"};
            });
            lease->forget();
            CHECK(checked);
        }
        return tables_.check(*lease);
    }

    [[nodiscard]] bool is_shared() const override { return place_ == Place::server; }

 private:
    Result<void> upgrade(Database& database) {
        const auto once = [&](const Template& text) {
            return Statement{std::string(text.name), render(text.text, dialect_)};
        };
        const Statement version = once(statements::version), put_version = once(statements::put_version);
        CHECK(database.script(render(statements::create_version.text, dialect_)));
        std::int64_t present = 0;
        CHECK(database.query(version, {}, [&](const Row& row) -> Result<void> {
            present = row.integer(0);
            return {};
        }));
        if (present > schema_version)
            return Error{
                ErrorCode::store_newer,
                fmt::format("its schema has version {}, this program knows {}", present, schema_version),
                {},
                {},
                "use the newer program, or restore a backup made before the upgrade"};
        for (std::int64_t next = present + 1; next <= schema_version; ++next) {
            CHECK(database.script(render(schema_steps[static_cast<std::size_t>(next - 1)].text, dialect_)));
            const std::array<Parameter, 1> number{next};
            TRY(database.execute(put_version, number));
        }
        database.forget();
        return {};
    }

    const JournalStatements& statements_of(std::string_view journal) {
        const std::lock_guard lock(pool_mutex_);
        auto& made = journals_[std::string(journal)];
        if (!made) made = std::make_unique<JournalStatements>(dialect_, journal);
        return *made;
    }

    /// The writer's connection inside a transaction, and every lock a writer needs.
    Result<Lease> writer() {
        struct Held {
            std::unique_lock<std::recursive_mutex> mutex;
            FileLock* file = nullptr;
            ~Held() {
                if (file) file->unlock();
            }
        };
        auto held = std::make_shared<Held>();
        held->mutex = std::unique_lock(writer_mutex_);
        CHECK(file_lock_.lock());
        held->file = &file_lock_;
        if (!writer_ || !writer_->is_usable()) writer_ = TRY(connect_(true));
        Lease lease(writer_.get(), [held](Database* database) {
            if (database->in_transaction()) (void)database->rollback();
        });
        CHECK(lease->begin(Begin::write));
        return lease;
    }

    /// As writer, alone among all processes that change the schema.
    Result<Lease> schema_writer() {
        Lease lease = TRY(writer());
        if (place_ == Place::server) CHECK(lease->script("SELECT pg_advisory_xact_lock(71894512)"));
        return lease;
    }

    Result<Lease> reader() {
        std::unique_ptr<Database> database;
        {
            const std::lock_guard lock(pool_mutex_);
            if (!readers_.empty()) {
                database = std::move(readers_.back());
                readers_.pop_back();
            }
        }
        if (!database || !database->is_usable()) database = TRY(connect_(false));
        return Lease(database.release(), [this](Database* back) {
            std::unique_ptr<Database> owned(back);
            if (!owned || !owned->is_usable() || owned->in_transaction()) return;
            constexpr std::size_t kept_max = 16;
            const std::lock_guard lock(pool_mutex_);
            if (readers_.size() < kept_max) readers_.push_back(std::move(owned));
        });
    }

    Place place_;
    Dialect dialect_;
    Connect connect_;
    std::string drop_at_end_;
    Tables tables_;
    FileLock file_lock_;
    std::recursive_mutex writer_mutex_;  // recursive: an in-memory database is read on its writer's thread
    std::unique_ptr<Database> writer_;
    std::mutex pool_mutex_;
    std::vector<std::unique_ptr<Database>> readers_;
    std::map<std::string, std::unique_ptr<JournalStatements>> journals_;
};

}  // namespace

Result<std::unique_ptr<journal::Store>> open_store(const std::string& place, StoreOptions options) {
    std::unique_ptr<SqlStore> store;
    if (place.starts_with("postgresql://") || place.starts_with("postgres://")) {
        store = std::make_unique<SqlStore>(Place::server, [place](bool) { return connect_postgres(place); });
        CHECK(store->open({}));
    } else if (place.starts_with("sqlite::memory:")) {
        static std::atomic<int> counter{0};
        const std::string uri = fmt::format("file:qingyuan-{}?mode=memory", ++counter);
        store = std::make_unique<SqlStore>(Place::memory, [uri](bool) { return connect_sqlite(uri, {}); });
        CHECK(store->open({}));
    } else {
        store = std::make_unique<SqlStore>(Place::file, [place, options](bool writer) {
            return connect_sqlite(place, {.writer = writer, .durable = options.durable});
        });
        // SQLite gives its other files the mode of the first.
        std::error_code status;
        if (!std::filesystem::exists(place, status))
            if (const int made = ::open(place.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); made >= 0)
                ::close(made);
        CHECK(store->open(place + ".lock"));
    }
    return std::unique_ptr<journal::Store>(std::move(store));
}

Result<std::unique_ptr<journal::Store>> open_fresh_schema(const std::string& url) {
    static std::atomic<int> counter{0};
    const std::string schema = fmt::format("qingyuan_{}_{}", ::getpid(), ++counter);
    const auto server = TRY(connect_postgres(url));
    CHECK(server->script("CREATE SCHEMA " + schema));
    const std::string within =
        url + (url.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3D" + schema;
    auto store =
        std::make_unique<SqlStore>(Place::server, [within](bool) { return connect_postgres(within); });
    store->at_end("DROP SCHEMA " + schema + " CASCADE");
    CHECK(store->open({}));
    return std::unique_ptr<journal::Store>(std::move(store));
}

}  // namespace qingyuan::sql
