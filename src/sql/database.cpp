#include "sql/database.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::sql {

namespace {

std::string_view column_type(std::string_view word, Dialect dialect) {
    const bool sqlite = dialect == Dialect::sqlite;
    if (word == "integer") return sqlite ? "INTEGER" : "bigint";
    if (word == "bytes") return sqlite ? "BLOB" : "bytea";
    if (word == "text") return sqlite ? "TEXT" : "text COLLATE \"C\"";
    bug("a type word of a statement", __FILE__, __LINE__);
}

std::string rows_clause(std::string_view words, Dialect dialect) {
    std::string list;
    int number = 0;
    for (const std::string& word : split(words, ' ')) {
        if (word.empty()) continue;
        if (!list.empty()) list += ", ";
        const std::string_view array = word == "text" ? "text" : column_type(word, dialect);
        if (dialect == Dialect::sqlite)
            list += fmt::format("${}", ++number);
        else
            list += fmt::format("${}::{}[]", ++number, array);
    }
    return dialect == Dialect::sqlite ? "VALUES (" + list + ")" : "SELECT * FROM unnest(" + list + ")";
}

}  // namespace

std::string render(std::string_view text, Dialect dialect, std::string_view journal) {
    std::string out;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        out += text.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = text.find('}', open);
        QY_ASSERT(close != std::string_view::npos);
        const std::string_view word = text.substr(open + 1, close - open - 1);
        text.remove_prefix(close + 1);
        if (word == "journal") {
            QY_ASSERT(is_identifier(journal));
            out += journal;
        } else if (word == "for_update") {
            if (dialect == Dialect::postgres) out += "FOR UPDATE";
        } else if (word.starts_with("rows ")) {
            out += rows_clause(word.substr(5), dialect);
        } else {
            out += column_type(word, dialect);
        }
    }
    return out;
}

}  // namespace qingyuan::sql
