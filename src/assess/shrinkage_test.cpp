// Posteriors against the definition and against published values.
#include "assess/shrinkage.hpp"

#include <cmath>

#include <boost/math/special_functions/gamma.hpp>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace qingyuan::assess {
namespace {

// openEBGM 0.9.1, vignette 05, on its own example data.
constexpr Theta published{3.25091831308102, 0.399716283997744, 2.02580436759536, 1.90805011235878,
                          0.0653905638594523};

TEST(shrinkage, of_published_pairs) {
    Shrinkage shrinkage(published);
    struct Row {
        std::uint64_t n;
        double expected, ebgm, eb05, eb95;
    };
    for (const Row& row : {Row{19, 0.8969010727, 16.77649419, 11.64592731, 23.55009509},
                           Row{6, 0.07866507747, 18.27707525, 10.16102086, 30.83955154},
                           Row{16, 0.4064362336, 23.26251209, 15.68611919, 33.48025026},
                           Row{1, 0.03605482718, 2.226720697, 0.491018681, 13.85492769},
                           Row{1, 0.0002979737783, 2.631340592, 0.521424931, 16.01688652}}) {
        const Shrunk shrunk = shrinkage.at(row.n, row.expected);
        EXPECT_NEAR(shrunk.ebgm / row.ebgm, 1, 2e-9);
        EXPECT_NEAR(shrunk.eb05 / row.eb05, 1, 5e-9);
        EXPECT_NEAR(shrunk.eb95 / row.eb95, 1, 5e-9);
    }
}

/// The posterior written out, by other functions than those under test.
double plain_cdf(const Theta& t, double n, double e, double ratio) {
    const auto ln_negative_binomial = [&](double a, double b) {
        return std::lgamma(a + n) - std::lgamma(a) - std::lgamma(n + 1) + a * std::log(b / (b + e)) +
               n * std::log(e / (b + e));
    };
    const double f1 = std::log(t.p) + ln_negative_binomial(t.alpha1, t.beta1);
    const double f2 = std::log(1 - t.p) + ln_negative_binomial(t.alpha2, t.beta2);
    const double q = 1 / (1 + std::exp(f2 - f1));
    return q * boost::math::gamma_p(t.alpha1 + n, (t.beta1 + e) * ratio) +
           (1 - q) * boost::math::gamma_p(t.alpha2 + n, (t.beta2 + e) * ratio);
}

double log_uniform(int thousandth, double low, double high) {
    return low * std::pow(high / low, thousandth / 1000.0);
}

RC_GTEST_PROP(shrinkage, quantiles_invert_the_distribution_and_rise, ()) {
    const auto any = [](double low, double high) {
        return log_uniform(*rc::gen::inRange(0, 1001), low, high);
    };
    const Theta theta{any(0.02, 30), any(0.002, 30), any(0.02, 30), any(0.002, 30),
                      *rc::gen::inRange(0, 101) / 100.0};
    const auto n = static_cast<std::uint64_t>(any(1, 5000)) - *rc::gen::inRange(0, 2);
    const double expected = any(1e-5, 3000);
    Shrinkage shrinkage(theta);
    double before = 0;
    for (const double share : {0.001, 0.025, 0.05, 0.5, 0.95, 0.975, 0.999}) {
        const double at = shrinkage.quantile(n, expected, share);
        RC_ASSERT(at >= before);
        before = at;
        if (at < 1e-280) continue;
        RC_ASSERT(std::abs(shrinkage.cdf(n, expected, at) - share) < 1e-9);
        RC_ASSERT(std::abs(plain_cdf(theta, static_cast<double>(n), expected, at) - share) < 1e-8);
    }
    const Shrunk shrunk = shrinkage.at(n, expected);
    RC_ASSERT(std::abs(shrunk.eb05 / shrinkage.quantile(n, expected, 0.05) - 1) < 1e-10);
    RC_ASSERT(shrunk.q >= 0 && shrunk.q <= 1 && std::isfinite(shrunk.ebgm));
}

TEST(shrinkage, pulls_towards_the_prior) {
    Shrinkage shrinkage(published);
    const double few = shrinkage.at(1, 0.01).ebgm, many = shrinkage.at(100, 1).ebgm;
    EXPECT_LT(few, 10) << "one report where 0.01 are expected is no hundredfold risk";
    EXPECT_GT(many, 70) << "a hundred reports are";
    EXPECT_GT(shrinkage.at(5, 1).eb05, shrinkage.at(4, 1).eb05);
}

TEST(shrinkage, a_prior_of_one_component_is_a_gamma) {
    Shrinkage one({2, 3, 7, 7, 1}), other({5, 5, 2, 3, 0});
    const Shrunk a = one.at(4, 1.5), b = other.at(4, 1.5);
    EXPECT_EQ(a.q, 1);
    EXPECT_EQ(b.q, 0);
    EXPECT_DOUBLE_EQ(a.eb05, b.eb05);
    EXPECT_NEAR(a.eb95, boost::math::gamma_p_inv(6.0, 0.95) / 4.5, 1e-11);
}

TEST(shrinkage, refuses_what_is_no_prior) {
    EXPECT_TRUE(check_theta(published));
    for (const Theta& bad : {Theta{0, 1, 1, 1, 0.5}, Theta{1, -1, 1, 1, 0.5}, Theta{1, 1, NAN, 1, 0.5},
                             Theta{1, 1, 1, INFINITY, 0.5}, Theta{1, 1, 1, 1, 1.5}, Theta{1, 1, 1, 1, NAN}})
        EXPECT_EQ(check_theta(bad).error().code, ErrorCode::number_invalid);
}

}  // namespace
}  // namespace qingyuan::assess
