// The life of a published report: approve → freeze → publish, and restate, which reopens it with a reason.
// Each is a fact; the manifest (docs/formats/report.md) is bound by its SM3 digest. Who approves does not
// freeze.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "account/report.hpp"
#include "facts/fact.hpp"
#include "facts/rows.hpp"
#include "journal/view.hpp"

namespace qingyuan::account {

/// Folds figure_reported and report_moved into ReportedFigureRow and ReportRow.
[[nodiscard]] journal::Fold fold();

/// Who moves a report, on which day.
struct Mover {
    std::string person;
    std::string organisation;
    std::vector<std::string> roles;
    Date on;
};

/// Where a report stands: its row, in state "draft" where nothing has happened to it.
[[nodiscard]] Result<facts::ReportRow> standing(const journal::Reader& reader, std::string_view report,
                                                std::string_view organisation, std::string_view period);

/// Each returns the fact to append. `manifest` is the SM3 of the manifest's text.
/// Order of refusals: wrong_role, same_person · wrong_state, already_frozen, not_frozen · manifest_mismatch,
/// identity_broken · field_missing (a restatement without a reason), condition_unmet (a restatement of
/// figures that did not change).
[[nodiscard]] Result<facts::Fact> approve(const journal::Reader& reader, const Report& report,
                                          const Digest& manifest, const Mover& mover);
/// The figures frozen are the figures approved: computed at the approved sequence number, with the same
/// manifest.
[[nodiscard]] Result<facts::Fact> freeze(const journal::Reader& reader, const Report& report,
                                         const Digest& manifest, const Mover& mover);
[[nodiscard]] Result<facts::Fact> publish(const journal::Reader& reader, const Report& report,
                                          const Mover& mover);
/// `before` is the report as frozen, `now` as it stands; the fact's reason lists the figures that changed
/// after the given reason.
[[nodiscard]] Result<facts::Fact> restate(const journal::Reader& reader, const Report& before,
                                          const Report& now, const Digest& manifest, std::string_view reason,
                                          const Mover& mover);

/// A figure of two computations of one report that is not the same.
struct Change {
    std::string figure;
    std::string organisation;  ///< the unit, or the organisation of the report
    std::string before;        ///< value, "535/1014" for a ratio, "" where there is none
    std::string now;
};
[[nodiscard]] std::vector<Change> changes(const Report& before, const Report& now);

}  // namespace qingyuan::account
