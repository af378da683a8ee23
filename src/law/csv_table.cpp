#include "law/csv_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::law {

CsvTable::CsvTable(const LawFile& file, std::initializer_list<std::string_view> required,
                   std::initializer_list<std::string_view> optional, Problems& problems, bool open)
    : file_(file.name), problems_(problems) {
    auto reader = CsvReader::create(file.text);
    if (!reader) {
        Error error = reader.error();
        error.where = where_of(file_, {});
        problems_.add(std::move(error));
        return;
    }
    columns_ = reader->columns();
    bool usable = true;
    const auto known = [](std::initializer_list<std::string_view> names, std::string_view name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (std::size_t at = 0; at < columns_.size(); ++at) {
        column_at_[columns_[at]] = at;
        if (open || known(required, columns_[at]) || known(optional, columns_[at])) continue;
        const Place place{1, static_cast<std::uint32_t>(at + 1)};
        problems_.add(ErrorCode::column_unknown, fmt::format("no column '{}' here", columns_[at]),
                      where_of(file_, place));
        usable = false;
    }
    for (const std::string_view name : required) {
        if (column_at_.contains(name)) continue;
        problems_.add(ErrorCode::column_missing, fmt::format("column '{}' is missing", name),
                      where_of(file_, {}));
        usable = false;
    }
    if (usable) reader_ = std::move(*reader);
}

bool CsvTable::next() {
    while (reader_) {
        auto row = reader_->next();
        if (!row) {
            Error error = row.error();
            const auto digits = error.where.find_first_of("0123456789");  // "line 7"
            error.where =
                fmt::format("{}:{}:1", file_, digits == std::string::npos ? "1" : error.where.substr(digits));
            problems_.add(std::move(error));
            continue;
        }
        if (!*row) return false;
        row_ = std::move(**row);
        return true;
    }
    return false;
}

const std::string& CsvTable::text(std::string_view column) const {
    static const std::string none;
    const auto at = column_at_.find(column);
    return at == column_at_.end() ? none : row_.cells[at->second];
}

const std::string& CsvTable::required(std::string_view column) {
    const std::string& value = text(column);
    if (value.empty())
        problems_.add(ErrorCode::law_key_missing, fmt::format("'{}' is empty", column), where(column));
    return value;
}

std::string CsvTable::identifier(std::string_view column) {
    std::string value = required(column);
    if (!value.empty() && !is_identifier(value))
        problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' is not an identifier", value),
                      where(column), "[a-z][a-z0-9_]*");
    return value;
}

Date CsvTable::date(std::string_view column, Date absent) {
    const std::string& value = text(column);
    if (value.empty()) return absent;
    const auto date = parse_date(value);
    if (date) return *date;
    problems_.add(ErrorCode::date_invalid, date.error().message, where(column), "write YYYY-MM-DD");
    return absent;
}

InForce CsvTable::in_force() {
    const InForce range{date("from", Date::never_before()), date("to", Date::never_after())};
    if (range.to < range.from)
        problems_.add(ErrorCode::law_value_invalid, "'to' lies before 'from'", where("to"));
    return range;
}

Status CsvTable::status() {
    return parse_status(text("status"), where("status"), problems_);
}

bool CsvTable::flag(std::string_view column) {
    const std::string& value = text(column);
    if (!value.empty() && value != "yes")
        problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' is neither yes nor empty", value),
                      where(column));
    return value == "yes";
}

Rational CsvTable::decimal(std::string_view column) {
    const std::string& value = text(column);
    if (value.empty()) return {};
    const auto number = parse_decimal(value);
    if (number) return *number;
    problems_.add(ErrorCode::number_invalid, number.error().message, where(column));
    return {};
}

std::string CsvTable::where(std::string_view column) const {
    const auto at = column_at_.find(column);
    return fmt::format("{}:{}:{}", file_, row_.line, at == column_at_.end() ? 1 : at->second + 1);
}

Status parse_status(std::string_view text, const std::string& where, Problems& problems) {
    if (text == "unverified") return Status::unverified;
    if (!text.empty() && text != "verified")
        problems.add(ErrorCode::law_value_invalid,
                     fmt::format("'{}' is neither verified nor unverified", text), where);
    return Status::verified;
}

}  // namespace qingyuan::law
