// Signals: whole files through the program itself (CSV in, all measures out, one process), a country's
// reports in memory at three sizes with the straight line through them, one new report, and sequential looks.
// Figures of openEBGM 0.9.1 beside them were measured once elsewhere and are printed as reference only.
// Arguments: names of parts to run (files national sequential); sizes of the last in millions by
// QINGYUAN_SIZES.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assess/pair_counts.hpp"
#include "assess/sequential.hpp"
#include "measure.hpp"

using namespace qingyuan;
using namespace qingyuan::assess;
using bench::must;

namespace {

namespace fs = std::filesystem;

double cpu_seconds(const rusage& usage) {
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}
double cpu_now() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return cpu_seconds(usage);
}

struct Process {
    double cpu = 0, megabytes = 0;
};
/// Runs the program with its output thrown away.
Process run(const std::vector<std::string>& arguments) {
    const std::string program = QINGYUAN_SOURCE_DIR "/build/release/qingyuan";
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
        ::execv(program.c_str(), argv.data());
        ::_exit(127);
    }
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    if (status != 0) {
        std::fprintf(stderr, "%s signals: status %d\n", program.c_str(), status);
        std::exit(3);
    }
    return {cpu_seconds(usage), static_cast<double>(usage.ru_maxrss) / 1024};
}

void measure_file(const std::string& name, const fs::path& file, std::vector<std::string> arguments,
                  double reference_seconds, const std::string& reference) {
    if (!fs::exists(file))
        return bench::print(name, 0, "-", "QINGYUAN_FIXTURES does not hold " + file.string());
    arguments.insert(arguments.begin(), {"signals", "--csv", "--from", file.string()});
    Process best = run(arguments);
    for (int i = 1; i < 5; ++i) {
        const Process next = run(arguments);
        best = {std::min(best.cpu, next.cpu), std::max(best.megabytes, next.megabytes)};
    }
    bench::print(name + " end to end", best.cpu, "s CPU",
                 fmt::format("reference, not of this run: {} {} s", reference, reference_seconds));
    bench::print(name + " memory", best.megabytes, "MB");
}

void files() {
    const char* folder = std::getenv("QINGYUAN_FIXTURES");
    const fs::path data = fs::path(folder == nullptr ? "../shared/data" : folder) / "vigilance";
    const std::vector<std::string> caers{"--id", "id", "--product", "var1", "--reaction", "var2"};
    const std::vector<std::string> faers{"--id", "case_id", "--product", "drug", "--reaction", "event"};
    const auto with = [](std::vector<std::string> base, const std::vector<std::string>& more) {
        base.insert(base.end(), more.begin(), more.end());
        return base;
    };
    measure_file("CAERS 2012, exact", data / "caers.csv.gz", caers, 3.6, "openEBGM, squashed, default");
    measure_file("CAERS 2012, exact, stratified", data / "caers.csv.gz", with(caers, {"--stratum", "strat1"}),
                 16.2, "openEBGM, not squashed, not stratified");
    measure_file("CAERS 2012, openEBGM's way", data / "caers.csv.gz", with(caers, {"--fit", "openebgm"}), 3.6,
                 "openEBGM, squashed, default");
    measure_file("FAERS 2022 Q3, exact", data / "faers22q3.csv.gz", faers, 15.3,
                 "openEBGM, zeroes, squashed");
}

// --- a country

constexpr std::uint32_t products_all = 12'000, reactions_all = 6'000;

/// Popularity as it is: a few products and reactions have most reports.
std::uint32_t popular(std::mt19937_64& random, std::uint32_t of) {
    const double u = static_cast<double>(random() >> 11) * 0x1p-53;
    return static_cast<std::uint32_t>(of * u * u * u);
}

/// Report i: one product (every tenth two), one to five reactions, three pairs on average. The same i is the
/// same report whatever the size.
void draw(std::uint64_t i, facts::SafetyReport& report) {
    std::mt19937_64 random(i * 0x9E3779B97F4A7C15ULL + 1);
    report.number = fmt::format("N{:09}", i);
    report.sex = i % 13 == 0 ? "" : i % 2 == 0 ? "male" : "female";
    report.age_years = static_cast<double>(random() % 95);
    report.products.resize(random() % 10 == 0 ? 2 : 1);
    for (auto& product : report.products)
        product.name = fmt::format("product {:05}", popular(random, products_all));
    static constexpr int counts[] = {1, 1, 2, 2, 2, 3, 3, 4, 4, 5};
    report.reactions.resize(static_cast<std::size_t>(counts[random() % 10]));
    const std::uint32_t own = static_cast<std::uint32_t>(std::hash<std::string>()(report.products[0].name));
    for (auto& reaction : report.reactions) {
        std::uint32_t term = popular(random, reactions_all);
        const auto kind = random() % 100;
        if (kind < 3)  // what this product alone is known for
            term = (own + static_cast<std::uint32_t>(random() % 3) * 1999) % reactions_all;
        else if (kind < 23)  // what its class is known for
            term = (own % 101 * 59 + popular(random, 40) * 7) % reactions_all;
        reaction = fmt::format("reaction {:04}", term);
    }
}

double peak_megabytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

struct Size {
    double reports = 0, build = 0, score = 0;
};

void one_new_report(PairCounts& live, const Theta& theta, std::uint64_t number) {
    std::vector<double> times;
    Shrinkage shrinkage(theta);
    facts::SafetyReport report;
    double kept = 0;
    for (int i = 0; i < 1000; ++i) {
        draw(number + static_cast<std::uint64_t>(i), report);
        times.push_back(bench::seconds_of([&] {
            must(live.replace(report));
            for (const auto& pair : live.pairs_of(report.number, ProductLevel::name, ReactionLevel::term))
                kept += measures_of(pair.counts, pair.expected, shrinkage).eb05;
        }));
    }
    std::ranges::sort(times);
    bench::print("  one new report, its pairs scored, p50", times[500] * 1e3, "ms",
                 kept > 0 ? "" : "nothing kept");
    bench::print("  one new report, p99", times[990] * 1e3, "ms");
    bench::print("  one new report, longest of 1,000", times.back() * 1e3, "ms");
}

Size national(std::uint64_t reports) {
    Size out{static_cast<double>(reports)};
    PairCounts live({.strata = {StratumKind::sex, StratumKind::age_band}});
    facts::SafetyReport report;
    double drawing = cpu_now();
    for (std::uint64_t i = 0; i < reports; ++i) draw(i, report);
    drawing = cpu_now() - drawing;
    double counting = cpu_now();
    for (std::uint64_t i = 0; i < reports; ++i) {
        draw(i, report);
        must(live.add(report));
    }
    out.build = cpu_now() - counting - drawing;
    const std::string size = fmt::format("{:g} million reports", static_cast<double>(reports) / 1e6);
    std::uint64_t occurrences = 0, pairs = 0;
    double checksum = 0;
    Theta theta;
    const double begun = cpu_now();
    const double wall = bench::seconds_of([&] {
        const std::array kinds{StratumKind::sex, StratumKind::age_band};
        const NamedTable named = live.table(ProductLevel::name, ReactionLevel::term, kinds);
        const Expectations expected = expectations(named.table);
        const Fit found = must(fit(expected.points, Likelihood::all_cells));
        theta = found.theta;
        const Scores scores(named.table, expected, &theta, 2);
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const Measures m = scores.at(i);
            occurrences += m.counts.n;
            checksum += m.eb05 + m.ic025 + m.fisher_p;
        }
        pairs = scores.size();
    });
    out.score = cpu_now() - begun;
    bench::print(size + ", counted", out.build, "s CPU",
                 fmt::format("{} pair occurrences; tables {} MB", occurrences, live.bytes() >> 20));
    bench::print(
        size + ", all measures", wall, "s",
        fmt::format("{:.1f} s CPU, {} pairs, prior fitted, checksum {:.6g}", out.score, pairs, checksum));
    bench::print(size + ", peak memory", peak_megabytes(), "MB");
    one_new_report(live, theta, reports);
    return out;
}

/// Least squares: intercept, slope and the largest distance from the line, in per cent of the largest value.
void print_line(const std::string& name, const std::vector<Size>& sizes, double Size::* value) {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, most = 0, off = 0;
    for (const Size& one : sizes) {
        const double m = one.reports / 1e6;
        n += 1, x += m, y += one.*value, xx += m * m, xy += m * one.*value;
        most = std::max(most, one.*value);
    }
    const double slope = (n * xy - x * y) / (n * xx - x * x), from = (y - slope * x) / n;
    for (const Size& one : sizes)
        off = std::max(off, std::abs(one.*value - from - slope * one.reports / 1e6));
    bench::print(
        name + " a million reports", slope, "s CPU",
        fmt::format("line {:.2f} + {:.3f} m, off by at most {:.1f} %", from, slope, 100 * off / most));
}

void national() {
    const char* const wanted = std::getenv("QINGYUAN_SIZES");
    std::vector<Size> sizes;
    std::string text = wanted == nullptr ? "2,6,20" : wanted;
    for (char* one = std::strtok(text.data(), ","); one != nullptr; one = std::strtok(nullptr, ","))
        sizes.push_back(national(static_cast<std::uint64_t>(std::atof(one) * 1e6)));
    if (sizes.size() < 2) return;
    print_line("counting", sizes, &Size::build);
    print_line("all measures", sizes, &Size::score);
}

void sequential() {
    for (const SequentialPlan& plan : {SequentialPlan{20, 1, 0.05}, SequentialPlan{200, 1, 0.05},
                                       SequentialPlan{200, 4, 0.001}, SequentialPlan{1000, 1, 0.05}}) {
        double value = 0;
        const double seconds = bench::best_of(5, [&] { value = must(critical_value(plan)); });
        bench::print(
            fmt::format("MaxSPRT T={} M={} alpha={}", plan.horizon, plan.events_min, plan.alpha),
            seconds * 1e3, "ms",
            fmt::format("{:.9f}{}", value,
                        plan.horizon == 200 ? "; reference, not of this run: Sequential 4.5.1 19 s" : ""));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto wanted = [&](std::string_view part) {
        return argc < 2 || std::any_of(argv + 1, argv + argc, [&](const char* one) { return part == one; });
    };
    if (wanted("files")) files();
    if (wanted("sequential")) sequential();
    if (wanted("national")) national();
}
