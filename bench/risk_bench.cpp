// Grades and scores of a million operators: all grades and all scores, then one operator again after a new
// fact. Facts and features are made in memory; reading them from a journal is another matter (figures_bench).
// Arguments: how many operators (default 1,000,000).
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "assess/credit.hpp"
#include "assess/risk.hpp"
#include "base/random.hpp"
#include "measure.hpp"

using namespace qingyuan;

namespace {

using bench::must;

const Date day = make_date(2025, 7, 1);

struct Operators {
    std::vector<std::vector<assess::CreditFact>> facts;
    std::vector<assess::Features> features;
};

/// As many acts and visits as a province has: two visits in three years each, a penalty for one in twelve.
Operators made(std::size_t count, const law::CreditRules& rules) {
    constexpr int types = 12, counties = 120, days = 1095;
    Random random(1);
    Operators out;
    out.facts.resize(count);
    out.features.resize(count);
    const auto kinds = rules.kinds();
    std::int64_t act = 0;
    for (std::size_t i = 0; i < count; ++i) {
        assess::Features& one = out.features[i];
        one.type = fmt::format("type_{:02}", random.below(types));
        one.region = fmt::format("43{:04}", random.below(counties));
        one.size = random.chance(1, 3) ? "store" : "single";
        for (std::uint64_t k = random.below(5); k > 0; --k) {
            const bool violation = random.chance(1, 3);
            one.visits.push_back({day - static_cast<int>(1 + random.below(days)), violation,
                                  violation ? 2.0 : 0, violation ? 4.0 : 0});
            out.facts[i].push_back({"inspection_conform",
                                    fmt::format("i{}", ++act),
                                    act,
                                    one.visits.back().on,
                                    one.visits.back().on,
                                    {},
                                    {},
                                    true,
                                    false});
        }
        if (random.chance(1, 8))
            one.signals.push_back({static_cast<assess::RiskSignal>(random.below(assess::risk_signals)),
                                   day - static_cast<int>(1 + random.below(days))});
        if (!random.chance(1, 12)) continue;
        const Date on = day - static_cast<int>(1 + random.below(days));
        const law::CreditFactKind& kind = kinds[4 + random.below(4)];
        out.facts[i].push_back({kind.id, fmt::format("c{}", ++act), act, on, on, {}, {}, true, false});
    }
    return out;
}

/// Halves of the work on two threads.
void in_two(std::size_t count, const std::function<void(std::size_t, std::size_t)>& work) {
    std::jthread other([&] { work(0, count / 2); });
    work(count / 2, count);
}

}  // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const law::Law law = must(law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law"));
    const auto rules = must(law::CreditRules::load(law));
    const auto levers = must(assess::RiskLevers::load(law, day));
    const Operators all = made(count, rules);

    for (const char* id : {"wuhan_ten_point", "shaanxi_direct"}) {
        const law::CreditRule& rule = *must(rules.rule(id, day));
        std::vector<assess::CreditGrade> grades(count);
        const double seconds = bench::best_of(3, [&] {
            in_two(count, [&](std::size_t from, std::size_t to) {
                for (std::size_t i = from; i < to; ++i)
                    grades[i] = must(assess::grade(rules, rule, all.facts[i], day)).grade;
            });
        });
        bench::print(fmt::format("all grades, {}", id), seconds, "s", fmt::format("{} operators", count));
    }

    std::optional<assess::RiskModel> model;
    const double training =
        bench::best_of(3, [&] { model = assess::RiskModel::train(all.features, levers, day); });
    bench::print("model trained", training, "s", fmt::format("{} strata", model->strata()));
    std::vector<double> priorities(count);
    const double scoring = bench::best_of(3, [&] {
        in_two(count, [&](std::size_t from, std::size_t to) {
            for (std::size_t i = from; i < to; ++i) priorities[i] = model->score(all.features[i]).priority;
        });
    });
    bench::print("all scores", scoring, "s", fmt::format("{} operators", count));
    double width = 0;
    const double intervals = bench::best_of(1, [&] {
        for (std::size_t i = 0; i < count / 100; ++i)
            width += assess::interval_of(model->score(all.features[i]), levers.interval).upper;
    });
    bench::print("score with interval", intervals / static_cast<double>(count / 100 + 1) * 1e6, "us",
                 fmt::format("mean upper end {:.3f}", width / static_cast<double>(count / 100 + 1)));

    // One operator: a new failed sample and a new penalty, graded and scored again.
    const law::CreditRule& rule = *must(rules.rule("wuhan_ten_point", day));
    assess::Features one = all.features[count / 2];
    std::vector<assess::CreditFact> facts = all.facts[count / 2];
    one.signals.push_back({assess::RiskSignal::sample, day - 1});
    facts.push_back({"penalty_fine", "new", 1, day - 1, day - 1, {}, {}, true, false});
    constexpr int times = 1000;
    double sum = 0;
    const double again = bench::best_of(3, [&] {
        for (int i = 0; i < times; ++i) {
            sum += model->score(one).priority;
            sum += must(assess::grade(rules, rule, facts, day)).points.numerator() > 0 ? 1 : 0;
        }
    });
    bench::print("one operator graded and scored again", again / times * 1e6, "us",
                 fmt::format("sum {:.3f}", sum));
    return 0;
}
