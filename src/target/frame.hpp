// From a plan to inclusion probabilities: sizes of the draw by stratum, and a probability for every unit.
// What the regulator computes before the frame is frozen. Method: π_i = c · size_i, cut at the floor and at 1
// (Hino, Benami and Brooks 2018: a floor for everybody keeps deterrence and estimates); integers only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rational.hpp"
#include "target/ticket.hpp"

namespace qingyuan::target {

/// One operator that may be drawn.
struct Candidate {
    std::string operator_id;
    std::string stratum;  ///< an identifier; one draw of fixed size is made in each
    std::uint64_t size =
        1;  ///< what its probability is in proportion to; 0 only with a floor; at most size_max
    std::vector<std::string>
        reasons{};          ///< words; statutory, for_cause and listed units are drawn for certain
    Probability given = 0;  ///< a probability fixed by the plan; 0 = from the size
};
constexpr std::uint64_t size_max = std::uint64_t{1} << 32;
constexpr std::size_t frame_units_max = 4'000'000;

/// Reasons that leave nothing to chance.
[[nodiscard]] bool is_certain_reason(std::string_view reason);

/// What the plan wants of one stratum.
struct Quota {
    std::string stratum;
    std::int64_t least = 0;    ///< statutory: at least so many
    std::int64_t size = 0;     ///< exactly so many; 0 = what `allocate` gives it
    std::int64_t reserve = 0;  ///< next in order, for units that have closed or must be replaced
};

struct Plan {
    std::int64_t size = 0;      ///< of the whole draw
    Rational random_share;      ///< of the places not certain: the random reserve, 0 … 1; it is the floor too
    std::vector<Quota> quotas;  ///< a stratum that is not named has no least and no reserve
};

/// A stratum as it is drawn.
struct Stratum {
    std::string id;
    std::int64_t units = 0;
    std::int64_t size = 0;
    std::int64_t reserve = 0;
    Probability random = 0;  ///< every unit that is not certain is drawn as random with this probability
    bool operator==(const Stratum&) const = default;
};

struct Chances {
    std::vector<Stratum> strata;             ///< sorted by id
    std::vector<Probability> probabilities;  ///< of each candidate, in their order
};

/// The chances of every candidate. The sum over a stratum is its size exactly. Refusals: frame_empty;
/// duplicate_key (an operator twice); quota_impossible (a size above the number of units or below that of the
/// certain ones, quotas above the whole, a quota for a stratum nobody is in, a size no probabilities can
/// give); probability_invalid (a probability of 0, or given ones that do not add up to the size);
/// field_invalid (names, sizes, a share outside 0 … 1).
[[nodiscard]] Result<Chances> chances_of(const std::vector<Candidate>& candidates, const Plan& plan);

/// The size of a unit from a score: score^(half_powers/2) · (1 + staleness · weight), in integers. `score` in
/// millionths (0 … 1,000,000), `half_powers` 0 … 4 (1 = square root), `staleness` in periods since the last
/// visit, `weight` what one period adds, in hundredths. The answer is at least 1 and at most size_max.
[[nodiscard]] std::uint64_t size_of(std::uint64_t score, int half_powers, std::uint64_t staleness,
                                    std::uint64_t weight);

}  // namespace qingyuan::target
