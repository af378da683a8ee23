#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "law/law.hpp"

namespace qingyuan::law {
namespace {

const Law& statute_book() {
    static const Law law = [] {
        auto loaded = Law::load(QINGYUAN_SOURCE_DIR "/law");
        QY_ASSERT(loaded.has_value());
        return *loaded;
    }();
    return law;
}
const Calendar& calendar() {
    return statute_book().calendar();
}
Date day(std::string_view text) {
    return *parse_date(text);
}

struct Vector {
    std::string_view start;
    int value;
    Unit unit;
    std::string_view raw;
    std::string_view due_holiday_roll;
    std::string_view due;
    bool provisional;
};

TEST(calendar, worked_examples) {
    const Vector vectors[] = {
        // Working days across National Day, Spring Festival, Labour Day, Dragon Boat, New Year, with make-up
        // days.
        {"2026-09-21", 15, Unit::working_day, "2026-10-19", "2026-10-19", "2026-10-19", false},
        {"2026-02-09", 15, Unit::working_day, "2026-03-06", "2026-03-06", "2026-03-06", false},
        {"2026-09-21", 30, Unit::working_day, "2026-11-09", "2026-11-09", "2026-11-09", false},
        {"2026-04-28", 7, Unit::working_day, "2026-05-11", "2026-05-11", "2026-05-11", false},
        {"2026-06-16", 5, Unit::working_day, "2026-06-24", "2026-06-24", "2026-06-24", false},
        {"2026-09-23", 7, Unit::working_day, "2026-10-10", "2026-10-10", "2026-10-10", false},
        {"2025-12-29", 7, Unit::working_day, "2026-01-08", "2026-01-08", "2026-01-08", false},
        {"2026-11-23", 20, Unit::working_day, "2026-12-21", "2026-12-21", "2026-12-21", false},
        {"2026-12-21", 15, Unit::working_day, "2027-01-11", "2027-01-11", "2027-01-11", true},
        // Calendar days: the two readings of a last day.
        {"2026-07-06", 90, Unit::calendar_day, "2026-10-04", "2026-10-08", "2026-10-08", false},
        {"2026-07-06", 120, Unit::calendar_day, "2026-11-03", "2026-11-03", "2026-11-03", false},
        {"2026-11-13", 15, Unit::calendar_day, "2026-11-28", "2026-11-28", "2026-11-30", false},
        {"2026-11-14", 15, Unit::calendar_day, "2026-11-29", "2026-11-29", "2026-11-30", false},
        {"2026-08-31", 30, Unit::calendar_day, "2026-09-30", "2026-09-30", "2026-09-30", false},
        {"2026-12-21", 60, Unit::calendar_day, "2027-02-19", "2027-02-19", "2027-02-19", true},
        // Months: a short month, and a holiday.
        {"2026-08-31", 3, Unit::month, "2026-11-30", "2026-11-30", "2026-11-30", false},
        {"2026-04-03", 6, Unit::month, "2026-10-03", "2026-10-08", "2026-10-08", false},
        {"2024-02-29", 1, Unit::year, "2025-02-28", "2025-02-28", "2025-02-28", false},
    };
    for (const Vector& v : vectors) {
        const auto due = due_date(calendar(), day(v.start), v.value, v.unit);
        ASSERT_TRUE(due) << v.start;
        EXPECT_EQ(due->raw.text(), v.raw) << v.start;
        EXPECT_EQ(due->due_holiday_roll.text(), v.due_holiday_roll) << v.start;
        EXPECT_EQ(due->due.text(), v.due) << v.start;
        EXPECT_EQ(due->provisional, v.provisional) << v.start;
        EXPECT_EQ(due->calendar_version, "2024 2025 2026");
    }
}

TEST(calendar, hours_run_through_holidays) {
    const Instant start = *parse_instant("2026-09-30T16:30");
    EXPECT_EQ(due_instant(start, 24).text(), "2026-10-01T16:30:00+08:00");
}

TEST(calendar, counts_back_from_a_hearing) {
    const DueBack back = due_back(calendar(), day("2026-10-14"), 7);
    EXPECT_EQ(back.latest_nth_day.text(), "2026-09-29");
    EXPECT_EQ(back.latest_clear_days.text(), "2026-09-28");
    EXPECT_FALSE(back.provisional);
}

TEST(calendar, refuses_what_is_no_length_of_time) {
    for (const auto& [value, unit] : {std::pair{-1, Unit::working_day},
                                      {100'001, Unit::calendar_day},
                                      {3'001, Unit::month},
                                      {251, Unit::year},
                                      {1, Unit::hour},
                                      {1, Unit::none}}) {
        const auto due = due_date(calendar(), day("2025-01-01"), value, unit);
        ASSERT_FALSE(due);
        EXPECT_EQ(due.error().code, ErrorCode::number_invalid);
    }
}

TEST(calendar, pauses_do_not_count) {
    // A test from 3 to 12 March stops the clock: 90 days become 100.
    const Excluded pause[] = {{day("2025-03-03"), day("2025-03-12")}};
    const auto due = due_date(calendar(), day("2025-02-21"), 90, Unit::calendar_day, pause);
    EXPECT_EQ(due->raw.text(), "2025-06-01");
    EXPECT_EQ(due->excluded_days, 10);
    EXPECT_EQ(due->due.text(), "2025-06-03") << "1 June is a Sunday, 2 June the Dragon Boat Festival";
    // Overlapping and unordered entries of the ledger count once; what lies before the start does not count
    // at all.
    const Excluded messy[] = {{day("2025-03-08"), day("2025-03-12")},
                              {day("2025-01-01"), day("2025-02-21")},
                              {day("2025-03-03"), day("2025-03-09")}};
    EXPECT_EQ(due_date(calendar(), day("2025-02-21"), 90, Unit::calendar_day, messy)->raw.text(),
              "2025-06-01");
}

TEST(calendar, knows_days_outside_its_years_by_weekday) {
    EXPECT_TRUE(calendar().is_working(day("2031-07-07")));
    EXPECT_FALSE(calendar().is_working(day("2031-07-06")));
    EXPECT_TRUE(calendar().is_provisional(day("2031-07-07")));
    EXPECT_TRUE(calendar().is_provisional(day("2023-12-29")));
    EXPECT_FALSE(calendar().is_provisional(day("2024-01-01")));
    EXPECT_TRUE(calendar().is_provisional(day("2027-10-01"))) << "2027 is not published yet";
}

TEST(calendar, every_unit_has_one_text) {
    for (int i = 0; i <= static_cast<int>(Unit::open); ++i)
        EXPECT_EQ(find_unit(text_of(static_cast<Unit>(i))), static_cast<Unit>(i));
    EXPECT_FALSE(find_unit("fortnight"));
    EXPECT_EQ(find_unit(""), Unit::none);
}

// --- properties

Date any_date() {
    return day("2022-01-01") + *rc::gen::inRange(0, 365 * 8);
}
Unit any_unit() {
    return *rc::gen::element(Unit::working_day, Unit::calendar_day, Unit::month);
}
std::vector<Excluded> any_ledger(Date start) {
    std::vector<Excluded> out;
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
        const Date from = start + *rc::gen::inRange(-40, 300);
        out.push_back({from, from + *rc::gen::inRange(0, 40)});
    }
    return out;
}

TEST(calendar_property, due_date_is_monotone_in_start) {
    EXPECT_TRUE(rc::check([] {
        const Date start = any_date(), later = start + *rc::gen::inRange(0, 60);
        const Unit unit = any_unit();
        const int value = *rc::gen::inRange(0, 400);
        const auto ledger = any_ledger(start);
        const auto a = due_date(calendar(), start, value, unit, ledger),
                   b = due_date(calendar(), later, value, unit, ledger);
        RC_ASSERT(a->raw <= b->raw ||
                  unit ==
                      Unit::month);  // the 31st and the 30th may both fall on the 28th, with another pause
        RC_ASSERT(!ledger.empty() || a->raw <= b->raw);
        RC_ASSERT(a->raw <= a->due_holiday_roll && a->due_holiday_roll <= a->due);
    }));
}

TEST(calendar_property, excluded_time_is_conserved) {
    EXPECT_TRUE(rc::check([] {
        const Date start = any_date();
        const Unit unit = *rc::gen::element(Unit::working_day, Unit::calendar_day);
        const int value = *rc::gen::inRange(1, 400);
        const auto ledger = any_ledger(start);
        const auto due = due_date(calendar(), start, value, unit, ledger);
        RC_ASSERT(used_days(calendar(), start, due->raw, unit, ledger) == value);
        RC_ASSERT(used_days(calendar(), start, due->raw - 1, unit, ledger) == value - 1);
        if (unit == Unit::calendar_day) RC_ASSERT(due->raw - start == value + due->excluded_days);
    }));
}

TEST(calendar_property, working_days_agree_with_counting_one_by_one) {
    EXPECT_TRUE(rc::check([] {
        const Date start = any_date();
        const int value = *rc::gen::inRange(1, 120);
        const auto ledger = any_ledger(start);
        Date date = start;
        for (int counted = 0; counted < value;) {
            ++date;
            const bool excluded = std::any_of(ledger.begin(), ledger.end(), [&](const Excluded& e) {
                return e.from <= date && date <= e.to;
            });
            counted += calendar().is_working(date) && !excluded;
        }
        RC_ASSERT(due_date(calendar(), start, value, Unit::working_day, ledger)->raw == date);
    }));
}

TEST(calendar_property, counting_back_is_the_inverse) {
    EXPECT_TRUE(rc::check([] {
        const Date target = any_date();
        RC_PRE(calendar().is_working(target));
        const int n = *rc::gen::inRange(1, 120);
        const DueBack back = due_back(calendar(), target, n);
        RC_ASSERT(due_date(calendar(), back.latest_nth_day, n, Unit::working_day)->raw == target);
        RC_ASSERT(calendar().working_days_between(back.latest_clear_days + 1, target - 1) == n);
    }));
}

}  // namespace
}  // namespace qingyuan::law
