// Sets of reports: the same seed gives the same bytes; the truth speaks of what is in the set; the sample
// city's reports name its own organisations, products and batches.
#include "demo/report_set.hpp"

#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/csv.hpp"
#include "demo/trace_city.hpp"

namespace qingyuan::demo {
namespace {

ReportSetOptions small(std::uint64_t seed) {
    ReportSetOptions options;
    options.reports = 2'000;
    options.seed = seed;
    return options;
}

TEST(ReportSet, the_same_seed_gives_the_same_bytes) {
    EXPECT_EQ(report_table(make_reports(small(3))), report_table(make_reports(small(3))));
    EXPECT_NE(report_table(make_reports(small(3))), report_table(make_reports(small(4))));
}

TEST(ReportSet, the_truth_speaks_of_the_set) {
    const ReportSet set = make_reports(small(5));
    EXPECT_GE(set.reports.size(), 2'000U);
    EXPECT_EQ(set.clusters.size(), 30U);
    EXPECT_EQ(set.signals.size(), 40U);
    EXPECT_GT(set.duplicates.size(), 20U);
    std::map<std::string, const facts::SafetyReport*> by_number;
    for (const auto& report : set.reports) EXPECT_TRUE(by_number.emplace(report.number, &report).second);
    for (const TrueCluster& cluster : set.clusters) {
        EXPECT_GE(cluster.reports.size(), 3U);
        for (const std::string& number : cluster.reports) {
            ASSERT_TRUE(by_number.contains(number));
            const facts::SafetyReport& report = *by_number[number];
            EXPECT_EQ(report.products[0].batch, cluster.batch);
            EXPECT_EQ(report.products[0].maker, cluster.maker);
            EXPECT_GE(*report.onset_on, cluster.from);
            EXPECT_LE(*report.onset_on, cluster.to);
            EXPECT_LE(cluster.to - cluster.from, 13);
        }
    }
    for (const TrueDuplicate& one : set.duplicates) {
        ASSERT_TRUE(by_number.contains(one.report) && by_number.contains(one.of));
        EXPECT_NE(one.report, one.of);
        EXPECT_LE(*by_number[one.of]->received_on, *by_number[one.report]->received_on);
        EXPECT_EQ(by_number[one.of]->products[0].approval, by_number[one.report]->products[0].approval);
    }
}

TEST(ReportSet, written_once) {
    const auto path =
        std::filesystem::temp_directory_path() / ("qingyuan_reports_" + std::to_string(::getpid()));
    std::filesystem::remove_all(path);
    const ReportSet set = make_reports(small(6));
    ASSERT_TRUE(write_reports(set, path));
    for (const char* name :
         {"reports.csv", "truth_clusters.csv", "truth_duplicates.csv", "truth_signals.csv"})
        EXPECT_TRUE(std::filesystem::exists(path / name)) << name;
    const auto again = write_reports(set, path);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::duplicate_key);
    std::filesystem::remove_all(path);
}

TEST(ReportSet, reports_of_the_sample_city) {
    const City city = make_city(1);
    const ReportSet set = city_reports(city, city_report_options(1), 1);
    EXPECT_GE(set.reports.size(), 4'000U);
    EXPECT_LE(set.reports.size(), 6'000U);
    std::set<std::string> operators, products, traced, kinds;
    for (const auto& firm : city.operators) operators.insert(firm.id);
    for (const auto& product : city.products) products.insert(product.id);
    for (const TracedBatch& batch : traced_batches(city, 1)) {
        EXPECT_TRUE(products.contains(batch.product)) << batch.id;
        EXPECT_LT(batch.produced_on, batch.expires_on);
        traced.insert(batch.product + batch.id);
    }
    EXPECT_GE(traced.size(), 20U);
    for (const auto& report : set.reports) {
        kinds.insert(report.kind);
        if (!report.organisation.starts_with("MAH"))
            EXPECT_TRUE(operators.contains(report.organisation)) << report.organisation;
        EXPECT_TRUE(products.contains(report.products[0].approval));
        EXPECT_LE(report.received_on->text(), "2025-07-05") << "the play is over then";
    }
    EXPECT_EQ(kinds, (std::set<std::string>{"cosmetic", "device", "drug"}));
    EXPECT_EQ(set.clusters.size(), 4U);
    std::size_t known = 0;
    std::map<std::string, const facts::SafetyReport*> by_number;
    for (const auto& report : set.reports) by_number[report.number] = &report;
    for (const TrueCluster& cluster : set.clusters)
        known += traced.contains(by_number[cluster.reports[0]]->products[0].approval + cluster.batch);
    EXPECT_GE(known, 2U) << "their holders can be looked up";
}

}  // namespace
}  // namespace qingyuan::demo
