// The program: puts the rooms together and hands the command line its commands. The only main().
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <CLI/CLI.hpp>

#include "app/workspace.hpp"
#include "cli/assess.hpp"
#include "cli/case_work.hpp"
#include "sql/store.hpp"

namespace {

using namespace qingyuan;

constexpr const char* version = "0.1.0";

void add_options(CLI::App& app, cli::Context& context, std::string& province) {
    app.set_version_flag("--version", version);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--data", context.data_directory, "data directory")->capture_default_str();
    app.add_option("--database", context.database_url, "postgresql://… instead of the embedded store")
        ->envname("QINGYUAN_DATABASE");
    app.add_option("--packs", context.packs_url, "clickhouse://… instead of the embedded pack index");
    app.add_option("--law", context.law_directory, "law directory");
    app.add_option("--province", province, "code of the province whose texts are laid over the national ones")
        ->envname("QINGYUAN_PROVINCE");
    app.add_option("--lang", context.language, "zh or en")
        ->check(CLI::IsMember({"zh", "en"}))
        ->capture_default_str();
    app.add_flag("--json", context.json, "print one JSON document");
    app.add_flag("--csv", context.csv, "print CSV with a header line");
}

void fill(cli::Context& context, const std::string& province) {
    context.load_law = [&context, &province]() -> Result<law::Law> {
        if (context.law_directory.empty()) context.law_directory = TRY(app::find_shared("law"));
        return law::Law::load(context.law_directory, nullptr, province);
    };
    context.open_workspace = [&context, &province](bool create) -> Result<std::unique_ptr<cli::Workspace>> {
        if (context.law_directory.empty()) context.law_directory = TRY(app::find_shared("law"));
        return app::open_workspace({.law_directory = context.law_directory,
                                    .province = province,
                                    .directory = context.data_directory,
                                    .database_url = context.database_url,
                                    .create = create,
                                    .accounts = context.accounts});
    };
    context.open_workspace_under =
        [&context, &province](const Clock& clock) -> Result<std::unique_ptr<cli::Workspace>> {
        if (context.law_directory.empty()) context.law_directory = TRY(app::find_shared("law"));
        return app::open_workspace({.law_directory = context.law_directory,
                                    .province = province,
                                    .directory = context.data_directory,
                                    .database_url = context.database_url,
                                    .create = true,
                                    .accounts = context.accounts,
                                    .clock = &clock});
    };
    context.find_shared = [](std::string_view name) { return app::find_shared(name); };
    const auto open_store =
        [&context](const std::filesystem::path& file) -> Result<std::unique_ptr<journal::Store>> {
        if (!context.database_url.empty()) return sql::open_store(context.database_url);
        if (!std::filesystem::exists(file))
            return Error{ErrorCode::file_unreadable, "there is no journal in " + file.parent_path().string(),
                         "--data"};
        return sql::open_store(file.string());
    };
    context.open_store = [open_store](const std::filesystem::path& directory) {
        return open_store(directory / "journal.db");
    };
    context.open_access_store = [open_store](const std::filesystem::path& directory) {
        return open_store(directory / "access.db");
    };
    context.fresh_store = [](std::string_view kind) -> Result<std::unique_ptr<journal::Store>> {
        if (kind == "sqlite") return sql::open_store("sqlite::memory:");
        const char* url = std::getenv("QINGYUAN_TEST_POSTGRES");
        if (kind != "postgresql" || url == nullptr)
            return Error{
                ErrorCode::usage,
                "a scenario runs on sqlite, or on the throw-away postgresql of QINGYUAN_TEST_POSTGRES",
                "--store"};
        return sql::open_fresh_schema(url);
    };
    context.folds = [](const law::Law& law) { return app::folds(law); };
}

int run(int argc, char** argv) {
    CLI::App app{"清源 Qingyuan: the working system of a drug, medical-device and cosmetic regulator"};
    cli::Context context;
    std::string province;
    add_options(app, context, province);
    fill(context, province);
    cli::add_demo(app, context);
    cli::add_serve(app, context);
    cli::add_import(app, context);
    cli::add_trace(app, context);
    cli::add_reports(app, context);
    cli::add_registry(app, context);
    cli::add_account(app, context);
    cli::add_report(app, context);
    cli::add_dossier(app, context);
    cli::add_document(app, context);
    cli::add_journal(app, context);
    cli::add_law(app, context);
    cli::add_scenario(app, context);
    cli::add_simulate(app, context);
    cli::add_signals(app, context);
    cli::add_duplicates(app, context);
    cli::add_clusters(app, context);
    cli::add_credit(app, context);
    cli::add_risk(app, context);
    cli::add_focus(app, context);
    cli::add_draw(app, context);
    cli::add_case_work(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) { return app.exit(error) == 0 ? 0 : 2; }
    std::fflush(stdout);
    return context.exit;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "qingyuan: %s\n", error.what());
        return 3;
    }
}
