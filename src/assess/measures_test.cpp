// Measures against the definition written out plainly, and against numbers of a published data set.
// mission: H3
#include "assess/measures.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace qingyuan::assess {
namespace {

/// Any possible table of four counts.
rc::Gen<Counts> tables() {
    return rc::gen::apply(
        [](int a, int b, int c, int d) {
            const auto u = [](int one) { return static_cast<std::uint64_t>(one); };
            return Counts{u(a), u(a + b), u(a + c), u(a + b + c + d)};
        },
        rc::gen::inRange(0, 60), rc::gen::inRange(0, 400), rc::gen::inRange(0, 400),
        rc::gen::inRange(0, 5000));
}

void expect_near(double got, double wanted, double relative) {
    if (std::isnan(wanted) || std::isinf(wanted)) {
        RC_ASSERT((std::isnan(wanted) && std::isnan(got)) || got == wanted);
    } else {
        RC_ASSERT(std::abs(got - wanted) <= relative * std::max(std::abs(wanted), 1e-12));
    }
}

/// P(X >= a), every term from logarithms of factorials.
long double plain_fisher(const Counts& t) {
    const auto ln_choose = [](long double n, long double k) {
        return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
    };
    const auto n = static_cast<long double>(t.total), k1 = static_cast<long double>(t.product),
               k2 = static_cast<long double>(t.reaction);
    long double sum = 0;
    for (auto x = static_cast<long double>(t.n); x <= std::min(k1, k2); ++x)
        if (k2 - x <= n - k1)
            sum += std::exp(ln_choose(k1, x) + ln_choose(n - k1, k2 - x) - ln_choose(n, k2));
    return sum;
}

RC_GTEST_PROP(measures, are_those_of_the_definition, ()) {
    const Counts t = *tables();
    const double a = static_cast<double>(t.n), b = static_cast<double>(t.product) - a,
                 c = static_cast<double>(t.reaction) - a, n = static_cast<double>(t.total), d = n - a - b - c;
    const Ratio prr = proportional_reporting_ratio(t), ror = reporting_odds_ratio(t);
    if (a > 0 && c > 0) {
        expect_near(prr.value, a / (a + b) / (c / (c + d)), 1e-13);
        const double half = 1.959963984540054 * std::sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d));
        expect_near(prr.lower, prr.value * std::exp(-half), 1e-12);
        expect_near(prr.upper, prr.value * std::exp(half), 1e-12);
    }
    if (a > 0 && c == 0) RC_ASSERT(std::isinf(prr.value) && std::isnan(prr.lower) && std::isnan(prr.upper));
    if (a > 0 && b > 0 && c > 0 && d > 0) {
        expect_near(ror.value, a * d / b / c, 1e-13);
        const double half = 1.959963984540054 * std::sqrt(1 / a + 1 / b + 1 / c + 1 / d);
        expect_near(ror.lower, ror.value * std::exp(-half), 1e-12);
        expect_near(ror.upper, ror.value * std::exp(half), 1e-12);
    }
    if (a > 0 && b * c == 0)
        RC_ASSERT(std::isinf(ror.value) && std::isnan(ror.lower) && std::isnan(ror.upper));
    const double margins = (a + b) * (c + d) * (a + c) * (b + d);
    if (margins > 0) {
        const double off = std::max(0.0, std::abs(a * d - b * c) - n / 2);
        expect_near(chi2_yates(t), n * off * off / margins, 1e-12);
    } else {
        RC_ASSERT(std::isnan(chi2_yates(t)));
    }
}

RC_GTEST_PROP(measures, fisher_is_the_sum_of_the_tail, ()) {
    const Counts t = *tables();
    expect_near(fisher_p(t), static_cast<double>(plain_fisher(t)), 1e-10);
}

TEST(measures, fisher_keeps_its_digits_far_into_the_tail) {
    // One table only: all reports of the product have the reaction, and nobody else does.
    const Counts t{300, 300, 300, 100'000'000};
    long double ln = 0;
    for (int i = 0; i < 300; ++i) ln += std::log((300.0L - i) / (100'000'000.0L - i));
    EXPECT_NEAR(ln_fisher_p(t) / static_cast<double>(ln), 1, 1e-13);
    EXPECT_EQ(fisher_p(t), 0) << "below what a double holds";
    EXPECT_EQ(fisher_p({0, 10, 10, 100}), 1);
    EXPECT_EQ(fisher_p({5, 5, 100, 100}), 1) << "everybody has the reaction";
    // A year of a country: products of counts are far beyond 64 bits.
    const Counts large{900'000, 4'000'000, 5'000'000, 20'000'000};
    EXPECT_TRUE(std::isfinite(chi2_yates(large)));
    EXPECT_DOUBLE_EQ(fisher_p(large), 1) << "one million were expected";
}

// Dietary supplements of 2012 (FDA CAERS, as openEBGM 0.9.1 ships them), three of the 17,189 pairs.
TEST(measures, of_published_pairs) {
    const Measures weight = measures_of({16, 44, 31, 3356});
    EXPECT_NEAR(weight.expected, 0.40643623, 5e-9);
    EXPECT_NEAR(weight.fisher_p / 9.312513083e-24, 1, 1e-9);
    const Measures distress = measures_of({19, 70, 43, 3356});
    EXPECT_NEAR(distress.expected, 0.89690107, 5e-9);
    EXPECT_NEAR(distress.prr, 37.16, 0.005);
    EXPECT_NEAR(distress.ror, 50.64, 0.005);
    EXPECT_NEAR(distress.ror_lower, 26.11, 0.005);
    EXPECT_NEAR(distress.chi2_yates, 357.43, 0.005);
    EXPECT_NEAR(distress.ic, 3.803, 0.0005);
    EXPECT_NEAR(distress.ic025, 3.082, 0.0005);
    const Measures heart = measures_of({1, 1, 121, 3356});
    EXPECT_NEAR(heart.prr, 27.95833333, 1e-8);
    EXPECT_NEAR(heart.prr_lower, 23.45361823, 1e-8);
    EXPECT_TRUE(std::isinf(heart.ror));
    EXPECT_FALSE(is_estimable(heart.ror_lower));
    EXPECT_NEAR(heart.ic025, -2.312717238, 1e-9);
    EXPECT_NEAR(heart.ic975, 3.124267551, 1e-9);
    EXPECT_NEAR(heart.fisher_p, 0.03605482718, 1e-11);
    EXPECT_NEAR(log_likelihood_ratio(1, 1, heart.expected), 3.322714522, 1e-9);
    EXPECT_FALSE(is_estimable(heart.ebgm)) << "there is no prior";
}

TEST(measures, of_a_table_with_one_product_are_not_invented) {
    const Measures m = measures_of({3, 10, 3, 10});
    EXPECT_FALSE(is_estimable(m.chi2_yates));
    EXPECT_FALSE(is_estimable(m.prr_lower));
    EXPECT_EQ(m.rr, 1);
    EXPECT_EQ(m.fisher_p, 1);
}

TEST(measures, of_counts_that_exceed_all_reports_are_not_invented) {
    // Two reports; one names product and reaction in different rows.
    const Measures m = measures_of({1, 2, 2, 2});
    EXPECT_FALSE(is_estimable(m.chi2_yates));
    EXPECT_FALSE(is_estimable(reporting_odds_ratio({1, 3, 3, 4}).value));
    EXPECT_FALSE(is_estimable(m.prr_lower));
    EXPECT_EQ(m.fisher_p, 1);
    EXPECT_TRUE(is_estimable(m.ic025));
}

TEST(measures, the_critical_ratio_of_a_product_keeps_false_alarms_rare) {
    const std::vector<double> shares{0.5, 0.3, 0.1, 0.06, 0.04};
    const double critical = llr_critical_value(40, shares, 0.05, 4000, 1);
    EXPECT_EQ(critical, llr_critical_value(40, shares, 0.05, 4000, 1));
    EXPECT_LT(critical, llr_critical_value(40, shares, 0.01, 4000, 1));
    // One reaction in the same way needs chi-square(1)/2 one-sided; five need more.
    EXPECT_GT(critical, 1.353);
    EXPECT_LT(critical, 6);
    EXPECT_FALSE(is_estimable(llr_critical_value(0, shares, 0.05, 100, 1)));
    EXPECT_EQ(log_likelihood_ratio(2, 10, 2.5), 0) << "fewer than expected";
}

}  // namespace
}  // namespace qingyuan::assess
