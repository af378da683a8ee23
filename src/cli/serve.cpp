#include "cli/serve.hpp"

#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "api/operation.hpp"
#include "http/server.hpp"

namespace qingyuan::cli {

namespace {

/// JSON lines on stderr; no personal data: method, path without query, status, duration.
std::shared_ptr<spdlog::logger> request_log() {
    auto log = spdlog::get("requests");
    if (!log) log = spdlog::stderr_logger_mt("requests");
    log->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%f%z",%v})");
    return log;
}

Result<std::string> contract(const Context& context) {
    const auto directory = TRY(context.find_shared("src/api"));
    std::ifstream in(directory / "openapi.json", std::ios::binary);
    if (!in)
        return Error{ErrorCode::file_unreadable, "the API contract is missing",
                     (directory / "openapi.json").string()};
    return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

Result<void> serve(Context& context, Workspace& workspace, const std::string& address, std::uint16_t port) {
    const law::Statistics statistics = TRY(law::Statistics::load(workspace.law()));
    account::Index index(statistics);
    CHECK(workspace.journal().read([&](const journal::Reader& reader) { return index.catch_up(reader); }));
    const auto web = context.find_shared("web/dist");
    if (!web) fmt::print(stderr, "the web app is not built (./dev build); only the API is served\n");
    const Instance& instance = workspace.instance();
    const api::Services services{.law = workspace.law(),
                                 .statistics = statistics,
                                 .store = workspace.store(),
                                 .journal = workspace.journal(),
                                 .vault = workspace.vault(),
                                 .clock = workspace.clock(),
                                 .index = index,
                                 .web = web ? *web : std::filesystem::path(),
                                 .openapi = TRY(contract(context)),
                                 .default_person = instance.default_person,
                                 .default_organisation = instance.default_organisation,
                                 .default_period = instance.default_period,
                                 .conference_units = instance.conference_units,
                                 .sample_data = instance.sample_data};
    const auto log = request_log();
    const WallClock watch;
    const auto server = TRY(http::Server::create(address, port, {}, [&](const http::Request& request) {
        const Instant begun = watch.now();
        http::Response response = api::answer(services, request);
        log->info(R"("method":"{}","path":"{}","status":{},"us":{})", request.method,
                  api::loggable(request.path), response.status, watch.now().us - begun.us);
        return response;
    }));
    fmt::print(stderr, "http://{}:{}/\n", address, server->port());
    server->run();
    return {};
}

void add_serve(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("serve", "serve a data directory on this machine");
    auto* address = command->add_option("--address", "address to listen on")->default_str("127.0.0.1");
    auto* port = command->add_option("--port", "port, 0 for a free one")
                     ->check(CLI::Range(0, 65535))
                     ->default_str("8080");
    command->callback([&context, address, port] {
        auto workspace = context.open_workspace(false);
        if (!workspace) return context.fail(workspace.error());
        const auto done = serve(context, **workspace, address->as<std::string>(), port->as<std::uint16_t>());
        if (!done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
