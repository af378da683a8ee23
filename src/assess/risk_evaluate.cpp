#include "assess/risk_evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/random.hpp"

namespace qingyuan::assess {

namespace {

constexpr double z95 = 1.959963984540054;
constexpr std::size_t deciles = 10, fifths = 5;
constexpr double days_of_year = 365.25;

/// Wilson's score interval (1927).
void wilson(CalibrationBin& bin) {
    if (bin.visits == 0) return;
    const auto n = static_cast<double>(bin.visits);
    const double p = static_cast<double>(bin.found) / n, z2 = z95 * z95;
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    bin.observed = p;
    bin.lower = std::max(0.0, centre - half);
    bin.upper = std::min(1.0, centre + half);
}

/// One visit and what was said of it before it was made.
struct Judged {
    double predicted = 0, stratum = 0, rank = 0;
    bool found = false, random = false;
};

/// Mann-Whitney with ties counted half.
double auc_of(std::vector<Judged> judged) {
    std::ranges::sort(judged, {}, &Judged::rank);
    double pairs = 0, won = 0, below = 0;
    for (std::size_t i = 0; i < judged.size();) {
        std::size_t end = i;
        double good = 0, bad = 0;
        for (; end < judged.size() && judged[end].rank == judged[i].rank; ++end)
            ++(judged[end].found ? bad : good);
        won += bad * (below + good / 2);
        below += good;
        i = end;
    }
    double bad = 0;
    for (const Judged& one : judged) bad += one.found ? 1 : 0;
    pairs = bad * below;
    return pairs > 0 ? won / pairs : 0.5;
}

void calibrate(std::vector<Judged> judged, RiskEvaluation& out) {
    std::ranges::stable_sort(judged, {}, &Judged::predicted);
    out.deciles.assign(deciles, {});
    for (std::size_t i = 0; i < judged.size(); ++i) {
        CalibrationBin& bin = out.deciles[i * deciles / judged.size()];
        ++bin.visits;
        bin.found += judged[i].found ? 1 : 0;
        bin.predicted += judged[i].predicted;
    }
    std::erase_if(out.deciles, [](const CalibrationBin& bin) { return bin.visits == 0; });
    for (CalibrationBin& bin : out.deciles) {
        bin.predicted /= static_cast<double>(bin.visits);
        wilson(bin);
    }
}

void summarise(const std::vector<Judged>& judged, RiskEvaluation& out) {
    std::vector<Judged> random;
    for (const Judged& one : judged) {
        ++out.visits;
        const double truth = one.found ? 1 : 0;
        out.found += one.found ? 1 : 0;
        out.brier += (one.predicted - truth) * (one.predicted - truth);
        out.brier_stratum += (one.stratum - truth) * (one.stratum - truth);
        if (!one.random) continue;
        random.push_back(one);
        ++out.random.visits;
        out.random.found += one.found ? 1 : 0;
        out.random.predicted += one.predicted;
    }
    out.brier /= static_cast<double>(out.visits);
    out.brier_stratum /= static_cast<double>(out.visits);
    out.auc = auc_of(judged);
    out.random_auc = auc_of(random);
    if (out.random.visits > 0) out.random.predicted /= static_cast<double>(out.random.visits);
    wilson(out.random);
    calibrate(judged, out);
    std::vector<Judged> ranked = judged;
    std::ranges::stable_sort(ranked, std::greater<>(), &Judged::rank);
    std::int64_t first_half = 0;
    for (std::size_t i = 0; i < ranked.size() / 2; ++i) first_half += ranked[i].found ? 1 : 0;
    if (out.found > 0) out.captured_half = static_cast<double>(first_half) / static_cast<double>(out.found);
}

/// Sums of one group in one fifth of risk.
struct Cell {
    double operators = 0, visits = 0, clean = 0;
};

/// Visits of an operator-year by group within each fifth of posterior risk, then the fifths weighed alike:
/// risk explains no difference that is left.
void burden_by(const std::string& axis, const std::vector<RiskSubject>& subjects,
               const std::vector<std::size_t>& fifth, Date from, Date to,
               const std::function<std::string(const RiskSubject&)>& group_of, RiskEvaluation& out) {
    std::map<std::string, std::array<Cell, fifths>> cells;
    std::array<Cell, fifths> all{};
    const double years = std::max(1.0, static_cast<double>(to - from)) / days_of_year;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        Cell one{1, 0, 0};
        for (const RiskVisit& visit : subjects[i].features.visits) {
            if (visit.on < from || visit.on >= to) continue;
            one.visits += 1;
            one.clean += visit.violation ? 0 : 1;
        }
        for (Cell* cell : {&cells[group_of(subjects[i])][fifth[i]], &all[fifth[i]]}) {
            cell->operators += one.operators;
            cell->visits += one.visits;
            cell->clean += one.clean;
        }
    }
    for (const auto& [group, row] : cells) {
        BurdenRow burden{axis, group, 0, 0, 1, 0, 0};
        double used = 0, expected = 0, visits = 0, clean = 0, operators = 0;
        for (std::size_t i = 0; i < fifths; ++i) {
            if (row[i].operators == 0) continue;
            used += 1;
            burden.visits_a_year += row[i].visits / row[i].operators / years;
            expected += all[i].visits / all[i].operators / years;
            operators += row[i].operators;
            visits += row[i].visits;
            clean += row[i].clean;
        }
        burden.operators = static_cast<std::int64_t>(operators);
        burden.parity = expected > 0 ? burden.visits_a_year / expected : 1;
        burden.visits_a_year /= used;
        burden.clean_share = visits > 0 ? clean / visits : 0;
        burden.clean_a_year = clean / operators / years;
        out.burden.push_back(std::move(burden));
    }
}

std::vector<Features> features_of(const std::vector<RiskSubject>& subjects) {
    std::vector<Features> out;
    out.reserve(subjects.size());
    for (const RiskSubject& subject : subjects) out.push_back(subject.features);
    return out;
}

/// Fifths of posterior risk on the first judged day.
std::vector<std::size_t> fifths_of(const std::vector<Features>& features, const RiskModel& model) {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < features.size(); ++i)
        order.emplace_back(model.score(features[i]).risk.probability(), i);
    std::ranges::sort(order);
    std::vector<std::size_t> out(features.size());
    for (std::size_t i = 0; i < order.size(); ++i) out[order[i].second] = i * fifths / order.size();
    return out;
}

}  // namespace

Result<RiskEvaluation> evaluate_risk(const std::vector<RiskSubject>& subjects, const RiskLevers& levers,
                                     Date as_of, int warm_up_months) {
    constexpr int quarter = 3;
    Date first = as_of;
    for (const RiskSubject& subject : subjects)
        for (const RiskVisit& visit : subject.features.visits) first = std::min(first, visit.on);
    const Date begin = first.plus_months(warm_up_months);
    const std::vector<Features> features = features_of(subjects);
    RiskEvaluation out;
    std::vector<Judged> judged;
    std::vector<std::size_t> fifth;
    for (Date from = begin; from < as_of; from = from.plus_months(quarter)) {
        const Date to = std::min(as_of, from.plus_months(quarter));
        const RiskModel model = RiskModel::train(features, levers, from);
        if (fifth.empty()) fifth = fifths_of(features, model);
        for (std::size_t i = 0; i < subjects.size(); ++i) {
            std::optional<RiskScore> score;
            for (std::size_t k = 0; k < features[i].visits.size(); ++k) {
                const RiskVisit& visit = features[i].visits[k];
                if (visit.on < from || visit.on >= to) continue;
                if (!score) score = model.score(features[i]);
                judged.push_back({score->risk.probability(), model.stratum_of(features[i]).mean,
                                  score->risk.probability(), visit.violation, subjects[i].random[k]});
            }
        }
        ++out.periods;
        out.version = model.version();
    }
    if (judged.empty())
        return Error{ErrorCode::condition_unmet,
                     fmt::format("no visit lies between {} and {}", begin.text(), as_of.text()),
                     "visits",
                     {},
                     "wait for visits, or shorten the warm-up"};
    out.from = begin;
    out.to = as_of - 1;
    summarise(judged, out);
    const auto burden = [&](const std::string& axis,
                            const std::function<std::string(const RiskSubject&)>& of) {
        burden_by(axis, subjects, fifth, begin, as_of, of, out);
    };
    burden("size", [](const RiskSubject& one) { return one.features.size; });
    burden("region", [](const RiskSubject& one) { return one.features.region; });
    burden("ownership", [](const RiskSubject& one) { return one.ownership; });
    return out;
}

std::vector<RiskSubject> simulated_subjects(std::uint64_t seed, int operators, int visits, int quarters,
                                            Date until) {
    constexpr int types = 3, regions = 4, quarter_days = 91;
    Random random(seed);
    std::vector<RiskSubject> out(static_cast<std::size_t>(operators));
    std::vector<double> truth(out.size());
    const auto unit = [&] { return static_cast<double>(random.below(1'000'000) + 1) / 1'000'001; };
    for (std::size_t i = 0; i < out.size(); ++i) {
        Features& one = out[i].features;
        const auto type = random.below(types), region = random.below(regions);
        one.type = fmt::format("type_{}", type);
        one.region = fmt::format("region_{}", region);
        one.size = random.below(2) == 0 ? "single" : "store";
        out[i].id = fmt::format("sim_{:06}", i);
        out[i].ownership = one.size == "single" ? "independent" : "chain";
        // Logistic-normal around the stratum: what the model assumes only roughly.
        const double normal = std::sqrt(-2 * std::log(unit())) * std::cos(2 * 3.141592653589793 * unit());
        const double centre = -1.1 + 0.4 * static_cast<double>(type) - 0.15 * static_cast<double>(region);
        truth[i] = 1 / (1 + std::exp(-(centre + 0.9 * normal)));
    }
    for (int quarter = 0; quarter < quarters; ++quarter) {
        const Date from = until - (quarters - quarter) * quarter_days;
        for (int k = 0; k < visits; ++k) {
            const auto i = static_cast<std::size_t>(random.below(out.size()));
            RiskVisit visit{from + static_cast<int>(random.below(quarter_days)), unit() < truth[i], 0, 0};
            if (visit.violation) visit.severity = visit.severity_square = 1;
            out[i].features.visits.push_back(visit);
            out[i].random.push_back(true);
        }
    }
    return out;
}

}  // namespace qingyuan::assess
