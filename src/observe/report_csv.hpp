// Reports of suspected adverse reactions as a table: one row a report, the columns of report_columns. What a
// bureau would keep is kept: an unknown word or an impossible age becomes a missing value and a warning; only
// a row without number, drug or reaction, or with a receipt that cannot be, is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/safety_report.hpp"
#include "observe/row_problems.hpp"

namespace qingyuan::law {
class Law;
}

namespace qingyuan::observe {

/// What a cell may say, in any language of the vocabulary, and the code that stands for it.
struct ReportWords {
    using Words = std::map<std::string, std::string, std::less<>>;
    Words kind, sex, seriousness, outcome, causality;
};
/// The vocabularies product_classes, report_seriousness, adr_outcome and adr_causality with the usual other
/// spellings (严重, 新的一般, 男性).
[[nodiscard]] ReportWords report_words(const law::Law& law);

/// The table's columns in their order. `kind` (drug device cosmetic vaccine) may follow them. Columns that
/// may not be absent: report_no, receive_date, onset_date, drug, reactions.
[[nodiscard]] const std::vector<std::string>& report_columns();

struct ReportTable {
    std::vector<facts::SafetyReport> reports;
    std::vector<std::uint64_t> lines;  ///< of the reports, header = 1
    std::uint64_t repeated = 0;        ///< rows that say the same again: passed over
    RowProblems problems;              ///< rows that were not taken
    RowProblems warnings;              ///< of rows that were taken: what was set to missing or looks wrong
};

constexpr double report_age_years_max = 130, report_weight_kg_max = 400;
constexpr std::size_t report_reactions_max = 200;  ///< terms of one report

/// Reads a whole table. UTF-8; other encodings and gzip are for the caller (document::decode_text, gunzip).
/// `today`: no date may be later. Several suspect products of a report are joined with `|`, and so are their
/// approval numbers, makers and batches in the same order.
/// Errors: csv_malformed, encoding_invalid, cell_too_large, duplicate_key (a column twice), column_missing
/// (naming all that are), column_unknown.
[[nodiscard]] Result<ReportTable> read_report_csv(std::string_view text, const ReportWords& words,
                                                  Date today);

}  // namespace qingyuan::observe
