// Rows to counts, grouping of empty cells, and the fit, on tables small enough to be done by hand.
#include "assess/case_table.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "assess/case_rows.hpp"

namespace qingyuan::assess {
namespace {

struct Row {
    std::string report, product, reaction, stratum;
};

NamedTable counted(const std::vector<Row>& rows, bool stratified) {
    CaseRows out(stratified ? 1 : 0);
    for (const Row& row : rows) {
        const std::string_view stratum = row.stratum;
        out.add(row.report, row.product, row.reaction,
                stratified ? std::span(&stratum, 1) : std::span<const std::string_view>());
    }
    return out.finish();
}

/// Rows with ties, repeats and gaps; the stratum is a function of the report.
rc::Gen<std::vector<Row>> any_rows() {
    return rc::gen::container<std::vector<Row>>(rc::gen::apply(
        [](int report, int product, int reaction) {
            return Row{"r" + std::to_string(report), product == 0 ? "" : "p" + std::to_string(product / 3),
                       reaction == 0 ? "" : "x" + std::to_string(reaction / 4),
                       report % 4 == 0 ? "" : "s" + std::to_string(report % 4)};
        },
        rc::gen::inRange(0, 40), rc::gen::inRange(0, 24), rc::gen::inRange(0, 24)));
}

using Set = std::set<std::string>;

/// Expectation by the definition, from sets of reports.
double plain_expected(const std::map<std::string, Set>& by_stratum, const Set& product, const Set& reaction) {
    double sum = 0;
    for (const auto& [stratum, reports] : by_stratum) {
        const auto within = [&](const Set& some) {
            return static_cast<double>(
                std::ranges::count_if(some, [&](const std::string& one) { return reports.contains(one); }));
        };
        sum += within(product) * within(reaction) / static_cast<double>(reports.size());
    }
    return sum;
}

RC_GTEST_PROP(case_table, counts_and_grouping_are_lossless, ()) {
    const auto rows = *any_rows();
    const bool stratified = *rc::gen::arbitrary<bool>();
    const NamedTable named = counted(rows, stratified);
    std::map<std::string, Set> products, reactions, strata;
    std::map<std::pair<std::string, std::string>, Set> pairs;
    Set reports;
    for (const Row& row : rows) {
        reports.insert(row.report);
        strata[stratified ? row.stratum : ""].insert(row.report);
        if (!row.product.empty()) products[row.product].insert(row.report);
        if (!row.reaction.empty()) reactions[row.reaction].insert(row.report);
        if (!row.product.empty() && !row.reaction.empty())
            pairs[{row.product, row.reaction}].insert(row.report);
    }
    RC_ASSERT(named.table.reports == reports.size());
    RC_ASSERT(named.table.pairs.size() == pairs.size());
    const Expectations expected = expectations(named.table);
    auto pair = pairs.begin();
    for (std::size_t i = 0; i < named.table.pairs.size(); ++i, ++pair) {
        const PairCount& one = named.table.pairs[i];
        RC_ASSERT(named.products[one.product] == pair->first.first);
        RC_ASSERT(named.reactions[one.reaction] == pair->first.second);
        RC_ASSERT(one.n == pair->second.size());
        RC_ASSERT(named.table.counts(one).product == products[pair->first.first].size());
        RC_ASSERT(named.table.counts(one).reaction == reactions[pair->first.second].size());
        const double e = plain_expected(strata, products[pair->first.first], reactions[pair->first.second]);
        RC_ASSERT(std::abs(expected.points.expected[expected.point_of_pair[i]] - e) < 1e-12);
    }
    // Each cell for itself, empty ones too.
    Points all;
    for (const auto& [product, with_product] : products)
        for (const auto& [reaction, with_reaction] : reactions) {
            const auto found = pairs.find({product, reaction});
            const double e = plain_expected(strata, with_product, with_reaction);
            if (e > 0)
                all.add(found == pairs.end() ? 0 : static_cast<std::uint32_t>(found->second.size()), e, 1);
        }
    RC_ASSERT(std::abs(all.cells() - expected.points.cells()) < 1e-9);
    all.sort_and_merge();
    const Theta theta{0.2, 0.1, 2, 4, 1.0 / 3};
    const double direct = negative_log_likelihood(all, theta, Likelihood::all_cells);
    const double grouped = negative_log_likelihood(expected.points, theta, Likelihood::all_cells);
    RC_ASSERT(std::abs(direct - grouped) < 1e-9);
    const auto gathered = expectations(named.table, true, 0);
    RC_ASSERT(std::abs(negative_log_likelihood(gathered.points, theta, Likelihood::all_cells) - direct) <
              1e-6);
}

TEST(case_table, says_what_it_left_out) {
    const NamedTable named = counted({{"1", "a", "x", "m"},
                                      {"1", "a", "x", "m"},
                                      {"", "a", "x", "m"},
                                      {"2", "", "x", "f"},
                                      {"3", "a", "", "f"},
                                      {"3", "a", "y", "m"}},
                                     true);
    EXPECT_EQ(named.rows, 6u);
    EXPECT_EQ(named.repeated, 1u);
    EXPECT_EQ(named.unnamed, 1u);
    EXPECT_EQ(named.incomplete, 2u);
    EXPECT_EQ(named.torn_reports, 1u);
    EXPECT_EQ(named.table.reports, 3u);
    EXPECT_EQ(named.table.strata, (std::vector<std::uint32_t>{1, 2}));
}

// Nine reports worked out by hand: E = 4·3/9 unstratified; by sex 3·2/5 + 1·1/4.
TEST(case_table, expects_by_stratum) {
    std::vector<Row> rows;
    const char* const products[] = {"a", "a", "a", "b", "b", "a", "b", "b", "b"};
    const char* const reactions[] = {"x", "x", "y", "y", "y", "x", "y", "y", "y"};
    for (int i = 0; i < 9; ++i)
        rows.push_back({std::to_string(i), products[i], reactions[i], i < 5 ? "f" : "m"});
    const NamedTable plain = counted(rows, false), stratified = counted(rows, true);
    const Expectations one = expectations(plain.table), two = expectations(stratified.table);
    EXPECT_DOUBLE_EQ(one.points.expected[one.point_of_pair[0]], 4 * 3 / 9.0);
    EXPECT_DOUBLE_EQ(two.points.expected[two.point_of_pair[0]], 3 * 2 / 5.0 + 1 * 1 / 4.0);
    const Scores scores(stratified.table, two, nullptr);
    const Measures ax = scores.at(0);
    EXPECT_EQ(ax.counts.n, 3u);
    EXPECT_DOUBLE_EQ(ax.rr, 3 / 1.45);
    EXPECT_TRUE(std::isinf(ax.prr)) << "the four counts do not know strata";
    EXPECT_FALSE(is_estimable(ax.eb05));
}

TEST(shrinkage_fit, finds_one_maximum_from_every_start_and_knows_it) {
    // Cells drawn from no prior in particular; the maximum must not depend on where the search began.
    Points points;
    std::uint64_t state = 1;
    for (int i = 0; i < 4000; ++i) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        const double u = static_cast<double>(state >> 11) * 0x1p-53, e = std::exp(-6 + 8 * u);
        const double ratio = i % 17 == 0 ? 6 : 0.8;
        points.add(static_cast<std::uint32_t>(e * ratio * (0.5 + (i % 7) / 6.0) + 0.3), e, 1 + i % 3);
    }
    points.sort_and_merge();
    const auto best = fit(points, Likelihood::all_cells);
    ASSERT_TRUE(best);
    EXPECT_LT(best->left, 1e-8) << "a further step promises nothing";
    EXPECT_EQ(best->negative_log_likelihood,
              negative_log_likelihood(points, best->theta, Likelihood::all_cells));
    for (const Theta& start : usual_starts()) {
        const auto from = fit(points, Likelihood::all_cells, {&start, 1});
        ASSERT_TRUE(from);
        EXPECT_NEAR(from->negative_log_likelihood, best->negative_log_likelihood, 1e-3);
    }
    // No neighbour is better: the certificate holds.
    for (int k = 0; k < 5; ++k)
        for (const double by : {0.98, 1.02}) {
            Theta near = best->theta;
            (k == 0   ? near.alpha1
             : k == 1 ? near.beta1
             : k == 2 ? near.alpha2
             : k == 3 ? near.beta2
                      : near.p) *= by;
            EXPECT_GE(negative_log_likelihood(points, near, Likelihood::all_cells),
                      best->negative_log_likelihood - 1e-9);
        }
}

TEST(shrinkage_fit, answers_degenerate_tables_honestly) {
    Points few;
    for (std::uint32_t n = 0; n < 5; ++n) few.add(n, 1, 100);
    EXPECT_EQ(fit(few, Likelihood::all_cells).error().code, ErrorCode::condition_unmet);
    // Every cell as expected: the likelihood rises for ever towards a point mass at 1.
    Points exact;
    for (std::uint32_t n = 1; n < 40; ++n) exact.add(n, n, 1);
    for (const auto likelihood : {Likelihood::all_cells, Likelihood::observed_cells}) {
        const auto found = fit(exact, likelihood);
        ASSERT_TRUE(found);
        EXPECT_TRUE(found->at_bound || found->theta.alpha1 > 100);
        Shrinkage shrinkage(found->theta);
        EXPECT_NEAR(shrinkage.at(10, 10).ebgm, 1, 0.02);
    }
    Points ones;
    for (int i = 1; i < 30; ++i) ones.add(1, 0.01 * i, 3);
    for (const auto likelihood : {Likelihood::all_cells, Likelihood::observed_cells}) {
        const auto found = fit(ones, likelihood);
        ASSERT_TRUE(found);
        EXPECT_TRUE(std::isfinite(found->negative_log_likelihood));
        EXPECT_TRUE(check_theta(found->theta));
    }
}

TEST(shrinkage_fit, squashes_ones_only) {
    std::vector<std::uint32_t> n(700, 1);
    std::vector<double> expected;
    for (int i = 0; i < 700; ++i) expected.push_back(0.01 * (700 - i));
    n.push_back(5), expected.push_back(2);
    const Points points = squashed(n, expected);
    EXPECT_EQ(points.size(), 1 + 12 + 100u);
    EXPECT_DOUBLE_EQ(points.cells(), 701);
    EXPECT_DOUBLE_EQ(points.expected[1], 0.01 * 25.5);
    n.resize(499), expected.resize(499);
    EXPECT_EQ(squashed(n, expected).size(), 499u) << "too few to be worth it";
}

}  // namespace
}  // namespace qingyuan::assess
