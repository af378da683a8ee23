#include "base/rational.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace qingyuan {

namespace {

__extension__ typedef __int128 Wide;

Rational reduced(Wide numerator, Wide denominator) {
    QY_ASSERT(denominator != 0);
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    Wide a = numerator < 0 ? -numerator : numerator, b = denominator;
    while (b != 0) {
        const Wide rest = a % b;
        a = b;
        b = rest;
    }
    if (a > 1) {
        numerator /= a;
        denominator /= a;
    }
    QY_ASSERT(numerator <= INT64_MAX && numerator >= INT64_MIN && denominator <= INT64_MAX);
    return {static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator)};
}

std::string scaled_text(Wide numerator, Wide denominator, int decimals) {
    const bool negative = numerator < 0;
    if (negative) numerator = -numerator;
    for (int i = 0; i < decimals; ++i) numerator *= 10;
    const Wide rounded = (2 * numerator + denominator) / (2 * denominator);
    std::string digits = std::to_string(static_cast<std::uint64_t>(rounded));
    if (digits.size() <= static_cast<std::size_t>(decimals))
        digits.insert(0, static_cast<std::size_t>(decimals) + 1 - digits.size(), '0');
    if (decimals > 0) digits.insert(digits.size() - static_cast<std::size_t>(decimals), ".");
    const bool zero = std::all_of(digits.begin(), digits.end(), [](char c) { return c == '0' || c == '.'; });
    return (negative && !zero ? "-" : "") + digits;
}

}  // namespace

std::string Fen::text() const {
    return Rational(value, 100).text(2);
}

Result<Fen> parse_yuan(std::string_view text) {
    const Rational fen = TRY(parse_decimal(text)) * Rational(100);
    if (!fen.is_whole())
        return Error{ErrorCode::number_invalid,
                     fmt::format("'{}' has more than two decimals of a yuan", text)};
    return Fen{fen.numerator()};
}

Rational::Rational(std::int64_t numerator, std::int64_t denominator) {
    QY_ASSERT(denominator != 0);
    const std::int64_t divisor = std::gcd(numerator, denominator);
    const std::int64_t sign = denominator < 0 ? -1 : 1;
    numerator_ = divisor == 0 ? 0 : sign * numerator / divisor;
    denominator_ = divisor == 0 ? 1 : sign * denominator / divisor;
}

Rational operator+(const Rational& a, const Rational& b) {
    return reduced(Wide(a.numerator_) * b.denominator_ + Wide(b.numerator_) * a.denominator_,
                   Wide(a.denominator_) * b.denominator_);
}
Rational operator-(const Rational& a, const Rational& b) {
    return a + Rational(-b.numerator_, b.denominator_);
}
Rational operator*(const Rational& a, const Rational& b) {
    return reduced(Wide(a.numerator_) * b.numerator_, Wide(a.denominator_) * b.denominator_);
}
Rational operator/(const Rational& a, const Rational& b) {
    return reduced(Wide(a.numerator_) * b.denominator_, Wide(a.denominator_) * b.numerator_);
}
std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
    const Wide left = Wide(a.numerator_) * b.denominator_, right = Wide(b.numerator_) * a.denominator_;
    return left < right   ? std::strong_ordering::less
           : left > right ? std::strong_ordering::greater
                          : std::strong_ordering::equal;
}

std::string Rational::text(int decimals) const {
    return scaled_text(numerator_, denominator_, decimals);
}

std::string Rational::percent(int decimals, bool with_sign) const {
    const std::string text = scaled_text(Wide(numerator_) * 100, denominator_, decimals);
    return with_sign && numerator_ >= 0 ? "+" + text : text;
}

std::string Rational::exact() const {
    std::int64_t rest = denominator_;
    int twos = 0, fives = 0;
    while (rest % 2 == 0) {
        rest /= 2;
        ++twos;
    }
    while (rest % 5 == 0) {
        rest /= 5;
        ++fives;
    }
    if (rest != 1) return fmt::format("{}/{}", numerator_, denominator_);
    return text(std::max(twos, fives));
}

Result<Rational> parse_decimal(std::string_view text) {
    const Error wrong{ErrorCode::number_invalid, fmt::format("'{}' is not a decimal number", text)};
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    std::int64_t numerator = 0, denominator = 1;
    bool point = false, any = false;
    for (; at < text.size(); ++at) {
        if (text[at] == '.' && !point) {
            point = true;
            continue;
        }
        if (text[at] < '0' || text[at] > '9' || numerator > INT64_MAX / 100 || denominator > INT64_MAX / 100)
            return wrong;
        numerator = numerator * 10 + (text[at] - '0');
        if (point) denominator *= 10;
        any = true;
    }
    if (!any || text.back() == '.') return wrong;
    return Rational(text[0] == '-' ? -numerator : numerator, denominator);
}

}  // namespace qingyuan
