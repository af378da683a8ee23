// Working state: sessions, jobs, upload chunks, notices, saved views. Rows like those of projections, in a
// store of their own (SQLite) or the same database (PostgreSQL), but no fact makes them: they are written
// directly and a rebuild does not know them. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "journal/group.hpp"
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
    /// Runs `change` in a write transaction, with what others want written at the same moment; durable when
    /// it returns. An error undoes it, and it alone. The change may run on another writer's thread.
    Result<void> write(const std::function<Result<void>(Projections&)>& change) const {
        return writers_->write(change, [store = store_](const Writers::Requests& group) {
            if (const Result<void> done = together(*store, group); !done)
                for (auto* const one : group)
                    if (one->result) one->result = done.error();
        });
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
    using Writers = Group<std::function<Result<void>(Projections&)>>;

    explicit Work(Store& store) : store_(&store) {}

    static Result<void> together(Store& store, const Writers::Requests& group) {
        const auto transaction = TRY(store.write(name));
        Projections rows(*transaction);
        if (group.size() == 1) {
            CHECK((*group.front()->change)(rows));
            return transaction->commit();
        }
        for (auto* const one : group) {
            CHECK(transaction->savepoint());
            one->result = (*one->change)(rows);
            CHECK(one->result ? transaction->release() : transaction->rollback_to());
        }
        return transaction->commit();
    }

    Store* store_;
    std::shared_ptr<Writers> writers_ = std::make_shared<Writers>();
};

}  // namespace qingyuan::journal
