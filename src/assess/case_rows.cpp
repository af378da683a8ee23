#include "assess/case_rows.hpp"

#include <algorithm>
#include <numeric>

namespace qingyuan::assess {

namespace {
constexpr std::uint32_t none = Dictionary::none;

std::vector<std::string> sorted_words(const Dictionary& words, std::span<const std::uint32_t> ranks) {
    std::vector<std::string> out(words.size());
    for (std::uint32_t i = 0; i < words.size(); ++i) out[ranks[i]] = words.word(i);
    return out;
}
}  // namespace

void CaseRows::add(std::string_view report, std::string_view product, std::string_view reaction,
                   std::span<const std::string_view> stratum) {
    ++rows_read_;
    if (report.empty()) {
        ++unnamed_;
        return;
    }
    const std::uint32_t id = reports_.number(report);
    if (strata_ > 0) {
        joined_.clear();
        for (const std::string_view one : stratum) (joined_ += one) += '\x1f';
        const std::uint32_t number = stratum_names_.number(joined_);
        if (id == stratum_of_.size()) {
            stratum_of_.push_back(number);
            torn_.push_back(false);
        } else if (stratum_of_[id] != number && !torn_[id]) {
            torn_[id] = true;
            ++torn_reports_;
        }
    }
    if (product.empty() || reaction.empty()) ++incomplete_;
    rows_.push_back({product.empty() ? none : products_.number(product),
                     reaction.empty() ? none : reactions_.number(reaction), id});
}

void CaseRows::count_pairs(NamedTable& out) {
    std::ranges::sort(rows_);
    const std::size_t before = rows_.size();
    rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
    out.repeated = before - rows_.size();
    auto& pairs = out.table.pairs;
    for (const Row& row : rows_) {
        if (row.product == none || row.reaction == none) continue;
        if (pairs.empty() || pairs.back().product != row.product || pairs.back().reaction != row.reaction)
            pairs.push_back({row.product, row.reaction, 0});
        ++pairs.back().n;
    }
}

/// Reports of each item, every report once: rows are taken item by item, and a report remembers the last item
/// it was counted for.
void CaseRows::count_margin(std::uint32_t Row::* item, std::vector<std::uint32_t>& margin,
                            std::vector<StratumCount>& by_stratum) {
    std::vector<std::uint32_t> from(margin.size() + 1, 0), order, last(reports_.size(), none);
    for (const Row& row : rows_)
        if (row.*item != none) ++from[row.*item + 1];
    std::partial_sum(from.begin(), from.end(), from.begin());
    order.resize(from.back());
    for (std::uint32_t i = 0; i < rows_.size(); ++i)
        if (rows_[i].*item != none) order[from[rows_[i].*item]++] = i;
    std::vector<std::uint32_t> strata;
    std::uint32_t at = 0;
    for (std::uint32_t one = 0; one < margin.size(); ++one) {
        strata.clear();
        for (; at < from[one]; ++at) {
            const std::uint32_t report = rows_[order[at]].report;
            if (last[report] == one) continue;
            last[report] = one;
            ++margin[one];
            if (strata_ > 0) strata.push_back(stratum_of_[report]);
        }
        std::ranges::sort(strata);
        for (std::size_t i = 0; i < strata.size(); ++i) {
            if (i == 0 || strata[i] != strata[i - 1]) by_stratum.push_back({one, strata[i], 0});
            ++by_stratum.back().n;
        }
    }
}

NamedTable CaseRows::finish() {
    NamedTable out;
    const auto products = products_.ranks(), reactions = reactions_.ranks();
    for (Row& row : rows_) {
        if (row.product != none) row.product = products[row.product];
        if (row.reaction != none) row.reaction = reactions[row.reaction];
    }
    out.rows = rows_read_;
    out.incomplete = incomplete_;
    out.unnamed = unnamed_;
    out.torn_reports = torn_reports_;
    out.products = sorted_words(products_, products);
    out.reactions = sorted_words(reactions_, reactions);
    CaseTable& table = out.table;
    table.reports = reports_.size();
    table.products.resize(products_.size());
    table.reactions.resize(reactions_.size());
    if (strata_ > 0) {
        table.strata.resize(stratum_names_.size());
        for (const std::uint32_t stratum : stratum_of_) ++table.strata[stratum];
    }
    count_pairs(out);
    count_margin(&Row::product, table.products, table.products_by_stratum);
    count_margin(&Row::reaction, table.reactions, table.reactions_by_stratum);
    rows_ = {};
    return out;
}

}  // namespace qingyuan::assess
