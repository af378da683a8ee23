#include "assess/measures.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <boost/math/special_functions/gamma.hpp>

#include "base/error.hpp"

namespace qingyuan::assess {

namespace {

constexpr double z_975 = 1.959963984540054;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// The four cells as doubles: products of counts overflow 64 bits at national scale.
struct Cells {
    double a, b, c, d, product, reaction, total;
    explicit Cells(const Counts& counts)
        : a(static_cast<double>(counts.n)),
          product(static_cast<double>(counts.product)),
          reaction(static_cast<double>(counts.reaction)),
          total(static_cast<double>(counts.total)) {
        QY_ASSERT(counts.n <= counts.product && counts.n <= counts.reaction);
        QY_ASSERT(counts.product <= counts.total && counts.reaction <= counts.total);
        b = product - a;
        c = reaction - a;
        d = total - product - reaction + a;
    }
};

Ratio with_limits(double value, double variance) {
    const double half = z_975 * std::sqrt(variance);
    return {value, value * std::exp(-half), value * std::exp(half)};
}

// --- hypergeometric probability after C. Loader, "Fast and accurate computation of binomial probabilities"

/// ln n! - ln(sqrt(2 pi n) (n/e)^n)
double stirling_error(double n) {
    static const std::array<double, 16> small = [] {
        std::array<double, 16> out{};
        for (std::size_t i = 1; i < out.size(); ++i) {
            const long double x = static_cast<long double>(i);
            long double factorial = 0;
            for (std::size_t k = 2; k <= i; ++k) factorial += std::log(static_cast<long double>(k));
            out[i] = static_cast<double>(factorial - (x + 0.5L) * std::log(x) + x -
                                         0.918938533204672741780329736406L);
        }
        return out;
    }();
    if (n < 16) return small[static_cast<std::size_t>(n)];
    const double nn = n * n;
    return (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - 1 / 1188.0 / nn) / nn) / nn) / nn) / n;
}

/// x ln(x/m) + m - x without cancellation
double deviance(double x, double m) {
    if (std::abs(x - m) >= 0.1 * (x + m)) return x * std::log(x / m) + m - x;
    const double v = (x - m) / (x + m);
    double sum = (x - m) * v, term = 2 * x * v;
    for (int j = 1; j < 1000; ++j) {
        term *= v * v;
        const double next = sum + term / (2 * j + 1);
        if (next == sum) break;
        sum = next;
    }
    return sum;
}

double ln_binomial(double x, double n, double p, double q) {
    if (n == 0) return 0;
    if (x == 0) return p < 0.1 ? -deviance(n, n * q) - n * p : n * std::log(q);
    if (x == n) return q < 0.1 ? -deviance(n, n * p) - n * q : n * std::log(p);
    const double core = stirling_error(n) - stirling_error(x) - stirling_error(n - x) - deviance(x, n * p) -
                        deviance(n - x, n * q);
    return core - 0.5 * (1.837877066409345483560659472811 + std::log(x) + std::log1p(-x / n));
}

/// ln P(X = x): of `total` reports `product` have the product, `reaction` of all are drawn.
double ln_hypergeometric(double x, const Cells& cells) {
    if (cells.reaction == 0 || cells.reaction == cells.total) return 0;
    const double p = cells.reaction / cells.total, q = (cells.total - cells.reaction) / cells.total;
    return ln_binomial(x, cells.product, p, q) +
           ln_binomial(cells.reaction - x, cells.total - cells.product, p, q) -
           ln_binomial(cells.reaction, cells.total, p, q);
}

constexpr double negligible = 1e-17;

/// Sum of P(X = x + k)/P(X = x) for k = 0, 1, …
double tail_above(double x, const Cells& cells) {
    double sum = 1, term = 1;
    const double rest = cells.total - cells.product - cells.reaction;
    for (double k = x; term > sum * negligible; ++k) {
        term *= (cells.product - k) * (cells.reaction - k) / ((k + 1) * (rest + k + 1));
        sum += term;
    }
    return sum;
}

double tail_below(double x, const Cells& cells) {
    double sum = 1, term = 1;
    const double rest = cells.total - cells.product - cells.reaction;
    for (double k = x; term > sum * negligible && k > 0; --k) {
        term *= k * (rest + k) / ((cells.product - k + 1) * (cells.reaction - k + 1));
        sum += term;
    }
    return sum;
}

/// Events on each reaction under the null hypothesis, by one binomial draw after another.
void draw_multinomial(std::uint64_t events, std::span<const double> shares, std::mt19937_64& random,
                      std::vector<std::uint64_t>& out) {
    double left = 1;
    std::fill(out.begin(), out.end(), 0);
    for (std::size_t i = 0; i < shares.size() && events > 0; ++i) {
        const double p = std::clamp(shares[i] / left, 0.0, 1.0);
        out[i] =
            i + 1 == shares.size() ? events : std::binomial_distribution<std::uint64_t>(events, p)(random);
        events -= out[i];
        left = std::max(left - shares[i], 1e-300);
    }
}

}  // namespace

double expected(const Counts& counts) {
    if (counts.total == 0) return not_estimable;
    return static_cast<double>(counts.product) * static_cast<double>(counts.reaction) /
           static_cast<double>(counts.total);
}

Ratio proportional_reporting_ratio(const Counts& counts) {
    const Cells cells(counts);
    if (cells.product == 0) return {};
    if (cells.c == 0) return {.value = cells.a > 0 ? infinity : not_estimable};
    const double others = cells.total - cells.product;
    const double value = cells.a / cells.product / (cells.c / others);
    const double variance = 1 / cells.a - 1 / cells.product + 1 / cells.c - 1 / others;
    if (cells.a == 0 || !(variance >= 0)) return {.value = value};
    return with_limits(value, variance);
}

Ratio reporting_odds_ratio(const Counts& counts) {
    const Cells cells(counts);
    if (cells.b == 0 || cells.c == 0) return {.value = cells.a > 0 ? infinity : not_estimable};
    if (cells.d < 0) return {};
    const double value = cells.a * cells.d / (cells.b * cells.c);
    if (cells.a == 0 || cells.d == 0) return {.value = value};
    return with_limits(value, 1 / cells.a + 1 / cells.b + 1 / cells.c + 1 / cells.d);
}

double chi2_yates(const Counts& counts) {
    const Cells cells(counts);
    const double margins =
        cells.product * (cells.total - cells.product) * cells.reaction * (cells.total - cells.reaction);
    if (margins == 0 || cells.d < 0) return not_estimable;
    const double difference = std::abs(cells.a * cells.d - cells.b * cells.c) - cells.total / 2;
    if (difference <= 0) return 0;
    return cells.total * difference * difference / margins;
}

double ln_fisher_p(const Counts& counts) {
    const Cells cells(counts);
    const double least = std::max(0.0, cells.product + cells.reaction - cells.total);
    if (cells.a <= least) return 0;
    if (cells.a > cells.product * cells.reaction / cells.total)
        return std::min(0.0, ln_hypergeometric(cells.a, cells) + std::log(tail_above(cells.a, cells)));
    const double below = std::exp(ln_hypergeometric(cells.a - 1, cells)) * tail_below(cells.a - 1, cells);
    return std::log1p(-std::min(below, 1.0));
}

double fisher_p(const Counts& counts) {
    return std::exp(ln_fisher_p(counts));
}

GammaLimits gamma_limits(std::uint64_t n) {
    const double shape = static_cast<double>(n) + 0.5;
    return {boost::math::gamma_p_inv(shape, 0.025), boost::math::gamma_q_inv(shape, 0.025)};
}

InformationComponent information_component(std::uint64_t n, double expected, const GammaLimits& limits) {
    const double rate = expected + 0.5;
    return {std::log2((static_cast<double>(n) + 0.5) / rate), std::log2(limits.lower / rate),
            std::log2(limits.upper / rate)};
}

InformationComponent information_component(std::uint64_t n, double expected) {
    return information_component(n, expected, gamma_limits(n));
}

double log_likelihood_ratio(std::uint64_t n, std::uint64_t product, double expected) {
    const double a = static_cast<double>(n), of = static_cast<double>(product);
    if (!(a > expected)) return 0;
    const double rest = of - a;
    return a * std::log(a / expected) + (rest > 0 ? rest * std::log(rest / (of - expected)) : 0);
}

double llr_critical_value(std::uint64_t product_events, std::span<const double> shares, double alpha,
                          int replicates, std::uint64_t seed) {
    if (product_events == 0 || shares.empty() || replicates < 1) return not_estimable;
    std::mt19937_64 random(seed);
    std::vector<std::uint64_t> drawn(shares.size());
    std::vector<double> largest(static_cast<std::size_t>(replicates));
    for (double& most : largest) {
        draw_multinomial(product_events, shares, random, drawn);
        for (std::size_t i = 0; i < shares.size(); ++i)
            most = std::max(most, log_likelihood_ratio(drawn[i], product_events,
                                                       shares[i] * static_cast<double>(product_events)));
    }
    std::sort(largest.begin(), largest.end());
    const auto at = static_cast<std::size_t>(std::ceil((1 - alpha) * replicates));
    return largest[std::min(at, largest.size() - 1)];
}

Measures table_measures(const Counts& counts) {
    Measures out{.counts = counts};
    const Ratio prr = proportional_reporting_ratio(counts), ror = reporting_odds_ratio(counts);
    out.prr = prr.value, out.prr_lower = prr.lower, out.prr_upper = prr.upper;
    out.ror = ror.value, out.ror_lower = ror.lower, out.ror_upper = ror.upper;
    out.chi2_yates = chi2_yates(counts);
    out.fisher_p = fisher_p(counts);
    return out;
}

Measures measures_of(const Counts& counts, double expected, const GammaLimits& limits) {
    Measures out = table_measures(counts);
    out.expected = expected;
    if (!is_estimable(expected)) return out;
    if (expected > 0) out.rr = static_cast<double>(counts.n) / expected;
    const InformationComponent ic = information_component(counts.n, expected, limits);
    out.ic = ic.value, out.ic025 = ic.lower, out.ic975 = ic.upper;
    return out;
}

Measures measures_of(const Counts& counts) {
    return measures_of(counts, expected(counts), gamma_limits(counts.n));
}

}  // namespace qingyuan::assess
