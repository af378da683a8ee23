// A table of reports named on the command line, or the reports in the data directory, with what was wrong in
// it said on stderr.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "law/reaction_families.hpp"
#include "observe/report_csv.hpp"

namespace qingyuan::cli {

struct ReportFile {
    observe::ReportTable table;
    law::ReactionFamilies families;
};

/// An empty path: the reports in the data directory. `today` is a date, or empty for that of the machine's
/// clock. Errors: those of read_text_file and observe::read_report_csv.
[[nodiscard]] Result<ReportFile> read_report_file(Context& context, const std::filesystem::path& path,
                                                  const std::string& today);

}  // namespace qingyuan::cli
