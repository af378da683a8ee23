#include "account/reported.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "account/period.hpp"
#include "base/csv.hpp"
#include "base/rational.hpp"
#include "base/text.hpp"
#include "facts/rows.hpp"

namespace qingyuan::account {

namespace {

constexpr std::array<std::string_view, 8> column_names{"figure", "organisation", "period", "value",
                                                       "unit",   "as_of",        "source", "approximate"};

Result<std::map<std::string, std::size_t>> columns_of(const CsvReader& csv) {
    std::map<std::string, std::size_t> columns;
    for (std::size_t i = 0; i < csv.columns().size(); ++i) {
        const std::string& name = csv.columns()[i];
        if (std::find(column_names.begin(), column_names.end(), name) == column_names.end())
            return Error{ErrorCode::column_unknown, fmt::format("no column '{}' here", name), name};
        columns[name] = i;
    }
    for (const std::string_view name : column_names)
        if (name != "approximate" && !columns.contains(std::string(name)))
            return Error{ErrorCode::column_missing, fmt::format("the column '{}' is missing", name),
                         std::string(name)};
    return columns;
}

/// 96.65% is 9665/10000, 0.5 is 5/10: as it was written, so that it is printed with the same places.
Result<void> read_value(std::string_view text, facts::FigureReported& out) {
    const bool is_percentage = text.ends_with('%');
    const std::string_view digits = is_percentage ? text.substr(0, text.size() - 1) : text;
    std::string whole(digits);
    std::int64_t denominator = is_percentage ? 100 : 1;
    if (const auto point = whole.find('.'); point != std::string::npos) {
        const std::size_t places = whole.size() - point - 1;
        if (places == 0 || places > 9) return Error{ErrorCode::number_invalid, std::string(text), "value"};
        for (std::size_t i = 0; i < places; ++i) denominator *= 10;
        whole.erase(point, 1);
    }
    const auto numerator = parse_integer(whole);
    if (!numerator) return Error{ErrorCode::number_invalid, fmt::format("'{}' is no number", text), "value"};
    out.numerator = *numerator;
    out.denominator = denominator;
    return {};
}

Result<facts::FigureReported> read_row(const law::Statistics& statistics,
                                       const std::map<std::string, std::string>& cells) {
    facts::FigureReported out;
    for (const std::string_view name : column_names)
        if (name != "approximate" && cells.at(std::string(name)).empty())
            return Error{ErrorCode::field_missing, fmt::format("'{}' is empty", name), std::string(name)};
    out.figure = cells.at("figure");
    out.organisation = cells.at("organisation");
    out.unit = cells.at("unit");
    out.as_of = cells.at("as_of");
    out.source = cells.at("source");
    const Period period = TRY(parse_period(cells.at("period")));
    out.period = period.text;
    const law::Statistic* statistic = TRY(statistics.figure(out.figure, period.to));
    if (statistic->kind != law::FigureKind::reported)
        return Error{ErrorCode::field_invalid, fmt::format("'{}' is derived here, not reported", out.figure),
                     "figure"};
    if (statistic->unit != out.unit)
        return Error{ErrorCode::unit_mismatch,
                     fmt::format("'{}' counts {}, not {}", out.figure, statistic->unit, out.unit), "unit"};
    CHECK(read_value(cells.at("value"), out));
    if ((out.unit == "share") != cells.at("value").ends_with('%'))
        return Error{ErrorCode::unit_mismatch, "a share is written as a percentage, and only a share is",
                     "value"};
    const auto approximate = cells.find("approximate");
    const std::string mark = approximate == cells.end() ? "no" : approximate->second;
    if (mark != "yes" && mark != "no" && !mark.empty())
        return Error{ErrorCode::field_invalid, fmt::format("'{}' is neither yes nor no", mark),
                     "approximate"};
    out.approximate = mark == "yes";
    return out;
}

Result<bool> stands_already(const journal::Reader& reader, const facts::FigureReported& figure) {
    const std::string key = fmt::format("{}/{}/{}", figure.figure, figure.organisation, figure.period);
    const auto row = TRY(reader.view<facts::ReportedFigureRow>().find(key));
    return row && facts::encode_row(row->statements.back()) == facts::encode_row(figure);
}

}  // namespace

Result<ReportedImport> read_reported(const journal::Reader& reader, const law::Statistics& statistics,
                                     std::string_view text, std::string_view actor,
                                     std::string_view organisation, Date on) {
    CsvReader csv = TRY(CsvReader::create(text));
    const auto columns = TRY(columns_of(csv));
    ReportedImport out;
    while (true) {
        auto row = csv.next();
        if (!row) return std::move(row).error();
        if (!*row) break;
        std::map<std::string, std::string> cells;
        for (const auto& [name, at] : columns) cells[name] = std::string(trim((*row)->cells[at]));
        auto figure = read_row(statistics, cells);
        if (!figure) {
            out.rejected.push_back({(*row)->line, std::move(figure).error()});
            continue;
        }
        if (TRY(stands_already(reader, *figure))) {
            ++out.duplicates;
            continue;
        }
        out.facts.push_back({on, std::string(organisation), std::string(actor), 0, std::move(*figure)});
    }
    return out;
}

}  // namespace qingyuan::account
