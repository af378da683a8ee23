// One pair of product and reaction, looked at closely: strata, trend, batches, daily looks, and the words.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "assess/case_table.hpp"
#include "assess/signal_table.hpp"
#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

/// Counts of one group of cases.
struct Cell {
    Counts counts;
    void add(bool has_product, bool has_reaction) {
        ++counts.total;
        counts.product += has_product;
        counts.reaction += has_reaction;
        counts.n += has_product && has_reaction;
    }
};

Measures measures_with(const Counts& counts, double expectation, const std::optional<Theta>& theta) {
    if (!theta || !(expectation > 0)) {
        Measures out = measures_of(counts);
        if (expectation > 0 && expectation != out.expected)
            out = measures_of(counts, expectation, gamma_limits(counts.n));
        return out;
    }
    Shrinkage shrinkage(*theta);
    return measures_of(counts, expectation, shrinkage);
}

/// A case as the looks see it.
struct Seen {
    Date on;
    bool has_product = false, has_reaction = false;
};

/// Day by day: cases of the product, and of them with the reaction; what is to be expected of them by the
/// share that the reaction has among the cases of other products.
std::optional<WatchView> watched(std::vector<Seen> seen, const Counts& counts, const SequentialPlan& plan) {
    const double others = static_cast<double>(counts.total - counts.product);
    const double share = others > 0 ? static_cast<double>(counts.reaction - counts.n) / others : 0;
    if (!(share > 0)) return std::nullopt;
    const auto critical = critical_value(plan);
    if (!critical) return std::nullopt;
    std::ranges::sort(seen, {}, &Seen::on);
    Watch watch{.critical_value = *critical, .events_min = plan.events_min, .horizon = plan.horizon};
    WatchView out{.critical = *critical, .horizon = plan.horizon, .alpha = plan.alpha};
    for (std::size_t from = 0; from < seen.size();) {
        std::size_t to = from;
        std::uint64_t products = 0, pairs = 0;
        for (; to < seen.size() && seen[to].on == seen[from].on; ++to) {
            products += seen[to].has_product;
            pairs += seen[to].has_product && seen[to].has_reaction;
        }
        if (products > 0 && watch.look(pairs, static_cast<double>(products) * share))
            out.since = seen[from].on;
        from = to;
    }
    out.count = watch.count;
    out.expected = watch.expected;
    out.llr = sequential_llr(watch.count, watch.expected);
    out.signalled = watch.signalled;
    out.ended = watch.ended;
    return out;
}

struct Gathered {
    Cell all;
    std::array<std::map<std::string, Cell>, stratum_names.size()> strata;
    std::map<std::string, Cell> sex_and_age;
    std::map<int, Cell> quarters;
    std::map<std::pair<std::string, std::string>, std::uint32_t> batches;
    std::map<std::string, std::uint32_t> organisations;
    std::vector<std::uint32_t> cases;
    std::vector<Seen> seen;
};

void note_member(Gathered& out, const facts::SafetyReport& report, std::uint32_t place,
                 std::string_view product, ProductLevel level) {
    out.cases.push_back(place);
    ++out.organisations[report.organisation];
    std::set<std::pair<std::string, std::string>> batches;
    for (const facts::SuspectProduct& suspect : report.products) {
        facts::SafetyReport alone;
        alone.products = {suspect};
        if (const auto texts = products_of(alone, level); !texts.empty() && texts.front() == product)
            batches.emplace(suspect.maker, suspect.batch);
    }
    for (const auto& batch : batches) ++out.batches[batch];
}

Gathered gather(std::span<const facts::SafetyReport> cases, std::string_view product,
                std::string_view reaction, const law::ReactionFamilies& families, const SignalLevel& level) {
    Gathered out;
    for (std::uint32_t i = 0; i < cases.size(); ++i) {
        const facts::SafetyReport& report = cases[i];
        if (!is_of_kind(report, level.kind)) continue;
        const auto products = products_of(report, level.product);
        const auto reactions = reactions_of(report, level.reaction, families);
        const bool has_product = std::ranges::binary_search(products, product);
        const bool has_reaction = std::ranges::binary_search(reactions, reaction);
        out.all.add(has_product, has_reaction);
        for (std::size_t s = 0; s < stratum_names.size(); ++s)
            out.strata[s][stratum_value(static_cast<StratumKind>(s), report)].add(has_product, has_reaction);
        out.sex_and_age[report.sex + "|" + stratum_value(StratumKind::age_band, report)].add(has_product,
                                                                                             has_reaction);
        if (report.received_on) {
            out.quarters[quarter_of(*report.received_on)].add(has_product, has_reaction);
            out.seen.push_back({*report.received_on, has_product, has_reaction});
        }
        if (has_product && has_reaction) note_member(out, report, i, product, level.product);
    }
    return out;
}

template <class T>
void sort_by_cases(std::vector<T>& items, std::uint32_t T::* count) {
    std::ranges::stable_sort(items, std::greater(), count);
}

}  // namespace

PairView pair_view(std::span<const facts::SafetyReport> cases, std::string_view product,
                   std::string_view reaction, const law::ReactionFamilies& families, const SignalLevel& level,
                   const std::optional<Theta>& theta, const std::optional<SequentialPlan>& plan) {
    Gathered all = gather(cases, product, reaction, families, level);
    PairView out{.counts = all.all.counts};
    out.measures = measures_with(out.counts, expected(out.counts), theta);
    double expectation = 0;
    for (const auto& [value, cell] : all.sex_and_age) expectation += expected(cell.counts);
    out.stratified = measures_with(out.counts, expectation, theta);
    for (std::size_t s = 0; s < stratum_names.size(); ++s)
        for (const auto& [value, cell] : all.strata[s])
            if (cell.counts.product > 0 || cell.counts.reaction > 0)
                out.strata.push_back({static_cast<StratumKind>(s), value,
                                      measures_with(cell.counts, expected(cell.counts), theta)});
    std::vector<QuarterCounts> quarters;
    for (const auto& [quarter, cell] : all.quarters) quarters.push_back({quarter, cell.counts});
    out.trend = trend(quarters);
    if (theta)
        for (TrendPoint& point : out.trend)
            point.until = measures_with(point.until.counts, expected(point.until.counts), theta);
    for (const auto& [batch, count] : all.batches) out.batches.push_back({batch.first, batch.second, count});
    sort_by_cases(out.batches, &BatchCount::cases);
    out.organisations.assign(all.organisations.begin(), all.organisations.end());
    std::ranges::stable_sort(out.organisations, std::greater(), [](const auto& one) { return one.second; });
    out.cases = std::move(all.cases);
    std::ranges::stable_sort(out.cases, std::greater(),
                             [&](std::uint32_t i) { return cases[i].received_on.value_or(Date{}); });
    if (plan) out.watch = watched(std::move(all.seen), out.counts, *plan);
    return out;
}

std::vector<SignalText> caveats(const PairView& view) {
    std::vector<SignalText> out;
    const Counts& counts = view.counts;
    if (counts.n < 5)
        out.push_back({"例数少于 5，各统计量很不稳定", "fewer than 5 cases: every measure is unsteady"});
    if (counts.n > 0 && !is_estimable(view.measures.ror_lower))
        out.push_back({"四格表中有空格，ROR 或者 PRR 的置信限无法估计",
                       "a cell of the table is empty: limits of ROR or PRR cannot be estimated"});
    if (!is_estimable(view.measures.eb05))
        out.push_back({"组合过少，经验贝叶斯先验无法拟合", "too few pairs to fit the empirical-Bayes prior"});
    if (is_estimable(view.measures.ic025) && is_estimable(view.stratified.ic025) &&
        (view.measures.ic025 > 0) != (view.stratified.ic025 > 0))
        out.push_back({"按性别、年龄分层后结论不同：可能有混杂",
                       "stratified by sex and age the answer differs: there may be confounding"});
    if (counts.reaction > 1 && counts.n * 2 > counts.reaction)
        out.push_back(
            {"该反应过半来自本产品：其他产品的信号可能被掩蔽",
             "more than half of the reaction's cases are this product's: it may mask other products"});
    if (counts.n >= 5 && !view.organisations.empty() && view.organisations.front().second * 2 > counts.n)
        out.push_back({fmt::format("过半病例来自同一单位（{} 例）", view.organisations.front().second),
                       fmt::format("more than half of the cases come from one organisation ({})",
                                   view.organisations.front().second)});
    if (counts.n >= 5 && !view.batches.empty() && !view.batches.front().batch.empty() &&
        view.batches.front().cases * 2 > counts.n)
        out.push_back(
            {fmt::format("过半病例属同一批号 {}：宜先查批号聚集", view.batches.front().batch),
             fmt::format("more than half of the cases are of one batch, {}: look for a cluster first",
                         view.batches.front().batch)});
    return out;
}

SignalText paragraph(std::string_view product, std::string_view reaction, const PairView& view,
                     std::uint32_t serious, std::uint32_t deaths, const law::Criteria& criteria,
                     std::uint64_t met) {
    std::vector<std::string> zh, en;
    for (std::size_t i = 0; i < criteria.all().size(); ++i)
        if ((met >> i & 1) != 0) {
            zh.push_back(criteria.all()[i].zh);
            en.push_back(criteria.all()[i].en);
        }
    const Counts& counts = view.counts;
    SignalText out;
    out.zh = fmt::format(
        "{} 例病例中，怀疑 {} 的有 {} 例，报告“{}”的有 {} 例，两者兼有的 {} 例；若两者无关，应有 {:.2f} 例。",
        counts.total, product, counts.product, reaction, counts.reaction, counts.n, view.measures.expected);
    out.en = fmt::format(
        "Of {} cases, {} suspect {}, {} report {}, and {} do both; {:.2f} would be expected if the two had "
        "nothing to do with each other.",
        counts.total, counts.product, product, counts.reaction, reaction, counts.n, view.measures.expected);
    if (serious > 0) {
        out.zh += fmt::format("其中严重 {} 例，死亡 {} 例。", serious, deaths);
        out.en += fmt::format(" {} are serious, {} died.", serious, deaths);
    }
    if (is_estimable(view.measures.eb05)) {
        out.zh += fmt::format("收缩估计为预期的 {:.1f} 倍（90% 区间 {:.1f}–{:.1f}）。", view.measures.ebgm,
                              view.measures.eb05, view.measures.eb95);
        out.en +=
            fmt::format(" Shrunk, that is {:.1f} times the expectation (90 % interval {:.1f} to {:.1f}).",
                        view.measures.ebgm, view.measures.eb05, view.measures.eb95);
    }
    out.zh +=
        zh.empty() ? std::string("未达到任何一项信号标准。") : fmt::format("达到：{}。", join(zh, "、"));
    out.en +=
        en.empty() ? std::string(" It meets no criterion.") : fmt::format(" It meets: {}.", join(en, "; "));
    out.zh += "这是值得审阅病例的问题，不是因果关系的结论，也不说明发生率。";
    out.en +=
        " This is a question to the cases, no finding of cause, and says nothing of how often it happens.";
    return out;
}

}  // namespace qingyuan::assess
