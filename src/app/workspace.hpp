// A data directory put together: stores, journals, vault, evidence, clock. The only place that knows all of
// them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "accounts/accounts.hpp"
#include "cli/commands.hpp"

namespace qingyuan::app {

[[nodiscard]] Result<cli::Instance> load_instance(const std::filesystem::path& directory);
Result<void> save_instance(const std::filesystem::path& directory, const cli::Instance& instance);

/// The folds of all stages, in the order they are applied.
[[nodiscard]] std::vector<journal::Fold> folds(const law::Law& law);
/// Every row of working state.
[[nodiscard]] std::vector<facts::RowType> work_rows();

struct WorkspaceOptions {
    std::filesystem::path law_directory;
    std::string province;  ///< whose texts are laid over the national ones; "" = none
    std::filesystem::path directory;
    std::string database_url;  ///< empty: SQLite in the directory
    bool create = false;
    accounts::Options accounts = {};  ///< sample_data and demo_organisation are set from the directory
    const Clock* clock = nullptr;     ///< instead of the machine's; outlives the workspace
};
[[nodiscard]] Result<std::unique_ptr<cli::Workspace>> open_workspace(const WorkspaceOptions& options);

/// law/ beside the program, in ../share/qingyuan, or in a parent of the working directory; file_unreadable.
[[nodiscard]] Result<std::filesystem::path> find_shared(std::string_view name);

}  // namespace qingyuan::app
