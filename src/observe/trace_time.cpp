#include "observe/trace_time.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace qingyuan::observe {

namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t china_offset_seconds = 8 * 3'600;
constexpr std::int64_t year_2000 = 946'684'800, behind_2100 = 4'133'980'800;  // seconds since 1970 UTC
constexpr std::int64_t year_1900 = -2'208'988'800, behind_2199 = 7'258'118'400;

/// Days since 1970-01-01 in the proleptic Gregorian calendar: the year begins in March, so that the leap day
/// is last.
constexpr std::int64_t days_of(std::int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    const std::int64_t era = year / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}
static_assert(days_of(1970, 1, 1) == 0 && days_of(2000, 3, 1) == 11'017);
static_assert(days_of(2000, 1, 1) * day_seconds == year_2000 &&
              days_of(2101, 1, 1) * day_seconds == behind_2100);
static_assert(days_of(1900, 1, 1) * day_seconds == year_1900 &&
              days_of(2200, 1, 1) * day_seconds == behind_2199);

constexpr std::array<std::uint8_t, 13> month_days{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

/// Two digits; anything else sets a bit of `wrong`.
unsigned two(const char* at, unsigned& wrong) {
    const unsigned a = static_cast<unsigned char>(at[0]) - unsigned{'0'};
    const unsigned b = static_cast<unsigned char>(at[1]) - unsigned{'0'};
    wrong |= static_cast<unsigned>(a > 9) | static_cast<unsigned>(b > 9);
    return a * 10 + b;
}

/// YYYY-MM-DD at the head of the text.
TimeFault parse_date(const char* at, std::int64_t& days) {
    unsigned wrong = static_cast<unsigned>(at[4] != '-') | static_cast<unsigned>(at[7] != '-');
    const unsigned year = two(at, wrong) * 100 + two(at + 2, wrong);
    const unsigned month = two(at + 5, wrong), day = two(at + 8, wrong);
    if (wrong != 0) return TimeFault::form;
    if (month < 1 || month > 12 || day < 1 || day > month_days[month]) return TimeFault::date;
    if (month == 2 && day == 29 && (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
        return TimeFault::date;
    days = days_of(year, month, day);
    return TimeFault::none;
}

/// Eight digits at once: pairs, then fours, then all; false where one is no digit.
bool eight_digits(const char* at, std::uint64_t& out) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    const std::uint64_t digits = word - 0x3030303030303030ULL;
    if (((digits + 0x7676767676767676ULL) | digits) & 0x8080808080808080ULL) return false;
    const std::uint64_t pairs = (digits * 10 + (digits >> 8)) & 0x00FF00FF00FF00FFULL;
    const std::uint64_t fours = (pairs * 100 + (pairs >> 16)) & 0x0000FFFF0000FFFFULL;
    out = (fours * 10'000 + (fours >> 32)) & 0xFFFFFFFFULL;
    return true;
}

TimeFault parse_epoch(std::string_view text, std::int64_t& ms) {
    std::uint64_t seconds = 0;
    if (text.size() == 10) {
        unsigned wrong = 0;
        const unsigned last = two(text.data() + 8, wrong);
        if (!eight_digits(text.data(), seconds) || wrong != 0) return TimeFault::form;
        seconds = seconds * 100 + last;
    } else {
        if (text.empty() || text.size() > 16) return TimeFault::form;
        for (const char c : text) {
            if (c < '0' || c > '9') return TimeFault::form;
            seconds = seconds * 10 + static_cast<std::uint64_t>(c - '0');
        }
        if (text.size() == 13) return TimeFault::milliseconds;
        if (text.size() > 10) return TimeFault::range;
    }
    ms = static_cast<std::int64_t>(seconds) * 1'000;
    return TimeFault::none;
}

/// What stands behind the seconds: an optional fraction, then Z or ±HH:MM. Truncated to milliseconds.
TimeFault parse_tail(std::string_view tail, std::int64_t& fraction_ms, std::int64_t& offset_seconds) {
    if (!tail.empty() && tail.front() == '.') {
        std::int64_t place = 100;
        std::size_t i = 1;
        for (; i < tail.size() && tail[i] >= '0' && tail[i] <= '9'; ++i, place /= 10)
            fraction_ms += (tail[i] - '0') * place;
        if (i == 1) return TimeFault::form;
        tail.remove_prefix(i);
    }
    if (tail.empty()) return TimeFault::offset;
    if (tail == "Z" || tail == "z") return TimeFault::none;
    if (tail.size() != 6 || (tail[0] != '+' && tail[0] != '-') || tail[3] != ':') return TimeFault::form;
    unsigned wrong = 0;
    const unsigned hours = two(tail.data() + 1, wrong), minutes = two(tail.data() + 4, wrong);
    if (wrong != 0) return TimeFault::form;
    if (hours > 23 || minutes > 59) return TimeFault::date;
    offset_seconds = static_cast<std::int64_t>(hours * 3'600 + minutes * 60);
    if (tail[0] == '-') offset_seconds = -offset_seconds;
    return TimeFault::none;
}

/// RFC 3339, 5.6; a blank may stand for the T.
TimeFault parse_rfc3339(std::string_view text, std::int64_t& ms) {
    if (text.size() < 19 || text.size() > 40) return TimeFault::form;
    const char* at = text.data();
    std::int64_t days = 0;
    if (const TimeFault fault = parse_date(at, days); fault != TimeFault::none) return fault;
    if ((at[10] != 'T' && at[10] != 't' && at[10] != ' ') || at[13] != ':' || at[16] != ':')
        return TimeFault::form;
    unsigned wrong = 0;
    const unsigned hour = two(at + 11, wrong), minute = two(at + 14, wrong), second = two(at + 17, wrong);
    if (wrong != 0) return TimeFault::form;
    if (hour > 23 || minute > 59 || second > 60) return TimeFault::date;
    std::int64_t fraction = 0, offset = 0;
    if (const TimeFault fault = parse_tail(text.substr(19), fraction, offset); fault != TimeFault::none)
        return fault;
    const std::int64_t seconds = days * day_seconds + hour * 3'600 + minute * 60 + second - offset;
    if (second == 60 && seconds % day_seconds != 0) return TimeFault::date;  // a leap second ends a UTC day
    ms = seconds * 1'000 + fraction;
    return TimeFault::none;
}

TimeFault parse_any(std::string_view text, std::int64_t& ms) {
    if (text.size() > 4 && text[4] == '-') return parse_rfc3339(text, ms);
    return parse_epoch(text, ms);
}

TimeFault check_range(std::int64_t ms, std::int64_t first, std::int64_t behind) {
    return ms < first * 1'000 || ms >= behind * 1'000 ? TimeFault::range : TimeFault::none;
}

}  // namespace

TimeFault parse_event_time(std::string_view text, std::int64_t& ms) {
    const TimeFault fault = parse_any(text, ms);
    return fault != TimeFault::none ? fault : check_range(ms, year_2000, behind_2100);
}

TimeFault parse_bound(std::string_view text, DayEdge edge, std::int64_t& ms) {
    TimeFault fault = TimeFault::none;
    if (text.size() == 10 && text[4] == '-') {
        std::int64_t days = 0;
        fault = parse_date(text.data(), days);
        const std::int64_t first = days * day_seconds - china_offset_seconds;
        ms = edge == DayEdge::first ? first * 1'000 : (first + day_seconds) * 1'000 - 1;
    } else {
        fault = parse_any(text, ms);
    }
    return fault != TimeFault::none ? fault : check_range(ms, year_1900, behind_2199);
}

std::string_view message_of(TimeFault fault) {
    switch (fault) {
        case TimeFault::none: return "";
        case TimeFault::form: return "it is no time";
        case TimeFault::date: return "there is no such day or hour";
        case TimeFault::offset: return "the time has no offset from UTC";
        case TimeFault::milliseconds: return "it has 13 digits: milliseconds, where seconds are wanted";
        case TimeFault::range: return "the year is out of range";
    }
    return "";
}

std::string_view next_of(TimeFault fault) {
    switch (fault) {
        case TimeFault::offset: return "write 2025-01-31T08:00:00+08:00";
        case TimeFault::milliseconds: return "leave out the last three digits";
        case TimeFault::range:
            return "check the clock of the scanner, and that dates were not exported as numbers";
        default: return "write 2025-01-31T08:00:00+08:00, or seconds since 1970-01-01 UTC";
    }
}

}  // namespace qingyuan::observe
