// Is predicted risk any good, and to whom is it unfair? A prequential back-test: at each quarter's first day
// the model learns from what was known by then, scores everybody, and is compared with what the visits of
// that quarter found. Nothing is ever judged by a model that has seen it.
#pragma once

#include <string>
#include <vector>

#include "assess/risk_features.hpp"

namespace qingyuan::assess {

struct CalibrationBin {
    std::int64_t visits = 0, found = 0;
    double predicted = 0;                       ///< mean
    double observed = 0, lower = 0, upper = 1;  ///< share that found something, Wilson interval of 95 %
};

/// Burden of one group at equal posterior risk: each fifth of risk weighs alike.
struct BurdenRow {
    std::string axis;  ///< size region ownership
    std::string group;
    std::int64_t operators = 0;
    double visits_a_year = 0;  ///< of one operator, mean over the fifths of risk
    double parity = 1;         ///< against all operators of the same fifths; 1 = even
    double clean_share = 0;    ///< share of visits without a finding
    double clean_a_year = 0;   ///< visits without a finding, of one operator
};

struct RiskEvaluation {
    Date from, to;             ///< first and last day of judged visits
    std::string version;       ///< of the last model
    std::int64_t periods = 0;  ///< quarters that were judged
    std::int64_t visits = 0, found = 0;
    double brier = 0;          ///< mean squared error of the probability
    double brier_stratum = 0;  ///< of the stratum's mean alone: what the own history adds
    double auc = 0.5;          ///< chance that a visit with a finding was ranked above one without
    double captured_half = 0;  ///< share of findings in the half of visits ranked highest
    std::vector<CalibrationBin> deciles;
    CalibrationBin random;  ///< the visits drawn at random: free of the model's own choosing
    double random_auc = 0.5;
    std::vector<BurdenRow> burden;
};

/// Judges the quarters that begin after `warm_up_months` of history. condition_unmet where no visit is left
/// to judge.
[[nodiscard]] Result<RiskEvaluation> evaluate_risk(const std::vector<RiskSubject>& subjects,
                                                   const RiskLevers& levers, Date as_of,
                                                   int warm_up_months = 6);

/// A made-up history to judge the judge by: `operators` in a few strata whose true propensities are drawn
/// from the seed, visited `visits` times a quarter over `quarters`, at random.
[[nodiscard]] std::vector<RiskSubject> simulated_subjects(std::uint64_t seed, int operators, int visits,
                                                          int quarters, Date until);

}  // namespace qingyuan::assess
