// The trace simulator: a plausible chain of custody of drug packs over a bit more than a year, written in the
// flat trace format, with planted anomalies, legal look-alikes that must stay quiet, and the exact truth. The
// same options give the same bytes. Memory does not grow with the number of events; what waits for its turn
// in upload order waits on the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/date.hpp"
#include "base/result.hpp"

namespace qingyuan::demo {

/// How late documents are uploaded. mixed: of all documents 80 % within 6 hours, 15 % within 3 days, 5 %
/// within 30 days; per_firm: each firm has one of these classes, in the same shares; none: at once.
enum class TraceLag : std::uint8_t { mixed, per_firm, none };

struct TraceOptions {
    std::uint64_t events = 1'000'000;  ///< about this many rows (with aggregation: unit events)
    std::uint64_t seed = 1;
    std::filesystem::path directory;
    TraceLag lag = TraceLag::mixed;
    bool aggregation =
        false;  ///< untouched cases move under the code of the case; aggregation.csv says what is in it
    bool skew = false;     ///< one receive in a thousand is dated before its shipment
    bool extras = false;   ///< columns person and prescription; stock, duties, settlements and listings
    bool rfc3339 = false;  ///< times as RFC 3339 text instead of seconds since 1970
    Date until = {20453};  ///< no event happens after this date; 2025-12-31
    unsigned threads = 2;
    std::function<void(std::uint64_t done, std::uint64_t of)> progress = {};  ///< steps done of all steps
};

inline constexpr std::uint64_t trace_events_min = 1'000;
inline constexpr std::uint64_t trace_events_max = 3'000'000'000;
inline constexpr int trace_rules = 14;

struct TraceCounts {
    std::uint64_t rows = 0;  ///< of events.csv, repeated ones included
    std::uint64_t repeated = 0;
    std::uint64_t packs = 0;
    std::uint64_t batches = 0;
    std::uint64_t documents = 0;
    std::uint64_t findings[trace_rules + 1] = {};  ///< by number of the rule
    Instant uploaded_last;                         ///< the truth is that of 60 days after this, or later
};

/// Writes operators.csv products.csv batches.csv documents.csv events.csv truth.csv and, when asked,
/// aggregation.csv and the tables of `extras`. Errors: usage (a number out of range), duplicate_key (the
/// directory already holds an events.csv), io_failed, disk_full.
[[nodiscard]] Result<TraceCounts> simulate_trace(const TraceOptions& options);

}  // namespace qingyuan::demo
