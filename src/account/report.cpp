#include "account/report.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "journal/view.hpp"

namespace qingyuan::account {

namespace {

struct ComparabilityTexts {
    std::string_view id, zh, en;
};
constexpr std::array<ComparabilityTexts, 6> comparability_texts{{
    {"comparable", "口径一致", "counted alike"},
    {"scope_changed", "口径有变，不可比", "counted differently, not comparable"},
    {"not_defined", "上年无此指标", "did not exist a year before"},
    {"not_reported", "上年未公布", "not reported a year before"},
    {"period_open", "期间未结束，不计算", "the period is not over"},
    {"zero_base", "上年为零，不计算", "base is zero, not computed"},
}};
const ComparabilityTexts& texts(Comparability comparability) {
    return comparability_texts[static_cast<std::size_t>(comparability)];
}

class Computation {
 public:
    Computation(const Index& index, const ReportRequest& request, Report& report)
        : index_(index), request_(request), report_(report) {}

    Result<void> run() {
        for (const law::ReportSection& section : report_.form->sections)
            for (const law::ReportFigure& figure : section.figures) CHECK(line(section, figure));
        CHECK(units());
        CHECK(identities());
        for (const law::ReportOverlap& overlap : report_.form->overlaps)
            report_.overlaps.push_back({&overlap, TRY(derived(overlap.a, scope())),
                                        TRY(derived(overlap.b, scope())),
                                        TRY(derived(overlap.both, scope()))});
        return {};
    }

 private:
    [[nodiscard]] Scope scope() const {
        return {request_.organisation, report_.period, report_.as_of, false};
    }

    Result<Rational> derived(std::string_view figure, const Scope& in) {
        const FigureValue value = TRY(index_.value(figure, in));
        return value.value;
    }

    Result<std::optional<Digest>> root(std::string_view figure, const Scope& in) {
        if (!request_.with_roots) return std::optional<Digest>();
        return std::optional<Digest>(TRY(index_.members_root(figure, in)));
    }

    Result<void> line(const law::ReportSection& section, const law::ReportFigure& figure) {
        if (report_.find(figure.figure) != nullptr) return {};
        ReportLine line;
        line.figure = figure.figure;
        line.scope = scope();
        if (!figure.organisation.empty()) line.scope.organisation = figure.organisation;
        if (!figure.period.empty()) line.scope.period = TRY(parse_period(figure.period));
        line.statistic = TRY(index_.statistics().figure(figure.figure, line.scope.period.to));
        auto value = index_.value(figure.figure, line.scope);
        if (value) {
            line.value = std::move(*value);
            line.members_root = TRY(root(figure.figure, line.scope));
            if (section.year_on_year) line.before = TRY(year_before(line));
        } else if (value.error().code != ErrorCode::record_unknown) {
            return std::move(value).error();
        }
        report_.lines.push_back(std::move(line));
        return {};
    }

    Result<YearBefore> year_before(const ReportLine& line) {
        YearBefore out;
        Scope before = line.scope;
        before.period = out.period = line.scope.period.year_before();
        const law::Statistic* then = index_.statistics().find(line.figure, before.period.to);
        // A definition that began inside the earlier period covers only a part of it.
        if (then == nullptr || (then == line.statistic && before.period.from < then->from)) {
            out.comparability = Comparability::not_defined;
            return out;
        }
        auto base = index_.value(line.figure, before);
        if (base)
            out.base = std::move(*base);
        else if (line.statistic->kind == law::FigureKind::reported)
            return implied(line, std::move(out));
        else
            return std::move(base).error();
        out.comparability =
            is_comparable(then, line.statistic) ? Comparability::comparable : Comparability::scope_changed;
        const bool is_derived = line.statistic->kind == law::FigureKind::derived;
        if (is_derived && report_.as_of_date <= line.scope.period.to)
            out.comparability = Comparability::period_open;
        settle(line, out);
        return out;
    }

    bool is_comparable(const law::Statistic* then, const law::Statistic* now) const {
        for (const law::Statistic& each : index_.statistics().all())
            if (each.id == now->id && then->from < each.from && each.from <= now->from && !each.comparable)
                return false;
        return true;
    }

    /// A base that was not published follows from the growth that was: value / (1 + growth), to the whole.
    Result<YearBefore> implied(const ReportLine& line, YearBefore out) {
        out.comparability = Comparability::not_reported;
        if (line.statistic->growth.empty()) return out;
        const auto growth = index_.value(line.statistic->growth, line.scope);
        if (!growth || !growth->quotient()) return out;
        const Rational one_more = Rational(1) + *growth->quotient();
        if (one_more <= Rational(0)) return out;
        const Rational exact = line.value->value / one_more;
        FigureValue base = *line.value;
        base.value = Rational((exact + Rational(1, 2)).numerator() / (exact + Rational(1, 2)).denominator());
        base.period = out.period.text;
        base.approximate = true;
        out.base = base;
        out.is_implied = true;
        out.comparability = Comparability::comparable;
        settle(line, out);
        return out;
    }

    static void settle(const ReportLine& line, YearBefore& out) {
        if (out.comparability != Comparability::comparable) return;
        const auto now = line.value->quotient();
        const auto then = out.base->quotient();
        if (!then || *then == Rational(0) || !now)
            out.comparability = Comparability::zero_base;
        else
            out.change = (*now - *then) / *then;
    }

    Result<void> units() {
        std::vector<std::string> figures;
        for (const law::ReportSection& section : report_.form->sections)
            for (const law::ReportFigure& figure : section.figures)
                if (section.by_unit &&
                    std::find(figures.begin(), figures.end(), figure.figure) == figures.end())
                    figures.push_back(figure.figure);
        if (figures.empty()) return {};
        for (Unit& unit : TRY(index_.units(request_.organisation, report_.period.to, report_.as_of)))
            report_.by_unit.push_back({std::move(unit), false, {}});
        const bool has_units = !report_.by_unit.empty();
        if (has_units && index_.has_own_facts(request_.organisation, report_.period.to, report_.as_of))
            report_.by_unit.push_back({report_.organisation, true, {}});
        for (UnitReport& unit : report_.by_unit) {
            const Scope in{unit.unit.id, report_.period, report_.as_of, unit.is_own};
            for (const std::string& figure : figures) {
                const FigureValue value = TRY(index_.value(figure, in));
                unit.figures.push_back({figure, value, TRY(root(figure, in))});
            }
        }
        // Matters that none of these figures count make no row of their own.
        std::erase_if(report_.by_unit, [](const UnitReport& unit) {
            return unit.is_own && std::ranges::all_of(unit.figures, [](const auto& figure) {
                       return figure.value.value == Rational(0);
                   });
        });
        if (!has_units) return {};
        for (const std::string& figure : figures) CHECK(children(figure));
        return {};
    }

    Result<void> children(const std::string& figure) {
        const ReportLine* line = report_.find(figure);
        if (line == nullptr || !line->value || line->statistic->fold == law::FoldKind::ratio ||
            line->statistic->fold == law::FoldKind::median ||
            line->statistic->kind == law::FigureKind::reported)
            return {};
        ChildrenResult result{figure, line->value->value, {}, line->statistic->by != law::MemberKind::fact};
        for (const UnitReport& unit : report_.by_unit)
            if (const FigureValue* value = unit.find(figure)) result.sum = result.sum + value->value;
        report_.children.push_back(std::move(result));
        return {};
    }

    Result<void> identities() {
        for (const law::ReportIdentity& identity : report_.form->identities) {
            CHECK(identity_for(identity, scope()));
            if (!identity.per_unit) continue;
            for (const UnitReport& unit : report_.by_unit)
                CHECK(identity_for(identity, {unit.unit.id, report_.period, report_.as_of, unit.is_own}));
        }
        return {};
    }

    Result<void> identity_for(const law::ReportIdentity& identity, const Scope& in) {
        IdentityResult result;
        result.identity = &identity;
        result.organisation = in.organisation;
        result.is_own = in.own_only;
        result.gap = result.left = TRY(derived(identity.equal, in));
        const auto add = [&](const std::string& figure, int sign) -> Result<void> {
            const Rational value = TRY(derived(figure, in));
            result.terms.push_back({figure, sign, value});
            result.gap = result.gap - Rational(sign) * value;
            return {};
        };
        for (const std::string& figure : identity.plus) CHECK(add(figure, 1));
        for (const std::string& figure : identity.minus) CHECK(add(figure, -1));
        if (!identity.of_which.empty()) result.of_which = TRY(derived(identity.of_which, in));
        report_.identities.push_back(std::move(result));
        return {};
    }

    const Index& index_;
    const ReportRequest& request_;
    Report& report_;
};

}  // namespace

std::string_view text_of(Comparability comparability) {
    return texts(comparability).id;
}
std::string_view zh_of(Comparability comparability) {
    return texts(comparability).zh;
}
std::string_view en_of(Comparability comparability) {
    return texts(comparability).en;
}

const FigureValue* UnitReport::find(std::string_view figure) const {
    for (const UnitFigure& each : figures)
        if (each.figure == figure) return &each.value;
    return nullptr;
}

const ReportLine* Report::find(std::string_view figure) const {
    for (const ReportLine& line : lines)
        if (line.figure == figure) return &line;
    return nullptr;
}

std::optional<Error> Report::broken() const {
    for (const IdentityResult& each : identities)
        if (!each.holds())
            return Error{ErrorCode::identity_broken,
                         fmt::format("{}: {} is {}, the other side differs by {}", each.identity->id,
                                     each.identity->equal, each.left.exact(), each.gap.exact()),
                         each.organisation};
    for (const ChildrenResult& each : children)
        if (!each.holds())
            return Error{ErrorCode::identity_broken,
                         fmt::format("{}: {} in total, the units have {}", each.figure, each.total.exact(),
                                     each.sum.exact()),
                         organisation.id};
    return std::nullopt;
}

Result<Report> compute(const Index& index, const ReportRequest& request) {
    Report report;
    report.form = TRY(index.statistics().report(request.report));
    report.period = request.period;
    report.as_of = request.as_of == 0 ? index.applied() : std::min(request.as_of, index.applied());
    report.as_of_date = index.recorded_on(report.as_of);
    report.organisation = TRY(index.organisation(request.organisation, request.period.to, report.as_of));
    CHECK(Computation(index, request, report).run());
    return report;
}

Result<Scope> unit_scope(const Index& index, const Report& report, std::string_view unit) {
    if (unit == report.organisation.id)
        return Scope{report.organisation.id, report.period, report.as_of, true};
    for (const Unit& each : TRY(index.units(report.organisation.id, report.period.to, report.as_of)))
        if (each.id == unit) return Scope{each.id, report.period, report.as_of, false};
    return Error{ErrorCode::organisation_unknown,
                 fmt::format("'{}' is no unit of {}", unit, report.organisation.id), std::string(unit)};
}

Result<std::uint64_t> seq_at(const journal::Reader& reader, Instant at) {
    const journal::Head head = TRY(reader.head());
    std::uint64_t before = 0;  // the last fact known to be early enough
    std::uint64_t after = head.size + 1;
    while (before + 1 < after) {
        const std::uint64_t middle = before + (after - before) / 2;
        const facts::Recorded recorded = TRY(reader.fact(middle));
        (recorded.recorded_at <= at ? before : after) = middle;
    }
    if (before == 0)
        return Error{ErrorCode::record_unknown, fmt::format("nothing was recorded by {}", at.text()),
                     "as-of"};
    return before;
}

}  // namespace qingyuan::account
