// What other commands need of reports: the demo prints one and takes over the figures that others reported.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/commands.hpp"

namespace qingyuan::cli {

/// The report on stdout, as text in the language of the context.
Result<void> print_report(const Context& context, Workspace& workspace, std::string_view report, std::string_view organisation,
                          std::string_view period);

struct ReportedCounts {
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
};
/// Takes over the table of reported figures; rejected rows go to stderr, one line each.
Result<ReportedCounts> import_reported(Workspace& workspace, std::string_view csv, std::string_view person,
                                       std::string_view organisation);

}  // namespace qingyuan::cli
