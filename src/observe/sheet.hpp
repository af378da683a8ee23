// Workbooks (.xlsx, ISO/IEC 29500) that come in: the rows of a sheet as text, within limits that no file can
// make the program forget. Dates stay as the file has them: days since 1899-12-30.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::observe {

struct SheetLimits {
    std::uint64_t part_bytes_max = 1ULL << 30;  ///< of a part, unpacked
    std::uint64_t ratio_max = 200;              ///< of unpacked to packed, beyond the first MiB
    std::uint64_t parts_max = 1'000;
    std::uint64_t rows_max = 1'048'576;  ///< of the format
    std::uint64_t columns_max = 256;
    std::uint64_t cell_bytes_max = 32 * 1024;
    std::uint64_t shared_bytes_max = 256ULL << 20;  ///< of all shared texts
};

/// A row that is not empty; its number begins with 1. Cells that are missing are empty.
using SheetRowSink = std::function<Result<void>(std::uint64_t row, const std::vector<std::string>& cells)>;

/// The sheet of that name; empty: the first. Errors: file_kind_refused (no workbook, encrypted, an archive or
/// a document type inside), too_large, cell_too_large, file_unreadable (damaged), record_unknown (no such
/// sheet), and those of the sink.
[[nodiscard]] Result<void> read_sheet(std::string_view bytes, std::string_view name, const SheetRowSink& sink,
                                      const SheetLimits& limits = {});

/// Does it begin like an archive? (A workbook is one.)
[[nodiscard]] bool is_archive(std::string_view bytes);

}  // namespace qingyuan::observe
