// Counting time: working days, holidays, limits. First day not counted (程序规定 80; 投诉举报办法 45).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"

namespace qingyuan::law {

enum class Unit : std::uint8_t {
    none,
    working_day,
    working_day_back,
    calendar_day,
    month,
    year,
    hour,
    immediate,
    person,
    per_year,
    percent_per_day,
    yuan,
    percent,
    prompt,
    per_rule,
    count,
    month_day,
    minute,
    open
};
[[nodiscard]] std::string_view text_of(Unit unit);
[[nodiscard]] std::optional<Unit> find_unit(std::string_view text);

/// One year as the State Council published it (calendar/YYYY.toml).
struct CalendarYear {
    int year = 0;
    bool provisional = false;        ///< not published yet: weekends only
    std::vector<Date> holidays;      ///< statutory holiday periods, weekends inside them included
    std::vector<Date> working_days;  ///< make-up working days on weekends
    std::string source;
};

/// Which days are worked. Cheap to ask: one bit a day.
class Calendar {
 public:
    Calendar() = default;
    explicit Calendar(std::vector<CalendarYear> years);

    [[nodiscard]] bool is_working(Date date) const;
    [[nodiscard]] bool is_holiday(Date date) const;      ///< inside a State Council holiday period
    [[nodiscard]] bool is_provisional(Date date) const;  ///< its year is not published
    [[nodiscard]] int working_days_between(Date from, Date to) const;  ///< in [from, to], 0 if to < from
    [[nodiscard]] const std::string& version() const {
        return version_;
    }  ///< the published years: "2024 2025 2026"

    /// Working days in [1 January of the first covered year, date); negative before it. Outside the covered
    /// years weekdays count.
    [[nodiscard]] std::int64_t working_days_before(Date date) const;
    /// The working day of that rank: the one with exactly `rank` working days before it.
    [[nodiscard]] Date working_day(std::int64_t rank) const;

 private:
    [[nodiscard]] std::uint8_t flags(Date date) const;

    // one byte a day of the covered years, a running count of working days before it, and the day of each
    // rank
    Date first_;
    std::vector<std::uint8_t> flags_;
    std::vector<std::int32_t> worked_before_;
    std::vector<std::int32_t> worked_at_;
    std::string version_;
};

/// Both days inclusive; the days do not count.
struct Excluded {
    Date from;
    Date to;
};

/// When a limit ends. For working days raw, due_holiday_roll and due are one date.
struct Due {
    Date raw;               ///< plain arithmetic: the safe date
    Date due_holiday_roll;  ///< moved only out of a State Council holiday period
    Date due;               ///< moved from any rest day: the other open reading
    int counted_days = 0;   ///< days that count, in the unit
    int excluded_days = 0;  ///< days of the ledger that did not count (calendar days inside the run)
    bool provisional = false;
    std::string_view calendar_version;
};

/// `value` units after `start`, the start day not counted, excluded days passed over. Units: working_day,
/// calendar_day, month, year. Excluded intervals may overlap and lie in any order. Errors: number_invalid for
/// a negative value or another unit.
[[nodiscard]] Result<Due> due_date(const Calendar& calendar, Date start, int value, Unit unit,
                                   std::span<const Excluded> excluded = {});

/// Hours run through holidays: no rolling.
[[nodiscard]] Instant due_instant(Instant start, int hours);

/// Counted backwards ("at least 7 working days before"): the n-th working day before, and the date with n
/// full working days in between.
struct DueBack {
    Date latest_nth_day;
    Date latest_clear_days;  ///< the safe reading
    bool provisional = false;
};
[[nodiscard]] DueBack due_back(const Calendar& calendar, Date target, int working_days);

/// Units used from the day after `start` up to and including `today`, excluded days left out: the "used" of a
/// clock.
[[nodiscard]] int used_days(const Calendar& calendar, Date start, Date today, Unit unit,
                            std::span<const Excluded> excluded = {});

}  // namespace qingyuan::law
