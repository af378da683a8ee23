// What a preparation's quality standard lacks: formula, method, identification, assay. A hospital hands in a
// table of its preparations; the scan gives each the codes of vocabulary standard_gaps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "law/law.hpp"

namespace qingyuan::assess {

struct ScannedPreparation {
    std::uint64_t line = 0;  ///< of the table, header = 1
    std::string id, name, institution;
    std::vector<std::string> gaps;  ///< codes in the order of the vocabulary: STD_GAP_1 …
};

struct StandardScan {
    std::vector<ScannedPreparation> preparations;
    std::vector<Error> rejected;  ///< rows without a number, or whose number stands twice, each with its line
};

/// UTF-8 CSV with the columns `id`, `name`, `institution` and one for each part of a standard that the
/// vocabulary names (`formula`, `method`, `identification`, `assay`): a blank cell, 无 or - is a gap. Errors:
/// csv_malformed, encoding_invalid, cell_too_large, column_missing, column_unknown.
[[nodiscard]] Result<StandardScan> scan_standards(const law::Law& law, std::string_view csv, Date on);

}  // namespace qingyuan::assess
