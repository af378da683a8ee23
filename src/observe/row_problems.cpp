#include "observe/row_problems.hpp"

#include <algorithm>
#include <iterator>

namespace qingyuan::observe {

namespace {

/// Both sorted by row, and so is the result; of equal rows those of `a` first.
template <class Row>
std::vector<Row> merged(std::vector<Row>& a, std::vector<Row>& b) {
    std::vector<Row> out;
    out.reserve(a.size() + b.size());
    std::merge(std::make_move_iterator(a.begin()), std::make_move_iterator(a.end()),
               std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()), std::back_inserter(out),
               [](const Row& one, const Row& other) { return one.row < other.row; });
    return out;
}

}  // namespace

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
    rejected = merged(rejected, other.rejected);
    if (rejected.size() > row_details_max) rejected.resize(row_details_max);
    waiting = merged(waiting, other.waiting);
}

}  // namespace qingyuan::observe
