#include "document/report_tables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/csv.hpp"

namespace qingyuan::document {

namespace {

using account::FigureValue;
using account::Report;

class Layout {
 public:
    Layout(const law::Law& law, const Report& report, Language language)
        : law_(law), report_(report), language_(language) {}

    [[nodiscard]] std::string say(std::string_view zh, std::string_view en) const {
        return std::string(language_ == Language::zh ? zh : en);
    }
    [[nodiscard]] std::string unit_text(const std::string& unit) const {
        return language_ == Language::zh ? law::unit_zh(law_, unit) : law::unit_en(law_, unit);
    }
    [[nodiscard]] std::string name_of(const account::Unit& unit) const {
        return language_ == Language::zh || unit.name_en.empty() ? unit.name : unit.name_en;
    }
    [[nodiscard]] std::string name_of(std::string_view figure) const {
        for (const account::ReportLine& line : report_.lines)
            if (line.figure == figure) return say(line.statistic->zh, line.statistic->en);
        const law::Statistic* statistic = nullptr;
        for (const account::UnitReport& unit : report_.by_unit)
            if (const FigureValue* value = unit.find(figure)) statistic = value->statistic;
        return statistic == nullptr ? std::string(figure) : say(statistic->zh, statistic->en);
    }
    [[nodiscard]] std::string organisation_name(const std::string& id) const {
        for (const account::UnitReport& unit : report_.by_unit)
            if (unit.unit.id == id) return name_of(unit.unit);
        return id == report_.organisation.id ? name_of(report_.organisation) : id;
    }
    [[nodiscard]] std::string number(const Rational& value, const std::string& unit) const {
        FigureValue out;
        law::Statistic statistic;
        statistic.unit = unit;
        out.statistic = &statistic;
        out.value = value;
        return shown_value(out, language_);
    }

    [[nodiscard]] ReportTable figures(const law::ReportSection& section) const {
        ReportTable out;
        out.title = say(section.zh, section.en);
        out.columns = {say("指标", "figure"), say("数值", "value"), say("单位", "unit")};
        out.is_number = {false, true, false};
        const bool is_reported = section.kind == "reported";
        if (section.year_on_year) {
            out.columns.insert(out.columns.end(), {say("上年同期", "a year before"), say("同比", "change"),
                                                   say("可比性", "comparability")});
            out.is_number.insert(out.is_number.end(), {true, true, false});
        }
        if (is_reported) {
            out.columns.insert(out.columns.end(),
                               {say("对象", "about"), say("期间", "period"), say("来源", "source")});
            out.is_number.insert(out.is_number.end(), {false, false, false});
        }
        for (const law::ReportFigure& each : section.figures)
            if (const account::ReportLine* line = report_.find(each.figure))
                out.rows.push_back(row(*line, section.year_on_year, is_reported));
        const std::string note = say(section.note_zh, section.note_en);
        if (!note.empty()) out.notes.push_back(note);
        return out;
    }

    [[nodiscard]] std::vector<std::string> row(const account::ReportLine& line, bool compares,
                                               bool is_reported) const {
        std::vector<std::string> out = {say(line.statistic->zh, line.statistic->en),
                                        line.value ? shown_value(*line.value, language_)
                                        : line.statistic->kind == law::FigureKind::reported
                                            ? say("未公布", "not reported")
                                            : say("过小，不显示", "too small to be shown"),
                                        unit_text(line.statistic->unit)};
        if (compares) {
            const auto& before = line.before;
            std::string base = before && before->base ? shown_value(*before->base, language_) : "–";
            if (before && before->is_implied) base += say("（推算）", " (implied)");
            out.push_back(base);
            out.push_back(before && before->change ? before->change->percent(2, true) + "%" : "–");
            out.push_back(
                before ? say(account::zh_of(before->comparability), account::en_of(before->comparability))
                       : "–");
        }
        if (is_reported)
            out.insert(out.end(), {line.scope.organisation, line.scope.period.text,
                                   line.value ? line.value->source : ""});
        return out;
    }

    [[nodiscard]] ReportTable by_unit(const law::ReportSection& section) const {
        ReportTable out;
        out.title = say(section.zh, section.en) + say("：分单位", ", by unit");
        out.columns = {say("单位", "unit")};
        out.is_number = {false};
        std::vector<const account::ReportLine*> lines;
        for (const law::ReportFigure& each : section.figures)
            if (const account::ReportLine* line = report_.find(each.figure);
                line != nullptr && line->statistic->fold != law::FoldKind::ratio)
                lines.push_back(line);
        for (const account::ReportLine* line : lines) {
            out.columns.push_back(fmt::format("{} {}", say(line->statistic->zh, line->statistic->en),
                                              unit_text(line->statistic->unit)));
            out.is_number.push_back(true);
        }
        for (const account::UnitReport& unit : report_.by_unit) {
            std::vector<std::string> cells = {name_of(unit.unit) +
                                              (unit.is_own ? say("（本级）", " (own)") : "")};
            for (const account::ReportLine* line : lines) {
                const FigureValue* value = unit.find(line->figure);
                cells.push_back(value == nullptr ? "–" : shown_value(*value, language_));
            }
            out.rows.push_back(std::move(cells));
        }
        std::vector<std::string> total = {say("合计", "total")};
        for (const account::ReportLine* line : lines)
            total.push_back(line->value ? shown_value(*line->value, language_) : "–");
        out.rows.push_back(std::move(total));
        out.last_is_total = true;
        return out;
    }

    /// Start + new − closed = end, a row for each unit.
    [[nodiscard]] ReportTable ledger(const law::ReportIdentity& identity) const {
        ReportTable out;
        out.title = say(identity.zh, identity.en);
        out.columns = {say("单位", "unit")};
        for (const std::string& figure : identity.plus) out.columns.push_back(name_of(figure));
        for (const std::string& figure : identity.minus) out.columns.push_back("− " + name_of(figure));
        out.columns.push_back("= " + name_of(identity.equal));
        if (!identity.of_which.empty()) out.columns.push_back(name_of(identity.of_which));
        out.columns.push_back(say("等式", "holds"));
        out.is_number.assign(out.columns.size(), true);
        out.is_number.front() = out.is_number.back() = false;
        const auto add = [&](const account::IdentityResult& result, std::string name) {
            std::vector<std::string> cells = {std::move(name)};
            for (const account::IdentityTerm& term : result.terms) cells.push_back(number(term.value, ""));
            cells.push_back(number(result.left, ""));
            if (result.of_which) cells.push_back(number(*result.of_which, ""));
            cells.push_back(result.holds() ? say("成立", "yes")
                                           : say("差 ", "gap ") + number(result.gap, ""));
            out.rows.push_back(std::move(cells));
        };
        const account::IdentityResult* total = nullptr;
        for (const account::IdentityResult& result : report_.identities) {
            if (result.identity != &identity) continue;
            if (total == nullptr) {
                total = &result;
                continue;
            }
            for (const account::UnitReport& unit : report_.by_unit)
                if (unit.unit.id == result.organisation && unit.is_own == result.is_own)
                    add(result, name_of(unit.unit));
        }
        if (total != nullptr) add(*total, say("合计", "total"));
        out.last_is_total = total != nullptr;
        return out;
    }

    [[nodiscard]] ReportTable checks() const {
        ReportTable out;
        out.title = say("勾稽关系", "Identities");
        out.columns = {say("关系", "identity"), say("单位", "unit"), say("数值", "values"),
                       say("结果", "result")};
        out.is_number = {false, false, false, false};
        for (const account::IdentityResult& each : report_.identities) {
            if (each.organisation != report_.organisation.id && each.holds()) continue;
            std::string values = number(each.left, "") + " =";
            for (std::size_t i = 0; i < each.terms.size(); ++i)
                values += (each.terms[i].sign < 0 ? " − "
                           : i == 0               ? " "
                                                  : " + ") +
                          number(each.terms[i].value, "");
            out.rows.push_back(
                {say(each.identity->zh, each.identity->en), each.organisation, values,
                 each.holds() ? say("成立", "holds") : say("差 ", "gap ") + number(each.gap, "")});
        }
        std::size_t exact = 0;
        for (const account::ChildrenResult& each : report_.children) {
            if (each.total == each.sum) {
                ++exact;
                continue;
            }
            out.rows.push_back(
                {name_of(each.figure), say("各单位之和", "sum of units"),
                 number(each.total, "") + " / " + number(each.sum, ""),
                 each.is_distinct && each.holds()
                     ? say("各单位有重复主体 ", "entities in common: ") + number(each.sum - each.total, "")
                     : say("差 ", "gap ") + number(each.gap(), "")});
        }
        if (exact > 0)
            out.rows.push_back({say("各单位之和等于合计", "units sum to the total"), "",
                                say(fmt::format("{} 项指标", exact), fmt::format("{} figures", exact)),
                                say("成立", "holds")});
        for (const account::OverlapResult& each : report_.overlaps)
            out.rows.push_back(
                {say(each.overlap->zh, each.overlap->en), "",
                 fmt::format("{} ∩ {} = {}", number(each.a, ""), number(each.b, ""), number(each.both, "")),
                 ""});
        return out;
    }

    [[nodiscard]] ReportTable definitions() const {
        ReportTable out;
        out.title = say("指标口径", "What is counted");
        out.columns = {"id",
                       say("指标", "figure"),
                       say("单位", "unit"),
                       say("类别", "kind"),
                       say("口径", "note"),
                       say("依据", "law")};
        out.is_number.assign(out.columns.size(), false);
        for (const account::ReportLine& line : report_.lines) {
            std::string law;
            for (const std::string& citation : line.statistic->law)
                law += (law.empty() ? "" : "; ") + citation;
            out.rows.push_back({line.figure, say(line.statistic->zh, line.statistic->en),
                                unit_text(line.statistic->unit),
                                line.statistic->kind == law::FigureKind::reported ? say("转载", "reported")
                                                                                  : say("统计", "derived"),
                                say(line.statistic->note_zh, line.statistic->note_en), law});
        }
        return out;
    }

 private:
    const law::Law& law_;
    const Report& report_;
    Language language_;
};

std::string grouped(std::string digits) {
    const std::size_t sign = digits.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    for (std::size_t at = point; at > sign + 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string plain(const Rational& value) {
    return grouped(value.is_whole() ? std::to_string(value.numerator()) : value.text(2));
}

}  // namespace

std::string shown_value(const FigureValue& value, Language language) {
    std::string out;
    const std::string& unit = value.statistic->unit;
    const auto quotient = value.quotient();
    if (unit == "share")
        out = quotient ? quotient->percent(2) + "%" : "–";
    else if (value.denominator && unit.find("_per_") != std::string::npos)
        out = quotient ? quotient->text(4) : "–";
    else if (unit == "fen")
        out = grouped((value.value / Rational(100)).text(2));
    else
        out = plain(quotient.value_or(value.value));
    if (value.denominator && value.statistic->kind == law::FigureKind::derived) {
        const std::string parts = plain(value.value) + "/" + plain(*value.denominator);
        out += language == Language::zh ? "（" + parts + "）" : " (" + parts + ")";
    }
    if (!value.approximate) return out;
    return (language == Language::zh ? "约" : "about ") + out;
}

ReportLayout lay_out(const law::Law& law, const Report& report, const Provenance& from, Language language) {
    const Layout layout(law, report, language);
    ReportLayout out;
    out.organisation = layout.name_of(report.organisation);
    out.title = layout.say(report.period.zh() + report.form->zh, report.form->en + ", " + report.period.en());
    out.facts.push_back(layout.say("统计期间 ", "Period ") + report.period.from.text() +
                        layout.say(" 至 ", " to ") + report.period.to.text());
    out.facts.push_back(fmt::format("{} {} ({})", layout.say("截至序号", "As of fact"), report.as_of,
                                    report.as_of_date.text()));
    out.facts.push_back(fmt::format("{} {} · {} {}", layout.say("台账", "Journal"), from.origin,
                                    layout.say("根", "root"), hex(from.root).substr(0, 16)));
    out.facts.push_back(layout.say("法规库 ", "Statute book ") + hex(law.digest()).substr(0, 16));
    if (from.sample_data) out.facts.push_back(layout.say("示例数据", "Sample data"));
    for (const law::ReportSection& section : report.form->sections) {
        if (section.kind == "carry_over") {
            for (const law::ReportIdentity& identity : report.form->identities)
                if (identity.kind == "carry_over") out.tables.push_back(layout.ledger(identity));
            continue;
        }
        out.tables.push_back(layout.figures(section));
        if (section.by_unit && !report.by_unit.empty()) out.tables.push_back(layout.by_unit(section));
    }
    out.tables.push_back(layout.checks());
    const std::string note = layout.say(report.form->note_zh, report.form->note_en);
    if (!note.empty()) out.tables.back().notes.push_back(note);
    out.appendix.push_back(layout.definitions());
    return out;
}

std::string report_csv(const Report& report) {
    std::string out = csv_line({"report", "organisation", "own", "period", "as_of", "figure", "kind", "unit",
                                "value", "denominator", "approximate", "previous", "change_percent",
                                "comparability", "members_root"});
    const auto line = [&](const std::string& organisation, bool is_own, const FigureValue& value,
                          const std::string& figure, const account::YearBefore* before,
                          const std::optional<Digest>& root) {
        const bool is_reported = value.statistic->kind == law::FigureKind::reported;
        out +=
            csv_line({report.form->id, organisation, is_own ? "yes" : "no",
                      is_reported ? value.period : report.period.text, std::to_string(report.as_of), figure,
                      is_reported ? "reported" : "derived", value.unit(), value.value.exact(),
                      value.denominator ? value.denominator->exact() : "", value.approximate ? "yes" : "no",
                      before != nullptr && before->base ? before->base->value.exact() : "",
                      before != nullptr && before->change ? before->change->percent(2, true) : "",
                      before != nullptr ? std::string(account::text_of(before->comparability)) : "",
                      root ? hex(*root) : ""});
    };
    for (const account::ReportLine& each : report.lines)
        if (each.value)
            line(each.scope.organisation, false, *each.value, each.figure,
                 each.before ? &*each.before : nullptr, each.members_root);
    for (const account::UnitReport& unit : report.by_unit)
        for (const account::UnitFigure& each : unit.figures)
            line(unit.unit.id, unit.is_own, each.value, each.figure, nullptr, each.members_root);
    return out;
}

}  // namespace qingyuan::document
