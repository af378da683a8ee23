// Inside the command line: what `qingyuan signals` prints, from a file or from the data directory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "assess/case_rows.hpp"
#include "cli/commands.hpp"
#include "law/criteria.hpp"

namespace qingyuan::cli {

/// Reads the named columns of a CSV text as rows of reports. column_unknown names the columns there are; any
/// malformed row refuses the file, with its line.
struct CaseColumns {
    std::string id, product, reaction;
    std::vector<std::string> strata;
};
[[nodiscard]] Result<assess::NamedTable> read_cases(std::string_view text, const CaseColumns& columns);

/// How the prior is come by, and which pairs are shown.
struct SignalChoice {
    std::string theta;                          ///< "a1,b1,a2,b2,p"; empty: fitted
    std::string fit = "exact";                  ///< exact openebgm
    const law::Criterion* criterion = nullptr;  ///< only pairs that meet it; null: all
    /// Pairs that are left out, by product and reaction; sorted.
    std::vector<std::pair<std::string, std::string>> without = {};
};

/// What is asked of the reports in the data directory.
struct KeptChoice {
    std::string level = "name", reactions = "term", kind = "drug", since, criterion;
    std::vector<std::string> strata;
};
/// The signals of the data directory; of one pair with its table, its measures and a paragraph.
Result<void> run_kept_signals(Context& context, const KeptChoice& kept, const SignalChoice& choice);
Result<void> explain_signal(Context& context, const KeptChoice& kept, const std::string& product,
                            const std::string& reaction);
/// Scores the table and prints it as the context says: --csv one row a pair, --json also the prior, else the
/// strongest pairs in words. What could not be done is said on stderr.
Result<void> print_signals(const Context& context, const assess::NamedTable& named,
                           const SignalChoice& choice);

}  // namespace qingyuan::cli
