// What the tests of access stand on: a small country in a store. Organisations of every department, people of
// every role, operators, dossiers, grants, recusals. Rows are written directly; what a stage function returns
// goes through the fold.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "access/grants.hpp"
#include "access/table.hpp"
#include "journal/work.hpp"
#include "sql/place_test.hpp"
#include "sql/store.hpp"

namespace qingyuan::access {

inline const Date day = make_date(2025, 7, 1);

template <class T>
T must(Result<T> result) {
    if (!result) ADD_FAILURE() << result.error().text();
    QY_ASSERT(result.has_value());
    return *std::move(result);
}
inline void must(const Result<void>& result) {
    if (!result) ADD_FAILURE() << result.error().text();
    QY_ASSERT(result.has_value());
}

class World {
 public:
    explicit World(const std::string& kind = "memory") : place_(kind) {
        if (place_.url().empty()) return;
        store_ = must(sql::open_store(place_.url()));
        std::vector<facts::RowType> types = fold().types;
        types.insert(types.end(), {facts::OrganisationRow::row_type, facts::OperatorRow::row_type,
                                   facts::PersonRow::row_type, facts::PlaceRow::row_type,
                                   facts::DossierRow::row_type, facts::InvolvementRow::row_type});
        work_ = std::make_unique<journal::Work>(must(journal::Work::open(*store_, types)));
    }
    /// No server is named for this kind of store.
    [[nodiscard]] bool absent() const { return !store_; }

    /// The path stops where the department changes.
    void organisation(const std::string& id, const std::string& parent, const std::string& department,
                      const std::string& kind = "authority", Date ended = {},
                      const std::string& successor = {}) {
        facts::OrganisationRow row;
        row.id = id;
        row.parent = parent;
        row.department = department;
        row.ended_on = ended;
        row.successor = successor;
        row.versions = {{.id = id,
                         .parent = parent,
                         .department = department,
                         .kind = kind,
                         .from = make_date(2019, 1, 1)}};
        facts::PlaceRow place;
        place.id = id;
        const std::string& under = successor.empty() ? parent : successor;
        const auto above = under.empty() ? std::nullopt : must(work_->find<facts::PlaceRow>(under));
        const auto owner = under.empty() ? std::nullopt : must(work_->find<facts::OrganisationRow>(under));
        place.path = (above && same_department(owner->department, department) ? above->path : "") + id + "/";
        must(work_->put(place));
        must(work_->put(row));
    }
    void firm(const std::string& id, const std::string& organisation) {
        facts::OperatorRow row;
        row.id = id;
        row.organisation = organisation;
        row.versions = {{.id = id, .organisation = organisation, .from = make_date(2019, 1, 1)}};
        must(work_->put(row));
    }
    void person(const std::string& id, const std::string& organisation, std::vector<std::string> roles,
                const std::string& certificate = {}, Date to = {}) {
        facts::PersonRow row;
        row.id = id;
        row.organisation = organisation;
        row.versions = {{.id = id,
                         .organisation = organisation,
                         .roles = std::move(roles),
                         .certificate = certificate,
                         .from = make_date(2019, 1, 1),
                         .to = to}};
        must(work_->put(row));
    }
    facts::DossierRow dossier(std::int64_t seq, const std::string& organisation,
                              const std::string& procedure = "penalty_case",
                              const std::string& state = "filed", const std::string& firm = {}) {
        facts::DossierRow row;
        row.seq = seq;
        row.id = fmt::format("d-{}", seq);
        row.procedure = procedure;
        row.state = state;
        row.organisation = organisation;
        row.operator_id = firm;
        row.path = must(work_->find<facts::PlaceRow>(organisation)).value_or(facts::PlaceRow{}).path;
        row.version = seq;
        return row;
    }
    void put(const facts::DossierRow& row) {
        must(work_->write([&](journal::Projections& rows) -> Result<void> {
            for (const std::string& person : row.recused)
                CHECK(rows.put(facts::InvolvementRow{fmt::format("recused/{}/{}", row.seq, person), person,
                                                     row.seq, "recused"}));
            return rows.put(row);
        }));
    }
    template <class Row>
    void put_row(Row row) {
        must(work_->put(std::move(row)));
    }
    /// Folds the fact as the journal would.
    void apply(const facts::Fact& fact) {
        must(facts::check(fact));
        const facts::Recorded recorded{++facts_, start_of(fact.happened_on), fact};
        must(work_->write(
            [&](journal::Projections& rows) -> Result<void> { return fold().apply(recorded, rows); }));
    }
    void apply(Result<facts::Fact> fact) { apply(must(std::move(fact))); }

    template <class Look>
    auto look(const Look& look) const {
        const auto transaction = must(store_->read(journal::Work::name));
        const journal::Reader reader(*transaction);
        return look(reader);
    }
    [[nodiscard]] Subject subject(const std::string& person, Date today = day) const {
        return look([&](const journal::Reader& reader) { return must(subject_of(reader, person, today)); });
    }
    [[nodiscard]] Object object(const facts::DossierRow& row) const {
        return look([&](const journal::Reader& reader) { return must(object_of(reader, row)); });
    }
    [[nodiscard]] const journal::Work& work() const { return *work_; }

 private:
    sql::TestPlace place_;
    std::unique_ptr<journal::Store> store_;
    std::unique_ptr<journal::Work> work_;
    std::uint64_t facts_ = 1'000'000;
};

}  // namespace qingyuan::access
