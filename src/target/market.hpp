// A market on paper: outlets that violate now and then, visits that find and correct it, and several ways of
// choosing whom to visit. What a policy finds, how wrong its published rate is, and whom it forgets. Figures
// depend on the model's assumptions (docs/draw.md); the order of the policies is the point.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace qingyuan::target {

struct Market {
    int outlets = 2000;
    int visits = 545;  ///< a period
    int periods = 12;
    double rate = 0.334;        ///< mean propensity to violate
    double correlation = 0.30;  ///< of two states of one outlet: a beta-binomial with a + b = 1/ρ - 1
    double drift = 0.05;  ///< share of outlets that draw a new propensity each period (new owner, new staff)
    double rectification = 0.6;  ///< what a finding leaves of the outlet's odds …
    double relapse = 0.5;        ///< … of which so much is lost again each period
    /// What is known of each outlet before the first period, as a beta distribution (a, b): its first
    /// propensity is drawn from it, and every policy begins with that knowledge. Empty: all outlets are
    /// alike.
    std::vector<std::pair<double, double>> posterior = {};
};

/// uniform: every outlet alike. greedy: the highest estimates, nothing left to chance. proportional: size =
/// estimate^exponent · (1 + staleness · periods since the last visit), with a floor. index: as proportional,
/// the size being what a visit may find and teach: the upper quantile of the estimate.
enum class Policy : std::uint8_t { uniform, proportional, greedy, index };
[[nodiscard]] std::string name_of(Policy policy);

/// How a policy turns estimates into probabilities.
struct PolicyOptions {
    Policy policy = Policy::uniform;
    double floor = 0.20;      ///< share of the visits spread evenly over all outlets
    double exponent = 1.0;    ///< of the estimate
    double staleness = 0.25;  ///< what each period without a visit adds to an outlet's size
    double optimism = 0;      ///< standard deviations added to the estimate (index)
    int due_after = 0;  ///< periods without a visit after which size is multiplied by `due_weight`; 0 = never
    double due_weight = 1;
    /// What the policy believes of rectification and relapse (index): an outlet that was just corrected is
    /// worth less, and finding nothing there says less. 1 = it believes in no effect.
    double believed_rectification = 1;
    double believed_relapse = 0.15;
};
/// The four that `qingyuan simulate market` compares, in its order. The last is ours: it knows what
/// rectification does in this market; in the field both numbers are estimated from visits that follow a
/// finding.
[[nodiscard]] std::vector<PolicyOptions> policies(const Market& market);

struct PolicyResult {
    std::string policy;
    double found = 0;            ///< violations found in all periods, mean of the replications
    double found_error = 0;      ///< standard error of that mean
    double gain = 0;             ///< found against uniform: 0.071 = 7.1 % more
    double bias = 0;             ///< mean of (published rate - true rate) over periods and replications
    double bias_error = 0;       ///< standard error of it
    double naive_bias = 0;       ///< the same for hits by visits
    double forgotten = 0;        ///< share of outlets that ever went more than 6 periods without a visit
    double longest_gap = 0;      ///< the longest number of periods without a visit, mean of the replications
    double interval_covers = 0;  ///< share of periods whose 95 % interval holds the true rate
};

/// Plays every policy on the same outlets and the same chances (common random numbers).
[[nodiscard]] std::vector<PolicyResult> simulate_market(const Market& market, std::uint64_t seed,
                                                        int replications,
                                                        const std::vector<PolicyOptions>& compared);

}  // namespace qingyuan::target
