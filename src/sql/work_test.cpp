// Working state on a database: writers at one moment are written together, and each has its own outcome.
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "journal/work.hpp"
#include "sql/place_test.hpp"
#include "sql/store.hpp"

namespace qingyuan::journal {

namespace {

class OnWork : public testing::TestWithParam<std::string> {};

facts::RequestRow row_of(const std::string& key, std::int64_t at) {
    return {.key = key, .digest = {}, .status = 200, .body = {}, .etag = {}, .at = at};
}

TEST_P(OnWork, many_writers_at_once_each_have_their_own_outcome) {
    const sql::TestPlace place(GetParam());
    if (place.url().empty()) GTEST_SKIP() << "QINGYUAN_TEST_POSTGRES names no server";
    const auto store = sql::open_store(place.url()).value();
    const Work work = Work::open(*store, {facts::RequestRow::row_type}).value();
    constexpr int writers = 8, rounds = 25;
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer)
        threads.emplace_back([&work, writer] {
            for (int i = 0; i < rounds; ++i) {
                const std::string key = std::to_string(writer) + "/" + std::to_string(i);
                // Every third writes and then thinks better of it; all of them count in one row.
                const bool refuses = i % 3 == 2;
                const auto done = work.write([&](Projections& rows) -> Result<void> {
                    const auto before = TRY(rows.find<facts::RequestRow>(Key(std::string("sum"))));
                    facts::RequestRow sum = before.value_or(row_of("sum", 0));
                    ++sum.at;
                    CHECK(rows.put(sum));
                    CHECK(rows.put(row_of(key, i)));
                    return refuses ? Result<void>(Error{ErrorCode::wrong_state, key}) : Result<void>();
                });
                ASSERT_EQ(static_cast<bool>(done), !refuses) << key;
                if (refuses) { EXPECT_EQ(done.error().message, key); }
                // Durable and to be seen as soon as it was acknowledged; never where it was refused.
                const auto found = work.find<facts::RequestRow>(Key(key));
                ASSERT_TRUE(found) << found.error().text();
                EXPECT_EQ(found->has_value(), !refuses) << key;
            }
        });
    threads.clear();
    const auto sum = work.find<facts::RequestRow>(Key(std::string("sum"))).value();
    ASSERT_TRUE(sum);
    EXPECT_EQ(sum->at, writers * (rounds - rounds / 3));
    EXPECT_EQ(work.count<facts::RequestRow>({}).value(), static_cast<std::uint64_t>(sum->at) + 1);
}

INSTANTIATE_TEST_SUITE_P(Stores, OnWork, testing::Values("memory", "file", "postgres"),
                         [](const auto& kind) { return kind.param; });

}  // namespace

}  // namespace qingyuan::journal
