// Live counts against counting everything anew; coming, changing and going leaves no trace.
#include "assess/pair_counts.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace qingyuan::assess {
namespace {

facts::SafetyReport report(int number, int seed) {
    facts::SafetyReport out;
    out.number = "R" + std::to_string(number);
    out.sex = seed % 3 == 0 ? "" : seed % 3 == 1 ? "male" : "female";
    if (seed % 5 != 0) out.age_years = seed % 97;
    out.received_on = make_date(2024 + seed % 2, 1 + seed % 12, 1);
    out.city = seed % 4 == 0 ? "" : "c" + std::to_string(seed % 4);
    out.source = "医疗机构";
    for (int i = 0; i <= seed % 3; ++i) {
        const int p = (seed * 7 + i * 3) % 6;
        out.products.push_back({"name" + std::to_string(p),
                                p % 2 == 0 ? "" : "ingredient" + std::to_string(p / 3),
                                p == 5 ? "" : "H" + std::to_string(p), "maker" + std::to_string(seed % 2),
                                seed % 7 == 0 ? "" : "b" + std::to_string(seed % 3)});
    }
    for (int i = 0; i <= seed % 4; ++i) out.reactions.push_back("t" + std::to_string((seed + i * 5) % 8));
    return out;
}

CountOptions everything() {
    return {.products = {ProductLevel::ingredient, ProductLevel::name, ProductLevel::maker,
                         ProductLevel::approval, ProductLevel::batch},
            .reactions = {ReactionLevel::term, ReactionLevel::family},
            .strata = {StratumKind::sex, StratumKind::age_band, StratumKind::year, StratumKind::region,
                       StratumKind::source},
            .pairs_by_stratum = true,
            .family = [](std::string_view term) {
                return term == "t7" ? std::string() : "f" + std::to_string((term[1] - '0') / 2);
            }};
}

/// All that a table says, by word.
std::map<std::string, std::vector<double>> said(const NamedTable& named) {
    std::map<std::string, std::vector<double>> out;
    const CaseTable& table = named.table;
    const Expectations expected = expectations(table);
    for (std::size_t i = 0; i < table.products.size(); ++i)
        if (table.products[i] > 0) out["product " + named.products[i]] = {double(table.products[i])};
    for (std::size_t i = 0; i < table.reactions.size(); ++i)
        if (table.reactions[i] > 0) out["reaction " + named.reactions[i]] = {double(table.reactions[i])};
    for (std::size_t i = 0; i < table.pairs.size(); ++i) {
        const PairCount& one = table.pairs[i];
        // Rounded: strata are added up in the order they came.
        const double e = expected.points.expected[expected.point_of_pair[i]];
        out[named.products[one.product] + "/" + named.reactions[one.reaction]] = {double(one.n),
                                                                                  std::round(e * 1e9)};
    }
    out["all"] = {double(table.reports)};
    return out;
}

void expect_same(const PairCounts& a, const PairCounts& b) {
    const std::array kinds{StratumKind::sex, StratumKind::year};
    const std::array only{Only{StratumKind::sex, "female"}, Only{StratumKind::region, "c1"}};
    for (const ProductLevel p : everything().products)
        for (const ReactionLevel r : everything().reactions) {
            RC_ASSERT(said(a.table(p, r)) == said(b.table(p, r)));
            RC_ASSERT(said(a.table(p, r, kinds)) == said(b.table(p, r, kinds)));
            RC_ASSERT(said(a.table(p, r, kinds, only)) == said(b.table(p, r, kinds, only)));
        }
}

RC_GTEST_PROP(pair_counts, what_came_and_went_leaves_no_trace, ()) {
    PairCounts live(everything());
    std::map<int, int> there;
    const auto acts = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 30), rc::gen::inRange(0, 200)));
    for (const auto& [number, seed] : acts) {
        const std::string name = "R" + std::to_string(number);
        RC_ASSERT(live.holds(name) == there.contains(number));
        if (seed % 4 == 0 && there.contains(number)) {
            RC_ASSERT(live.withdraw(name).has_value());
            there.erase(number);
        } else {
            RC_ASSERT(live.replace(report(number, seed)).has_value());
            there[number] = seed;
        }
    }
    PairCounts anew(everything());
    for (const auto& [number, seed] : there) RC_ASSERT(anew.add(report(number, seed)).has_value());
    RC_ASSERT(live.reports() == there.size());
    expect_same(live, anew);
}

RC_GTEST_PROP(pair_counts, restrictions_and_points_agree_with_counting, ()) {
    PairCounts live(everything());
    std::vector<facts::SafetyReport> all;
    const int size = *rc::gen::inRange(0, 60);
    for (int i = 0; i < size; ++i) {
        all.push_back(report(i, *rc::gen::inRange(0, 500)));
        RC_ASSERT(live.add(all.back()).has_value());
    }
    const std::array<Only, 1> women{Only{StratumKind::sex, "female"}};
    for (const std::string product : {"name1", "name4", "nothing"})
        for (const std::string reaction : {"t0", "t5", "nothing"}) {
            Counts every, female;
            for (const auto& one : all) {
                const bool p = std::ranges::any_of(one.products, [&](auto& x) { return x.name == product; });
                const bool r = std::ranges::count(one.reactions, reaction) > 0;
                for (Counts* sum : {&every, &female}) {
                    if (sum == &female && one.sex != "female") continue;
                    sum->n += p && r, sum->product += p, sum->reaction += r, ++sum->total;
                }
            }
            const auto same = [](const Counts& a, const Counts& b) {
                return a.n == b.n && a.product == b.product && a.reaction == b.reaction && a.total == b.total;
            };
            RC_ASSERT(same(live.counts(ProductLevel::name, ReactionLevel::term, product, reaction), every));
            RC_ASSERT(
                same(live.counts(ProductLevel::name, ReactionLevel::term, product, reaction, women), female));
        }
}

TEST(pair_counts, refuses_what_counts_already_or_not_at_all) {
    PairCounts live(CountOptions{});
    EXPECT_EQ(live.withdraw("R1").error().code, ErrorCode::record_unknown);
    ASSERT_TRUE(live.add(report(1, 5)));
    EXPECT_EQ(live.add(report(1, 6)).error().code, ErrorCode::duplicate_key);
    EXPECT_EQ(live.add(facts::SafetyReport{}).error().code, ErrorCode::field_missing);
    ASSERT_TRUE(live.withdraw("R1"));
    EXPECT_EQ(live.withdraw("R1").error().code, ErrorCode::record_unknown);
    EXPECT_TRUE(live.pairs_of("R1", ProductLevel::name, ReactionLevel::term).empty());
    EXPECT_EQ(live.reports(), 0u);
    EXPECT_TRUE(live.add(report(1, 6)));
}

TEST(pair_counts, a_report_that_names_one_product_twice_counts_once) {
    facts::SafetyReport twice;
    twice.number = "1";
    twice.products = {{"A", "a", "H1", "M", "1"}, {"A", "a", "H2", "N", "2"}};
    twice.reactions = {"t1", "t1"};
    PairCounts live(everything());
    ASSERT_TRUE(live.add(twice));
    EXPECT_EQ(live.counts(ProductLevel::name, ReactionLevel::term, "A", "t1").n, 1u);
    EXPECT_EQ(live.counts(ProductLevel::maker, ReactionLevel::term, "A | M", "t1").n, 1u);
    EXPECT_EQ(live.counts(ProductLevel::batch, ReactionLevel::term, "H2 | N | 2", "t1").n, 1u);
    const auto pairs = live.pairs_of("1", ProductLevel::approval, ReactionLevel::term);
    ASSERT_EQ(pairs.size(), 2u);
    EXPECT_EQ(pairs[0].product, "H1");
    EXPECT_EQ(pairs[0].counts.n, 1u);
    EXPECT_DOUBLE_EQ(pairs[0].expected, 1);
}

TEST(pair_counts, many_replacements_do_not_grow_without_end) {
    PairCounts live(CountOptions{});
    for (int round = 0; round < 2000; ++round)
        for (int i = 0; i < 5; ++i) ASSERT_TRUE(live.replace(report(i, round + i)));
    EXPECT_EQ(live.reports(), 5u);
    EXPECT_LT(live.bytes(), 100'000u);
}

TEST(pair_counts, ages_and_levels_have_words) {
    EXPECT_EQ(age_band(std::nullopt), "");
    EXPECT_EQ(age_band(1.9), "0-1");
    EXPECT_EQ(age_band(44.9), "18-44");
    EXPECT_EQ(age_band(75), "75+");
    EXPECT_EQ(product_level("batch"), ProductLevel::batch);
    EXPECT_EQ(product_level("nothing"), std::nullopt);
    EXPECT_EQ(text_of(ProductLevel::approval), "approval");
}

}  // namespace
}  // namespace qingyuan::assess
