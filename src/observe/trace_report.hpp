// What an import said of its files, kept in the index beside what it brought: every rebuild makes the same
// again from the same raw files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "observe/trace_intake.hpp"

namespace qingyuan::observe {

/// A batch in a list.
struct BatchSummary {
    std::uint64_t seq = 0;
    std::int64_t now_ms = 0;
    std::string source;
    std::string digest;  ///< of the manifest's files, hexadecimal
    std::vector<std::string> names;
    std::uint64_t lines = 0, accepted = 0, rejected = 0, waiting = 0;
};

/// A row that was not taken, with its file.
struct BatchReject {
    std::string file;
    std::uint64_t row = 0;
    std::string field, code, message, next;
};

/// Before the batch is finished: its summary and the rows that were not taken, as side tables.
void keep_report(packs::Index& index, const Manifest& manifest, const TraceReport& report);

/// Newest first, from behind `before` on (0 = the newest); `each` returns false to end.
[[nodiscard]] Result<void> each_batch(packs::Index& index, std::uint64_t before,
                                      const std::function<bool(const BatchSummary&)>& each);
/// record_unknown where no batch has that number.
[[nodiscard]] Result<BatchSummary> find_batch(packs::Index& index, std::uint64_t seq);
[[nodiscard]] Result<std::vector<BatchReject>> rejects_of(packs::Index& index, std::uint64_t seq);

}  // namespace qingyuan::observe
