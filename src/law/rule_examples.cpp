// The tables of an example, column by column: what the flat trace format knows, and that what refers is
// there.

#include "law/rule_examples.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/text.hpp"

namespace qingyuan::law {

namespace {

/// What a cell holds. `ref_…` names a row of that table.
enum class Cell : std::uint8_t {
    id,
    text,
    time,
    whole,
    flag,
    action,
    type,
    region,
    code,
    ref_operator,
    ref_batch,
    ref_document,
    ref_event
};

struct Column {
    std::string_view name;
    Cell cell;
    bool filled = true;   ///< every row has a value
    bool present = true;  ///< the table has the column
};

struct Table {
    std::string_view name;
    std::vector<Column> columns;
};

constexpr std::string_view operator_types[] = {
    "manufacturer", "wholesaler", "chain_headquarters", "chain_store", "pharmacy", "hospital", "other"};
constexpr std::string_view actions[] = {"produce",    "ship",      "receive", "dispense", "use",
                                        "return_out", "return_in", "destroy", "sample"};

const std::vector<Table>& tables() {
    constexpr bool empty = false, optional = false;
    static const std::vector<Table> all = {
        {"operators",
         {{"id", Cell::id},
          {"type", Cell::type},
          {"headquarters", Cell::ref_operator, empty},
          {"region", Cell::region},
          {"scopes", Cell::text, empty},
          {"licence_from", Cell::time, empty},
          {"licence_to", Cell::time, empty},
          {"capacity", Cell::whole, empty, optional}}},
        {"products",
         {{"code", Cell::id},
          {"holder", Cell::text},
          {"class", Cell::text, empty},
          {"approved_from", Cell::time, empty, optional},
          {"approved_to", Cell::time, empty, optional}}},
        {"batches",
         {{"id", Cell::id},
          {"product", Cell::text},
          {"holder", Cell::text},
          {"produced_at", Cell::time},
          {"expires_at", Cell::time},
          {"recalled_at", Cell::time, empty}}},
        {"documents",
         {{"id", Cell::id},
          {"seller", Cell::ref_operator},
          {"buyer", Cell::ref_operator},
          {"batch", Cell::ref_batch, empty},
          {"quantity", Cell::whole}}},
        {"events",
         {{"event_id", Cell::id},
          {"code", Cell::code},
          {"action", Cell::action},
          {"actor", Cell::ref_operator},
          {"counterparty", Cell::ref_operator, empty},
          {"event_time", Cell::time},
          {"upload_time", Cell::time},
          {"batch", Cell::ref_batch, empty},
          {"document", Cell::ref_document, empty},
          {"split", Cell::flag, empty, optional},
          {"corrects", Cell::ref_event, empty, optional},
          {"owner", Cell::ref_operator, empty, optional},
          {"person", Cell::text, empty, optional},
          {"prescription", Cell::text, empty, optional}}},
        {"aggregation", {{"parent", Cell::id}, {"child", Cell::code}}},
        {"stock",
         {{"operator", Cell::ref_operator},
          {"product", Cell::text},
          {"batch", Cell::ref_batch},
          {"quantity", Cell::whole},
          {"counted_at", Cell::time}}},
        {"duties",
         {{"person", Cell::id}, {"operator", Cell::ref_operator}, {"from", Cell::time}, {"to", Cell::time}}},
        {"settlements", {{"code", Cell::code}, {"operator", Cell::ref_operator}, {"settled_at", Cell::time}}},
        {"listings",
         {{"id", Cell::id},
          {"operator", Cell::ref_operator},
          {"platform", Cell::text},
          {"product", Cell::text},
          {"title", Cell::text},
          {"captured_at", Cell::time},
          {"digest", Cell::text, empty}}},
    };
    return all;
}

/// The values of one column of a table of the example; rows that cannot be read are passed over.
std::set<std::string, std::less<>> values_of(const RuleExample& example, std::string_view table,
                                             std::string_view column) {
    std::set<std::string, std::less<>> out;
    const auto found = example.tables.find(table);
    if (found == example.tables.end()) return out;
    auto reader = CsvReader::create(found->second);
    if (!reader) return out;
    const auto at = reader->find_column(column);
    if (!at) return out;
    for (;;) {
        auto row = reader->next();
        if (!row) continue;
        if (!*row) return out;
        out.insert((*row)->cells[*at]);
    }
}

bool is_digits(std::string_view text, std::size_t length) {
    return text.size() == length && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// RFC 3339 with its offset: what every reader of the flat format understands.
bool is_time(std::string_view text) {
    constexpr std::size_t shortest = std::string_view("2025-01-01T00:00:00Z").size();
    return text.size() >= shortest && parse_instant(text).has_value();
}

class TableCheck {
 public:
    TableCheck(const RuleExample& example, std::string_view file, Place place, Problems& problems)
        : example_(example), file_(file), place_(place), problems_(problems) {}

    void run(const Table& table, std::string_view text) {
        auto reader = CsvReader::create(text);
        if (!reader) return refuse(1, 0, reader.error().message);
        if (!check_columns(table, reader->columns())) return;
        for (;;) {
            const auto row = reader->next();
            if (!row) {
                problems_.add(row.error().code, fmt::format("{}: {}", table.name, row.error().message),
                              where_of(file_, place_));
                return;
            }
            if (!*row) return;
            for (std::size_t at = 0; at < (*row)->cells.size(); ++at) {
                const auto column = std::ranges::find(table.columns, reader->columns()[at], &Column::name);
                check_cell(*column, (*row)->cells[at], (*row)->line, at + 1);
            }
        }
    }

 private:
    /// Line 1 of the text stands below the opening quotes.
    void refuse(std::uint64_t line, std::size_t cell, std::string message, std::string next = {}) {
        const Place place{place_.line + static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(cell)};
        problems_.add(ErrorCode::law_value_invalid, std::move(message), where_of(file_, place),
                      std::move(next));
    }

    bool check_columns(const Table& table, const std::vector<std::string>& columns) {
        bool good = true;
        for (const Column& column : table.columns)
            if (column.present && std::ranges::find(columns, column.name) == columns.end()) {
                refuse(1, 1, fmt::format("{} has no column '{}'", table.name, column.name));
                good = false;
            }
        for (std::size_t at = 0; at < columns.size(); ++at)
            if (std::ranges::find(table.columns, columns[at], &Column::name) == table.columns.end()) {
                refuse(1, at + 1, fmt::format("{} knows no column '{}'", table.name, columns[at]));
                good = false;
            }
        return good;
    }

    void check_cell(const Column& column, const std::string& value, std::uint64_t line, std::size_t cell) {
        if (value.empty()) {
            if (column.filled) refuse(line, cell, fmt::format("'{}' is empty", column.name));
            return;
        }
        if (!is_right(column.cell, value))
            refuse(line, cell, fmt::format("'{}' is no {}", value, column.name), expected(column.cell));
    }

    /// What may stand there, in words.
    static std::string expected(Cell cell) {
        switch (cell) {
            case Cell::id:
            case Cell::text: return {};
            case Cell::time: return "2025-01-31T08:00:00+08:00";
            case Cell::whole: return "a whole number";
            case Cell::flag: return "0 or 1";
            case Cell::action: return fmt::format("{}", fmt::join(actions, " "));
            case Cell::type: return fmt::format("{}", fmt::join(operator_types, " "));
            case Cell::region: return "six digits";
            case Cell::code: return "20 digits, or a parent of the table aggregation";
            case Cell::ref_operator: return "an id of the table operators";
            case Cell::ref_batch: return "an id of the table batches";
            case Cell::ref_document: return "an id of the table documents";
            case Cell::ref_event: return "an event_id of the table events";
        }
        return {};
    }

    bool is_right(Cell cell, const std::string& value) {
        switch (cell) {
            case Cell::id:
            case Cell::text: return true;
            case Cell::time: return is_time(value);
            case Cell::whole: return parse_integer(value).has_value();
            case Cell::flag: return value == "0" || value == "1";
            case Cell::action: return std::ranges::find(actions, value) != std::end(actions);
            case Cell::type: return std::ranges::find(operator_types, value) != std::end(operator_types);
            case Cell::region: return is_digits(value, 6);
            case Cell::code: return is_digits(value, 20) || is_listed("aggregation", "parent", value);
            case Cell::ref_operator: return is_listed("operators", "id", value);
            case Cell::ref_batch: return is_listed("batches", "id", value);
            case Cell::ref_document: return is_listed("documents", "id", value);
            case Cell::ref_event: return is_listed("events", "event_id", value);
        }
        return false;
    }

    bool is_listed(std::string_view table, std::string_view column, std::string_view value) const {
        return values_of(example_, table, column).contains(value);
    }

    const RuleExample& example_;
    std::string_view file_;
    Place place_;
    Problems& problems_;
};

void read_findings(TableReader& reader, RuleExample& example, Problems& problems) {
    for (const Placed& finding : reader.list("findings")) {
        const ExpectedFinding expected = parse_expected(finding.text);
        if (expected.rule.empty() || expected.key.empty())
            problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is not rule,key", finding.text),
                         reader.where(finding.place));
        else
            example.findings.push_back(finding.text);
    }
}

}  // namespace

RuleExample read_rule_example(const TomlNode& node, ExampleKind kind, const RuleExample* first,
                              std::string_view file, Problems& problems) {
    TableReader reader(node, file, problems);
    RuleExample out;
    out.where = reader.where();
    out.zh = reader.required("zh");
    out.en = reader.required("en");
    const std::string now = reader.text("now");
    if (now.empty() && first != nullptr)
        out.now = first->now;
    else if (const auto parsed = parse_instant(now); parsed && is_time(now))
        out.now = *parsed;
    else
        problems.add(ErrorCode::law_value_invalid, "'now' is a time with its offset", reader.where("now"),
                     "2026-01-01T00:00:00+08:00");
    if (first != nullptr) out.tables = first->tables;
    std::vector<std::pair<const Table*, Place>> given;
    for (const Table& table : tables()) {
        const std::size_t before = problems.errors().size();
        if (reader.find(table.name) == nullptr) continue;
        const std::string text = reader.text(table.name);
        if (problems.errors().size() != before) continue;
        out.tables[std::string(table.name)] = text;
        const auto at = std::ranges::find(node.entries, table.name, &TomlEntry::key);
        given.emplace_back(&table, at->node.place);
    }
    for (const auto& [table, place] : given)
        TableCheck(out, file, place, problems).run(*table, out.tables.find(table->name)->second);
    if (!out.tables.contains("operators"))
        problems.add(ErrorCode::law_key_missing, "an example has operators", out.where);
    if (kind == ExampleKind::example) read_findings(reader, out, problems);
    reader.finish();
    return out;
}

ExpectedFinding parse_expected(std::string_view text) {
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos) return {};
    return {text.substr(0, comma), text.substr(comma + 1)};
}

bool is_key_of(const RuleExample& example, FindingUnit unit, std::string_view key) {
    const std::string_view head = key.substr(0, key.find('/'));
    const auto listed = [&](std::string_view table, std::string_view column) {
        return values_of(example, table, column).contains(head);
    };
    switch (unit) {
        case FindingUnit::event: return listed("events", "event_id");
        case FindingUnit::code: return listed("events", "code") || listed("aggregation", "child");
        case FindingUnit::document: return listed("documents", "id") || listed("events", "prescription");
        case FindingUnit::person: return listed("events", "person") || listed("duties", "person");
        case FindingUnit::operator_unit: return listed("operators", "id");
        case FindingUnit::listing: return listed("listings", "id");
    }
    return false;
}

}  // namespace qingyuan::law
