// qingyuan import icsr FILE…: safety reports, as E2B(R3) messages or report tables, with an acknowledgement
// for each; qingyuan import sentinels FILE: the sites of monitoring.
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "accounts/file_seal.hpp"
#include "api/report_json.hpp"
#include "cli/report_desk.hpp"
#include "cli/text_file.hpp"
#include "observe/icsr_xml.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::vector<std::filesystem::path> paths;
    std::filesystem::path ack;
    std::string source, channel, person, organisation;
    bool dry_run = false, history = false;
};

void print_problems(const std::vector<observe::ReportProblem>& problems, std::string_view mark) {
    for (const observe::ReportProblem& one : problems)
        fmt::print("    {} {}{}: {}{}\n", mark, one.element.empty() ? "" : one.element + ": ",
                   info(one.code).name, one.message, one.next.empty() ? "" : " — " + one.next);
}

void print_report(const api::ReportOutcome& one) {
    fmt::print("  {}  {}", one.number.empty() ? fmt::format("line {}", one.line) : one.number,
               one.accepted ? "CA" : "CR");
    if (one.accepted) {
        fmt::print("  {}  completeness {:.2f}", observe::name_of(one.standing),
                   static_cast<double>(one.completeness) / 1000);
        if (one.clock) fmt::print("  {} due {}", one.clock->limit, one.clock->due);
        if (one.uncoded) fmt::print("  uncoded");
        if (!one.dossier.empty()) fmt::print("  {}", one.dossier);
        if (!one.no_dossier.empty()) fmt::print("  no dossier: {}", one.no_dossier);
    }
    fmt::print("\n");
    print_problems(one.problems, "!");
    print_problems(one.warnings, "?");
}

void print_text(const api::ReportResult& result, const std::filesystem::path& file, bool dry_run) {
    fmt::print("{}: {} accepted, {} duplicate, {} rejected{}\n", file.string(), result.accepted,
               result.duplicate, result.rejected, dry_run ? " (dry run)" : "");
    print_problems(result.problems, "!");
    std::size_t shown = 0;
    for (const api::ReportOutcome& one : result.reports) {
        if (shown++ >= 50) {
            fmt::print("  … {} more (--json lists all)\n", result.reports.size() - 50);
            break;
        }
        print_report(one);
    }
    if (result.batch > 0)
        fmt::print("batch {}, {} dossiers opened\n", result.batch, result.opened);
    else if (result.repeated)
        fmt::print("all of it came before: nothing was added\n");
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) return Error{ErrorCode::io_failed, "it cannot be written", path.string()};
    return {};
}

/// What the sender hears where the message as a whole was refused.
std::string refused_ack(const Error& error, Instant now) {
    observe::IcsrAck ack;
    ack.at = now;
    ack.refused = true;
    ack.text = fmt::format("{}: {}{}", info(error.code).name, error.message,
                           error.next.empty() ? "" : "; " + error.next);
    return observe::ack_xml(ack);
}

Result<ordered_json> import_one(Context& context, Workspace& workspace, api::ReportDesk& desk,
                                const Options& options, const std::filesystem::path& path) {
    api::ReportImport import{.bytes = TRY(report_file(path)),
                             .source = options.source.empty() ? "import" : options.source,
                             .channel = options.channel,
                             .history = options.history,
                             .dry_run = options.dry_run};
    const auto result =
        desk.import(report_actor(workspace, options.person, options.organisation), std::move(import));
    if (!result) {
        if (!options.ack.empty() && !options.dry_run)
            CHECK(write_file(options.ack, refused_ack(result.error(), workspace.clock().now())));
        return result.error();
    }
    if (!options.ack.empty() && result->ack) CHECK(write_file(options.ack, observe::ack_xml(*result->ack)));
    if (result->rejected > 0) context.exit = 1;
    if (!context.json) print_text(*result, path, options.dry_run);
    ordered_json out{{"file", path.string()}, {"dry_run", options.dry_run}};
    out.update(api::as_json(*result));
    return out;
}

Result<void> run(Context& context, const Options& options) {
    if (!options.ack.empty() && options.paths.size() > 1)
        return Error{ErrorCode::usage, "one file at a time with --ack", "--ack"};
    const auto workspace = TRY(context.open_workspace(true));
    const auto desk = TRY(open_reports(*workspace));
    ordered_json all = ordered_json::array();
    for (const std::filesystem::path& path : options.paths) {
        auto one = import_one(context, *workspace, *desk, options, path);
        if (!one) {
            Error error = one.error();
            error.where = path.string() + (error.where.empty() ? "" : ", " + error.where);
            context.fail(error);
            continue;
        }
        all.push_back(std::move(*one));
    }
    if (context.json && !all.empty())
        fmt::print("{}\n", (options.paths.size() == 1 ? all.front() : all)
                               .dump(2, ' ', false, ordered_json::error_handler_t::replace));
    return {};
}

Result<void> import_sentinels(Context& context, const Options& options) {
    const std::string text = TRY(read_text_file(options.paths.front()));
    const observe::SentinelTable table = TRY(observe::read_sentinel_csv(text));
    const auto workspace = TRY(context.open_workspace(true));
    const auto desk = TRY(open_reports(*workspace));
    std::uint64_t batch = 0;
    if (!table.rows.empty() && !options.dry_run)
        batch = TRY(
            desk->put_sentinels(report_actor(*workspace, options.person, options.organisation), table.rows));
    if (context.json)
        fmt::print("{}\n", ordered_json{{"accepted", table.rows.size()},
                                        {"rejected", table.problems.rejected_rows},
                                        {"batch", batch}}
                               .dump(2));
    else
        fmt::print("{} sites, {} rejected\n", table.rows.size(), table.problems.rejected_rows);
    for (const observe::RejectedRow& row : table.problems.rejected)
        fmt::print(stderr, "{}:{}: {}: {}: {} — {}\n", options.paths.front().string(), row.row, row.field,
                   info(row.code).name, row.message, row.next);
    if (table.problems.rejected_rows > 0) context.exit = 1;
    return {};
}

}  // namespace

Result<std::unique_ptr<api::ReportDesk>> open_reports(Workspace& workspace) {
    return api::ReportDesk::open({.law = workspace.law(),
                                  .journal = workspace.journal(),
                                  .evidence = workspace.evidence(),
                                  .personal = workspace.vault(),
                                  .seal = accounts::seal_file(workspace.vault()),
                                  .clock = workspace.clock(),
                                  .default_organisation = workspace.instance().default_organisation});
}

api::ReportActor report_actor(const Workspace& workspace, const std::string& person,
                              const std::string& organisation) {
    const Instance& instance = workspace.instance();
    api::ReportActor actor{person, organisation};
    if (actor.person.empty())
        actor.person = instance.default_person.empty() ? "system" : instance.default_person;
    if (actor.organisation.empty()) actor.organisation = instance.default_organisation;
    return actor;
}

Result<std::string> report_file(const std::filesystem::path& path) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed))
        return Error{ErrorCode::file_unreadable, "there is no such file", path.string()};
    if (const auto size = std::filesystem::file_size(path, failed); !failed && size > observe::icsr_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; {} are allowed in one file", size, observe::icsr_bytes_max),
                     path.string(),
                     {},
                     "split the file"};
    std::ifstream in(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!in) return Error{ErrorCode::file_unreadable, "it cannot be read", path.string()};
    return std::move(bytes).str();
}

void add_import_icsr(CLI::App& import, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* command = import.add_subcommand("icsr", "safety reports: E2B(R3) messages, or report tables");
    command->fallthrough();
    command->add_option("files", options->paths, "XML, or CSV (also gzipped)")->required();
    command->add_option("--ack", options->ack, "write the acknowledgement of a message here");
    command->add_option("--source", options->source, "who sent it");
    command->add_option("--channel", options->channel, "how it came: a word of report_channels");
    command->add_option("--by", options->person, "person who imports");
    command->add_option("--org", options->organisation, "organisation that imports");
    command->add_flag("--history", options->history, "taken over from another system: no dossiers");
    command->add_flag("--dry-run", options->dry_run, "only the answer; nothing is written");
    command->callback([&context, options] {
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
    const auto sites = std::make_shared<Options>();
    auto* sentinels = import.add_subcommand("sentinels", "sentinel sites: site,name,kind,region,from,to");
    sentinels->fallthrough();
    sentinels->add_option("file", sites->paths, "CSV")->required()->expected(1);
    sentinels->add_option("--by", sites->person, "person who imports");
    sentinels->add_option("--org", sites->organisation, "organisation that imports");
    sentinels->add_flag("--dry-run", sites->dry_run, "only the answer; nothing is written");
    sentinels->callback([&context, sites] {
        if (const auto done = import_sentinels(context, *sites); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
