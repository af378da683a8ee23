// Three axes that must never be confused, as three types that cannot be assigned or compared to one another:
//   CreditGrade    statutory, from final and effective acts only, contestable, published (DAL 105)
//   HazardTier     what the operator does; the same for all of its kind
//   PredictedRisk  internal ordering only: never published, never an input of a grade
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace qingyuan::assess {

/// `ungraded`: nobody has looked yet; no grade, and in no share of grades.
enum class CreditGrade : std::uint8_t { A, B, C, D, ungraded };
[[nodiscard]] std::string_view text_of(CreditGrade grade);
[[nodiscard]] std::optional<CreditGrade> find_grade(std::string_view text);

/// Words of vocabulary hazard_tiers.
enum class HazardTier : std::uint8_t { special, high, medium, low };
[[nodiscard]] std::string_view text_of(HazardTier tier);
[[nodiscard]] std::optional<HazardTier> find_tier(std::string_view text);

/// Probability, 0 … 1, that the next visit finds a violation. There is no way from here to the other two.
class PredictedRisk {
 public:
    constexpr PredictedRisk() = default;
    explicit constexpr PredictedRisk(double probability) : probability_(probability) {}
    [[nodiscard]] constexpr double probability() const { return probability_; }
    auto operator<=>(const PredictedRisk&) const = default;

 private:
    double probability_ = 0;
};

}  // namespace qingyuan::assess
