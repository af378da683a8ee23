#include "law/calendar.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace qingyuan::law {

namespace {

constexpr std::array<std::string_view, 19> unit_texts = {
    "none",      "working_day", "working_day_back", "calendar_day",    "month", "year",    "hour",
    "immediate", "person",      "per_year",         "percent_per_day", "yuan",  "percent", "prompt",
    "per_rule",  "count",       "month_day",        "minute",          "open"};

constexpr std::uint8_t flag_working = 1, flag_holiday = 2, flag_provisional = 4;

bool is_weekend(Date date) {
    return date.weekday() == 0 || date.weekday() == 6;
}

/// Weekdays in [a date far in the past, date), so that differences count the weekdays of any range in
/// constant time.
std::int64_t weekdays_before(Date date) {
    const std::int64_t since_monday = std::int64_t(date.days) + 3;  // 1970-01-01 was a Thursday
    const std::int64_t weeks = since_monday >= 0 ? since_monday / 7 : -((-since_monday + 6) / 7);
    return weeks * 5 + std::min<std::int64_t>(since_monday - weeks * 7, 5);
}

/// The ledger as disjoint intervals in order, cut to days after `start`.
std::vector<Excluded> merged(std::span<const Excluded> excluded, Date start) {
    std::vector<Excluded> out;
    for (const Excluded& one : excluded)
        if (one.from <= one.to && one.to > start) out.push_back({std::max(one.from, start + 1), one.to});
    std::sort(out.begin(), out.end(), [](const Excluded& a, const Excluded& b) { return a.from < b.from; });
    std::size_t kept = 0;
    for (const Excluded& one : out) {
        if (kept > 0 && one.from <= out[kept - 1].to + 1)
            out[kept - 1].to = std::max(out[kept - 1].to, one.to);
        else
            out[kept++] = one;
    }
    out.resize(kept);
    return out;
}

/// The day `value` counted days after `start`: days of the ledger are passed over. The ledger is merged.
Date after_days(Date start, int value, std::span<const Excluded> ledger) {
    Date due = start + value;
    for (const Excluded& one : ledger) {
        if (one.from > due) break;
        due = due + (one.to - one.from + 1);
    }
    return due;
}

int excluded_days_until(std::span<const Excluded> ledger, Date last) {
    int days = 0;
    for (const Excluded& one : ledger)
        if (one.from <= last) days += std::min(one.to, last) - one.from + 1;
    return days;
}

}  // namespace

std::string_view text_of(Unit unit) {
    return unit_texts[static_cast<std::size_t>(unit)];
}

std::optional<Unit> find_unit(std::string_view text) {
    if (text.empty()) return Unit::none;
    const auto found = std::find(unit_texts.begin(), unit_texts.end(), text);
    if (found == unit_texts.end()) return std::nullopt;
    return static_cast<Unit>(found - unit_texts.begin());
}

Calendar::Calendar(std::vector<CalendarYear> years) {
    if (years.empty()) return;
    std::sort(years.begin(), years.end(), [](const auto& a, const auto& b) { return a.year < b.year; });
    first_ = make_date(years.front().year, 1, 1);
    const int days = make_date(years.back().year + 1, 1, 1) - first_;
    flags_.assign(static_cast<std::size_t>(days), flag_provisional);
    for (int day = 0; day < days; ++day)
        if (!is_weekend(first_ + day)) flags_[static_cast<std::size_t>(day)] |= flag_working;
    const auto at = [&](Date date) -> std::uint8_t& {
        return flags_[static_cast<std::size_t>(date - first_)];
    };
    for (const CalendarYear& year : years) {
        for (Date date = make_date(year.year, 1, 1); date.year() == year.year; ++date)
            if (!year.provisional) at(date) &= static_cast<std::uint8_t>(~flag_provisional);
        for (const Date date : year.holidays) {
            at(date) &= static_cast<std::uint8_t>(~flag_working);
            at(date) |= flag_holiday;
        }
        for (const Date date : year.working_days) {
            at(date) |= flag_working;
            at(date) &= static_cast<std::uint8_t>(~flag_holiday);
        }
        if (!year.provisional) version_ += fmt::format("{}{}", version_.empty() ? "" : " ", year.year);
    }
    worked_before_.reserve(flags_.size() + 1);
    std::int32_t worked = 0;
    worked_before_.push_back(0);
    for (const std::uint8_t flags : flags_) {
        worked += flags & flag_working;
        worked_before_.push_back(worked);
        if ((flags & flag_working) != 0)
            worked_at_.push_back(static_cast<std::int32_t>(worked_before_.size()) - 2);
    }
}

std::uint8_t Calendar::flags(Date date) const {
    const int at = date - first_;
    if (at >= 0 && at < static_cast<int>(flags_.size())) return flags_[static_cast<std::size_t>(at)];
    return static_cast<std::uint8_t>(flag_provisional | (is_weekend(date) ? 0 : flag_working));
}

bool Calendar::is_working(Date date) const {
    return (flags(date) & flag_working) != 0;
}
bool Calendar::is_holiday(Date date) const {
    return (flags(date) & flag_holiday) != 0;
}
bool Calendar::is_provisional(Date date) const {
    return (flags(date) & flag_provisional) != 0;
}

std::int64_t Calendar::working_days_before(Date date) const {
    const int size = static_cast<int>(flags_.size());
    const int at = date - first_;
    if (at <= 0) return weekdays_before(date) - weekdays_before(first_);
    if (at <= size) return worked_before_[static_cast<std::size_t>(at)];
    return worked_before_.back() + weekdays_before(date) - weekdays_before(first_ + size);
}

Date Calendar::working_day(std::int64_t rank) const {
    const auto covered = static_cast<std::int64_t>(worked_at_.size());
    if (rank >= 0 && rank < covered) return first_ + worked_at_[static_cast<std::size_t>(rank)];
    const Date from = rank < 0 ? first_ : first_ + static_cast<int>(flags_.size());
    const std::int64_t weekday = weekdays_before(from) + (rank < 0 ? rank : rank - covered);
    const std::int64_t week = weekday >= 0 ? weekday / 5 : -((-weekday + 4) / 5);
    return {static_cast<std::int32_t>(week * 7 + (weekday - week * 5) - 3)};
}

int Calendar::working_days_between(Date from, Date to) const {
    return to < from ? 0 : static_cast<int>(working_days_before(to + 1) - working_days_before(from));
}

Result<Due> due_date(const Calendar& calendar, Date start, int value, Unit unit,
                     std::span<const Excluded> excluded) {
    // 250 years: more is a slip of the pen, and dates stay in range.
    const int value_max = unit == Unit::year ? 250 : unit == Unit::month ? 3'000 : 100'000;
    if (value < 0 || value > value_max)
        return Error{ErrorCode::number_invalid, fmt::format("{} is no length of time", value)};
    std::vector<Excluded> ledger;
    if (!excluded.empty()) ledger = merged(excluded, start);
    Due due;
    due.counted_days = value;
    switch (unit) {
        case Unit::working_day: {
            // Zero days end on the start day itself. Each interval met on the way adds its working days.
            due.raw = start;
            if (value > 0) {
                std::int64_t rank = calendar.working_days_before(start + 1) + value - 1;
                due.raw = calendar.working_day(rank);
                for (const Excluded& one : ledger) {
                    if (one.from > due.raw) break;
                    rank += calendar.working_days_between(one.from, one.to);
                    due.raw = calendar.working_day(rank);
                }
            }
            due.due = due.due_holiday_roll = due.raw;
            due.excluded_days = excluded_days_until(ledger, due.raw);
            due.provisional = calendar.is_provisional(due.raw) || calendar.is_provisional(start);
            due.calendar_version = calendar.version();
            return due;
        }
        case Unit::calendar_day: due.raw = after_days(start, value, ledger); break;
        case Unit::month:
        case Unit::year: {
            // A pause prolongs a limit in months by as many days as it lasted.
            const Date last = start.plus_months(unit == Unit::year ? value * 12 : value);
            due.raw = after_days(start, last - start, ledger);
            break;
        }
        default:
            return Error{ErrorCode::number_invalid,
                         fmt::format("'{}' is no unit of a due date", text_of(unit))};
    }
    due.excluded_days = excluded_days_until(ledger, due.raw);
    due.due_holiday_roll = due.raw;
    while (calendar.is_holiday(due.due_holiday_roll)) ++due.due_holiday_roll;
    due.due = due.raw;
    if (!calendar.is_working(due.due)) due.due = calendar.working_day(calendar.working_days_before(due.due));
    due.provisional = calendar.is_provisional(due.due);
    due.calendar_version = calendar.version();
    return due;
}

Instant due_instant(Instant start, int hours) {
    return {start.us + std::int64_t(hours) * 3'600 * 1'000'000};
}

DueBack due_back(const Calendar& calendar, Date target, int working_days) {
    DueBack back;
    const std::int64_t rank = calendar.working_days_before(target) - working_days;
    back.latest_nth_day = working_days <= 0 ? target : calendar.working_day(rank);
    back.latest_clear_days = calendar.working_day(rank - 1);
    back.provisional = calendar.is_provisional(target) || calendar.is_provisional(back.latest_clear_days);
    return back;
}

int used_days(const Calendar& calendar, Date start, Date today, Unit unit,
              std::span<const Excluded> excluded) {
    if (today <= start) return 0;
    const bool working = unit == Unit::working_day;
    int used = working ? calendar.working_days_between(start + 1, today) : today - start;
    if (excluded.empty()) return used;
    for (const Excluded& one : merged(excluded, start)) {
        if (one.from > today) break;
        const Date to = std::min(one.to, today);
        used -= working ? calendar.working_days_between(one.from, to) : to - one.from + 1;
    }
    return used;
}

}  // namespace qingyuan::law
