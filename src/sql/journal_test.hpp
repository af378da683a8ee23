// What the tests of the journal share: a fold of dossiers, facts to write, and a journal opened in a place
// that may be damaged and opened again.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "journal/journal.hpp"
#include "sql/place_test.hpp"
#include "sql/store.hpp"

namespace qingyuan::journal {

using facts::DossierOpened;
using facts::DossierRow;
using facts::Fact;
using facts::StepTaken;

inline const Date day = make_date(2025, 3, 1);

inline Fold dossier_fold() {
    const auto apply = [](const facts::Recorded& recorded, Projections& rows) -> Result<void> {
        const auto seq = static_cast<std::int64_t>(recorded.seq);
        if (const auto* opened = std::get_if<DossierOpened>(&recorded.fact.payload)) {
            DossierRow row;
            row.seq = seq;
            row.id = opened->id;
            row.procedure = opened->procedure;
            row.state = opened->state;
            row.organisation = recorded.fact.organisation;
            row.version = seq;
            return rows.put(std::move(row));
        }
        const auto* step = std::get_if<StepTaken>(&recorded.fact.payload);
        if (!step) return {};
        std::optional<DossierRow> row =
            TRY(rows.find<DossierRow>(Key(static_cast<std::int64_t>(recorded.fact.dossier))));
        if (!row) return Error{ErrorCode::dossier_unknown, "no such dossier"};
        if (step->to == "gone") return rows.erase<DossierRow>(Key(row->seq));
        row->state = step->to;
        row->version = seq;
        row->steps.push_back({seq, step->step, {}, recorded.fact.actor, recorded.fact.happened_on, false});
        return rows.put(*std::move(row));
    };
    return {"dossiers", {DossierRow::row_type}, apply};
}

inline Fact open_dossier(const std::string& id, const std::string& organisation = "hengyang") {
    DossierOpened opened;
    opened.id = id;
    opened.procedure = "inspection";
    opened.state = "planned";
    return {day, organisation, "p1", 0, opened};
}

inline Fact step(std::uint64_t dossier, const std::string& to, const std::string& actor = "p1") {
    StepTaken taken;
    taken.procedure = "inspection";
    taken.step = "go";
    taken.to = to;
    return {day, "hengyang", actor, dossier, taken};
}

/// A journal in a place of the given kind: "memory", "file" or "postgres".
class Bench {
 public:
    explicit Bench(const std::string& kind) : place(kind) {}

    Result<void> open() {
        close();
        store = TRY(sql::open_store(place.url()));
        journal = TRY(Journal::open(*store, clock, options()));
        return {};
    }
    void close() {
        journal.reset();
        store.reset();
    }
    [[nodiscard]] Options options() const {
        Options out;
        out.origin = "test.example/hengyang";
        out.head = place.directory() / "journal.head";
        out.folds = {dossier_fold()};
        out.known = known;
        out.adopt = adopt;
        return out;
    }
    [[nodiscard]] std::vector<DossierRow> rows(const Query& query) const {
        std::vector<DossierRow> out;
        const auto read = journal->read([&](const Reader& reader) -> Result<void> {
            out = TRY(reader.view<DossierRow>().list(query));
            return {};
        });
        EXPECT_TRUE(read) << read.error().text();
        return out;
    }
    /// Two facts a dossier, each dossier one change.
    void fill(int dossiers) {
        for (int i = 0; i < dossiers; ++i) {
            const auto done = journal->write([&](Writer& writer) -> Result<void> {
                const std::uint64_t seq = TRY(writer.append(open_dossier("d" + std::to_string(i)))).seq;
                TRY(writer.append(step(seq, i % 2 == 0 ? "on_site" : "closed")));
                return {};
            });
            ASSERT_TRUE(done) << done.error().text();
        }
    }
    [[nodiscard]] Verification verified(const Checkpoint* outside = nullptr) const {
        Result<Verification> found = verify(*store, "facts", outside);
        EXPECT_TRUE(found) << found.error().text();
        return found ? *std::move(found) : Verification{};
    }

    sql::TestPlace place;
    VirtualClock clock{start_of(day)};
    std::vector<std::filesystem::path> known;
    bool adopt = false;
    std::unique_ptr<Store> store;
    std::unique_ptr<Journal> journal;
};

class OnStore : public testing::TestWithParam<std::string> {
 protected:
    void SetUp() override {
        if (bench.place.url().empty()) GTEST_SKIP() << "QINGYUAN_TEST_POSTGRES names no server";
        const auto opened = bench.open();
        ASSERT_TRUE(opened) << opened.error().text();
    }
    Bench bench{GetParam()};
};

}  // namespace qingyuan::journal
