// What became of reports that were handed in, as JSON: the command line and the API say it alike.
#pragma once

#include <nlohmann/json.hpp>

#include "api/report_desk.hpp"

namespace qingyuan::api {

/// docs/import.md has an example. No personal value stands in it.
[[nodiscard]] nlohmann::ordered_json as_json(const ReportResult& result);
[[nodiscard]] nlohmann::ordered_json as_json(const observe::SentinelState& state);
[[nodiscard]] nlohmann::ordered_json as_json(const observe::ChannelShare& share);

}  // namespace qingyuan::api
