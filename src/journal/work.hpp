// Working state: sessions, jobs, upload chunks, notices, saved views. Rows like those of projections, in a
// store of their own (SQLite) or the same database (PostgreSQL), but no fact makes them: they are written
// directly and a rebuild does not know them. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "journal/view.hpp"

namespace qingyuan::journal {

class Work {
 public:
    static constexpr std::string_view name = "work";

    /// The store must outlive it. `types` are all rows that will ever be asked for.
    static Result<Work> open(Store& store, const std::vector<facts::RowType>& types) {
        CHECK(store.prepare(name, "qingyuan/work", types));
        return Work(store);
    }

    /// Reads on one consistent state.
    template <class Row>
    [[nodiscard]] Result<std::optional<Row>> find(const Key& key) const {
        const auto transaction = TRY(store_->read(name));
        return View<Row>(*transaction).find(key);
    }
    template <class Row>
    [[nodiscard]] Result<std::vector<Row>> list(const Query& query) const {
        const auto transaction = TRY(store_->read(name));
        return View<Row>(*transaction).list(query);
    }
    template <class Row>
    [[nodiscard]] Result<std::uint64_t> count(const std::vector<Condition>& where) const {
        const auto transaction = TRY(store_->read(name));
        return View<Row>(*transaction).count(where);
    }
    /// Runs `change` in one write transaction, alone; durable when it returns. An error undoes it.
    Result<void> write(const std::function<Result<void>(Projections&)>& change) const {
        const auto transaction = TRY(store_->write(name));
        Projections rows(*transaction);
        CHECK(change(rows));
        return transaction->commit();
    }
    template <class Row>
    Result<void> put(Row row) const {
        return write([&](Projections& rows) { return rows.put(std::move(row)); });
    }
    template <class Row>
    Result<void> erase(const Key& key) const {
        return write([&](Projections& rows) { return rows.erase<Row>(key); });
    }

 private:
    explicit Work(Store& store) : store_(&store) {}
    Store* store_;
};

}  // namespace qingyuan::journal
