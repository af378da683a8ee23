#include "base/period.hpp"

#include <array>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan {

namespace {

constexpr std::array<std::string_view, 13> month_names{
    "",     "January", "February",  "March",   "April",    "May",     "June",
    "July", "August",  "September", "October", "November", "December"};

Error malformed(std::string_view text) {
    return Error{ErrorCode::usage,
                 fmt::format("'{}' is no period", text),
                 "period",
                 {},
                 "2025, 2025-H1, 2025-Q2, 2025-06 or 2025-01-01..2025-07-05"};
}

Period months(std::string_view text, int year, int first, int count) {
    const Date from = make_date(year, first, 1);
    return {std::string(text), from, from.plus_months(count) - 1};
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int number(std::string_view digits) {
    return static_cast<int>(*parse_integer(digits));
}

}  // namespace

Result<Period> parse_period(std::string_view text) {
    if (const auto dots = text.find(".."); dots != std::string_view::npos) {
        const auto from = parse_date(text.substr(0, dots));
        const auto to = parse_date(text.substr(dots + 2));
        if (!from || !to || *to < *from) return malformed(text);
        return Period{std::string(text), *from, *to};
    }
    const std::string_view year_text = text.substr(0, 4);
    if (year_text.size() != 4 || !is_digits(year_text) || year_text[0] == '0') return malformed(text);
    const int year = number(year_text);
    if (text.size() == 4) return months(text, year, 1, 12);
    if (text.size() != 7 || text[4] != '-') return malformed(text);
    const std::string_view part = text.substr(5);
    if (part == "H1" || part == "H2") return months(text, year, part == "H1" ? 1 : 7, 6);
    if (part[0] == 'Q' && part[1] >= '1' && part[1] <= '4')
        return months(text, year, (part[1] - '1') * 3 + 1, 3);
    if (is_digits(part) && number(part) >= 1 && number(part) <= 12)
        return months(text, year, number(part), 1);
    return malformed(text);
}

Period Period::year_before() const {
    if (text.find("..") == std::string::npos)
        return *parse_period(std::to_string(from.year() - 1) + text.substr(4));
    const Date begin = from.plus_months(-12);
    const Date end = to.plus_months(-12);
    return {begin.text() + ".." + end.text(), begin, end};
}

std::string Period::zh() const {
    if (text.size() == 4) return text + "年";
    if (text.find("..") != std::string::npos) return from.text() + " 至 " + to.text();
    const std::string year = text.substr(0, 4) + "年";
    if (text[5] == 'H') return year + (text[6] == '1' ? "上半年" : "下半年");
    if (text[5] == 'Q') return year + "第" + text[6] + "季度";
    return year + std::to_string(from.month()) + "月";
}

std::string Period::en() const {
    if (text.size() == 4) return text;
    if (text.find("..") != std::string::npos) return from.text() + " to " + to.text();
    const std::string year = text.substr(0, 4);
    if (text[5] == 'H') return (text[6] == '1' ? "first half of " : "second half of ") + year;
    if (text[5] == 'Q') return std::string("quarter ") + text[6] + " of " + year;
    return std::string(month_names[static_cast<std::size_t>(from.month())]) + " " + year;
}

}  // namespace qingyuan
