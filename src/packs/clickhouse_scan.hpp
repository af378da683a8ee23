// All rows of one table of one ClickHouse server within bounds, in order, page by page.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packs/clickhouse_node.hpp"
#include "packs/clickhouse_rows.hpp"

namespace qingyuan::packs {

constexpr std::size_t page_bytes = 8 * 1024 * 1024;     ///< aimed at
constexpr std::size_t answer_bytes = 64 * 1024 * 1024;  ///< never more; a value must be shorter

/// A space as a table.
struct ClickhouseTable {
    std::string database;
    std::string space;
    bool sums = false;  ///< delta in the place of value

    [[nodiscard]] std::string name() const { return database + "." + space; }
    /// "SELECT … FROM …", to be followed by a condition.
    [[nodiscard]] std::string select() const;
};
/// What stands behind the condition.
constexpr std::string_view in_order = " ORDER BY pack_group, rest, token, kind ";

class ClickhouseScan {
 public:
    /// from <= group < behind; an empty `behind` has no end. What is given must outlive the scan.
    ClickhouseScan(const ClickhouseNode& node, const ClickhouseTable& table, std::string_view from,
                   std::string_view behind);
    /// Goes to the next key that holds something; false at the end.
    [[nodiscard]] Result<bool> next();
    [[nodiscard]] const Entry& entry() const { return folding_.entry(); }

 private:
    struct Place {
        std::string group, rest;
        std::uint64_t token = 0;
        RowKind kind = RowKind::put;
    };
    Result<void> plan();
    Result<void> fetch();
    Result<bool> take(Row& row);
    [[nodiscard]] std::string condition() const;

    const ClickhouseNode* node_;
    const ClickhouseTable* table_;
    std::vector<std::string> bounds_;  ///< of the pages; the first and the last are those of the scan
    std::size_t range_ = 0;            ///< between bounds_[range_] and the next
    std::size_t rows_max_ = 0;         ///< of a page; 0 before the plan
    std::optional<Place> last_;        ///< where the page before ended within its range
    std::string page_;
    std::string_view left_;  ///< of the page
    std::size_t taken_ = 0;  ///< rows of the page
    bool ended_ = false;
    Folding folding_;
};

}  // namespace qingyuan::packs
