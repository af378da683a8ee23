// The cast of the scenarios: CSV files turned into facts.
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "cli/scenario.hpp"

namespace qingyuan::cli {

namespace {

const Date cast_from = make_date(2023, 1, 1);

using Row = std::map<std::string, std::string, std::less<>>;

std::string cell(const Row& row, std::string_view column) {
    const auto found = row.find(column);
    return found == row.end() ? std::string() : found->second;
}

Result<Date> day(const Row& row, std::string_view column, Date otherwise) {
    const std::string text = cell(row, column);
    return text.empty() ? Result<Date>(otherwise) : parse_date(text);
}

Result<std::vector<Row>> rows_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{ErrorCode::file_unreadable, file.string()};
    std::ostringstream text;
    text << in.rdbuf();
    const std::string bytes = text.str();
    CsvReader reader = TRY(CsvReader::create(bytes));
    std::vector<Row> rows;
    while (const auto record = TRY(reader.next())) {
        Row& row = rows.emplace_back();
        for (std::size_t i = 0; i < record->cells.size(); ++i)
            row.emplace(reader.columns()[i], record->cells[i]);
    }
    return rows;
}

/// The cast's personal values lie in no vault: a reference made from the text itself.
facts::SubjectRef subject(std::string_view text) {
    if (text.empty()) return {};
    const Digest digest = sm3(text);
    return {"s-" + hex(digest).substr(0, 16), Bytes(bytes_of(digest))};
}

Result<facts::Payload> organisation(const Row& row) {
    facts::OrganisationRecorded out;
    out.id = cell(row, "id");
    out.name = cell(row, "name");
    out.name_en = cell(row, "name_en");
    out.parent = cell(row, "parent");
    out.department = cell(row, "department");
    out.level = cell(row, "level");
    out.region = cell(row, "region");
    out.kind = cell(row, "kind");
    out.from = TRY(day(row, "from", cast_from));
    return facts::Payload(std::move(out));
}

Result<facts::Payload> operator_(const Row& row) {
    facts::OperatorRecorded out;
    out.id = cell(row, "id");
    out.name = cell(row, "name");
    out.kind = cell(row, "kind");
    out.uscc = cell(row, "uscc");
    out.headquarters = cell(row, "headquarters");
    out.region = cell(row, "region");
    out.organisation = cell(row, "organisation");
    out.address = cell(row, "address");
    out.from = TRY(day(row, "from", cast_from));
    return facts::Payload(std::move(out));
}

Result<facts::Payload> person(const Row& row) {
    facts::PersonRecorded out;
    out.id = cell(row, "id");
    out.name = subject(cell(row, "name"));
    out.organisation = cell(row, "organisation");
    out.roles = split(cell(row, "roles"), '|');
    out.certificate = cell(row, "certificate");
    out.certificate_to = TRY(day(row, "certificate_to", Date{}));
    out.from = TRY(day(row, "from", cast_from));
    out.to = TRY(day(row, "to", Date{}));
    return facts::Payload(std::move(out));
}

Result<facts::Payload> product(const Row& row) {
    facts::ProductRecorded out;
    out.id = cell(row, "id");
    out.name = cell(row, "name");
    out.category = cell(row, "category");
    out.holder = cell(row, "holder");
    out.class_word = cell(row, "class_word");
    out.high_risk = cell(row, "high_risk") == "true";
    out.centralised_procurement = cell(row, "centralised_procurement") == "true";
    out.prescription = cell(row, "prescription") == "true";
    out.banned_online = cell(row, "banned_online") == "true";
    out.from = TRY(day(row, "from", cast_from));
    out.to = TRY(day(row, "to", Date{}));
    return facts::Payload(std::move(out));
}

}  // namespace

Result<std::vector<facts::Fact>> cast_of(const std::filesystem::path& folder) {
    struct Table {
        std::string_view file;
        Result<facts::Payload> (*payload)(const Row&);
    };
    std::vector<facts::Fact> facts;
    for (const Table& table : {Table{"organisations.csv", organisation}, Table{"operators.csv", operator_},
                               Table{"people.csv", person}, Table{"products.csv", product}})
        for (const Row& row : TRY(rows_of(folder / table.file)))
            facts.push_back({cast_from, {}, "system", 0, TRY(table.payload(row))});
    return facts;
}

}  // namespace qingyuan::cli
