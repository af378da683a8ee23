// Grades: the same facts give the same grade; only final and effective acts count, the heaviest of a matter,
// for as long as the rule set says.
#include "assess/credit.hpp"

#include <concepts>
#include <filesystem>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace qingyuan::assess {
namespace {

// No grade is made of a score, no tier of a grade; a test that does not compile would be the other way.
static_assert(!std::convertible_to<PredictedRisk, CreditGrade>);
static_assert(!std::constructible_from<CreditGrade, PredictedRisk>);
static_assert(!std::convertible_to<PredictedRisk, HazardTier>);
static_assert(!std::convertible_to<CreditGrade, HazardTier>);
static_assert(!std::convertible_to<double, PredictedRisk>);
static_assert(!std::convertible_to<PredictedRisk, double>);
template <class A, class B>
concept compared = requires(A a, B b) { a == b; };
static_assert(!compared<PredictedRisk, CreditGrade> && !compared<CreditGrade, HazardTier>);
// The only way to a grade takes a rule set, facts and a day.
static_assert(std::invocable<decltype(grade), const law::CreditRules&, const law::CreditRule&,
                             std::span<const CreditFact>, Date>);
static_assert(!std::constructible_from<CreditFact, PredictedRisk>);

struct Book {
    law::Law law = *law::Law::load(std::filesystem::path(QINGYUAN_SOURCE_DIR) / "law");
    law::CreditRules rules = *law::CreditRules::load(law);
};
const Book& book() {
    static const Book one;
    return one;
}
const law::CreditRule& rule(std::string_view id) {
    return **book().rules.rule(id, make_date(2025, 6, 30));
}

CreditFact fact(const std::string& kind, const std::string& matter, std::int64_t act, Date on) {
    const law::CreditFactKind* known = book().rules.find_kind(kind);
    return {kind, matter, act, on, on, {}, {}, known->basis, !known->ended.empty()};
}
Grading graded(std::string_view id, const std::vector<CreditFact>& facts, Date as_of) {
    const auto out = grade(book().rules, rule(id), facts, as_of);
    EXPECT_TRUE(out) << out.error().text();
    return *out;
}

const Date day = make_date(2025, 6, 30);

// mission: F1
TEST(CreditGrade, needs_somebody_to_have_looked) {
    EXPECT_EQ(graded("wuhan_ten_point", {}, day).grade, CreditGrade::ungraded);
    const auto one =
        graded("wuhan_ten_point", {fact("inspection_conform", "i1", 1, make_date(2025, 3, 1))}, day);
    EXPECT_EQ(one.grade, CreditGrade::A);
    EXPECT_EQ(one.points, Rational(10));
    EXPECT_EQ(one.facts[0].effect, CreditEffect::no_points);
    // Under a set that asks for a recent look, one of four years ago is none.
    const auto old = fact("inspection_conform", "i1", 1, make_date(2021, 3, 1));
    EXPECT_EQ(graded("shaanxi_direct", {old}, day).grade, CreditGrade::ungraded);
}

// mission: F1
TEST(CreditGrade, counts_the_heaviest_act_of_a_matter_only) {
    const Date on = make_date(2025, 3, 1);
    const auto out = graded("wuhan_ten_point",
                            {fact("penalty_warning", "c1", 5, on), fact("penalty_confiscation", "c1", 5, on),
                             fact("penalty_fine", "c1", 5, on), fact("penalty_warning", "c2", 9, on)},
                            day);
    EXPECT_EQ(out.points, Rational(15, 2));
    EXPECT_EQ(out.grade, CreditGrade::B);
    EXPECT_EQ(out.facts[0].effect, CreditEffect::lighter);
    EXPECT_EQ(out.facts[1].effect, CreditEffect::counted);
    EXPECT_EQ(out.facts[1].article, "WUHANCR");
    EXPECT_EQ(out.facts[2].effect, CreditEffect::lighter);
    EXPECT_EQ(out.facts[3].effect, CreditEffect::counted);
}

TEST(CreditGrade, is_that_of_the_rubric) {
    const Date on = make_date(2025, 3, 1);
    const struct {
        const char* kind;
        Rational left;
        CreditGrade grade;
    } table[] = {{"penalty_warning", Rational(19, 2), CreditGrade::A},
                 {"penalty_fine", 9, CreditGrade::A},
                 {"penalty_confiscation", 8, CreditGrade::B},
                 {"penalty_stop_business", 7, CreditGrade::B},
                 {"penalty_suspend_licence", 4, CreditGrade::C},
                 {"penalty_revoke_licence", 0, CreditGrade::D},
                 {"conviction", 0, CreditGrade::D}};
    for (const auto& row : table) {
        const auto out = graded("wuhan_ten_point", {fact(row.kind, "m", 1, on)}, day);
        EXPECT_EQ(out.points, row.left) << row.kind;
        EXPECT_EQ(out.grade, row.grade) << row.kind;
    }
}

// mission: F1 F3
TEST(CreditGrade, forgets_what_lapsed_and_never_counts_what_is_not_final) {
    auto fine = fact("penalty_fine", "c1", 1, make_date(2024, 7, 1));
    EXPECT_EQ(graded("wuhan_ten_point", {fine}, make_date(2025, 6, 30)).facts[0].effect,
              CreditEffect::counted);
    EXPECT_EQ(graded("wuhan_ten_point", {fine}, make_date(2025, 7, 1)).facts[0].effect, CreditEffect::lapsed);
    EXPECT_EQ(graded("wuhan_ten_point", {fine}, make_date(2024, 6, 30)).facts[0].effect, CreditEffect::later);
    EXPECT_EQ(graded("wuhan_ten_point", {fine}, make_date(2024, 6, 30)).grade, CreditGrade::ungraded);
    auto open = fine;
    open.final_on = {};
    EXPECT_EQ(graded("wuhan_ten_point", {open}, day).facts[0].effect, CreditEffect::pending);
    EXPECT_EQ(graded("wuhan_ten_point", {open}, day).grade, CreditGrade::ungraded);
    auto annulled = fine;
    annulled.annulled_on = make_date(2025, 2, 1);
    EXPECT_EQ(graded("wuhan_ten_point", {annulled}, make_date(2025, 1, 31)).facts[0].effect,
              CreditEffect::counted);
    EXPECT_EQ(graded("wuhan_ten_point", {annulled}, make_date(2025, 2, 1)).facts[0].effect,
              CreditEffect::annulled);
}

TEST(CreditGrade, is_d_on_a_direct_ground_until_its_lock_ends) {
    const std::vector<CreditFact> fines = {fact("penalty_fine", "c1", 1, make_date(2024, 1, 10)),
                                           fact("penalty_fine", "c2", 2, make_date(2024, 6, 10)),
                                           fact("penalty_fine", "c3", 3, make_date(2025, 1, 9))};
    const auto out = graded("shaanxi_direct", fines, day);
    EXPECT_EQ(out.grade, CreditGrade::D);
    EXPECT_EQ(out.ground, "three_fines");
    EXPECT_EQ(out.locked_until, make_date(2027, 1, 8));
    EXPECT_EQ(out.facts[2].effect, CreditEffect::direct);
    // A day more and they no longer lie within one year.
    auto apart = fines;
    apart[2].effective_on = apart[2].final_on = make_date(2025, 1, 10);
    EXPECT_TRUE(graded("shaanxi_direct", apart, day).ground.empty());
    EXPECT_TRUE(graded("shaanxi_direct", fines, make_date(2027, 1, 9)).ground.empty());
    // One of the three annulled: no ground.
    auto less = fines;
    less[1].annulled_on = make_date(2025, 3, 1);
    EXPECT_TRUE(graded("shaanxi_direct", less, day).ground.empty());
    // A listing locks as long as it stands, and no longer.
    auto listed = fact("serious_violator", "l1", 4, make_date(2022, 1, 1));
    EXPECT_EQ(graded("wuhan_ten_point", {listed}, day).grade, CreditGrade::D);
    listed.ended_on = make_date(2025, 6, 1);
    EXPECT_EQ(graded("wuhan_ten_point", {listed}, day).grade, CreditGrade::ungraded);
}

TEST(CreditGrade, takes_no_more_from_a_dimension_than_its_weight) {
    std::vector<CreditFact> facts;
    for (int i = 0; i < 4; ++i)
        facts.push_back(
            fact("inspection_not_conform", "i" + std::to_string(i), i + 1, make_date(2025, 1, 1 + i)));
    const auto out = graded("shaanxi_direct", facts, day);
    EXPECT_EQ(out.points, Rational(70));
    EXPECT_EQ(out.facts[2].effect, CreditEffect::capped);
}

TEST(CreditGrade, refuses_facts_that_cannot_be) {
    const Date on = make_date(2025, 3, 1);
    const std::vector<CreditFact> twice = {fact("penalty_fine", "c1", 5, on),
                                           fact("penalty_fine", "c1", 5, on)};
    const auto refused = grade(book().rules, rule("wuhan_ten_point"), twice, day);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::duplicate_key);
    EXPECT_FALSE(refused.error().next.empty());
    auto strange = twice;
    strange.pop_back();
    strange[0].kind = "rumour";
    EXPECT_EQ(grade(book().rules, rule("wuhan_ten_point"), strange, day).error().code,
              ErrorCode::law_reference_unknown);
    strange[0] = fact("penalty_fine", "c1", 5, Date{});
    EXPECT_EQ(grade(book().rules, rule("wuhan_ten_point"), strange, day).error().code,
              ErrorCode::field_missing);
}

/// A random history of one operator.
std::vector<CreditFact> history() {
    std::vector<CreditFact> out;
    const auto kinds = book().rules.kinds();
    const int count = *rc::gen::inRange(0, 9);
    for (int i = 0; i < count; ++i) {
        const auto& kind =
            kinds[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(kinds.size())))];
        CreditFact one = fact(kind.id, "m" + std::to_string(*rc::gen::inRange(0, 4)), i + 1,
                              make_date(2022, 1, 1) + *rc::gen::inRange(0, 1200));
        if (*rc::gen::inRange(0, 4) == 0) one.final_on = {};
        if (*rc::gen::inRange(0, 5) == 0) one.annulled_on = one.effective_on + *rc::gen::inRange(0, 300);
        out.push_back(std::move(one));
    }
    return out;
}

TEST(CreditGrade, does_not_depend_on_the_order_of_facts_and_never_gets_worse_when_one_is_annulled) {
    for (const char* id : {"wuhan_ten_point", "shaanxi_direct", "risk_class_2022"}) {
        const bool held = rc::check(id, [&] {
            const auto facts = history();
            const Grading one = graded(id, facts, day);
            RC_ASSERT(graded(id, facts, day).points == one.points);
            const std::vector<CreditFact> turned(facts.rbegin(), facts.rend());
            RC_ASSERT(graded(id, turned, day).points == one.points);
            RC_ASSERT(graded(id, turned, day).grade == one.grade);
            if (facts.empty()) return;
            auto less = facts;
            less[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(less.size())))].annulled_on =
                make_date(2022, 1, 1);
            const Grading after = graded(id, less, day);
            RC_ASSERT(after.points >= one.points);
            if (one.grade != CreditGrade::D) RC_ASSERT(after.ground.empty());
        });
        EXPECT_TRUE(held);
    }
}

// mission: F1
TEST(CreditShare, leaves_the_ungraded_out_of_the_denominator) {
    GradeShare share;
    share.counts = {{CreditGrade::A, 9000},
                    {CreditGrade::B, 665},
                    {CreditGrade::C, 300},
                    {CreditGrade::D, 35},
                    {CreditGrade::ungraded, 2500}};
    EXPECT_EQ(share.graded(), 10000);
    EXPECT_EQ(share.b_or_above().percent(2), "96.65");
    EXPECT_EQ(GradeShare{}.b_or_above(), Rational(0));
}

// mission: B14 F2
TEST(Frequency, stays_between_the_floor_and_the_cap) {
    const auto& wuhan = rule("wuhan_ten_point");
    const auto of = [&](HazardTier tier, CreditGrade grade) {
        const auto out = frequency(book().law, wuhan, tier, grade, day);
        EXPECT_TRUE(out) << out.error().text();
        return out->per_year;
    };
    EXPECT_EQ(of(HazardTier::high, CreditGrade::A), Rational(1));  // the floor holds though A halves it
    EXPECT_EQ(of(HazardTier::high, CreditGrade::D), Rational(2));
    EXPECT_EQ(of(HazardTier::low, CreditGrade::A), Rational(1, 3));
    EXPECT_EQ(of(HazardTier::low, CreditGrade::D), Rational(1));
    EXPECT_EQ(of(HazardTier::medium, CreditGrade::D), Rational(2));  // the published cap
    EXPECT_EQ(of(HazardTier::special, CreditGrade::A), Rational(2));
    EXPECT_EQ(of(HazardTier::medium, CreditGrade::ungraded), Rational(1));
    EXPECT_EQ(hazard_tier(book().law, "special_wholesaler"), HazardTier::special);
    EXPECT_EQ(hazard_tier(book().law, "clinic"), HazardTier::low);
}

}  // namespace
}  // namespace qingyuan::assess
