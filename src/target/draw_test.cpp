// Tickets, frames and bundles: golden vectors, refusals, every byte of a bundle, and 20,000 draws.
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <filesystem>
#include <set>

#include <unistd.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <fmt/format.h>

#include "base/merkle.hpp"
#include "base/random.hpp"
#include "target/bundle.hpp"
#include "target/estimates.hpp"

namespace qingyuan::target {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().text();
        std::abort();
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Digest digest(std::string_view text) {
    return sm3(text);
}

std::vector<Candidate> candidates(int count) {
    std::vector<Candidate> out;
    for (int i = 0; i < count; ++i)
        out.push_back({fmt::format("op-{:04}", i), i % 3 == 0 ? "wholesale" : "retail",
                       static_cast<std::uint64_t>(1 + i * i % 97),
                       i % 20 == 7 ? std::vector<std::string>{"for_cause"} : std::vector<std::string>{}});
    return out;
}

/// A whole ceremony with two parties.
Bundle bundle_of(const std::vector<Candidate>& units, const Plan& plan, std::string_view secret = "secret",
                 Profile profile = Profile::sm3) {
    const Chances chances = must(chances_of(units, plan));
    const Frame frame = freeze(units, chances, digest(secret));
    Bundle bundle;
    bundle.head = {.draw_id = "hy-2025-draw-00001",
                   .number = 1,
                   .organisation = "hengyang",
                   .profile = profile,
                   .opened = make_date(2025, 3, 3),
                   .sealed_until = make_date(2025, 3, 20),
                   .rule = "retail risk v1, exponent 1",
                   .strata = chances.strata,
                   .units = static_cast<std::int64_t>(units.size()),
                   .root = frame.root};
    bundle.units = frame.units;
    for (const char* party : {"regulator", "supervision"}) {
        const Digest seed = digest(party);
        bundle.parties.push_back({party, commitment_of(seed, party, bundle.head.draw_id), seed});
    }
    return bundle;
}

Bundle small_bundle(Profile profile = Profile::sm3) {
    return bundle_of(
        candidates(12),
        {.size = 5, .random_share = Rational(1, 5), .quotas = {{"wholesale", 2, 0, 1}, {"retail", 0, 0, 2}}},
        "secret", profile);
}

std::filesystem::path vectors(std::string_view name) {
    return std::filesystem::path(QINGYUAN_SOURCE_DIR) / "docs/formats/draw" / name;
}

std::string file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// --- tickets

// By hand in Python: hashlib.new("sm3", b"draw.ticket\0" + b"d-1" + b"\0" + bytes(32) + bytes(range(32)))
// and hashlib.sha256 of the same.
TEST(target_ticket, golden_vectors) {
    Digest seed{}, unit{};
    for (std::uint8_t i = 0; i < 32; ++i) unit[i] = i;
    EXPECT_EQ(ticket_of(Profile::sm3, "d-1", seed, unit).text(), "f3a78fc78f6fde35f0f790bf5ee84255");
    EXPECT_EQ(ticket_of(Profile::sha256, "d-1", seed, unit).text(), "ceba2efc8ec664663b4222e993dcd57e");
}

RC_GTEST_PROP(target_ticket, order_is_that_of_exact_fractions, ()) {
    // Where 64 binary digits can tell two values apart, they must agree.
    const auto one = [] {
        return Ranked{{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()},
                      *rc::gen::inRange<Probability>(1, probability_one),
                      *rc::gen::inRange<std::uint32_t>(0, 1000)};
    };
    const Ranked a = one(), b = one();
    const auto q = [](const Ranked& r) {
        const long double u = (static_cast<long double>(r.ticket.order) + 0.5L) * 0x1.0p-64L;
        const long double p = static_cast<long double>(r.probability) / probability_one;
        return u / (1 - u) * (1 - p) / p;
    };
    if (std::fabs(q(a) / q(b) - 1) > 1e-12L) { RC_ASSERT(drawn_before(a, b) == (q(a) < q(b))); }
    RC_ASSERT(!(drawn_before(a, b) && drawn_before(b, a)));
    RC_ASSERT(!drawn_before(a, a));
}

TEST(target_ticket, certain_units_come_first_and_ties_are_settled) {
    const Ranked certain{{~0ULL, 0}, probability_one, 9}, likely{{0, 0}, probability_one - 1, 1};
    EXPECT_TRUE(drawn_before(certain, likely));
    const Ranked twin{{5, 1}, 500, 3}, other{{5, 1}, 500, 4};
    EXPECT_TRUE(drawn_before(twin, other));
    EXPECT_FALSE(drawn_before(other, twin));
    EXPECT_TRUE(drawn_before({{5, 1}, 500, 4}, {{5, 2}, 500, 3}));
}

TEST(target_ticket, probabilities_are_read_and_written_exactly) {
    EXPECT_EQ(text_of(must(parse_probability("0.04"))), "0.040000000");
    EXPECT_EQ(must(parse_probability("1")), probability_one);
    EXPECT_EQ(must(parse_probability("0.000000001")), 1u);
    for (const char* wrong :
         {"", "0", "0.0", "1.000000001", "2", "-0.1", ".5", "0.", "0.0000000001", "1e-3", "0,5"})
        EXPECT_FALSE(parse_probability(wrong)) << wrong;
}

RC_GTEST_PROP(target_ticket, root_is_that_of_rfc_6962, ()) {
    const auto count = *rc::gen::inRange<std::size_t>(0, 70);
    std::vector<Digest> leaves;
    MerkleEdge edge;
    for (std::size_t i = 0; i < count; ++i) {
        leaves.push_back(merkle_leaf(std::to_string(i)));
        edge.add(leaves.back());
    }
    RC_ASSERT(root_over(leaves) == edge.root());
}

// --- frames

RC_GTEST_PROP(target_frame, probabilities_add_up_to_the_size_and_keep_floor_and_cap, ()) {
    const auto count = *rc::gen::inRange<int>(2, 60);
    std::vector<Candidate> units;
    for (int i = 0; i < count; ++i)
        units.push_back({std::to_string(i), "all", *rc::gen::inRange<std::uint64_t>(1, 1'000'000)});
    const auto size = *rc::gen::inRange<std::int64_t>(1, count + 1);
    const Rational share(*rc::gen::inRange<int>(0, 6), 5);
    const auto chances = chances_of(units, {.size = size, .random_share = share});
    if (share > Rational(1)) {
        RC_ASSERT(chances.error().code == ErrorCode::field_invalid);
        return;
    }
    RC_ASSERT(chances.has_value());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < units.size(); ++i) {
        const Probability p = chances->probabilities[i];
        RC_ASSERT(p >= 1 && p <= probability_one && p >= chances->strata[0].random);
        sum += p;
        for (std::size_t k = 0; k < units.size();
             ++k)  // never lower with a larger size, but for one part in 10^9
            if (units[k].size > units[i].size) RC_ASSERT(chances->probabilities[k] + 1 >= p);
    }
    RC_ASSERT(sum == static_cast<std::uint64_t>(size) * probability_one);
}

TEST(target_frame, every_refusal_has_its_name) {
    const auto units = candidates(20);  // 7 wholesale, 13 retail; op-0007 for cause
    const auto refused = [](const std::vector<Candidate>& given, const Plan& plan) {
        const auto chances = chances_of(given, plan);
        return chances ? std::string("accepted") : std::string(chances.error().info().name);
    };
    EXPECT_EQ(refused({}, {.size = 1}), "frame_empty");
    EXPECT_EQ(refused(units, {.size = 5}), "accepted");
    EXPECT_EQ(refused(units, {.size = 20}), "accepted");
    EXPECT_EQ(refused(units, {.size = 21}), "quota_impossible");
    EXPECT_EQ(refused(units, {.size = 2}),
              "quota_impossible");  // retail: one certain and one by chance, wholesale one
    EXPECT_EQ(refused(units, {.size = 0}), "quota_impossible");
    EXPECT_EQ(refused(units, {.size = 5, .quotas = {{"wholesale", 8}}}), "quota_impossible");
    EXPECT_EQ(refused(units, {.size = 5, .quotas = {{"wholesale", 5}}}), "quota_impossible");
    EXPECT_EQ(refused(units, {.size = 5, .quotas = {{"hospital", 1}}}), "quota_impossible");
    EXPECT_EQ(refused(units, {.size = 5, .quotas = {{"retail", 1}, {"retail", 1}}}), "field_invalid");
    EXPECT_EQ(refused(units, {.size = 5, .random_share = Rational(-1)}), "field_invalid");
    auto twice = units;
    twice.push_back(twice.front());
    EXPECT_EQ(refused(twice, {.size = 5}), "duplicate_key");
    auto never = units;
    never[1].size = 0;
    EXPECT_EQ(refused(never, {.size = 5}), "probability_invalid");
    EXPECT_EQ(refused(never, {.size = 5, .random_share = Rational(1, 5)}), "accepted");
    auto given = std::vector<Candidate>{{"a", "all", 1, {}, 300'000'000}, {"b", "all", 1, {}, 700'000'000}};
    EXPECT_EQ(refused(given, {.size = 1}), "accepted");
    EXPECT_EQ(refused(given, {.size = 2}), "quota_impossible");
    given[0].given = 1'000'000'001;
    EXPECT_EQ(refused(given, {.size = 1}), "probability_invalid");
    given[0].given = 200'000'000;
    EXPECT_EQ(refused(given, {.size = 1}), "probability_invalid");
    given[0].given = 0;
    EXPECT_EQ(refused(given, {.size = 1}), "probability_invalid");
}

TEST(target_frame, quotas_bind_and_certain_units_are_certain) {
    const auto units = candidates(60);
    const Chances chances = must(chances_of(units, {.size = 20, .quotas = {{"wholesale", 12, 0, 3}}}));
    ASSERT_EQ(chances.strata.size(), 2u);
    EXPECT_EQ(chances.strata[0].size + chances.strata[1].size, 20);
    EXPECT_GE(chances.strata[1].size, 12);
    EXPECT_EQ(chances.strata[1].reserve, 3);
    for (std::size_t i = 0; i < units.size(); ++i)
        if (!units[i].reasons.empty()) EXPECT_EQ(chances.probabilities[i], probability_one);
}

TEST(target_frame, sizes_are_integers_with_known_values) {
    EXPECT_EQ(size_of(250'000, 1, 0, 25), 500'000u);  // the root of a quarter
    EXPECT_EQ(size_of(250'000, 2, 4, 25), 500'000u);  // doubled after four periods
    EXPECT_EQ(size_of(500'000, 4, 0, 0), 250'000u);
    EXPECT_EQ(size_of(0, 2, 0, 0), 1u);
    EXPECT_EQ(size_of(123, 0, 0, 0), 1'000'000u);
}

// --- draws

// mission: H5

TEST(target_draw, a_small_draw_is_the_golden_one) {
    for (const Profile profile : {Profile::sm3, Profile::sha256}) {
        const std::string name = fmt::format("small_{}.draw", name_of(profile));
        const std::string written = must(write_bundle(small_bundle(profile)));
        if (std::getenv("QINGYUAN_ACCEPT")) std::ofstream(vectors(name), std::ios::binary) << written;
        EXPECT_EQ(written, file(vectors(name)));
        EXPECT_TRUE(check_bundle(written));
    }
}

TEST(target_draw, the_python_script_reproduces_it) {
    if (std::system("python3 -c 'import hashlib; hashlib.new(\"sm3\")' 2>/dev/null") != 0)
        GTEST_SKIP() << "python3 with SM3 is not here";
    const std::string script = std::string(QINGYUAN_SOURCE_DIR) + "/test/draw_check.py";
    for (const char* name : {"small_sm3.draw", "small_sha256.draw"})
        EXPECT_EQ(std::system(("python3 " + script + " " + vectors(name).string() + " >/dev/null").c_str()),
                  0);
    const auto wrong =
        std::filesystem::temp_directory_path() / fmt::format("qingyuan-draw-{}.draw", getpid());
    std::string bytes = file(vectors("small_sm3.draw"));
    bytes[bytes.find("0.") + 3] ^= 1;
    std::ofstream(wrong, std::ios::binary) << bytes;
    EXPECT_NE(std::system(("python3 " + script + " " + wrong.string() + " >/dev/null 2>&1").c_str()), 0);
    std::filesystem::remove(wrong);
}

TEST(target_draw, every_byte_counts) {
    const std::string written = must(write_bundle(small_bundle()));
    for (std::size_t i = 0; i < written.size(); ++i)
        for (const int bit : {0, 5}) {
            std::string changed = written;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            ASSERT_FALSE(check_bundle(changed)) << "byte " << i << " bit " << bit;
        }
    for (std::size_t i = 0; i < written.size(); i += 7) ASSERT_FALSE(check_bundle(written.substr(0, i)));
    EXPECT_FALSE(check_bundle(written + "\n"));
}

/// A forger who knows the format writes a bundle that is consistent up to the thing he changed.
TEST(target_draw, a_careful_forger_is_refused) {
    const auto code = [](const Bundle& bundle) {
        const auto written = write_bundle(bundle);
        return written ? std::string("accepted") : std::string(written.error().info().name);
    };
    Bundle bundle = small_bundle();
    EXPECT_EQ(code(bundle), "accepted");
    bundle.units[3].probability += 1;
    EXPECT_EQ(code(bundle), "probability_invalid");
    bundle = small_bundle();
    bundle.units[3].reasons = "statutory";
    EXPECT_EQ(code(bundle), "condition_unmet");  // the root
    bundle = small_bundle();
    std::swap(bundle.units[3], bundle.units[4]);
    EXPECT_EQ(code(bundle), "condition_unmet");
    bundle = small_bundle();
    bundle.parties[1].seed = digest("another");
    EXPECT_EQ(code(bundle), "seed_mismatch");
    bundle = small_bundle();
    bundle.parties[1].seed.reset();
    EXPECT_EQ(code(bundle), "step_missing");
    bundle = small_bundle();
    bundle.parties.pop_back();
    EXPECT_EQ(code(bundle), "step_missing");
    bundle = small_bundle();
    bundle.parties[1] = bundle.parties[0];
    EXPECT_EQ(code(bundle), "duplicate_key");
    bundle = small_bundle();
    bundle.head.strata[0].size += 1;
    EXPECT_EQ(code(bundle), "probability_invalid");
    bundle = small_bundle();
    bundle.head.strata[0].random = 999'999'999;
    EXPECT_EQ(code(bundle), "probability_invalid");
    bundle = small_bundle();
    bundle.units.clear();
    EXPECT_EQ(code(bundle), "frame_empty");
    bundle = small_bundle();
    bundle.head.beacon = "lottery 2025123";
    EXPECT_EQ(code(bundle), "condition_unmet");
    bundle.public_value = "03 11 17 20 29 33 + 08";
    EXPECT_EQ(code(bundle), "accepted");
}

TEST(target_draw, anything_in_the_head_changes_the_seed) {
    const auto seed = [](const Bundle& bundle) { return must(draw(bundle)).seed; };
    const Bundle bundle = small_bundle();
    std::set<Digest> seeds{seed(bundle)};
    Bundle other = bundle;
    other.head.number = 2;
    seeds.insert(seed(other));
    other = bundle;
    other.head.sealed_until = {};
    seeds.insert(seed(other));
    other = bundle;
    other.head.rule += ".";
    seeds.insert(seed(other));
    other = bundle;
    other.head.strata[0].reserve -= 1;
    seeds.insert(seed(other));
    EXPECT_EQ(seeds.size(), 5u);
}

TEST(target_draw, void_draws_are_numbered_and_the_series_shows_them) {
    Bundle first = small_bundle();
    first.parties[1].seed.reset();
    first.void_reason = "supervision did not reveal by 2025-03-10";
    const Checked one = must(check_bundle(must(write_bundle(first))));
    Bundle second = small_bundle();
    second.head.number = 2;
    second.head.previous = one.digest;
    const Checked two = must(check_bundle(must(write_bundle(second))));
    EXPECT_TRUE(check_series({one, two}));
    second.head.previous = {};
    const Checked hidden = must(check_bundle(must(write_bundle(second))));
    EXPECT_FALSE(check_series({one, hidden}));
    EXPECT_FALSE(check_series({two, one}));
}

TEST(target_draw, a_new_unit_leaves_the_tickets_of_the_others) {
    const Digest seed = digest("seed");
    std::vector<Digest> units;
    for (int i = 0; i < 50; ++i) units.push_back(digest(std::to_string(i)));
    const auto before = tickets_of(Profile::sm3, "d", seed, units);
    units.insert(units.begin(), digest("new"));
    const auto after = tickets_of(Profile::sm3, "d", seed, units);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin() + 1));
}

TEST(target_draw, a_salt_opens_one_pseudonym_and_no_other) {
    const Digest secret = digest("secret");
    const auto units = candidates(12);
    const Frame frame = freeze(units, must(chances_of(units, {.size = 4})), secret);
    for (std::size_t i = 0; i < units.size(); ++i) {
        const Candidate& candidate = units[frame.candidates[i]];
        EXPECT_EQ(frame.units[i].pseudonym,
                  pseudonym_of(salt_of(secret, candidate.operator_id), candidate.operator_id));
        EXPECT_NE(frame.units[i].pseudonym,
                  pseudonym_of(salt_of(digest("x"), candidate.operator_id), candidate.operator_id));
    }
    EXPECT_NE(salt_of(secret, "op-1"), salt_of(secret, "op-2"));
}

// --- 20,000 draws

struct Frequencies {
    std::vector<double> drawn, random;
    double prevalence = 0, random_prevalence = 0, truth = 0;
};

/// N = 240, n = 44 in two strata, sizes over two orders of magnitude.
TEST(target_draw, realised_inclusion_is_the_stated_probability) {
    std::vector<Candidate> units;
    for (int i = 0; i < 240; ++i)
        units.push_back({fmt::format("op-{:03}", i), i < 160 ? "retail" : "wholesale",
                         static_cast<std::uint64_t>(10 + (i * 37) % 400)});
    const Chances chances =
        must(chances_of(units, {.size = 60,
                                .random_share = Rational(1, 5),
                                .quotas = {{"retail", 0, 40, 0}, {"wholesale", 0, 20, 0}}}));
    const Frame frame = freeze(units, chances, digest("secret"));
    std::vector<Digest> pseudonyms;
    for (const Unit& unit : frame.units) pseudonyms.push_back(unit.pseudonym);
    Bundle bundle = bundle_of(units, {.size = 60,
                                      .random_share = Rational(1, 5),
                                      .quotas = {{"retail", 0, 40, 0}, {"wholesale", 0, 20, 0}}});
    constexpr int draws = 20'000;
    Frequencies seen{std::vector<double>(240), std::vector<double>(240)};
    // Violations lean to the large units, so that a rate among visits is no prevalence.
    const auto violates = [&](std::uint32_t unit) { return units[frame.candidates[unit]].size > 300; };
    for (std::uint32_t i = 0; i < 240; ++i) seen.truth += violates(i) / 240.0;
    double naive = 0;
    for (int d = 0; d < draws; ++d) {
        const Digest seed = digest(fmt::format("seed {}", d));
        const auto tickets = tickets_of(Profile::sm3, "d", seed, pseudonyms);
        const auto places = places_for(bundle.head.strata, bundle.units, tickets);
        std::vector<Observation> all;
        double hits = 0, random_hits = 0;
        for (const Place& place : places) {
            ++seen.drawn[place.unit];
            const bool hit = violates(place.unit);
            all.push_back({hit, frame.units[place.unit].probability / 1e9});
            hits += hit;
            if (place.reason == "random") {
                ++seen.random[place.unit];
                random_hits += hit;
            }
        }
        naive += hits / 60 / draws;
        seen.prevalence += must(horvitz_thompson(all, 240)).value / draws;
        seen.random_prevalence += random_hits / draws;
    }
    double expected_random_hits = 0;
    for (std::uint32_t i = 0; i < 240; ++i) {
        const double p = frame.units[i].probability / 1e9;
        const double r = bundle.head.strata[frame.units[i].stratum].random / 1e9;
        EXPECT_LE(std::fabs(seen.drawn[i] / draws - p), 4 * std::sqrt(p * (1 - p) / draws)) << i << " " << p;
        EXPECT_LE(std::fabs(seen.random[i] / draws - r), 4 * std::sqrt(r * (1 - r) / draws)) << i << " " << r;
        expected_random_hits += violates(i) * r;
    }
    EXPECT_NEAR(seen.prevalence, seen.truth, 0.002);
    EXPECT_NEAR(seen.random_prevalence / expected_random_hits, 1, 0.01);
    EXPECT_GT(naive, seen.truth + 0.05);
}

}  // namespace
}  // namespace qingyuan::target
