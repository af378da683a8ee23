// Who visits whom: teams of two or more, by lot but within every constraint. The cost of a pair is a hash of
// the draw's seed, so nobody chooses; the assignment is the cheapest that keeps qualification, skills,
// capacity, rotation and recusal (a minimum-cost flow by successive shortest paths with potentials; Ahuja,
// Magnanti and Orlin 1993, 9.7). Where there is none, the answer says which visits and skills are short: a
// set of places larger than all who could fill them (Hall 1935). No constraint is ever dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::target {

struct Inspector {
    std::string id;
    std::vector<std::string> skills;  ///< words: gmp, sterile, lang_yi; a language is a skill
    std::int64_t capacity = 0;        ///< visits in the period
    Date certificate_to;              ///< last day of certificate and training; 1970-01-01 = none, never goes
};

/// Somebody who may not go, and why: kinship, former_employer, complaint, rotation (was there last time) …
struct Bar {
    std::string inspector;
    std::string why;
};

struct Visit {
    std::string id;
    Date on;
    std::int64_t team = 2;                 ///< at least two (行政处罚法 42)
    std::vector<std::string> lead_skills;  ///< one of the team has all of these
    std::vector<std::string> skills;       ///< everybody on the team has all of these
    std::vector<Bar> barred;
};
constexpr std::size_t visits_max = 100'000;
constexpr std::size_t inspectors_max = 10'000;

struct Team {
    std::string visit;
    std::vector<std::string> inspectors;  ///< the lead first, the others sorted
    bool operator==(const Team&) const = default;
};

/// Why there is no assignment: `places` on the visits must be filled by the inspectors named, who have
/// `capacity` left between them, and by nobody else.
struct Shortage {
    std::vector<std::string> visits;
    std::vector<std::string> skills;      ///< asked for by these places
    std::vector<std::string> inspectors;  ///< everybody eligible who is fully used
    std::vector<std::pair<std::string, std::string>>
        once;  ///< (visit, inspector): has spare capacity but can stand on this visit once only
    std::int64_t places = 0;           ///< to be filled
    std::int64_t capacity = 0;         ///< of the inspectors, and one for each of `once`; less than `places`
    std::vector<std::string> expired;  ///< would be eligible but for a certificate that has run out
    [[nodiscard]] std::string text() const;
};

struct Assignment {
    std::vector<Team> teams;         ///< in the order of the visits; empty where there is a shortage
    std::vector<Shortage> shortage;  ///< none or one
};

/// Deterministic in its arguments, whatever the order of inspectors and visits. Refusals: officers_too_few (a
/// team below two); duplicate_key; field_invalid (an empty id, a negative capacity); too_large.
[[nodiscard]] Result<Assignment> assign(const std::vector<Visit>& visits,
                                        const std::vector<Inspector>& inspectors, const Digest& seed);

/// A party's request to recuse is granted: one visit gets a new team by the next tickets (`round` 1, 2, …),
/// every other team stays. `visit` is the visit with the new bars; `teams` all teams as they stand.
/// record_unknown where the visit has none.
[[nodiscard]] Result<Assignment> reassign(const std::vector<Team>& teams, const Visit& visit,
                                          const std::vector<Inspector>& inspectors, const Digest& seed,
                                          std::uint64_t round);

/// May this inspector stand on this visit's team? Refusals: officer_unqualified (certificate or training run
/// out, a skill missing), recused (with the reason of the bar).
[[nodiscard]] Result<void> may_visit(const Inspector& inspector, const Visit& visit);

/// assignment_impossible with the text of the shortage.
[[nodiscard]] Error error_of(const Shortage& shortage);

}  // namespace qingyuan::target
