// What somebody uploads, as the files an import reads: a table, a document, a workbook, or an archive of
// them. Workbooks and the national data sets become lines of events.csv first.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "observe/datasets.hpp"
#include "observe/trace_intake.hpp"

namespace qingyuan::observe {

struct UploadLimits {
    std::uint64_t files_max = 100;
    std::uint64_t bytes_max = std::uint64_t{4} << 30;  ///< unpacked, all files together
    std::uint64_t ratio_max = 200;                     ///< of unpacked to packed, beyond the first MiB
};

/// The files in `whole`, which the sender calls `name`; what has to be unpacked or rewritten is put into
/// `directory`. `format`: auto (by name and content), csv, epcis-json, epcis-xml, xlsx. Errors: usage (no
/// such format), file_kind_refused, file_unreadable, too_large, doctype_refused, column_missing (no table of
/// ours), and those of the readers of workbooks and data sets.
[[nodiscard]] Result<std::vector<TraceFile>> upload_files(const std::filesystem::path& whole,
                                                          const std::string& name, std::string_view format,
                                                          const Datasets& datasets,
                                                          const std::filesystem::path& directory,
                                                          const UploadLimits& limits = {});

}  // namespace qingyuan::observe
