// The rows of the simulated files. Rows of events are many, so they are put together by hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "demo/trace_check.hpp"

namespace qingyuan::demo {

/// A time as the options ask for it: RFC 3339 in China's time, or seconds since 1970.
[[nodiscard]] std::string time_text(const TraceWorld& world, std::int64_t time_s);
[[nodiscard]] std::string event_columns(bool extras);
[[nodiscard]] std::string operator_rows(const TraceWorld& world);
[[nodiscard]] std::string product_rows(const TraceWorld& world);
[[nodiscard]] std::string holder_id(const TraceWorld& world, const TraceProduct& product);
void append_batch_row(const TraceWorld& world, const TraceBatch& batch, std::string& to);
/// `shipped`: packs that left on each document (trace_check.hpp).
void append_document_rows(const TraceWorld& world, const TraceBatch& batch,
                          const std::vector<std::int32_t>& shipped, std::string& to);
void append_aggregation_rows(const TraceBatch& batch, std::string& to);

/// What a run's rows need of its batch.
struct RowBatch {
    std::uint32_t product = 0;
    std::uint32_t first_serial = 0;
};
/// Appends the rows of the run to events.csv's text.
void append_event_rows(const TraceWorld& world, const RowBatch& batch, const Run& run, bool extras,
                       std::vector<char>& to);

}  // namespace qingyuan::demo
