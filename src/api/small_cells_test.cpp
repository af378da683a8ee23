// Small counts are blanked for analysts, and nothing that is left gives them away.
#include "api/small_cells.hpp"

#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace qingyuan::api {
namespace {

/// A report of figures total = first + second over some units, by hand.
struct Made {
    std::map<std::string, law::Statistic> statistics;
    law::ReportIdentity identity;
    account::Report report;
    account::Index index{law::Statistics::of({})};

    /// first and second of each unit; the last unit is the organisation's own work.
    explicit Made(const std::vector<std::pair<std::int64_t, std::int64_t>>& units) {
        for (const char* id : {"total", "first", "second"}) statistics[id].id = id;
        identity.equal = "total";
        identity.plus = {"first", "second"};
        report.organisation.id = "city";
        std::int64_t first = 0, second = 0;
        for (std::size_t i = 0; i < units.size(); ++i) {
            const bool own = i + 1 == units.size();
            account::UnitReport unit;
            unit.unit.id = own ? "city" : "u" + std::to_string(i);
            unit.is_own = own;
            const auto [a, b] = units[i];
            first += a, second += b;
            for (const auto& [id, value] : {std::pair{"total", a + b}, {"first", a}, {"second", b}})
                unit.figures.push_back({id, valued(id, value), {}});
            report.by_unit.push_back(std::move(unit));
            report.identities.push_back(identified(report.by_unit.back().unit.id, own, a, b));
        }
        report.identities.push_back(identified("city", false, first, second));
        for (const auto& [id, value] :
             {std::pair{"total", first + second}, {"first", first}, {"second", second}})
            report.lines.push_back({id, valued(id, value), &statistics[id], {}, {}, {}});
    }
    account::FigureValue valued(const char* id, std::int64_t value) {
        account::FigureValue out;
        out.statistic = &statistics[id];
        out.value = Rational(value);
        return out;
    }
    account::IdentityResult identified(const std::string& organisation, bool own, std::int64_t a,
                                       std::int64_t b) {
        account::IdentityResult out;
        out.identity = &identity;
        out.organisation = organisation;
        out.is_own = own;
        out.left = Rational(a + b);
        out.terms = {{"first", 1, Rational(a)}, {"second", 1, Rational(b)}};
        return out;
    }
    [[nodiscard]] std::optional<std::int64_t> cell(std::size_t unit, const char* figure) const {
        const auto* value = report.by_unit[unit].find(figure);
        return value ? std::optional(value->value.numerator()) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::int64_t> whole(const char* figure) const {
        const auto* line = report.find(figure);
        return line && line->value ? std::optional(line->value->value.numerator()) : std::nullopt;
    }
};

TEST(SmallCells, one_to_four_are_blank_and_none_is_not) {
    Made made({{40, 0}, {3, 60}, {20, 70}});
    EXPECT_GT(*blank_small_cells(made.index, made.report), 0u);
    EXPECT_EQ(made.cell(0, "first"), 40);
    EXPECT_EQ(made.cell(0, "second"), 0) << "none at all tells of nobody";
    EXPECT_EQ(made.cell(1, "first"), std::nullopt);
    EXPECT_EQ(made.whole("total"), 193);
    for (const auto& one : made.report.identities) EXPECT_NE(one.organisation, "u1");
}

TEST(SmallCells, a_report_without_small_cells_stays_as_it_is) {
    Made made({{40, 5}, {13, 60}, {20, 0}});
    EXPECT_EQ(*blank_small_cells(made.index, made.report), 0u);
    EXPECT_EQ(made.report.identities.size(), 4u);
}

TEST(SmallCells, what_was_a_year_before_goes_where_it_was_small) {
    Made made({{40, 50}, {13, 60}});
    made.report.lines[0].before = account::YearBefore{.base = made.valued("total", 4)};
    made.report.lines[1].before = account::YearBefore{.base = made.valued("first", 44)};
    ASSERT_TRUE(blank_small_cells(made.index, made.report));
    EXPECT_FALSE(made.report.lines[0].before);
    EXPECT_TRUE(made.report.lines[1].before);
}

/// No sum of the report has exactly one blank: a difference never gives it away.
TEST(SmallCells, nothing_left_gives_a_blank_away) {
    EXPECT_TRUE(rc::check([] {
        const auto units = *rc::gen::inRange<std::size_t>(2, 6);
        std::vector<std::pair<std::int64_t, std::int64_t>> drawn;
        for (std::size_t i = 0; i < units; ++i)
            drawn.emplace_back(*rc::gen::inRange(0, 12), *rc::gen::inRange(0, 12));
        Made made(drawn);
        RC_ASSERT(blank_small_cells(made.index, made.report).has_value());
        const auto alone = [](const std::vector<std::optional<std::int64_t>>& sum) {
            std::int64_t blanks = 0, shown = 0;
            for (const auto& one : sum) {
                if (one) RC_ASSERT(!is_small_cell(*one));
                blanks += !one;
                shown += one && *one > 0;
            }
            return blanks == 1 && shown > 0;
        };
        for (const char* figure : {"total", "first", "second"}) {
            std::vector<std::optional<std::int64_t>> sum{made.whole(figure)};
            for (std::size_t i = 0; i < units; ++i) sum.push_back(made.cell(i, figure));
            RC_ASSERT(!alone(sum));
        }
        for (std::size_t i = 0; i < units; ++i)
            RC_ASSERT(!alone({made.cell(i, "total"), made.cell(i, "first"), made.cell(i, "second")}));
        RC_ASSERT(!alone({made.whole("total"), made.whole("first"), made.whole("second")}));
    }));
}

TEST(SmallCells, are_kept_from_analysts_only) {
    access::Subject subject;
    subject.person = "p";
    subject.organisation = "city";
    subject.path = "province/city/";
    subject.department = "market_regulator";
    subject.house = {{"city", "province/city/"}};
    subject.roles = {"risk_analyst"};
    EXPECT_TRUE(sees_aggregates_only(subject));
    subject.roles = {"risk_analyst", "officer"};
    EXPECT_FALSE(sees_aggregates_only(subject));
    subject.roles = {"officer"};
    EXPECT_FALSE(sees_aggregates_only(subject));
}

}  // namespace
}  // namespace qingyuan::api
