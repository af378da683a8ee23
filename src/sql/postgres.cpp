// PostgreSQL behind the connection interface, through libpq: prepared statements, binary values both ways.
#include <array>
#include <cstring>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "sql/database.hpp"

namespace qingyuan::sql {

namespace {

struct CloseConnection { void operator()(PGconn* connection) const { PQfinish(connection); } };
struct ClearResult { void operator()(PGresult* result) const { PQclear(result); } };
using Answer = std::unique_ptr<PGresult, ClearResult>;

constexpr std::uint32_t oid_bytea = 17, oid_int8 = 20, oid_text = 25;

template <class Whole> void put_whole(std::string& out, Whole value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
        out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
}

/// SQLSTATE, by class where the class says enough.
ErrorCode code_of(const PGconn* connection, const PGresult* result) {
    if (PQstatus(connection) == CONNECTION_BAD) return ErrorCode::store_unavailable;
    const char* const raw = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    const std::string_view state = raw ? raw : "";
    if (state == "53100") return ErrorCode::disk_full;
    if (state == "57014" || state == "55P03" || state.starts_with("40") || state.starts_with("53")) return ErrorCode::overloaded;
    if (state == "23505") return ErrorCode::duplicate_key;
    if (state.starts_with("XX")) return ErrorCode::store_corrupt;
    if (state.starts_with("22021")) return ErrorCode::encoding_invalid;
    if (state.starts_with("08") || state.starts_with("57P") || state.starts_with("28") || state == "42P01") return ErrorCode::store_unavailable;
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
        return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
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
            for (std::size_t i = 0; i < 8; ++i) raw[i] = static_cast<char>(static_cast<std::uint64_t>(*number) >> (56 - 8 * i));
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

Result<Array> array_of(const Statement& statement, std::span<const Parameter> values, std::size_t column, std::size_t width) {
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
    [[nodiscard]] bool in_transaction() const override { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }
    [[nodiscard]] bool is_usable() const override { return PQstatus(connection_.get()) == CONNECTION_OK; }
    void forget() override {
        if (!prepared_.empty() && is_usable()) Answer(PQexec(connection_.get(), "DEALLOCATE ALL"));
        prepared_.clear();
    }

    Result<std::uint64_t> execute(const Statement& statement, std::span<const Parameter> values) override {
        const Bound bound = TRY(bind(statement, values));
        const Answer answer = TRY(run(statement, bound));
        return changed(answer.get());
    }

    Result<void> query(const Statement& statement, std::span<const Parameter> values, const EachRow& each) override {
        const Bound bound = TRY(bind(statement, values));
        const Answer answer = TRY(run(statement, bound));
        PostgresRow row(answer.get());
        for (int i = 0; i < PQntuples(answer.get()); ++i) {
            row.move_to(i);
            CHECK(each(row));
        }
        return {};
    }

    Result<void> bulk(const Statement& statement, std::size_t width, std::span<const Parameter> values) override {
        QY_ASSERT(width > 0 && values.size() % width == 0);
        if (values.empty()) return {};
        std::vector<Array> columns;
        Bound bound;
        for (std::size_t column = 0; column < width; ++column)
            columns.push_back(TRY(array_of(statement, values, column, width)));
        for (const Array& column : columns) bound.point(column.data.data(), column.data.size(), column.binary);
        TRY(run(statement, bound));
        return {};
    }

    Result<void> script(const std::string& text) override {
        const Answer answer(PQexec(connection_.get(), text.c_str()));
        return checked(answer.get(), "script");
    }

    Result<void> begin(Begin mode) override {
        return script(mode == Begin::read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED");
    }
    Result<void> commit() override {
        const Answer answer(PQexec(connection_.get(), "COMMIT"));
        CHECK(checked(answer.get(), "commit"));
        // PostgreSQL answers the COMMIT of a failed transaction with success and the word ROLLBACK.
        if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT") return Error{ErrorCode::io_failed, "the transaction was rolled back"};
        return {};
    }
    Result<void> rollback() override {
        if (!in_transaction()) return {};
        return script("ROLLBACK");
    }

   private:
    [[nodiscard]] Result<void> checked(const PGresult* result, std::string_view doing) const {
        const ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return {};
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
        auto found = prepared_.find(&statement);
        if (found == prepared_.end()) {
            std::string name = fmt::format("s{}", ++counter_);
            const Answer answer(PQprepare(connection_.get(), name.c_str(), statement.text.c_str(), 0, nullptr));
            CHECK(checked(answer.get(), statement.name));
            found = prepared_.emplace(&statement, std::move(name)).first;
        }
        Answer answer(PQexecPrepared(connection_.get(), found->second.c_str(), static_cast<int>(bound.data.size()), bound.data.data(),
                                     bound.length.data(), bound.binary.data(), 1));
        CHECK(checked(answer.get(), statement.name));
        return answer;
    }

    std::unique_ptr<PGconn, CloseConnection> connection_;
    std::unordered_map<const Statement*, std::string> prepared_;
    std::uint64_t counter_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> connect_postgres(const std::string& url, int timeout_ms) {
    PGconn* const raw = PQconnectdb(url.c_str());
    auto database = std::make_unique<Postgres>(raw);
    if (PQstatus(raw) != CONNECTION_OK)
        return Error{ErrorCode::store_unavailable, std::string(first_line(PQerrorMessage(raw))), "database", {},
                     "is PostgreSQL running, and may this user connect?"};
    CHECK(database->script(fmt::format("SET client_min_messages = warning; SET client_encoding = 'UTF8'; SET synchronous_commit = on;"
                                       "SET statement_timeout = {}; SET lock_timeout = {}", timeout_ms, timeout_ms)));
    return std::unique_ptr<Database>(std::move(database));
}

}  // namespace qingyuan::sql
