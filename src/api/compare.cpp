// One figure of all units below an organisation, against what chance alone would do to units of their size.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "account/report.hpp"
#include "api/figure_json.hpp"
#include "api/funnel.hpp"
#include "api/small_cells.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::int64_t small_base = 20;
constexpr int decimals = 6;
constexpr std::int64_t rate_per = 100;

struct Counts {
    std::int64_t value = 0;
    std::int64_t base = 0;
};

Counts counts_of(const account::FigureValue& value) {
    return {value.value.numerator(), value.denominator ? value.denominator->numerator() : 0};
}

Json rate_json(const Counts& counts, std::int64_t per) {
    if (counts.base == 0) return nullptr;
    return (Rational(counts.value, counts.base) * Rational(per)).text(decimals);
}

std::string_view outside(const Counts& counts, const Bounds& bounds) {
    const auto value = static_cast<double>(counts.value);
    if (value > bounds.high_998) return "above_998";
    if (value < bounds.low_998) return "below_998";
    if (value > bounds.high_95) return "above_95";
    return value < bounds.low_95 ? "below_95" : "none";
}

/// A figure that is divided by another and comes from records.
bool is_comparable(const account::ReportLine& line) {
    return line.value && line.statistic->fold == law::FoldKind::ratio && line.value->denominator &&
           line.statistic->kind != law::FigureKind::reported && line.value->value.is_whole() &&
           line.value->denominator->is_whole();
}

struct Question {
    const account::Report& report;
    const account::ReportLine& line;
    bool is_share = false;
    bool shown_only = false;  ///< units whose cell was blanked are left out
    [[nodiscard]] std::int64_t per() const { return is_share ? 1 : rate_per; }
    [[nodiscard]] Bounds bounds(std::int64_t base) const {
        const Counts all = counts_of(*line.value);
        return is_share ? share_bounds(base, all.value, all.base) : rate_bounds(base, all.value, all.base);
    }
};

Result<Json> units_json(const account::Index& index, const Question& question, std::int64_t& largest) {
    Json out = Json::array();
    const bool has_overall = counts_of(*question.line.value).base > 0;
    for (const account::UnitReport& unit : question.report.by_unit) {
        if (question.shown_only && !unit.find(question.line.figure)) continue;
        const auto scope = TRY(account::unit_scope(index, question.report, unit.unit.id));
        const Counts counts = counts_of(TRY(index.value(question.line.figure, scope)));
        largest = std::max(largest, counts.base);
        Json row{{"org", unit.unit.id},
                 {"zh", unit.unit.name},
                 {"en", unit.unit.name_en},
                 {"value", counts.value},
                 {"base", counts.base},
                 {"rate", rate_json(counts, question.per())},
                 {"small", counts.base < small_base},
                 {"outside", "none"},
                 {"own", unit.is_own}};
        if (has_overall && counts.base >= small_base)
            row["outside"] = outside(counts, question.bounds(counts.base));
        out.push_back(std::move(row));
    }
    return out;
}

Json limits_json(const Question& question, std::int64_t largest) {
    Json out = Json::array();
    if (counts_of(*question.line.value).base == 0) return out;
    for (const std::int64_t base : drawn_bases(largest)) {
        const Bounds bounds = question.bounds(base);
        const auto text = [&](double count) {
            return fmt::format("{:.6f}",
                               count / static_cast<double>(base) * static_cast<double>(question.per()));
        };
        out.push_back({{"base", base},
                       {"low_998", text(bounds.low_998)},
                       {"low_95", text(bounds.low_95)},
                       {"high_95", text(bounds.high_95)},
                       {"high_998", text(bounds.high_998)}});
    }
    return out;
}

Result<Json> comparison(const Call& call, Presenter& present, const account::Index& index,
                        const account::Report& report) {
    const law::Statistics& statistics = call.services.statistics;
    const auto wanted = call.parameter("figure");
    const account::ReportLine* chosen = nullptr;
    Json figures = Json::array();
    for (const account::ReportLine& line : report.lines) {
        if (!is_comparable(line)) continue;
        figures.push_back(present.named(line.figure, line.statistic->zh, line.statistic->en));
        if (!chosen && (wanted.empty() || wanted == line.figure)) chosen = &line;
    }
    if (!chosen)
        return Error{ErrorCode::figure_unknown,
                     "no figure of this report has a base to compare by",
                     "figure",
                     {},
                     "choose one of those listed",
                     "该报告中没有可比的指标",
                     "请另选指标"};
    const law::Statistic* above = statistics.find(chosen->statistic->numerator, report.period.to);
    const law::Statistic* below = statistics.find(chosen->statistic->denominator, report.period.to);
    const Question question{report, *chosen, above && below && above->unit == below->unit,
                            sees_aggregates_only(call.subject)};
    const auto named = [&](const law::Statistic* figure, const std::string& id) {
        return figure ? present.named(id, figure->zh, figure->en) : present.named(id, id, id);
    };
    std::int64_t largest = 0;
    Json units = TRY(units_json(index, question, largest));
    const Counts all = counts_of(*chosen->value);
    return Json{
        {"report", report.form->id},
        {"figure", present.named(chosen->figure, chosen->statistic->zh, chosen->statistic->en)},
        {"figures", std::move(figures)},
        {"period", report.period.text},
        {"organisation", present.organisation(report.organisation.id)},
        {"as_of", {{"seq", report.as_of}, {"date", report.as_of_date.text()}}},
        {"kind", question.is_share ? "share" : "rate"},
        {"per", question.per()},
        {"numerator", named(above, chosen->statistic->numerator)},
        {"denominator", named(below, chosen->statistic->denominator)},
        {"unit", unit_json(present, above ? above->unit : "")},
        {"base_unit", unit_json(present, below ? below->unit : "")},
        {"overall", {{"value", all.value}, {"base", all.base}, {"rate", rate_json(all, question.per())}}},
        {"units", std::move(units)},
        {"limits", limits_json(question, largest)}};
}

}  // namespace

Answer compare(const Call& call) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto name = call.parameter("report");
        auto request = TRY(
            report_asked(call, reader, name.empty() ? std::string_view(call.services.default_report) : name));
        request.with_roots = false;
        TRY(call.may(TRY(access::object_at(reader, access::Kind::figure, request.organisation))));
        return with_figures(call.services, reader, [&](account::Index& index) -> Result<void> {
            Presenter present(call.services, reader, call.now);
            account::Report report = TRY(account::compute(index, request));
            if (sees_aggregates_only(call.subject)) TRY(blank_small_cells(index, report));
            body = TRY(comparison(call, present, index, report));
            return {};
        });
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
