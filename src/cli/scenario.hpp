// Runs scenarios: a story in commands and expected text, on a fresh store with virtual time and dealt ids.
// docs/scenarios.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.hpp"

namespace qingyuan::cli {

/// What a story plays on. Everything is handed in, so that one story runs on every store.
struct Stage {
    const law::Law* law = nullptr;
    std::function<Result<std::unique_ptr<journal::Store>>()> fresh_store;
    std::function<std::vector<journal::Fold>(const law::Law&)> folds;
    /// The text of a figure or report on a consistent state; absent: the command is refused as usage.
    std::function<Result<std::string>(const journal::Reader&, std::string_view figure,
                                      std::string_view organisation, std::string_view period)>
        figure;
    std::function<Result<std::string>(const journal::Reader&, std::string_view report,
                                      std::string_view organisation, std::string_view period)>
        report;
};

struct Outcome {
    bool passed = false;
    std::string report;     ///< what differs: file, line, "-" expected, "+" printed
    std::string rewritten;  ///< the file with what was printed
};

/// Plays the file. An Error: it cannot be read, or the store failed; a story that prints something else is an
/// Outcome that did not pass.
[[nodiscard]] Result<Outcome> run_scenario(const std::filesystem::path& file, const Stage& stage);

/// The files: each file named, and in each folder named every *.scenario below it (with `slow`
/// *.scenario_slow too), sorted.
[[nodiscard]] Result<std::vector<std::filesystem::path>> find_scenarios(
    const std::vector<std::filesystem::path>& paths, bool slow);

/// The facts of the cast in a folder of CSV files (organisations, operators, people, products), in force from
/// 2023-01-01 unless a row says otherwise.
[[nodiscard]] Result<std::vector<facts::Fact>> cast_of(const std::filesystem::path& folder);

}  // namespace qingyuan::cli
