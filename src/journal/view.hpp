// Typed reading of projections, and what every stage is handed: a Reader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facts/codec.hpp"
#include "facts/fact.hpp"
#include "facts/rows.hpp"
#include "journal/store.hpp"

namespace qingyuan::journal {

namespace rows {

/// Collects a row's key and indexed fields.
struct Columns {
    const facts::RowType& type;
    Key key = std::int64_t{0};
    std::vector<Key> indexed = std::vector<Key>(type.indexed.size());
    std::size_t found = 0;

    template <class T>
    void take(std::string_view name, const T& value) {
        constexpr bool whole = std::is_same_v<T, std::int64_t>;
        if (name == type.key) {
            QY_ASSERT(type.holds_integer(name) == whole);  // list it in RowType::integers
            key = value;
        }
        for (std::size_t i = 0; i < type.indexed.size() && !type.indexed[i].empty(); ++i) {
            if (type.indexed[i] != name) continue;
            QY_ASSERT(type.holds_integer(name) == whole);
            indexed[i] = value;
            ++found;
        }
    }
    void operator()(std::string_view name, const std::string& value) { take(name, value); }
    void operator()(std::string_view name, std::int64_t value) { take(name, value); }
    void operator()(std::string_view name, bool value) { take(name, std::int64_t{value}); }
    void operator()(std::string_view name, Date value) { take(name, std::int64_t{value.days}); }
    template <class T>
    void operator()(std::string_view, const T&) {}
};

/// Reads a row out of its stored form.
template <class Row>
[[nodiscard]] Result<Row> loaded(const StoredRow& stored) {
    if (stored.row) return *static_cast<const Row*>(stored.row.get());
    return facts::decode_row<Row>(stored.blob);
}

template <class Row>
[[nodiscard]] StoredRow stored(Row row) {
    Columns columns{Row::row_type};
    Row::fields(columns, row);
    std::size_t count = 0;
    while (count < Row::row_type.indexed.size() && !Row::row_type.indexed[count].empty()) ++count;
    QY_ASSERT(columns.found == count);
    columns.indexed.resize(count);
    return {std::move(columns.key),
            std::move(columns.indexed),
            {},
            std::make_shared<const Row>(std::move(row)),
            [](const void* held) { return facts::encode_row(*static_cast<const Row*>(held)); }};
}

}  // namespace rows

/// One table of projection rows as seen by one transaction.
template <class Row>
class View {
 public:
    explicit View(ReadTransaction& transaction) : transaction_(&transaction) {}

    [[nodiscard]] Result<std::optional<Row>> find(const Key& key) const {
        const std::optional<StoredRow> stored = TRY(transaction_->find(Row::row_type, key));
        if (!stored) return std::optional<Row>();
        return std::optional<Row>(TRY(rows::loaded<Row>(*stored)));
    }
    [[nodiscard]] Result<std::vector<Row>> list(const Query& query) const {
        std::vector<Row> rows;
        for (const StoredRow& stored : TRY(transaction_->list(Row::row_type, query)))
            rows.push_back(TRY(facts::decode_row<Row>(stored.blob)));
        return rows;
    }
    [[nodiscard]] Result<std::uint64_t> count(const std::vector<Condition>& where) const {
        return transaction_->count(Row::row_type, where);
    }
    /// Exact up to `at_most`, then `at_most` + 1.
    [[nodiscard]] Result<std::uint64_t> count(const Query& query, std::uint64_t at_most) const {
        return transaction_->count(Row::row_type, query, at_most);
    }
    [[nodiscard]] Result<std::vector<Tally>> tally(const Query& query,
                                                   const std::vector<std::string_view>& fields) const {
        return transaction_->tally(Row::row_type, query, fields);
    }

 private:
    ReadTransaction* transaction_;
};

/// Facts and projections as they stood at one moment.
class Reader {
 public:
    explicit Reader(ReadTransaction& transaction) : transaction_(&transaction) {}
    virtual ~Reader() = default;

    template <class Row>
    [[nodiscard]] View<Row> view() const {
        return View<Row>(*transaction_);
    }
    [[nodiscard]] Result<Head> head() const { return transaction_->head(); }
    [[nodiscard]] Result<facts::Recorded> fact(std::uint64_t seq) const {
        return facts::decode(TRY(transaction_->record(seq)));
    }
    [[nodiscard]] Result<std::vector<std::uint64_t>> facts_of(std::uint64_t dossier) const {
        return transaction_->facts_of(dossier);
    }
    [[nodiscard]] ReadTransaction& transaction() const { return *transaction_; }

 private:
    ReadTransaction* transaction_;
};

/// Where a fold writes.
class Projections {
 public:
    explicit Projections(WriteTransaction& transaction) : transaction_(&transaction) {}

    template <class Row>
    [[nodiscard]] Result<std::optional<Row>> find(const Key& key) const {
        return View<Row>(*transaction_).find(key);
    }
    template <class Row>
    Result<void> put(Row row) {
        return transaction_->put(Row::row_type, rows::stored(std::move(row)));
    }
    template <class Row>
    Result<void> erase(const Key& key) {
        return transaction_->erase(Row::row_type, key);
    }
    template <class Row>
    [[nodiscard]] View<Row> view() const {
        return View<Row>(*transaction_);
    }
    /// For a fold that starts a row again after a void: earlier facts of the same dossier. In a rebuild
    /// later ones are there too.
    [[nodiscard]] Result<std::vector<std::uint64_t>> facts_of(std::uint64_t dossier) const {
        return transaction_->facts_of(dossier);
    }
    [[nodiscard]] Result<facts::Recorded> fact(std::uint64_t seq) const {
        return facts::decode(TRY(transaction_->record(seq)));
    }

 private:
    WriteTransaction* transaction_;
};

/// How a stage turns a fact into its projection rows. Called in the order of the journal, inside the
/// transaction that appends the fact. Must depend on nothing but the fact, the rows and the law it was made
/// with.
struct Fold {
    std::string_view name;
    std::vector<facts::RowType> types;  ///< the rows it owns
    std::function<Result<void>(const facts::Recorded&, Projections&)> apply;
};

}  // namespace qingyuan::journal
