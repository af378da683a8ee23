#include "observe/report_csv.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/text.hpp"

namespace qingyuan::observe {

namespace {

enum Column : std::size_t {
    report_no,
    source,
    org,
    city,
    receive_date,
    onset_date,
    patient,
    sex,
    age,
    weight,
    drug,
    approval_no,
    manufacturer,
    batch_no,
    reactions,
    serious,
    outcome,
    causality,
    kind,
    column_count
};
constexpr Column required[] = {report_no, receive_date, onset_date, drug, reactions};
constexpr std::size_t absent = SIZE_MAX;
constexpr std::string_view date_form = "write the date as 2025-07-05";

struct Fault {
    ErrorCode code{};
    std::string message;
    std::string_view next;
};

/// Blanks of every width at both ends of a cell.
std::string_view trimmed(std::string_view text) {
    for (;;) {
        const std::string_view before = text;
        text = trim(text);
        if (text.starts_with("\u3000")) text.remove_prefix(3);
        if (text.ends_with("\u3000")) text.remove_suffix(3);
        if (text.size() == before.size()) return text;
    }
}

/// 2025-07-05, also with / or . between and without leading zeros, as spreadsheets write it.
Result<Date> date_of(std::string_view text) {
    std::string plain(text);
    std::replace(plain.begin(), plain.end(), '/', '-');
    std::replace(plain.begin(), plain.end(), '.', '-');
    const std::vector<std::string> parts = split(plain, '-');
    if (parts.size() != 3) return parse_date(text);
    const auto two = [](const std::string& part) { return part.size() == 1 ? "0" + part : part; };
    return parse_date(fmt::format("{}-{}-{}", parts[0], two(parts[1]), two(parts[2])));
}

bool is_forbidden(unsigned char byte) {
    return byte < 0x20 || byte == 0x7f;
}

/// One pass over the rows, with what is known of earlier ones.
class Reader {
 public:
    Reader(const ReportWords& words, Date today, ReportTable& out)
        : words_(words), today_(today), out_(out) {}

    Result<void> place(const std::vector<std::string>& columns);
    void take(const CsvRow& row);
    void refuse(std::uint64_t line, const Error& error);

 private:
    std::string_view cell(Column column) const {
        return place_[column] == absent ? std::string_view() : trimmed(row_->cells[place_[column]]);
    }
    void reject(Column column, ErrorCode code, std::string_view message, std::string_view next);
    void warn(Column column, ErrorCode code, std::string_view message, std::string_view next);
    std::string word(Column column, const ReportWords::Words& words);
    std::optional<double> number(Column column, double least, double most);
    std::optional<double> years();
    void read_dates(facts::SafetyReport& report);
    void read_products(facts::SafetyReport& report);
    void read_reactions(facts::SafetyReport& report);
    bool is_repeated(const std::string& number);

    const ReportWords& words_;
    Date today_;
    ReportTable& out_;
    std::size_t place_[column_count] = {};
    const CsvRow* row_ = nullptr;
    bool rejected_ = false, warned_ = false;
    std::unordered_map<std::string, std::string> rows_;  ///< number → its cells
};

Result<void> Reader::place(const std::vector<std::string>& columns) {
    std::fill(std::begin(place_), std::end(place_), absent);
    const std::vector<std::string>& known = report_columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto found = std::find(known.begin(), known.end(), columns[i]);
        if (found == known.end())
            return Error{ErrorCode::column_unknown,
                         fmt::format("'{}' is no column of this table", columns[i]),
                         "line 1",
                         {},
                         join(known, ",")};
        place_[found - known.begin()] = i;
    }
    std::vector<std::string> missing;
    for (const Column column : required)
        if (place_[column] == absent) missing.push_back(known[column]);
    if (missing.empty()) return {};
    return Error{ErrorCode::column_missing,
                 fmt::format("without the column {}", join(missing, ", ")),
                 "line 1",
                 {},
                 join(known, ",")};
}

void Reader::reject(Column column, ErrorCode code, std::string_view message, std::string_view next) {
    out_.problems.reject(row_->line, report_columns()[column], code, message, next);
    if (!rejected_) ++out_.problems.rejected_rows;
    rejected_ = true;
}

void Reader::warn(Column column, ErrorCode code, std::string_view message, std::string_view next) {
    out_.warnings.reject(row_->line, report_columns()[column], code, message, next);
    if (!warned_) ++out_.warnings.rejected_rows;
    warned_ = true;
}

void Reader::refuse(std::uint64_t line, const Error& error) {
    ++out_.problems.rows;
    ++out_.problems.rejected_rows;
    out_.problems.reject(line, "", error.code, error.message,
                         "put cells that hold a comma or a quote into quotes; save the file as UTF-8");
}

std::string Reader::word(Column column, const ReportWords::Words& words) {
    const std::string_view text = cell(column);
    if (text.empty()) return {};
    if (const auto found = words.find(text); found != words.end()) return found->second;
    std::string known;
    for (const auto& [spelling, code] : words)
        if (spelling != code) known += (known.empty() ? "" : " ") + spelling;
    warn(column, ErrorCode::not_in_vocabulary, fmt::format("'{}' is not known: kept as missing", text),
         "one of: " + known);
    return {};
}

std::optional<double> Reader::number(Column column, double least, double most) {
    std::string_view text = cell(column);
    if (text.empty()) return std::nullopt;
    for (const std::string_view unit : {"kg", "KG", "Kg", "公斤", "千克"})
        if (text.ends_with(unit)) text = trimmed(text.substr(0, text.size() - unit.size()));
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        warn(column, ErrorCode::number_invalid,
             fmt::format("'{}' is no number: kept as missing", cell(column)), "write digits only");
        return std::nullopt;
    }
    if (!(value >= least && value <= most)) {
        warn(column, ErrorCode::field_invalid, fmt::format("{} is out of range: kept as missing", text),
             fmt::format("a number from {} to {}", least, most));
        return std::nullopt;
    }
    return value;
}

/// 67, 67岁, 8月 or 8个月, 12天: in years.
std::optional<double> Reader::years() {
    const std::string_view text = cell(age);
    constexpr std::pair<std::string_view, double> units[] = {
        {"周岁", 1},        {"岁", 1},          {"个月", 1 / 12.0}, {"月", 1 / 12.0},
        {"周", 7 / 365.25}, {"天", 1 / 365.25}, {"日", 1 / 365.25}};
    for (const auto& [unit, years] : units) {
        if (!text.ends_with(unit)) continue;
        const std::string_view digits = trimmed(text.substr(0, text.size() - unit.size()));
        double value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc() || end != digits.data() + digits.size()) break;
        if (value >= 0 && value * years <= report_age_years_max) return value * years;
        break;
    }
    return number(age, 0, report_age_years_max);
}

void Reader::read_dates(facts::SafetyReport& report) {
    if (const std::string_view text = cell(receive_date); text.empty()) {
        warn(receive_date, ErrorCode::field_missing, "no date of receipt: no limit can run from it",
             "add the day on which the report came in");
    } else if (const auto date = date_of(text); !date) {
        reject(receive_date, ErrorCode::date_invalid, fmt::format("'{}' is no date", text), date_form);
    } else if (*date > today_) {
        reject(receive_date, ErrorCode::date_in_future,
               fmt::format("{} lies behind today, {}", date->text(), today_.text()),
               "correct the year, month or day");
    } else {
        report.received_on = *date;
    }
    const std::string_view text = cell(onset_date);
    if (text.empty()) return;
    const auto date = date_of(text);
    if (!date) {
        warn(onset_date, ErrorCode::date_invalid, fmt::format("'{}' is no date: kept as missing", text),
             date_form);
        return;
    }
    if (*date > today_) {
        warn(onset_date, ErrorCode::date_in_future,
             fmt::format("{} lies behind today, {}: kept as missing", date->text(), today_.text()),
             "correct the year, month or day");
        return;
    }
    if (report.received_on && *date > *report.received_on)
        warn(onset_date, ErrorCode::date_before_previous,
             fmt::format("received on {}, before the reaction of {}", report.received_on->text(),
                         date->text()),
             "correct one of the two dates");
    report.onset_on = *date;
}

void Reader::read_products(facts::SafetyReport& report) {
    const auto parts = [](std::string_view text) {
        std::vector<std::string> out;
        for (const std::string& part : split(text, '|')) out.emplace_back(trimmed(part));
        return out;
    };
    const std::vector<std::string> names = parts(cell(drug));
    if (std::all_of(names.begin(), names.end(), [](const std::string& name) { return name.empty(); })) {
        reject(drug, ErrorCode::field_missing, "no suspected product",
               "name the product the report suspects");
        return;
    }
    report.products.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) report.products[i].name = names[i];
    const auto fill = [&](Column column, std::string facts::SuspectProduct::* member) {
        const std::vector<std::string> values = parts(cell(column));
        if (values.size() > names.size() || (values.size() > 1 && values.size() != names.size())) {
            warn(column, ErrorCode::field_invalid,
                 fmt::format("{} values for {} products: kept as missing", values.size(), names.size()),
                 "one value for each product, joined with |");
            return;
        }
        for (std::size_t i = 0; i < values.size(); ++i) report.products[i].*member = values[i];
    };
    fill(approval_no, &facts::SuspectProduct::approval);
    fill(manufacturer, &facts::SuspectProduct::maker);
    fill(batch_no, &facts::SuspectProduct::batch);
    std::erase_if(report.products, [](const facts::SuspectProduct& product) { return product.name.empty(); });
}

void Reader::read_reactions(facts::SafetyReport& report) {
    for (const std::string& part : split(cell(reactions), '|'))
        if (std::string term(trimmed(part));
            !term.empty() &&
            std::find(report.reactions.begin(), report.reactions.end(), term) == report.reactions.end())
            report.reactions.push_back(std::move(term));
    if (report.reactions.empty())
        reject(reactions, ErrorCode::field_missing, "no reaction",
               "name at least one reaction, joined with |");
    else if (report.reactions.size() > report_reactions_max)
        reject(reactions, ErrorCode::too_large,
               fmt::format("{} reactions; {} are allowed", report.reactions.size(), report_reactions_max),
               "send the report again with the reactions that were observed");
}

/// Was this number there already? Then the row is counted: the same cells are no error, others are.
bool Reader::is_repeated(const std::string& number) {
    std::string all;
    for (std::size_t column = 0; column < column_count; ++column)
        all += std::string(cell(static_cast<Column>(column))) + '\x1f';
    const auto [known, is_new] = rows_.try_emplace(number, std::move(all));
    if (is_new) return false;
    all.clear();
    for (std::size_t column = 0; column < column_count; ++column)
        all += std::string(cell(static_cast<Column>(column))) + '\x1f';
    if (known->second == all) {
        ++out_.repeated;
        return true;
    }
    reject(report_no, ErrorCode::duplicate_key,
           fmt::format("the number '{}' came before with other words", number),
           "give each report a number of its own; a follow-up is sent as a new version");
    return true;
}

void Reader::take(const CsvRow& row) {
    row_ = &row;
    rejected_ = warned_ = false;
    ++out_.problems.rows;
    ++out_.warnings.rows;
    for (std::size_t column = 0; column < column_count; ++column) {
        const std::string_view text = cell(static_cast<Column>(column));
        if (std::any_of(text.begin(), text.end(),
                        [](char c) { return is_forbidden(static_cast<unsigned char>(c)); })) {
            reject(static_cast<Column>(column), ErrorCode::field_invalid,
                   "the cell holds a control character", "remove it");
            return;
        }
    }
    facts::SafetyReport report;
    report.number = cell(report_no);
    if (report.number.empty()) {
        reject(report_no, ErrorCode::field_missing, "no number of the report", "number every report");
        return;
    }
    if (is_repeated(report.number)) return;
    report.kind = word(kind, words_.kind);
    report.source = cell(source);
    report.organisation = cell(org);
    report.city = cell(city);
    report.patient = cell(patient);
    report.sex = word(sex, words_.sex);
    report.age_years = years();
    report.weight_kg = number(weight, 0.2, report_weight_kg_max);
    report.seriousness = word(serious, words_.seriousness);
    report.outcome = word(outcome, words_.outcome);
    report.causality = word(causality, words_.causality);
    read_dates(report);
    read_products(report);
    read_reactions(report);
    if (rejected_) return;
    out_.reports.push_back(std::move(report));
    out_.lines.push_back(row.line);
}

}  // namespace

const std::vector<std::string>& report_columns() {
    static const std::vector<std::string> columns = {
        "report_no", "source",  "org",     "city",      "receive_date", "onset_date",   "patient",
        "sex",       "age",     "weight",  "drug",      "approval_no",  "manufacturer", "batch_no",
        "reactions", "serious", "outcome", "causality", "kind"};
    return columns;
}

Result<ReportTable> read_report_csv(std::string_view text, const ReportWords& words, Date today) {
    CsvReader csv = TRY(CsvReader::create(text, {.cell_bytes_max = 64 * 1024, .columns_max = 64}));
    ReportTable out;
    Reader reader(words, today, out);
    CHECK(reader.place(csv.columns()));
    for (std::uint64_t line = 2;; ++line) {
        auto row = csv.next();
        if (!row) {
            const std::string& where = row.error().where;
            if (const auto number = parse_integer(std::string_view(where).substr(where.find(' ') + 1));
                number)
                line = static_cast<std::uint64_t>(*number);
            reader.refuse(line, row.error());
            continue;
        }
        if (!*row) return out;
        line = (*row)->line;
        reader.take(**row);
    }
}

}  // namespace qingyuan::observe
