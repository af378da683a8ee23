// A document looked at before it is handed in: what would be refused row by row. Nothing is kept.
#pragma once

#include <string_view>

#include "observe/epcis.hpp"
#include "observe/row_problems.hpp"
#include "packs/reference.hpp"

namespace qingyuan::observe {

/// What reading the document into the index would refuse or let wait. `own` = id of the firm that hands in
/// its own events only: those of others are wrong_organisation; "" = all are taken. Errors of read_epcis.
[[nodiscard]] Result<RowProblems> check_document(const packs::Reference& reference, EpcisFormat format,
                                                 std::string_view bytes, std::string_view own,
                                                 std::int64_t now_ms, std::int64_t future_ms);

}  // namespace qingyuan::observe
