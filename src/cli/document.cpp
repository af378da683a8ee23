// qingyuan document …: statutory documents drawn up, issued under their numbers, and checked.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/document_work.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/config.hpp"

namespace qingyuan::cli {

namespace {

using api::DocumentAsked, api::DocumentDrawn, api::DocumentIssued;
using nlohmann::ordered_json;

struct DocumentOptions {
    std::string dossier, document, by, on, out, format = "pdf", block, rows, purpose, base, word, holder,
                                                subject, organisation;
    std::vector<std::string> fields, spoilt;
    std::int64_t number = 0, count = 0;
    bool draft = false, redacted = false, all = false, empty = false;
};
using Options = std::shared_ptr<DocumentOptions>;

void print(const ordered_json& document) {
    fmt::print("{}\n", document.dump(2));
}

Result<std::string> person_of(const Workspace& workspace, const DocumentOptions& options) {
    if (!options.by.empty()) return options.by;
    if (const char* person = std::getenv("QINGYUAN_PERSON"); person && *person) return std::string(person);
    if (workspace.instance().sample_data && !workspace.instance().default_person.empty())
        return workspace.instance().default_person;
    return Error{
        ErrorCode::usage, "nobody is named who acts", "--by", {}, "give --by PERSON or set QINGYUAN_PERSON"};
}

Result<void> put_out(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << bytes;
    out.close();
    if (!out) return Error{ErrorCode::io_failed, "cannot be written", file.string()};
    return {};
}

/// The address printed in codes: the option, else what the environment says of the server's configuration.
Result<std::string> check_url_of(const DocumentOptions& options) {
    if (!options.base.empty()) return options.base;
    const Config config = TRY(load_config(std::nullopt, process_environment()));
    CHECK(check_config(config));
    return config.documents.check_url.empty() ? config.server.public_url : config.documents.check_url;
}

api::DocumentTools tools_of(Workspace& workspace, const law::Forms& forms, std::string check_url = {}) {
    return {workspace.law(),     forms,
            workspace.journal(), workspace.access(),
            workspace.vault(),   workspace.evidence(),
            workspace.clock(),   workspace.instance().sample_data,
            std::move(check_url)};
}

/// Rows of a list from a CSV file whose header names the fields.
Result<std::vector<std::map<std::string, std::string, std::less<>>>> read_rows(const std::string& file) {
    std::vector<std::map<std::string, std::string, std::less<>>> out;
    if (file.empty()) return out;
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) return Error{ErrorCode::file_unreadable, "cannot be read", file};
    CsvReader reader = TRY(CsvReader::create(text));
    const std::vector<std::string> columns = reader.columns();
    while (const auto row = TRY(reader.next())) {
        auto& entry = out.emplace_back();
        for (std::size_t i = 0; i < columns.size() && i < row->cells.size(); ++i)
            entry[columns[i]] = row->cells[i];
    }
    return out;
}

Result<DocumentAsked> asked_of(const Workspace& workspace, const DocumentOptions& options) {
    DocumentAsked asked;
    asked.dossier = options.dossier;
    asked.document = options.document;
    asked.person = TRY(person_of(workspace, options));
    if (!options.on.empty()) asked.dated = TRY(parse_date(options.on));
    if (!options.block.empty()) asked.number = act::BlockNumber{options.block, options.number};
    for (const std::string& pair : options.fields) {
        const std::size_t gap = pair.find('=');
        if (gap == std::string::npos || gap == 0)
            return Error{ErrorCode::usage, fmt::format("'{}' is no field=value", pair), "--field"};
        asked.by_hand.insert_or_assign(pair.substr(0, gap), pair.substr(gap + 1));
    }
    asked.rows = TRY(read_rows(options.rows));
    asked.purpose = options.purpose;
    asked.redacted = options.redacted;
    return asked;
}

ordered_json told(const DocumentDrawn& made) {
    ordered_json warnings = ordered_json::array();
    for (const document::Warning& warning : made.drawn.warnings)
        warnings.push_back({{"name", warning.name}, {"where", warning.where}, {"text", warning.text}});
    return {{"number", made.number.text},
            {"digest", hex(made.drawn.digest)},
            {"missing", made.drawn.missing},
            {"withheld", made.withheld},
            {"warnings", std::move(warnings)}};
}

void tell(const DocumentDrawn& made) {
    if (!made.drawn.missing.empty()) fmt::print("to be filled by hand: {}\n", join(made.drawn.missing, " "));
    if (!made.withheld.empty()) fmt::print("withheld: {}\n", join(made.withheld, " "));
    for (const document::Warning& warning : made.drawn.warnings)
        fmt::print("{}: {} in '{}'\n", warning.name, warning.text, warning.where);
}

std::string file_name(const DocumentOptions& options) {
    return options.out.empty() ? fmt::format("{}.{}", options.document, options.format) : options.out;
}

Result<std::string> bytes_of_form(const document::Paper& paper, const std::string& format) {
    if (format == "docx") return document::write_docx(paper);
    return TRY(document::write_pdf(paper)).bytes;
}

Result<void> render(Context& context, const DocumentOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const law::Forms forms = TRY(law::Forms::load(workspace->law()));
    const DocumentAsked asked = TRY(asked_of(*workspace, options));
    const api::DocumentTools tools = tools_of(*workspace, forms, TRY(check_url_of(options)));
    const std::string file = file_name(options);
    DocumentDrawn drawn;
    std::string bytes;
    std::uint64_t seq = 0;
    if (options.draft || options.redacted) {
        drawn = TRY(api::draw_document(tools, asked, options.draft));
        bytes = TRY(bytes_of_form(drawn.drawn.paper, options.format));
    } else {
        DocumentIssued issued = TRY(api::issue_document(tools, asked));
        drawn = std::move(issued.made);
        seq = issued.seq;
        bytes = options.format == "docx" ? TRY(document::write_docx(drawn.drawn.paper)) : issued.pdf.bytes;
    }
    CHECK(put_out(file, bytes));
    if (context.json) {
        ordered_json out = told(drawn);
        out["file"] = file;
        if (seq != 0) out["seq"] = seq;
        print(out);
        return {};
    }
    if (seq != 0)
        fmt::print("issued {} as fact {}: {}\n",
                   drawn.number.text.empty() ? options.document : drawn.number.text, seq, file);
    else
        fmt::print("{}\n", file);
    tell(drawn);
    return {};
}

// --- what was issued

ordered_json public_json(const act::PublicDocument& document) {
    ordered_json out{{"code", document.code},
                     {"number", document.number},
                     {"kind", document.kind_zh},
                     {"authority", document.authority},
                     {"issued_on", document.issued_on.text()},
                     {"digest", document.digest},
                     {"pages", document.pages},
                     {"state", document.withdrawn ? "withdrawn" : "in_force"}};
    if (document.withdrawn) out["withdrawn_on"] = document.withdrawn_on.text();
    return out;
}

Result<void> list(Context& context, const DocumentOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const facts::DossierRow row = TRY(act::dossier(reader, options.dossier));
        const std::vector<facts::IssuedDocumentRow> issued = TRY(act::documents_of(reader, row.seq));
        ordered_json out = ordered_json::array();
        for (const facts::IssuedDocumentRow& one : issued) {
            const act::PublicDocument shown = TRY(act::public_view(reader, workspace->law(), one));
            ordered_json item = public_json(shown);
            item["seq"] = one.seq;
            item["document"] = one.document;
            if (!context.json)
                fmt::print("{}  {}  {}  {}  {}{}\n", one.seq, one.issued_on.text(), one.document,
                           one.number.empty() ? "-" : one.number, shown.kind_zh,
                           shown.withdrawn ? "  withdrawn " + shown.withdrawn_on.text() : "");
            out.push_back(std::move(item));
        }
        if (context.json) print({{"dossier", row.id}, {"documents", std::move(out)}});
        return {};
    });
}

Result<void> copy(Context& context, const DocumentOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const law::Forms forms = TRY(law::Forms::load(workspace->law()));
    std::optional<facts::IssuedDocumentRow> row;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        row = TRY(act::find_by_number(reader, options.subject));
        return {};
    }));
    if (!row) return Error{ErrorCode::document_unknown, options.subject, "number"};
    return put_out(options.out, TRY(api::kept_pdf(tools_of(*workspace, forms), *row)));
}

Result<void> verify(Context& context, const DocumentOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const law::Forms forms = TRY(law::Forms::load(workspace->law()));
    const act::PublicDocument found = TRY(api::verify_document(tools_of(*workspace, forms), options.subject));
    if (found.withdrawn) context.exit = 1;
    if (context.json) {
        print(public_json(found));
        return {};
    }
    fmt::print("{} {}, {}, {} pages, digest {}: {}\n", found.kind_zh,
               found.number.empty() ? found.code : found.number, found.issued_on.text(), found.pages,
               found.digest, found.withdrawn ? "withdrawn " + found.withdrawn_on.text() : "in force");
    return {};
}

// --- numbers

Result<std::string> unit_of(const Workspace& workspace, const DocumentOptions& options) {
    if (!options.organisation.empty()) return options.organisation;
    return workspace.instance().default_organisation;
}

Result<void> numbers(Context& context, const DocumentOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const std::string unit = TRY(unit_of(*workspace, options));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        ordered_json series = ordered_json::array(), blocks = ordered_json::array();
        for (const act::NumberAccount& one : TRY(act::number_accounts(reader, unit))) {
            series.push_back({{"series", one.series.id},
                              {"last", one.series.last},
                              {"on_documents", one.on_documents},
                              {"withdrawn", one.withdrawn},
                              {"in_blocks", one.in_blocks},
                              {"spoilt", one.spoilt},
                              {"returned", one.returned},
                              {"gapless", one.is_gapless()}});
            if (!context.json)
                fmt::print(
                    "{}  last {}: {} on documents ({} withdrawn), {} in blocks, {} spoilt, {} returned{}\n",
                    one.series.id, one.series.last, one.on_documents, one.withdrawn, one.in_blocks,
                    one.spoilt, one.returned, one.is_gapless() ? "" : "  GAP");
            if (!one.is_gapless()) context.exit = 1;
        }
        for (const facts::NumberBlockRow& one : TRY(act::blocks_of(reader, unit))) {
            blocks.push_back({{"id", one.id},
                              {"first", one.first},
                              {"count", one.count},
                              {"holder", one.holder},
                              {"used", one.used.size()},
                              {"spoilt", one.spoilt.size()},
                              {"settled", one.settled}});
            if (!context.json)
                fmt::print("  block {}  {} numbers, {} used, {} spoilt, {}  {}\n", one.id, one.count,
                           one.used.size(), one.spoilt.size(), one.settled ? "settled" : "out", one.holder);
        }
        if (context.json) print({{"organisation", unit}, {"series", series}, {"blocks", blocks}});
        return {};
    });
}

Result<void> append(
    Context& context, Workspace& workspace, const DocumentOptions& options,
    const std::function<Result<facts::Fact>(const journal::Reader&, const act::Actor&)>& decide) {
    const std::string person = TRY(person_of(workspace, options));
    std::uint64_t seq = 0;
    facts::Payload payload;
    CHECK(workspace.journal().write([&](journal::Writer& writer) -> Result<void> {
        const act::Actor actor = TRY(act::actor_of(writer, person, workspace.clock().now()));
        const facts::Recorded recorded = TRY(writer.append(TRY(decide(writer, actor))));
        seq = recorded.seq;
        payload = recorded.fact.payload;
        return {};
    }));
    std::string id;
    if (const auto* block = std::get_if<facts::NumberBlockIssued>(&payload)) id = block->id;
    if (const auto* settled = std::get_if<facts::NumberBlockSettled>(&payload)) id = settled->id;
    if (context.json)
        print({{"block", id}, {"seq", seq}});
    else
        fmt::print("{} (fact {})\n", id, seq);
    return {};
}

Result<void> set_aside(Context& context, const DocumentOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const law::Forms forms = TRY(law::Forms::load(workspace->law()));
    return append(context, *workspace, options, [&](const journal::Reader& reader, const act::Actor& actor) {
        return act::issue_block(reader, forms, actor, options.word,
                                options.holder.empty() ? actor.person : options.holder, options.count);
    });
}

Result<void> settle(Context& context, const DocumentOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    std::vector<facts::SpoiltNumber> spoilt;
    for (const std::string& pair : options.spoilt) {
        const std::size_t gap = pair.find('=');
        const auto ordinal = parse_integer(pair.substr(0, gap));
        if (!ordinal) return Error{ErrorCode::usage, fmt::format("'{}' is no N=REASON", pair), "--spoilt"};
        spoilt.push_back({*ordinal, gap == std::string::npos ? "" : pair.substr(gap + 1)});
    }
    return append(context, *workspace, options, [&](const journal::Reader& reader, const act::Actor& actor) {
        return act::settle_block(reader, actor, options.block, spoilt);
    });
}

// --- forms

Result<void> list_forms(Context& context, const DocumentOptions&) {
    const law::Law law = TRY(context.load_law());
    const law::Forms forms = TRY(law::Forms::load(law));
    ordered_json out = ordered_json::array();
    for (const law::DocumentForm& form : forms.all()) {
        const bool verified = form.status == law::Status::verified;
        out.push_back({{"document", form.document},
                       {"title", form.title},
                       {"word", form.word},
                       {"status", verified ? "verified" : "unverified"}});
        if (!context.json)
            fmt::print("{}  {}{}{}\n", form.document, form.title, form.word.empty() ? "" : "  " + form.word,
                       verified ? "" : "  (unverified)");
    }
    if (context.json) print({{"forms", std::move(out)}});
    return {};
}

Result<void> sample(Context& context, const DocumentOptions& options) {
    const law::Law law = TRY(context.load_law());
    const law::Forms forms = TRY(law::Forms::load(law));
    if (!options.all && options.document.empty())
        return Error{ErrorCode::usage, "name a document, or --all", "document"};
    const std::string check_url = TRY(check_url_of(options));
    const std::filesystem::path directory = options.out.empty() ? "." : options.out;
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    std::size_t drawn = 0;
    for (const law::DocumentForm& form : forms.all()) {
        if (!options.all && form.document != options.document) continue;
        facts::FilledForm filled = document::sample_form(law, form);
        if (options.empty) {
            filled.values.clear();
            filled.rows.clear();
            filled.number.clear();
            filled.dated = {};
        }
        const document::DrawnForm paper = TRY(document::draw_form(law, form, filled, check_url));
        CHECK(put_out(directory / fmt::format("{}.{}", form.document, options.format),
                      TRY(bytes_of_form(paper.paper, options.format))));
        ++drawn;
    }
    if (drawn == 0) return Error{ErrorCode::document_unknown, options.document, "document"};
    fmt::print("{} documents in {}\n", drawn, directory.string());
    return {};
}

/// Every form on one set of sheets, for eyes.
Result<void> sheet(Context& context, const DocumentOptions& options) {
    const law::Law law = TRY(context.load_law());
    const law::Forms forms = TRY(law::Forms::load(law));
    std::vector<document::Paper> papers;
    std::vector<std::string> names;
    for (const law::DocumentForm& form : forms.all()) {
        const facts::FilledForm filled = document::sample_form(law, form);
        papers.push_back(TRY(document::draw_form(law, form, filled, TRY(check_url_of(options)))).paper);
        names.push_back(fmt::format("{} {}", form.document, form.title));
    }
    const document::PdfFile made = TRY(document::write_contact_sheet(papers, names));
    const std::string file = options.out.empty() ? "forms.pdf" : options.out;
    CHECK(put_out(file, made.bytes));
    fmt::print("{} forms on {} sheets: {}\n", papers.size(), made.pages, file);
    return {};
}

// --- their options

CLI::App* command(CLI::App& group, Context& context, const Options& options, const char* name,
                  const char* help, Result<void> (*run)(Context&, const DocumentOptions&)) {
    CLI::App* added = group.add_subcommand(name, help);
    added->callback([added, run, options, &context] {
        if (!added->get_subcommands().empty()) return;
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
    return added;
}

void add_render(CLI::App& group, Context& context, const Options& options) {
    CLI::App* rendering = command(group, context, options, "render",
                                  "draw a document up and issue it under its number", render);
    rendering->add_option("dossier", options->dossier, "record id or sequence number")->required();
    rendering->add_option("document", options->document, "id of law/documents.csv")->required();
    rendering->add_option("--format", options->format, "pdf or docx")->check(CLI::IsMember({"pdf", "docx"}));
    rendering->add_option("--out", options->out, "file; default: DOCUMENT.FORMAT");
    rendering->add_flag("--draft", options->draft, "only draw it: no number, 草稿 on every page");
    rendering->add_flag("--redacted", options->redacted, "only draw it, for publication: names masked");
    rendering->add_option("--on", options->on, "date on the document; else today");
    rendering->add_option("--field", options->fields, "field=value, goes before the dossier's")
        ->allow_extra_args(false);
    rendering->add_option("--rows", options->rows, "CSV file of a list's rows, header = fields");
    auto* block = rendering->add_option("--block", options->block, "block the number comes from");
    auto* number = rendering->add_option("--number", options->number, "which number of the block");
    block->needs(number);
    number->needs(block);
    rendering->add_option("--purpose", options->purpose,
                          "why personal values are read; without it they stay out");
    rendering->add_option("--base", options->base, "address of the public page that checks documents");
    rendering->add_option("--by", options->by, "person who acts; else QINGYUAN_PERSON");
}

void add_numbers(CLI::App& group, Context& context, const Options& options) {
    CLI::App* account = command(group, context, options, "numbers",
                                "how every number of every series is accounted for", numbers);
    account->add_option("--org", options->organisation, "organisation; default: the data directory's own");
    CLI::App* block =
        command(*account, context, options, "block", "set numbers aside for offline work", set_aside);
    block->add_option("word", options->word, "word of the series, such as 罚")->required();
    block->add_option("count", options->count, "how many")->required();
    block->add_option("--holder", options->holder, "person who answers for them; else who acts");
    block->add_option("--by", options->by, "person who acts; else QINGYUAN_PERSON");
    CLI::App* back = command(*account, context, options, "settle", "take a block back", settle);
    back->add_option("block", options->block, "id of the block")->required();
    back->add_option("--spoilt", options->spoilt, "N=REASON: void for ever")->allow_extra_args(false);
    back->add_option("--by", options->by, "person who acts; else QINGYUAN_PERSON");
}

}  // namespace

void add_document(CLI::App& app, Context& context) {
    CLI::App* group = app.add_subcommand("document", "statutory documents: drawn up, numbered, checked");
    group->require_subcommand(1);
    const auto options = std::make_shared<DocumentOptions>();
    add_render(*group, context, options);
    add_numbers(*group, context, options);
    CLI::App* listing = command(*group, context, options, "list", "documents issued in a dossier", list);
    listing->add_option("dossier", options->dossier, "record id or sequence number")->required();
    CLI::App* copying = command(*group, context, options, "copy", "the kept PDF of an issued document", copy);
    copying->add_option("number", options->subject, "number of the document")->required();
    copying->add_option("--out", options->out, "file")->required();
    CLI::App* checking =
        command(*group, context, options, "verify",
                "is this file, or the document of this printed code, what was issued", verify);
    checking->add_option("subject", options->subject, "PDF file, or the text of the printed code")
        ->required();
    command(*group, context, options, "forms", "the forms there are; unverified layouts are marked",
            list_forms);
    CLI::App* sheets = command(*group, context, options, "sheet", "every form small, on sheets of A3", sheet);
    sheets->add_option("--out", options->out, "PDF file; default: forms.pdf");
    sheets->add_option("--base", options->base, "address of the public page that checks documents");
    CLI::App* samples = command(*group, context, options, "sample", "sample sheets", sample);
    samples->add_option("document", options->document, "id of law/documents.csv");
    samples->add_flag("--all", options->all, "every form");
    samples->add_flag("--empty", options->empty, "without values");
    samples->add_option("--format", options->format, "pdf or docx")->check(CLI::IsMember({"pdf", "docx"}));
    samples->add_option("--out", options->out, "directory");
    samples->add_option("--base", options->base, "address of the public page that checks documents");
}

}  // namespace qingyuan::cli
