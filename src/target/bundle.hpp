// The bundle of a draw: one text file from which anybody can compute the draw again, offline, without
// learning who is in the frame. Format and worked example: docs/formats/draw.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "target/frame.hpp"
#include "target/ticket.hpp"

namespace qingyuan::target {

/// What is fixed before anybody commits: the head of a bundle.
struct Head {
    std::string draw_id;
    std::int64_t number = 1;  ///< of this organisation's draws, void ones included
    Digest previous{};        ///< digest of the bundle before; zero for the first
    std::string organisation;
    Profile profile = Profile::sm3;
    Date opened;
    Date sealed_until;   ///< last day on which the result stays closed; 1970-01-01 = not sealed
    std::string beacon;  ///< a public value fixed later that is mixed in ("lottery 2025123"), or empty
    std::string rule;    ///< names the rule and version that gave the probabilities
    std::vector<Stratum> strata;
    std::int64_t units = 0;
    Digest root{};  ///< of the frame: RFC 6962 with SM3 over the lines of its units without their tickets
};
/// SM3 of the head's lines.
[[nodiscard]] Digest digest_of(const Head& head);

/// A unit of the public frame, under its pseudonym.
struct Unit {
    Digest pseudonym{};
    std::uint32_t stratum = 0;  ///< index into the head's
    Probability probability = probability_one;
    std::string reasons;  ///< words joined by commas, sorted
};

struct Party {
    std::string name;  ///< an identifier: regulator, supervision
    Digest commitment{};
    std::optional<Digest> seed;  ///< none: it did not reveal
};
/// SM3(seed || party || draw_id).
[[nodiscard]] Digest commitment_of(const Digest& seed, std::string_view party, std::string_view draw_id);

struct Bundle {
    Head head;
    std::vector<Party> parties;  ///< in the order of their commitments
    std::string public_value;    ///< of the beacon, or empty
    std::string void_reason;     ///< not empty: the draw is void, and nothing below is there
    std::vector<Unit> units;     ///< sorted by pseudonym
};

/// One place of the result.
struct Place {
    std::uint32_t unit = 0;
    std::uint32_t stratum = 0;
    std::uint32_t rank = 0;  ///< 1 … size, then the reserve
    bool reserve = false;
    std::string reason;  ///< the unit's own, or "random"
};

struct Outcome {
    Digest seed{};  ///< of the draw
    std::vector<Ticket> tickets;
    std::vector<Place> places;  ///< by stratum and rank
};

/// The salt of an operator in a draw: known to whoever has the draw's secret, opened to the operator.
[[nodiscard]] Digest salt_of(const Digest& secret, std::string_view operator_id);
/// SM3("draw.unit" 00 salt operator_id).
[[nodiscard]] Digest pseudonym_of(const Digest& salt, std::string_view operator_id);

/// The frame as it is published and frozen, and which candidate each unit is.
struct Frame {
    std::vector<Unit> units;  ///< sorted by pseudonym
    std::vector<std::uint32_t> candidates;
    Digest root{};
};
[[nodiscard]] Frame freeze(const std::vector<Candidate>& candidates, const Chances& chances,
                           const Digest& secret);
/// The line of a unit without its ticket: a leaf of the tree.
[[nodiscard]] std::string line_of(const Unit& unit, const std::vector<Stratum>& strata);
[[nodiscard]] Digest root_of(const std::vector<Unit>& units, const std::vector<Stratum>& strata);

/// The places that tickets give: in each stratum its `size` first units and the reserve behind them.
[[nodiscard]] std::vector<Place> places_for(const std::vector<Stratum>& strata,
                                            const std::vector<Unit>& units,
                                            const std::vector<Ticket>& tickets);

/// Draws. Refusals: step_missing (fewer than two parties, a seed that was not revealed); duplicate_key (a
/// party twice); seed_mismatch; frame_empty; quota_impossible (a stratum whose numbers do not fit its units);
/// probability_invalid (a stratum whose probabilities do not add up to its size, or a random reserve above
/// one); condition_unmet (units out of order, a root that is not theirs, a missing beacon).
[[nodiscard]] Result<Outcome> draw(const Bundle& bundle);

/// The whole file of a draw or of a void draw; the refusals of `draw`.
[[nodiscard]] Result<std::string> write_bundle(const Bundle& bundle);

struct Checked {
    Bundle bundle;
    Outcome outcome;
    Digest digest{};  ///< SM3 of the whole file: what the next bundle names as `previous`
};
/// Reads a bundle, draws again and compares every byte. bundle_invalid names the first line that is not what
/// it must be, and what was expected there; record_malformed where the file is no bundle at all.
[[nodiscard]] Result<Checked> check_bundle(std::string_view bytes);

/// Checks that each bundle names the one before it: numbers without a gap, one organisation. bundle_invalid.
[[nodiscard]] Result<void> check_series(const std::vector<Checked>& bundles);

}  // namespace qingyuan::target
