// Large counts: fresh ones as they are, older ones while they are counted again, none that is too old.
#include <atomic>

#include <gtest/gtest.h>

#include "api/kept_counts.hpp"

namespace qingyuan::api {
namespace {

constexpr std::int64_t start = 1'000'000'000'000;

TEST(KeptCounts, are_used_and_counted_again_behind_the_reader) {
    KeptCounts counts;
    std::atomic<int> made = 0;
    const auto again = [&]() -> Result<std::string> { return std::to_string(++made); };
    EXPECT_EQ(counts.find("a", start, again), nullptr);
    counts.keep("a", start, "0");
    EXPECT_EQ(*counts.find("a", start + KeptCounts::fresh_us, again), "0");
    counts.wait_idle();
    EXPECT_EQ(made, 0) << "a fresh one is not counted again";
    const std::int64_t later = start + KeptCounts::fresh_us + 1;
    EXPECT_EQ(*counts.find("a", later, again), "0") << "the reader does not wait";
    counts.wait_idle();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(*counts.find("a", later + 1, again), "1");
    counts.wait_idle();
    EXPECT_EQ(made, 1) << "it is as young as the question it was counted for";
}

TEST(KeptCounts, too_old_or_from_the_future_are_none) {
    KeptCounts counts;
    const auto again = []() -> Result<std::string> { return std::string("again"); };
    counts.keep("a", start, "0");
    EXPECT_EQ(counts.find("a", start + KeptCounts::stale_us + 1, again), nullptr);
    EXPECT_EQ(counts.find("a", start - 1, again), nullptr) << "the clock was set back";
}

TEST(KeptCounts, a_failure_leaves_what_is_there_and_is_tried_again) {
    KeptCounts counts;
    std::atomic<int> tried = 0;
    const auto fails = [&]() -> Result<std::string> {
        ++tried;
        return Error{ErrorCode::store_unavailable, "gone"};
    };
    counts.keep("a", start, "0");
    const std::int64_t later = start + KeptCounts::fresh_us + 1;
    for (int i = 1; i <= 2; ++i) {
        EXPECT_EQ(*counts.find("a", later, fails), "0");
        counts.wait_idle();
        EXPECT_EQ(tried, i);
    }
}

TEST(KeptCounts, hold_a_bounded_number_of_keys) {
    KeptCounts counts;
    const auto never = []() -> Result<std::string> { return std::string(); };
    for (std::size_t i = 0; i <= KeptCounts::keys_max; ++i) counts.keep(std::to_string(i), start, "x");
    EXPECT_EQ(counts.find("0", start, never), nullptr);
    EXPECT_NE(counts.find("1", start, never), nullptr);
}

TEST(KeptCounts, ends_while_much_is_asked_for) {
    std::atomic<int> made = 0;
    {
        KeptCounts counts;
        for (int i = 0; i < 50; ++i) counts.keep(std::to_string(i), start, "x");
        for (int i = 0; i < 50; ++i)
            (void)counts.find(std::to_string(i), start + KeptCounts::stale_us,
                              [&]() -> Result<std::string> { return std::to_string(++made); });
    }
    const int at_end = made;
    EXPECT_LE(at_end, 50);
    EXPECT_EQ(made, at_end) << "nothing is counted once it is gone";
}

}  // namespace
}  // namespace qingyuan::api
