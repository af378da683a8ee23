#include "http/rate_limiter.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace qingyuan::http {

using std::chrono::seconds;
constexpr std::int64_t second = 1'000'000;

TEST(rate_limiter, allows_a_burst_and_then_the_rate) {
    RateLimiter limiter;
    const Budget budget{60, seconds(60)};
    for (int i = 0; i < 60; ++i) EXPECT_FALSE(limiter.take("a", budget, {0}));
    EXPECT_EQ(limiter.take("a", budget, {0}), seconds(1));
    EXPECT_FALSE(limiter.take("b", budget, {0})) << "another key has its own";
    EXPECT_EQ(limiter.take("a", budget, {second - 1}), seconds(1));
    EXPECT_FALSE(limiter.take("a", budget, {second}));
    EXPECT_EQ(limiter.take("a", budget, {second}), seconds(1));
    EXPECT_EQ(limiter.take("a", budget, {second}, 30), seconds(30));
    EXPECT_EQ(limiter.take("a", budget, {second}, 61), seconds(60)) << "more than there ever is";
    EXPECT_EQ(limiter.take("a", {5, seconds(900)}, {0}, 0), std::nullopt);
}

TEST(rate_limiter, remembers_a_bounded_number_of_keys) {
    RateLimiter limiter(100);
    const Budget budget{1, seconds(60)};
    for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(limiter.take(std::to_string(i), budget, {0}));
    EXPECT_EQ(limiter.keys(), 100U);
    EXPECT_TRUE(limiter.take("999", budget, {0}));
    EXPECT_FALSE(limiter.take("0", budget, {0})) << "forgotten";
}

// Over any time t an account gets at most count + t/period*count, and the wait it is told is the true one.
TEST(rate_limiter, never_gives_more_than_the_budget) {
    EXPECT_TRUE(rc::check([] {
        const Budget budget{*rc::gen::inRange<std::int64_t>(1, 50), seconds(*rc::gen::inRange(1, 1000))};
        RateLimiter limiter;
        std::int64_t now = 0, given = 0;
        for (int i = 0; i < 200; ++i) {
            now += *rc::gen::inRange<std::int64_t>(0, 3 * second);
            const auto cost = *rc::gen::inRange<std::int64_t>(1, 4);
            const auto wait = limiter.take("k", budget, {now}, cost);
            if (!wait) given += cost;
            const double most =
                static_cast<double>(budget.count) *
                (1 + static_cast<double>(now) / static_cast<double>(budget.period.count() * second));
            RC_ASSERT(static_cast<double>(given) <= most + 1e-6);
            if (!wait || cost > budget.count) continue;
            RC_ASSERT(*wait >= seconds(1));
            RC_ASSERT(!limiter.take("k", budget, {now + wait->count() * second}, cost));
            given += cost;
            now += wait->count() * second;
        }
    }));
}

}  // namespace qingyuan::http
