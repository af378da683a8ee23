// A report computed from an open data directory, shared by the report commands.
#pragma once

#include <string>

#include "account/figures.hpp"
#include "account/publication.hpp"
#include "account/report.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "document/report_json.hpp"
#include "journal/tree.hpp"

namespace qingyuan::cli {

struct ReportAsked {
    std::string report;
    std::string organisation;
    std::string period;
    std::string as_of;  ///< sequence number, or date and time; empty = now
    bool with_roots = true;
};

struct ComputedReport {
    account::Index index;
    account::Report report;
    document::Provenance from;
    facts::ReportRow standing;
};

[[nodiscard]] Result<ComputedReport> compute_report(Workspace& workspace, const ReportAsked& asked);
/// Again with an index that has caught up, on the reader's state.
Result<void> recompute(Workspace& workspace, const journal::Reader& reader, const ReportAsked& asked,
                       ComputedReport& out);
/// 0 for "". usage, record_unknown.
[[nodiscard]] Result<std::uint64_t> as_of_seq(const journal::Reader& reader, const std::string& text);

}  // namespace qingyuan::cli
