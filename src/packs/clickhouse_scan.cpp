#include "packs/clickhouse_scan.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace qingyuan::packs {

namespace {

constexpr std::size_t page_rows_min = 16, page_rows_max = 200'000;
constexpr std::size_t samples_a_page = 16;

Error cut_short(const ClickhouseNode& node) {
    return {ErrorCode::peer_failed, "an answer that is cut short or no rows", node.host()};
}

}  // namespace

std::string ClickhouseTable::select() const {
    return fmt::format("SELECT pack_group, rest, token, kind, {} FROM {} ", sums ? "delta" : "value", name());
}

ClickhouseScan::ClickhouseScan(const ClickhouseNode& node, const ClickhouseTable& table,
                               std::string_view from, std::string_view behind)
    : node_(&node), table_(&table), bounds_{std::string(from), std::string(behind)}, folding_(table.sums) {}

/// Servers before 19.14 sort all that a condition takes before they cut it to a page. So the condition is
/// narrow: the bounds of pages are taken from a sample of the keys.
Result<void> ClickhouseScan::plan() {
    const std::string sizes =
        TRY(node_->ask(fmt::format("SELECT sum(rows), sum(data_uncompressed_bytes) FROM system.parts "
                                   "WHERE active AND database = '{}' AND table = '{}' FORMAT RowBinary",
                                   table_->database, table_->space),
                       answer_bytes));
    std::string_view left = sizes;
    std::uint64_t rows = 0, bytes = 0;
    if (!take_number(left, rows) || !take_number(left, bytes) || !left.empty()) return cut_short(*node_);
    const std::uint64_t row_bytes = rows == 0 ? 1 : std::max<std::uint64_t>(1, bytes / rows);
    const std::uint64_t page_rows =
        std::clamp<std::uint64_t>(page_bytes / row_bytes, page_rows_min, page_rows_max);
    rows_max_ = 2 * page_rows;
    if (rows <= rows_max_) return {};

    const std::string samples = TRY(node_->ask(
        fmt::format("SELECT pack_group FROM {} WHERE {} AND cityHash64(pack_group, rest) % {} = 0 "
                    "ORDER BY pack_group FORMAT RowBinary",
                    table_->name(), condition(), std::max<std::uint64_t>(1, page_rows / samples_a_page)),
        answer_bytes));
    const std::string behind = bounds_.back();
    bounds_.pop_back();
    left = samples;
    for (std::size_t i = 1; !left.empty(); ++i) {
        std::string_view group;
        if (!take_string(left, group)) return cut_short(*node_);
        if (i % samples_a_page == 0 && group > bounds_.back()) bounds_.emplace_back(group);
    }
    bounds_.push_back(behind);
    return {};
}

/// `>=` is not written: in 18.16 'a' >= 'a\0' holds.
std::string ClickhouseScan::condition() const {
    const std::string& behind = bounds_[range_ + 1];
    std::string out;
    if (last_) {
        out = fmt::format(
            "(pack_group > {0} OR (pack_group = {0} AND (rest > {1} OR (rest = {1} AND "
            "(token > {2} OR (token = {2} AND kind > {3}))))))",
            literal(last_->group), literal(last_->rest), last_->token, static_cast<int>(last_->kind));
    } else {
        out = fmt::format("(pack_group > {0} OR pack_group = {0})", literal(bounds_[range_]));
    }
    if (!behind.empty()) out += " AND pack_group < " + literal(behind);
    return out;
}

/// The next page of the range; it may hold no row.
Result<void> ClickhouseScan::fetch() {
    while (true) {
        auto page = node_->ask(fmt::format("{}WHERE {}{}LIMIT {} FORMAT RowBinary", table_->select(),
                                           condition(), in_order, rows_max_),
                               answer_bytes);
        if (page) {
            page_ = std::move(*page);
            left_ = page_;
            taken_ = 0;
            return {};
        }
        // Values that are longer here than in the mean of the table.
        if (page.error().code != ErrorCode::too_large || rows_max_ == 1) return std::move(page).error();
        rows_max_ = std::max<std::size_t>(1, rows_max_ / 4);
    }
}

Result<bool> ClickhouseScan::take(Row& row) {
    if (rows_max_ == 0) {
        CHECK(plan());
        CHECK(fetch());
    }
    while (left_.empty()) {
        if (taken_ < rows_max_) {  // the range is at its end
            last_.reset();
            if (++range_ + 1 >= bounds_.size()) return false;
        }
        CHECK(fetch());
    }
    if (!take_row(left_, table_->sums, row)) return cut_short(*node_);
    if (++taken_; left_.empty())
        last_ = Place{std::string(row.group), std::string(row.rest), row.token, row.kind};
    return true;
}

Result<bool> ClickhouseScan::next() {
    Row row;
    while (!ended_) {
        if (!TRY(take(row))) {
            ended_ = true;
            return folding_.finish();
        }
        if (folding_.push(row)) return true;
    }
    return false;
}

}  // namespace qingyuan::packs
