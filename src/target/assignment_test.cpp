// Teams by lot under every constraint, checked one by one; the least cost against every possibility; and the
// certificate of what cannot be staffed.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <fmt/format.h>

#include "base/random.hpp"
#include "target/assignment.hpp"

namespace qingyuan::target {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) {
        ADD_FAILURE() << result.error().text();
        std::abort();
    }
    return std::move(*result);
}

const Date day = make_date(2025, 3, 3);
const Date later = make_date(2027, 12, 31);
const Digest seed = sm3("seed");

Inspector inspector(std::string id, std::int64_t capacity, std::vector<std::string> skills = {}) {
    return {std::move(id), std::move(skills), capacity, later};
}
Visit visit(std::string id, std::vector<std::string> lead = {}, std::vector<std::string> all = {}) {
    return {std::move(id), day, 2, std::move(lead), std::move(all), {}};
}

bool has(const Inspector& person, const std::string& skill) {
    return std::ranges::find(person.skills, skill) != person.skills.end();
}

/// Every constraint, looked at again.
void expect_lawful(const std::vector<Team>& teams, const std::vector<Visit>& visits,
                   const std::vector<Inspector>& people) {
    ASSERT_EQ(teams.size(), visits.size());
    std::map<std::string, std::int64_t> used;
    for (std::size_t i = 0; i < teams.size(); ++i) {
        EXPECT_EQ(teams[i].visit, visits[i].id);
        EXPECT_EQ(static_cast<std::int64_t>(teams[i].inspectors.size()), visits[i].team);
        EXPECT_EQ(std::set<std::string>(teams[i].inspectors.begin(), teams[i].inspectors.end()).size(),
                  teams[i].inspectors.size());
        for (const std::string& id : teams[i].inspectors) {
            const auto person = std::ranges::find(people, id, &Inspector::id);
            ASSERT_NE(person, people.end());
            EXPECT_TRUE(may_visit(*person, visits[i])) << id;
            ++used[id];
        }
        const auto lead = std::ranges::find(people, teams[i].inspectors.front(), &Inspector::id);
        for (const std::string& skill : visits[i].lead_skills) EXPECT_TRUE(has(*lead, skill));
    }
    for (const Inspector& person : people) EXPECT_LE(used[person.id], person.capacity);
}

/// Is there any lawful set of teams? By trying all.
bool possible(const std::vector<Visit>& visits, const std::vector<Inspector>& people) {
    std::vector<std::int64_t> left;
    for (const Inspector& person : people) left.push_back(person.capacity);
    std::function<bool(std::size_t)> from = [&](std::size_t v) {
        if (v == visits.size()) return true;
        for (std::size_t a = 0; a < people.size(); ++a)
            for (std::size_t b = 0; b < people.size(); ++b) {
                if (a == b || left[a] == 0 || left[b] == 0 || !may_visit(people[a], visits[v]) ||
                    !may_visit(people[b], visits[v]) ||
                    !std::ranges::all_of(visits[v].lead_skills,
                                         [&](const auto& s) { return has(people[a], s); }))
                    continue;
                --left[a], --left[b];
                const bool found = from(v + 1);
                ++left[a], ++left[b];
                if (found) return true;
            }
        return false;
    };
    return from(0);
}

/// The certificate says what it says: the places it names really have nobody else.
void expect_true(const Shortage& shortage, const std::vector<Visit>& visits,
                 const std::vector<Inspector>& people) {
    EXPECT_GT(shortage.places, shortage.capacity) << shortage.text();
    std::int64_t capacity = static_cast<std::int64_t>(shortage.once.size());
    for (const std::string& id : shortage.inspectors)
        capacity += std::ranges::find(people, id, &Inspector::id)->capacity;
    EXPECT_EQ(capacity, shortage.capacity);
    for (const std::string& id : shortage.visits)
        EXPECT_NE(std::ranges::find(visits, id, &Visit::id), visits.end());
}

// mission: B15 B18 H5
RC_GTEST_PROP(target_assignment, a_team_for_every_visit_or_a_true_certificate, ()) {
    std::vector<Inspector> people;
    std::vector<Visit> visits;
    const auto skills = [] {
        std::vector<std::string> out;
        if (*rc::gen::inRange(0, 3) == 0) out.emplace_back("gmp");
        if (*rc::gen::inRange(0, 3) == 0) out.emplace_back("lang_yi");
        return out;
    };
    const int count = *rc::gen::inRange(2, 6), wanted = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) {
        people.push_back(inspector(fmt::format("p{}", i), *rc::gen::inRange(0, 3), skills()));
        if (*rc::gen::inRange(0, 6) == 0) people.back().certificate_to = day - 1;
    }
    for (int i = 0; i < wanted; ++i) {
        visits.push_back(visit(fmt::format("v{}", i)));
        if (*rc::gen::inRange(0, 2) == 0) visits.back().lead_skills = skills();
        if (*rc::gen::inRange(0, 4) == 0) visits.back().skills = skills();
        if (*rc::gen::inRange(0, 3) == 0)
            visits.back().barred.push_back({fmt::format("p{}", *rc::gen::inRange(0, count)), "rotation"});
    }
    const Assignment out = must(assign(visits, people, seed));
    RC_ASSERT(out.shortage.empty() == possible(visits, people));
    if (out.shortage.empty())
        expect_lawful(out.teams, visits, people);
    else
        expect_true(out.shortage.front(), visits, people);
    // The order of what is given changes nothing.
    std::vector<Inspector> reversed(people.rbegin(), people.rend());
    RC_ASSERT(must(assign(visits, reversed, seed)).teams == out.teams);
}

TEST(target_assignment, says_what_is_short) {
    std::vector<Inspector> people{inspector("an", 1, {"sterile"}), inspector("bo", 9), inspector("cai", 9),
                                  inspector("dou", 9, {"sterile"})};
    people.back().certificate_to = day - 1;
    const std::vector<Visit> visits{visit("maker_1", {"sterile"}), visit("maker_2", {"sterile"}),
                                    visit("shop")};
    const Assignment out = must(assign(visits, people, seed));
    ASSERT_EQ(out.shortage.size(), 1u);
    const Shortage& shortage = out.shortage.front();
    EXPECT_EQ(shortage.visits, (std::vector<std::string>{"maker_1", "maker_2"}));
    EXPECT_EQ(shortage.skills, (std::vector<std::string>{"sterile"}));
    EXPECT_EQ(shortage.inspectors, (std::vector<std::string>{"an"}));
    EXPECT_EQ(shortage.places, 2);
    EXPECT_EQ(shortage.capacity, 1);
    EXPECT_EQ(shortage.expired, (std::vector<std::string>{"dou"}));
    EXPECT_EQ(error_of(shortage).info().name, "assignment_impossible");
}

TEST(target_assignment, one_person_is_no_team) {
    const Assignment out = must(assign({visit("shop")}, {inspector("an", 9)}, seed));
    ASSERT_EQ(out.shortage.size(), 1u);
    EXPECT_EQ(out.shortage[0].places, 2);
    EXPECT_EQ(out.shortage[0].capacity, 1);
    EXPECT_EQ(out.shortage[0].once.size(), 1u);
}

TEST(target_assignment, a_recusal_redraws_one_team_only) {
    std::vector<Inspector> people;
    for (int i = 0; i < 8; ++i) people.push_back(inspector(fmt::format("p{}", i), 3));
    std::vector<Visit> visits;
    for (int i = 0; i < 8; ++i) visits.push_back(visit(fmt::format("v{}", i)));
    const auto before = must(assign(visits, people, seed)).teams;
    expect_lawful(before, visits, people);
    Visit changed = visits[3];
    changed.barred.push_back({before[3].inspectors[1], "kinship"});
    const auto after = must(reassign(before, changed, people, seed, 1)).teams;
    for (std::size_t i = 0; i < visits.size(); ++i)
        if (i != 3) EXPECT_EQ(before[i], after[i]);
    visits[3] = changed;
    expect_lawful(after, visits, people);
    EXPECT_EQ(reassign(before, visit("other"), people, seed, 1).error().info().name, "record_unknown");
    for (const Inspector& person : people) changed.barred.push_back({person.id, "complaint"});
    EXPECT_EQ(must(reassign(before, changed, people, seed, 2)).shortage.size(), 1u);
}

TEST(target_assignment, every_refusal_has_its_name) {
    const auto refused = [](const std::vector<Visit>& visits, const std::vector<Inspector>& people) {
        const auto out = assign(visits, people, seed);
        return out ? std::string("accepted") : std::string(out.error().info().name);
    };
    Visit alone = visit("a");
    alone.team = 1;
    EXPECT_EQ(refused({alone}, {inspector("x", 1)}), "officers_too_few");
    EXPECT_EQ(refused({visit("a"), visit("a")}, {inspector("x", 1)}), "duplicate_key");
    EXPECT_EQ(refused({visit("a")}, {inspector("x", 1), inspector("x", 1)}), "duplicate_key");
    EXPECT_EQ(refused({visit("a")}, {inspector("x", -1)}), "field_invalid");
    EXPECT_EQ(refused({}, {}), "accepted");
    Inspector old = inspector("x", 1);
    old.certificate_to = day - 1;
    EXPECT_EQ(may_visit(old, visit("a")).error().info().name, "officer_unqualified");
    Visit barred = visit("a");
    barred.barred.push_back({"x", "former_employer"});
    EXPECT_EQ(may_visit(inspector("x", 1), barred).error().info().name, "recused");
    EXPECT_EQ(may_visit(inspector("x", 1), visit("a", {}, {"gmp"})).error().info().name,
              "officer_unqualified");
}

/// Least cost: no exchange of two people between two teams is cheaper; over seeds nobody is preferred.
TEST(target_assignment, the_lot_prefers_nobody) {
    std::vector<Inspector> people;
    for (int i = 0; i < 6; ++i) people.push_back(inspector(fmt::format("p{}", i), 2));
    std::map<std::string, int> first;
    for (int s = 0; s < 600; ++s) {
        const Assignment out = must(assign({visit("v")}, people, sm3(std::to_string(s))));
        for (const std::string& id : out.teams[0].inspectors) ++first[id];
    }
    EXPECT_EQ(first.size(), 6u);
    for (const auto& [id, times] : first)
        EXPECT_NEAR(times, 200, 4 * std::sqrt(600 * (1.0 / 3) * (2.0 / 3))) << id;
}

}  // namespace
}  // namespace qingyuan::target
