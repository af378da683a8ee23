// Civil dates and instants. A date is a day in China (UTC+8, no daylight saving since 1991); an instant is
// UTC.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan {

/// A civil date: days since 1970-01-01.
struct Date {
    std::int32_t days = 0;

    auto operator<=>(const Date&) const = default;
    friend Date operator+(Date date, int days) { return {date.days + days}; }
    friend Date operator-(Date date, int days) { return {date.days - days}; }
    friend int operator-(Date a, Date b) { return a.days - b.days; }
    Date& operator++() {
        ++days;
        return *this;
    }

    [[nodiscard]] int year() const;
    [[nodiscard]] int month() const;    ///< 1..12
    [[nodiscard]] int day() const;      ///< 1..31
    [[nodiscard]] int weekday() const;  ///< 0 Sunday .. 6 Saturday
    /// The same day of the month `months` later; the last day of that month where it has no such day.
    [[nodiscard]] Date plus_months(int months) const;
    [[nodiscard]] std::string text() const;  ///< 2025-07-05

    static constexpr Date never_before() { return {-1000000}; }
    static constexpr Date never_after() { return {1000000}; }
};

/// The date of a year, month, day that exists (asserted).
[[nodiscard]] Date make_date(int year, int month, int day);

/// Parses YYYY-MM-DD; date_invalid for anything else, 2025-02-29 included.
[[nodiscard]] Result<Date> parse_date(std::string_view text);

/// An instant: microseconds since 1970-01-01T00:00:00Z.
struct Instant {
    std::int64_t us = 0;

    auto operator<=>(const Instant&) const = default;
    [[nodiscard]] Date date() const;         ///< the civil date in China at this instant
    [[nodiscard]] std::string text() const;  ///< RFC 3339 in UTC+8: 2025-07-05T09:19:19+08:00
};

/// Midnight in China at the start of the date.
[[nodiscard]] Instant start_of(Date date);

/// Parses RFC 3339, or YYYY-MM-DDTHH:MM[:SS] read as China time, or YYYY-MM-DD (midnight in China).
[[nodiscard]] Result<Instant> parse_instant(std::string_view text);

}  // namespace qingyuan
