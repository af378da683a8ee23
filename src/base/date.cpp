#include "base/date.hpp"

#include <chrono>

#include <fmt/format.h>

namespace qingyuan {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t us_per_day = 86'400 * us_per_second;
constexpr std::int64_t china_offset_us = 8 * 3'600 * us_per_second;

std::chrono::year_month_day civil(Date date) {
    return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(date.days)));
}

/// Exactly `count` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

Error no_date(std::string_view text) {
    return {ErrorCode::date_invalid, fmt::format("'{}' is not a date", text), {}, {}, "write YYYY-MM-DD"};
}

}  // namespace

int Date::year() const {
    return static_cast<int>(civil(*this).year());
}
int Date::month() const {
    return static_cast<int>(static_cast<unsigned>(civil(*this).month()));
}
int Date::day() const {
    return static_cast<int>(static_cast<unsigned>(civil(*this).day()));
}
int Date::weekday() const {
    return ((days % 7) + 7 + 4) % 7;
}

Date Date::plus_months(int months) const {
    const auto now = civil(*this);
    const auto target = std::chrono::year_month(now.year(), now.month()) + std::chrono::months(months);
    auto day = now.day();
    const auto last =
        std::chrono::year_month_day_last(target.year(), std::chrono::month_day_last(target.month())).day();
    if (day > last) day = last;
    const std::chrono::sys_days result = target / day;
    return {static_cast<std::int32_t>(result.time_since_epoch().count())};
}

std::string Date::text() const {
    return fmt::format("{:04}-{:02}-{:02}", year(), month(), day());
}

Date make_date(int year, int month, int day) {
    const std::chrono::year_month_day ymd{std::chrono::year(year),
                                          std::chrono::month(static_cast<unsigned>(month)),
                                          std::chrono::day(static_cast<unsigned>(day))};
    QY_ASSERT(ymd.ok());
    return {static_cast<std::int32_t>(std::chrono::sys_days(ymd).time_since_epoch().count())};
}

Result<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return no_date(text);
    const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1) return no_date(text);
    const std::chrono::year_month_day ymd{std::chrono::year(year),
                                          std::chrono::month(static_cast<unsigned>(month)),
                                          std::chrono::day(static_cast<unsigned>(day))};
    if (!ymd.ok()) return no_date(text);
    return make_date(year, month, day);
}

Date Instant::date() const {
    const std::int64_t local = us + china_offset_us;
    return {static_cast<std::int32_t>(local >= 0 ? local / us_per_day
                                                 : -((-local + us_per_day - 1) / us_per_day))};
}

std::string Instant::text() const {
    const Date day = date();
    const std::int64_t within = us + china_offset_us - day.days * us_per_day;
    const std::int64_t second = within / us_per_second;
    std::string out =
        fmt::format("{}T{:02}:{:02}:{:02}", day.text(), second / 3600, second / 60 % 60, second % 60);
    if (within % us_per_second != 0) out += fmt::format(".{:06}", within % us_per_second);
    return out + "+08:00";
}

Instant start_of(Date date) {
    return {date.days * us_per_day - china_offset_us};
}

Result<Instant> parse_instant(std::string_view text) {
    const Date date = TRY(parse_date(text.substr(0, std::min<std::size_t>(10, text.size()))));
    Instant at = start_of(date);
    if (text.size() == 10) return at;
    const int hour = digits(text, 11, 2), minute = digits(text, 14, 2);
    if ((text[10] != 'T' && text[10] != ' ') || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        text[13] != ':')
        return no_date(text);
    std::size_t end = 16;
    int second = 0;
    std::int64_t fraction_us = 0;
    if (text.size() > end && text[end] == ':') {
        second = digits(text, 17, 2);
        if (second < 0 || second > 59) return no_date(text);
        end = 19;
        if (text.size() > end && text[end] == '.') {
            std::int64_t scale = us_per_second / 10;
            for (++end; end < text.size() && text[end] >= '0' && text[end] <= '9'; ++end, scale /= 10)
                fraction_us += (text[end] - '0') * scale;
        }
    }
    at.us += ((hour * 60 + minute) * 60 + second) * us_per_second + fraction_us;
    const std::string_view zone = text.substr(std::min(end, text.size()));
    if (zone.empty()) return at;
    if (zone == "Z" || zone == "z") return Instant{at.us + china_offset_us};
    const int zone_hour = digits(zone, 1, 2), zone_minute = zone.size() == 6 ? digits(zone, 4, 2) : -1;
    if ((zone[0] != '+' && zone[0] != '-') || zone_hour < 0 || zone_hour > 14 || zone_minute < 0 ||
        zone_minute > 59 || zone[3] != ':')
        return no_date(text);
    const std::int64_t offset_us =
        (zone_hour * 60 + zone_minute) * 60 * us_per_second * (zone[0] == '+' ? 1 : -1);
    return Instant{at.us + china_offset_us - offset_us};
}

}  // namespace qingyuan
