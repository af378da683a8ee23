#include "sql/tables.hpp"

#include <bit>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::sql {

using facts::RowType;
using journal::Compare;
using journal::Condition;
using journal::Key;
using journal::Query;
using journal::StoredRow;

namespace {

// Text that follows every text with a given prefix, in the order of bytes both databases use.
constexpr std::string_view last_character = "\xF4\x8F\xBF\xBF";

std::string_view comparison(Compare compare) {
    switch (compare) {
        case Compare::equal: return "=";
        case Compare::not_equal: return "<>";
        case Compare::less: return "<";
        case Compare::less_equal: return "<=";
        case Compare::greater: return ">";
        case Compare::greater_equal: return ">=";
        case Compare::prefix:
        case Compare::one_of: break;
    }
    bug("a comparison with one value", __FILE__, __LINE__);
}

class Fnv {
 public:
    void add(std::string_view bytes) {
        number(static_cast<std::int64_t>(bytes.size()));
        for (const char c : bytes) byte(static_cast<std::uint8_t>(c));
    }
    void number(std::int64_t value) {
        for (int i = 0; i < 8; ++i)
            byte(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
    }
    void add(const Key& key) {
        if (const auto* whole = std::get_if<std::int64_t>(&key))
            number(*whole);
        else
            add(std::string_view(std::get<std::string>(key)));
    }
    [[nodiscard]] std::int64_t value() const { return static_cast<std::int64_t>(state_); }

 private:
    void byte(std::uint8_t value) { state_ = (state_ ^ value) * 0x100000001B3; }
    std::uint64_t state_ = 0xCBF29CE484222325;
};

}  // namespace

Parameter parameter(const Key& key) {
    if (const auto* whole = std::get_if<std::int64_t>(&key)) return *whole;
    return std::string_view(std::get<std::string>(key));
}

Table::Table(const RowType& type, Dialect dialect) : type_(type), dialect_(dialect) {
    QY_ASSERT(is_identifier(type.table) && is_identifier(type.key));
    const auto word = [&](std::string_view field) { return type.holds_integer(field) ? "integer" : "text"; };
    const std::string table(type.table), key(type.key);
    columns_ = key;
    std::string types = word(key), assignments,
                definitions = fmt::format("    {} {{{}}} PRIMARY KEY,\n", key, word(key)), indexes;
    for (; indexed_ < type.indexed.size() && !type.indexed[indexed_].empty(); ++indexed_) {
        const std::string field(type.indexed[indexed_]);
        QY_ASSERT(is_identifier(field));
        columns_ += ", " + field;
        types += std::string(" ") + word(field);
        assignments += fmt::format("{0} = excluded.{0}, ", field);
        definitions += fmt::format("    {} {{{}}} NOT NULL,\n", field, word(field));
        // In SQLite every index already ends in the whole-number key.
        const bool ends_in_key = dialect == Dialect::sqlite && type.holds_integer(key);
        indexes += fmt::format("CREATE INDEX {0}_by_{1} ON {0} ({1}{2});\n", table, field,
                               ends_in_key ? "" : ", " + key);
    }
    create_ = render(fmt::format("CREATE TABLE {} (\n{}    row_bytes {{bytes}} NOT NULL,\n    checksum "
                                 "{{integer}} NOT NULL\n);\n{}",
                                 table, definitions, indexes),
                     dialect);
    const auto named = [&](std::string_view name, const std::string& text) {
        return Statement{fmt::format("{}.{}", table, name), render(text, dialect)};
    };
    upsert = named("upsert", fmt::format("INSERT INTO {} ({}, row_bytes, checksum) {{rows {} bytes integer}} "
                                         "ON CONFLICT ({}) DO UPDATE SET "
                                         "{}row_bytes = excluded.row_bytes, checksum = excluded.checksum",
                                         table, columns_, types, key, assignments));
    replace = named("replace",
                    fmt::format("UPDATE {} SET row_bytes = $1, checksum = $2 WHERE {} = $3", table, key));
    find = named("find",
                 fmt::format("SELECT {}, row_bytes, checksum FROM {} WHERE {} = $1", columns_, table, key));
    erase = named("erase", fmt::format("DELETE FROM {} WHERE {} = $1", table, key));
    clear = named("clear", fmt::format("DELETE FROM {}", table));
}

bool Table::known(std::string_view field, const Key& value) const {
    if (type_.holds_integer(field) != std::holds_alternative<std::int64_t>(value)) return false;
    if (field == type_.key) return true;
    for (std::size_t i = 0; i < indexed_; ++i)
        if (type_.indexed[i] == field) return true;
    return false;
}

const Statement& Table::query(const Query& query, bool counted, std::vector<Parameter>& values) {
    std::string text = counted ? fmt::format("SELECT count(*) FROM {}", type_.table)
                               : fmt::format("SELECT {}, row_bytes, checksum FROM {}", columns_, type_.table);
    std::string_view joint = " WHERE ";
    const auto bind = [&](const Key& value) {
        values.push_back(parameter(value));
        return fmt::format("${}", values.size());
    };
    const auto condition = [&](const std::string& term) {
        text += joint;
        text += term;
        joint = " AND ";
    };
    for (const Condition& wanted : query.where) {
        if (wanted.compare == Compare::one_of && wanted.values.empty()) {
            condition("1 = 0");
            continue;
        }
        QY_ASSERT(!wanted.values.empty() && known(wanted.field, wanted.values.front()));
        if (wanted.compare == Compare::prefix) {
            const std::string from = bind(wanted.values[0]);
            condition(fmt::format("{0} >= {1} AND {0} < {1} || '{2}'", wanted.field, from, last_character));
        } else if (wanted.compare == Compare::one_of) {
            // The list is filled up to a power of two, so that few statements serve lists of every length.
            std::string list = bind(wanted.values[0]);
            for (std::size_t i = 1; i < std::bit_ceil(wanted.values.size()); ++i)
                list += ", " + bind(wanted.values[std::min(i, wanted.values.size() - 1)]);
            condition(fmt::format("{} IN ({})", wanted.field, list));
        } else {
            condition(
                fmt::format("{} {} {}", wanted.field, comparison(wanted.compare), bind(wanted.values[0])));
        }
    }
    if (!counted) {
        const std::string_view behind = query.descending ? "<" : ">",
                               direction = query.descending ? " DESC" : "";
        const bool by_key = query.order_by.empty() || query.order_by == type_.key;
        if (query.after_key && by_key) {
            condition(fmt::format("{} {} {}", type_.key, behind, bind(*query.after_key)));
        } else if (query.after_key && query.after_order) {
            QY_ASSERT(known(query.order_by, *query.after_order));
            const std::string order = bind(*query.after_order), key = bind(*query.after_key);
            condition(fmt::format("({}, {}) {} ({}, {})", query.order_by, type_.key, behind, order, key));
        }
        text += by_key ? fmt::format(" ORDER BY {}{}", type_.key, direction)
                       : fmt::format(" ORDER BY {0}{2}, {1}{2}", query.order_by, type_.key, direction);
        values.emplace_back(static_cast<std::int64_t>(std::min<std::uint64_t>(query.limit, INT64_MAX)));
        text += fmt::format(" LIMIT ${}", values.size());
    }
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(text);
    if (found != queries_.end()) return found->second;
    Statement statement{fmt::format("{}.{}", type_.table, counted ? "count" : "list"), text};
    return queries_.emplace(std::move(text), std::move(statement)).first->second;
}

Result<StoredRow> Table::read(const Row& row, const Key* key) const {
    const auto value = [&](std::string_view field, int column) {
        return type_.holds_integer(field) ? Key(row.integer(column)) : Key(std::string(row.text(column)));
    };
    StoredRow out{value(type_.key, 0), {}, {}};
    out.indexed.reserve(indexed_);
    for (std::size_t i = 0; i < indexed_; ++i)
        out.indexed.push_back(value(type_.indexed[i], static_cast<int>(i) + 1));
    out.blob = row.bytes(static_cast<int>(indexed_) + 1);
    if (checksum(out) != row.integer(static_cast<int>(indexed_) + 2) || (key && out.key != *key)) {
        const std::string shown = std::holds_alternative<std::int64_t>(out.key)
                                      ? std::to_string(std::get<std::int64_t>(out.key))
                                      : std::get<std::string>(out.key);
        return Error{ErrorCode::store_corrupt,
                     "the row does not match its checksum",
                     fmt::format("{} {}", type_.table, shown),
                     {},
                     "run `qingyuan journal verify`, then `qingyuan journal rebuild`"};
    }
    return out;
}

std::int64_t Table::checksum(const StoredRow& row) {
    Fnv sum;
    sum.add(row.key);
    for (const Key& key : row.indexed) sum.add(key);
    sum.add(std::string_view(row.blob));
    return sum.value();
}

}  // namespace qingyuan::sql
