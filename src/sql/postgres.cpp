// PostgreSQL behind the connection interface, through libpq: prepared statements, binary values both ways.
#include <array>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "sql/database.hpp"

namespace qingyuan::sql {

namespace {

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ClearResult>;

constexpr std::uint32_t oid_bytea = 17, oid_int8 = 20, oid_text = 25;

template <class Whole>
void put_whole(std::string& out, Whole value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
}

/// SQLSTATE, by class where the class says enough.
ErrorCode code_of(const PGconn* connection, const PGresult* result) {
    if (PQstatus(connection) == CONNECTION_BAD) return ErrorCode::store_unavailable;
    const char* const raw = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const std::string_view state = raw ? raw : "";
    if (state == "53100") return ErrorCode::disk_full;
    if (state == "57014" || state == "55P03" || state.starts_with("40") || state.starts_with("53"))
        return ErrorCode::overloaded;
    if (state == "23505") return ErrorCode::duplicate_key;
    if (state.starts_with("XX")) return ErrorCode::store_corrupt;
    if (state.starts_with("22021")) return ErrorCode::encoding_invalid;
    if (state.starts_with("08") || state.starts_with("57P") || state.starts_with("28") || state == "42P01")
        return ErrorCode::store_unavailable;
    return ErrorCode::io_failed;
}

std::string_view first_line(const char* message) {
    const std::string_view text = message ? message : "";
    return text.substr(0, text.find('\n'));
}

class PostgresRow final : public Row {
 public:
    explicit PostgresRow(const PGresult* result) : result_(result) {}
    void move_to(int row) { row_ = row; }
    [[nodiscard]] bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
    [[nodiscard]] std::int64_t integer(int column) const override {
        const std::string_view raw = bytes(column);
        std::uint64_t value = 0;
        for (const char c : raw) value = value << 8 | static_cast<std::uint8_t>(c);
        // Whole numbers come in 2, 4 or 8 bytes.
        if (raw.size() == 4) return static_cast<std::int32_t>(value);
        if (raw.size() == 2) return static_cast<std::int16_t>(value);
        return static_cast<std::int64_t>(value);
    }
    [[nodiscard]] std::string_view text(int column) const override { return bytes(column); }
    [[nodiscard]] std::string_view bytes(int column) const override {
        return {PQgetvalue(result_, row_, column),
                static_cast<std::size_t>(PQgetlength(result_, row_, column))};
    }

 private:
    const PGresult* result_;
    int row_ = 0;
};

/// Values as libpq wants them: pointers, lengths, all binary.
struct Bound {
    std::vector<const char*> data;
    std::vector<int> length;
    std::vector<int> binary;
    std::vector<std::array<char, 8>> whole;

    void point(const char* at, std::size_t size, bool is_binary = true) {
        data.push_back(at);
        length.push_back(static_cast<int>(size));
        binary.push_back(is_binary ? 1 : 0);
    }
};

Result<void> check_text(std::string_view text, const Statement& statement) {
    if (text.find('\0') == std::string_view::npos) return {};
    return Error{ErrorCode::encoding_invalid, "a text holds the character U+0000", statement.name};
}

Result<Bound> bind(const Statement& statement, std::span<const Parameter> values) {
    Bound bound;
    bound.whole.reserve(values.size());
    for (const Parameter& value : values) {
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            auto& raw = bound.whole.emplace_back();
            for (std::size_t i = 0; i < 8; ++i)
                raw[i] = static_cast<char>(static_cast<std::uint64_t>(*number) >> (56 - 8 * i));
            bound.point(raw.data(), raw.size());
        } else if (const auto* text = std::get_if<std::string_view>(&value)) {
            CHECK(check_text(*text, statement));
            bound.point(text->data() ? text->data() : "", text->size());
        } else if (const auto* blob = std::get_if<Blob>(&value)) {
            bound.point(blob->bytes.data() ? blob->bytes.data() : "", blob->bytes.size());
        } else {
            bound.point(nullptr, 0);
        }
    }
    return bound;
}

/// One column of many rows as a one-dimensional array.
struct Array {
    std::string data;
    bool binary = true;
};

Result<Array> array_of(const Statement& statement, std::span<const Parameter> values, std::size_t column,
                       std::size_t width) {
    std::uint32_t oid = 0;
    std::string items;
    for (std::size_t at = column; at < values.size(); at += width) {
        if (const auto* number = std::get_if<std::int64_t>(&values[at])) {
            oid = oid_int8;
            put_whole(items, std::uint32_t{8});
            put_whole(items, static_cast<std::uint64_t>(*number));
        } else if (const auto* text = std::get_if<std::string_view>(&values[at])) {
            CHECK(check_text(*text, statement));
            oid = oid_text;
            put_whole(items, static_cast<std::uint32_t>(text->size()));
            items += *text;
        } else if (const auto* blob = std::get_if<Blob>(&values[at])) {
            oid = oid_bytea;
            put_whole(items, static_cast<std::uint32_t>(blob->bytes.size()));
            items += blob->bytes;
        } else {
            put_whole(items, ~std::uint32_t{0});
        }
    }
    const std::size_t rows = values.size() / width;
    if (oid == 0) {
        // Nothing but nulls: only the text form goes without a type.
        std::string text = "{NULL";
        for (std::size_t i = 1; i < rows; ++i) text += ",NULL";
        return Array{text + "}", false};
    }
    std::string out;
    put_whole(out, std::uint32_t{1});  // dimensions
    put_whole(out, std::uint32_t{1});  // may hold nulls
    put_whole(out, oid);
    put_whole(out, static_cast<std::uint32_t>(rows));
    put_whole(out, std::uint32_t{1});  // lower bound
    return Array{out + items};
}

class Postgres final : public Database {
 public:
    explicit Postgres(PGconn* connection) : connection_(connection) {}

    [[nodiscard]] Dialect dialect() const override { return Dialect::postgres; }
    [[nodiscard]] bool in_transaction() const override {
        return !begin_.empty() || PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
    }
    [[nodiscard]] bool is_usable() const override { return PQstatus(connection_.get()) == CONNECTION_OK; }
    void forget() override {
        if (!prepared_.empty() && is_usable()) Answer(PQexec(connection_.get(), "DEALLOCATE ALL"));
        prepared_.clear();
    }

    Result<std::uint64_t> execute(const Statement& statement, std::span<const Parameter> values) override {
        const Bound bound = TRY(bind(statement, values));
        const Answer answer = TRY(run(statement, bound));
        return answer ? changed(answer.get()) : 0;
    }

    Result<void> query(const Statement& statement, std::span<const Parameter> values,
                       const EachRow& each) override {
        const Bound bound = TRY(bind(statement, values));
        QY_ASSERT(!sending_);
        const Answer answer = TRY(run(statement, bound));
        PostgresRow row(answer.get());
        for (int i = 0; i < PQntuples(answer.get()); ++i) {
            row.move_to(i);
            CHECK(each(row));
        }
        return {};
    }

    Result<void> bulk(const Statement& statement, std::size_t width,
                      std::span<const Parameter> values) override {
        QY_ASSERT(width > 0 && values.size() % width == 0);
        if (values.empty()) return {};
        std::vector<Array> columns;
        Bound bound;
        for (std::size_t column = 0; column < width; ++column)
            columns.push_back(TRY(array_of(statement, values, column, width)));
        for (const Array& column : columns)
            bound.point(column.data.data(), column.data.size(), column.binary);
        TRY(run(statement, bound));
        return {};
    }

    Result<void> together(const std::function<Result<void>()>& statements) override {
        CHECK(start_sending());
        const Result<void> sent = statements();
        const Result<Answer> answer = collect();
        CHECK(sent);
        if (!answer) return answer.error();
        return {};
    }

    Result<void> script(const std::string& text) override {
        QY_ASSERT(!sending_);
        const std::string begun = std::exchange(begin_, {});
        const Answer answer(
            PQexec(connection_.get(), begun.empty() ? text.c_str() : (begun + ";" + text).c_str()));
        return checked(answer.get(), "script");
    }

    Result<void> begin(Begin mode) override {
        if (PQtransactionStatus(connection_.get()) != PQTRANS_IDLE)
            return Error{ErrorCode::store_unavailable,
                         "begin: the connection is inside a transaction or lost"};
        begin_ = mode == Begin::read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                     : "BEGIN ISOLATION LEVEL READ COMMITTED";
        return {};
    }
    Result<void> commit() override {
        if (sending_) return send_text("COMMIT");
        if (!std::exchange(begin_, {}).empty()) return {};
        const Answer answer(PQexec(connection_.get(), "COMMIT"));
        return checked(answer.get(), "COMMIT");
    }
    Result<void> rollback() override {
        if (!std::exchange(begin_, {}).empty() || !in_transaction()) return {};
        return script("ROLLBACK");
    }

 private:
    [[nodiscard]] Result<void> checked(PGresult* result, std::string_view doing) const {
        const ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
            // PostgreSQL answers the COMMIT of a failed transaction with success and the word ROLLBACK.
            if (doing == "COMMIT" && std::string_view(PQcmdStatus(result)) != "COMMIT")
                return Error{ErrorCode::io_failed, "the transaction was rolled back"};
            return {};
        }
        const char* const message = result ? PQresultErrorMessage(result) : PQerrorMessage(connection_.get());
        return Error{code_of(connection_.get(), result), fmt::format("{}: {}", doing, first_line(message))};
    }

    static std::uint64_t changed(PGresult* result) {
        std::uint64_t count = 0;
        for (const char* digit = PQcmdTuples(result); *digit >= '0' && *digit <= '9'; ++digit)
            count = count * 10 + static_cast<std::uint64_t>(*digit - '0');
        return count;
    }

    Result<Answer> run(const Statement& statement, const Bound& bound) {
        if (sending_) {
            CHECK(send(statement, bound));
            return Answer();
        }
        if (!begin_.empty()) {
            CHECK(start_sending());
            const Result<void> sent = send(statement, bound);
            Result<Answer> answer = collect();
            CHECK(sent);
            return answer;
        }
        auto found = prepared_.find(&statement);
        if (found == prepared_.end()) {
            std::string name = fmt::format("s{}", ++counter_);
            const Answer answer(
                PQprepare(connection_.get(), name.c_str(), statement.text.c_str(), 0, nullptr));
            CHECK(checked(answer.get(), statement.name));
            found = prepared_.emplace(&statement, std::move(name)).first;
        }
        Answer answer(PQexecPrepared(connection_.get(), found->second.c_str(),
                                     static_cast<int>(bound.data.size()), bound.data.data(),
                                     bound.length.data(), bound.binary.data(), 1));
        CHECK(checked(answer.get(), statement.name));
        return answer;
    }

    // --- sending without waiting for each answer (libpq's pipeline mode)

    Result<void> start_sending() {
        QY_ASSERT(!sending_ && sent_.empty());
        if (PQenterPipelineMode(connection_.get()) != 1) return checked(nullptr, "pipeline");
        sending_ = true;
        if (const std::string begun = std::exchange(begin_, {}); !begun.empty()) return send_text(begun);
        return {};
    }

    Result<void> send_text(const std::string& text) {
        if (PQsendQueryParams(connection_.get(), text.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1) != 1)
            return checked(nullptr, text);
        sent_.push_back(text);
        return {};
    }

    Result<void> send(const Statement& statement, const Bound& bound) {
        PGconn* const connection = connection_.get();
        auto found = prepared_.find(&statement);
        if (found == prepared_.end()) {
            std::string name = fmt::format("s{}", ++counter_);
            if (PQsendPrepare(connection, name.c_str(), statement.text.c_str(), 0, nullptr) != 1)
                return checked(nullptr, statement.name);
            sent_.push_back(statement.name);
            found = prepared_.emplace(&statement, std::move(name)).first;
        }
        if (PQsendQueryPrepared(connection, found->second.c_str(), static_cast<int>(bound.data.size()),
                                bound.data.data(), bound.length.data(), bound.binary.data(), 1) != 1)
            return checked(nullptr, statement.name);
        sent_.push_back(statement.name);
        return {};
    }

    /// Waits for all answers; the last one, or the first error.
    Result<Answer> collect() {
        PGconn* const connection = connection_.get();
        std::optional<Error> first;
        Answer last;
        if (PQpipelineSync(connection) != 1) first = checked(nullptr, "pipeline").error();
        for (const std::string& name : sent_) {
            while (Answer answer{PQgetResult(connection)}) {
                if (Result<void> well = checked(answer.get(), name); !well && !first) first = well.error();
                last = std::move(answer);
            }
        }
        // The answer to the sync itself.
        for (bool open = is_usable(); open;) {
            const Answer answer(PQgetResult(connection));
            open = answer && PQresultStatus(answer.get()) != PGRES_PIPELINE_SYNC;
        }
        sent_.clear();
        sending_ = false;
        if (PQexitPipelineMode(connection) != 1 && !first) first = checked(nullptr, "pipeline").error();
        if (!first) return last;
        // A statement whose preparation failed must not be taken for prepared.
        prepared_.clear();
        return *first;
    }

    std::unique_ptr<PGconn, CloseConnection> connection_;
    std::unordered_map<const Statement*, std::string> prepared_;
    std::uint64_t counter_ = 0;
    std::string begin_;  ///< goes out with the first statement of the transaction
    bool sending_ = false;
    std::vector<std::string> sent_;  ///< names of what waits for an answer
};

}  // namespace

Result<std::unique_ptr<Database>> connect_postgres(const std::string& url, int timeout_ms) {
    PGconn* const raw = PQconnectdb(url.c_str());
    auto database = std::make_unique<Postgres>(raw);
    if (PQstatus(raw) != CONNECTION_OK)
        return Error{ErrorCode::store_unavailable,
                     std::string(first_line(PQerrorMessage(raw))),
                     "database",
                     {},
                     "is PostgreSQL running, and may this user connect?"};
    CHECK(database->script(fmt::format(
        "SET client_min_messages = warning; SET client_encoding = 'UTF8'; SET synchronous_commit = on;"
        "SET statement_timeout = {}; SET lock_timeout = {}",
        timeout_ms, timeout_ms)));
    return std::unique_ptr<Database>(std::move(database));
}

}  // namespace qingyuan::sql
