// Critical values as published, and the watch that uses them.
#include "assess/sequential.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/csv.hpp"

namespace qingyuan::assess {
namespace {

TEST(sequential, values_of_the_published_table) {
    struct Row {
        double horizon;
        int events_min;
        double alpha, value;
    };
    for (const Row& row : {Row{1, 1, 0.05, 2.85393714905}, Row{20, 1, 0.05, 3.62812301587},
                           Row{20, 4, 0.05, 3.17637032178}, Row{50, 1, 0.001, 8.06707382202},
                           Row{1000, 1, 0.05, 4.32491732176988}, Row{1000, 10, 0.05, 3.93152895644531}}) {
        const SequentialPlan plan{row.horizon, row.events_min, row.alpha};
        const auto value = critical_value(plan), exact = exact_critical_value(plan);
        ASSERT_TRUE(value && exact);
        EXPECT_NEAR(*value, row.value, 1e-6);
        EXPECT_NEAR(signal_probability(plan, *exact), row.alpha, 1e-10);
        EXPECT_NEAR(signal_probability(plan, *value), row.alpha, 1.01e-8);
    }
}

TEST(sequential, golden_file) {
    const char* folder = std::getenv("QINGYUAN_FIXTURES");
    const auto path = std::filesystem::path(folder == nullptr ? "../shared/data" : folder) /
                      "vigilance/golden_maxsprt_poisson.csv";
    std::ifstream in(path, std::ios::binary);
    if (!in) GTEST_SKIP() << "QINGYUAN_FIXTURES does not hold vigilance/";
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto reader = CsvReader::create(text);
    ASSERT_TRUE(reader);
    int rows = 0;
    for (auto row = reader->next(); row && *row; row = reader->next(), ++rows) {
        const auto number = [&](std::size_t i) { return std::strtod((*row)->cells[i].c_str(), nullptr); };
        const SequentialPlan plan{number(0), static_cast<int>(number(1)), number(2)};
        const auto value = critical_value(plan);
        ASSERT_TRUE(value);
        EXPECT_NEAR(*value, number(3), 1e-6) << plan.horizon << " " << plan.events_min << " " << plan.alpha;
        EXPECT_NEAR(signal_probability(plan, number(3), 1.5) / number(4), 1, 1e-6);
        EXPECT_NEAR(signal_probability(plan, number(3), 2) / number(5), 1, 1e-6);
    }
    EXPECT_EQ(rows, 53);
}

TEST(sequential, refuses_plans_that_mean_nothing) {
    for (const SequentialPlan& plan :
         {SequentialPlan{0, 1, 0.05}, SequentialPlan{20'000, 1, 0.05}, SequentialPlan{NAN, 1, 0.05},
          SequentialPlan{10, 0, 0.05}, SequentialPlan{10, 1, 0}, SequentialPlan{10, 1, 1}})
        EXPECT_EQ(critical_value(plan).error().code, ErrorCode::number_invalid);
    EXPECT_EQ(critical_value({1, 10, 0.05}).error().code, ErrorCode::condition_unmet)
        << "ten events where one is expected are rarer than that";
    EXPECT_TRUE(critical_value({10'000, 1000, 0.05}));
    const auto rare = critical_value({5, 1, 1e-9});
    ASSERT_TRUE(rare);
    EXPECT_GT(*rare, 20);
}

TEST(sequential, a_watch_signals_once_and_ends) {
    const SequentialPlan plan{20, 3, 0.05};
    const double value = *critical_value(plan);
    Watch watch{.critical_value = value, .events_min = 3, .horizon = 20};
    EXPECT_FALSE(watch.look(2, 0.01)) << "two events are not three";
    EXPECT_TRUE(watch.look(1, 0.01));
    EXPECT_FALSE(watch.look(5, 0.01)) << "it has signalled";
    EXPECT_TRUE(watch.signalled);
    Watch quiet{.critical_value = value, .events_min = 3, .horizon = 20};
    for (int day = 0; day < 30; ++day) EXPECT_FALSE(quiet.look(1, 1));
    EXPECT_TRUE(quiet.ended);
    EXPECT_EQ(quiet.count, 20u) << "nothing is looked at beyond the horizon";
    EXPECT_EQ(sequential_llr(3, 4), 0);
    EXPECT_NEAR(sequential_llr(10, 4), 4 - 10 + 10 * std::log(2.5), 1e-12);
}

}  // namespace
}  // namespace qingyuan::assess
