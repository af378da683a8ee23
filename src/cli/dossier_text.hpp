// A dossier as text: the same lines in `qingyuan dossier` and in scenarios.
#pragma once

#include <string>
#include <vector>

#include "act/engine.hpp"

namespace qingyuan::cli {

/// "CASE.DECIDE  3 of 90 calendar_day  due 2025-04-01 / 2025-04-06": safe reading / latest reading where they
/// differ.
[[nodiscard]] std::string clock_line(const act::ClockView& clock, Instant now);
/// The day the safe reading gives, and the latest one where it differs.
[[nodiscard]] std::string due_text(const law::Due& due);

/// One line a step: "file  refused approval_missing  message  APPR 19", columns filled up with blanks.
[[nodiscard]] std::string offers_text(const std::vector<act::Offer>& offers);

/// State, people, attributes, steps, clocks, links.
[[nodiscard]] Result<std::string> dossier_text(const journal::Reader& reader, const act::Engine& engine,
                                               const facts::DossierRow& row, Instant now);

/// "hy-2025-ins-00017  inspection  on_site  hy  due 2025-07-01".
[[nodiscard]] std::string dossier_line(const facts::DossierRow& row);

[[nodiscard]] std::string value_text(const facts::Value& value);

}  // namespace qingyuan::cli
