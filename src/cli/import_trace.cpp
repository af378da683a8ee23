// qingyuan import trace PATH: trace data into the pack index, with a report row by row.
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/epcis_json.hpp"
#include "cli/trace_desk.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::vector<std::filesystem::path> paths;
    std::string format = "csv";
    std::string now;
    std::string source;
    std::string person, organisation;
    bool dry_run = false;
};

/// 2025-07-01T00:00:00+08:00, 2025-07-01, or seconds since 1970.
Result<std::int64_t> instant_ms(const std::string& text) {
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos)
        return TRY(parse_integer(text)) * 1000;
    return TRY(parse_instant(text)).us / 1000;
}

ordered_json as_json(const api::PackReport& report) {
    ordered_json out{{"batch", report.intake.batch},
                     {"repeated", report.repeated},
                     {"evidence", report.intake.digest.empty() ? ordered_json(nullptr)
                                                               : ordered_json(report.intake.digest)},
                     {"accepted", report.intake.accepted()},
                     {"rejected", report.intake.rejected()},
                     {"waiting", report.intake.waiting()},
                     {"confirmed", report.judgement.confirmed},
                     {"withdrawn", report.judgement.withdrawn},
                     {"judgement", report.judgement.seq},
                     {"leads", report.leads}};
    out["tables"] = ordered_json::array();
    for (const observe::TableReport& table : report.intake.tables) {
        ordered_json one{{"kind", table.kind},
                         {"name", table.name},
                         {"rows", table.problems.rows},
                         {"accepted", table.problems.accepted()},
                         {"rejected", table.problems.rejected_rows},
                         {"waiting", table.problems.waiting_rows}};
        one["rows_rejected"] = ordered_json::array();
        for (const observe::RejectedRow& row : table.problems.rejected)
            one["rows_rejected"].push_back({{"row", row.row},
                                            {"field", row.field},
                                            {"code", info(row.code).name},
                                            {"message", row.message},
                                            {"next", row.next}});
        out["tables"].push_back(std::move(one));
    }
    return out;
}

void print_text(const api::PackReport& report) {
    if (report.repeated) {
        fmt::print("the same files came before, as batch {}: nothing was added\n", report.intake.batch);
    } else {
        for (const observe::TableReport& table : report.intake.tables) {
            fmt::print("{}: {} accepted, {} rejected, {} waiting\n", table.kind, table.problems.accepted(),
                       table.problems.rejected_rows, table.problems.waiting_rows);
            std::size_t shown = 0;
            for (const observe::RejectedRow& row : table.problems.rejected) {
                if (++shown > 20) {
                    fmt::print("  … {} more (--json lists the first 1,000)\n", table.problems.faults - 20);
                    break;
                }
                fmt::print("  {}:{}: {}{}: {}{}\n", table.name, row.row,
                           row.field.empty() ? "" : row.field + ": ", info(row.code).name, row.message,
                           row.next.empty() ? "" : " — " + row.next);
            }
        }
        fmt::print("batch {}, {} events, evidence {}\n", report.intake.batch, report.intake.applied.events,
                   report.intake.digest);
    }
    fmt::print("findings: {} confirmed, {} withdrawn", report.judgement.confirmed,
               report.judgement.withdrawn);
    if (report.leads > 0) fmt::print("; {} leads", report.leads);
    fmt::print("\n");
}

Result<void> run(Context& context, const Options& options) {
    if (options.format != "csv" && options.format != "epcis-json" && options.format != "epcis-xml")
        return Error{ErrorCode::usage, "csv, epcis-json or epcis-xml", "--format"};
    if (options.dry_run && options.format != "csv") {
        for (const std::filesystem::path& path : options.paths) {
            std::ifstream in(path, std::ios::binary);
            std::ostringstream bytes;
            bytes << in.rdbuf();
            if (!in) return Error{ErrorCode::file_unreadable, "it cannot be read", path.string()};
            const auto format =
                options.format == "epcis-xml" ? observe::EpcisFormat::xml : observe::EpcisFormat::json;
            fmt::print("{}\n", TRY(epcis_json(format, bytes.str())));
        }
        return {};
    }
    if (options.dry_run)
        return Error{ErrorCode::usage, "only EPCIS documents are read without being kept", "--dry-run"};
    api::PackImport import;
    for (const std::filesystem::path& path : options.paths)
        for (observe::TraceFile& file : TRY(observe::trace_files(path, options.format)))
            import.files.push_back(std::move(file));
    if (!options.now.empty()) import.now_ms = TRY(instant_ms(options.now));
    import.source = options.source.empty() ? options.paths.front().filename().string() : options.source;
    import.progress = show_trace_progress;
    const auto workspace = TRY(context.open_workspace(true));
    api::PackActor actor{options.person, options.organisation};
    if (actor.person.empty())
        actor.person =
            workspace->instance().default_person.empty() ? "system" : workspace->instance().default_person;
    if (actor.organisation.empty()) actor.organisation = workspace->instance().default_organisation;
    const auto desk = TRY(open_packs(context, *workspace));
    const api::PackReport report = TRY(desk->import(actor, std::move(import)));
    if (context.json)
        fmt::print("{}\n", as_json(report).dump(2, ' ', false, ordered_json::error_handler_t::replace));
    else
        print_text(report);
    if (report.intake.rejected() > 0) context.exit = 1;
    return {};
}

}  // namespace

void add_import_trace(CLI::App& import, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* command = import.add_subcommand("trace", "trace data: a directory of CSV tables, or one file");
    command->fallthrough();
    command->add_option("path", options->paths, "directory of the flat format, or files")->required();
    command->add_option("--format", options->format, "csv, epcis-json or epcis-xml")->capture_default_str();
    command->add_option("--now", options->now, "judge as of this instant; default: now");
    command->add_option("--source", options->source, "who sent it; default: its name");
    command->add_option("--by", options->person, "person who imports");
    command->add_option("--org", options->organisation, "organisation that imports");
    command->add_flag("--dry-run", options->dry_run, "EPCIS: print what is read, keep nothing");
    command->callback([&context, options] {
        const auto done = run(context, *options);
        if (done) return;
        context.fail(done.error());
        // A file that is refused as a whole is unreadable input, whatever its code says elsewhere.
        if (context.exit == 1) context.exit = 2;
    });
}

}  // namespace qingyuan::cli
