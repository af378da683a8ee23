#include "api/small_cells.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace qingyuan::api {

namespace {

/// Organisation, own work or the whole, figure. The report's own organisation and its own work are two.
using Cell = std::tuple<std::string, bool, std::string>;

class Cells {
 public:
    explicit Cells(account::Report& report) : report_(&report) {}

    Result<void> read(const account::Index& index) {
        for (const account::ReportLine& line : report_->lines)
            if (line.value) CHECK(add(index, whole(line.figure), *line.value, &line.scope));
        for (const account::UnitReport& unit : report_->by_unit)
            for (const account::UnitFigure& figure : unit.figures)
                CHECK(add(index, {unit.unit.id, unit.is_own, figure.figure}, figure.value, nullptr));
        return {};
    }

    /// As long as one blank alone stands in a sum, the smallest of its other cells goes too.
    void complete() {
        const std::vector<std::vector<Cell>> sums = this->sums();
        for (bool more = true; more;) {
            more = false;
            for (const std::vector<Cell>& sum : sums) {
                const auto blanks =
                    std::ranges::count_if(sum, [&](const Cell& one) { return blank_.contains(one); });
                if (blanks != 1) continue;
                const Cell* least = nullptr;
                for (const Cell& one : sum)
                    if (const auto at = counts_.find(one); at != counts_.end() && at->second > 0 &&
                                                           !blank_.contains(one) &&
                                                           (!least || at->second < counts_.at(*least)))
                        least = &one;
                if (!least) continue;
                blank_.insert(*least);
                more = true;
            }
        }
    }

    std::size_t take_away() {
        account::Report& report = *report_;
        for (account::ReportLine& line : report.lines) {
            if (line.before && line.before->base && is_small(*line.before->base)) line.before.reset();
            if (!blank_.contains(whole(line.figure))) continue;
            line.value.reset();
            line.before.reset();
            line.members_root.reset();
        }
        for (account::UnitReport& unit : report.by_unit)
            std::erase_if(unit.figures, [&](const account::UnitFigure& one) {
                return blank_.contains({unit.unit.id, unit.is_own, one.figure});
            });
        std::erase_if(report.identities, [&](const account::IdentityResult& one) {
            if (one.of_which && one.of_which->is_whole() && is_small_cell(one.of_which->numerator()))
                return true;
            return std::ranges::any_of(cells_of(one),
                                       [&](const Cell& cell) { return blank_.contains(cell); });
        });
        std::erase_if(report.children, [&](const account::ChildrenResult& one) {
            return blank_.contains(whole(one.figure)) ||
                   std::ranges::any_of(report.by_unit, [&](const account::UnitReport& unit) {
                       return blank_.contains({unit.unit.id, unit.is_own, one.figure});
                   });
        });
        std::erase_if(report.overlaps, [&](const account::OverlapResult& one) {
            return blank_.contains(whole(one.overlap->both)) || blank_.contains(whole(one.overlap->a)) ||
                   blank_.contains(whole(one.overlap->b));
        });
        return blank_.size();
    }

 private:
    [[nodiscard]] Cell whole(const std::string& figure) const {
        return {report_->organisation.id, false, figure};
    }
    static bool is_small(const account::FigureValue& value) {
        return (value.value.is_whole() && is_small_cell(value.value.numerator())) ||
               (value.denominator && value.denominator->is_whole() &&
                is_small_cell(value.denominator->numerator()));
    }
    Result<void> add(const account::Index& index, const Cell& cell, const account::FigureValue& value,
                     const account::Scope* scope) {
        // What an authority has stated is published by it.
        if (value.statistic->kind == law::FigureKind::reported) return {};
        const law::FoldKind fold = value.statistic->fold;
        bool small = false;
        if (fold == law::FoldKind::count || fold == law::FoldKind::ratio) {
            counts_[cell] = value.value.is_whole() ? value.value.numerator() : 0;
            small = is_small(value);
        } else {
            const account::Scope in =
                scope ? *scope : TRY(account::unit_scope(index, *report_, std::get<0>(cell)));
            const auto members =
                TRY(index.members(std::get<2>(cell), in, {.limit = static_cast<std::size_t>(cell_min)}));
            small = is_small_cell(static_cast<std::int64_t>(members.size()));
            counts_[cell] = value.value.is_whole() ? value.value.numerator() : INT64_MAX;
        }
        if (small) blank_.insert(cell);
        return {};
    }
    static std::vector<Cell> cells_of(const account::IdentityResult& result) {
        std::vector<Cell> out{{result.organisation, result.is_own, result.identity->equal}};
        for (const account::IdentityTerm& term : result.terms)
            out.emplace_back(result.organisation, result.is_own, term.figure);
        return out;
    }
    /// Cells of which all but one give the last.
    [[nodiscard]] std::vector<std::vector<Cell>> sums() const {
        std::vector<std::vector<Cell>> out;
        for (const account::IdentityResult& result : report_->identities) out.push_back(cells_of(result));
        std::set<std::string> figures;
        for (const account::UnitReport& unit : report_->by_unit)
            for (const account::UnitFigure& figure : unit.figures) figures.insert(figure.figure);
        for (const std::string& figure : figures) {
            std::vector<Cell> sum{whole(figure)};
            for (const account::UnitReport& unit : report_->by_unit)
                sum.emplace_back(unit.unit.id, unit.is_own, figure);
            out.push_back(std::move(sum));
        }
        return out;
    }

    account::Report* report_;
    std::map<Cell, std::int64_t> counts_;
    std::set<Cell> blank_;
};

}  // namespace

bool sees_aggregates_only(const access::Subject& subject) {
    // Whoever may read matters of the own authority sees what stands behind its figures.
    const auto object = [&] {
        access::Object out;
        out.kind = access::Kind::figure;
        out.organisation = subject.organisation;
        out.path = subject.path;
        out.department = subject.department;
        return out;
    }();
    const access::Decision decision = access::decide(subject, access::Policy::figure_read, object);
    return std::ranges::count(subject.roles, "risk_analyst") > 0 &&
           (!decision.allowed || decision.masked(access::Mask::content));
}

Result<std::size_t> blank_small_cells(const account::Index& index, account::Report& report) {
    Cells cells(report);
    CHECK(cells.read(index));
    cells.complete();
    return cells.take_away();
}

}  // namespace qingyuan::api
