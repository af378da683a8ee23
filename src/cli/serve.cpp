#include "cli/serve.hpp"

#include <fstream>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "api/jobs.hpp"
#include "api/notices.hpp"
#include "api/operation.hpp"
#include "cli/config.hpp"
#include "cli/listen.hpp"
#include "cli/trace_desk.hpp"
#include "cli/vigilance.hpp"
#include "cli/upkeep.hpp"
#include "http/client.hpp"
#include "http/secret_file.hpp"

namespace qingyuan::cli {

namespace {

Result<std::filesystem::path> contract(const Context& context) {
    const std::filesystem::path file = TRY(context.find_shared("src/api")) / "openapi.json";
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        return Error{ErrorCode::file_unreadable, "the API contract is missing", file.string()};
    return file;
}

/// Shares the whole and points at a part of it.
template <class T>
std::shared_ptr<T> part(const std::shared_ptr<Vigilance>& whole, std::unique_ptr<T> Vigilance::* member) {
    return whole ? std::shared_ptr<T>(whole, ((*whole).*member).get()) : nullptr;
}

}  // namespace

Result<void> serve(Context& context, Workspace& workspace, const Config& config) {
    const law::Statistics statistics = TRY(law::Statistics::load(workspace.law()));
    account::Index index(statistics);
    CHECK(workspace.journal().read([&](const journal::Reader& reader) { return index.catch_up(reader); }));
    const auto web = context.find_shared("web/dist");
    if (!web) fmt::print(stderr, "the web app is not built (./dev build); only the API is served\n");
    const Instance& instance = workspace.instance();
    const auto client = http::make_client({.ca_file = config.webhook.ca_file});
    std::unique_ptr<http::Mailer> mailer;
    if (auto mail = TRY(mail_options(config)))
        mailer = TRY(http::make_mailer(std::move(*mail), workspace.clock()));
    const auto notices = TRY(api::Notices::open({.law = workspace.law(),
                                                 .journal = workspace.journal(),
                                                 .work = workspace.work(),
                                                 .vault = workspace.vault(),
                                                 .clock = workspace.clock()},
                                                {.mailer = mailer.get(),
                                                 .client = client.get(),
                                                 .webhook = config.webhook.url,
                                                 .public_url = config.server.public_url}));
    const auto jobs =
        TRY(api::Jobs::open(workspace.work(), workspace.directory() / "jobs", workspace.clock()));
    std::shared_ptr<api::PackDesk> packs;
    if (auto opened = open_packs(context, workspace, true))
        packs = std::move(*opened);
    else
        fmt::print(stderr, "packs are not served: {}\n", opened.error().text());
    std::shared_ptr<Vigilance> vigilance;
    if (auto opened = open_vigilance(workspace))
        vigilance = std::move(*opened);
    else
        fmt::print(stderr, "safety reports are not served: {}\n", opened.error().text());
    const api::Services services{
        .law = workspace.law(),
        .statistics = statistics,
        .store = workspace.store(),
        .journal = workspace.journal(),
        .access = workspace.access(),
        .work = workspace.work(),
        .accounts = workspace.accounts(),
        .vault = workspace.vault(),
        .informants = workspace.informants(),
        .evidence = workspace.evidence(),
        .jobs = *jobs,
        .notices = *notices,
        .clock = workspace.clock(),
        .index = index,
        .public_url = config.server.public_url,
        .check_url =
            config.documents.check_url.empty() ? config.server.public_url : config.documents.check_url,
        .data = workspace.directory(),
        .web = web ? *web : std::filesystem::path(),
        .openapi = TRY(contract(context)),
        .default_organisation = instance.default_organisation,
        .default_period = instance.default_period,
        .conference_units = instance.conference_units,
        .sample_data = instance.sample_data,
        .rate_limits = config.limits.rates,
        .packs = packs,
        .reports = part(vigilance, &Vigilance::reports),
        .signals = part(vigilance, &Vigilance::signals),
        .forms = std::make_shared<const law::Forms>(TRY(law::Forms::load(workspace.law())))};
    if (const auto code = TRY(workspace.accounts().set_up_code(workspace.clock().now())))
        fmt::print(stderr, "nobody can sign in yet: open /set-up and give this code within a day: {}\n",
                   *code);
    const Upkeep upkeep(services);
    return listen(config, *services.metrics, api::classify,
                  [&](const http::Request& request) { return api::answer(services, request); });
}

Result<void> serve(Context& context, Workspace& workspace, const std::string& address, std::uint16_t port) {
    Config config;
    config.server.address = address;
    config.server.port = port;
    return serve(context, workspace, config);
}

namespace {

struct ServeOptions {
    std::string config_file, address, port;
    std::vector<std::string> tls;
    bool check_only = false;
};

/// The file, over it the environment, over it the options; checked.
Result<Config> configuration(const ServeOptions& options) {
    std::optional<std::filesystem::path> file;
    if (!options.config_file.empty()) file = options.config_file;
    Config config = TRY(load_config(file, process_environment()));
    if (!options.address.empty()) CHECK(set_config(config, "server.address", options.address, "--address"));
    if (!options.port.empty()) CHECK(set_config(config, "server.port", options.port, "--port"));
    if (!options.tls.empty()) {
        CHECK(set_config(config, "server.tls_certificate", options.tls.at(0), "--tls"));
        CHECK(set_config(config, "server.tls_key", options.tls.at(1), "--tls"));
    }
    CHECK(check_config(config));
    return config;
}

/// The organisation's own sign-in service, or none.
Result<std::shared_ptr<accounts::SignInProvider>> sign_in_provider(const Config& config) {
    if (config.oidc.issuer.empty()) return std::shared_ptr<accounts::SignInProvider>();
    accounts::OidcOptions options{.issuer = config.oidc.issuer,
                                  .client = config.oidc.client_id,
                                  .redirect = config.server.public_url + "/api/session/oidc/callback",
                                  .claim = config.oidc.claim};
    if (!config.oidc.client_secret_file.empty())
        options.secret = TRY(http::read_secret(config.oidc.client_secret_file));
    return std::shared_ptr<accounts::SignInProvider>(
        TRY(accounts::make_oidc(std::move(options), http::make_client({.ca_file = config.oidc.ca_file}))));
}

Result<void> serve_command(Context& context, const ServeOptions& options) {
    const Config config = TRY(configuration(options));
    if (options.check_only) {
        fmt::print("{}", config_text(config));
        return {};
    }
    context.accounts = account_options(config);
    context.accounts.provider = TRY(sign_in_provider(config));
    // A first start makes the directory; one that holds something else is not taken for a new one.
    std::error_code error;
    const bool fresh = !std::filesystem::exists(context.data_directory, error) ||
                       std::filesystem::is_empty(context.data_directory, error);
    const auto workspace = TRY(context.open_workspace(fresh));
    return serve(context, *workspace, config);
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("serve", "serve a data directory");
    const auto options = std::make_shared<ServeOptions>();
    command->add_option("--config", options->config_file, "TOML file, see packaging/qingyuan.toml");
    command->add_option("--address", options->address, "address to listen on; beyond loopback only with TLS");
    command->add_option("--port", options->port, "port, 0 for a free one");
    command->add_option("--tls", options->tls, "certificate chain and key, PEM")
        ->expected(2)
        ->type_name("CERTIFICATE KEY");
    command->add_flag("--check-config", options->check_only, "print the configuration in force and end");
    command->callback([&context, options] {
        const auto done = serve_command(context, *options);
        if (!done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
