// Tables that come in: organisations, operators, licences, people, products, and figures reported by others.
// Columns: docs/import.md (the same tables as import_columns.cpp). The wrong header refuses the file, a wrong
// row only itself.
//
// What is accepted becomes one batch_received fact and one fact a row, all in one write. A row equal to what
// the registry holds is a duplicate: a file imported twice appends nothing. Personal values go to the vault
// before a fact is made.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/personal.hpp"
#include "journal/evidence.hpp"
#include "journal/journal.hpp"
#include "law/law.hpp"
#include "law/statistics.hpp"

namespace qingyuan::registry {

enum class ImportKind : std::uint8_t { organisations, operators, licences, people, products, figures };
[[nodiscard]] std::string_view name_of(ImportKind kind);
[[nodiscard]] std::optional<ImportKind> find_import_kind(std::string_view name);

/// A column of a table, as documented.
struct ImportColumn {
    std::string_view name;
    bool required = false;  ///< the column must be there and its cells filled
    std::string_view zh;
    std::string_view en;
    std::string_view example;
};
[[nodiscard]] std::span<const ImportColumn> columns_of(ImportKind kind);

constexpr std::size_t import_bytes_max = 256 * 1024 * 1024;  ///< of a file; larger ones are too_large
constexpr std::size_t import_cell_bytes_max = 64 * 1024;     ///< of a cell: a fact holds no longer text
constexpr std::size_t import_problems_max = 10'000;          ///< listed in a report; all are counted

/// Why a row was rejected. A row with several faults has several of them.
struct RowProblem {
    std::uint64_t line = 0;  ///< of the file, header = 1
    std::string field;       ///< column, or empty where the row as a whole is wrong
    ErrorCode code{};
    std::string message;
    std::string next;  ///< what to do
};

struct ImportReport {
    ImportKind kind{};
    std::uint64_t accepted = 0;
    std::uint64_t duplicate = 0;
    std::uint64_t rejected = 0;
    std::vector<RowProblem> rows;  ///< by line, at most import_problems_max
    std::uint64_t omitted = 0;     ///< problems not listed
    std::uint64_t batch = 0;       ///< sequence number of the batch fact, 0 = nothing was appended
    std::uint64_t facts = 0;       ///< appended, the batch included
    std::string evidence;          ///< digest of the raw file, empty = nothing was kept
};

struct ImportRequest {
    ImportKind kind{};
    std::string_view text;  ///< UTF-8 (document/encoding.hpp)
    std::string_view raw;   ///< the file as it came; empty: the text
    std::string actor;
    std::string organisation;  ///< who imports
    std::string source;        ///< who sent the file, in words
    Date today;
    bool dry_run = false;  ///< only the report
    /// Called now and then with the rows done of all rows; first while checking, then while recording.
    std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t rows)> progress = {};
};

/// What an import works with. `statistics` is needed for figures only.
struct ImportDesk {
    journal::Journal& journal;
    const law::Law& law;
    facts::PersonalValues& personal;
    const journal::Evidence& evidence;
    journal::Transform seal;  ///< for files with personal values; empty: they are kept as they are
    const law::Statistics* statistics = nullptr;
};

/// Errors, all of the file as a whole: csv_malformed (header), column_unknown, column_missing, duplicate_key
/// (a column twice), too_large, encoding_invalid, law_reference_unknown (the law has no such vocabulary), or
/// a failure of a store.
Result<ImportReport> import_table(const ImportDesk& desk, const ImportRequest& request);

/// One record that an import would append.
struct PlannedRecord {
    std::uint64_t line = 0;
    facts::Payload payload;                         ///< batch = 0, personal reference empty when it is new
    std::optional<facts::OrganisationEnded> ended;  ///< of an organisation with a last day
    facts::PersonalValue personal;                  ///< empty value = none
};
struct ImportPlan {
    ImportReport report;
    std::vector<PlannedRecord> records;
};
/// What an import would do: reads only.
Result<ImportPlan> plan_import(const ImportRequest& request, const journal::Reader& reader,
                               const law::Law& law, const facts::PersonalValues& personal,
                               const law::Statistics* statistics);

}  // namespace qingyuan::registry
