#include "assess/sequential.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <fmt/format.h>

namespace qingyuan::assess {

namespace {

constexpr double negligible = 1e-18;

/// The expectation at which `count` events just reach the ratio: the root below `count` of
/// m - count + count ln(count/m) = critical_value, by Newton's steps in ln m.
double reaching_expectation(double count, double critical_value) {
    // With m = count e^-y: e^-y - 1 + y = critical_value/count.
    const double target = critical_value / count;
    double y = target > 1 ? target + 1 : std::sqrt(2 * target) + target / 3;
    for (int i = 0; i < 100; ++i) {
        const double step = (std::expm1(-y) + y - target) / -std::expm1(-y);
        y -= step;
        if (std::abs(step) < 1e-15 * y) break;
    }
    return count * std::exp(-y);
}

/// How many events there are, as long as none signalled. Only the span of counts with weight is kept.
class Walk {
 public:
    /// Time goes on by `mean` expected events; what reaches `limit` events or more is lost.
    void advance(double mean, std::size_t limit) {
        if (mean <= 0) return cut(limit);
        kernel(mean);
        next_.assign(std::min(weights_.size() + kernel_.size() - 1, limit > first_ ? limit - first_ : 0), 0);
        for (std::size_t i = 0; i < weights_.size(); ++i) {
            const std::size_t end = std::min(kernel_.size(), next_.size() > i ? next_.size() - i : 0);
            for (std::size_t k = 0; k < end; ++k) next_[i + k] += weights_[i] * kernel_[k];
        }
        weights_.swap(next_);
        trim();
    }
    [[nodiscard]] double kept() const {
        double sum = 0;
        for (const double one : weights_) sum += one;
        return sum;
    }

 private:
    void cut(std::size_t limit) {
        if (first_ + weights_.size() > limit) weights_.resize(limit > first_ ? limit - first_ : 0);
    }
    /// Poisson probabilities from 0 to where they no longer matter.
    void kernel(double mean) {
        kernel_.clear();
        double ln = -mean, sum = 0;
        for (std::size_t k = 0;; ++k) {
            if (k > 0) ln += std::log(mean / static_cast<double>(k));
            const double p = std::exp(ln);
            kernel_.push_back(p);
            sum += p;
            if (static_cast<double>(k) > mean && p < negligible * sum) break;
        }
    }
    void trim() {
        std::size_t low = 0;
        while (low < weights_.size() && weights_[low] < negligible) ++low;
        weights_.erase(weights_.begin(), weights_.begin() + static_cast<std::ptrdiff_t>(low));
        first_ += low;
        while (!weights_.empty() && weights_.back() < negligible) weights_.pop_back();
    }
    std::vector<double> weights_{1.0}, next_, kernel_;
    std::size_t first_ = 0;  ///< count that weights_ begin with
};

}  // namespace

double sequential_llr(std::uint64_t count, double expected) {
    const double c = static_cast<double>(count);
    return c > expected ? expected - c + c * std::log(c / expected) : 0;
}

/// The c-th event signals where it comes before the expectation that c events just reach, so there is no
/// signal as long as fewer than c events have come by then, for every c.
double signal_probability(const SequentialPlan& plan, double critical_value, double relative_risk) {
    Walk walk;
    double now = 0;
    for (auto count = static_cast<std::size_t>(plan.events_min);; ++count) {
        const double until =
            std::min(reaching_expectation(static_cast<double>(count), critical_value), plan.horizon);
        walk.advance(relative_risk * (until - now), count);
        now = until;
        if (until >= plan.horizon) break;
    }
    return 1 - walk.kept();
}

Result<double> exact_critical_value(const SequentialPlan& plan) {
    if (!(plan.horizon > 0 && plan.horizon <= 10'000))
        return Error{ErrorCode::number_invalid, "the horizon is above 0 and at most 10000 expected events",
                     "--horizon"};
    if (plan.events_min < 1 || plan.events_min > 1'000)
        return Error{ErrorCode::number_invalid, "a signal needs 1 to 1000 events", "--min-events"};
    if (!(plan.alpha > 0 && plan.alpha < 1))
        return Error{ErrorCode::number_invalid, "alpha lies between 0 and 1", "--alpha"};
    // The smallest ratio of all is reached by whoever has enough events by the horizon.
    if (boost::math::gamma_p(static_cast<double>(plan.events_min), plan.horizon) <= plan.alpha)
        return Error{ErrorCode::condition_unmet,
                     fmt::format("{} events before {} are expected come by chance less often than {}",
                                 plan.events_min, plan.horizon, plan.alpha),
                     {},
                     {},
                     "ask for fewer events or a longer horizon"};
    const auto excess = [&](double ln) { return signal_probability(plan, std::exp(ln)) - plan.alpha; };
    // One look alone has its root below ln(1/alpha); many looks add two or three to it.
    double high = std::log(2.5 - std::log(plan.alpha)), low = high - 0.5;
    while (excess(high) > 0) low = high, high += 0.5;
    while (low > -60 && excess(low) <= 0) high = low, low -= 1;
    std::uintmax_t rounds = 100;
    const auto [from, to] = boost::math::tools::toms748_solve(
        excess, low, high, [](double a, double b) { return b - a < 1e-11; }, rounds);
    return std::exp(0.5 * (from + to));
}

Result<double> critical_value(const SequentialPlan& plan) {
    const double root = TRY(exact_critical_value(plan));
    const double close = std::min(1e-8, 1e-5 * plan.alpha);
    double low = 0, high = 20;
    while (high <= root) high *= 2;
    while (high - low > 1e-8) {
        const double middle = 0.5 * (low + high);
        // The chance falls about as fast as its own size, so far from the root it need not be worked out.
        if (std::abs(middle - root) < 5 * close / plan.alpha &&
            std::abs(signal_probability(plan, middle) - plan.alpha) <= close)
            return middle;
        (middle < root ? low : high) = middle;
    }
    return root;
}

bool Watch::look(std::uint64_t new_count, double new_expected) {
    if (signalled || ended) return false;
    count += new_count;
    expected += new_expected;
    ended = expected >= horizon;
    signalled = expected <= horizon && count >= static_cast<std::uint64_t>(std::max(events_min, 1)) &&
                sequential_llr(count, expected) >= critical_value;
    return signalled;
}

}  // namespace qingyuan::assess
