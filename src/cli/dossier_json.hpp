// A dossier as JSON for `qingyuan dossier … --json`: identifiers only; the API adds names.
#pragma once

#include <nlohmann/json.hpp>

#include "act/engine.hpp"

namespace qingyuan::cli {

[[nodiscard]] nlohmann::ordered_json clock_json(const act::ClockView& clock);
[[nodiscard]] nlohmann::ordered_json offer_json(const act::Offer& offer);
[[nodiscard]] nlohmann::ordered_json form_json(const facts::Form& form);
/// The row without its history.
[[nodiscard]] nlohmann::ordered_json row_json(const facts::DossierRow& row);
/// The row, its clocks, the timeline of its facts, the dossiers that came from it.
[[nodiscard]] Result<nlohmann::ordered_json> dossier_json(const journal::Reader& reader,
                                                          const act::Engine& engine,
                                                          const facts::DossierRow& row, Instant now);

}  // namespace qingyuan::cli
