// The draw of the sample city: a whole ceremony, whose public bundle lies under the data directory.
#pragma once

#include <cstdint>

#include "cli/commands.hpp"
#include "demo/city.hpp"

namespace qingyuan::cli {

/// Freezes a frame of the city's operators, lets two parties commit and reveal, draws and publishes; writes
/// `draws/ID.draw`. The seed gives the sizes and the parties' seeds: sample data, no secrets.
[[nodiscard]] Result<void> draw_sample(Workspace& workspace, const demo::City& city, std::uint64_t seed);

}  // namespace qingyuan::cli
