// The ceremony of a draw as it stands in the journal (law/procedures/draw.toml): what its dossier says
// becomes the bundle that anybody can check. Nothing here decides who is drawn; bundle.hpp does.
#pragma once

#include <string>
#include <string_view>

#include "facts/rows.hpp"
#include "journal/view.hpp"
#include "target/bundle.hpp"

namespace qingyuan::target {

/// The frame as it is kept inside, in the evidence store: a line a unit, the public line, a blank and the
/// operator's id.
[[nodiscard]] std::string write_frame(const Frame& frame, const std::vector<Candidate>& candidates,
                                      const std::vector<Stratum>& strata);
struct KeptFrame {
    std::vector<Unit> units;
    std::vector<std::string> operators;  ///< of each unit
};
/// record_malformed, with the line.
[[nodiscard]] Result<KeptFrame> parse_frame(std::string_view text, const std::vector<Stratum>& strata);

/// Strata as the opening form writes them: "id units size reserve random", a line each. field_invalid.
[[nodiscard]] std::string write_strata(const std::vector<Stratum>& strata);
[[nodiscard]] Result<std::vector<Stratum>> parse_strata(std::string_view text);

/// The number a draw opened now gets, and the digest of the bundle before it.
struct Turn {
    std::int64_t number = 1;
    Digest previous{};
};
/// Draws of the organisation before the dossier `before` (0 = all) are counted, void and voided ones too.
/// wrong_state where the latest of them is neither drawn nor void: two draws never run side by side, or the
/// better one could be kept.
[[nodiscard]] Result<Turn> turn_of(const journal::Reader& reader, std::string_view organisation,
                                   std::int64_t before = 0);

/// Head, parties and public value of a draw's dossier; no units. wrong_state for a dossier that is no draw;
/// condition_unmet where its number or previous digest are not what the journal says.
[[nodiscard]] Result<Bundle> ceremony_of(const journal::Reader& reader, const facts::DossierRow& row);

/// The digest under which the next draw names this one.
[[nodiscard]] Result<Digest> digest_of_draw(const journal::Reader& reader, const facts::DossierRow& row);

}  // namespace qingyuan::target
