#include "observe/hl7_time.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace qingyuan::observe {

namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr int china_minutes = 8 * 60;

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return {};
    int value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return {};
        value = value * 10 + (c - '0');
    }
    return value;
}

/// Minutes east of Greenwich.
std::optional<int> zone_minutes(std::string_view text) {
    const auto hours = digits(text, 1, 2);
    const auto minutes = text.size() == 3 ? std::optional(0) : digits(text, 3, 2);
    if ((text.size() != 3 && text.size() != 5) || !hours || !minutes || *hours > 14 || *minutes > 59)
        return {};
    return (*hours * 60 + *minutes) * (text[0] == '-' ? -1 : 1);
}

}  // namespace

std::optional<Hl7Time> parse_hl7_time(std::string_view text) {
    Hl7Time out;
    int zone = china_minutes;
    if (const auto sign = text.find_first_of("+-"); sign != std::string_view::npos) {
        const auto minutes = zone_minutes(text.substr(sign));
        if (!minutes) return {};
        zone = *minutes;
        out.has_zone = true;
        text = text.substr(0, sign);
    }
    if (const auto point = text.find('.'); point != std::string_view::npos) {
        const auto fraction = text.substr(point + 1);
        if (point != 14 || fraction.empty() || fraction.size() > 6 ||
            fraction.find_first_not_of("0123456789") != std::string_view::npos)
            return {};
        text = text.substr(0, point);
    }
    constexpr std::array<std::size_t, 6> ends{4, 6, 8, 10, 12, 14};
    const auto* const end = std::find(ends.begin(), ends.end(), text.size());
    if (end == ends.end()) return {};
    out.precision = static_cast<TimePrecision>(end - ends.begin());
    std::array<int, 6> part{0, 1, 1, 0, 0, 0};
    for (std::size_t i = 0; i <= static_cast<std::size_t>(end - ends.begin()); ++i) {
        const auto value = i == 0 ? digits(text, 0, 4) : digits(text, ends[i - 1], 2);
        if (!value) return {};
        part[i] = *value;
    }
    const auto date = parse_date(fmt::format("{:04}-{:02}-{:02}", part[0], part[1], part[2]));
    if (!date || part[3] > 23 || part[4] > 59 || part[5] > 59) return {};
    const std::int64_t seconds = part[3] * 3600 + part[4] * 60 + part[5] + (china_minutes - zone) * 60;
    // A bare day is that day here, whatever zone stands behind it.
    const bool day_only = out.precision <= TimePrecision::day;
    out.at = Instant{start_of(*date).us + (day_only ? 0 : seconds) * second_us};
    return out;
}

std::string Hl7Time::key() const {
    std::string text = at.text().substr(0, 19);
    std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
    return text;
}

std::string hl7_text(Instant at) {
    return Hl7Time{TimePrecision::second, at, true}.key() + "+0800";
}

}  // namespace qingyuan::observe
