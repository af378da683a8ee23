// Trace data of the sample city: what its makers, wholesalers, chains, pharmacies and hospitals would have
// uploaded about their packs in the first half of 2025, as three instalments in the flat trace format. Most
// of it is a chain of the trace simulator between the registry's own firms; planted in it are matters that a
// regulator looks for (trace_stories.hpp). Every firm, product and code is invented.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "demo/city.hpp"

namespace qingyuan::demo {

struct TraceInstalment {
    std::filesystem::path directory;  ///< tables of the flat format
    Instant judged_at;                ///< nothing in it was uploaded later
    std::string source;
};

/// A batch of the sample city's trace data.
struct TracedBatch {
    std::string id;       ///< as in batches.csv
    std::string product;  ///< id of the ProductRecorded: its approval number
    Date produced_on, expires_on;
};
/// The batches of the regular chain that write_city_trace makes of this city and seed.
[[nodiscard]] std::vector<TracedBatch> traced_batches(const City& city, std::uint64_t seed);

/// Writes the instalments under `directory`, in their order: until the end of March, of May, and the end of
/// the play. The same city and seed give the same bytes. Errors: io_failed, disk_full.
[[nodiscard]] Result<std::vector<TraceInstalment>> write_city_trace(const City& city, std::uint64_t seed,
                                                                    const std::filesystem::path& directory);

}  // namespace qingyuan::demo
