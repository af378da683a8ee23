// A CSV file of the law, row by row, with its problems at file:line:cell. Inside the room only.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "law/book.hpp"

namespace qingyuan::law {

class CsvTable {
 public:
    /// column_missing, column_unknown (unless `open`), and what CsvReader refuses, are problems; then there
    /// are no rows.
    CsvTable(const LawFile& file, std::initializer_list<std::string_view> required,
             std::initializer_list<std::string_view> optional, Problems& problems, bool open = false);

    /// Moves to the next row; a row that cannot be read is a problem and passed over.
    bool next();

    [[nodiscard]] const std::string& text(std::string_view column) const;  ///< "" where the column is absent
    [[nodiscard]] const std::string& required(
        std::string_view column);  ///< law_key_missing where it is empty
    [[nodiscard]] std::string identifier(std::string_view column);
    [[nodiscard]] Date date(std::string_view column, Date absent);
    [[nodiscard]] InForce in_force();                         ///< columns from and to
    [[nodiscard]] Status status();                            ///< column status
    [[nodiscard]] bool flag(std::string_view column);         ///< yes, or empty for no
    [[nodiscard]] Rational decimal(std::string_view column);  ///< 0 where it is empty
    [[nodiscard]] std::string where(std::string_view column) const;
    [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
    [[nodiscard]] Problems& problems() { return problems_; }

 private:
    std::string file_;
    Problems& problems_;
    std::optional<CsvReader> reader_;
    std::vector<std::string> columns_;
    std::map<std::string, std::size_t, std::less<>> column_at_;
    CsvRow row_{};
};

/// "verified" or "unverified", "" counts as verified; anything else is law_value_invalid.
[[nodiscard]] Status parse_status(std::string_view text, const std::string& where, Problems& problems);

}  // namespace qingyuan::law
