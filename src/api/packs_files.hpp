// A batch of trace data as JSON: in lists, and with the rows that were not taken.
#pragma once

#include "api/packs_view.hpp"
#include "observe/trace_report.hpp"

namespace qingyuan::api {

[[nodiscard]] Json batch_file_json(const observe::BatchSummary& batch, const journal::Reader& reader,
                                   bool outsider);
/// With `rejects` and `waiting_rows`.
[[nodiscard]] Result<Json> batch_report_json(PackView& view, const observe::BatchSummary& batch);

}  // namespace qingyuan::api
