#include "assess/case_table.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <thread>

namespace qingyuan::assess {

namespace {

/// Items that occur equally often in every stratum, and how often that is.
struct Groups {
    std::vector<std::uint32_t> of;     ///< group of an item; `none` where no report has it
    std::vector<std::uint32_t> sizes;  ///< items by group
    std::vector<std::uint32_t> from;   ///< where the counts of a group begin; one more at the end
    std::vector<StratumCount> counts;  ///< stratum and n of each group
    static constexpr std::uint32_t none = UINT32_MAX;
    [[nodiscard]] std::size_t size() const { return sizes.size(); }
};

using Span = std::span<const StratumCount>;

bool before(Span a, Span b) {
    return std::ranges::lexicographical_compare(a, b, [](const StratumCount& x, const StratumCount& y) {
        return x.stratum != y.stratum ? x.stratum < y.stratum : x.n < y.n;
    });
}

Groups grouped(std::span<const std::uint32_t> margins, Span by_stratum) {
    std::vector<StratumCount> whole;
    if (by_stratum.empty()) {
        for (std::uint32_t item = 0; item < margins.size(); ++item)
            if (margins[item] > 0) whole.push_back({item, 0, margins[item]});
        by_stratum = whole;
    }
    std::vector<Span> profiles;
    for (std::size_t at = 0; at < by_stratum.size();) {
        std::size_t end = at;
        while (end < by_stratum.size() && by_stratum[end].item == by_stratum[at].item) ++end;
        profiles.push_back(by_stratum.subspan(at, end - at));
        at = end;
    }
    std::ranges::sort(profiles, before);
    Groups out;
    out.of.assign(margins.size(), Groups::none);
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        if (i == 0 || before(profiles[i - 1], profiles[i])) {
            out.sizes.push_back(0);
            out.from.push_back(static_cast<std::uint32_t>(out.counts.size()));
            out.counts.insert(out.counts.end(), profiles[i].begin(), profiles[i].end());
        }
        ++out.sizes.back();
        out.of[profiles[i].front().item] = static_cast<std::uint32_t>(out.sizes.size() - 1);
    }
    out.from.push_back(static_cast<std::uint32_t>(out.counts.size()));
    return out;
}

/// Groups of reactions and their reports by stratum: what a row of expectations is added up from.
struct ByStratum {
    struct Entry {
        std::uint32_t group;
        double n;
    };
    std::vector<std::vector<Entry>> entries;
    std::vector<double> reports;

    ByStratum(const CaseTable& table, const Groups& reactions) {
        reports.assign(table.strata.begin(), table.strata.end());
        if (reports.empty()) reports = {static_cast<double>(table.reports)};
        entries.resize(reports.size());
        for (std::uint32_t group = 0; group < reactions.size(); ++group)
            for (std::uint32_t i = reactions.from[group]; i < reactions.from[group + 1]; ++i)
                entries[reactions.counts[i].stratum].push_back(
                    {group, static_cast<double>(reactions.counts[i].n)});
    }
    /// Expectations of a group of products with every group of reactions.
    void row(const Groups& products, std::uint32_t product, std::vector<double>& out) const {
        std::ranges::fill(out, 0);
        for (std::uint32_t i = products.from[product]; i < products.from[product + 1]; ++i) {
            const StratumCount& one = products.counts[i];
            const double n = one.n, all = reports[one.stratum];
            for (const Entry& entry : entries[one.stratum]) out[entry.group] += n * entry.n / all;
        }
    }
};

/// Empty cells, as they are or gathered by the leading 14 bits of the expectation's fraction.
class EmptyCells {
 public:
    explicit EmptyCells(bool exact) : exact_(exact) {
        if (!exact) bins_.resize(place(0x1p32) + 1);
    }
    void add(double expected, double cells) {
        if (!(expected > 0) || cells <= 0) return;
        if (exact_) return points_.add(0, expected, cells);
        Bin& bin = bins_[place(std::clamp(expected, smallest, 0x1p32))];
        bin.sum += expected * cells;
        bin.cells += cells;
    }
    Points finish() {
        for (const Bin& bin : bins_)
            if (bin.cells > 0) points_.add(0, bin.sum / bin.cells, bin.cells);
        points_.sort_and_merge();
        return std::move(points_);
    }

 private:
    struct Bin {
        double sum = 0, cells = 0;
    };
    static constexpr double smallest = 0x1p-64;
    static std::size_t place(double expected) {
        constexpr int shift = 52 - 14;
        return (std::bit_cast<std::uint64_t>(expected) >> shift) -
               (std::bit_cast<std::uint64_t>(smallest) >> shift);
    }
    bool exact_;
    Points points_;
    std::vector<Bin> bins_;
};

struct Cell {
    std::uint32_t n;
    std::uint32_t pair;
    double expected;
};

/// Appends the cells with reports, and says which point each pair became.
void add_observed(std::vector<Cell>& cells, Expectations& out) {
    std::sort(cells.begin(), cells.end(),
              [](const Cell& a, const Cell& b) { return a.n != b.n ? a.n < b.n : a.expected < b.expected; });
    Points& points = out.points;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const Cell& cell = cells[i];
        if (i > 0 && cell.n == cells[i - 1].n && cell.expected == cells[i - 1].expected)
            points.weight.back() += 1;
        else
            points.add(cell.n, cell.expected, 1);
        out.point_of_pair[cell.pair] = static_cast<std::uint32_t>(points.size() - 1);
    }
}

}  // namespace

Expectations expectations(const CaseTable& table, bool with_empty_cells, std::size_t groups_max) {
    const Groups products = grouped(table.products, table.products_by_stratum);
    const Groups reactions = grouped(table.reactions, table.reactions_by_stratum);
    const ByStratum sums(table, reactions);
    // Pairs by group of product: positions in the table, gathered by counting.
    std::vector<std::uint32_t> from(products.size() + 1, 0), order(table.pairs.size());
    for (const PairCount& pair : table.pairs) ++from[products.of[pair.product] + 1];
    std::partial_sum(from.begin(), from.end(), from.begin());
    for (std::uint32_t i = 0; i < table.pairs.size(); ++i)
        order[from[products.of[table.pairs[i].product]]++] = i;

    Expectations out;
    out.exact = products.size() * reactions.size() <= groups_max;
    out.point_of_pair.resize(table.pairs.size());
    EmptyCells empty(out.exact);
    std::vector<Cell> cells;
    cells.reserve(table.pairs.size());
    std::vector<double> row(reactions.size());
    std::vector<std::uint32_t> full(reactions.size());
    std::uint32_t at = 0;
    for (std::uint32_t product = 0; product < products.size(); ++product) {
        sums.row(products, product, row);
        std::ranges::fill(full, 0);
        for (; at < from[product]; ++at) {
            const PairCount& pair = table.pairs[order[at]];
            const std::uint32_t reaction = reactions.of[pair.reaction];
            ++full[reaction];
            cells.push_back({pair.n, order[at], row[reaction]});
        }
        if (!with_empty_cells) continue;
        for (std::uint32_t reaction = 0; reaction < reactions.size(); ++reaction)
            empty.add(
                row[reaction],
                static_cast<double>(products.sizes[product]) * reactions.sizes[reaction] - full[reaction]);
    }
    out.points = empty.finish();
    out.empty_points = out.points.size();
    add_observed(cells, out);
    return out;
}

Scores::Scores(const CaseTable& table, const Expectations& expectations, const Theta* theta, unsigned threads)
    : table_(table), expectations_(expectations) {
    const std::size_t size = expectations.points.size() - expectations.empty_points;
    shared_.resize(size);
    // Work is given out in small shares, because points of large n take longer.
    const std::size_t shares = std::max<std::size_t>(1, threads == 1 ? 1 : size / 4096);
    std::vector<std::jthread> crew;
    for (unsigned me = 1; me < threads; ++me)
        crew.emplace_back([=, this] {
            for (std::size_t share = me; share < shares; share += threads)
                work(size * share / shares, size * (share + 1) / shares, theta);
        });
    for (std::size_t share = 0; share < shares; share += std::max(threads, 1U))
        work(size * share / shares, size * (share + 1) / shares, theta);
}

void Scores::work(std::size_t from, std::size_t to, const Theta* theta) {
    const Points& points = expectations_.points;
    std::optional<Shrinkage> shrinkage;
    if (theta != nullptr) shrinkage.emplace(*theta);
    GammaLimits limits;
    for (std::size_t i = from; i < to; ++i) {
        const std::size_t point = i + expectations_.empty_points;
        const std::uint32_t n = points.n[point];
        const double expected = points.expected[point];
        if (i == from || n != points.n[point - 1]) limits = gamma_limits(n);
        Shared& out = shared_[i];
        const InformationComponent ic = information_component(n, expected, limits);
        out.ic = ic.value, out.ic025 = ic.lower, out.ic975 = ic.upper;
        if (!shrinkage) continue;
        const Shrunk shrunk = shrinkage->at(n, expected);
        out.ebgm = shrunk.ebgm, out.eb05 = shrunk.eb05, out.eb95 = shrunk.eb95;
    }
}

Measures Scores::at(std::size_t pair) const {
    const std::size_t point = expectations_.point_of_pair[pair];
    const Shared& shared = shared_[point - expectations_.empty_points];
    Measures out = table_measures(table_.counts(table_.pairs[pair]));
    out.expected = expectations_.points.expected[point];
    out.rr = static_cast<double>(out.counts.n) / out.expected;
    out.ic = shared.ic, out.ic025 = shared.ic025, out.ic975 = shared.ic975;
    out.ebgm = shared.ebgm, out.eb05 = shared.eb05, out.eb95 = shared.eb95;
    return out;
}

Measures measures_of(const Counts& counts, double expected, Shrinkage& shrinkage) {
    Measures out = measures_of(counts, expected, gamma_limits(counts.n));
    const Shrunk shrunk = shrinkage.at(counts.n, expected);
    out.ebgm = shrunk.ebgm, out.eb05 = shrunk.eb05, out.eb95 = shrunk.eb95;
    return out;
}

}  // namespace qingyuan::assess
