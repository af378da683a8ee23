// The conformance suite of the connection interface: the same answers from SQLite and PostgreSQL.
#include "sql/database.hpp"

#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "sql/place_test.hpp"

using namespace qingyuan;
using namespace qingyuan::sql;

namespace {

class OnDatabase : public testing::TestWithParam<std::string> {
 protected:
    void SetUp() override {
        place = std::make_unique<TestPlace>(GetParam());
        if (place->url().empty()) GTEST_SKIP() << "QINGYUAN_TEST_POSTGRES names no server";
        database = connect();
        script("CREATE TABLE things (id {integer} PRIMARY KEY, name {text} NOT NULL, body {bytes})");
    }
    [[nodiscard]] std::unique_ptr<Database> connect() const {
        Result<std::unique_ptr<Database>> made = GetParam() == "postgres"
                                                     ? connect_postgres(place->url(), 2'000)
                                                     : connect_sqlite(place->url(), {});
        EXPECT_TRUE(made) << made.error().text();
        return *std::move(made);
    }
    void script(const std::string& text) {
        const auto done = database->script(render(text, database->dialect()));
        ASSERT_TRUE(done) << done.error().text();
    }
    Statement made(const std::string& text) { return {"test", render(text, database->dialect())}; }
    std::vector<std::int64_t> ids(const std::string& tail = "") {
        std::vector<std::int64_t> out;
        const Statement statement = made("SELECT id FROM things " + tail + " ORDER BY id");
        const auto read = database->query(statement, {}, [&](const Row& row) -> Result<void> {
            out.push_back(row.integer(0));
            return {};
        });
        EXPECT_TRUE(read) << read.error().text();
        database->forget();
        return out;
    }

    std::unique_ptr<TestPlace> place;
    std::unique_ptr<Database> database;
};

using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_P(OnDatabase, a_bulk_insert_run_three_times_takes_the_new_values_each_time) {
    const Statement insert = made("INSERT INTO things (id, name, body) {rows integer text bytes}");
    for (std::int64_t round = 0; round < 3; ++round) {
        std::vector<Parameter> values;
        for (std::int64_t i = 0; i < 3; ++i)
            values.insert(values.end(), {Parameter(round * 10 + i), Parameter(std::string_view("x")),
                                         Parameter(Blob{"y"})});
        const auto done = database->bulk(insert, 3, values);
        ASSERT_TRUE(done) << done.error().text();
    }
    EXPECT_EQ(ids(), (Ids{0, 1, 2, 10, 11, 12, 20, 21, 22}));
}

TEST_P(OnDatabase, parameters_are_bound_by_their_number_not_by_where_they_stand) {
    const Statement insert = made("INSERT INTO things (name, body, id) VALUES ($2, $3, $1)");
    const std::array<Parameter, 3> values{std::int64_t{7}, std::string_view("seven"), Blob{"7"}};
    ASSERT_TRUE(database->execute(insert, values));
    const Statement select = made("SELECT name, body FROM things WHERE name = $2 AND id = $1 AND name = $2");
    const std::array<Parameter, 2> wanted{std::int64_t{7}, std::string_view("seven")};
    int rows = 0;
    ASSERT_TRUE(database->query(select, wanted, [&](const Row& row) -> Result<void> {
        EXPECT_EQ(row.text(0), "seven");
        EXPECT_EQ(row.bytes(1), "7");
        ++rows;
        return {};
    }));
    EXPECT_EQ(rows, 1);
    database->forget();
}

TEST_P(OnDatabase, every_value_comes_back_as_it_went_in) {
    const Statement insert = made("INSERT INTO things (id, name, body) {rows integer text bytes}");
    const Statement select = made("SELECT id, name, body FROM things WHERE id = $1");
    std::map<std::int64_t, bool> taken;
    const bool held =
        rc::check("round trip", [&](std::int64_t id, const std::vector<std::uint8_t>& body, bool empty) {
            RC_PRE(!taken[id]);
            taken[id] = true;
            const std::string raw(body.begin(), body.end());
            const std::string name = empty ? "" : "清源'\"$1;--\\" + std::to_string(id);
            const std::array<Parameter, 3> values{id, std::string_view(name),
                                                  empty ? Parameter() : Parameter(Blob{raw})};
            RC_ASSERT(database->bulk(insert, 3, values));
            const std::array<Parameter, 1> key{id};
            int rows = 0;
            RC_ASSERT(database->query(select, key, [&](const Row& row) -> Result<void> {
                RC_ASSERT(row.integer(0) == id);
                RC_ASSERT(row.text(1) == name);
                RC_ASSERT(row.is_null(2) == empty);
                RC_ASSERT(empty || row.bytes(2) == raw);
                ++rows;
                return {};
            }));
            RC_ASSERT(rows == 1);
        });
    EXPECT_TRUE(held);
    database->forget();
}

TEST_P(OnDatabase, a_text_with_a_zero_character_is_refused) {
    const Statement insert = made("INSERT INTO things (id, name) VALUES ($1, $2)");
    const std::array<Parameter, 2> values{std::int64_t{1}, std::string_view("a\0b", 3)};
    EXPECT_EQ(database->execute(insert, values).error().code, ErrorCode::encoding_invalid);
    database->forget();
}

TEST_P(OnDatabase, a_key_given_twice_is_named_and_the_transaction_goes_back) {
    const Statement insert = made("INSERT INTO things (id, name) VALUES ($1, $2)");
    const std::array<Parameter, 2> values{std::int64_t{1}, std::string_view("a")};
    ASSERT_TRUE(database->begin(Begin::write));
    ASSERT_TRUE(database->execute(insert, values));
    EXPECT_EQ(database->execute(insert, values).error().code, ErrorCode::duplicate_key);
    ASSERT_TRUE(database->rollback());
    EXPECT_FALSE(database->in_transaction());
    EXPECT_EQ(ids(), Ids{});
    database->forget();
}

TEST_P(OnDatabase, the_number_of_changed_rows_is_told) {
    script("INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'a'), (3, 'b')");
    const Statement update = made("UPDATE things SET name = $2 WHERE name = $1");
    const std::array<Parameter, 2> values{std::string_view("a"), std::string_view("c")};
    EXPECT_EQ(*database->execute(update, values), 2u);
    database->forget();
}

TEST_P(OnDatabase, an_error_of_the_caller_ends_a_query) {
    script("INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'a'), (3, 'b')");
    const Statement select = made("SELECT id FROM things ORDER BY id");
    int rows = 0;
    const auto read = database->query(select, {}, [&](const Row&) -> Result<void> {
        return ++rows == 2 ? Result<void>(Error{ErrorCode::usage, "enough"}) : Result<void>();
    });
    EXPECT_EQ(read.error().code, ErrorCode::usage);
    EXPECT_EQ(rows, 2);
    database->forget();
}

TEST_P(OnDatabase, a_query_may_run_itself_from_its_own_rows) {
    script("INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'a')");
    const Statement select = made("SELECT id FROM things ORDER BY id");
    int pairs = 0;
    const auto count = [&](const Row&) -> Result<void> {
        ++pairs;
        return {};
    };
    const auto each = [&](const Row&) -> Result<void> { return database->query(select, {}, count); };
    ASSERT_TRUE(database->query(select, {}, each));
    EXPECT_EQ(pairs, 4);
    database->forget();
}

TEST_P(OnDatabase, texts_are_ordered_by_their_bytes) {
    script(
        "INSERT INTO things (id, name) VALUES (1, 'b'), (2, 'B'), (3, 'a_'), (4, 'aa'), (5, '清'), (6, '')");
    const Statement select = made("SELECT id FROM things ORDER BY name");
    Ids order;
    ASSERT_TRUE(database->query(select, {}, [&](const Row& row) -> Result<void> {
        order.push_back(row.integer(0));
        return {};
    }));
    EXPECT_EQ(order, (Ids{6, 2, 3, 4, 1, 5}));
    database->forget();
}

TEST_P(OnDatabase, readers_see_one_state_while_another_connection_writes) {
    const auto reader = connect();
    const Statement count = made("SELECT count(*) FROM things");
    const auto counted = [&] {
        std::int64_t out = -1;
        const auto read = reader->query(count, {}, [&](const Row& row) -> Result<void> {
            out = row.integer(0);
            return {};
        });
        EXPECT_TRUE(read);
        return out;
    };
    ASSERT_TRUE(reader->begin(Begin::read));
    EXPECT_EQ(counted(), 0);
    script("INSERT INTO things (id, name) VALUES (1, 'a')");
    EXPECT_EQ(counted(), 0);
    ASSERT_TRUE(reader->rollback());
    EXPECT_EQ(counted(), 1);
}

TEST_P(OnDatabase, a_statement_that_is_wrong_is_an_error_with_its_name) {
    const Statement wrong{"wrong_statement", "SELEKT 1"};
    const auto read = database->query(wrong, {}, [](const Row&) -> Result<void> { return {}; });
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("wrong_statement"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(places, OnDatabase, testing::Values("file", "postgres"),
                         [](const auto& place) { return place.param; });

TEST(Postgres, a_statement_that_runs_too_long_is_ended) {
    const TestPlace place("postgres");
    if (place.url().empty()) GTEST_SKIP() << "QINGYUAN_TEST_POSTGRES names no server";
    const auto database = connect_postgres(place.url(), 100);
    ASSERT_TRUE(database);
    const Statement sleep{"sleep", "SELECT pg_sleep(5)"};
    EXPECT_EQ((*database)->query(sleep, {}, [](const Row&) -> Result<void> { return {}; }).error().code,
              ErrorCode::overloaded);
}

TEST(Postgres, a_server_that_is_not_there_is_a_failure_with_a_next_step) {
    const auto database = connect_postgres("postgresql:///x?host=%2Fnonexistent&connect_timeout=1");
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, ErrorCode::store_unavailable);
    EXPECT_FALSE(database.error().next.empty());
}

TEST(Sqlite, a_file_that_is_no_database_is_named) {
    const TestPlace place("file");
    { std::ofstream(place.url()) << std::string(4'096, 'x'); }
    const auto database = connect_sqlite(place.url(), {});
    ASSERT_FALSE(database);
    EXPECT_EQ(database.error().code, ErrorCode::store_corrupt);
    EXPECT_EQ(database.error().where, place.url());
    EXPECT_FALSE(database.error().next.empty());
}

TEST(Statement, is_rendered_for_each_dialect) {
    const std::string text = "INSERT INTO {journal}_x (a, b) {rows integer bytes} {for_update}";
    EXPECT_EQ(render(text, Dialect::sqlite, "facts"), "INSERT INTO facts_x (a, b) VALUES ($1, $2) ");
    EXPECT_EQ(render(text, Dialect::postgres, "facts"),
              "INSERT INTO facts_x (a, b) SELECT * FROM unnest($1::bigint[], $2::bytea[]) FOR UPDATE");
}
