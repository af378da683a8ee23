// The report as a workbook: numbers stay numbers, and the notes say what each of them counts.
#include <fmt/format.h>

#include "document/report_tables.hpp"

namespace qingyuan::document {

namespace {

/// A count as a number; a ratio, an approximate or a missing value as people read it.
Cell cell_of(const account::FigureValue& value, Language language) {
    if (value.value.is_whole() && !value.denominator && !value.approximate && value.unit() != "fen")
        return value.value.numerator();
    if (value.unit() == "fen" && value.value.is_whole()) return Fen{value.value.numerator()};
    return shown_value(value, language);
}

class Sheets {
 public:
    Sheets(const law::Law& law, const account::Report& report, Language language)
        : law_(law), report_(report), is_zh_(language == Language::zh), language_(language) {}

    [[nodiscard]] std::string say(std::string_view zh, std::string_view en) const {
        return std::string(is_zh_ ? zh : en);
    }
    [[nodiscard]] std::string unit_text(const std::string& unit) const {
        return is_zh_ ? law::unit_zh(law_, unit) : law::unit_en(law_, unit);
    }

    [[nodiscard]] Table figures() const {
        Table out;
        out.title = say("指标", "Figures");
        for (const auto& [zh, en, type] : {std::tuple{"标识", "id", ColumnType::text},
                                           {"指标", "figure", ColumnType::text},
                                           {"类别", "kind", ColumnType::text},
                                           {"数值", "value", ColumnType::whole},
                                           {"单位", "unit", ColumnType::text},
                                           {"上年同期", "a year before", ColumnType::whole},
                                           {"同比", "change", ColumnType::share},
                                           {"可比性", "comparability", ColumnType::text},
                                           {"集合根", "members root", ColumnType::text}})
            out.columns.push_back({say(zh, en), "", type, 2});
        for (const account::ReportLine& line : report_.lines) {
            const bool is_reported = line.statistic->kind == law::FigureKind::reported;
            std::vector<Cell> row(out.columns.size());
            row[0] = line.figure;
            row[1] = say(line.statistic->zh, line.statistic->en);
            row[2] = is_reported ? say("转载", "reported") : say("统计", "derived");
            if (line.value) row[3] = cell_of(*line.value, language_);
            row[4] = unit_text(line.statistic->unit);
            if (line.before) {
                if (line.before->base) row[5] = cell_of(*line.before->base, language_);
                if (line.before->change) row[6] = *line.before->change;
                row[7] = say(account::zh_of(line.before->comparability),
                             account::en_of(line.before->comparability));
            }
            if (line.members_root) row[8] = hex(*line.members_root);
            out.rows.push_back(std::move(row));
        }
        return out;
    }

    [[nodiscard]] Table by_unit() const {
        Table out;
        out.title = say("分单位", "By unit");
        out.columns = {{say("标识", "id"), "", ColumnType::text, 0},
                       {say("单位", "unit"), "", ColumnType::text, 0}};
        // A unit may lack a figure that others have: small cells are not shown to everybody.
        std::vector<std::string> figures;
        for (const account::ReportLine& line : report_.lines)
            for (const account::UnitReport& unit : report_.by_unit)
                if (const account::FigureValue* value = unit.find(line.figure)) {
                    figures.push_back(line.figure);
                    out.columns.push_back({say(value->statistic->zh, value->statistic->en),
                                           unit_text(value->unit()), ColumnType::whole, 0});
                    break;
                }
        for (const account::UnitReport& unit : report_.by_unit) {
            std::vector<Cell> row = {
                unit.unit.id, is_zh_ || unit.unit.name_en.empty() ? unit.unit.name : unit.unit.name_en};
            for (const std::string& figure : figures) {
                const account::FigureValue* value = unit.find(figure);
                row.push_back(value ? cell_of(*value, language_) : Cell{});
            }
            out.rows.push_back(std::move(row));
        }
        return out;
    }

    [[nodiscard]] Table identities() const {
        Table out;
        out.title = say("勾稽关系", "Identities");
        for (const auto& [zh, en, type] : {std::tuple{"关系", "identity", ColumnType::text},
                                           {"单位", "organisation", ColumnType::text},
                                           {"左端", "left", ColumnType::whole},
                                           {"右端", "right", ColumnType::whole},
                                           {"差", "gap", ColumnType::whole}})
            out.columns.push_back({say(zh, en), "", type, 0});
        for (const account::IdentityResult& each : report_.identities)
            out.rows.push_back({say(each.identity->zh, each.identity->en), each.organisation,
                                each.left.numerator(), (each.left - each.gap).numerator(),
                                each.gap.numerator()});
        for (const account::OverlapResult& each : report_.overlaps)
            out.rows.push_back({say(each.overlap->zh, each.overlap->en) + " ∩", report_.organisation.id,
                                each.a.numerator(), each.b.numerator(), each.both.numerator()});
        return out;
    }

 private:
    const law::Law& law_;
    const account::Report& report_;
    bool is_zh_;
    Language language_;
};

}  // namespace

Workbook report_workbook(const law::Law& law, const account::Report& report, const Provenance& from,
                         Language language) {
    const Sheets sheets(law, report, language);
    Workbook out;
    out.created = start_of(report.as_of_date);
    out.sample_data = from.sample_data;
    out.tables = {sheets.figures(), sheets.by_unit(), sheets.identities()};
    const auto note = [&](std::string_view zh, std::string_view en, std::string text) {
        out.notes.emplace_back(sheets.say(zh, en), std::move(text));
    };
    note("报告", "Report", sheets.say(report.form->zh, report.form->en));
    note("单位", "Organisation", fmt::format("{} ({})", report.organisation.name, report.organisation.id));
    note("统计期间", "Period",
         fmt::format("{}: {} – {}", report.period.text, report.period.from.text(), report.period.to.text()));
    note("截至", "As of", fmt::format("{} ({})", report.as_of, report.as_of_date.text()));
    note("台账", "Journal", fmt::format("{} · {}", from.origin, hex(from.root)));
    note("法规库", "Statute book", hex(law.digest()));
    for (const account::ReportLine& line : report.lines)
        out.notes.emplace_back(line.figure,
                               fmt::format("{} [{}]: {}", sheets.say(line.statistic->zh, line.statistic->en),
                                           sheets.unit_text(line.statistic->unit),
                                           sheets.say(line.statistic->note_zh, line.statistic->note_en)));
    return out;
}

}  // namespace qingyuan::document
