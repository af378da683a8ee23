// Visits that were made, as figures about them need: the reason that chose them, the mode, whether they found
// something, and with which chance the operator had been chosen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journal/view.hpp"

namespace qingyuan::assess {

struct VisitMade {
    std::string dossier, operator_id, organisation;
    std::string reason, mode;           ///< words of inspection_reasons, inspection_modes
    Date on;                            ///< the day its record was signed
    bool hit = false;                   ///< at least one finding that stands
    std::optional<double> probability;  ///< as stated when it was planned: "1/12", "0.25"
};
/// Every inspection whose record was signed by the day, one pass over the inspections.
[[nodiscard]] Result<std::vector<VisitMade>> visits_made(const journal::Reader& reader, Date until);

}  // namespace qingyuan::assess
