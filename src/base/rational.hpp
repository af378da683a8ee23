// Exact numbers: money in fen, shares as fractions, decimals of the statute book. No floating point.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan {

/// Money in fen (one hundredth of a yuan).
struct Fen {
    std::int64_t value = 0;
    auto operator<=>(const Fen&) const = default;
    [[nodiscard]] std::string text() const;  ///< yuan with two decimals: 150000.00
};

/// "150000", "99999.99" in yuan; number_invalid for more than two decimals.
[[nodiscard]] Result<Fen> parse_yuan(std::string_view text);

/// A fraction in lowest terms with a positive denominator. Overflow of 64 bits is a bug (asserted).
class Rational {
 public:
    constexpr Rational() = default;
    Rational(std::int64_t whole) : numerator_(whole) {}  // NOLINT: a whole number is a fraction
    Rational(std::int64_t numerator, std::int64_t denominator);

    [[nodiscard]] std::int64_t numerator() const { return numerator_; }
    [[nodiscard]] std::int64_t denominator() const { return denominator_; }
    [[nodiscard]] bool is_whole() const { return denominator_ == 1; }

    friend Rational operator+(const Rational& a, const Rational& b);
    friend Rational operator-(const Rational& a, const Rational& b);
    friend Rational operator*(const Rational& a, const Rational& b);
    friend Rational operator/(const Rational& a, const Rational& b);  // b is not zero (asserted)
    friend bool operator==(const Rational&, const Rational&) = default;
    friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);

    /// Rounded half away from zero to `decimals` places: Rational(182, 545).text(4) is "0.3339".
    [[nodiscard]] std::string text(int decimals) const;
    /// As a percentage with `decimals` places, sign always written when `with_sign`: "+17.65".
    [[nodiscard]] std::string percent(int decimals, bool with_sign = false) const;
    /// Shortest exact writing where the denominator divides a power of ten ("0.3", "15"), else
    /// "numerator/denominator".
    [[nodiscard]] std::string exact() const;

 private:
    std::int64_t numerator_ = 0;
    std::int64_t denominator_ = 1;
};

/// "15", "0.3", "-2.50" exactly.
[[nodiscard]] Result<Rational> parse_decimal(std::string_view text);

}  // namespace qingyuan
