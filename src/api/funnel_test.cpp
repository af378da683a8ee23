#include "api/funnel.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace qingyuan::api {
namespace {

/// The chance of at most k of n, summed term by term: slow, and unlike what is tested.
long double binomial_up_to(int k, int n, long double p) {
    long double sum = 0;
    for (int i = 0; i <= k; ++i) {
        long double term = 1;
        for (int j = 0; j < i; ++j) term *= static_cast<long double>(n - j) / (j + 1) * p;
        for (int j = 0; j < n - i; ++j) term *= 1 - p;
        sum += term;
    }
    return sum;
}

TEST(funnel, bounds_lie_where_the_summed_chances_say) {
    for (const int n : {1, 5, 20, 60, 200})
        for (const int tenth : {1, 3, 5, 9}) {
            const long double p = tenth / 10.0L;
            const Bounds bounds = share_bounds(n, tenth, 10);
            const auto above = [&](double bound, long double level) {
                const int k = static_cast<int>(std::ceil(bound));
                EXPECT_GE(binomial_up_to(k, n, p), level - 1e-12L) << n << " " << tenth;
                if (k > 0) { EXPECT_LT(binomial_up_to(k - 1, n, p), level + 1e-12L) << n << " " << tenth; }
            };
            above(bounds.high_998, 0.999L);
            above(bounds.high_95, 0.975L);
            above(bounds.low_95, 0.025L);
            above(bounds.low_998, 0.001L);
        }
}

TEST(funnel, nothing_and_all_leave_no_room_for_chance) {
    EXPECT_EQ(share_bounds(50, 0, 100).high_998, 0);
    EXPECT_EQ(share_bounds(50, 100, 100).low_998, 50);
    EXPECT_EQ(rate_bounds(50, 0, 100).high_998, 0);
}

TEST(funnel, bounds_are_in_order_and_inside_the_base_even_for_large_ones) {
    EXPECT_TRUE(rc::check([] {
        const auto base = *rc::gen::inRange<std::int64_t>(1, 200'000);
        const auto whole = *rc::gen::inRange<std::int64_t>(1, 10'000'000);
        const auto value = *rc::gen::inRange<std::int64_t>(0, whole + 1);
        const Bounds bounds = share_bounds(base, value, whole);
        RC_ASSERT(0 <= bounds.low_998 && bounds.low_998 <= bounds.low_95);
        RC_ASSERT(bounds.low_95 <= bounds.high_95 && bounds.high_95 <= bounds.high_998);
        RC_ASSERT(bounds.high_998 <= static_cast<double>(base));
        const Bounds rate = rate_bounds(base, value, whole);
        RC_ASSERT(0 <= rate.low_998 && rate.low_998 <= rate.low_95 && rate.high_95 <= rate.high_998);
    }));
}

TEST(funnel, the_share_of_a_wide_base_is_close_to_the_normal_one) {
    const Bounds bounds = share_bounds(10'000, 1, 2);
    EXPECT_NEAR(bounds.high_95, 5'000 + 1.96 * 50, 1);
    EXPECT_NEAR(bounds.low_998, 5'000 - 3.09 * 50, 1);
}

TEST(funnel, drawn_bases_rise_from_one_to_the_largest) {
    for (const std::int64_t largest : {1, 2, 19, 3'000}) {
        const auto bases = drawn_bases(largest);
        ASSERT_FALSE(bases.empty());
        EXPECT_EQ(bases.front(), 1);
        EXPECT_EQ(bases.back(), largest);
        for (std::size_t i = 1; i < bases.size(); ++i) EXPECT_LT(bases[i - 1], bases[i]);
    }
    EXPECT_TRUE(drawn_bases(0).empty());
}

}  // namespace
}  // namespace qingyuan::api
