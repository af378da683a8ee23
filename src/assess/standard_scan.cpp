#include "assess/standard_scan.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/text.hpp"

namespace qingyuan::assess {

namespace {

/// A part of a standard: its column in the table and the code where it is blank.
struct Part {
    std::string code;
    std::size_t column;
};

bool is_blank(std::string_view cell) {
    const std::string_view text = trim(cell);
    return text.empty() || text == "无" || text == "-" || text == "—";
}

Result<std::size_t> column_of(const CsvReader& reader, std::string_view name) {
    if (const auto at = reader.find_column(name)) return *at;
    return Error{ErrorCode::column_missing,
                 fmt::format("no column '{}'", name),
                 "1",
                 {},
                 fmt::format("add the column {}", name)};
}

Result<std::vector<Part>> parts_of(const law::Law& law, const CsvReader& reader, Date on) {
    std::vector<Part> parts;
    const law::Vocabulary* gaps = law.find_vocabulary("standard_gaps");
    if (gaps == nullptr) return Error{ErrorCode::law_reference_unknown, "no vocabulary 'standard_gaps'"};
    for (const law::Word& word : gaps->words) {
        const auto column = word.more.find("column");
        if (!word.in_force.holds(on) || column == word.more.end()) continue;
        parts.push_back({word.code, TRY(column_of(reader, column->second))});
    }
    for (const std::string& column : reader.columns()) {
        const bool known = column == "id" || column == "name" || column == "institution" ||
                           std::ranges::any_of(parts, [&](const Part& part) {
                               return reader.columns()[part.column] == column;
                           });
        if (!known)
            return Error{
                ErrorCode::column_unknown, fmt::format("'{}'", column), "1", {}, "leave the column out"};
    }
    return parts;
}

}  // namespace

Result<StandardScan> scan_standards(const law::Law& law, std::string_view csv, Date on) {
    CsvReader reader = TRY(CsvReader::create(csv));
    const std::size_t id = TRY(column_of(reader, "id")), name = TRY(column_of(reader, "name")),
                      institution = TRY(column_of(reader, "institution"));
    const std::vector<Part> parts = TRY(parts_of(law, reader, on));
    StandardScan out;
    std::map<std::string, std::uint64_t, std::less<>> seen;
    for (;;) {
        const auto row = TRY(reader.next());
        if (!row) return out;
        const std::string number(trim(row->cells[id]));
        const auto reject = [&](ErrorCode code, std::string message, std::string next) {
            out.rejected.push_back(
                {code, std::move(message), std::to_string(row->line), {}, std::move(next)});
        };
        if (number.empty()) {
            reject(ErrorCode::field_missing, "a preparation has a number",
                   "give its approval or filing number");
            continue;
        }
        if (const auto [at, is_new] = seen.emplace(number, row->line); !is_new) {
            reject(ErrorCode::duplicate_key, fmt::format("{} stands in line {} already", number, at->second),
                   "one row for each preparation");
            continue;
        }
        ScannedPreparation one{row->line, number, row->cells[name], row->cells[institution], {}};
        for (const Part& part : parts)
            if (is_blank(row->cells[part.column])) one.gaps.push_back(part.code);
        out.preparations.push_back(std::move(one));
    }
}

}  // namespace qingyuan::assess
