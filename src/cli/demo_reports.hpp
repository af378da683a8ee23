// The safety reports of the sample city.
#pragma once

#include "cli/commands.hpp"
#include "demo/city.hpp"

namespace qingyuan::cli {

/// A year of reports, judged; one signal walked to the risk register.
Result<void> take_in_reports(Workspace& workspace, const demo::City& city, std::uint64_t seed);

}  // namespace qingyuan::cli
