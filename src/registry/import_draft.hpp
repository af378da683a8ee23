// Inside an import: the cells of one row, read as what they should be, and the record they make. Faults are
// collected, so that a row tells all of them at once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "registry/import.hpp"

namespace qingyuan::registry {

/// The record another record names; checked once all rows are read.
struct Reference {
    enum class To : std::uint8_t { organisation, operator_id, organisation_or_operator };
    To to{};
    std::string field;
    std::string id;
    std::string kind;  ///< operator kind it must have, or empty
};

/// One row as read.
struct Draft {
    std::uint64_t line = 0;
    std::string key;  ///< the record: its id, or figure/organisation/period
    Date from;        ///< of the version
    facts::Payload payload;
    std::optional<facts::OrganisationEnded> ended;
    facts::PersonalValue personal;
    std::vector<Reference> references;
    std::vector<RowProblem> problems;

    void problem(std::string_view field, ErrorCode code, std::string message, std::string next = {});
};

/// What rows are read against.
struct ImportContext {
    const law::Law& law;
    const law::Statistics* statistics;
    Date today;
};

/// The columns the file has; column_unknown and column_missing refuse it.
class ImportHeader {
   public:
    static Result<ImportHeader> create(ImportKind kind, const std::vector<std::string>& columns);
    [[nodiscard]] std::string_view cell(const CsvRow& row, std::string_view column) const;

   private:
    std::map<std::string, std::size_t, std::less<>> at_;
};

/// The vocabularies a kind needs; law_reference_unknown where the law lacks one.
Result<void> check_vocabularies(ImportKind kind, const law::Law& law);

/// Reads one row.
[[nodiscard]] Draft read_row(ImportKind kind, const ImportContext& context, const ImportHeader& header,
                             const CsvRow& row);

}  // namespace qingyuan::registry
