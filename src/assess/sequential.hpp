// Looking every day without false alarms piling up: the maximised sequential probability ratio test for
// Poisson counts, exact in continuous time. Kulldorff et al. 2011, doi 10.1080/07474946.2011.539924.
#pragma once

#include <cstdint>

#include "base/result.hpp"

namespace qingyuan::assess {

/// Log likelihood ratio of `count` events where `expected` are expected by now; 0 unless there are more.
[[nodiscard]] double sequential_llr(std::uint64_t count, double expected);

/// Looks end when `horizon` events are expected; a signal needs at least `events_min` events; `alpha` is the
/// chance of ever signalling where the rate is the expected one.
struct SequentialPlan {
    double horizon = 0;
    int events_min = 1;
    double alpha = 0.05;
};
/// The chance that the ratio ever reaches `critical_value` when the rate is `relative_risk` times the
/// expected.
[[nodiscard]] double signal_probability(const SequentialPlan& plan, double critical_value,
                                        double relative_risk = 1);
/// The ratio at which the chance is alpha; error below 1e-9. number_invalid where the plan is out of range:
/// 0 < horizon <= 10000, 1 <= events_min <= 1000, 0 < alpha < 1; condition_unmet where even the smallest
/// possible ratio is reached less often than alpha.
[[nodiscard]] Result<double> exact_critical_value(const SequentialPlan& plan);
/// The same as tables print it: the first midpoint of halving [0, 20] whose chance is within 1e-8 of alpha
/// (or alpha/100000, where that is less). This is the convention of the R package Sequential, so values agree
/// digit by digit; it differs from the exact one by at most 1e-8/alpha or so.
[[nodiscard]] Result<double> critical_value(const SequentialPlan& plan);

/// One pair under daily looks: counts and expectations added up; once it has signalled it stays so.
struct Watch {
    double critical_value = 0;
    int events_min = 1;
    double horizon = 0;
    std::uint64_t count = 0;
    double expected = 0;
    bool signalled = false;
    bool ended = false;  ///< the horizon was reached

    /// What one more day brought. True on the day it signals. Nothing is looked at beyond the horizon.
    bool look(std::uint64_t new_count, double new_expected);
};

}  // namespace qingyuan::assess
