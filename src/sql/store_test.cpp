// The journal on a database: one suite for SQLite in memory, SQLite on file and PostgreSQL.
#include <thread>

#include <sys/wait.h>

#include "sql/database.hpp"
#include "sql/journal_test.hpp"

using namespace qingyuan;
using namespace qingyuan::journal;

TEST_P(OnStore, facts_are_there_after_reopening_and_folded) {
    ASSERT_TRUE(bench.journal->append({open_dossier("a"), open_dossier("b"), step(1, "on_site")}));
    if (GetParam() != "memory") { ASSERT_TRUE(bench.open()); }
    const auto read = bench.journal->read([&](const Reader& reader) -> Result<void> {
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
    ASSERT_TRUE(bench.journal->append({open_dossier("a")}));
    const auto before = bench.journal->checkpoint();
    const auto refused = bench.journal->write([&](Writer& writer) -> Result<void> {
        TRY(writer.append(step(1, "on_site")));
        const auto row = TRY(writer.view<DossierRow>().find(Key(std::int64_t{1})));
        EXPECT_EQ(row.value().state, "on_site");
        EXPECT_EQ(TRY(writer.view<DossierRow>().count({{"state", Compare::equal, {"on_site"}}})), 1u);
        EXPECT_EQ(TRY(writer.fact(2)).seq, 2u);
        return Error{ErrorCode::wrong_state, "no"};
    });
    EXPECT_EQ(refused.error().code, ErrorCode::wrong_state);
    EXPECT_EQ(*bench.journal->checkpoint(), *before);
    EXPECT_EQ(bench.rows({}).at(0).state, "planned");
}

TEST_P(OnStore, a_swallowed_refusal_still_undoes_the_change) {
    const auto swallowed = bench.journal->write([&](Writer& writer) -> Result<void> {
        TRY(writer.append(open_dossier("a")));
        (void)writer.append(step(1'000, "on_site"));
        return {};
    });
    EXPECT_EQ(swallowed.error().code, ErrorCode::dossier_unknown);
    EXPECT_EQ(bench.journal->checkpoint()->size, 0u);
}

TEST_P(OnStore, rows_are_listed_by_conditions_order_and_page) {
    std::vector<Fact> work;
    for (int i = 0; i < 20; ++i)
        work.push_back(
            open_dossier(std::string(1, static_cast<char>('a' + i)), i % 3 == 0 ? "leiyang" : "hengyang"));
    work.push_back(step(4, "on_site"));
    ASSERT_TRUE(bench.journal->append(std::move(work)));
    const auto ids = [&](const Query& query) {
        std::string out;
        for (const DossierRow& row : bench.rows(query)) out += row.id;
        return out;
    };
    EXPECT_EQ(ids({}), "abcdefghijklmnopqrst");
    EXPECT_EQ(ids({.where = {{"organisation", Compare::equal, {"leiyang"}}}}), "adgjmps");
    EXPECT_EQ(ids({.where = {{"organisation", Compare::equal, {"leiyang"}},
                             {"state", Compare::not_equal, {"planned"}}}}),
              "d");
    EXPECT_EQ(ids({.where = {{"id", Compare::one_of, {"c", "a", "b", "z", "e"}}}}), "abce");
    EXPECT_EQ(ids({.where = {{"id", Compare::one_of, {}}}}), "");
    EXPECT_EQ(
        ids({.where = {{"organisation", Compare::prefix, {"lei"}}, {"id", Compare::less_equal, {"d"}}}}),
        "ad");
    EXPECT_EQ(ids({.where = {{"seq", Compare::greater, {std::int64_t{18}}}}}), "st");
    EXPECT_EQ(ids({.order_by = "organisation", .descending = true, .limit = 3}), "spm");
    EXPECT_EQ(ids({.order_by = "organisation",
                   .limit = 2,
                   .after_order = "hengyang",
                   .after_key = std::int64_t{20}}),
              "ad");
    EXPECT_EQ(ids({.limit = 2, .after_key = std::int64_t{3}}), "de");
    EXPECT_EQ(ids({.where = {{"id", Compare::equal, {"' OR 1 = 1 --"}}}}), "");
}

TEST_P(OnStore, a_row_that_is_erased_and_a_row_folded_twice_in_one_change) {
    ASSERT_TRUE(bench.journal->append(
        {open_dossier("a"), open_dossier("b"), step(1, "on_site"), step(1, "closed"), step(2, "gone")}));
    const auto rows = bench.rows({});
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].state, "closed");
    EXPECT_EQ(rows[0].steps.size(), 2u);
}

TEST_P(OnStore, recorded_at_never_goes_back) {
    ASSERT_TRUE(bench.journal->append({open_dossier("a")}));
    bench.clock.set(Instant{0});
    ASSERT_TRUE(bench.journal->append({step(1, "on_site")}));
    const auto read = bench.journal->read([&](const Reader& reader) -> Result<void> {
        EXPECT_EQ(TRY(reader.fact(2)).recorded_at, start_of(day));
        return {};
    });
    EXPECT_TRUE(read);
}

TEST_P(OnStore, many_threads_write_one_order_and_lose_nothing) {
    constexpr int writers = 6, each = 25;
    std::vector<std::thread> threads;
    std::atomic<int> failed{0};
    for (int w = 0; w < writers; ++w)
        threads.emplace_back([&, w] {
            for (int i = 0; i < each; ++i)
                if (!bench.journal->append({open_dossier(std::to_string(w) + "/" + std::to_string(i))}))
                    ++failed;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failed, 0);
    const Verification found = bench.verified();
    EXPECT_EQ(found.problem, "");
    EXPECT_EQ(found.size, static_cast<std::uint64_t>(writers * each));
    std::array<int, writers> next{};
    for (const DossierRow& row : bench.rows({})) {
        const auto writer = static_cast<std::size_t>(row.id[0] - '0');
        EXPECT_EQ(row.id, std::to_string(writer) + "/" + std::to_string(next[writer]++));
    }
}

TEST_P(OnStore, one_refused_change_does_not_take_its_neighbours_with_it) {
    std::vector<std::thread> threads;
    std::atomic<int> refused{0};
    for (int w = 0; w < 8; ++w)
        threads.emplace_back([&, w] {
            for (int i = 0; i < 10; ++i) {
                const auto done = bench.journal->write([&](Writer& writer) -> Result<void> {
                    TRY(writer.append(open_dossier("x")));
                    return w % 2 == 0 ? Result<void>() : Result<void>(Error{ErrorCode::wrong_state, "no"});
                });
                if (!done) ++refused;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(refused, 40);
    EXPECT_EQ(bench.verified().size, 40u);
    EXPECT_EQ(bench.rows({}).size(), 40u);
}

TEST_P(OnStore, a_rebuild_gives_the_same_rows_and_mends_a_damaged_one) {
    bench.fill(30);
    const auto first = rebuild(*bench.store, bench.options());
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_EQ(first->before, first->after);
    EXPECT_EQ(first->facts, 60u);
    EXPECT_NE(first->after, sm3({}));
    if (GetParam() != "file") return;
    const auto raw = sql::connect_sqlite(bench.place.url(), {});
    ASSERT_TRUE((*raw)->script("UPDATE dossiers SET state = 'changed' WHERE seq = 3"));
    EXPECT_NE(bench.verified().problem.find("checksum"), std::string::npos);
    const auto second = rebuild(*bench.store, bench.options());
    EXPECT_NE(second->before, second->after);
    EXPECT_EQ(second->after, first->after);
    EXPECT_EQ(bench.verified().problem, "");
}

INSTANTIATE_TEST_SUITE_P(places, OnStore, testing::Values("memory", "file", "postgres"),
                         [](const auto& place) { return place.param; });

TEST(Stores, equal_journals_have_equal_dumps_on_every_database) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        std::optional<Digest> dump, root;
        for (const char* kind : {"memory", "file", "postgres"}) {
            Bench bench(kind);
            if (bench.place.url().empty()) continue;
            ASSERT_TRUE(bench.open());
            ASSERT_TRUE(bench.journal->append({open_dossier("a")}));
            std::uint64_t size = 1, state = seed, refused = 0;
            for (int i = 0; i < 40; ++i) {
                state = state * 6364136223846793005 + 1442695040888963407;
                const std::uint64_t what = state >> 33;
                // A step of a fact that opened no dossier is refused; then nothing of it may remain.
                const Fact fact =
                    what % 3 == 0
                        ? open_dossier(std::to_string(what))
                        : step(what % size + 1, what % 7 == 0 ? "gone" : "s" + std::to_string(what % 5));
                const bool done = bench.journal->append({fact}).has_value();
                ++(done ? size : refused);
            }
            EXPECT_GT(size, 5u);
            EXPECT_GT(refused, 0u);
            const auto rebuilt = rebuild(*bench.store, bench.options());
            ASSERT_TRUE(rebuilt) << rebuilt.error().text();
            EXPECT_EQ(rebuilt->before, rebuilt->after);
            EXPECT_TRUE(!dump || *dump == rebuilt->after) << kind;
            EXPECT_TRUE(!root || *root == bench.journal->checkpoint()->root) << kind;
            dump = rebuilt->after;
            root = bench.journal->checkpoint()->root;
        }
    }
}

TEST(Stores, processes_on_one_database_write_one_order) {
    for (const char* kind : {"file", "postgres"}) {
        const sql::TestPlace place(kind);
        if (place.url().empty()) continue;
        const VirtualClock clock(start_of(day));
        constexpr int processes = 3, each = 20;
        Options options;
        options.origin = "test.example/many";
        options.head = place.directory() / "journal.head";
        options.folds = {dossier_fold()};
        const auto work = [&](int number) {
            auto store = sql::open_store(place.url());
            if (!store) return false;
            auto journal = Journal::open(**store, clock, options);
            bool well = journal.has_value();
            for (int i = 0; i < each && well; ++i)
                well = (*journal)->append({open_dossier(fmt::format("{}/{}", number, i))}).has_value();
            return well;
        };
        std::vector<pid_t> children;
        for (int number = 0; number < processes; ++number) {
            const pid_t child = ::fork();
            if (child == 0) ::_exit(work(number) ? 0 : 1);
            children.push_back(child);
        }
        for (const pid_t child : children) {
            int status = -1;
            ::waitpid(child, &status, 0);
            EXPECT_EQ(status, 0) << kind;
        }
        auto store = sql::open_store(place.url());
        ASSERT_TRUE(store);
        auto known = known_checkpoints(options, processes * each);
        ASSERT_TRUE(known);
        EXPECT_EQ(known->size(), 2u);
        const auto found = verify(**store, "facts", *std::move(known));
        ASSERT_TRUE(found);
        EXPECT_EQ(found->problem, "") << kind;
        EXPECT_EQ(found->size, static_cast<std::uint64_t>(processes * each)) << kind;
    }
}

TEST(Stores, a_newer_schema_and_another_journal_are_refused) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    Options other = bench.options();
    other.origin = "test.example/elsewhere";
    EXPECT_EQ(Journal::open(*bench.store, bench.clock, other).error().code, ErrorCode::usage);
    ASSERT_TRUE(
        (*sql::connect_sqlite(bench.place.url(), {}))->script("INSERT INTO qingyuan_schema VALUES (99)"));
    bench.close();
    const auto newer = sql::open_store(bench.place.url());
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, ErrorCode::store_newer);
}

TEST(Stores, a_row_type_that_changed_is_folded_again_at_the_next_start) {
    Bench bench("file");
    ASSERT_TRUE(bench.open());
    bench.fill(10);
    ASSERT_TRUE((*sql::connect_sqlite(bench.place.url(), {}))
                    ->script("UPDATE qingyuan_projections SET shape = 'older'"));
    ASSERT_TRUE(bench.open());
    EXPECT_EQ(bench.rows({}).size(), 10u);
    EXPECT_EQ(bench.verified().problem, "");
}

TEST(Stores, a_table_without_a_fold_is_an_error_not_a_crash) {
    Bench bench("memory");
    ASSERT_TRUE(bench.open());
    const auto read = bench.journal->read([](const Reader& reader) -> Result<void> {
        TRY(reader.view<facts::OperatorRow>().find(Key("x")));
        return {};
    });
    EXPECT_EQ(read.error().code, ErrorCode::store_unavailable);
}
