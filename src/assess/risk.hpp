// Predicted risk: in which order to look. An empirical-Bayes propensity by stratum, with older visits
// discounted, moved in log-odds by capped decaying signals and by demonstrated control; weighed by hazard and
// exposure. Internal ordering only: nothing here touches a credit grade or is published.
//
// Formulas and sources: docs/credit_and_risk.md. Shrinkage: Robbins 1956; moments of the beta-binomial:
// Kleinman 1973 (JASA 68); gamma-Poisson: Clayton and Kaldor 1987 (Biometrics 43); control credit: MHRA
// risk-based inspection.
//
// What the model may see is `Features` and nothing else: who inspected, who owns or runs the operator, and
// anything learned on or after the day asked for have no place in it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "assess/axes.hpp"
#include "base/date.hpp"
#include "law/law.hpp"

namespace qingyuan::assess {

/// Kinds of signals, each with weight, half-life and cap of its own (law/parameters/risk.toml). `group`: a
/// chain's headquarters, when several of its stores show the same violation.
enum class RiskSignal : std::uint8_t { custody, safety, sample, complaint, listing, group };
constexpr std::size_t risk_signals = 6;
[[nodiscard]] std::string_view text_of(RiskSignal kind);

/// A visit that was made, as far as the model may know it.
struct RiskVisit {
    Date on;
    bool violation = false;      ///< at least one finding
    double severity = 0;         ///< sum of the weights of its findings
    double severity_square = 0;  ///< sum of the squares of these weights
};
struct RiskEvent {
    RiskSignal kind = RiskSignal::custody;
    Date on;  ///< the day it became known here
};

/// The inputs of the model, complete. Each name is a row of the reviewed vocabulary risk_inputs; a test
/// compares the two.
struct Features {
    std::string type;    ///< kind of operator
    std::string region;  ///< GB/T 2260 code
    std::string size;    ///< single, store, headquarters
    HazardTier tier = HazardTier::medium;
    double exposure = 1;  ///< relative number of people reached; 1 = a single pharmacy
    std::vector<RiskVisit> visits;
    std::vector<RiskEvent> signals;
    std::vector<Date> controls;  ///< days on which control was shown: an order fulfilled and passed

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("type", s.type);
        v("region", s.region);
        v("size", s.size);
        v("tier", s.tier);
        v("exposure", s.exposure);
        v("visits", s.visits);
        v("signals", s.signals);
        v("controls", s.controls);
    }
};

/// The levers: dated parameters, changed by two persons. `version` names exactly these values.
struct RiskLevers {
    struct Signal {
        double weight = 0, half_life_days = 1, cap = 0;
    };
    double discount_per_year = 1;  ///< γ
    int window_years = 5;
    double strength_min = 1, strength_max = 1;  ///< bounds of S
    double stratum_visits = 0;      ///< visits by which a stratum's mean leans on that of its type
    int stratum_operators_min = 1;  ///< below, a stratum takes S of its type
    std::array<Signal, risk_signals> signals{};
    double signals_cap = 0;  ///< of all kinds together
    Signal control;
    std::array<double, 4> hazard{};  ///< by HazardTier
    double exposure_cap = 1;
    double severity_critical = 0, severity_major = 0, severity_minor = 0;
    double interval = 0.9;  ///< of the posterior interval
    int group_stores_min = 1;
    int group_window_days = 1;
    std::string version;

    /// As in force on the day. record_unknown, law_not_in_force, law_value_invalid.
    static Result<RiskLevers> load(const law::Law& law, Date on);
};

/// Mean and strength of one stratum.
struct Stratum {
    double mean = 0;      ///< μ: share of visits with a violation, leaning on the type's
    double strength = 0;  ///< S: how many visits the mean is worth
    double rate = 0;      ///< severity-weighted findings a visit
    double rate_strength = 0;
    std::int64_t operators = 0;  ///< with a visit in the window
    double visits = 0;           ///< discounted
};

/// Score of one operator on one day. Everything in log-odds unless said.
struct RiskScore {
    double alpha = 0, beta = 0;  ///< posterior of the propensity: Beta(alpha, beta)
    double base = 0;             ///< of all operators
    double stratum = 0;          ///< this stratum's difference from it
    double history = 0;          ///< its own visits' difference from the stratum
    std::array<double, risk_signals> signals{};
    double control = 0;        ///< 0 or less
    double hazard = 1;         ///< factor
    double exposure = 1;       ///< factor
    double severity_rate = 0;  ///< severity-weighted findings expected of a visit
    PredictedRisk risk;        ///< probability that the next visit finds a violation
    double priority = 0;       ///< probability × hazard × exposure: the order
};

class RiskModel {
 public:
    /// Learns from visits in the window before `as_of`; later ones are not looked at. O(visits).
    static RiskModel train(std::span<const Features> operators, const RiskLevers& levers, Date as_of);

    /// Pure; later visits and signals of `one` are not looked at either. O(visits + signals).
    [[nodiscard]] RiskScore score(const Features& one) const;
    /// The stratum that decides for it: its own, or that of its type, or of all.
    [[nodiscard]] const Stratum& stratum_of(const Features& one) const;

    [[nodiscard]] Date trained_from() const { return from_; }
    [[nodiscard]] Date as_of() const { return as_of_; }
    [[nodiscard]] const Stratum& all() const { return all_; }
    [[nodiscard]] std::size_t strata() const { return strata_.size(); }
    [[nodiscard]] const RiskLevers& levers() const { return levers_; }
    /// Names levers, window and the learned means: two scores of one version are comparable.
    [[nodiscard]] std::string version() const;

 private:
    RiskLevers levers_;
    Date from_, as_of_;
    Stratum all_;
    std::map<std::string, Stratum, std::less<>> types_, strata_;
    std::vector<double> discounts_;  // γ^age by whole days
    std::array<std::vector<double>, risk_signals + 1> decays_;
};

/// One line of an explanation.
struct RiskContribution {
    std::string name;  ///< base stratum history, a signal, control, hazard, exposure
    double log = 0;    ///< log-odds, or the logarithm of a factor
};
/// All that are not zero, by size, the largest first. `base` is not among them: it is the same for all.
[[nodiscard]] std::vector<RiskContribution> contributions(const RiskScore& score);

/// Equal-tailed posterior interval of the propensity, before signals: what the visits alone say.
struct RiskInterval {
    double lower = 0, upper = 1;
};
[[nodiscard]] RiskInterval interval_of(const RiskScore& score, double level);

}  // namespace qingyuan::assess
