#include "law/toml.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "base/text.hpp"

namespace qingyuan::law {

namespace {

Place place_of(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

/// toml++ keeps tables sorted by key; the order of the file is what a reader of problems expects.
bool stands_before(const TomlEntry& a, const TomlEntry& b) {
    return a.place.line != b.place.line ? a.place.line < b.place.line : a.place.column < b.place.column;
}

Result<TomlNode> converted(const toml::node& node, std::string_view file) {
    TomlNode out;
    out.place = place_of(node.source());
    if (const auto* table = node.as_table()) {
        out.kind = TomlKind::table;
        for (const auto& [key, value] : *table) {
            TomlNode child = TRY(converted(value, file));
            out.entries.push_back({std::string(key.str()), place_of(key.source()), std::move(child)});
        }
        std::sort(out.entries.begin(), out.entries.end(), stands_before);
        return out;
    }
    if (const auto* array = node.as_array()) {
        out.kind = TomlKind::array;
        for (const auto& item : *array) out.items.push_back(TRY(converted(item, file)));
        return out;
    }
    if (const auto* text = node.as_string()) {
        out.kind = TomlKind::text;
        out.text = text->get();
        return out;
    }
    if (const auto* whole = node.as_integer()) {
        out.kind = TomlKind::whole;
        out.whole = whole->get();
        return out;
    }
    if (const auto* boolean = node.as_boolean()) {
        out.kind = TomlKind::boolean;
        out.boolean = boolean->get();
        return out;
    }
    if (const auto* date = node.as_date()) {
        out.kind = TomlKind::date;
        out.date = make_date((*date)->year, (*date)->month, (*date)->day);
        return out;
    }
    return Error{ErrorCode::law_value_invalid,
                 "floating point and times are not used here",
                 where_of(file, out.place),
                 {},
                 "write a decimal as text: \"0.3\""};
}

}  // namespace

Result<TomlNode> parse_toml(std::string_view text, std::string_view file) {
    if (!is_utf8(text))
        return Error{ErrorCode::encoding_invalid, "the file is not UTF-8", fmt::format("{}:1:1", file)};
    try {
        const toml::table table = toml::parse(text, file);
        return converted(table, file);
    } catch (const toml::parse_error& error) {
        return Error{ErrorCode::toml_malformed, std::string(error.description()),
                     where_of(file, place_of(error.source()))};
    }
}

std::string where_of(std::string_view file, Place place) {
    return fmt::format("{}:{}:{}", file, place.line, place.column);
}

void Problems::add(ErrorCode code, std::string message, std::string where, std::string next) {
    errors_.push_back({code, std::move(message), std::move(where), {}, std::move(next)});
}

TableReader::TableReader(const TomlNode& table, std::string_view file, Problems& problems)
    : table_(table), file_(file), problems_(problems) {
    QY_ASSERT(table.kind == TomlKind::table);
}

const TomlNode* TableReader::find(std::string_view key) {
    taken_.push_back(key);
    for (const auto& entry : table_.entries)
        if (entry.key == key) return &entry.node;
    return nullptr;
}

const TomlNode* TableReader::take(std::string_view key, TomlKind kind, std::string_view expected) {
    const TomlNode* node = find(key);
    if (node == nullptr || node->kind == kind) return node;
    problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' must be {}", key, expected),
                  where(node->place));
    return nullptr;
}

std::string TableReader::text(std::string_view key) {
    const TomlNode* node = take(key, TomlKind::text, "a text");
    return node == nullptr ? std::string() : node->text;
}

std::string TableReader::required(std::string_view key) {
    const std::size_t before = problems_.errors().size();
    std::string value = text(key);
    if (value.empty() && problems_.errors().size() == before)
        problems_.add(ErrorCode::law_key_missing, fmt::format("'{}' is missing", key), where(key));
    return value;
}

std::string TableReader::identifier(std::string_view key) {
    std::string value = required(key);
    if (!value.empty() && !is_identifier(value))
        problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' is not an identifier", value),
                      where(key), "[a-z][a-z0-9_]*");
    return value;
}

bool TableReader::boolean(std::string_view key, bool absent) {
    const TomlNode* node = take(key, TomlKind::boolean, "true or false");
    return node == nullptr ? absent : node->boolean;
}

std::int64_t TableReader::whole(std::string_view key, std::int64_t absent) {
    const TomlNode* node = take(key, TomlKind::whole, "a whole number");
    return node == nullptr ? absent : node->whole;
}

Rational TableReader::decimal(std::string_view key) {
    const TomlNode* node = find(key);
    if (node == nullptr) {
        problems_.add(ErrorCode::law_key_missing, fmt::format("'{}' is missing", key), where(key));
        return {};
    }
    constexpr std::int64_t whole_max = 1'000'000'000'000;  // products with it stay within 64 bits
    if (node->kind == TomlKind::whole && std::abs(node->whole) <= whole_max) return Rational(node->whole);
    if (node->kind == TomlKind::text)
        if (auto value = parse_decimal(node->text)) return *value;
    problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' must be a number", key),
                  where(node->place));
    return {};
}

Date TableReader::date(std::string_view key, Date absent) {
    const TomlNode* node = take(key, TomlKind::date, "a date without quotes");
    return node == nullptr ? absent : node->date;
}

std::vector<Placed> TableReader::list(std::string_view key) {
    std::vector<Placed> out;
    const TomlNode* node = take(key, TomlKind::array, "a list of texts");
    if (node == nullptr) return out;
    for (const auto& item : node->items) {
        if (item.kind == TomlKind::text && !item.text.empty())
            out.push_back({item.text, item.place});
        else
            problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' lists texts", key),
                          where(item.place));
    }
    return out;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
    std::vector<std::string> out;
    for (auto& item : list(key)) out.push_back(std::move(item.text));
    return out;
}

std::vector<const TomlNode*> TableReader::tables(std::string_view key) {
    std::vector<const TomlNode*> out;
    const TomlNode* node = take(key, TomlKind::array, "a list of tables");
    if (node == nullptr) return out;
    for (const auto& item : node->items) {
        if (item.kind == TomlKind::table)
            out.push_back(&item);
        else
            problems_.add(ErrorCode::law_value_invalid, fmt::format("'{}' lists tables", key),
                          where(item.place));
    }
    return out;
}

std::string TableReader::where(std::string_view key) const {
    for (const auto& entry : table_.entries)
        if (entry.key == key) return where(entry.node.place);
    return where();
}

void TableReader::finish() {
    for (const auto& entry : table_.entries)
        if (std::find(taken_.begin(), taken_.end(), entry.key) == taken_.end())
            problems_.add(ErrorCode::law_key_unknown, fmt::format("no key '{}' here", entry.key),
                          where(entry.place));
}

}  // namespace qingyuan::law
