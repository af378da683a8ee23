#include "assess/risk.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/beta.hpp>
#include <fmt/format.h>

#include "base/sm3.hpp"

namespace qingyuan::assess {

namespace {

constexpr std::array<std::string_view, risk_signals> signal_texts{"custody",   "safety",  "sample",
                                                                  "complaint", "listing", "group"};
constexpr double days_of_year = 365.25;
constexpr double probability_min = 1e-4;  // a stratum that never found anything still has finite log-odds

double logit(double p) {
    const double kept = std::clamp(p, probability_min, 1 - probability_min);
    return std::log(kept / (1 - kept));
}
double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}

/// What one operator's visits in the window weigh.
struct Weighed {
    double visits = 0;    // Σγ
    double squares = 0;   // Σγ²
    double found = 0;     // Σγv
    double severity = 0;  // Σγs
    double plain = 0;     // Σs
    double plain_square = 0;
};

Weighed weigh(const Features& one, const std::vector<double>& discounts, Date from, Date as_of) {
    Weighed out;
    for (const RiskVisit& visit : one.visits) {
        if (visit.on < from || visit.on >= as_of) continue;
        const double w = discounts[static_cast<std::size_t>(as_of - visit.on)];
        out.visits += w;
        out.squares += w * w;
        out.found += visit.violation ? w : 0;
        out.severity += w * visit.severity;
        out.plain += visit.severity;
        out.plain_square += visit.severity_square;
    }
    return out;
}

/// Sums over the operators of a stratum, from which its moments follow.
struct Sums {
    std::int64_t operators = 0;
    double visits = 0, found = 0, severity = 0;              // discounted
    double n = 0, n2 = 0, np = 0, np2 = 0, nr = 0, nr2 = 0;  // n: effective number of visits of one operator
    double plain = 0, plain_square = 0;

    void add(const Weighed& one) {
        if (one.visits <= 0) return;
        ++operators;
        visits += one.visits;
        found += one.found;
        severity += one.severity;
        plain += one.plain;
        plain_square += one.plain_square;
        // The variance of a weighted mean is that of (Σw)²/Σw² equal trials (Kish 1965).
        const double effective = one.visits * one.visits / one.squares;
        const double p = one.found / one.visits, r = one.severity / one.visits;
        n += effective;
        n2 += effective * effective;
        np += effective * p;
        np2 += effective * p * p;
        nr += effective * r;
        nr2 += effective * r * r;
    }

    /// Visits beyond those that one mean for all would use up; 0 where nobody was visited twice.
    [[nodiscard]] double freedom() const {
        return n > 0 ? n - n2 / n - static_cast<double>(operators - 1) : 0;
    }

    /// S = 1/ρ − 1 with ρ the intra-class correlation by moments; `most` where operators look alike.
    [[nodiscard]] double strength(double least, double most) const {
        const double mean = found / visits;
        const double spread = mean * (1 - mean);
        if (freedom() <= 1 || spread <= 0) return most;
        const double centre = np / n;
        const double q = np2 - n * centre * centre;
        const double rho = (q / spread - static_cast<double>(operators - 1)) / freedom();
        return rho <= 0 ? most : std::clamp(1 / rho - 1, least, most);
    }
    /// b = φ/τ²: φ the variance of one visit's severity within an operator, τ² the variance between
    /// operators.
    [[nodiscard]] double rate_strength(double least, double most) const {
        const double mean = severity / visits;
        const double denominator = n > 0 ? n - n2 / n : 0;
        if (denominator <= 1 || mean <= 0 || plain <= 0) return most;
        const double within = mean * plain_square / plain;
        const double centre = nr / n;
        const double q = nr2 - n * centre * centre;
        const double between = (q - within * static_cast<double>(operators - 1)) / denominator;
        return between <= 0 ? most : std::clamp(within / between, least, most);
    }
};

std::string stratum_key(const Features& one) {
    std::string key;
    key.reserve(one.type.size() + one.region.size() + one.size.size() + 2);
    return key.append(one.type).append("/").append(one.region).append("/").append(one.size);
}

Stratum settled(const Sums& sums, const Stratum& parent, const RiskLevers& levers) {
    Stratum out;
    out.operators = sums.operators;
    out.visits = sums.visits;
    const double lean = levers.stratum_visits;
    out.mean = (sums.found + lean * parent.mean) / (sums.visits + lean);
    out.rate = (sums.severity + lean * parent.rate) / (sums.visits + lean);
    const bool own = sums.operators >= levers.stratum_operators_min;
    out.strength = own ? sums.strength(levers.strength_min, levers.strength_max) : parent.strength;
    out.rate_strength =
        own ? sums.rate_strength(levers.strength_min, levers.strength_max) : parent.rate_strength;
    return out;
}

double decayed(const std::vector<double>& table, int age) {
    return static_cast<std::size_t>(age) < table.size() ? table[static_cast<std::size_t>(age)] : 0;
}

std::vector<double> halving(double half_life_days, int days) {
    std::vector<double> out(static_cast<std::size_t>(days) + 1);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::exp2(-static_cast<double>(i) / half_life_days);
    return out;
}

/// Reads levers and remembers their exact values for the version.
class LeverReader {
 public:
    LeverReader(const law::Law& law, Date on) : law_(law), on_(on) {}
    Result<double> number(const std::string& id, double least, double most) {
        const Rational value = TRY(law_.parameter("risk_" + id, on_));
        const double out = static_cast<double>(value.numerator()) / static_cast<double>(value.denominator());
        if (out < least || out > most)
            return Error{ErrorCode::law_value_invalid,
                         fmt::format("risk_{} lies between {} and {}", id, least, most),
                         "parameters/risk.toml"};
        text_ += fmt::format("{}={}\n", id, value.exact());
        return out;
    }
    Result<RiskLevers::Signal> signal(const std::string& id) {
        constexpr double weight_max = 10, days_max = 3650;
        return RiskLevers::Signal{TRY(number(id + "_weight", 0, weight_max)),
                                  TRY(number(id + "_half_life", 1, days_max)),
                                  TRY(number(id + "_cap", 0, weight_max))};
    }
    [[nodiscard]] std::string version() const { return hex(sm3(text_)).substr(0, 8); }

 private:
    const law::Law& law_;
    Date on_;
    std::string text_;
};

}  // namespace

std::string_view text_of(RiskSignal kind) {
    return signal_texts[static_cast<std::size_t>(kind)];
}

Result<RiskLevers> RiskLevers::load(const law::Law& law, Date on) {
    constexpr double years_max = 20, visits_max = 10'000, factor_max = 100;
    LeverReader reader(law, on);
    RiskLevers out;
    out.discount_per_year = TRY(reader.number("discount_per_year", 0.01, 1));
    out.window_years = static_cast<int>(TRY(reader.number("window_years", 1, years_max)));
    out.strength_min = TRY(reader.number("strength_min", 0.01, visits_max));
    out.strength_max = TRY(reader.number("strength_max", out.strength_min, visits_max));
    out.stratum_visits = TRY(reader.number("stratum_visits", 0.01, visits_max));
    out.stratum_operators_min = static_cast<int>(TRY(reader.number("stratum_operators_min", 2, visits_max)));
    for (std::size_t kind = 0; kind < risk_signals; ++kind)
        out.signals[kind] = TRY(reader.signal(fmt::format("signal_{}", signal_texts[kind])));
    out.signals_cap = TRY(reader.number("signals_cap", 0, factor_max));
    out.control = TRY(reader.signal("control"));
    for (std::size_t tier = 0; tier < out.hazard.size(); ++tier)
        out.hazard[tier] = TRY(reader.number(fmt::format("hazard_{}", text_of(static_cast<HazardTier>(tier))),
                                             0.01, factor_max));
    out.exposure_cap = TRY(reader.number("exposure_cap", 1, factor_max));
    out.severity_critical = TRY(reader.number("severity_critical", 0, factor_max));
    out.severity_major = TRY(reader.number("severity_major", 0, factor_max));
    out.severity_minor = TRY(reader.number("severity_minor", 0, factor_max));
    out.interval = TRY(reader.number("interval_percent", 50, 99.9)) / 100;
    out.group_stores_min = static_cast<int>(TRY(reader.number("group_stores_min", 2, visits_max)));
    out.group_window_days = static_cast<int>(TRY(reader.number("group_window_days", 1, 3650)));
    out.version = reader.version();
    return out;
}

RiskModel RiskModel::train(std::span<const Features> operators, const RiskLevers& levers, Date as_of) {
    RiskModel out;
    out.levers_ = levers;
    out.as_of_ = as_of;
    out.from_ = as_of.plus_months(-12 * levers.window_years);
    const int days = as_of - out.from_;
    out.discounts_ = halving(-days_of_year / std::log2(levers.discount_per_year), days);
    if (levers.discount_per_year == 1) std::ranges::fill(out.discounts_, 1.0);
    for (std::size_t kind = 0; kind < risk_signals; ++kind)
        out.decays_[kind] = halving(levers.signals[kind].half_life_days, days);
    out.decays_[risk_signals] = halving(levers.control.half_life_days, days);

    Sums all;
    std::map<std::string, Sums, std::less<>> types;
    std::map<std::string, std::pair<Sums, std::string>, std::less<>> strata;
    std::string last_key;
    Sums *type = nullptr, *stratum = nullptr;
    for (const Features& one : operators) {
        const Weighed weighed = weigh(one, out.discounts_, out.from_, as_of);
        if (weighed.visits <= 0) continue;
        if (std::string key = stratum_key(one); key != last_key || stratum == nullptr) {
            auto& entry = strata[key];
            entry.second = one.type;
            stratum = &entry.first;
            type = &types[one.type];
            last_key = std::move(key);
        }
        all.add(weighed);
        type->add(weighed);
        stratum->add(weighed);
    }
    if (all.operators == 0) {
        // Nothing was ever seen: every operator is alike, at even odds.
        out.all_ = {0.5, levers.strength_max, 0, levers.strength_max, 0, 0};
        return out;
    }
    out.all_ = {all.found / all.visits,
                all.strength(levers.strength_min, levers.strength_max),
                all.severity / all.visits,
                all.rate_strength(levers.strength_min, levers.strength_max),
                all.operators,
                all.visits};
    for (const auto& [name, sums] : types) out.types_[name] = settled(sums, out.all_, levers);
    for (const auto& [key, entry] : strata)
        out.strata_[key] = settled(entry.first, out.types_[entry.second], levers);
    return out;
}

const Stratum& RiskModel::stratum_of(const Features& one) const {
    if (const auto found = strata_.find(stratum_key(one)); found != strata_.end()) return found->second;
    if (const auto found = types_.find(one.type); found != types_.end()) return found->second;
    return all_;
}

RiskScore RiskModel::score(const Features& one) const {
    const Stratum& stratum = stratum_of(one);
    const Weighed own = weigh(one, discounts_, from_, as_of_);
    RiskScore out;
    out.alpha = own.found + stratum.strength * stratum.mean;
    out.beta = own.visits - own.found + stratum.strength * (1 - stratum.mean);
    const double propensity = out.alpha / (out.alpha + out.beta);
    out.base = logit(all_.mean);
    out.stratum = logit(stratum.mean) - out.base;
    out.history = logit(propensity) - logit(stratum.mean);
    double sum = 0;
    for (const RiskEvent& event : one.signals) {
        const auto kind = static_cast<std::size_t>(event.kind);
        if (event.on < from_ || event.on >= as_of_) continue;
        out.signals[kind] += levers_.signals[kind].weight * decayed(decays_[kind], as_of_ - event.on);
    }
    for (std::size_t kind = 0; kind < risk_signals; ++kind) {
        out.signals[kind] = std::min(out.signals[kind], levers_.signals[kind].cap);
        sum += out.signals[kind];
    }
    if (sum > levers_.signals_cap) {
        for (double& signal : out.signals) signal *= levers_.signals_cap / sum;
        sum = levers_.signals_cap;
    }
    for (const Date on : one.controls)
        if (on >= from_ && on < as_of_)
            out.control -= levers_.control.weight * decayed(decays_[risk_signals], as_of_ - on);
    out.control = std::max(out.control, -levers_.control.cap);
    out.hazard = levers_.hazard[static_cast<std::size_t>(one.tier)];
    out.exposure = std::clamp(one.exposure, 1 / levers_.exposure_cap, levers_.exposure_cap);
    const double moved = sum + out.control;
    out.severity_rate = (own.severity + stratum.rate_strength * stratum.rate) /
                        (own.visits + stratum.rate_strength) * std::exp(moved);
    out.risk = PredictedRisk(logistic(logit(propensity) + moved));
    out.priority = out.risk.probability() * out.hazard * out.exposure;
    return out;
}

std::string RiskModel::version() const {
    return fmt::format("{}.{}", as_of_.text(), levers_.version);
}

std::vector<RiskContribution> contributions(const RiskScore& score) {
    std::vector<RiskContribution> out = {{"stratum", score.stratum},
                                         {"history", score.history},
                                         {"control", score.control},
                                         {"hazard", std::log(score.hazard)},
                                         {"exposure", std::log(score.exposure)}};
    for (std::size_t kind = 0; kind < risk_signals; ++kind)
        out.push_back({std::string(signal_texts[kind]), score.signals[kind]});
    std::erase_if(out, [](const RiskContribution& one) { return one.log == 0; });
    std::ranges::stable_sort(out, [](const RiskContribution& a, const RiskContribution& b) {
        return std::abs(a.log) > std::abs(b.log);
    });
    return out;
}

RiskInterval interval_of(const RiskScore& score, double level) {
    const double tail = (1 - level) / 2;
    return {boost::math::ibeta_inv(score.alpha, score.beta, tail),
            boost::math::ibeta_inv(score.alpha, score.beta, 1 - tail)};
}

}  // namespace qingyuan::assess
