// Rows "report, product, reaction" of a plain table, in any order and repeated as often as they like, made
// into the counts of distinct reports.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assess/case_table.hpp"
#include "assess/dictionary.hpp"

namespace qingyuan::assess {

/// A table and the names behind its numbers, both in the order of the names' bytes.
struct NamedTable {
    CaseTable table;
    std::vector<std::string> products, reactions;
    std::uint64_t rows = 0;
    std::uint64_t repeated = 0;      ///< rows that said what an earlier one said
    std::uint64_t incomplete = 0;    ///< rows without product or reaction: they count in the other's margin
    std::uint64_t unnamed = 0;       ///< rows without a report id: left out
    std::uint64_t torn_reports = 0;  ///< reports whose rows name different strata: the first row counts
};

class CaseRows {
 public:
    /// `strata`: how many columns of strata each row has. An empty value is a stratum of its own.
    explicit CaseRows(std::size_t strata) : strata_(strata) {}
    void add(std::string_view report, std::string_view product, std::string_view reaction,
             std::span<const std::string_view> stratum);
    /// The counts; the rows are used up.
    [[nodiscard]] NamedTable finish();

 private:
    struct Row {
        std::uint32_t product, reaction, report;
        auto operator<=>(const Row&) const = default;
    };
    void count_pairs(NamedTable& out);
    void count_margin(std::uint32_t Row::* item, std::vector<std::uint32_t>& margin,
                      std::vector<StratumCount>& by_stratum);

    std::size_t strata_;
    Dictionary reports_, products_, reactions_, stratum_names_;
    std::vector<std::uint32_t> stratum_of_;  ///< by report
    std::vector<bool> torn_;
    std::vector<Row> rows_;
    std::uint64_t rows_read_ = 0, incomplete_ = 0, unnamed_ = 0, torn_reports_ = 0;
    std::string joined_;
};

}  // namespace qingyuan::assess
