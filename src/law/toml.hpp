// TOML as the loader needs it: a tree of our own with the place of every key and value, read by toml++ in one
// file (toml.cpp), and a reader that takes keys one by one and reports every key nobody asked for. Floating
// point is refused: decimals are text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/rational.hpp"
#include "base/result.hpp"

namespace qingyuan::law {

/// Line and column in a file, both from 1; columns count code points.
struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

enum class TomlKind : std::uint8_t { text, whole, boolean, date, array, table };

struct TomlEntry;
struct TomlNode {
    TomlKind kind = TomlKind::table;
    Place place;
    std::string text;
    std::int64_t whole = 0;
    bool boolean = false;
    Date date;
    std::vector<TomlNode> items;     ///< of an array
    std::vector<TomlEntry> entries;  ///< of a table, in the order of the file
};
struct TomlEntry {
    std::string key;
    Place place;
    TomlNode node;
};

/// Errors: toml_malformed (a duplicate key too), law_value_invalid for a float or a time; `where` is
/// file:line:column.
[[nodiscard]] Result<TomlNode> parse_toml(std::string_view text, std::string_view file);

/// file:line:column
[[nodiscard]] std::string where_of(std::string_view file, Place place);

/// What is wrong with the law, all of it, in the order found.
class Problems {
 public:
    void add(ErrorCode code, std::string message, std::string where, std::string next = {});
    void add(Error error) { errors_.push_back(std::move(error)); }
    [[nodiscard]] bool empty() const { return errors_.empty(); }
    [[nodiscard]] const std::vector<Error>& errors() const { return errors_; }

 private:
    std::vector<Error> errors_;
};

/// A word of a list and where it stands.
struct Placed {
    std::string text;
    Place place;
};

/// Takes the keys of one table. A missing key, a wrong kind and, when `finish` is called, every key not asked
/// for is a problem.
class TableReader {
 public:
    TableReader(const TomlNode& table, std::string_view file, Problems& problems);

    [[nodiscard]] const TomlNode* find(std::string_view key);
    [[nodiscard]] std::string text(std::string_view key);  ///< "" where it is absent
    [[nodiscard]] std::string required(
        std::string_view key);  ///< law_key_missing where it is absent or empty
    [[nodiscard]] std::string identifier(std::string_view key);  ///< required, [a-z][a-z0-9_]*
    [[nodiscard]] bool boolean(std::string_view key, bool absent = false);
    [[nodiscard]] std::int64_t whole(std::string_view key, std::int64_t absent = 0);
    [[nodiscard]] Rational decimal(std::string_view key);  ///< required; a whole number or a decimal as text
    [[nodiscard]] Date date(std::string_view key, Date absent);
    [[nodiscard]] std::vector<Placed> list(std::string_view key);  ///< of texts; empty where it is absent
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);       ///< the same without places
    [[nodiscard]] std::vector<const TomlNode*> tables(std::string_view key);  ///< [[key]] or key = [{…}]

    /// Where the key's value stands, or the table where it is absent.
    [[nodiscard]] std::string where(std::string_view key) const;
    [[nodiscard]] std::string where(Place place) const { return where_of(file_, place); }
    [[nodiscard]] std::string where() const { return where_of(file_, table_.place); }
    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] Problems& problems() { return problems_; }

    void finish();  ///< law_key_unknown for every key that was not taken

 private:
    const TomlNode* take(std::string_view key, TomlKind kind, std::string_view expected);

    const TomlNode& table_;
    std::string file_;
    Problems& problems_;
    std::vector<std::string_view> taken_;
};

}  // namespace qingyuan::law
