// The life of a published report, on a real journal.
#include <memory>

#include "account/play_test.hpp"
#include "account/publication.hpp"
#include "journal/journal.hpp"
#include "sql/store.hpp"

namespace qingyuan::account {
namespace {

/// A city in a journal of its own; an index that follows it.
class Publication : public testing::Test {
 protected:
    void SetUp() override {
        store = *sql::open_store("sqlite::memory:");
        journal = *journal::Journal::open(*store, clock, {.origin = "city", .head = {}, .folds = {fold()}});
        dossier = play.open("inspection", "north", may, "firm_a");
        play.step(dossier, "sign", may);
    }
    /// Brings what was played since to the journal.
    void follow() {
        std::vector<facts::Fact> facts;
        for (; written < play.records.size(); ++written) facts.push_back(play.records[written].fact);
        const auto done = journal->append(std::move(facts));
        ASSERT_TRUE(done) << done.error().text();
    }
    [[nodiscard]] Report report(std::uint64_t as_of = 0) const { return half(play, as_of); }
    [[nodiscard]] static Mover mover(const std::string& person, const std::string& role) {
        return {person, "city", {role}, may};
    }
    /// What one of the four decides on the journal as it stands.
    template <class Decide>
    Result<facts::Fact> decided(Decide decide) {
        follow();
        Result<facts::Fact> out = Error{ErrorCode::io_failed, "not asked"};
        const auto looked = journal->read([&](const journal::Reader& reader) -> Result<void> {
            out = decide(reader);
            return {};
        });
        EXPECT_TRUE(looked);
        return out;
    }
    Result<facts::Fact> approved(const Report& of, const Digest& manifest, const Mover& by) {
        return decided([&](const journal::Reader& reader) { return approve(reader, of, manifest, by); });
    }
    Result<facts::Fact> frozen(const Report& of, const Digest& manifest, const Mover& by) {
        return decided([&](const journal::Reader& reader) { return freeze(reader, of, manifest, by); });
    }
    Result<facts::Fact> published(const Report& of, const Mover& by) {
        return decided([&](const journal::Reader& reader) { return publish(reader, of, by); });
    }
    Result<facts::Fact> restated(const Report& before, const Report& now, std::string_view reason,
                                 const Mover& by) {
        return decided(
            [&](const journal::Reader& reader) { return restate(reader, before, now, digest, reason, by); });
    }
    void take(const Result<facts::Fact>& fact) {
        ASSERT_TRUE(fact) << fact.error().text();
        play.add(*fact);
        follow();
    }
    [[nodiscard]] facts::ReportRow row() {
        facts::ReportRow out;
        const auto looked = journal->read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(standing(reader, "half", "city", "2025-H1"));
            return {};
        });
        EXPECT_TRUE(looked);
        return out;
    }

    Play play{book()};
    std::size_t written = 0;
    std::uint64_t dossier = 0;
    VirtualClock clock{start_of(make_date(2025, 7, 5))};
    std::unique_ptr<journal::Store> store;
    std::unique_ptr<journal::Journal> journal;
    const Mover clerk = mover("clerk", "statistician");
    const Mover chief = mover("chief", "report_approver");
    const Digest digest = sm3("manifest");
};

TEST_F(Publication, goes_from_approval_to_publication) {
    EXPECT_EQ(row().state, "draft");
    EXPECT_EQ(frozen(report(), digest, clerk).error().code, ErrorCode::approval_missing);
    EXPECT_EQ(approved(report(), digest, clerk).error().code, ErrorCode::wrong_role);
    const auto approved_at = play.index.applied();
    take(approved(report(), digest, chief));
    EXPECT_EQ(row().state, "approved");
    EXPECT_EQ(published(report(), chief).error().code, ErrorCode::not_frozen);
    EXPECT_EQ(frozen(report(), digest, clerk).error().code, ErrorCode::manifest_mismatch)
        << "the journal has grown since";
    EXPECT_EQ(frozen(report(approved_at), sm3("other"), clerk).error().code, ErrorCode::manifest_mismatch);
    EXPECT_EQ(frozen(report(approved_at), digest, mover("chief", "statistician")).error().code,
              ErrorCode::same_person);
    take(frozen(report(approved_at), digest, clerk));
    EXPECT_EQ(static_cast<std::uint64_t>(row().as_of), approved_at);
    EXPECT_EQ(approved(report(), digest, chief).error().code, ErrorCode::already_frozen);
    EXPECT_EQ(frozen(report(approved_at), digest, clerk).error().code, ErrorCode::already_frozen);
    take(published(report(approved_at), chief));
    EXPECT_EQ(row().state, "published");
    EXPECT_EQ(published(report(approved_at), chief).error().code, ErrorCode::wrong_state);
}

TEST_F(Publication, is_reopened_only_by_a_restatement_with_a_reason) {
    const auto approved_at = play.index.applied();
    EXPECT_EQ(restated(report(), report(), "late entry", clerk).error().code, ErrorCode::not_frozen);
    take(approved(report(), digest, chief));
    take(frozen(report(approved_at), digest, clerk));
    EXPECT_EQ(restated(report(approved_at), report(), "late entry", clerk).error().code,
              ErrorCode::condition_unmet)
        << "nothing has changed";
    play.step(play.open("inspection", "north", may, "firm_b"), "sign", may);
    EXPECT_EQ(restated(report(approved_at), report(), "  ", clerk).error().code, ErrorCode::field_missing);
    EXPECT_EQ(restated(report(), report(), "late entry", clerk).error().code, ErrorCode::manifest_mismatch);
    EXPECT_EQ(restated(report(approved_at), report(), "late entry", chief).error().code,
              ErrorCode::wrong_role);
    const auto fact = restated(report(approved_at), report(), "late entry", clerk);
    ASSERT_TRUE(fact);
    const auto& reason = std::get<facts::ReportMoved>(fact->payload).reason;
    EXPECT_NE(reason.find("late entry: visits 1 → 2"), std::string::npos) << reason;
    take(fact);
    EXPECT_EQ(row().state, "draft");
    take(approved(report(), digest, chief));
}

TEST_F(Publication, is_refused_while_an_identity_is_broken) {
    play.step(play.open("order", "north", make_date(2025, 8, 1), "firm_a"), "pass", make_date(2025, 2, 1));
    EXPECT_EQ(approved(report(), digest, chief).error().code, ErrorCode::identity_broken);
}

TEST_F(Publication, keeps_every_statement_of_a_reported_figure) {
    for (const std::int64_t value : {10, 11}) play.reported("national", "2022", value);
    follow();
    const auto looked = journal->read([&](const journal::Reader& reader) -> Result<void> {
        const auto figure =
            TRY(reader.view<facts::ReportedFigureRow>().find(std::string("national/cn/2022")));
        EXPECT_EQ(figure->statements.size(), 2u);
        EXPECT_EQ(figure->statements.back().numerator, 11);
        return {};
    });
    EXPECT_TRUE(looked);
}

TEST_F(Publication, is_computed_alike_from_the_journal) {
    follow();
    Index index(book());
    const auto looked = journal->read([&](const journal::Reader& reader) -> Result<void> {
        CHECK(index.catch_up(reader));
        EXPECT_EQ(TRY(seq_at(reader, clock.now())), index.applied());
        EXPECT_EQ(seq_at(reader, start_of(make_date(2020, 1, 1))).error().code, ErrorCode::record_unknown);
        return {};
    });
    ASSERT_TRUE(looked) << looked.error().text();
    EXPECT_EQ(index.applied(), play.index.applied());
    const auto again = compute(index, {"half", "city", *parse_period("2025-H1"), 0, true});
    EXPECT_TRUE(changes(report(), *again).empty());
    EXPECT_EQ(index.recorded_on(1), make_date(2025, 7, 5));
}

}  // namespace
}  // namespace qingyuan::account
