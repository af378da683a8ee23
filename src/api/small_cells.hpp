// Small counts are kept from those who see aggregates alone (an analyst): a cell of one to four tells of
// somebody. Where one blank could be worked out from a sum, another cell is blanked with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "account/report.hpp"
#include "api/operation.hpp"

namespace qingyuan::api {

/// Counts of 1 to `cell_min - 1` are blanked (k-anonymity with k = 5).
constexpr std::int64_t cell_min = 5;

/// Does the reader see figures of this kind as aggregates only? True of a risk analyst without another post
/// that handles or supervises matters.
[[nodiscard]] bool sees_aggregates_only(const access::Subject& subject);

[[nodiscard]] constexpr bool is_small_cell(std::int64_t count) {
    return 0 < count && count < cell_min;
}

/// The report without its small cells: lines lose their value, units their figure; what was a year before
/// goes where it was small; identities, sums and overlaps that name a blank go too. Of an identity, and of a
/// figure's units and their total, never exactly one cell is blank. Sums and medians are blank where fewer
/// than `cell_min` members stand behind them. The number of cells blanked.
Result<std::size_t> blank_small_cells(const account::Index& index, account::Report& report);

}  // namespace qingyuan::api
