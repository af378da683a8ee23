// qingyuan import KIND FILE: tables into the registry, with a report row by row.
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "accounts/file_seal.hpp"
#include "cli/commands.hpp"
#include "document/encoding.hpp"
#include "registry/import.hpp"
#include "registry/registry.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct ImportOptions {
    registry::ImportKind kind{};
    std::filesystem::path file;
    std::string person;
    std::string organisation;
    std::string source;
    bool dry_run = false;
};

Result<std::string> read_table(const std::filesystem::path& file) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(file, failed))
        return Error{ErrorCode::file_unreadable, "there is no such file", file.string()};
    if (const auto size = std::filesystem::file_size(file, failed);
        !failed && size > registry::import_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; {} are allowed in one file", size, registry::import_bytes_max),
                     file.string(),
                     {},
                     "split the file"};
    std::ifstream in(file, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    if (!in) return Error{ErrorCode::file_unreadable, "it cannot be read", file.string()};
    return std::move(bytes).str();
}

/// Who imports: the person named, or the instance's own; a registry that is still empty is filled by the
/// system.
Result<void> name_actor(Workspace& workspace, Date today, ImportOptions& options) {
    const Instance& instance = workspace.instance();
    if (options.person.empty())
        options.person = instance.default_person.empty() ? "system" : instance.default_person;
    if (options.organisation.empty()) options.organisation = instance.default_organisation;
    if (options.person == "system") return {};
    return workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
        const auto person = TRY(registry::person_on(reader, options.person, today));
        if (options.organisation.empty()) options.organisation = person.organisation;
        return {};
    });
}

ordered_json as_json(const registry::ImportReport& report, const ImportOptions& options,
                     document::Encoding encoding) {
    ordered_json out{{"kind", registry::name_of(report.kind)},
                     {"file", options.file.string()},
                     {"encoding", document::name_of(encoding)},
                     {"dry_run", options.dry_run},
                     {"accepted", report.accepted},
                     {"duplicate", report.duplicate},
                     {"rejected", report.rejected}};
    out["batch"] = report.batch == 0 ? ordered_json(nullptr) : ordered_json(report.batch);
    out["evidence"] = report.evidence.empty() ? ordered_json(nullptr) : ordered_json(report.evidence);
    out["rows"] = ordered_json::array();
    for (const registry::RowProblem& row : report.rows)
        out["rows"].push_back({{"line", row.line},
                               {"field", row.field},
                               {"code", info(row.code).name},
                               {"message", row.message},
                               {"next", row.next}});
    if (report.omitted > 0) out["rows_omitted"] = report.omitted;
    return out;
}

void print_text(const registry::ImportReport& report, const ImportOptions& options,
                document::Encoding encoding) {
    fmt::print("{}: {} accepted, {} duplicate, {} rejected ({}{})\n", registry::name_of(report.kind),
               report.accepted, report.duplicate, report.rejected, document::name_of(encoding),
               options.dry_run ? ", dry run" : "");
    for (const registry::RowProblem& row : report.rows)
        fmt::print("{}:{}: {}{}: {}{}\n", options.file.string(), row.line,
                   row.field.empty() ? "" : row.field + ": ", info(row.code).name, row.message,
                   row.next.empty() ? "" : " — " + row.next);
    if (report.omitted > 0) fmt::print("… and {} more\n", report.omitted);
    if (report.batch > 0)
        fmt::print("batch {}, {} facts, evidence {}\n", report.batch, report.facts, report.evidence);
}

/// One line on a terminal that grows over itself; nothing where stderr is a file.
void show_progress(std::string_view phase, std::uint64_t done, std::uint64_t rows) {
    if (rows < 5'000 || ::isatty(STDERR_FILENO) == 0) return;
    fmt::print(stderr, "\r{} {} / {}{}", phase, done, rows, done == rows ? "\n" : "");
}

Result<void> import_file(Context& context, ImportOptions options) {
    const std::string raw = TRY(read_table(options.file));
    const document::DecodedText decoded = TRY(document::decode_text(raw));
    const auto workspace = TRY(context.open_workspace(true));
    const Date today = workspace->clock().now().date();
    CHECK(name_actor(*workspace, today, options));
    std::optional<law::Statistics> statistics;
    if (options.kind == registry::ImportKind::figures)
        statistics = TRY(law::Statistics::load(workspace->law()));
    const registry::ImportDesk desk{workspace->journal(),
                                    workspace->law(),
                                    workspace->vault(),
                                    workspace->evidence(),
                                    accounts::seal_file(workspace->vault()),
                                    statistics ? &*statistics : nullptr};
    const auto report = TRY(registry::import_table(
        desk, {.kind = options.kind,
               .text = decoded.text,
               .raw = raw,
               .actor = options.person,
               .organisation = options.organisation,
               .source = options.source.empty() ? options.file.filename().string() : options.source,
               .today = today,
               .dry_run = options.dry_run,
               .progress = show_progress}));
    if (context.json)
        fmt::print("{}\n", as_json(report, options, decoded.encoding)
                               .dump(2, ' ', false, ordered_json::error_handler_t::replace));
    else
        print_text(report, options, decoded.encoding);
    if (report.rejected > 0) context.exit = 1;
    return {};
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
    auto* import = app.add_subcommand("import", "read a table into the registry; columns: docs/import.md");
    import->require_subcommand(1);
    import->fallthrough();
    add_import_trace(*import, context);
    add_import_icsr(*import, context);
    for (int number = 0; number <= static_cast<int>(registry::ImportKind::figures); ++number) {
        const auto kind = static_cast<registry::ImportKind>(number);
        const auto options = std::make_shared<ImportOptions>();
        options->kind = kind;
        auto* command = import->add_subcommand(std::string(registry::name_of(kind)),
                                               fmt::format("a table of {}", registry::name_of(kind)));
        command->fallthrough();
        command->add_option("file", options->file, "CSV with a header line: UTF-8, GB18030 or UTF-16")
            ->required();
        command->add_option("--by", options->person, "person who imports");
        command->add_option("--org", options->organisation, "organisation that imports");
        command->add_option("--source", options->source, "who sent the file; default: its name");
        command->add_flag("--dry-run", options->dry_run, "only the report; nothing is written");
        command->callback([&context, options] {
            const auto done = import_file(context, *options);
            if (done) return;
            Error error = done.error();
            if (error.where.empty() || error.where.starts_with("line ") || error.where.starts_with("byte "))
                error.where = options->file.string() + (error.where.empty() ? "" : ", " + error.where);
            context.fail(error);
            // A column named twice makes the file unreadable; the same code on a row is only a refusal.
            if (error.code == ErrorCode::duplicate_key) context.exit = 2;
        });
    }
}

}  // namespace qingyuan::cli
