#include "assess/shrinkage_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <fmt/format.h>

namespace qingyuan::assess {

namespace {

using Plain = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

constexpr std::size_t parameters = 5;
constexpr std::size_t points_min = parameters + 1;
using Vector = std::array<double, parameters>;  ///< ln alpha1, ln beta1, ln alpha2, ln beta2, logit p
using Matrix = std::array<Vector, parameters>;

constexpr Vector lowest{-14, -14, -14, -14, -25}, highest{12, 12, 12, 12, 25};
constexpr double step_max = 1.5;
constexpr int steps_max = 400;

Vector vector_of(const Theta& theta) {
    const double p = std::clamp(theta.p, 1e-11, 1 - 1e-11);
    Vector out{std::log(theta.alpha1), std::log(theta.beta1), std::log(theta.alpha2), std::log(theta.beta2),
               std::log(p) - std::log1p(-p)};
    for (std::size_t i = 0; i < parameters; ++i) out[i] = std::clamp(out[i], lowest[i], highest[i]);
    return out;
}

Theta theta_of(const Vector& x) {
    return {std::exp(x[0]), std::exp(x[1]), std::exp(x[2]), std::exp(x[3]), 1 / (1 + std::exp(-x[4]))};
}

/// -ln L with its derivatives in the coordinates of Vector.
struct Value {
    double value = 0;
    Vector gradient{};
    Matrix hessian{};
};

/// ln Gamma(alpha + n)/Gamma(alpha) and its first two derivatives, for n that never falls.
class Rising {
 public:
    explicit Rising(double alpha) : alpha_(alpha) {}
    void to(std::uint32_t n) {
        if (n - n_ > 64) return jump(n);
        double product = 1;
        for (; n_ < n; ++n_) {
            const double inverse = 1 / (alpha_ + n_);
            product *= alpha_ + n_;
            if (product > 1e250) ln_ += std::log(product), product = 1;
            first_ += inverse;
            second_ -= inverse * inverse;
        }
        ln_ += std::log(product);
    }
    [[nodiscard]] double ln() const { return ln_; }
    [[nodiscard]] double first() const { return first_; }
    [[nodiscard]] double second() const { return second_; }

 private:
    void jump(std::uint32_t n) {
        using boost::math::digamma, boost::math::trigamma;
        const double from = alpha_ + n_, to = alpha_ + n;
        ln_ += boost::math::lgamma(to, Plain()) - boost::math::lgamma(from, Plain());
        first_ += digamma(to, Plain()) - digamma(from, Plain());
        second_ += trigamma(to, Plain()) - trigamma(from, Plain());
        n_ = n;
    }
    double alpha_, ln_ = 0, first_ = 0, second_ = 0;
    std::uint32_t n_ = 0;
};

/// The negative binomial of one component at one cell, without the terms both components share
/// (n ln E - ln n!), and its derivatives in ln alpha and ln beta.
struct Term {
    double ln = 0, a = 0, b = 0, aa = 0, ab = 0, bb = 0;
};

class Component {
 public:
    Component(double alpha, double beta, bool truncated)
        : rising_(alpha), alpha_(alpha), beta_(beta), ln_beta_(std::log(beta)), truncated_(truncated) {}
    void to(std::uint32_t n) {
        rising_.to(n);
        n_ = n;
    }
    [[nodiscard]] Term at(double expected) const {
        const double t = std::log1p(expected / beta_), s = beta_ / (beta_ + expected), sum = alpha_ + n_;
        Term out;
        out.ln = rising_.ln() - sum * t - n_ * ln_beta_;
        out.a = alpha_ * (rising_.first() - t);
        out.b = alpha_ - sum * s;
        out.aa = out.a + alpha_ * alpha_ * rising_.second();
        out.ab = alpha_ * (1 - s);
        out.bb = -sum * s * (1 - s);
        if (truncated_) truncate(t, s, out);
        return out;
    }

 private:
    /// Less ln(1 - f(0)), where ln f(0) = -alpha t.
    void truncate(double t, double s, Term& out) const {
        const double ln_zero = -alpha_ * t;
        const double u = 1 / std::expm1(-ln_zero);  // f(0)/(1 - f(0))
        const double a = ln_zero, b = alpha_ * (1 - s), uu = u * (1 + u);
        out.ln -= std::log(-std::expm1(ln_zero));
        out.a += u * a;
        out.b += u * b;
        out.aa += u * a + uu * a * a;
        out.ab += u * b + uu * a * b;
        out.bb += -u * alpha_ * s * (1 - s) + uu * b * b;
    }
    Rising rising_;
    double alpha_, beta_, ln_beta_, n_ = 0;
    bool truncated_;
};

/// Adds one point to the sums (of +ln L; the caller turns the sign).
void add(const Term& one, const Term& two, double q, double p, double weight, Value& sum) {
    const double r = 1 - q, both = weight * q * r, wq = weight * q, wr = weight * r;
    sum.gradient[0] += wq * one.a;
    sum.gradient[1] += wq * one.b;
    sum.gradient[2] += wr * two.a;
    sum.gradient[3] += wr * two.b;
    sum.gradient[4] += weight * (q - p);
    Matrix& h = sum.hessian;
    h[0][0] += wq * one.aa + both * one.a * one.a;
    h[1][0] += wq * one.ab + both * one.a * one.b;
    h[1][1] += wq * one.bb + both * one.b * one.b;
    h[2][0] -= both * two.a * one.a;
    h[2][1] -= both * two.a * one.b;
    h[2][2] += wr * two.aa + both * two.a * two.a;
    h[3][0] -= both * two.b * one.a;
    h[3][1] -= both * two.b * one.b;
    h[3][2] += wr * two.ab + both * two.a * two.b;
    h[3][3] += wr * two.bb + both * two.b * two.b;
    h[4][0] += both * one.a;
    h[4][1] += both * one.b;
    h[4][2] -= both * two.a;
    h[4][3] -= both * two.b;
    h[4][4] += both - weight * p * (1 - p);
}

/// n ln E - ln n!, summed: the same for every theta.
double shared_terms(const Points& points) {
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i)
        if (const double n = points.n[i]; n > 0)
            sum +=
                points.weight[i] * (n * std::log(points.expected[i]) - boost::math::lgamma(n + 1, Plain()));
    return sum;
}

Value evaluate(const Points& points, double shared, const Vector& x, Likelihood likelihood) {
    const Theta theta = theta_of(x);
    const bool truncated = likelihood == Likelihood::observed_cells;
    Component first(theta.alpha1, theta.beta1, truncated), second(theta.alpha2, theta.beta2, truncated);
    const double logit = x[4], ln_rest = -std::log1p(std::exp(logit));
    Value sum;
    sum.value = shared;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (i == 0 || points.n[i] != points.n[i - 1]) first.to(points.n[i]), second.to(points.n[i]);
        const Term one = first.at(points.expected[i]), two = second.at(points.expected[i]);
        const double odds = logit + one.ln - two.ln;
        const double small = std::exp(-std::abs(odds));
        const double q = odds > 0 ? 1 / (1 + small) : small / (1 + small);
        const double ln = (odds > 0 ? logit + one.ln : two.ln) + std::log1p(small) + ln_rest;
        sum.value += points.weight[i] * ln;
        add(one, two, q, theta.p, points.weight[i], sum);
    }
    sum.value = -sum.value;
    for (std::size_t i = 0; i < parameters; ++i) {
        sum.gradient[i] = -sum.gradient[i];
        for (std::size_t j = 0; j <= i; ++j) sum.hessian[i][j] = sum.hessian[j][i] = -sum.hessian[i][j];
    }
    return sum;
}

// --- the minimum

/// Solves (H + damping I) step = -gradient over the free parameters by Cholesky's method; false where the
/// matrix is not positive definite.
bool solve(const Value& at, const std::array<bool, parameters>& free, double damping, Vector& step) {
    Matrix lower{};
    for (std::size_t i = 0; i < parameters; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = free[i] && free[j] ? at.hessian[i][j] : 0;
            if (i == j) sum = free[i] ? sum + damping : 1;
            for (std::size_t k = 0; k < j; ++k) sum -= lower[i][k] * lower[j][k];
            if (i != j) {
                lower[i][j] = sum / lower[j][j];
            } else if (sum > 1e-12 * std::max(1.0, std::abs(at.hessian[i][i]))) {
                lower[i][i] = std::sqrt(sum);
            } else {
                return false;
            }
        }
    for (std::size_t i = 0; i < parameters; ++i) {
        step[i] = free[i] ? -at.gradient[i] : 0;
        for (std::size_t k = 0; k < i; ++k) step[i] -= lower[i][k] * step[k];
        step[i] /= lower[i][i];
    }
    for (std::size_t i = parameters; i-- > 0;) {
        for (std::size_t k = i + 1; k < parameters; ++k) step[i] -= lower[k][i] * step[k];
        step[i] /= lower[i][i];
    }
    return true;
}

/// Where a search stands.
struct Search {
    Vector x{};
    Value at;
    double left = 0;
    int evaluations = 0;
};

std::array<bool, parameters> free_of(const Search& search) {
    std::array<bool, parameters> out{};
    for (std::size_t i = 0; i < parameters; ++i)
        out[i] = !(search.x[i] <= lowest[i] && search.at.gradient[i] > 0) &&
                 !(search.x[i] >= highest[i] && search.at.gradient[i] < 0);
    return out;
}

/// What the model of second order promises for a step, at least 0.
double promised(const Value& at, const Vector& step) {
    double sum = 0;
    for (std::size_t i = 0; i < parameters; ++i) {
        sum -= at.gradient[i] * step[i];
        for (std::size_t j = 0; j < parameters; ++j) sum -= 0.5 * step[i] * at.hessian[i][j] * step[j];
    }
    return std::max(sum, 0.0);
}

void descend(const Points& points, double shared, Likelihood likelihood, Search& search) {
    search.at = evaluate(points, shared, search.x, likelihood);
    ++search.evaluations;
    double damping = 0;
    for (int i = 0; i < steps_max; ++i) {
        const auto free = free_of(search);
        double scale = 1e-8;
        for (std::size_t k = 0; k < parameters; ++k)
            if (free[k]) scale = std::max(scale, std::abs(search.at.hessian[k][k]));
        Vector step{};
        while (!solve(search.at, free, damping * scale, step)) damping = std::max(4 * damping, 1e-7);
        search.left = promised(search.at, step);
        const double noise = 1e-13 * std::abs(search.at.value);
        if (damping < 1e-6 && search.left < std::max(1e-9, noise)) return;
        const double longest =
            std::abs(*std::ranges::max_element(step, {}, [](double one) { return std::abs(one); }));
        Vector next = search.x;
        for (std::size_t k = 0; k < parameters; ++k) {
            step[k] *= std::min(1.0, step_max / std::max(longest, 1e-300));
            next[k] = std::clamp(next[k] + step[k], lowest[k], highest[k]);
            step[k] = next[k] - search.x[k];
        }
        const double hoped = promised(search.at, step);
        Value there = evaluate(points, shared, next, likelihood);
        ++search.evaluations;
        const double won = search.at.value - there.value;
        if (!(won > 0)) {
            damping = std::max(8 * damping, 1e-5);
            if (damping > 1e6) return;
            continue;
        }
        damping = won > 0.7 * hoped ? damping / 8 : won < 0.3 * hoped ? std::max(3 * damping, 1e-6) : damping;
        if (damping < 1e-8) damping = 0;
        search.x = next;
        search.at = there;
    }
}

/// Points of one n whose expectations differ by at most 3 %, at their mean.
Points drawn_together(const Points& points) {
    Points out;
    double key = 0, sum = 0, weight = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double bin = std::floor(std::log(points.expected[i]) * 32);
        if (i > 0 && (bin != key || points.n[i] != points.n[i - 1])) {
            out.add(points.n[i - 1], sum / weight, weight);
            sum = weight = 0;
        }
        key = bin;
        sum += points.weight[i] * points.expected[i];
        weight += points.weight[i];
    }
    if (weight > 0) out.add(points.n.back(), sum / weight, weight);
    return out;
}

/// Two ends of the coarse search that are one end.
bool same(const Search& a, const Search& b) {
    return std::abs(a.at.value - b.at.value) < 0.01;
}

Fit fit_of(const Search& search, const Points& points) {
    Fit out;
    out.theta = theta_of(search.x);
    Theta& theta = out.theta;
    if (theta.alpha2 / (theta.beta2 * theta.beta2) > theta.alpha1 / (theta.beta1 * theta.beta1)) {
        std::swap(theta.alpha1, theta.alpha2);
        std::swap(theta.beta1, theta.beta2);
        theta.p = 1 / (1 + std::exp(search.x[4]));
    }
    out.negative_log_likelihood = search.at.value;
    out.cells = points.cells();
    out.points = points.size();
    out.left = search.left;
    const auto free = free_of(search);
    for (std::size_t i = 0; i < parameters; ++i) {
        if (free[i]) out.gradient = std::max(out.gradient, std::abs(search.at.gradient[i]));
        out.at_bound |= search.x[i] <= lowest[i] || search.x[i] >= highest[i];
    }
    out.evaluations = search.evaluations;
    return out;
}

}  // namespace

double Points::cells() const {
    return std::accumulate(weight.begin(), weight.end(), 0.0);
}

void Points::add(std::uint32_t count, double expectation, double cells) {
    n.push_back(count);
    expected.push_back(expectation);
    weight.push_back(cells);
}

void Points::sort_and_merge() {
    std::vector<std::tuple<std::uint32_t, double, double>> all(size());
    for (std::size_t i = 0; i < size(); ++i) all[i] = {n[i], expected[i], weight[i]};
    std::sort(all.begin(), all.end());
    n.clear(), expected.clear(), weight.clear();
    for (const auto& [count, expectation, cells] : all) {
        if (!n.empty() && n.back() == count && expected.back() == expectation)
            weight.back() += cells;
        else
            add(count, expectation, cells);
    }
}

double negative_log_likelihood(const Points& points, const Theta& theta, Likelihood likelihood) {
    return evaluate(points, shared_terms(points), vector_of(theta), likelihood).value;
}

std::span<const Theta> usual_starts() {
    static constexpr std::array<Theta, 5> starts{Theta{0.2, 0.1, 2, 4, 1.0 / 3}, Theta{0.1, 0.1, 10, 10, 0.2},
                                                 Theta{0.3, 0.5, 6, 6, 0.5}, Theta{0.5, 0.3, 12, 12, 0.8},
                                                 Theta{0.2, 0.2, 5, 5, 0.4}};
    return starts;
}

Result<Fit> fit(const Points& points, Likelihood likelihood, std::span<const Theta> starts) {
    if (points.size() < points_min)
        return Error{ErrorCode::condition_unmet,
                     fmt::format("the table has {} different cells; a prior needs at least {}", points.size(),
                                 points_min)};
    const Points coarse = drawn_together(points);
    const double coarse_shared = shared_terms(coarse), shared = shared_terms(points);
    std::vector<Search> ends;
    for (const Theta& start : starts) {
        Search search{.x = vector_of(start)};
        descend(coarse, coarse_shared, likelihood, search);
        ends.push_back(search);
    }
    std::sort(ends.begin(), ends.end(),
              [](const Search& a, const Search& b) { return a.at.value < b.at.value; });
    // Ends that coarse points cannot tell apart, or nearly, are decided by the points themselves.
    Search best;
    const double doubt = 1 + 1e-6 * std::abs(ends.front().at.value), first = ends.front().at.value;
    int evaluations = 0;
    bool any = false;
    for (std::size_t i = 0; i < ends.size() && ends[i].at.value < first + doubt; ++i) {
        if (i > 0 && same(ends[i], ends[i - 1])) continue;
        Search search{.x = ends[i].x};
        descend(points, shared, likelihood, search);
        evaluations += search.evaluations;
        if (!any || search.at.value < best.at.value) best = search;
        any = true;
    }
    best.evaluations = evaluations;
    return fit_of(best, points);
}

Points squashed(std::span<const std::uint32_t> n, std::span<const double> expected) {
    constexpr std::size_t points_least = 500, kept = 100, bin = 50;
    std::vector<double> ones;
    Points out;
    for (std::size_t i = 0; i < n.size(); ++i) {
        if (n[i] == 1)
            ones.push_back(expected[i]);
        else
            out.add(n[i], expected[i], 1);
    }
    std::sort(ones.begin(), ones.end());
    const std::size_t binned = ones.size() < points_least ? 0 : ones.size() - kept;
    for (std::size_t from = 0; from < binned; from += bin) {
        const std::size_t to = std::min(from + bin, binned);
        double sum = 0;
        for (std::size_t i = from; i < to; ++i) sum += ones[i];
        out.add(1, sum / static_cast<double>(to - from), static_cast<double>(to - from));
    }
    for (std::size_t i = binned; i < ones.size(); ++i) out.add(1, ones[i], 1);
    return out;
}

}  // namespace qingyuan::assess
