// qingyuan report …: figures with their members, in every form they go out; the life of a published report is
// in report_move.cpp.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/report_move.hpp"
#include "cli/report_text.hpp"
#include "cli/report_work.hpp"
#include "document/report_tables.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;
using Options = std::shared_ptr<ReportOptions>;

constexpr std::size_t page_members = 100'000;

document::Language language_of(const Context& context) {
    return context.language == "en" ? document::Language::en : document::Language::zh;
}

Result<void> put_out(const ReportOptions& options, const std::string& bytes) {
    if (options.out.empty()) {
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
        return {};
    }
    std::ofstream out(options.out, std::ios::binary | std::ios::trunc);
    out << bytes;
    out.close();
    if (!out) return Error{ErrorCode::io_failed, "cannot be written", options.out};
    return {};
}

Result<std::string> read_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) return Error{ErrorCode::file_unreadable, "cannot be read", file};
    return text;
}

// --- members

Result<account::Scope> members_scope(const ComputedReport& computed, const ReportOptions& options) {
    if (!options.unit.empty()) return account::unit_scope(computed.index, computed.report, options.unit);
    if (const account::ReportLine* line = computed.report.find(options.members)) return line->scope;
    return account::Scope{computed.report.organisation.id, computed.report.period, computed.report.as_of,
                          false};
}

Result<void> print_members(const Context& context, const ComputedReport& computed,
                           const ReportOptions& options) {
    const account::Scope scope = TRY(members_scope(computed, options));
    account::MemberPage page;
    page.limit = page_members;
    std::string lines;
    ordered_json listed = ordered_json::array();
    while (true) {
        const auto members = TRY(computed.index.members(options.members, scope, page));
        for (const account::Member& member : members) {
            if (!context.json) {
                lines += member.line() + "\n";
                continue;
            }
            ordered_json item{{"seq", member.seq}, {"record_id", member.record_id}};
            if (member.index) item["index"] = *member.index;
            listed.push_back(std::move(item));
        }
        if (members.size() < page.limit) break;
        page.after_seq = members.back().seq;
        page.after_index = members.back().index;
        if (members.back().seq == 0) page.after_entity = members.back().record_id;
    }
    if (!context.json) return put_out(options, lines);
    const Digest root = TRY(computed.index.members_root(options.members, scope));
    const ordered_json out{{"figure", options.members},      {"org", scope.organisation},
                           {"own", scope.own_only},          {"period", scope.period.text},
                           {"as_of", computed.report.as_of}, {"total", listed.size()},
                           {"members_root", hex(root)},      {"members", std::move(listed)}};
    return put_out(options, out.dump(2) + "\n");
}

// --- the report

Result<std::string> rendered(const Context& context, const law::Law& law, const ComputedReport& computed,
                             const std::string& format) {
    const auto language = language_of(context);
    if (format == "json") return document::report_json(law, computed.report, computed.from);
    if (format == "csv") return document::report_csv(computed.report);
    if (format == "xlsx")
        return document::write_xlsx(document::report_workbook(law, computed.report, computed.from, language));
    document::ReportLayout layout = document::lay_out(law, computed.report, computed.from, language);
    if (computed.standing.state != "draft")
        layout.facts.push_back(fmt::format("{} {} ({})",
                                           language == document::Language::zh ? "状态" : "State",
                                           computed.standing.state, computed.standing.as_of));
    if (format == "html") return document::report_html(layout, language);
    if (format == "pdf" || format == "docx") {
        const document::Paper paper = TRY(
            document::report_paper(layout, computed.report.as_of_date, computed.from.sample_data, language));
        if (format == "docx") return document::write_docx(paper);
        return TRY(document::write_pdf(paper)).bytes;
    }
    return document::report_text(layout);
}

Result<void> run_report(Context& context, const ReportOptions& options) {
    std::string format = options.format;
    if (format.empty()) format = context.json ? "json" : context.csv ? "csv" : "text";
    const bool binary = format == "xlsx" || format == "pdf" || format == "docx";
    if (binary && options.out.empty() && options.members.empty())
        return Error{ErrorCode::usage,
                     fmt::format("{} goes into a file", format),
                     "--out",
                     {},
                     fmt::format("--out FILE.{}", format)};
    if (options.report.empty())
        return Error{ErrorCode::usage, "no report is named", "report", {}, "qingyuan report list"};
    const auto workspace = TRY(context.open_workspace(false));
    const ReportOptions asked = with_defaults(*workspace, options);
    const bool needs_roots = format == "json" || format == "csv" || format == "xlsx";
    const ComputedReport computed =
        TRY(compute_report(*workspace, {asked.report, asked.organisation, asked.period, asked.as_of,
                                        needs_roots && asked.members.empty()}));
    if (!asked.members.empty()) return print_members(context, computed, asked);
    return put_out(asked, TRY(rendered(context, workspace->law(), computed, format)));
}

Result<void> run_list(Context& context) {
    const law::Law law = TRY(context.load_law());
    const auto statistics = TRY(law::Statistics::load(law));
    ordered_json reports = ordered_json::array();
    for (const law::ReportForm& report : statistics.reports())
        reports.push_back({{"id", report.id}, {"zh", report.zh}, {"en", report.en}});
    ordered_json figures = ordered_json::array();
    for (const law::Statistic& each : statistics.all())
        figures.push_back({{"id", each.id},
                           {"zh", each.zh},
                           {"en", each.en},
                           {"unit", each.unit},
                           {"kind", each.kind == law::FigureKind::derived ? "derived" : "reported"}});
    if (context.json) {
        const ordered_json out{{"reports", std::move(reports)}, {"figures", std::move(figures)}};
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    const char* name = context.language == "en" ? "en" : "zh";
    for (const auto& each : reports)
        fmt::print("{}\t{}\n", each["id"].get<std::string>(), each[name].get<std::string>());
    for (const auto& each : figures)
        fmt::print("  {}\t{}\t{}\n", each["id"].get<std::string>(), each["unit"].get<std::string>(),
                   each[name].get<std::string>());
    return {};
}

// --- check: a manifest against a copy of the journal, without a server

/// Reads the copy up to the manifest's as-of, checking chain and tree on the way.
Result<document::Provenance> read_copy(const journal::Export& copy, const document::ManifestHead& head,
                                       account::Index& index) {
    const journal::Checkpoint& end = copy.checkpoint();
    if (end.origin != head.origin)
        return Error{ErrorCode::manifest_mismatch,
                     fmt::format("the journal is '{}', the manifest is of '{}'", end.origin, head.origin),
                     "journal"};
    if (end.size < head.as_of)
        return Error{ErrorCode::replayed_journal,
                     fmt::format("the journal ends at {}, the manifest was made at {}", end.size, head.as_of),
                     "journal",
                     {},
                     "take a newer copy"};
    MerkleEdge edge;
    CHECK(copy.scan([&](const facts::Recorded& recorded) -> Result<void> {
        if (recorded.seq > head.as_of) return {};
        const Bytes record = facts::encode(recorded);
        edge.add(merkle_leaf(record));
        return index.apply(recorded.seq, record);
    }));
    if (edge.root() != head.root)
        return Error{ErrorCode::manifest_mismatch,
                     fmt::format("the first {} facts have the root {}, the manifest says {}", head.as_of,
                                 hex(edge.root()), hex(head.root)),
                     "journal"};
    return document::Provenance{end.origin, head.as_of, edge.root(), head.sample_data};
}

Result<void> run_check(Context& context, const ReportOptions& options) {
    const std::string manifest = TRY(read_file(options.manifest));
    const document::ManifestHead head = TRY(document::parse_manifest(manifest));
    const law::Law law = TRY(context.load_law());
    account::Index index(TRY(law::Statistics::load(law)));
    std::unique_ptr<journal::Store> store;
    if (std::filesystem::is_directory(options.journal)) store = TRY(context.open_store(options.journal));
    const journal::Export copy =
        store ? TRY(journal::Export::open(*store, "facts")) : TRY(journal::Export::open(options.journal));
    const document::Provenance from = TRY(read_copy(copy, head, index));
    const account::Report report =
        TRY(account::compute(index, {head.report, head.organisation, head.period, head.as_of, true}));
    const auto differences =
        TRY(document::manifest_differences(manifest, document::report_json(law, report, from)));
    const bool same_law = head.law_digest == hex(law.digest());
    if (!same_law) fmt::print(stderr, "the statute book is not the one the manifest was made with\n");
    if (!differences.empty()) context.exit = 1;
    if (context.json) {
        const ordered_json out{{"manifest", options.manifest},   {"as_of", head.as_of},
                               {"figures", report.lines.size()}, {"units", report.by_unit.size()},
                               {"same_law", same_law},           {"holds", differences.empty()},
                               {"differences", differences}};
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    for (const std::string& difference : differences) fmt::print("{}\n", difference);
    fmt::print("{} figures and {} units computed again as of {}, {} differences\n", report.lines.size(),
               report.by_unit.size(), head.as_of, differences.size());
    return {};
}

template <class Run>
void on(CLI::App* command, Context& context, const Options& options, Run run) {
    command->callback([&context, options, run] {
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
}

void add_asked(CLI::App* command, const Options& options) {
    command->add_option("--org", options->organisation, "organisation; default: the data directory's own");
    command->add_option("--period", options->period, "2025, 2025-H1, 2025-Q2, 2025-06 or FROM..TO");
}

}  // namespace

void add_report(CLI::App& app, Context& context) {
    const auto options = std::make_shared<ReportOptions>();
    auto* report = app.add_subcommand("report", "figures over the journal, each opening to its records");
    report->add_option("REPORT", options->report, "report id, see `report list`");
    add_asked(report, options);
    report->add_option("--as-of", options->as_of, "sequence number, or date and time");
    report->add_option("--format", options->format, "text, json, csv, xlsx, html, pdf or docx")
        ->check(CLI::IsMember({"text", "json", "csv", "xlsx", "html", "docx", "pdf"}));
    report->add_option("--out", options->out, "file instead of stdout");
    report->add_option("--members", options->members, "list the members of this figure instead");
    report->add_option("--unit", options->unit, "with --members: of this unit only");
    report->callback([&context, options, report] {
        if (!report->get_subcommands().empty()) return;
        if (const auto done = run_report(context, *options); !done) context.fail(done.error());
    });

    auto* list = report->add_subcommand("list", "reports and figures there are");
    list->callback([&context] {
        if (const auto done = run_list(context); !done) context.fail(done.error());
    });
    auto* check =
        report->add_subcommand("check", "compute a manifest's figures again from a copy of the journal");
    check->add_option("MANIFEST", options->manifest, "written by --format json or by freeze")->required();
    check->add_option("--journal", options->journal, "an exported file or a copied data directory")
        ->required();
    on(check, context, options, run_check);
    for (const ReportMoveKind& move : report_moves()) {
        auto* command = report->add_subcommand(move.name, move.description);
        command->add_option("REPORT", options->report, "report id")->required();
        add_asked(command, options);
        command->add_option("--by", options->person, "person who does it");
        command->add_option("--out", options->out,
                            "where the manifest goes; default: reports/ in the data directory");
        if (move.needs_reason) command->add_option("--reason", options->reason, "why")->required();
        on(command, context, options, move.run);
    }
}

}  // namespace qingyuan::cli
