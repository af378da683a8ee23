#include "observe/datasets.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/date.hpp"
#include "base/text.hpp"
#include "law/toml.hpp"
#include "packs/event.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::uint64_t heading_rows_max = 5;
constexpr std::size_t block_bytes = 1 << 20;
constexpr std::size_t empty_cells = 13;  ///< of a flat line

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<packs::Action> find_action(std::string_view word) {
    const auto found = std::find(packs::action_names.begin(), packs::action_names.end(), word);
    if (found == packs::action_names.end()) return std::nullopt;
    return static_cast<packs::Action>(found - packs::action_names.begin());
}

std::string action_of(law::TableReader& table, bool required) {
    const std::string word = required ? table.required("action") : table.text("action");
    if (!word.empty() && (!find_action(word) || word == "other"))
        table.problems().add(ErrorCode::law_value_invalid, fmt::format("'{}' is no action of events", word),
                             table.where("action"));
    return word;
}

DatasetColumn column_of(const law::TomlNode& node, std::string_view file, law::Problems& problems) {
    law::TableReader table(node, file, problems);
    DatasetColumn out;
    const std::string field = table.required("field");
    const auto found = std::find(dataset_fields.begin(), dataset_fields.end(), field);
    if (found != dataset_fields.end())
        out.field = static_cast<DatasetField>(found - dataset_fields.begin());
    else
        problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is no field of events", field),
                     table.where("field"));
    out.headings = table.texts("zh");
    if (out.headings.empty())
        problems.add(ErrorCode::law_key_missing, "a column needs a heading", table.where("zh"));
    out.required = table.boolean("required");
    table.finish();
    return out;
}

Dataset dataset_of(const law::TomlNode& node, std::string_view file, law::Problems& problems) {
    law::TableReader table(node, file, problems);
    Dataset out;
    out.id = table.identifier("id");
    out.zh = table.required("zh");
    out.en = table.required("en");
    out.standard = table.required("standard");
    out.verified = table.text("status") != "unverified";
    static_cast<void>(table.text("note"));
    out.action = action_of(table, false);
    out.ignored = table.texts("ignore");
    std::set<std::string> headings(out.ignored.begin(), out.ignored.end());
    std::set<DatasetField> fields;
    for (const law::TomlNode* one : table.tables("column")) {
        out.columns.push_back(column_of(*one, file, problems));
        if (!fields.insert(out.columns.back().field).second)
            problems.add(ErrorCode::law_duplicate, "a field has two columns",
                         law::where_of(file, one->place));
        for (const std::string& heading : out.columns.back().headings)
            if (!headings.insert(heading).second)
                problems.add(ErrorCode::law_duplicate,
                             fmt::format("the heading {} means two things", heading),
                             law::where_of(file, one->place));
    }
    for (const DatasetField field : {DatasetField::code, DatasetField::event_time})
        if (!fields.contains(field))
            problems.add(ErrorCode::law_key_missing,
                         fmt::format("no column for {}", dataset_fields[static_cast<std::size_t>(field)]),
                         table.where());
    table.finish();
    return out;
}

BillType bill_type_of(const law::TomlNode& node, std::string_view file, law::Problems& problems) {
    law::TableReader table(node, file, problems);
    BillType out;
    out.code = table.required("code");
    out.zh = table.required("zh");
    out.action = action_of(table, true);
    const std::string actor = table.required("actor");
    out.actor_is_sender = actor == "from";
    if (actor != "from" && actor != "to")
        problems.add(ErrorCode::law_value_invalid, "the actor is 'from' or 'to'", table.where("actor"));
    table.finish();
    return out;
}

/// Headings come with blanks, line breaks and remarks of their own: 追溯码* is 追溯码.
std::string plain_heading(std::string_view heading) {
    std::string out;
    for (const char c : heading)
        if (static_cast<unsigned char>(c) > 0x20 && c != '*') out += c;
    for (const std::string_view blank : {"\xE3\x80\x80", "\xEF\xBB\xBF"})
        for (auto at = out.find(blank); at != std::string::npos; at = out.find(blank))
            out.erase(at, blank.size());
    return out;
}

/// Whole numbers between separators; false where it is anything else. 2025-1-2 8:00:05
bool numbers_of(std::string_view text, std::vector<int>& out) {
    int value = -1;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            value = std::max(value, 0) * 10 + (c - '0');
            if (value > 9'999) return false;
        } else if (c == '-' || c == '/' || c == '.' || c == ':' || c == ' ' || c == 'T') {
            if (value < 0) return false;
            out.push_back(value);
            value = -1;
        } else {
            return false;
        }
    }
    if (value < 0) return false;
    out.push_back(value);
    return true;
}

/// In China time, where the parts make a day and an hour that exist.
std::optional<std::string> time_text(const std::vector<int>& parts, bool last) {
    if (parts.size() != 3 && parts.size() != 5 && parts.size() != 6) return std::nullopt;
    if (!parse_date(fmt::format("{:04}-{:02}-{:02}", parts[0], parts[1], parts[2]))) return std::nullopt;
    std::array<int, 3> time = last ? std::array{23, 59, 59} : std::array{0, 0, 0};
    if (parts.size() > 3) time = {parts[3], parts[4], parts.size() == 6 ? parts[5] : 0};
    if (time[0] > 23 || time[1] > 59 || time[2] > 59) return std::nullopt;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00", parts[0], parts[1], parts[2], time[0],
                       time[1], time[2]);
}

/// A workbook's day number, 45658.25 = 2025-01-01 06:00, in whole seconds.
std::optional<std::string> day_number_text(std::string_view text, bool last) {
    const auto point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    if (whole.size() != 5 || !is_digits(whole)) return std::nullopt;
    std::int64_t billionths = 0, place = 100'000'000;
    if (point != std::string_view::npos) {
        if (!is_digits(text.substr(point + 1))) return std::nullopt;
        for (const char c : text.substr(point + 1)) {
            billionths += (c - '0') * place;
            place /= 10;
        }
    }
    std::int64_t seconds = (billionths * 86'400 + 500'000'000) / 1'000'000'000;
    if (point == std::string_view::npos && last) seconds = 86'399;
    const Date day = make_date(1899, 12, 30) + static_cast<int>(*parse_integer(whole));
    return Instant{start_of(day).us + seconds * 1'000'000}.text();
}

/// Gathers lines and hands on whole blocks.
class Gatherer {
 public:
    explicit Gatherer(const FlatLines& sink) : sink_(sink) {}
    /// The line of this row comes next; rows that are not there become blank lines.
    std::string& at(std::uint64_t row) {
        if (block_.empty()) first_row_ = next_row_ = row;
        block_.append(row - next_row_, '\n');
        next_row_ = row + 1;
        return block_;
    }
    Result<void> flush(std::size_t least) {
        if (block_.size() <= least) return {};
        CHECK(sink_(block_, first_row_));
        block_.clear();
        return {};
    }

 private:
    const FlatLines& sink_;
    std::string block_;
    std::uint64_t first_row_ = 0, next_row_ = 0;
};

}  // namespace

std::string dataset_time(std::string_view text, bool last) {
    text = trim(text);
    if (text.size() == 14 && is_digits(text)) {
        std::vector<int> parts{static_cast<int>(*parse_integer(text.substr(0, 4)))};
        for (std::size_t i = 4; i < 14; i += 2)
            parts.push_back(static_cast<int>(*parse_integer(text.substr(i, 2))));
        return time_text(parts, last).value_or(std::string(text));
    }
    if (text.size() == 8 && is_digits(text))
        return dataset_time(fmt::format("{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6)),
                            last);
    if (const auto day = day_number_text(text, last)) return *day;
    std::vector<int> parts;
    if (text.size() > 7 && numbers_of(text, parts))
        if (const auto time = time_text(parts, last)) return *time;
    return std::string(text);
}

Result<Datasets> parse_datasets(std::string_view toml, std::string_view file) {
    const law::TomlNode root = TRY(law::parse_toml(toml, file));
    law::Problems problems;
    law::TableReader table(root, file, problems);
    Datasets out;
    std::set<std::string> ids, bills;
    for (const law::TomlNode* one : table.tables("dataset")) {
        out.sets.push_back(dataset_of(*one, file, problems));
        if (!ids.insert(out.sets.back().id).second)
            problems.add(ErrorCode::law_duplicate, "two data sets have the same id",
                         law::where_of(file, one->place));
    }
    for (const law::TomlNode* one : table.tables("bill_type")) {
        out.bill_types.push_back(bill_type_of(*one, file, problems));
        if (!bills.insert(out.bill_types.back().code).second ||
            !bills.insert(out.bill_types.back().zh).second)
            problems.add(ErrorCode::law_duplicate, "two types of bills have the same code or name",
                         law::where_of(file, one->place));
    }
    table.finish();
    if (!problems.empty()) return problems.errors().front();
    return out;
}

Result<DatasetRows> DatasetRows::from_headings(const Datasets& datasets,
                                               const std::vector<std::string>& headings,
                                               std::string_view id) {
    std::optional<Error> nearest;
    std::ptrdiff_t most = -1;
    for (const Dataset& dataset : datasets.sets) {
        if (!id.empty() && dataset.id != id) continue;
        DatasetRows rows(datasets, dataset);
        std::optional<Error> wrong;
        for (std::size_t i = 0; i < headings.size() && !wrong; ++i) {
            const std::string heading = plain_heading(headings[i]);
            const auto names = [&](const auto& list) {
                return std::find(list.begin(), list.end(), heading) != list.end();
            };
            if (heading.empty() || names(dataset.ignored)) continue;
            const auto column = std::find_if(dataset.columns.begin(), dataset.columns.end(),
                                             [&](const DatasetColumn& one) { return names(one.headings); });
            if (column == dataset.columns.end())
                wrong = Error{ErrorCode::column_unknown,
                              fmt::format("{} is no column of {}", heading, dataset.zh)};
            else if (std::size_t& place = rows.place_[static_cast<std::size_t>(column->field)]; place != 0)
                wrong =
                    Error{ErrorCode::duplicate_key, fmt::format("two columns mean the same: {}", heading)};
            else
                place = i + 1;
        }
        for (const DatasetColumn& column : dataset.columns)
            if (!wrong && column.required && rows.place_[static_cast<std::size_t>(column.field)] == 0)
                wrong = Error{ErrorCode::column_missing,
                              fmt::format("{} is missing", join(column.headings, " / "))};
        if (!wrong) return rows;
        wrong->where = dataset.id;
        wrong->next =
            "rename the column, or change law/trace_datasets.toml where the standard says otherwise";
        const std::ptrdiff_t fitting =
            std::count_if(rows.place_.begin(), rows.place_.end(), [](auto at) { return at != 0; });
        if (fitting > most) nearest = std::move(wrong);
        most = std::max(most, fitting);
    }
    if (nearest) return *nearest;
    return Error{ErrorCode::record_unknown, fmt::format("there is no data set '{}'", id)};
}

void DatasetRows::append_line(const std::vector<std::string>& cells, std::string& out) const {
    const auto cell = [&](DatasetField field) -> std::string {
        const std::size_t place = place_[static_cast<std::size_t>(field)];
        if (place == 0 || place > cells.size()) return {};
        std::string text(trim(cells[place - 1]));
        std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
        return text;
    };
    using enum DatasetField;
    const std::string bill = cell(bill_type);
    const auto type = std::find_if(datasets_->bill_types.begin(), datasets_->bill_types.end(),
                                   [&](const BillType& one) { return one.code == bill || one.zh == bill; });
    const bool known = type != datasets_->bill_types.end();
    const std::string action = known ? type->action : bill.empty() ? dataset_->action : bill;
    std::string who = cell(actor), other = cell(counterparty);
    if (who.empty()) {
        const bool sender = known && type->actor_is_sender;
        who = cell(sender ? from : to);
        if (other.empty()) other = cell(sender ? to : from);
        if (who.empty() && known && action == "produce")
            who.swap(other);  // a maker's own bill may name one side only
    }
    if (action == "produce" && other == who) other.clear();
    const auto meant = find_action(action);
    const std::string time = dataset_time(cell(event_time), meant && !packs::is_inbound(*meant));
    std::string event = cell(event_id);
    if (event.empty())
        event = fmt::format("{}-{}-{}-{}", who, action, cell(document).empty() ? time : cell(document),
                            cell(code));
    std::string flag = cell(split);
    if (flag == "是") flag = "1";
    if (flag == "否") flag = "0";
    const std::array<std::string, empty_cells> line{event,
                                                    cell(code),
                                                    action,
                                                    who,
                                                    other,
                                                    time,
                                                    dataset_time(cell(upload_time), true),
                                                    cell(batch),
                                                    cell(document),
                                                    flag,
                                                    cell(owner),
                                                    cell(person),
                                                    cell(prescription)};
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (i > 0) out += ',';
        out += csv_cell(line[i]);
    }
    out += '\n';
}

Result<std::string> read_dataset_sheet(const Datasets& datasets, std::string_view bytes, std::string_view id,
                                       const FlatLines& sink, const SheetLimits& limits) {
    std::optional<DatasetRows> rows;
    std::optional<Error> wrong;
    std::size_t widest = 0;
    Gatherer gatherer(sink);
    CHECK(read_sheet(
        bytes, {},
        [&](std::uint64_t row, const std::vector<std::string>& cells) -> Result<void> {
            if (rows) {
                rows->append_line(cells, gatherer.at(row));
                return gatherer.flush(block_bytes);
            }
            auto found = DatasetRows::from_headings(datasets, cells, id);
            if (found) {
                rows = std::move(*found);
                return {};
            }
            // A title may stand above the headings: the widest row tells best what is wrong.
            if (!wrong || cells.size() > widest) wrong = std::move(found).error();
            widest = std::max(widest, cells.size());
            if (row >= heading_rows_max) return *wrong;
            return {};
        },
        limits));
    if (!rows) return wrong ? *wrong : Error{ErrorCode::column_missing, "the sheet is empty"};
    CHECK(gatherer.flush(0));
    return rows->dataset().id;
}

Result<std::string> read_dataset_csv(const Datasets& datasets, std::string_view text, std::string_view id,
                                     const FlatLines& sink) {
    CsvReader reader = TRY(CsvReader::create(text));
    const DatasetRows rows = TRY(DatasetRows::from_headings(datasets, reader.columns(), id));
    Gatherer gatherer(sink);
    std::uint64_t before = 1;
    for (;;) {
        auto row = reader.next();
        if (row && !*row) break;
        if (row) {
            before = (*row)->line;
            rows.append_line((*row)->cells, gatherer.at(before));
        } else {
            const auto line = parse_integer(std::string_view(row.error().where).substr(5));  // "line N"
            before = line ? std::max(before + 1, static_cast<std::uint64_t>(*line)) : before + 1;
            gatherer.at(before) += std::string(empty_cells - 1, ',') + '\n';
        }
        CHECK(gatherer.flush(block_bytes));
    }
    CHECK(gatherer.flush(0));
    return rows.dataset().id;
}

}  // namespace qingyuan::observe
