// A draw of 20,000 from a million with probabilities, tickets and the root of the frame; the check of its whole
// bundle; and the assignment of 2,000 visits to 300 inspectors under every constraint.
#include <fmt/format.h>

#include "base/random.hpp"
#include "measure.hpp"
#include "target/assignment.hpp"
#include "target/bundle.hpp"

using namespace qingyuan;
using namespace qingyuan::target;

namespace {

constexpr int units = 1'000'000;
constexpr int places = 20'000;

Bundle bundle_of(const std::vector<Candidate>& candidates) {
    const Chances chances = bench::must(
        chances_of(candidates, {.size = places, .random_share = Rational(1, 5), .quotas = {{"retail", 10'000, 0, 500}}}));
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
        candidates.push_back({fmt::format("43{:08}", i), i % 5 == 0 ? "wholesale" : "retail", 1 + random.below(1'000'000),
                              i % 1000 == 0 ? std::vector<std::string>{"for_cause"} : std::vector<std::string>{}});
    Bundle bundle;
    bench::print("target: probabilities, pseudonyms, root", bench::best_of(3, [&] { bundle = bundle_of(candidates); }),
                 "s", fmt::format("{} units", units));
    Outcome outcome;
    bench::print("target: tickets and draw", bench::best_of(3, [&] { outcome = bench::must(draw(bundle)); }), "s",
                 fmt::format("{} places; the root computed again", outcome.places.size()));
    std::string bytes;
    bench::print("target: bundle written", bench::best_of(1, [&] { bytes = bench::must(write_bundle(bundle)); }), "s",
                 fmt::format("{:.1f} MB", static_cast<double>(bytes.size()) / 1e6));
    bench::print("target: bundle checked (wanted <= 5)", bench::best_of(3, [&] { bench::must(check_bundle(bytes)); }), "s");
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
    const double seconds = bench::best_of(3, [&] { out = bench::must(assign(visits, people, sm3("seed"))); });
    bench::print("target: assignment (wanted <= 5)", seconds, "s",
                 fmt::format("{} teams of two, {} of {} places taken", out.teams.size(), 2 * out.teams.size(), 300 * 14));
}

}  // namespace

int main() {
    measure_draw();
    measure_assignment();
}
