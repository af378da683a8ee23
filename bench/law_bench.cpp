// The deadline engine: due dates a second on one thread, plain and with a ledger of three pauses; and loading
// the whole law.
#include <cstdlib>
#include <vector>

#include "base/random.hpp"
#include "law/law.hpp"
#include "law/punishment.hpp"
#include "measure.hpp"

namespace {

using namespace qingyuan;

/// Sums the due dates, so that none can be left out.
std::int64_t run(const law::Calendar& calendar, const std::vector<Date>& starts, law::Unit unit,
                 std::span<const law::Excluded> ledger) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const auto due = law::due_date(calendar, starts[i], static_cast<int>(i % 180), unit, ledger);
        if (!due) std::abort();
        sum += due->due.days;
    }
    return sum;
}

/// Penalties a second on one thread: one rule, and all rules of an act with the heaviest of them.
void measure_penalties(const law::Law& law) {
    constexpr int rounds = 100'000;
    const law::Violation* recycled = law.find_violation("D11");
    if (recycled == nullptr) std::abort();
    law::PenaltyFacts facts{{"channel", "retail"}, {"corrected_in_time", "false"}};
    volatile std::int64_t kept = 0;
    const auto run_rounds = [&](auto&& compute) {
        std::int64_t sum = 0;
        for (int i = 0; i < rounds; ++i) {
            facts["goods_value"] = std::to_string(i);
            sum += compute();
        }
        kept = sum;
    };
    const auto measure = [&](const char* name, auto&& compute) {
        const double seconds = bench::best_of(3, [&] { run_rounds(compute); });
        bench::print(name, rounds / seconds, "1/s", "with every step in zh and en, one thread");
    };
    measure("penalties", [&] {
        const auto one = law::compute_penalty(law, "DAL117", facts);
        if (!one) std::abort();
        return one->organisation.max.value;
    });
    measure("punishments", [&] {
        const auto all = law::punish(law, *recycled, facts, {});
        if (!all) std::abort();
        return all->organisation.max.value;
    });
}

}  // namespace

int main(int argc, char** argv) {
    const char* directory = argc > 1 ? argv[1] : std::getenv("QINGYUAN_LAW");
    const std::string law_directory = directory == nullptr ? "law" : directory;
    const auto law = law::Law::load(law_directory);
    if (!law) {
        std::fprintf(stderr, "%s\n", law.error().text().c_str());
        return 2;
    }
    Random random(1);
    std::vector<Date> starts(1'000'000);
    for (Date& start : starts) start = make_date(2024, 1, 1) + static_cast<int>(random.next() % 1000);
    const std::vector<law::Excluded> ledger = {{make_date(2024, 6, 3), make_date(2024, 6, 20)},
                                               {make_date(2025, 1, 10), make_date(2025, 2, 2)},
                                               {make_date(2026, 3, 5), make_date(2026, 3, 9)}};
    const double millions = static_cast<double>(starts.size()) / 1e6;
    volatile std::int64_t kept = 0;
    const auto measure = [&](const char* name, law::Unit unit, std::span<const law::Excluded> pauses) {
        const double seconds = bench::best_of(5, [&] { kept = run(law->calendar(), starts, unit, pauses); });
        bench::print(name, millions / seconds, "M/s", "due dates, one thread");
    };
    measure("due_working_days", law::Unit::working_day, {});
    measure("due_calendar_days", law::Unit::calendar_day, {});
    measure("due_months", law::Unit::month, {});
    measure("due_working_days_paused", law::Unit::working_day, ledger);
    measure("due_calendar_days_paused", law::Unit::calendar_day, ledger);
    measure_penalties(*law);
    bench::print("load_law",
                 bench::best_of(5,
                                [&] {
                                    if (!law::Law::load(law_directory)) std::abort();
                                }) *
                     1e3,
                 "ms");
}
