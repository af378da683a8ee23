// The optional tables beside a simulated chain: stock counts, duties, insurance settlements and online
// listings. A few rows in a hundred do not agree with the events; the truth of the fourteen rules does not
// speak of them.
#pragma once

#include <string>

#include "demo/trace_batch.hpp"

namespace qingyuan::demo {

inline constexpr const char* stock_columns = "operator,product,batch,quantity,counted_at\n";
inline constexpr const char* settlement_columns = "code,operator,settled_at\n";

/// A fictitious person of the firm, the same in every table: `n` 0 to 2.
[[nodiscard]] std::string person_id(FirmIndex firm, std::uint64_t n);
/// Who held how many packs of the batch on a day four months after production, for some of the holders.
void append_stock_rows(const TraceWorld& world, const TraceBatch& batch, std::string& to);
/// Some of the sales, settled by medical insurance within minutes.
void append_settlement_rows(const TraceWorld& world, const TraceBatch& batch, std::string& to);
/// Pharmacists' shifts in the last four weeks, with the header.
[[nodiscard]] std::string duty_rows(const TraceWorld& world);
/// What pharmacies offer online, with the header.
[[nodiscard]] std::string listing_rows(const TraceWorld& world);

}  // namespace qingyuan::demo
