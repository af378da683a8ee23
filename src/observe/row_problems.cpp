#include "observe/row_problems.hpp"

#include <algorithm>
#include <iterator>

namespace qingyuan::observe {

void RowProblems::reject(std::uint64_t row, std::string_view field, ErrorCode code, std::string_view message,
                         std::string_view next) {
    ++faults;
    ++counts[code];
    if (rejected.size() < row_details_max)
        rejected.push_back({row, std::string(field), code, std::string(message), std::string(next)});
}

void RowProblems::wait(std::uint64_t row, std::string_view field, ErrorCode code, std::string_view id,
                       std::string_view line) {
    ++waiting_rows;
    ++counts[code];
    waiting.push_back({row, std::string(field), code, std::string(id), std::string(line)});
}

void RowProblems::merge(RowProblems other) {
    rows += other.rows;
    rejected_rows += other.rejected_rows;
    waiting_rows += other.waiting_rows;
    faults += other.faults;
    for (const auto& [code, count] : other.counts) counts[code] += count;
    const auto by_row = [](const auto& a, const auto& b) { return a.row < b.row; };
    std::move(other.rejected.begin(), other.rejected.end(), std::back_inserter(rejected));
    std::stable_sort(rejected.begin(), rejected.end(), by_row);
    if (rejected.size() > row_details_max) rejected.erase(rejected.begin() + row_details_max, rejected.end());
    std::move(other.waiting.begin(), other.waiting.end(), std::back_inserter(waiting));
    std::stable_sort(waiting.begin(), waiting.end(), by_row);
}

}  // namespace qingyuan::observe
