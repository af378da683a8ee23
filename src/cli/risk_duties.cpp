// qingyuan risk duties, products, standards: who answers for each risk, which products to sample first, what
// the standards of preparations lack.
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "act/links.hpp"
#include "assess/duties.hpp"
#include "assess/sampling_plan.hpp"
#include "assess/standard_scan.hpp"
#include "cli/assess.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string on, file;
};

Result<Date> day_of(const Workspace& workspace, const Options& options) {
    if (options.on.empty()) return workspace.clock().now().date();
    return parse_date(options.on);
}

ordered_json party_json(const assess::PartyDuties& party) {
    ordered_json duties = ordered_json::array();
    for (const assess::Duty& duty : party.duties)
        duties.push_back({{"zh", duty.zh}, {"en", duty.en}, {"law", duty.law}});
    return {{"party", party.party},
            {"who", party.who},
            {"person", party.person},
            {"gap", party.is_gap()},
            {"duties", std::move(duties)}};
}

void print_item(const std::string& id, const std::vector<assess::PartyDuties>& parties) {
    fmt::print("{}\n", id);
    for (const assess::PartyDuties& party : parties) {
        fmt::print("  {:<17} {}{}\n", party.party, party.who.empty() ? "nobody is known" : party.who,
                   party.person.empty() ? "" : " (" + party.person + ")");
        for (const assess::Duty& duty : party.duties) fmt::print("    {}  {}\n", duty.law, duty.zh);
    }
}

/// Every open risk with its three parties; the number of gaps at the end.
Result<void> duties(Context& context, const Options& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const Date on = TRY(day_of(*workspace, options));
    ordered_json out = ordered_json::array();
    std::int64_t items = 0, gaps = 0;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        return act::each_dossier(reader, {{"procedure", journal::Compare::equal, {std::string("risk_item")}}},
                                 [&](const facts::DossierRow& item) -> Result<void> {
                                     if (!item.open || item.opened_on > on) return {};
                                     const auto parties =
                                         TRY(assess::duties_of(reader, workspace->law(), item, on));
                                     ++items;
                                     ordered_json each = ordered_json::array();
                                     for (const assess::PartyDuties& party : parties) {
                                         gaps += party.is_gap();
                                         each.push_back(party_json(party));
                                     }
                                     if (context.json)
                                         out.push_back({{"item", item.id}, {"parties", std::move(each)}});
                                     else
                                         print_item(item.id, parties);
                                     return {};
                                 });
    }));
    if (context.json)
        fmt::print("{}\n", ordered_json{{"on", on.text()}, {"gaps", gaps}, {"items", out}}.dump(2));
    else
        fmt::print("{} risks, {} gaps\n", items, gaps);
    return {};
}

Result<void> products(Context& context, const Options& options) {
    const auto workspace = TRY(context.open_workspace(false));
    const Date on = TRY(day_of(*workspace, options));
    std::vector<assess::PlannedProduct> plan;
    CHECK(workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        plan = TRY(assess::sampling_plan(reader, workspace->law(), on));
        return {};
    }));
    ordered_json out = ordered_json::array();
    for (const assess::PlannedProduct& one : plan) {
        std::vector<std::string_view> reasons;
        for (const assess::SamplingReason reason : one.reasons) reasons.push_back(assess::text_of(reason));
        out.push_back({{"product", one.product},
                       {"name", one.name},
                       {"holder", one.holder},
                       {"reasons", reasons},
                       {"risk_level", one.risk_level},
                       {"samples_in_a_year", one.samples},
                       {"failed", one.failed}});
        if (!context.json)
            fmt::print("{:<24} {}  {}  sampled {} failed {}\n", one.product, one.name,
                       fmt::join(reasons, " "), one.samples, one.failed);
    }
    if (context.json)
        fmt::print("{}\n", ordered_json{{"on", on.text()}, {"products", out}}.dump(2));
    else
        fmt::print("{} products\n", plan.size());
    return {};
}

Result<void> standards(Context& context, const Options& options) {
    const law::Law law = TRY(context.load_law());
    std::ifstream in(options.file, std::ios::binary);
    if (!in) return Error{ErrorCode::file_unreadable, options.file, "FILE"};
    std::ostringstream text;
    text << in.rdbuf();
    const Date on = options.on.empty() ? make_date(9999, 1, 1) : TRY(parse_date(options.on));
    const assess::StandardScan scan = TRY(assess::scan_standards(law, text.str(), on));
    std::size_t with_gaps = 0;
    ordered_json out = ordered_json::array(), rejected = ordered_json::array();
    for (const assess::ScannedPreparation& one : scan.preparations) {
        with_gaps += !one.gaps.empty();
        out.push_back(
            {{"id", one.id}, {"name", one.name}, {"institution", one.institution}, {"gaps", one.gaps}});
        if (!context.json)
            fmt::print("{:<20} {}  {}\n", one.id, one.name,
                       one.gaps.empty() ? "complete" : fmt::format("{}", fmt::join(one.gaps, " ")));
    }
    for (const Error& error : scan.rejected) {
        rejected.push_back({{"line", error.where}, {"code", error.info().name}, {"message", error.message}});
        if (!context.json)
            fmt::print("line {}: {}: {}; {}\n", error.where, error.info().name, error.message, error.next);
    }
    if (context.json)
        fmt::print("{}\n", ordered_json{{"preparations", out}, {"rejected", rejected}}.dump(2));
    else
        fmt::print("{} preparations, {} with gaps, {} rows rejected\n", scan.preparations.size(), with_gaps,
                   scan.rejected.size());
    return {};
}

}  // namespace

void add_risk_duties(CLI::App& risk, Context& context) {
    const auto options = std::make_shared<Options>();
    const auto add = [&](const char* name, const char* help, Result<void> (*run)(Context&, const Options&)) {
        auto* command = risk.add_subcommand(name, help);
        command->fallthrough();
        command->add_option("--on", options->on, "as of this day; default: today");
        command->callback([&context, options, run] {
            if (const auto done = run(context, *options); !done) context.fail(done.error());
        });
        return command;
    };
    add("duties", "the duties of government, department and enterprise for each open risk", duties);
    add("products", "products the sampling plan looks at first, and why", products);
    add("standards", "what the quality standards of hospital preparations lack", standards)
        ->add_option("FILE", options->file,
                     "CSV: id, name, institution, formula, method, identification, assay")
        ->required();
}

}  // namespace qingyuan::cli
