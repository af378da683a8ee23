// Figures and identities of a report as the API shows them: with names, denominators, the base of a
// comparison and why it may be compared.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "account/report.hpp"
#include "api/present.hpp"
#include "document/report_json.hpp"

namespace qingyuan::api {

/// A whole value as a number; anything else as its exact decimal (a number, too).
[[nodiscard]] Json whole_number(const Rational& value);
/// A counting unit with its names.
[[nodiscard]] Json unit_json(const Presenter& present, std::string_view unit);
/// One figure of the report; `line.value` is there.
[[nodiscard]] Json figure_json(Presenter& present, const law::Statistics& statistics,
                               const account::Report& report, const account::ReportLine& line);
/// The identities of the organisation itself, the sums of its units, and the overlaps.
[[nodiscard]] Json identities_json(const law::Statistics& statistics, const account::Report& report);
/// The report that the call asks for: org (the caller's authority), period and as_of of the query.
[[nodiscard]] Result<account::ReportRequest> report_asked(const Call& call, const journal::Reader& reader,
                                                          std::string_view report);
/// What the report was computed from: origin, size and root of the journal up to its as-of.
[[nodiscard]] Result<document::Provenance> document_provenance(const Call& call,
                                                               const journal::Reader& reader,
                                                               const account::Report& report);

}  // namespace qingyuan::api
