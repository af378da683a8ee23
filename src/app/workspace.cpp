#include "app/workspace.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "access/grants.hpp"
#include "account/publication.hpp"
#include "api/rows.hpp"
#include "cli/upkeep.hpp"
#include "accounts/accounts.hpp"
#include "accounts/vault.hpp"
#include "act/engine.hpp"
#include "journal/evidence.hpp"
#include "registry/registry.hpp"
#include "sql/store.hpp"
#include "sql/vault_store.hpp"

namespace qingyuan::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view instance_file = "instance.json";

std::string random_name() {
    std::string bytes(8, '\0');
    QY_ASSERT(::getrandom(bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return hex(bytes);
}

class OpenedWorkspace final : public cli::Workspace {
 public:
    static Result<std::unique_ptr<cli::Workspace>> open(const WorkspaceOptions& options);

    [[nodiscard]] const law::Law& law() const override { return law_; }
    [[nodiscard]] journal::Store& store() override { return *store_; }
    [[nodiscard]] journal::Journal& journal() override { return *journal_; }
    [[nodiscard]] journal::Journal& access() override { return *access_; }
    [[nodiscard]] accounts::Vault& vault() override { return *vault_; }
    [[nodiscard]] accounts::Vault& informants() override { return *informants_; }
    [[nodiscard]] accounts::Accounts& accounts() override { return *accounts_; }
    [[nodiscard]] const journal::Work& work() override { return *work_; }
    [[nodiscard]] const journal::Evidence& evidence() override { return *evidence_; }
    [[nodiscard]] const Clock& clock() const override { return options_.clock ? *options_.clock : *clock_; }
    [[nodiscard]] const cli::Instance& instance() const override { return instance_; }
    Result<void> describe(const cli::Instance& instance) override {
        const std::string origin = instance_.origin;
        instance_ = instance;
        instance_.origin = origin;
        return save_instance(options_.directory, instance_);
    }
    [[nodiscard]] const std::filesystem::path& directory() const override { return options_.directory; }
    [[nodiscard]] journal::Options journal_options() const override { return facts_options(); }

 private:
    OpenedWorkspace(WorkspaceOptions options, law::Law law)
        : options_(std::move(options)), law_(std::move(law)) {}
    Result<void> open_all();

    [[nodiscard]] journal::Options facts_options() const {
        return {.name = "facts",
                .origin = instance_.origin,
                .head = options_.directory / "journal.head",
                .folds = folds(law_),
                .working = {facts::RequestRow::row_type}};
    }
    [[nodiscard]] journal::Options access_options() const {
        return {.name = "access",
                .origin = instance_.origin + "/access",
                .head = options_.directory / "access.head",
                .folds = {}};
    }

    WorkspaceOptions options_;
    law::Law law_;
    cli::Instance instance_;
    std::unique_ptr<Clock> clock_;
    std::unique_ptr<journal::Store> store_;
    std::unique_ptr<journal::Store>
        access_store_;  ///< SQLite: a file of its own, so that reads never wait for acts
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<journal::Journal> access_;
    std::unique_ptr<journal::Store> work_store_;  ///< SQLite: sessions are written while facts are
    std::optional<journal::Work> work_;
    std::optional<journal::Evidence> evidence_;
    std::unique_ptr<accounts::Vault> vault_;
    std::unique_ptr<accounts::Vault> informants_;
    std::unique_ptr<accounts::Accounts> accounts_;
};

Result<std::unique_ptr<cli::Workspace>> OpenedWorkspace::open(const WorkspaceOptions& options) {
    law::Law law = TRY(law::Law::load(options.law_directory, nullptr, options.province));
    std::unique_ptr<OpenedWorkspace> opened(
        new OpenedWorkspace(options, std::move(law)));  // NOLINT: private constructor
    CHECK(opened->open_all());
    return std::unique_ptr<cli::Workspace>(std::move(opened));
}

Result<void> OpenedWorkspace::open_all() {
    const std::filesystem::path& directory = options_.directory;
    std::error_code error;
    if (options_.create) {
        std::filesystem::create_directories(directory, error);
        if (error)
            return Error{ErrorCode::io_failed,
                         fmt::format("cannot make {}: {}", directory.string(), error.message())};
        if (!std::filesystem::exists(directory / instance_file))
            CHECK(save_instance(directory, {.origin = "qingyuan/" + random_name()}));
    }
    instance_ = TRY(load_instance(directory));
    clock_ = std::make_unique<WallClock>();
    const std::string database =
        options_.database_url.empty() ? (directory / "journal.db").string() : options_.database_url;
    store_ = TRY(sql::open_store(database));
    if (options_.database_url.empty())
        access_store_ = TRY(sql::open_store((directory / "access.db").string()));
    vault_ = TRY(
        accounts::Vault::open(TRY(sql::open_vault_store(directory / "vault.db")), directory / "vault.key"));
    informants_ = TRY(accounts::Vault::open(TRY(sql::open_vault_store(directory / "informants.db")),
                                            directory / "informants.key"));
    evidence_ = TRY(journal::Evidence::open(directory / "evidence"));
    if (options_.database_url.empty()) work_store_ = TRY(sql::open_store((directory / "work.db").string()));
    work_ = TRY(journal::Work::open(work_store_ ? *work_store_ : *store_, work_rows()));
    if (instance_.clock_start.us != 0) {
        // The clock of sample data goes on from the last thing that was recorded.
        CHECK(store_->prepare("facts", instance_.origin, {}));
        const auto last = TRY(TRY(store_->read("facts"))->head()).at;
        clock_ = std::make_unique<WallClock>(std::max(instance_.clock_start, last));
    }
    journal_ = TRY(journal::Journal::open(*store_, clock(), facts_options()));
    access_ =
        TRY(journal::Journal::open(access_store_ ? *access_store_ : *store_, clock(), access_options()));
    accounts::Options options = options_.accounts;
    options.sample_data = instance_.sample_data;
    options.demo_organisation = instance_.default_organisation;
    accounts_ = TRY(accounts::Accounts::open({*work_, *journal_, *access_, *vault_}, std::move(options)));
    return {};
}

}  // namespace

Result<cli::Instance> load_instance(const std::filesystem::path& directory) {
    std::ifstream in(directory / instance_file, std::ios::binary);
    if (!in)
        return Error{ErrorCode::file_unreadable,
                     fmt::format("{} is no data directory", directory.string()),
                     "--data",
                     {},
                     "`qingyuan demo` makes one with sample data, `qingyuan import` one of your own"};
    const Json json = Json::parse(in, nullptr, false);
    if (!json.is_object() || !json.contains("origin"))
        return Error{ErrorCode::json_malformed, "it names no origin", (directory / instance_file).string()};
    cli::Instance out;
    out.origin = json.value("origin", "");
    out.sample_data = json.value("sample_data", false);
    out.default_person = json.value("default_person", "");
    out.default_organisation = json.value("default_organisation", "");
    out.default_period = json.value("default_period", "");
    if (json.contains("conference_units") && json["conference_units"].is_array())
        for (const Json& unit : json["conference_units"])
            if (unit.is_string()) out.conference_units.push_back(unit.get<std::string>());
    if (const std::string start = json.value("clock_start", ""); !start.empty())
        out.clock_start = TRY(parse_instant(start));
    return out;
}

Result<void> save_instance(const std::filesystem::path& directory, const cli::Instance& instance) {
    Json json{{"origin", instance.origin},
              {"sample_data", instance.sample_data},
              {"default_person", instance.default_person},
              {"default_organisation", instance.default_organisation},
              {"default_period", instance.default_period},
              {"clock_start", ""},
              {"conference_units", instance.conference_units}};
    if (instance.clock_start.us != 0) json["clock_start"] = instance.clock_start.text();
    const std::filesystem::path temporary = directory / (std::string(instance_file) + ".new");
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << json.dump(2) << "\n";
    out.close();
    std::error_code error;
    if (out) std::filesystem::rename(temporary, directory / instance_file, error);
    if (!out || error)
        return Error{ErrorCode::io_failed, "cannot write " + (directory / instance_file).string()};
    return {};
}

std::vector<journal::Fold> folds(const law::Law& law) {
    return {registry::fold(), access::fold(), act::fold(law), account::fold()};
}

std::vector<facts::RowType> work_rows() {
    std::vector<facts::RowType> rows = accounts::work_rows();
    for (const facts::RowType& row : api::work_rows()) rows.push_back(row);
    rows.push_back(cli::PassedRow::row_type);
    return rows;
}

Result<std::unique_ptr<cli::Workspace>> open_workspace(const WorkspaceOptions& options) {
    return OpenedWorkspace::open(options);
}

Result<std::filesystem::path> find_shared(std::string_view name) {
    std::error_code error;
    const std::filesystem::path program =
        std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
    std::vector<std::filesystem::path> places{program / name, program / ".." / "share" / "qingyuan" / name};
    for (std::filesystem::path at = program; at.has_relative_path(); at = at.parent_path())
        places.push_back(at / name);
    for (std::filesystem::path at = std::filesystem::current_path(error); at.has_relative_path();
         at = at.parent_path())
        places.push_back(at / name);
    for (const std::filesystem::path& place : places)
        if (std::filesystem::is_directory(place, error))
            return std::filesystem::weakly_canonical(place, error);
    return Error{ErrorCode::file_unreadable,
                 fmt::format("the directory {}/ was not found", name),
                 {},
                 {},
                 "name it with --law"};
}

}  // namespace qingyuan::app
