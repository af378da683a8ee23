#include "target/market.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "target/estimates.hpp"

namespace qingyuan::target {

namespace {

constexpr double discount = 0.9;  // what a period's age leaves of a visit's weight

double unit_of(Random& random) {
    return (static_cast<double>(random.next() >> 11) + 0.5) * 0x1.0p-53;
}

double normal_of(Random& random) {
    return std::sqrt(-2 * std::log(unit_of(random))) * std::cos(2 * 3.14159265358979323846 * unit_of(random));
}

/// Marsaglia and Tsang 2000; below one by the power of a uniform.
double gamma_of(Random& random, double shape) {
    if (shape < 1) return gamma_of(random, shape + 1) * std::pow(unit_of(random), 1 / shape);
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    while (true) {
        const double x = normal_of(random);
        const double v = std::pow(1 + c * x, 3);
        if (v > 0 && std::log(unit_of(random)) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
}

struct Outlet {
    double propensity = 0;
    double factor = 1;  ///< what rectification left of it
    double hits = 0;    ///< discounted
    double visits = 0;
    double believed = 1;  ///< factor, as the policy sees it
    int last = -1;
    int gap = 0;
};

/// All chance of one replication, so that every policy meets the same outlets and violations.
struct Chance {
    std::vector<double> first;
    std::vector<std::vector<double>> redraw, fresh, violates, order;
};

double beta_of(Random& random, double a_shape, double b_shape) {
    const double a = gamma_of(random, a_shape), b = gamma_of(random, b_shape);
    return a / (a + b);
}
double beta_of(Random& random, const Market& market) {
    const double strength = 1 / market.correlation - 1;
    return beta_of(random, market.rate * strength, (1 - market.rate) * strength);
}

Chance chance_of(Random random, const Market& market) {
    Chance out;
    const auto row = [&](auto&& draw) {
        std::vector<double> values;
        for (int i = 0; i < market.outlets; ++i) values.push_back(draw());
        return values;
    };
    const auto unit = [&] { return unit_of(random); };
    out.first = row([&] { return beta_of(random, market); });
    for (std::size_t i = 0; i < market.posterior.size() && i < out.first.size(); ++i)
        out.first[i] = beta_of(random, market.posterior[i].first, market.posterior[i].second);
    for (int t = 0; t < market.periods; ++t) {
        out.redraw.push_back(row(unit));
        out.fresh.push_back(row([&] { return beta_of(random, market); }));
        out.violates.push_back(row(unit));
        out.order.push_back(row(unit));
    }
    return out;
}

/// π = max(floor, c · size) up to 1, with c so that they add up to the visits.
std::vector<double> probabilities_of(const std::vector<double>& sizes, double floor, double visits) {
    double low = 0, high = 1e9;
    const auto at = [&](double c, double size) { return std::clamp(c * size, floor, 1.0); };
    for (int i = 0; i < 100; ++i) {
        const double c = (low + high) / 2;
        double sum = 0;
        for (const double size : sizes) sum += at(c, size);
        (sum > visits ? high : low) = c;
    }
    std::vector<double> out;
    for (const double size : sizes) out.push_back(at(low, size));
    return out;
}

class Play {
 public:
    Play(const Market& market, const PolicyOptions& options, const Chance& chance)
        : market_(market), options_(options), chance_(chance), outlets_(chance.first.size()) {
        const double prior = 1 / market.correlation - 1;
        for (std::size_t i = 0; i < outlets_.size(); ++i) {
            outlets_[i].propensity = chance.first[i];
            if (i >= market.posterior.size()) continue;
            // What is known beyond the prior counts as visits that were made.
            const auto [a, b] = market.posterior[i];
            outlets_[i].hits = std::max(0.0, a - prior * market.rate);
            outlets_[i].visits = std::max(outlets_[i].hits, a + b - prior);
        }
    }

    PolicyResult run() {
        PolicyResult out;
        for (int t = 0; t < market_.periods; ++t) period(t, out);
        int forgotten = 0, longest = 0;
        for (Outlet& outlet : outlets_) {
            outlet.gap = std::max(outlet.gap, market_.periods - 1 - outlet.last);
            forgotten += outlet.gap > 6;
            longest = std::max(longest, outlet.gap);
        }
        out.bias /= market_.periods;
        out.naive_bias /= market_.periods;
        out.interval_covers /= market_.periods;
        out.forgotten = static_cast<double>(forgotten) / static_cast<double>(outlets_.size());
        out.longest_gap = longest;
        return out;
    }

 private:
    [[nodiscard]] double size_of(const Outlet& outlet, int t) const {
        const double prior = 1 / market_.correlation - 1;
        const double n = outlet.visits + prior;
        double estimate = (outlet.hits + prior * market_.rate) / n;
        if (options_.policy == Policy::greedy) return estimate;
        estimate += options_.optimism * std::sqrt(estimate * (1 - estimate) / (n + 1));
        const int stale = t - outlet.last - 1;
        const double due = options_.due_after > 0 && stale >= options_.due_after ? options_.due_weight : 1;
        estimate = std::min(1.0, estimate) * outlet.believed;
        return std::pow(estimate, options_.exponent) * (1 + options_.staleness * stale) * due;
    }

    /// Chosen outlets; `chances` is empty where nothing was left to chance.
    std::vector<std::size_t> choose(int t, std::vector<double>& chances) const {
        const std::vector<double>& order = chance_.order[static_cast<std::size_t>(t)];
        std::vector<double> rank(outlets_.size());
        std::vector<double> sizes(outlets_.size(), 1.0);
        if (options_.policy != Policy::uniform)
            for (std::size_t i = 0; i < outlets_.size(); ++i) sizes[i] = size_of(outlets_[i], t);
        if (options_.policy == Policy::greedy) {
            for (std::size_t i = 0; i < outlets_.size(); ++i) rank[i] = -sizes[i] + 1e-9 * order[i];
        } else {
            const double floor = options_.floor * market_.visits / market_.outlets;
            chances = probabilities_of(sizes, floor, market_.visits);
            for (std::size_t i = 0; i < outlets_.size(); ++i)
                rank[i] = chances[i] >= 1 ? 0 : order[i] / (1 - order[i]) * (1 - chances[i]) / chances[i];
        }
        std::vector<std::size_t> chosen(outlets_.size());
        std::iota(chosen.begin(), chosen.end(), std::size_t{0});
        std::ranges::nth_element(chosen, chosen.begin() + market_.visits, {},
                                 [&](std::size_t i) { return rank[i]; });
        chosen.resize(static_cast<std::size_t>(market_.visits));
        return chosen;
    }

    void period(int t, PolicyResult& out) {
        const auto at = static_cast<std::size_t>(t);
        double truth = 0;
        std::vector<char> violating(outlets_.size());
        for (std::size_t i = 0; i < outlets_.size(); ++i) {
            Outlet& outlet = outlets_[i];
            if (chance_.redraw[at][i] < market_.drift) outlet.propensity = chance_.fresh[at][i];
            violating[i] = chance_.violates[at][i] < outlet.propensity * outlet.factor;
            truth += violating[i] / static_cast<double>(outlets_.size());
        }
        std::vector<double> chances;
        const std::vector<std::size_t> chosen = choose(t, chances);
        std::vector<Observation> seen;
        double hits = 0;
        for (const std::size_t i : chosen) {
            seen.push_back({violating[i] != 0, chances.empty() ? 1.0 : chances[i]});
            hits += violating[i];
        }
        const Interval published = *hajek(seen);
        out.found += hits;
        out.bias += published.value - truth;
        out.naive_bias += hits / static_cast<double>(chosen.size()) - truth;
        out.interval_covers += published.low <= truth && truth <= published.high;
        learn(t, chosen, violating);
    }

    void learn(int t, const std::vector<std::size_t>& chosen, const std::vector<char>& violating) {
        for (const std::size_t i : chosen) outlets_[i].visits += outlets_[i].believed;
        for (Outlet& outlet : outlets_) {
            outlet.believed += (1 - outlet.believed) * options_.believed_relapse;
            outlet.hits *= discount;
            outlet.visits *= discount;
            outlet.factor += (1 - outlet.factor) * market_.relapse;
        }
        for (const std::size_t i : chosen) {
            Outlet& outlet = outlets_[i];
            outlet.gap = std::max(outlet.gap, t - outlet.last);
            outlet.last = t;
            if (violating[i] == 0) continue;
            outlet.hits += discount;
            outlet.believed = options_.believed_rectification;
            outlet.factor = market_.rectification;
        }
    }

    const Market& market_;
    const PolicyOptions& options_;
    const Chance& chance_;
    std::vector<Outlet> outlets_;
};

double deviation(const std::vector<double>& values, double mean) {
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    const auto n = static_cast<double>(values.size());
    return n > 1 ? std::sqrt(sum / (n - 1) / n) : 0;
}

}  // namespace

std::string name_of(Policy policy) {
    constexpr const char* names[] = {"uniform", "proportional", "greedy", "index"};
    return names[static_cast<int>(policy)];
}

std::vector<PolicyOptions> policies(const Market& market) {
    return {{.policy = Policy::uniform},
            {.policy = Policy::proportional, .exponent = 1.25},
            {.policy = Policy::greedy},
            {.policy = Policy::index,
             .floor = 0.12,
             .exponent = 10,
             .staleness = 0.25,
             .optimism = 0.5,
             .believed_rectification = market.rectification,
             .believed_relapse = market.relapse}};
}

std::vector<PolicyResult> simulate_market(const Market& market, std::uint64_t seed, int replications,
                                          const std::vector<PolicyOptions>& compared) {
    std::vector<PolicyResult> out(compared.size());
    std::vector<std::vector<double>> found(compared.size()), bias(compared.size());
    Random random(seed);
    for (int r = 0; r < replications; ++r) {
        const Chance chance = chance_of(random.fork(), market);
        for (std::size_t p = 0; p < compared.size(); ++p) {
            const PolicyResult one = Play(market, compared[p], chance).run();
            found[p].push_back(one.found);
            bias[p].push_back(one.bias);
            out[p].naive_bias += one.naive_bias / replications;
            out[p].forgotten += one.forgotten / replications;
            out[p].longest_gap += one.longest_gap / replications;
            out[p].interval_covers += one.interval_covers / replications;
        }
    }
    for (std::size_t p = 0; p < compared.size(); ++p) {
        out[p].policy = name_of(compared[p].policy);
        const auto mean = [&](const std::vector<double>& values) {
            return std::accumulate(values.begin(), values.end(), 0.0) / replications;
        };
        out[p].found = mean(found[p]);
        out[p].found_error = deviation(found[p], out[p].found);
        out[p].bias = mean(bias[p]);
        out[p].bias_error = deviation(bias[p], out[p].bias);
        out[p].gain = out[p].found / out.front().found - 1;
    }
    return out;
}

}  // namespace qingyuan::target
