// Tools around a case: what an act costs, which criteria are met, packages for partner agencies, everything
// about one product or one person, the table of a circular.
#include "cli/case_work.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "account/circular.hpp"
#include "act/appearances.hpp"
#include "act/bans.hpp"
#include "act/exchange.hpp"
#include "act/form.hpp"
#include "act/punishment.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/json_file.hpp"
#include "cli/law_files.hpp"
#include "cli/package_paper.hpp"
#include "law/decision_table.hpp"
#include "law/punishment.hpp"

namespace qingyuan::cli {

using nlohmann::ordered_json;

namespace {

struct CaseOptions {
    std::string violation, rule, to, dossier, number, product, identity, organisation, period, table, on;
    std::filesystem::path file, out, receipt, key;
    std::vector<std::string> items, missing, mitigation, aggravation;
    std::size_t top = 10;
    bool anonymous = false, paper = false;
};
using Options = std::shared_ptr<CaseOptions>;

Result<std::string> read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{ErrorCode::file_unreadable, "cannot be read", file.string()};
    return std::move(text).str();
}

Result<void> write_text(const std::filesystem::path& file, std::string_view text) {
    if (file.empty()) {
        fmt::print("{}", text);
        return {};
    }
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) return Error{ErrorCode::io_failed, "cannot write", file.string()};
    return {};
}

// --- law

ordered_json range_of(const law::PenaltyRange& range) {
    ordered_json out{{"applies", range.applies}, {"min_fen", range.min.value}, {"max_fen", range.max.value}};
    if (!range.ban_min.empty()) out["ban_years"] = {range.ban_min, range.ban_max};
    return out;
}

Result<void> judge(Context& context, const CaseOptions& options) {
    const law::Law law = TRY(context.load_law());
    const law::Violation* violation = law.find_violation(options.violation);
    if (violation == nullptr)
        return Error{ErrorCode::not_in_vocabulary, fmt::format("no violation '{}'", options.violation)};
    const auto facts = TRY(penalty_facts(TRY(read_json(options.file))));
    const law::Punishment told =
        TRY(law::punish(law, *violation, facts, {options.mitigation, options.aggravation}, options.rule));
    ordered_json out{{"violation", told.violation},       {"infringes", told.infringes},
                     {"heaviest", told.heaviest},         {"organisation", range_of(told.organisation)},
                     {"persons_rule", told.persons_rule}, {"persons", range_of(told.persons)},
                     {"steps", ordered_json::array()}};
    const bool english = context.language == "en";
    for (const law::PenaltyStep& step : told.steps) {
        const law::Citation cited = law::parse_citation(step.law);
        out["steps"].push_back(
            {{"law", step.law}, {"law_zh", law.cite_zh(cited)}, {"zh", step.zh}, {"en", step.en}});
        if (!context.json)
            fmt::print("{}  {}\n", english ? law.cite_en(cited) : law.cite_zh(cited),
                       english ? step.en : step.zh);
    }
    if (context.json) {
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    const char* firm = english ? "organisation, yuan" : "单位罚款（元）";
    const char* people = english ? "persons, yuan" : "个人罚款（元）";
    if (told.organisation.applies)
        fmt::print("{}: {} .. {}\n", firm, told.organisation.min.text(), told.organisation.max.text());
    if (told.persons.applies)
        fmt::print("{}: {} .. {}\n", people, told.persons.min.text(), told.persons.max.text());
    return {};
}

/// Attributes of one case of a file, as texts.
std::vector<std::string> texts_of(const nlohmann::json& facts, std::string_view name) {
    const auto found = facts.find(name);
    if (found == facts.end()) return {};
    std::vector<std::string> out;
    if (found->is_array())
        for (const auto& one : *found) out.push_back(one.is_string() ? one.get<std::string>() : one.dump());
    else
        out.push_back(found->is_string() ? found->get<std::string>() : found->dump());
    return out;
}

/// {"table": "transfer_criteria", "cases": [{"on": DATE, "facts": {…}, "met": ["row"]}]}
Result<void> run_criteria(Context& context, const CaseOptions& options) {
    const auto file = TRY(read_json(options.file));
    const law::Law law = TRY(context.load_law());
    int passed = 0, failed = 0;
    if (!file.is_object() || !file.contains("cases") || !file["cases"].is_array())
        return Error{ErrorCode::json_malformed, "expects a list 'cases'", options.file.string()};
    for (const auto& one : file["cases"]) {
        if (!one.is_object() || !one.contains("on") || !one["on"].is_string() || !one.contains("facts") ||
            !one["facts"].is_object() || !one.contains("met") || !one["met"].is_array())
            return Error{ErrorCode::json_malformed, "expects 'on', 'facts' and 'met'", options.file.string()};
        const Date on = TRY(parse_date(one["on"].get<std::string>()));
        std::vector<std::string> met;
        for (const law::Word* row : TRY(law::rows_met(law, options.table, on, [&](std::string_view name) {
                 return texts_of(one["facts"], name);
             })))
            met.push_back(row->code);
        if (nlohmann::json(met) == one["met"]) {
            ++passed;
            continue;
        }
        ++failed;
        fmt::print("{} {}: met [{}], expected {}\n", on.text(), one["facts"].dump(), join(met, ", "),
                   one["met"].dump());
    }
    fmt::print("{} passed, {} failed\n", passed, failed);
    if (failed > 0) context.exit = 1;
    return {};
}

// --- exchange

Result<act::PackageItem> item_of(const std::string& text) {
    const auto gap = text.find('=');
    if (gap == std::string::npos || gap == 0)
        return Error{ErrorCode::usage, fmt::format("'{}' is no code=FILE", text), "--item"};
    const std::filesystem::path file = text.substr(gap + 1);
    const std::string bytes = TRY(read_text(file));
    return act::PackageItem{text.substr(0, gap), hex(sm3(bytes)), bytes.size(), file.filename().string()};
}

std::filesystem::path key_of(const Context& context, const CaseOptions& options) {
    return options.key.empty() ? context.data_directory / "exchange_key.pem" : options.key;
}

Result<void> pack(Context& context, const CaseOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    act::Package package{.from = workspace->instance().default_organisation,
                         .to = options.to,
                         .dossier = options.dossier,
                         .made_at = workspace->clock().now()};
    if (!options.organisation.empty()) package.from = options.organisation;
    const law::Vocabulary* agencies = workspace->law().find_vocabulary("agencies");
    if (agencies == nullptr || agencies->find(options.to) == nullptr)
        return Error{ErrorCode::not_in_vocabulary, fmt::format("no agency '{}'", options.to), "--to"};
    for (const std::string& item : options.items) package.items.push_back(TRY(item_of(item)));
    const auto key = TRY(journal::SigningKey::load_or_create(key_of(context, options)));
    const std::string text = TRY(act::write_package(package, key));
    CHECK(write_text(options.out, text));
    if (!options.out.empty()) fmt::print("{}\n", TRY(act::read_package(text)).digest);
    return {};
}

Result<void> check_package(Context& context, const CaseOptions& options) {
    const act::Package package = TRY(act::read_package(TRY(read_text(options.file))));
    for (const std::string& item : options.items) {
        const auto gap = item.find('=');
        if (gap == std::string::npos) return Error{ErrorCode::usage, "expects code=FILE", "--item"};
        CHECK(act::check_item(package, item.substr(0, gap), TRY(read_text(item.substr(gap + 1)))));
    }
    if (context.json) {
        ordered_json out{
            {"digest", package.digest},      {"from", package.from},           {"to", package.to},
            {"dossier", package.dossier},    {"made", package.made_at.text()}, {"key", package.public_key},
            {"items", ordered_json::array()}};
        for (const auto& item : package.items)
            out["items"].push_back(
                {{"code", item.code}, {"digest", item.digest}, {"bytes", item.bytes}, {"title", item.title}});
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    fmt::print("{} {} -> {}, {} items, signed by {}\n", package.dossier, package.from, package.to,
               package.items.size(), package.public_key.substr(0, 16));
    return {};
}

Result<void> answer(Context& context, const CaseOptions& options) {
    const act::Package package = TRY(act::read_package(TRY(read_text(options.file))));
    act::Receipt receipt{
        .package = package.digest,
        .number = options.number,
        .received_at = options.on.empty() ? WallClock().now() : TRY(parse_instant(options.on)),
        .missing = options.missing};
    for (const act::PackageItem& item : package.items)
        if (std::ranges::find(options.missing, item.code) == options.missing.end())
            receipt.received.push_back(item.code);
    if (options.paper) return write_text(options.out, TRY(act::write_receipt(package, receipt, nullptr)));
    const auto key = TRY(journal::SigningKey::load_or_create(key_of(context, options)));
    return write_text(options.out, TRY(act::write_receipt(package, receipt, &key)));
}

Result<void> print_package(Context& context, const CaseOptions& options) {
    const law::Law law = TRY(context.load_law());
    document::Paper paper = package_paper(law, TRY(act::read_package(TRY(read_text(options.file)))));
    TRY(document::settle_characters(paper));
    return write_text(options.out, TRY(document::write_pdf(paper)).bytes);
}

Result<void> check_receipt(Context& context, const CaseOptions& options) {
    const act::Package package = TRY(act::read_package(TRY(read_text(options.file))));
    const act::Receipt receipt = TRY(act::read_receipt(package, TRY(read_text(options.receipt))));
    if (context.json) {
        const ordered_json out{{"package", receipt.package},           {"number", receipt.number},
                               {"received", receipt.received},         {"missing", receipt.missing},
                               {"signed", !receipt.signature.empty()}, {"key", receipt.public_key}};
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    fmt::print("{}: {} items received, {} missing{}\n", receipt.number, receipt.received.size(),
               receipt.missing.size(), receipt.signature.empty() ? ", unsigned" : "");
    for (const std::string& code : receipt.missing) fmt::print("missing {}\n", code);
    return {};
}

// --- who and what stands where

Result<void> cluster(Context& context, const CaseOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const auto found = TRY(act::cluster_of(reader, workspace->law(), options.product));
        ordered_json out = ordered_json::array();
        for (const facts::DossierRow& row : found) {
            out.push_back({{"id", row.id},
                           {"procedure", row.procedure},
                           {"state", row.state},
                           {"operator", row.operator_id},
                           {"organisation", row.organisation},
                           {"opened_on", row.opened_on.text()}});
            if (!context.json)
                fmt::print("{} {} {}  {}  {}\n", row.opened_on.text(), row.procedure, row.id, row.state,
                           row.operator_id);
        }
        if (context.json) fmt::print("{}\n", out.dump(2));
        return {};
    });
}

Result<void> person(Context& context, const CaseOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const auto subject =
        TRY(workspace->vault().find_subject(act::personal_purpose("identity"), options.identity));
    if (!subject) return Error{ErrorCode::person_unknown, "this number stands in no dossier", "identity"};
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        const auto found = TRY(act::appearances_of(reader, workspace->law(), *subject));
        const auto ban = TRY(act::ban_of(reader, *subject, workspace->clock().now().date()));
        ordered_json out{
            {"subject", subject->subject},
            {"banned_by", ban ? ordered_json(ban->dossier) : ordered_json()},
            {"banned_until", ban && ban->until ? ordered_json(ban->until->text()) : ordered_json()},
            {"roles", ordered_json::array()}};
        for (const act::Appearance& one : found) {
            out["roles"].push_back({{"as", one.field},
                                    {"dossier", one.dossier},
                                    {"procedure", one.procedure},
                                    {"state", one.state},
                                    {"operator", one.operator_id},
                                    {"organisation", one.organisation},
                                    {"seq", one.seq}});
            if (!context.json)
                fmt::print("{} {} {}  {}  {}\n", one.field, one.procedure, one.dossier, one.state,
                           one.operator_id);
        }
        if (context.json)
            fmt::print("{}\n", out.dump(2));
        else if (ban)
            fmt::print("banned by {} until {}\n", ban->dossier,
                       ban->until ? ban->until->text() : "the end of life");
        return {};
    });
}

// --- circular

Result<void> circular(Context& context, const CaseOptions& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const auto& instance = workspace->instance();
    const std::string organisation =
        options.organisation.empty() ? instance.default_organisation : options.organisation;
    const std::string period = options.period.empty() ? instance.default_period : options.period;
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        account::Index index(TRY(law::Statistics::load(workspace->law())));
        CHECK(index.catch_up(reader));
        const account::Circular table = TRY(account::frequent_findings(
            reader, index, {organisation, TRY(account::parse_period(period))}, options.top));
        ordered_json out{{"organisation", organisation},   {"period", period},
                         {"findings", table.findings},     {"others", table.others},
                         {"anonymous", options.anonymous}, {"top", ordered_json::array()}};
        for (const account::FrequentClause& one : table.top) {
            ordered_json line{
                {"clause", one.clause}, {"findings", one.findings}, {"operators", one.operators}};
            if (!options.anonymous) {
                line["firms"] = one.firms;
                line["members"] = one.members;
            }
            out["top"].push_back(std::move(line));
            if (!context.json) fmt::print("{:>6}  {:>5}  {}\n", one.findings, one.operators, one.clause);
        }
        if (context.json)
            fmt::print("{}\n", out.dump(2));
        else
            fmt::print("{:>6}         {}\n{:>6}         {}\n", table.others, "others", table.findings,
                       "findings");
        return {};
    });
}

template <class Run>
void on(CLI::App* command, Context& context, const Options& options, Run run) {
    command->fallthrough();
    command->callback([&context, options, run] {
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
}

void add_exchange(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("exchange", "signed packages for partner agencies and their receipts");
    group->require_subcommand(1);
    group->fallthrough();
    const auto options = std::make_shared<CaseOptions>();
    auto* packing = group->add_subcommand("pack", "make a signed package; prints its digest");
    packing->add_option("dossier", options->dossier, "id of the dossier it belongs to")->required();
    packing->add_option("--to", options->to, "agency: public_security, medical_insurance, …")->required();
    packing->add_option("--from", options->organisation, "organisation; default: the data directory's own");
    packing->add_option("--item", options->items, "code=FILE, as often as there are items")->required();
    packing->add_option("--out", options->out, "file; default: standard output");
    on(packing, context, options, pack);
    auto* checking = group->add_subcommand("check", "verify a package, and items against it");
    checking->add_option("package", options->file, "file")->required();
    checking->add_option("--item", options->items, "code=FILE that came");
    on(checking, context, options, check_package);
    auto* answering = group->add_subcommand("answer", "make the receipt of a package, item by item");
    answering->add_option("package", options->file, "file")->required();
    answering->add_option("--number", options->number, "number of the receipt")->required();
    answering->add_option("--missing", options->missing, "codes of items that did not come")->delimiter(',');
    answering->add_option("--at", options->on, "when it was received; default: now");
    answering->add_flag("--paper", options->paper, "unsigned, to be printed and stamped");
    answering->add_option("--out", options->out, "file; default: standard output");
    on(answering, context, options, answer);
    auto* printing = group->add_subcommand("print", "the package on paper, with its receipt to be filled in");
    printing->add_option("package", options->file, "file")->required();
    printing->add_option("--out", options->out, "PDF file")->required();
    on(printing, context, options, print_package);
    auto* receipt = group->add_subcommand("receipt", "hold a receipt against its package");
    receipt->add_option("package", options->file, "file of the package")->required();
    receipt->add_option("receipt", options->receipt, "file of the receipt")->required();
    on(receipt, context, options, check_receipt);
    for (auto* command : {packing, answering})
        command->add_option("--key", options->key, "PEM file of the signing key; made where it is absent");
}

}  // namespace

void add_case_work(CLI::App& app, Context& context) {
    add_exchange(app, context);
    const auto options = std::make_shared<CaseOptions>();
    auto* judging = app.get_subcommand("law")->add_subcommand("judge", "what a kind of violation costs");
    judging->add_option("violation", options->violation, "code of violations.csv: D04")->required();
    judging->add_option("facts", options->file, "JSON file of facts, as of law penalty")->required();
    judging->add_option("--rule", options->rule, "one rule of several that are alternatives");
    judging->add_option("--mitigation", options->mitigation, "words of mitigation")->delimiter(',');
    judging->add_option("--aggravation", options->aggravation, "words of aggravation_drug")->delimiter(',');
    on(judging, context, options, judge);
    auto* criteria =
        app.get_subcommand("law")->add_subcommand("criteria", "run golden cases of a decision table");
    criteria->add_option("table", options->table, "transfer_criteria, major_case_criteria")->required();
    criteria->add_option("file", options->file, "JSON file of cases")->required();
    on(criteria, context, options, run_criteria);
    auto* clustering = app.get_subcommand("dossier")->add_subcommand(
        "cluster", "everything about one product, with what is linked");
    clustering->add_option("product", options->product, "id of the product")->required();
    on(clustering, context, options, cluster);
    auto* naming =
        app.get_subcommand("registry")->add_subcommand("person", "every role of one person in dossiers");
    naming->add_option("identity", options->identity, "number of the identity document")->required();
    on(naming, context, options, person);
    auto* telling = app.add_subcommand("circular", "the most frequent findings of a period");
    telling->add_option("--org", options->organisation, "organisation; default: the data directory's own");
    telling->add_option("--period", options->period, "2025, 2025-H1, 2025-Q2, 2025-06 or FROM..TO");
    telling->add_option("--top", options->top, "how many clauses")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    telling->add_flag("--anonymous", options->anonymous, "without firms and records, for circulation");
    on(telling, context, options, circular);
}

}  // namespace qingyuan::cli
