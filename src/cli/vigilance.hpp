// The desks of safety reports over an opened data directory: reports in, signals out.
#pragma once

#include <memory>

#include "api/report_desk.hpp"
#include "api/signal_desk.hpp"
#include "cli/commands.hpp"

namespace qingyuan::cli {

/// Outlives neither the workspace nor its law.
struct Vigilance {
    law::Criteria criteria;
    law::ReactionFamilies families;
    std::unique_ptr<api::ReportDesk> reports;
    std::unique_ptr<api::SignalDesk> signals;
};

/// Reads the journal's batches of reports and what was judged of them. A file reaction_families.csv in the
/// data directory replaces ours.
[[nodiscard]] Result<std::shared_ptr<Vigilance>> open_vigilance(Workspace& workspace);

}  // namespace qingyuan::cli
