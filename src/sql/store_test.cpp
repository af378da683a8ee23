// The journal on a database: one suite for SQLite in memory, SQLite on file and PostgreSQL.
#include "sql/store.hpp"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "journal/journal.hpp"
#include "sql/place_test.hpp"

using namespace qingyuan;
using namespace qingyuan::journal;
using facts::DossierOpened;
using facts::DossierRow;
using facts::Fact;
using facts::StepTaken;

namespace {

const Date day = make_date(2025, 3, 1);

Fold dossier_fold() {
    return {"dossiers", {DossierRow::row_type}, [](const facts::Recorded& recorded, Projections& rows) -> Result<void> {
        if (const auto* opened = std::get_if<DossierOpened>(&recorded.fact.payload)) {
            DossierRow row;
            row.seq = static_cast<std::int64_t>(recorded.seq);
            row.id = opened->id;
            row.procedure = opened->procedure;
            row.state = opened->state;
            row.organisation = recorded.fact.organisation;
            row.version = row.seq;
            return rows.put(row);
        }
        if (const auto* step = std::get_if<StepTaken>(&recorded.fact.payload)) {
            std::optional<DossierRow> row = TRY(rows.find<DossierRow>(Key(static_cast<std::int64_t>(recorded.fact.dossier))));
            if (!row) return Error{ErrorCode::dossier_unknown, "no such dossier"};
            row->state = step->to;
            row->version = static_cast<std::int64_t>(recorded.seq);
            row->steps.push_back({static_cast<std::int64_t>(recorded.seq), step->step, {}, recorded.fact.actor, recorded.fact.happened_on, false});
            return rows.put(*row);
        }
        return {};
    }};
}

Fact open_dossier(const std::string& id, const std::string& organisation = "hengyang") {
    DossierOpened opened;
    opened.id = id;
    opened.procedure = "inspection";
    opened.state = "planned";
    return {day, organisation, "p1", 0, opened};
}

Fact step(std::uint64_t dossier, const std::string& to) {
    StepTaken taken;
    taken.procedure = "inspection";
    taken.step = "go";
    taken.to = to;
    return {day, "hengyang", "p1", dossier, taken};
}

class OnStore : public testing::TestWithParam<std::string> {
   protected:
    void SetUp() override {
        place = std::make_unique<sql::TestPlace>(GetParam());
        if (place->url().empty()) GTEST_SKIP() << "QINGYUAN_TEST_POSTGRES names no server";
        reopen();
    }
    void reopen() {
        journal.reset();
        store.reset();
        auto opened = sql::open_store(place->url());
        ASSERT_TRUE(opened) << opened.error().text();
        store = *std::move(opened);
        auto made = Journal::open(*store, clock, options());
        ASSERT_TRUE(made) << made.error().text();
        journal = *std::move(made);
    }
    [[nodiscard]] Options options() const {
        Options out;
        out.origin = "test.example/hengyang";
        out.head = place->directory() / "journal.head";
        out.folds = {dossier_fold()};
        return out;
    }
    [[nodiscard]] std::vector<DossierRow> rows(const Query& query) {
        std::vector<DossierRow> out;
        const auto read = journal->read([&](const Reader& reader) -> Result<void> {
            out = TRY(reader.view<DossierRow>().list(query));
            return {};
        });
        EXPECT_TRUE(read) << read.error().text();
        return out;
    }

    std::unique_ptr<sql::TestPlace> place;
    VirtualClock clock{start_of(day)};
    std::unique_ptr<Store> store;
    std::unique_ptr<Journal> journal;
};

}  // namespace

TEST_P(OnStore, facts_are_there_after_reopening_and_folded) {
    ASSERT_TRUE(journal->append({open_dossier("a"), open_dossier("b"), step(1, "on_site")}));
    if (GetParam() != "memory") reopen();
    const auto read = journal->read([&](const Reader& reader) -> Result<void> {
        EXPECT_EQ(TRY(reader.head()).size, 3u);
        EXPECT_EQ(TRY(reader.facts_of(1)), (std::vector<std::uint64_t>{1, 3}));
        const auto row = TRY(reader.view<DossierRow>().find(Key(std::int64_t{1})));
        EXPECT_EQ(row.value().state, "on_site");
        EXPECT_EQ(std::get<StepTaken>(TRY(reader.fact(3)).fact.payload).to, "on_site");
        EXPECT_EQ(reader.fact(4).error().code, ErrorCode::record_unknown);
        return {};
    });
    ASSERT_TRUE(read) << read.error().text();
}

TEST_P(OnStore, a_change_sees_what_it_wrote_and_an_error_undoes_it_all) {
    ASSERT_TRUE(journal->append({open_dossier("a")}));
    const auto before = journal->checkpoint();
    const auto refused = journal->write([&](Writer& writer) -> Result<void> {
        TRY(writer.append(step(1, "on_site")));
        const auto row = TRY(writer.view<DossierRow>().find(Key(std::int64_t{1})));
        EXPECT_EQ(row.value().state, "on_site");
        EXPECT_EQ(TRY(writer.view<DossierRow>().count({{"state", Compare::equal, {"on_site"}}})), 1u);
        EXPECT_EQ(TRY(writer.fact(2)).seq, 2u);
        return Error{ErrorCode::wrong_state, "no"};
    });
    EXPECT_EQ(refused.error().code, ErrorCode::wrong_state);
    EXPECT_EQ(*journal->checkpoint(), *before);
    EXPECT_EQ(rows({}).at(0).state, "planned");
}

TEST_P(OnStore, a_swallowed_refusal_still_undoes_the_change) {
    const auto swallowed = journal->write([&](Writer& writer) -> Result<void> {
        TRY(writer.append(open_dossier("a")));
        (void)writer.append(step(1'000, "on_site"));
        return {};
    });
    EXPECT_EQ(swallowed.error().code, ErrorCode::dossier_unknown);
    EXPECT_EQ(journal->checkpoint()->size, 0u);
}

INSTANTIATE_TEST_SUITE_P(places, OnStore, testing::Values("memory", "file", "postgres"), [](const auto& place) { return place.param; });
