// The command line: one command per file, each added to the one CLI::App by its add_ function. The stores are
// opened by the application (src/app), because no command may know a database.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accounts/accounts.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "journal/journal.hpp"
#include "law/law.hpp"

namespace CLI {
class App;
}

namespace qingyuan::journal {
class Evidence;
class Work;
}

namespace qingyuan::cli {

/// What a data directory says of itself: instance.json.
struct Instance {
    std::string origin;          ///< name of its journals for ever
    bool sample_data = false;    ///< every page and export says so
    Instant clock_start;         ///< sample data: the clock begins here; 0 = the machine's clock
    std::string default_person;  ///< who acts where nobody is named (sample data only)
    std::string default_organisation;
    std::string default_period;
    std::vector<std::string> conference_units;  ///< organisations that report to the mid-year conference
};

/// A data directory opened for work: the law, the journal over its store, the evidence folder, the vault, the
/// clock.
struct Workspace {
    virtual ~Workspace() = default;
    [[nodiscard]] virtual const law::Law& law() const = 0;
    [[nodiscard]] virtual journal::Store& store() = 0;
    [[nodiscard]] virtual journal::Journal& journal() = 0;
    [[nodiscard]] virtual journal::Journal& access() = 0;
    [[nodiscard]] virtual accounts::Vault& vault() = 0;
    /// Who reported: a vault of its own under a key of its own.
    [[nodiscard]] virtual accounts::Vault& informants() = 0;
    [[nodiscard]] virtual accounts::Accounts& accounts() = 0;
    [[nodiscard]] virtual const journal::Work& work() = 0;
    [[nodiscard]] virtual const journal::Evidence& evidence() = 0;
    [[nodiscard]] virtual const Clock& clock() const = 0;
    [[nodiscard]] virtual const Instance& instance() const = 0;
    /// Writes instance.json; the origin cannot change.
    virtual Result<void> describe(const Instance& instance) = 0;
    [[nodiscard]] virtual const std::filesystem::path& directory() const = 0;
    [[nodiscard]] virtual journal::Options journal_options()
        const = 0;  ///< for verify and rebuild, which open no journal
};

struct Context {
    std::filesystem::path law_directory;  ///< default: law/ beside the program, else beside the source
    std::filesystem::path data_directory = "data";
    std::string database_url;  ///< empty: SQLite in the data directory
    std::string packs_url;
    accounts::Options accounts;  ///< of the configuration file, set before a workspace is opened
    std::string language = "zh";
    bool json = false;
    bool csv = false;
    int exit = 0;

    /// Loads the law once.
    std::function<Result<law::Law>()> load_law;
    /// Opens the data directory; `create` makes a new one, else record_unknown when there is none.
    std::function<Result<std::unique_ptr<Workspace>>(bool create)> open_workspace;
    /// As open_workspace(true), under a clock of the caller's.
    std::function<Result<std::unique_ptr<Workspace>>(const Clock& clock)> open_workspace_under;
    /// A directory that belongs to the program: "web/dist", "src/api".
    std::function<Result<std::filesystem::path>(std::string_view name)> find_shared;
    /// Only the store, for verify and rebuild of a journal that may be damaged.
    std::function<Result<std::unique_ptr<journal::Store>>(const std::filesystem::path& directory)> open_store;
    /// The same of the access journal, which has a file of its own on SQLite.
    std::function<Result<std::unique_ptr<journal::Store>>(const std::filesystem::path& directory)>
        open_access_store;
    /// A fresh empty store for a scenario: "sqlite" or "postgresql".
    std::function<Result<std::unique_ptr<journal::Store>>(std::string_view kind)> fresh_store;
    /// All folds of the stages, in order.
    std::function<std::vector<journal::Fold>(const law::Law&)> folds;

    /// Prints the error in one line on stderr and takes its exit status.
    void fail(const Error& error);
};

void add_law(CLI::App& app, Context& context);
void add_journal(CLI::App& app, Context& context);
void add_dossier(CLI::App& app, Context& context);
void add_document(CLI::App& app, Context& context);
void add_scenario(CLI::App& app, Context& context);
void add_import(CLI::App& app, Context& context);
void add_import_trace(CLI::App& import, Context& context);
void add_import_icsr(CLI::App& import, Context& context);
/// sentinels, reports
void add_reports(CLI::App& app, Context& context);
/// trace, anomalies, packs
void add_trace(CLI::App& app, Context& context);
void add_registry(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_demo(CLI::App& app, Context& context);
void add_serve(CLI::App& app, Context& context);
void add_account(CLI::App& app, Context& context);
void add_simulate(CLI::App& app, Context& context);
void add_signals(CLI::App& app, Context& context);
void add_duplicates(CLI::App& app, Context& context);
void add_clusters(CLI::App& app, Context& context);
void add_simulate_market(CLI::App& simulate, Context& context);
void add_draw(CLI::App& app, Context& context);

}  // namespace qingyuan::cli
