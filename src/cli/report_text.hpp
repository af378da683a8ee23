// What other commands need of reports: the demo prints one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/commands.hpp"

namespace qingyuan::cli {

/// The report on stdout, as text in the language of the context.
Result<void> print_report(const Context& context, Workspace& workspace, std::string_view report,
                          std::string_view organisation, std::string_view period);

}  // namespace qingyuan::cli
