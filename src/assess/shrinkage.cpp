#include "assess/shrinkage.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

namespace qingyuan::assess {

namespace {

using Plain = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

constexpr double z_95 = 1.6448536269514722;
/// A component of less weight than this moves no digit.
constexpr double weight_min = 1e-17;
constexpr double tail_min = 1e-18;
/// Near a shape larger than this the library's expansions beat the series and the continued fraction.
constexpr double shape_direct_max = 150;

/// P(shape, x) from the density's x^shape e^-x / Gamma(shape): by its series, or by the continued fraction of
/// its complement (Abramowitz and Stegun 6.5.29, 6.5.31).
double incomplete_gamma(double shape, double x, double prefix) {
    // Where the tail cannot be told from 0 it is not summed: each sum is less than a geometric one.
    const bool below = x < shape + 1;
    if (prefix < tail_min * (below ? shape + 1 - x : x + 1 - shape) * std::min(shape, 1.0))
        return below ? 0 : 1;
    if (shape > shape_direct_max && std::abs(x - shape) < 0.5 * shape)
        return boost::math::gamma_p(shape, x, Plain());
    if (below) {
        double sum = 1, term = 1;
        for (double k = shape + 1; term > sum * 1e-16; ++k) sum += term *= x / k;
        return prefix * sum / shape;
    }
    double b = x + 1 - shape, c = 1e300, d = 1 / b, h = d;
    for (double k = 1; k < 10'000; ++k) {
        const double an = -k * (k - shape);
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (std::abs(d * c - 1) < 1e-15) break;
    }
    return 1 - prefix * h;
}

/// Wilson and Hilferty: the quantile of Gamma(shape, 1) near the normal quantile z.
double gamma_quantile_near(double shape, double z) {
    const double root = 1 - 1 / (9 * shape) + z / (3 * std::sqrt(shape));
    return shape * root * root * root;
}

}  // namespace

Result<void> check_theta(const Theta& theta) {
    for (const double one : {theta.alpha1, theta.beta1, theta.alpha2, theta.beta2})
        if (!std::isfinite(one) || one <= 0)
            return Error{ErrorCode::number_invalid, "the alphas and betas of a prior are numbers above 0"};
    if (!(theta.p >= 0 && theta.p <= 1))
        return Error{ErrorCode::number_invalid, "the share p of a prior lies between 0 and 1"};
    return {};
}

Shrinkage::Component::Component(double shape_of_prior, double rate_of_prior)
    : alpha(shape_of_prior), beta(rate_of_prior), ln_beta(std::log(rate_of_prior)) {}

Shrinkage::Shrinkage(const Theta& theta)
    : components_{Component(theta.alpha1, theta.beta1), Component(theta.alpha2, theta.beta2)},
      ln_p_(std::log(theta.p)),
      ln_rest_(std::log1p(-theta.p)) {}

void Shrinkage::prepare(std::uint64_t n, double expected) {
    QY_ASSERT(expected > 0);
    if (!prepared_ || n != n_) {
        for (Component& one : components_) {
            one.shape = one.alpha + static_cast<double>(n);
            one.ln_gamma = boost::math::lgamma(one.shape, Plain());
            one.digamma = boost::math::digamma(one.shape, Plain());
            one.trigamma = boost::math::trigamma(one.shape, Plain());
            one.ln_rising = n == 0 ? 0 : one.ln_gamma - boost::math::lgamma(one.alpha, Plain());
        }
        n_ = n;
        prepared_ = true;
    }
    std::array<double, 2> ln_weight{ln_p_, ln_rest_};
    for (std::size_t i = 0; i < 2; ++i) {
        Component& one = components_[i];
        one.rate = one.beta + expected;
        one.ln_rate = std::log(one.rate);
        ln_weight[i] += one.ln_rising - one.alpha * std::log1p(expected / one.beta) -
                        static_cast<double>(n) * one.ln_rate;
    }
    components_[0].weight = 1 / (1 + std::exp(ln_weight[1] - ln_weight[0]));
    components_[1].weight = 1 / (1 + std::exp(ln_weight[0] - ln_weight[1]));
}

Shrinkage::Slope Shrinkage::slope(double ln_ratio) const {
    Slope out{0, 0, 0};
    const double ratio = std::exp(ln_ratio);
    for (const Component& one : components_) {
        if (one.weight < weight_min) continue;
        const double x = one.rate * ratio;
        const double density = std::exp(one.shape * (one.ln_rate + ln_ratio) - x - one.ln_gamma);
        out.value += one.weight * incomplete_gamma(one.shape, x, density);
        out.first += one.weight * density;
        out.second += one.weight * density * (one.shape - x);
    }
    return out;
}

double Shrinkage::start(double z) const {
    for (const Component& one : components_) {
        if (one.weight < 0.8) continue;
        const double near = gamma_quantile_near(one.shape, z);
        if (near > 0.01 * one.shape) return std::log(near) - one.ln_rate;
    }
    double mean = 0, square = 0;
    for (const Component& one : components_) {
        const double middle = one.digamma - one.ln_rate;
        mean += one.weight * middle;
        square += one.weight * (one.trigamma + middle * middle);
    }
    return mean + z * std::sqrt(std::max(square - mean * mean, 0.0));
}

/// Halley's steps on ln(lambda), where the distribution is close to symmetric. Far from the root they say
/// little but the direction, so no step is longer than 1; one that leaves the bracket is replaced by its
/// middle.
double Shrinkage::solve(double share, double z) const {
    double low = -800, high = 800, at = start(z);
    for (int i = 0; i < 2000; ++i) {
        const Slope here = slope(at);
        const double off = here.value - share;
        if (off == 0) return at;
        (off < 0 ? low : high) = at;
        const double newton = off / here.first;
        const double halley = newton / (1 - 0.5 * newton * here.second / here.first);
        const bool near = std::abs(newton) < 1;
        const double step = !near ? std::copysign(1.0, off) : halley * newton > 0 ? halley : newton;
        double next = at - step;
        // The next error is of the third order of this step.
        if (near && std::abs(step) < 1e-7) return next;
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (high - low < 1e-13) return next;
        at = next;
    }
    return at;
}

Shrunk Shrinkage::at(std::uint64_t n, double expected) {
    prepare(n, expected);
    Shrunk out{.q = components_[0].weight};
    double ln_mean = 0;
    for (const Component& one : components_)
        if (one.weight > 0) ln_mean += one.weight * (one.digamma - one.ln_rate);
    out.ebgm = std::exp(ln_mean);
    out.eb05 = std::exp(solve(0.05, -z_95));
    out.eb95 = std::exp(solve(0.95, z_95));
    return out;
}

double Shrinkage::quantile(std::uint64_t n, double expected, double share) {
    QY_ASSERT(share > 0 && share < 1);
    prepare(n, expected);
    return std::exp(solve(share, boost::math::quantile(boost::math::normal(), share)));
}

double Shrinkage::cdf(std::uint64_t n, double expected, double ratio) {
    prepare(n, expected);
    return ratio > 0 ? std::min(slope(std::log(ratio)).value, 1.0) : 0;
}

}  // namespace qingyuan::assess
