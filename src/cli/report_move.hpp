// qingyuan report approve|freeze|publish|restate, and the options all report commands share.
#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "cli/commands.hpp"

namespace qingyuan::cli {

struct ReportOptions {
    std::string report, organisation, period, as_of, format, out, members, unit;
    std::string manifest, journal;  ///< of check
    std::string person, reason;
};

/// Organisation and period of the data directory where none is given.
[[nodiscard]] ReportOptions with_defaults(const Workspace& workspace, ReportOptions options);
/// --by, else QINGYUAN_PERSON, else whom the sample data name.
[[nodiscard]] Result<std::string> person_of(const Workspace& workspace, const ReportOptions& options);

struct ReportMoveKind {
    const char* name;
    const char* description;
    bool needs_reason;
    Result<void> (*run)(Context&, const ReportOptions&);
};
[[nodiscard]] std::span<const ReportMoveKind> report_moves();

}  // namespace qingyuan::cli
