// The demo: builds the sample city in an empty data directory, plays its year and a half, prints the mid-year
// report and serves it.
#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "accounts/vault.hpp"
#include "cli/demo_draw.hpp"
#include "cli/report_text.hpp"
#include "cli/serve.hpp"
#include "cli/demo_reports.hpp"
#include "cli/trace_desk.hpp"
#include "demo/city.hpp"
#include "demo/play.hpp"
#include "demo/trace_city.hpp"
#include "registry/import.hpp"

namespace qingyuan::cli {

namespace {

struct DemoOptions {
    std::uint16_t port = 8080;
    bool serve = true;
    std::uint64_t seed = 1;
    bool seed_given = false;
    std::string now;
    std::string token;
};

/// The registry of the city, its people's names in the vault.
Result<void> record_city(Workspace& workspace, demo::City& city, Date on) {
    std::vector<facts::PersonalValue> names;
    for (const auto& [person, name] : city.names) names.push_back({"person_name/" + person, name});
    const auto subjects = TRY(workspace.vault().put(names));
    std::vector<facts::Fact> facts;
    const auto add = [&](facts::Payload payload) {
        facts.push_back({on, city.own_unit, "system", 0, std::move(payload)});
    };
    add(facts::LawAdopted{Bytes(bytes_of(workspace.law().digest())),
                          static_cast<std::int64_t>(workspace.law().files())});
    for (const auto& organisation : city.organisations) add(organisation);
    std::size_t next = 0;
    for (auto& person : city.people) {
        person.name = subjects[next++];
        add(person);
    }
    for (auto& firm : city.operators) {
        firm.representative = subjects[next++];
        add(firm);
    }
    for (const auto& licence : city.licences) add(licence);
    for (const auto& product : city.products) add(product);
    return workspace.journal().append(std::move(facts));
}

/// The figures that others published, by the same import as any such table.
Result<void> take_over_reported(const Context& context, Workspace& workspace, const demo::City& city) {
    const auto file = TRY(context.find_shared("demo")) / "reported_figures.csv";
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{ErrorCode::file_unreadable, "the reported figures are missing", file.string()};
    const std::string table(std::istreambuf_iterator<char>(in), {});
    const law::Statistics statistics = TRY(law::Statistics::load(workspace.law()));
    const auto report = TRY(registry::import_table({.journal = workspace.journal(),
                                                    .law = workspace.law(),
                                                    .personal = workspace.vault(),
                                                    .evidence = workspace.evidence(),
                                                    .seal = {},
                                                    .statistics = &statistics},
                                                   {.kind = registry::ImportKind::figures,
                                                    .text = table,
                                                    .raw = {},
                                                    .actor = "hyz_statistician",
                                                    .organisation = city.own_unit,
                                                    .source = "published by others",
                                                    .today = workspace.clock().now().date()}));
    for (const registry::RowProblem& row : report.rows)
        fmt::print(stderr, "line {}: {}: {}\n", row.line, row.field, row.message);
    if (report.rejected != 0)
        return Error{ErrorCode::field_invalid, "a reported figure of the sample was rejected"};
    return {};
}

/// What the city's firms uploaded about their packs, by the same import as anybody's: three instalments, each
/// judged on its day, so that some of what was missing at first came later.
Result<void> take_in_packs(const Context& context, Workspace& workspace, const demo::City& city,
                           std::uint64_t seed) {
    const std::filesystem::path directory = workspace.directory() / "trace-sample";
    const auto desk = TRY(open_packs(context, workspace));
    for (const demo::TraceInstalment& one : TRY(demo::write_city_trace(city, seed, directory))) {
        const api::PackReport report = TRY(desk->import({"hyz_statistician", city.own_unit},
                                                        {.files = TRY(observe::trace_files(one.directory)),
                                                         .source = one.source,
                                                         .now_ms = one.judged_at.us / 1000}));
        if (report.intake.rejected() + report.intake.waiting() != 0)
            return Error{ErrorCode::field_invalid, "a row of the sample's trace data was not taken",
                         one.source};
        fmt::print(stderr, "packs as of {}: {} events, {} findings confirmed, {} withdrawn, {} leads\n",
                   one.judged_at.date().text(), report.intake.applied.events, report.judgement.confirmed,
                   report.judgement.withdrawn, report.leads);
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
    return {};
}

Result<void> make_demo(Context& context, const DemoOptions& options) {
    VirtualClock clock(start_of(demo::half_years().front().from));
    auto workspace = TRY(context.open_workspace_under(clock));
    if (TRY(workspace->journal().checkpoint()).size != 0)
        return Error{ErrorCode::duplicate_key,
                     fmt::format("{} already holds a journal", context.data_directory.string()),
                     "--data",
                     {},
                     "serve it with `qingyuan serve`, or name another directory"};
    demo::City city = demo::make_city(options.seed);
    CHECK(workspace->describe({.origin = {},
                               .sample_data = true,
                               .clock_start = demo::end_of_play(),
                               .default_person = city.desk_person,
                               .default_organisation = city.bureau,
                               .default_period = "2025-H1",
                               .conference_units = city.conference_units}));
    CHECK(record_city(*workspace, city, demo::half_years().front().from));
    int month = 0;
    CHECK(demo::play({.law = workspace->law(),
                      .journal = workspace->journal(),
                      .clock = clock,
                      .city = city,
                      .seed = options.seed,
                      .progress = [&month](Date date) {
                          if (date.month() == month) return;
                          month = date.month();
                          fmt::print(stderr, "\rplaying {:04}-{:02} ", date.year(), date.month());
                      },
                      .personal = &workspace->vault()}));
    fmt::print(stderr, "\n");
    CHECK(take_over_reported(context, *workspace, city));
    CHECK(take_in_packs(context, *workspace, city, options.seed));
    CHECK(take_in_reports(*workspace, city, options.seed));
    return draw_sample(*workspace, city, options.seed);
}

/// The report of the demo on stdout, then the server.
Result<void> show_demo(Context& context, const DemoOptions& options) {
    if (!options.now.empty()) {
        auto workspace = TRY(context.open_workspace(false));
        Instance instance = workspace->instance();
        instance.clock_start = TRY(parse_instant(options.now));
        CHECK(workspace->describe(instance));
    }
    auto workspace = TRY(context.open_workspace(false));
    CHECK(print_report(context, *workspace, "mid_year", workspace->instance().default_organisation,
                       workspace->instance().default_period));
    if (!options.serve) return {};
    return serve(context, *workspace, "127.0.0.1", options.port);
}

/// A directory that holds a played city is shown again, unless another city was asked for.
Result<bool> already_played(const Context& context, const DemoOptions& options) {
    if (options.seed_given || !std::filesystem::exists(context.data_directory / "instance.json"))
        return false;
    const auto workspace = TRY(context.open_workspace(false));
    const bool played = workspace->instance().sample_data && TRY(workspace->journal().checkpoint()).size != 0;
    if (played) fmt::print(stderr, "{} holds a played city\n", context.data_directory.string());
    return played;
}

/// A bearer token of a role on stdout: the same door as everybody's, open only in sample data.
Result<void> print_token(Context& context, const std::string& role) {
    const auto workspace = TRY(context.open_workspace(false));
    fmt::print("{}\n", TRY(workspace->accounts().demo_token(role, workspace->clock().now())));
    return {};
}

Result<void> run(Context& context, const DemoOptions& options) {
    if (!options.token.empty()) return print_token(context, options.token);
    if (!TRY(already_played(context, options))) CHECK(make_demo(context, options));
    return show_demo(context, options);
}

}  // namespace

void add_demo(CLI::App& app, Context& context) {
    auto options = std::make_shared<DemoOptions>();
    auto* command = app.add_subcommand("demo", "play a city's half-year and serve it");
    command->add_option("--port", options->port, "port, 0 for a free one")->capture_default_str();
    command->add_flag("!--no-serve", options->serve, "only build and print the report");
    command->add_option("--seed", options->seed, "another seed gives other records and the same figures")
        ->capture_default_str();
    command->add_option("--now", options->now, "date and time the clock starts at instead of the play's end");
    command->add_option("--token", options->token, "print a bearer token of a role of law/roles.csv");
    command->callback([&context, options, command] {
        options->seed_given = command->count("--seed") != 0;
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
