#include "assess/criteria.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace qingyuan::assess {

using law::Comparison;
using law::SignalCondition;

namespace {

bool holds(double value, Comparison comparison, double threshold) {
    if (!is_estimable(value)) return false;
    switch (comparison) {
        case Comparison::at_least: return value >= threshold;
        case Comparison::above: return value > threshold;
        case Comparison::at_most: return value <= threshold;
        case Comparison::below: return value < threshold;
    }
    return false;
}

double number(const Rational& value) {
    return static_cast<double>(value.numerator()) / static_cast<double>(value.denominator());
}

bool judge(const SignalCondition& condition, const Measures& measures, std::vector<Finding>* findings) {
    if (condition.kind == SignalCondition::Kind::measure) {
        const double value = measure_of(measures, condition.measure);
        const bool met = holds(value, condition.comparison, number(condition.threshold));
        if (findings != nullptr) findings->push_back({&condition, value, met});
        return met;
    }
    const bool all = condition.kind == SignalCondition::Kind::all_of;
    bool met = all;
    for (const SignalCondition& one : condition.of) {
        const bool here = judge(one, measures, findings);
        met = all ? met && here : met || here;
    }
    return met;
}

/// Would the criterion be met if what is not estimable were?
bool could_be_met(const SignalCondition& condition, const Measures& measures) {
    if (condition.kind == SignalCondition::Kind::measure) {
        const double value = measure_of(measures, condition.measure);
        return !is_estimable(value) || holds(value, condition.comparison, number(condition.threshold));
    }
    const auto could = [&](const SignalCondition& one) { return could_be_met(one, measures); };
    return condition.kind == SignalCondition::Kind::all_of ? std::ranges::all_of(condition.of, could)
                                                           : std::ranges::any_of(condition.of, could);
}

void add(Counts& sum, const Counts& one) {
    sum.n += one.n;
    sum.product += one.product;
    sum.reaction += one.reaction;
    sum.total += one.total;
}

Measures without_prior(const Counts& counts) {
    return counts.total == 0 ? Measures{.counts = counts} : measures_of(counts);
}

}  // namespace

double measure_of(const Measures& m, std::size_t measure) {
    const auto count = [](std::uint64_t one) { return static_cast<double>(one); };
    const double values[] = {count(m.counts.n),
                             count(m.counts.product),
                             count(m.counts.reaction),
                             count(m.counts.total),
                             m.expected,
                             m.rr,
                             m.prr,
                             m.prr_lower,
                             m.prr_upper,
                             m.ror,
                             m.ror_lower,
                             m.ror_upper,
                             m.chi2_yates,
                             m.fisher_p,
                             m.ic,
                             m.ic025,
                             m.ic975,
                             m.ebgm,
                             m.eb05,
                             m.eb95};
    static_assert(std::size(values) == law::signal_measures.size());
    QY_ASSERT(measure < std::size(values));
    return values[measure];
}

Verdict verdict(const law::Criterion& criterion, const Measures& measures) {
    Verdict out;
    out.met = judge(criterion.condition, measures, &out.findings);
    out.estimable = out.met || !could_be_met(criterion.condition, measures);
    return out;
}

bool meets(const law::Criterion& criterion, const Measures& measures) {
    return judge(criterion.condition, measures, nullptr);
}

int quarter_of(Date date) {
    return 4 * date.year() + (date.month() - 1) / 3;
}

std::string quarter_text(int quarter) {
    return fmt::format("{}Q{}", quarter / 4, quarter % 4 + 1);
}

std::vector<TrendPoint> trend(std::span<const QuarterCounts> quarters) {
    std::vector<QuarterCounts> sorted(quarters.begin(), quarters.end());
    std::ranges::sort(sorted, {}, &QuarterCounts::quarter);
    std::vector<TrendPoint> out;
    Counts until;
    for (const QuarterCounts& one : sorted) {
        add(until, one.counts);
        out.push_back({one.quarter, without_prior(one.counts), without_prior(until)});
    }
    return out;
}

Change change(const law::Criterion& criterion, const Measures& before, const Measures& now) {
    const bool was = meets(criterion, before), is = meets(criterion, now);
    return was == is ? Change::none : is ? Change::appeared : Change::went;
}

Change change(const law::Criterion& criterion, std::span<const TrendPoint> points, int quarter) {
    const TrendPoint *before = nullptr, *now = nullptr;
    for (const TrendPoint& one : points) {
        if (one.quarter < quarter) before = &one;
        if (one.quarter <= quarter) now = &one;
    }
    static const Measures nothing;
    return change(criterion, before == nullptr ? nothing : before->until,
                  now == nullptr ? nothing : now->until);
}

bool more_frequent(std::span<const QuarterCounts> quarters, int quarter, std::uint64_t cases_min) {
    Counts now, before;
    for (const QuarterCounts& one : quarters) {
        if (one.quarter > quarter || one.quarter <= quarter - 8) continue;
        add(one.quarter > quarter - 4 ? now : before, one.counts);
    }
    if (now.n < cases_min) return false;
    // n/product > n'/product' without division; nothing before counts as a share of 0.
    return static_cast<double>(now.n) * static_cast<double>(std::max<std::uint64_t>(before.product, 1)) >
           static_cast<double>(before.n) * static_cast<double>(now.product);
}

}  // namespace qingyuan::assess
