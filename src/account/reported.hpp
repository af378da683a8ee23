// Figures that others published, taken over from a table: one fact a row, printed as reported, never added to derived figures.
// Columns: figure,organisation,period,value,unit,as_of,source and optionally approximate (yes or no).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "facts/fact.hpp"
#include "journal/view.hpp"
#include "law/statistics.hpp"

namespace qingyuan::account {

struct RejectedRow {
    std::uint64_t line = 0;
    Error error;  ///< `where` is the column
};

struct ReportedImport {
    std::vector<facts::Fact> facts;  ///< to be appended in this order
    std::uint64_t duplicates = 0;    ///< rows that state what already stands
    std::vector<RejectedRow> rejected;
};

/// Reads the table (UTF-8). A value is a whole number, a decimal ("153600", "0.5") or a percentage ("96.65%") for a share.
/// A row is rejected with: figure_unknown, unit_mismatch, number_invalid, usage (period), field_missing, field_invalid.
/// Errors for the whole file: csv_malformed, column_unknown, column_missing, encoding_invalid.
[[nodiscard]] Result<ReportedImport> read_reported(const journal::Reader& reader,
                                                   const law::Statistics& statistics, std::string_view csv,
                                                   std::string_view actor, std::string_view organisation,
                                                   Date on);

}  // namespace qingyuan::account
