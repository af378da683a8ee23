// The report desk of an opened data directory, for the commands about reports.
#pragma once

#include <memory>
#include <string>

#include "api/report_desk.hpp"
#include "cli/commands.hpp"

namespace qingyuan::cli {

/// Reads the journal's batches of reports.
[[nodiscard]] Result<std::unique_ptr<api::ReportDesk>> open_reports(Workspace& workspace);

/// Who acts: the person named, or the instance's own, or the system.
[[nodiscard]] api::ReportActor report_actor(const Workspace& workspace, const std::string& person,
                                            const std::string& organisation);

/// The bytes of a file; file_unreadable, too_large.
[[nodiscard]] Result<std::string> report_file(const std::filesystem::path& path);

}  // namespace qingyuan::cli
