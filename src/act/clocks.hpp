// The clocks of a dossier: a budget, a ledger of pauses, an extension. A due date is derived, never stored.
//
// A pause made on day S and ended on day R leaves out the days S+1 … R: the first day of a term is not
// counted (程序规定 80). A suspended clock has no due date until it resumes. A limit that says "at once" or
// "promptly" runs as zero calendar days: due the same day.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "act/engine.hpp"

namespace qingyuan::act {

/// The latest clock of the limit in this dossier, or null where it never started.
[[nodiscard]] const facts::ClockState* find_clock(const facts::DossierRow& dossier, std::string_view limit);
[[nodiscard]] inline bool is_running(const facts::ClockState& clock) {
    return clock.stopped_on == Date{};
}
/// When it stopped, where that is known better than by the day.
[[nodiscard]] inline std::optional<Instant> stopped_at(const facts::ClockState& clock) {
    return clock.stopped_at_us == 0 ? std::nullopt : std::optional(Instant{clock.stopped_at_us});
}
[[nodiscard]] inline bool is_suspended(const facts::ClockState& clock) {
    return is_running(clock) && !clock.pauses.empty() && clock.pauses.back().to == Date::never_after();
}

/// When a clock ends as seen on `today`; a pause still open is taken to end today.
struct End {
    law::Due due;
    std::optional<Instant> due_at;  ///< for hours
    /// Has the limit run out for certain: past the latest reading the law leaves open.
    [[nodiscard]] bool is_past(Date today, std::optional<Instant> now) const;
};
[[nodiscard]] Result<End> end_of(const law::Calendar& calendar, const facts::ClockState& clock, Date today);

/// What the effects change, given the clocks of the dossier and its attributes after the step's form
/// (category, campaign and operator_id among them). An effect whose conditions do not hold, or that stops,
/// suspends, resumes or extends a clock that does not run, changes nothing. Errors: limit_unknown,
/// law_not_in_force, law_value_invalid (a limit that is not a time), field_invalid (a term set before its
/// start).
[[nodiscard]] Result<std::vector<facts::ClockChange>> clock_changes(
    const law::Law& law, const facts::DossierRow& dossier, const std::vector<law::ClockEffect>& effects,
    const facts::Form& attributes, Date on);

/// Applies changes made on a day to the dossier's clocks. The instant is known where the fact was recorded on
/// the day it happened; else a clock in hours is taken to begin with its day.
void apply_changes(facts::DossierRow& dossier, const std::vector<facts::ClockChange>& changes, Date on,
                   std::optional<Instant> at);
void stop_all(facts::DossierRow& dossier, Date on, std::optional<Instant> at);

/// The nearest due date of a running clock as a day number, the safe reading; 0 where none runs.
[[nodiscard]] Result<std::int64_t> nearest_due(const law::Calendar& calendar,
                                               const facts::DossierRow& dossier);

}  // namespace qingyuan::act
