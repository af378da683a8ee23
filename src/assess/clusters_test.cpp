// Batch clusters: the shared set and our own, each kind of look-alike, the day on which one is found, and
// that order does not matter.
#include "assess/clusters.hpp"

#include <fmt/format.h>
#include <rapidcheck.h>

#include "assess/reports_test.hpp"
#include "base/random.hpp"

namespace qingyuan::assess {
namespace {

using demo::ReportSet;
using demo::ReportSetOptions;
using facts::SafetyReport;
using test::families;

std::vector<SafetyReport> cases_of(const ReportSet& set) {
    return count_cases(set.reports, Linkage::make(set.reports, families()).groups());
}

TEST(Clusters, shared_set) {
    const auto set = test::shared_set();
    if (!set) GTEST_SKIP() << "QINGYUAN_FIXTURES does not hold vigilance/";
    const test::Score score = test::score_of(*set, find_clusters(cases_of(*set), families()));
    EXPECT_GE(score.precision, 0.90);
    EXPECT_GE(score.recall, 0.90);
}

TEST(Clusters, own_sets) {
    double precision = 0, recall = 0;
    constexpr int sets = 6;
    for (int i = 0; i < sets; ++i) {
        ReportSetOptions options;
        options.seed = 400 + static_cast<std::uint64_t>(i);
        options.cluster_cases_min = 5;
        options.cluster_cases_max = i % 2 == 0 ? 14 : 20;
        options.cluster_organisations_max = 1 + i % 5;
        options.reports = i % 3 == 0 ? 8'000 : 25'000;
        const ReportSet set = demo::make_reports(options);
        const test::Score score = test::score_of(set, find_clusters(cases_of(set), families()));
        EXPECT_GE(score.precision, 0.85) << options.seed;
        EXPECT_GE(score.recall, 0.85) << options.seed;
        precision += score.precision / sets;
        recall += score.recall / sets;
    }
    EXPECT_GE(precision, 0.93);
    EXPECT_GE(recall, 0.93);
}

TEST(Clusters, the_sample_citys) {
    const ReportSet set = demo::city_reports(demo::make_city(1), demo::city_report_options(1), 1);
    const Linkage linkage = Linkage::make(set.reports, families());
    EXPECT_GE(test::score_of(set, linkage.groups()).f1(), 0.95);
    const test::Score score =
        test::score_of(set, find_clusters(count_cases(set.reports, linkage.groups()), families()));
    EXPECT_GE(score.precision, 0.75) << "one of four may be chance";
    EXPECT_GE(score.recall, 0.75);
}

TEST(Clusters, chance_alone_shows_next_to_nothing) {
    std::size_t shown = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        ReportSetOptions options;
        options.seed = seed;
        options.reports = 12'000;
        options.clusters = options.decoys = 0;
        options.duplicates_permille = 0;
        shown += find_clusters(demo::make_reports(options).reports, families()).size();
    }
    EXPECT_LE(shown, 1U);
}

TEST(Clusters, look_alikes_stay_quiet) {
    std::size_t shown = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        ReportSetOptions options;
        options.seed = 50 + seed;
        options.clusters = 0;
        options.decoys = 60;
        options.duplicates_permille = 0;
        shown += find_clusters(demo::make_reports(options).reports, families()).size();
    }
    EXPECT_LE(shown, 4U) << "of 240 look-alikes, of which some put most cases into one batch by chance";
}

/// A quiet product: three batches, a report every few days, other reactions.
class Product {
 public:
    Product() {
        for (int day = 0; day < 300; day += 2)
            add(fmt::format("25010{}", day / 2 % 3 + 1), day, day + 5, fmt::format("H{}", day / 2 % 7),
                {"头痛", "头晕", "腹泻", "乏力", "皮疹"}, day / 2 % 5);
        // Other drugs, so that each reaction has its usual share.
        for (int day = 0; day < 300; ++day) {
            SafetyReport report = reports.front();
            report.number = fmt::format("O{}", day);
            report.products[0] = {fmt::format("他药{}", day % 10), "", fmt::format("H{}", day % 10), "他厂",
                                  "240101"};
            report.organisation = fmt::format("H{}", day % 7);
            report.onset_on = start + day;
            report.reactions = {day % 20 == 0 ? "发热" : day % 3 == 0 ? "头痛" : "恶心"};
            reports.push_back(report);
        }
    }
    void add(const std::string& batch, int onset, int received, const std::string& organisation,
             const std::vector<std::string>& terms, int term) {
        SafetyReport report;
        report.number = fmt::format("R{:05}", reports.size());
        report.products.push_back({"甲药", "", "国药准字H1", "甲厂", batch});
        report.organisation = organisation;
        report.onset_on = start + onset;
        report.received_on = start + received;
        report.reactions = {terms[static_cast<std::size_t>(term) % terms.size()]};
        reports.push_back(std::move(report));
    }
    std::vector<SafetyReport> reports;
    const Date start = make_date(2025, 1, 1);
};
const std::vector<std::string> shivers = {"寒战", "发热", "寒颤"};

TEST(Clusters, a_bad_batch_is_found_and_told) {
    Product product;
    for (int i = 0; i < 8; ++i) product.add("250102", 100 + i / 2, 102 + i, i < 5 ? "H1" : "H2", shivers, i);
    const auto found = find_clusters(product.reports, families());
    ASSERT_EQ(found.size(), 1U);
    const BatchCluster& cluster = found[0];
    EXPECT_EQ(cluster.product, "甲药");
    EXPECT_EQ(cluster.maker, "甲厂");
    EXPECT_EQ(cluster.batch, "250102");
    EXPECT_EQ(cluster.family, "fever_chills");
    EXPECT_EQ(cluster.reactions, (std::vector<std::string>{"发热", "寒战"}))
        << "a synonym is its preferred term";
    EXPECT_EQ(cluster.onset_from, product.start + 100);
    EXPECT_EQ(cluster.onset_to, product.start + 103);
    EXPECT_EQ(cluster.cases, 8U);
    EXPECT_EQ(cluster.members.size(), 8U);
    EXPECT_EQ(cluster.organisations, (std::map<std::string, std::uint32_t>{{"H1", 5}, {"H2", 3}}));
    EXPECT_EQ(cluster.daily, (std::vector<std::uint32_t>{2, 2, 2, 2}));
    EXPECT_EQ(cluster.seriousness, (std::map<std::string, std::uint32_t>{{"", 8}}));
    EXPECT_LT(cluster.expected, 0.5);
    EXPECT_LT(cluster.p, 1e-6);
    EXPECT_EQ(cluster.other_batches.cases, 0U);
    EXPECT_EQ(cluster.reasons_zh.size(), cluster.reasons_en.size());
    EXPECT_GE(cluster.reasons_zh.size(), 4U);
}

TEST(Clusters, the_same_days_in_other_batches) {
    Product product;
    for (int i = 0; i < 12; ++i)
        product.add(fmt::format("25010{}", i % 3 + 1), 100 + i / 3, 104, "H1", shivers, i);
    EXPECT_TRUE(find_clusters(product.reports, families()).empty());
}

TEST(Clusters, other_makers_of_the_drug) {
    Product product;
    for (int i = 0; i < 12; ++i) {
        product.add("250102", 100 + i / 3, 104, "H1", shivers, i);
        if (i % 2 == 0) product.reports.back().products[0] = {"甲药", "", "国药准字H2", "乙厂", "X1"};
    }
    EXPECT_TRUE(find_clusters(product.reports, families()).empty());
}

TEST(Clusters, a_backlog_entered_in_a_day) {
    Product product;
    for (int i = 0; i < 12; ++i) product.add("250102", 60 + i * 10, 200, "H1", shivers, i);
    EXPECT_TRUE(find_clusters(product.reports, families()).empty());
}

TEST(Clusters, a_campaign_raises_everything) {
    Product product;
    for (int i = 0; i < 45; ++i)
        product.add(fmt::format("25010{}", i % 3 + 1), 100 + i / 5, 112, fmt::format("H{}", i % 7),
                    {"头痛", "头晕", "腹泻", "乏力", "皮疹", "发热"}, i / 3);
    EXPECT_TRUE(find_clusters(product.reports, families()).empty());
}

TEST(Clusters, adjacent_batches_count_together_where_neither_is_enough) {
    Product product;
    for (int i = 0; i < 4; ++i)
        product.add(fmt::format("35010{}", i % 2 + 1), 100 + i / 2, 104, fmt::format("H{}", i), shivers, i);
    const auto found = find_clusters(product.reports, families());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].batch, "350101");
    EXPECT_EQ(found[0].neighbours, std::vector<std::string>{"350102"});
    EXPECT_EQ(found[0].cases, 4U);
}

TEST(Clusters, cases_without_batch_or_onset_take_no_part) {
    Product product;
    for (int i = 0; i < 8; ++i) product.add("", 100 + i / 2, 104, "H1", shivers, i);
    for (int i = 0; i < 8; ++i) {
        product.add("250102", 100 + i / 2, 104, "H1", shivers, i);
        product.reports.back().onset_on.reset();
    }
    EXPECT_TRUE(find_clusters(product.reports, families()).empty());
    EXPECT_TRUE(find_clusters({}, families()).empty());
}

TEST(Clusters, order_of_cases_does_not_matter) {
    rc::check("the same clusters in any order", [] {
        ReportSetOptions options;
        options.reports = 1'000;
        options.drugs = 20;
        options.organisations = 30;
        options.decoys = 8;
        options.seed = *rc::gen::inRange<std::uint64_t>(1, 1000);
        options.clusters = 6;
        std::vector<SafetyReport> cases = demo::make_reports(options).reports;
        const auto told = [&] {
            std::vector<std::string> out;
            for (const BatchCluster& one : find_clusters(cases, families())) {
                std::set<std::string> numbers;
                for (const std::uint32_t member : one.members) numbers.insert(cases[member].number);
                out.push_back(one.product + one.batch + one.onset_from.text() + one.onset_to.text() +
                              fmt::format("{:.6e}", one.p) +
                              join(std::vector<std::string>(numbers.begin(), numbers.end()), ","));
            }
            std::sort(out.begin(), out.end());
            return out;
        };
        const auto first = told();
        RC_ASSERT(!first.empty());
        Random random(*rc::gen::arbitrary<std::uint64_t>());
        random.shuffle(cases);
        RC_ASSERT(told() == first);
    });
}

TEST(BatchWatch, a_cluster_is_found_while_it_forms) {
    Product product;
    const std::size_t quiet = product.reports.size();
    for (int i = 0; i < 10; ++i)
        product.add("250102", 301 + i / 3, 302 + i / 3, fmt::format("H{}", i % 2), shivers, i);
    BatchWatch watch(families(), {});
    for (std::size_t i = 0; i < quiet; ++i) EXPECT_FALSE(watch.add(product.reports[i])) << i;
    std::size_t first = 0;
    for (std::size_t i = quiet; i < product.reports.size(); ++i)
        if (watch.add(product.reports[i]) && first == 0) first = i - quiet + 1;
    EXPECT_GE(first, 3U);
    EXPECT_LE(first, 7U) << "cases that were needed";
    EXPECT_EQ(watch.size(), product.reports.size());
}

TEST(BatchWatch, looking_every_day_does_not_invent_clusters) {
    ReportSetOptions options;
    options.reports = 10'000;
    options.clusters = options.decoys = 0;
    options.duplicates_permille = 0;
    std::size_t alarms = 0;
    BatchWatch watch(families(), {});
    for (const SafetyReport& report : demo::make_reports(options).reports)
        alarms += watch.add(report).has_value();
    EXPECT_LE(alarms, 2U);
}

TEST(BatchWatch, the_callers_alpha_is_asked) {
    Product product;
    for (int i = 0; i < 10; ++i) product.add("250102", 301, 302, "H1", shivers, i);
    BatchWatch watch(families(),
                     {.scan = {}, .alpha_total = 1e-4, .alpha = [](std::uint32_t, double) { return 0.0; }});
    for (const SafetyReport& report : product.reports)
        EXPECT_FALSE(watch.add(report)) << "nothing may be spent";
}

}  // namespace
}  // namespace qingyuan::assess
