// A draw of 20,000 from a million with probabilities, tickets and the root of the frame; the check of its
// whole bundle; and the assignment of 2,000 visits to 300 inspectors under every constraint.
#include <ctime>

#include <fmt/format.h>

#include "base/random.hpp"
#include "measure.hpp"
#include "target/assignment.hpp"
#include "target/bundle.hpp"

using namespace qingyuan;
using namespace qingyuan::target;

namespace {

/// Best of three by the clock on the wall, with the processor's time of the best beside it: the machine may
/// be shared.
template <class Work>
void measure(const std::string& name, Work&& work) {
    double best = 1e9, cpu = 1e9;
    for (int i = 0; i < 3; ++i) {
        const std::clock_t begun = std::clock();
        best = std::min(best, bench::seconds_of(work));
        cpu = std::min(cpu, static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
    }
    bench::print("target: " + name, best, "s", fmt::format("{:.2f} s of CPU", cpu));
}

constexpr int units = 1'000'000;
constexpr int places = 20'000;

Bundle bundle_of(const std::vector<Candidate>& candidates) {
    const Chances chances = bench::must(
        chances_of(candidates,
                   {.size = places, .random_share = Rational(1, 5), .quotas = {{"retail", 10'000, 0, 500}}}));
    const Frame frame = freeze(candidates, chances, sm3("secret"));
    Bundle out;
    out.head = {.draw_id = "bench-2025-draw-00001",
                .organisation = "bench",
                .opened = make_date(2025, 3, 3),
                .rule = "bench 1",
                .strata = chances.strata,
                .units = units,
                .root = frame.root};
    out.units = frame.units;
    for (const char* party : {"regulator", "supervision"})
        out.parties.push_back({party, commitment_of(sm3(party), party, out.head.draw_id), sm3(party)});
    return out;
}

void measure_draw() {
    std::vector<Candidate> candidates;
    Random random(1);
    for (int i = 0; i < units; ++i)
        candidates.push_back(
            {fmt::format("43{:08}", i), i % 5 == 0 ? "wholesale" : "retail", 1 + random.below(1'000'000),
             i % 1000 == 0 ? std::vector<std::string>{"for_cause"} : std::vector<std::string>{}});
    Bundle bundle;
    measure("1,000,000 probabilities, pseudonyms, root", [&] { bundle = bundle_of(candidates); });
    Outcome outcome;
    measure("tickets and 20,000 drawn, root checked", [&] { outcome = bench::must(draw(bundle)); });
    std::string bytes;
    measure("bundle written, drawn again", [&] { bytes = bench::must(write_bundle(bundle)); });
    measure("bundle checked (wanted <= 5)", [&] { bench::must(check_bundle(bytes)); });
    fmt::print("{} places, bundle of {:.1f} MB\n", outcome.places.size(),
               static_cast<double>(bytes.size()) / 1e6);
}

void measure_assignment() {
    Random random(2);
    std::vector<Inspector> people;
    for (int i = 0; i < 300; ++i) {
        people.push_back({fmt::format("p{:03}", i), {}, 14, make_date(2027, 12, 31)});
        for (const char* skill : {"gmp", "gsp", "device", "lang_yi"})
            if (random.chance(1, 3)) people.back().skills.emplace_back(skill);
    }
    std::vector<Visit> visits;
    for (int i = 0; i < 2000; ++i) {
        visits.push_back({fmt::format("v{:04}", i), make_date(2025, 3, 3), 2, {}, {}, {}});
        if (i % 2 == 0) visits.back().lead_skills = {i % 4 == 0 ? "gsp" : "device"};
        if (i % 20 == 0) visits.back().skills = {"lang_yi"};
        for (int bar = 0; bar < 4; ++bar)
            visits.back().barred.push_back({fmt::format("p{:03}", random.below(300)), "rotation"});
    }
    Assignment out;
    measure("2,000 visits x 300 inspectors (wanted <= 5)",
            [&] { out = bench::must(assign(visits, people, sm3("seed"))); });
    fmt::print("{} teams of two, {} of {} places taken\n", out.teams.size(), 2 * out.teams.size(), 300 * 14);
}

}  // namespace

int main() {
    measure_draw();
    measure_assignment();
}
