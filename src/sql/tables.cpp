#include "sql/tables.hpp"

#include <algorithm>
#include <bit>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::sql {

using facts::RowType;
using journal::Branch;
using journal::Compare;
using journal::Condition;
using journal::Key;
using journal::Query;
using journal::StoredRow;

namespace {

// Text that follows every text with a given prefix, in the order of bytes both databases use.
constexpr std::string_view last_character = "\xF4\x8F\xBF\xBF";

constexpr std::size_t remembered_max = 4'096;
constexpr int remembered_uses = 64;

std::string_view comparison(Compare compare) {
    switch (compare) {
        case Compare::equal: return "=";
        case Compare::not_equal: return "<>";
        case Compare::less: return "<";
        case Compare::less_equal: return "<=";
        case Compare::greater: return ">";
        case Compare::greater_equal: return ">=";
        case Compare::prefix:
        case Compare::one_of:
        case Compare::none_of: break;
    }
    bug("a comparison with one value", __FILE__, __LINE__);
}

/// A text as JSON writes it; what is not ASCII stays as it is.
std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += fmt::format("\\{}", c);
        else if (static_cast<std::uint8_t>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
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
        if (!type.has_own_index(field)) continue;
        // In SQLite every index already ends in the whole-number key.
        const bool ends_in_key = dialect == Dialect::sqlite && type.holds_integer(key);
        indexes += fmt::format("CREATE INDEX {0}_by_{1} ON {0} ({1}{2});\n", table, field,
                               ends_in_key ? "" : ", " + key);
    }
    for (const auto& composite : type.composites) {
        if (composite.front().empty()) continue;
        std::string fields;
        for (std::size_t i = 0; i < composite.size() && !composite[i].empty(); ++i) {
            QY_ASSERT(composite[i] == key ||
                      std::ranges::find(type.indexed, composite[i]) != type.indexed.end());
            fields += fmt::format("{}{}", i == 0 ? "" : ", ", composite[i]);
        }
        indexes += fmt::format("CREATE INDEX {0}_by_{1} ON {0} ({2});\n", table, composite.front(), fields);
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

class Table::Where {
 public:
    Where(const Table& table, Bound& bound) : table_(&table), bound_(&bound) {}

    void add(const Condition& wanted, bool leads = true) {
        if (wanted.values.empty() &&
            (wanted.compare == Compare::one_of || wanted.compare == Compare::none_of)) {
            if (wanted.compare == Compare::one_of) term("1 = 0");
            return;
        }
        QY_ASSERT(!wanted.values.empty() && table_->known(wanted.field, wanted.values.front()));
        // A sign before a column keeps SQLite, which does not know how often a value occurs, from its index.
        const std::string field =
            fmt::format("{}{}", leads || table_->dialect_ == Dialect::postgres ? "" : "+", wanted.field);
        if (wanted.compare == Compare::prefix) {
            const std::string from = bind(wanted.values[0]);
            term(fmt::format("{0} >= {1} AND {0} < {1} || '{2}'", field, from, last_character));
        } else if (wanted.compare == Compare::one_of || wanted.compare == Compare::none_of) {
            term(fmt::format("{} {}IN ({})", field, wanted.compare == Compare::one_of ? "" : "NOT ",
                             list(wanted.values)));
        } else {
            term(fmt::format("{} {} {}", field, comparison(wanted.compare), bind(wanted.values[0])));
        }
    }
    /// Behind the last row of the page before.
    void behind(const Query& query, bool leads = true) {
        const Table& table = *table_;
        const std::string_view sign = query.descending ? "<" : ">";
        if (!query.after_key) return;
        if (query.order_by.empty() || query.order_by == table.type_.key) {
            term(fmt::format("{} {} {}", table.type_.key, sign, bind(*query.after_key)));
        } else if (query.after_order) {
            QY_ASSERT(table.known(query.order_by, *query.after_order));
            const std::string order = bind(*query.after_order), key = bind(*query.after_key);
            term(fmt::format("({}{}, {}) {} ({}, {})",
                             leads || table.dialect_ == Dialect::postgres ? "" : "+", query.order_by,
                             table.type_.key, sign, order, key));
        }
    }
    [[nodiscard]] std::string limit(std::uint64_t rows) {
        bound_->values.emplace_back(static_cast<std::int64_t>(std::min<std::uint64_t>(rows, INT64_MAX)));
        return fmt::format("${}", bound_->values.size());
    }
    void term(const std::string& text) { text_ += (text_.empty() ? " WHERE " : " AND ") + text; }
    [[nodiscard]] const std::string& text() const { return text_; }

 private:
    std::string bind(const Key& value) {
        bound_->values.push_back(parameter(value));
        return fmt::format("${}", bound_->values.size());
    }
    /// A short list is filled up to a power of two, so that few statements serve lists of every length; a
    /// long one is one value, a JSON array.
    std::string list(const std::vector<Key>& values) {
        constexpr std::size_t bound_max = 32;
        std::string out;
        if (values.size() <= bound_max) {
            for (std::size_t i = 0; i < std::bit_ceil(values.size()); ++i)
                out += (i == 0 ? "" : ", ") + bind(values[std::min(i, values.size() - 1)]);
            return out;
        }
        const bool whole = std::holds_alternative<std::int64_t>(values.front());
        std::string& made = bound_->made.emplace_back("[");
        for (const Key& value : values) {
            if (made.size() > 1) made += ',';
            if (whole)
                made += std::to_string(std::get<std::int64_t>(value));
            else
                made += json_text(std::get<std::string>(value));
        }
        made += ']';
        bound_->values.emplace_back(std::string_view(made));
        const std::string_view text = table_->dialect_ == Dialect::sqlite ? "SELECT value FROM json_each(${})"
                                      : whole
                                          ? "SELECT value::bigint FROM json_array_elements_text(${}::json)"
                                          : "SELECT value FROM json_array_elements_text(${}::json)";
        return fmt::format(fmt::runtime(text), bound_->values.size());
    }

    const Table* table_;
    Bound* bound_;
    std::string text_;
};

const Statement& Table::made(std::string_view name, std::string text) {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(text);
    if (found != queries_.end()) return found->second;
    Statement statement{fmt::format("{}.{}", type_.table, name), text};
    return queries_.emplace(std::move(text), std::move(statement)).first->second;
}

/// The order of a query: by a field and the key, or by the key alone.
struct Table::Order {
    Order(const Table& table, const Query& query)
        : key(table.type_.key),
          by_key(query.order_by.empty() || query.order_by == key),
          by(by_key ? key : query.order_by),
          direction(query.descending ? " DESC" : "") {}
    [[nodiscard]] std::string text(std::string_view sign = {}) const {
        return by_key ? fmt::format("{}{}{}", sign, key, direction)
                      : fmt::format("{0}{1}{2}, {3}{2}", sign, by, direction, key);
    }
    std::string_view key;
    bool by_key;
    std::string_view by;
    std::string_view direction;
};

const Statement& Table::list(const Query& query, Bound& bound) {
    QY_ASSERT(query.any.empty());
    Where where(*this, bound);
    for (const Condition& wanted : query.where) where.add(wanted);
    where.behind(query);
    const std::string limit = where.limit(query.limit);
    return made("list", fmt::format("SELECT {}, row_bytes, checksum FROM {}{} ORDER BY {} LIMIT {}", columns_,
                                    type_.table, where.text(), Order(*this, query).text(), limit));
}

const Statement& Table::keys(const Query& query, const Branch& branch, Path path, Bound& bound) {
    if (path.walk > 0) return walk(query, branch, path.walk, bound);
    const Order order(*this, query);
    Where where(*this, bound);
    for (std::size_t i = 0; i < branch.size(); ++i) where.add(branch[i], i == 0 && path.leader.empty());
    for (const Condition& wanted : query.where) where.add(wanted, wanted.field == path.leader);
    where.behind(query, false);
    const std::string limit = where.limit(query.limit);
    // Both databases are kept from walking the order's index, which they would do for the sake of the limit.
    const std::string text = dialect_ == Dialect::postgres
                                 ? "SELECT {0}, {1} FROM (SELECT {7} FROM {2}{3} OFFSET 0) AS "
                                   "gathered ORDER BY {4} LIMIT {5}"
                                 : "SELECT {0}, {1} FROM {2}{3} ORDER BY {6} LIMIT {5}";
    return made("gather", fmt::format(fmt::runtime(text), order.by, order.key, type_.table, where.text(),
                                      order.text(), limit, order.text("+"),
                                      order.by_key ? std::string(order.key)
                                                   : fmt::format("{}, {}", order.by, order.key)));
}

const Statement& Table::walk(const Query& query, const Branch& branch, std::uint64_t rows, Bound& bound) {
    const Order order(*this, query);
    Where where(*this, bound);
    std::vector<const Condition*> filters;
    std::string fields(order.by_key ? std::string(order.key) : fmt::format("{}, {}", order.by, order.key));
    std::set<std::string_view> named{order.key, order.by};
    bool by_is_one_value = false;
    for (const auto* conditions : {&query.where, &branch})
        for (const Condition& wanted : *conditions) {
            if (named.insert(wanted.field).second) fields += fmt::format(", {}", wanted.field);
            if (wanted.field != order.by) {
                filters.push_back(&wanted);
                continue;
            }
            where.add(wanted);
            by_is_one_value |= wanted.compare == Compare::equal;
        }
    where.behind(query);
    const std::string window = where.limit(rows), limit = where.limit(query.limit);
    if (dialect_ == Dialect::postgres) {
        // It sees that the rows come in order, and stops at the limit.
        Where outside(*this, bound);
        for (const Condition* wanted : filters) outside.add(*wanted);
        return made("walk", fmt::format("SELECT {0}, {1} FROM (SELECT {2} FROM {3}{4} ORDER BY {5} LIMIT "
                                        "{6}) AS walked{7} ORDER BY {5} LIMIT {8}",
                                        order.by, order.key, fields, type_.table, where.text(), order.text(),
                                        window, outside.text(), limit));
    }
    // SQLite would put them in order once more; it is told where the walk ends instead.
    const std::string_view field = by_is_one_value ? order.key : order.by;
    const std::string_view far = !type_.holds_integer(field) ? (query.descending ? "''" : "char(1114111)")
                                 : query.descending          ? "-9223372036854775807"
                                                             : "9223372036854775807";
    where.term(fmt::format("{} {} coalesce((SELECT {} FROM {}{} ORDER BY {} LIMIT 1 OFFSET {}), {})", field,
                           query.descending ? ">=" : "<=", field, type_.table, where.text(), order.text(),
                           window, far));
    for (const Condition* wanted : filters) where.add(*wanted, false);
    return made("walk", fmt::format("SELECT {}, {} FROM {}{} ORDER BY {} LIMIT {}", order.by, order.key,
                                    type_.table, where.text(), order.text(), limit));
}

std::string Table::united(const Query& query, std::string_view leader, const std::string& fields,
                          std::string_view limit, Bound& bound) const {
    if (query.any.empty()) {
        Where where(*this, bound);
        for (const Condition& wanted : query.where) where.add(wanted);
        return fmt::format("SELECT {} FROM {}{}{}", fields, type_.table, where.text(), limit);
    }
    std::string out;
    for (const Branch& branch : query.any) {
        Where where(*this, bound);
        for (std::size_t i = 0; i < branch.size(); ++i) where.add(branch[i], i == 0 && leader.empty());
        for (const Condition& wanted : query.where) where.add(wanted, wanted.field == leader);
        const std::string rows =
            fmt::format("SELECT {} FROM {}{}{}", fields, type_.table, where.text(), limit);
        if (query.any.size() == 1) return rows;
        out += fmt::format("{}SELECT * FROM ({}) AS branch", out.empty() ? "" : " UNION ", rows);
    }
    return out;
}

const Statement& Table::count(const Query& query, std::string_view leader, std::uint64_t at_most,
                              Bound& bound) {
    Where first(*this, bound);
    const std::string limit = first.limit(at_most == UINT64_MAX ? at_most : at_most + 1);
    return made("count",
                fmt::format("SELECT count(*) FROM (SELECT * FROM ({}) AS united LIMIT {}) AS counted",
                            united(query, leader, std::string(type_.key), " LIMIT " + limit, bound), limit));
}

const Statement& Table::tally(const Query& query, std::string_view leader,
                              const std::vector<std::string_view>& fields, Bound& bound) {
    std::string names;
    for (const std::string_view field : fields)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", field);
    const std::string key(type_.key);
    const std::string rows =
        united(query, leader, query.any.size() > 1 ? key + ", " + names : names, {}, bound);
    return made("tally", fmt::format("SELECT {0}, count(*) FROM ({1}) AS united GROUP BY {0}", names, rows));
}

std::string Table::question(const Statement& statement, const Bound& bound) {
    std::string out = statement.text;
    for (const Parameter& value : bound.values)
        if (const auto* whole = std::get_if<std::int64_t>(&value))
            out += fmt::format("\n{}", *whole);
        else if (const auto* text = std::get_if<std::string_view>(&value))
            out += fmt::format("\n{}:{}", text->size(), *text);
    return out;
}

std::optional<bool> Table::recall(const std::string& question) {
    const std::lock_guard lock(mutex_);
    const auto found = remembered_.find(question);
    if (found == remembered_.end()) return {};
    const bool answer = found->second.answer;
    if (--found->second.uses <= 0) remembered_.erase(found);
    return answer;
}

void Table::remember(const std::string& question, bool answer) {
    const std::lock_guard lock(mutex_);
    if (remembered_.size() >= remembered_max) remembered_.clear();
    remembered_.insert_or_assign(question, Remembered{answer, remembered_uses});
}

const Statement& Table::update(std::uint32_t changed) {
    std::string assignments;
    std::size_t number = 0;
    for (std::size_t i = 0; i < indexed_; ++i)
        if ((changed >> i & 1) != 0) assignments += fmt::format("{} = ${}, ", type_.indexed[i], ++number);
    return made("update",
                fmt::format("UPDATE {} SET {}row_bytes = ${}, checksum = ${} WHERE {} = ${}", type_.table,
                            assignments, number + 1, number + 2, type_.key, number + 3));
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
