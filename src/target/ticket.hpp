// Tickets of a draw: a hash everybody can compute, and the order they give. Pareto order sampling (Rosén
// 1997) with permanent hash tickets in the manner of Rivest's consistent sampler: unit i has the ranking
// value q = [u/(1-u)] / [π/(1-π)], the n smallest are drawn. Everything that decides is an integer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::target {

/// Which hash makes the tickets; commitments, pseudonyms and trees are SM3 always.
enum class Profile : std::uint8_t { sm3, sha256 };
[[nodiscard]] std::string_view name_of(Profile profile);
[[nodiscard]] Result<Profile> parse_profile(std::string_view name);  ///< field_invalid

/// An inclusion probability in parts of 1,000,000,000: 1 … probability_one.
using Probability = std::uint32_t;
constexpr Probability probability_one = 1'000'000'000;
/// "0.040000000": nine decimals always.
[[nodiscard]] std::string text_of(Probability probability);
/// Reads up to nine decimals; probability_invalid for anything that is not above 0 and at most 1.
[[nodiscard]] Result<Probability> parse_probability(std::string_view text);

/// A ticket: the first 16 bytes of the hash, big-endian.
struct Ticket {
    std::uint64_t order = 0;  ///< u = (2·order + 1) / 2^65, never 0 and never 1
    std::uint64_t label = 0;  ///< tells the random reserve apart (is_random)
    auto operator<=>(const Ticket&) const = default;
    [[nodiscard]] std::string text() const;  ///< 32 hexadecimal digits
};

/// hash("draw.ticket" 00 draw_id 00 seed unit): 11 bytes, a zero byte, the id, a zero byte, 32 bytes, 32
/// bytes.
[[nodiscard]] Ticket ticket_of(Profile profile, std::string_view draw_id, const Digest& seed,
                               const Digest& unit);
/// The same for many units, side by side where the processor can.
[[nodiscard]] std::vector<Ticket> tickets_of(Profile profile, std::string_view draw_id, const Digest& seed,
                                             std::span<const Digest> units);

/// What decides the place of one unit.
struct Ranked {
    Ticket ticket;
    Probability probability = probability_one;
    std::uint32_t unit = 0;  ///< its place in the frame, which is sorted: the last resort of a tie
};
/// Is the first drawn before the second? q = (2t+1)(D-p) / ((2^65-2t-1) p) is compared by
/// cross-multiplication in 190 bits, without rounding; equal values go by ticket, then label, then place in
/// the frame.
[[nodiscard]] bool drawn_before(const Ranked& a, const Ranked& b);

/// Does a drawn unit count as one of the random reserve? True with chance r/π, so that over all draws each
/// unit is "drawn and random" with the same probability r: label · p < r · 2^64. False where r is 0.
[[nodiscard]] bool is_random(const Ticket& ticket, Probability probability, Probability random);

/// The root of RFC 6962 over leaf hashes; the same as base/merkle.hpp, level by level and side by side.
[[nodiscard]] Digest root_over(std::vector<Digest> leaves);

}  // namespace qingyuan::target
