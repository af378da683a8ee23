// What was wrong with the rows of a file, or is not known yet: the row report of every trace table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace qingyuan::observe {

constexpr std::size_t row_details_max = 1'000;  ///< described; all are counted

/// Why a row was not taken. A row with several faults has several of them.
struct RejectedRow {
    std::uint64_t row = 0;  ///< line of the file, header = 1
    std::string field;      ///< column, or empty where the row as a whole is wrong
    ErrorCode code{};
    std::string message;
    std::string next;  ///< what to do
    bool operator==(const RejectedRow&) const = default;
};

/// A well-formed row that names a firm or a product nobody registered yet. It is kept as it came and read
/// again when that is registered.
struct WaitingRow {
    std::uint64_t row = 0;
    std::string field;
    ErrorCode code{};  ///< operator_unknown or product_unknown
    std::string id;    ///< of what is not known
    std::string line;  ///< the bytes of the line, without its end
    bool operator==(const WaitingRow&) const = default;
};

/// Filled by one thread; the reports of several blocks are merged. Counts are exact, and the details kept are
/// those of the lowest rows, however the file was cut. Waiting rows are not limited here: the caller takes
/// them after each block.
struct RowProblems {
    std::vector<RejectedRow> rejected;
    std::vector<WaitingRow> waiting;
    std::uint64_t rows = 0;  ///< read, blank lines not counted
    std::uint64_t rejected_rows = 0;
    std::uint64_t waiting_rows = 0;
    std::uint64_t faults = 0;                   ///< of rejected rows; `rejected` describes the first of them
    std::map<ErrorCode, std::uint64_t> counts;  ///< faults and waiting rows by code

    [[nodiscard]] std::uint64_t accepted() const { return rows - rejected_rows - waiting_rows; }
    /// Counts a fault; the text is made only where it is kept.
    void reject(std::uint64_t row, std::string_view field, ErrorCode code, std::string_view message,
                std::string_view next);
    void wait(std::uint64_t row, std::string_view field, ErrorCode code, std::string_view id,
              std::string_view line);
    void merge(RowProblems other);
};

}  // namespace qingyuan::observe
