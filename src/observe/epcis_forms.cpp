// The forms of values: URIs, times with a zone, offsets, decimal numbers; and the errors the readers give.
#include <array>
#include <chrono>

#include "observe/epcis_words.hpp"

namespace qingyuan::observe {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr int decimal_exponent_max = 60;  // beyond, no program agrees with another on what the number is

constexpr std::array<bool, 256> forbidden_in_uri = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c <= 0x20; ++c) table[c] = true;
    for (const unsigned char c : std::string_view("\x7f\"<>\\^`{|}")) table[c] = true;
    return table;
}();

/// Reads exactly `count` digits.
bool digits(std::string_view& text, std::size_t count, int& value) {
    if (text.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_digit(text[i])) return false;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool skip(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

/// .5 → 500, .0005 → 1 (rounded half up at the fourth decimal).
bool milliseconds(std::string_view& text, int& ms) {
    ms = 0;
    if (!skip(text, '.')) return true;
    std::size_t count = 0;
    bool up = false;
    while (count < text.size() && is_digit(text[count])) {
        if (count < 3) ms = ms * 10 + (text[count] - '0');
        if (count == 3) up = text[count] >= '5';
        ++count;
    }
    for (std::size_t i = count; i < 3; ++i) ms *= 10;
    text.remove_prefix(count);
    ms += up ? 1 : 0;
    return count > 0;
}

bool zone(std::string_view text, int& minutes) {
    if (text == "Z" || text == "z") {
        minutes = 0;
        return true;
    }
    const bool west = text.starts_with('-');
    int hour = 0;
    int minute = 0;
    if (!west && !text.starts_with('+')) return false;
    text.remove_prefix(1);
    if (!digits(text, 2, hour) || !skip(text, ':') || !digits(text, 2, minute) || !text.empty()) return false;
    if (hour > 14 || minute > 59 || (hour == 14 && minute != 0)) return false;
    minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return true;
}

Error bad_time(std::string_view text, const char* why) {
    return epcis_error(ErrorCode::epcis_field_invalid,
                       "'" + std::string(text.substr(0, 64)) + "' is no time with a zone: " + why);
}

}  // namespace

bool is_uri(std::string_view text) {
    std::size_t at = 0;
    if (text.empty() || !is_letter(text[0])) return false;
    while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '+' ||
                                text[at] == '-' || text[at] == '.')) {
        ++at;
    }
    if (at == text.size() || text[at] != ':' || at + 1 == text.size()) return false;
    for (++at; at < text.size(); ++at) {
        const char c = text[at];
        if (forbidden_in_uri[static_cast<unsigned char>(c)]) return false;
        if (c == '%' && (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])))
            return false;
    }
    return true;
}

Result<TimeStamp> parse_time_stamp(std::string_view text, Seconds seconds_are) {
    using std::chrono::sys_days, std::chrono::year_month_day, std::chrono::year, std::chrono::month;
    const std::string_view whole = text;
    int y = 0, m = 0, d = 0, hour = 0, minute = 0, second = 0, ms = 0, east = 0;
    if (!digits(text, 4, y) || !skip(text, '-') || !digits(text, 2, m) || !skip(text, '-') ||
        !digits(text, 2, d) || !(skip(text, 'T') || skip(text, 't')) || !digits(text, 2, hour) ||
        !skip(text, ':') || !digits(text, 2, minute)) {
        return bad_time(whole, "YYYY-MM-DDThh:mm:ss[.fff]+hh:mm is wanted");
    }
    const bool none = seconds_are == Seconds::optional && !text.starts_with(':');
    if (!none && (!skip(text, ':') || !digits(text, 2, second) || !milliseconds(text, ms))) {
        return bad_time(whole, "YYYY-MM-DDThh:mm:ss[.fff]+hh:mm is wanted");
    }
    if (text.empty()) return bad_time(whole, "the zone is missing (Z or +hh:mm)");
    if (!zone(text, east)) return bad_time(whole, "the zone is not Z or +hh:mm");
    const year_month_day day{year(y), month(static_cast<unsigned>(m)),
                             std::chrono::day(static_cast<unsigned>(d))};
    if (y == 0 || !day.ok()) return bad_time(whole, "there is no such day");
    const bool midnight = hour == 24 && minute == 0 && second == 0 && ms == 0;  // XML Schema's end of a day
    if ((hour > 23 && !midnight) || minute > 59 || second > 60)
        return bad_time(whole, "there is no such hour");
    const std::int64_t days = sys_days(day).time_since_epoch().count();
    const std::int64_t seconds = ((days * 24 + hour) * 60 + minute - east) * 60 + second;
    if (second == 60 && seconds % 86400 != 0)
        return bad_time(whole, "there is no such second");  // leap second
    return TimeStamp{seconds * 1000 + ms, true};
}

Result<int> parse_offset(std::string_view text) {
    int minutes = 0;
    if (text.size() != 6 || !zone(text, minutes)) {
        return epcis_error(ErrorCode::epcis_field_invalid,
                           "'" + std::string(text.substr(0, 64)) +
                               "' is no time zone offset: +hh:mm or -hh:mm up "
                               "to 14:00 is wanted");
    }
    return minutes;
}

bool is_decimal(std::string_view text, std::size_t max) {
    if (text.size() > max) return false;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    std::size_t seen = 0;
    const auto run = [&] {
        while (!text.empty() && is_digit(text.front())) {
            text.remove_prefix(1);
            ++seen;
        }
    };
    run();
    if (skip(text, '.')) run();
    if (seen == 0) return false;
    if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
        text.remove_prefix(1);
        if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
        int exponent = 0;
        const std::size_t wide = text.size();
        if (wide == 0 || wide > 3 || !digits(text, wide, exponent) || exponent > decimal_exponent_max)
            return false;
    }
    return text.empty();
}

Error epcis_error(ErrorCode code, std::string message, std::string_view where) {
    return Error{.code = code, .message = std::move(message), .where = std::string(where)};
}

Error below(std::string_view where, Error error) {
    error.where.insert(0, where);
    return error;
}

}  // namespace qingyuan::observe
