// The command as a user meets it: what is printed, which exit status.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "accounts/vault.hpp"
#include "cli/commands.hpp"
#include "document/encoding.hpp"
#include "registry/registry.hpp"
#include "journal/evidence.hpp"
#include "sql/store.hpp"

using namespace qingyuan;

namespace {

struct Memory {
    Memory() {
        store = sql::open_store("sqlite::memory:").value();
        journal =
            journal::Journal::open(*store, clock, {.origin = "test", .folds = {registry::fold()}}).value();
        vault = accounts::Vault::in_memory().value();
        law = law::Law::load(std::string(QINGYUAN_SOURCE_DIR) + "/law").value();
        work = journal::Work::open(*store, accounts::work_rows()).value();
        accounts = accounts::Accounts::open({*work, *journal, *journal, *vault}, {}).value();
    }
    VirtualClock clock{start_of(make_date(2025, 7, 5))};
    std::unique_ptr<journal::Store> store;
    std::unique_ptr<journal::Journal> journal;
    std::unique_ptr<accounts::Vault> vault;
    std::optional<law::Law> law;
    std::optional<journal::Work> work;
    std::unique_ptr<accounts::Accounts> accounts;
    std::optional<journal::Evidence> evidence;  ///< once there is a folder
    std::filesystem::path folder;
    cli::Instance instance{.default_organisation = "hengyang"};
};

/// A workspace that leaves its contents behind when it is closed.
class Lent final : public cli::Workspace {
   public:
    explicit Lent(Memory& memory) : memory_(memory) {}
    [[nodiscard]] const law::Law& law() const override { return *memory_.law; }
    [[nodiscard]] journal::Store& store() override { return *memory_.store; }
    [[nodiscard]] journal::Journal& journal() override { return *memory_.journal; }
    [[nodiscard]] journal::Journal& access() override { return *memory_.journal; }
    [[nodiscard]] accounts::Vault& vault() override { return *memory_.vault; }
    [[nodiscard]] accounts::Vault& informants() override { return *memory_.vault; }
    [[nodiscard]] accounts::Accounts& accounts() override { return *memory_.accounts; }
    [[nodiscard]] const journal::Work& work() override { return *memory_.work; }
    [[nodiscard]] const journal::Evidence& evidence() override { return *memory_.evidence; }
    [[nodiscard]] const Clock& clock() const override { return memory_.clock; }
    [[nodiscard]] const cli::Instance& instance() const override { return memory_.instance; }
    Result<void> describe(const cli::Instance& instance) override {
        memory_.instance = instance;
        return {};
    }
    [[nodiscard]] const std::filesystem::path& directory() const override { return memory_.folder; }
    [[nodiscard]] journal::Options journal_options() const override { return {}; }

   private:
    Memory& memory_;
};

struct Outcome {
    int exit = 0;
    std::string out;
    std::string err;
    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out); }
};

class ImportCommand : public testing::Test {
   public:
    ImportCommand() {
        memory.folder =
            std::filesystem::temp_directory_path() / ("import_command_" + std::to_string(::getpid()));
        std::filesystem::create_directories(memory.folder);
        memory.evidence = journal::Evidence::open(memory.folder / "evidence").value();
    }
    ~ImportCommand() override { std::filesystem::remove_all(memory.folder); }

    Outcome run(std::vector<std::string> arguments) {
        CLI::App app;
        cli::Context context;
        app.fallthrough();
        app.add_flag("--json", context.json);
        context.open_workspace = [this](bool) -> Result<std::unique_ptr<cli::Workspace>> {
            return std::unique_ptr<cli::Workspace>(std::make_unique<Lent>(memory));
        };
        cli::add_import(app, context);
        cli::add_registry(app, context);
        std::reverse(arguments.begin(), arguments.end());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        app.parse(arguments);
        std::fflush(stdout);
        return {context.exit, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
    }
    std::string file(const std::string& bytes) {
        const auto path = memory.folder / "table.csv";
        std::ofstream(path, std::ios::binary) << bytes;
        return path.string();
    }

    Memory memory;
    const std::string header = "id,name,parent,department,kind,from\n";
    const std::string good =
        header + "hengyang,衡阳市市场监督管理局,,market_regulator,authority,2019-01-01\n";
};

}  // namespace

TEST_F(ImportCommand, prints_counts_and_is_done) {
    const Outcome first = run({"import", "organisations", file(good)});
    EXPECT_EQ(first.exit, 0) << first.err;
    EXPECT_NE(first.out.find("organisations: 1 accepted, 0 duplicate, 0 rejected (UTF-8)"), std::string::npos)
        << first.out;
    const Outcome again = run({"import", "organisations", file(good), "--json"});
    EXPECT_EQ(again.exit, 0);
    EXPECT_EQ(again.json()["duplicate"], 1);
    EXPECT_TRUE(again.json()["batch"].is_null());
}

TEST_F(ImportCommand, reads_gb18030_and_says_so) {
    const Outcome outcome =
        run({"import", "organisations", file(document::encode_gb18030(good).value()), "--json"});
    EXPECT_EQ(outcome.json()["encoding"], "GB18030");
    EXPECT_EQ(outcome.json()["accepted"], 1);
    const Outcome shown = run({"registry", "show", "organisation", "hengyang", "--json"});
    EXPECT_EQ(shown.json()["versions"][0]["name"], "衡阳市市场监督管理局");
}

TEST_F(ImportCommand, a_rejected_row_is_exit_1_with_line_field_code_and_next) {
    const Outcome outcome =
        run({"import", "organisations", file(good + "x,名,nowhere,other,other,2019-02-30\n"), "--json"});
    EXPECT_EQ(outcome.exit, 1);
    const auto row = outcome.json()["rows"][0];
    EXPECT_EQ(row["line"], 3);
    EXPECT_EQ(row["field"], "from");
    EXPECT_EQ(row["code"], "date_invalid");
    EXPECT_FALSE(row["next"].get<std::string>().empty());
    EXPECT_EQ(outcome.json()["accepted"], 1);
}

TEST_F(ImportCommand, a_dry_run_leaves_nothing) {
    EXPECT_EQ(run({"import", "organisations", file(good), "--dry-run"}).exit, 0);
    EXPECT_EQ(memory.journal->checkpoint()->size, 0u);
}

TEST_F(ImportCommand, an_unreadable_file_is_exit_2_with_its_place) {
    struct Case {
        std::string bytes;
        std::string code;
    };
    for (const auto& [bytes, code] :
         {Case{"abc\xFF\xFF\xFF", "encoding_invalid"}, Case{"", "csv_malformed"},
          Case{"id,colour\n", "column_unknown"}, Case{"id,id\n", "duplicate_key"}}) {
        const Outcome outcome = run({"import", "organisations", file(bytes)});
        EXPECT_EQ(outcome.exit, 2) << code;
        EXPECT_NE(outcome.err.find(code), std::string::npos) << outcome.err;
        EXPECT_NE(outcome.err.find("table.csv"), std::string::npos) << outcome.err;
        EXPECT_TRUE(outcome.out.empty());
    }
    EXPECT_EQ(run({"import", "organisations", "/no/such/file.csv"}).exit, 2);
}

TEST_F(ImportCommand, somebody_unknown_cannot_import) {
    const Outcome outcome = run({"import", "organisations", file(good), "--by", "nobody"});
    EXPECT_NE(outcome.err.find("person_unknown"), std::string::npos);
    EXPECT_EQ(memory.journal->checkpoint()->size, 0u);
}

TEST_F(ImportCommand, an_unknown_record_is_a_refusal) {
    const Outcome outcome = run({"registry", "show", "operator", "nobody"});
    EXPECT_EQ(outcome.exit, 1);
    EXPECT_NE(outcome.err.find("operator_unknown"), std::string::npos);
}
