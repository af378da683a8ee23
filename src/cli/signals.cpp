// qingyuan signals …: measures of disproportionality of every product and reaction of a table of reports.
#include "cli/signals.hpp"
#include "cli/text_file.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "assess/sequential.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"

namespace qingyuan::cli {

namespace {

struct Options {
    std::filesystem::path from;
    CaseColumns columns;
    std::string theta, fit = "exact", criterion;
    KeptChoice kept;
    std::string product, reaction;
    assess::SequentialPlan plan;
};

Result<std::size_t> column(const CsvReader& reader, const std::string& name, const char* option) {
    if (name.empty()) return Error{ErrorCode::usage, "names no column", option};
    if (const auto at = reader.find_column(name)) return *at;
    return Error{ErrorCode::column_unknown,
                 fmt::format("there is no column '{}'", name),
                 option,
                 {},
                 fmt::format("the columns are: {}", join(reader.columns(), ", "))};
}

Result<void> run_table(Context& context, const Options& options) {
    std::optional<law::Criteria> criteria;
    SignalChoice choice{.theta = options.theta, .fit = options.fit};
    if (!options.criterion.empty()) {
        criteria = TRY(law::Criteria::load(TRY(context.load_law())));
        choice.criterion = TRY(criteria->criterion(options.criterion));
    }
    auto named = [&]() -> Result<assess::NamedTable> {
        const std::string text = TRY(read_text_file(options.from));
        return read_cases(text, options.columns);
    }();
    if (!named) {
        Error error = named.error();
        if (error.where.starts_with("line ")) error.where = options.from.string() + ": " + error.where;
        return error;
    }
    return print_signals(context, *named, choice);
}

Result<void> run_signals(Context& context, const Options& options) {
    if (!options.from.empty()) return run_table(context, options);
    KeptChoice kept = options.kept;
    kept.criterion = options.criterion;
    kept.strata = options.columns.strata;
    return run_kept_signals(context, kept, {.theta = options.theta, .fit = options.fit});
}

Result<void> run_sequential(const Context& context, const Options& options) {
    const double value = TRY(assess::critical_value(options.plan));
    if (context.csv)
        fmt::print("horizon,min_events,alpha,critical_value\r\n{},{},{},{}\r\n", options.plan.horizon,
                   options.plan.events_min, options.plan.alpha, value);
    else if (context.json)
        fmt::print("{}\n", nlohmann::ordered_json{{"horizon", options.plan.horizon},
                                                  {"min_events", options.plan.events_min},
                                                  {"alpha", options.plan.alpha},
                                                  {"critical_value", value},
                                                  {"exact", TRY(assess::exact_critical_value(options.plan))}}
                               .dump(2));
    else
        fmt::print("{}\n", value);
    return {};
}

}  // namespace

Result<assess::NamedTable> read_cases(std::string_view text, const CaseColumns& columns) {
    auto reader = TRY(CsvReader::create(text));
    const std::size_t id = TRY(column(reader, columns.id, "--id"));
    const std::size_t product = TRY(column(reader, columns.product, "--product"));
    const std::size_t reaction = TRY(column(reader, columns.reaction, "--reaction"));
    std::vector<std::size_t> strata;
    for (const std::string& one : columns.strata) strata.push_back(TRY(column(reader, one, "--stratum")));
    assess::CaseRows rows(strata.size());
    std::vector<std::string_view> stratum(strata.size());
    while (true) {
        const auto row = TRY(reader.next());
        if (!row) break;
        for (std::size_t i = 0; i < strata.size(); ++i) stratum[i] = row->cells[strata[i]];
        rows.add(row->cells[id], row->cells[product], row->cells[reaction], stratum);
    }
    return rows.finish();
}

void add_signals(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* signals =
        app.add_subcommand("signals", "which reactions are reported of a product more than of others");
    signals->fallthrough();
    signals->require_subcommand(0, 1);
    signals->add_option(
        "--from", options->from,
        "table of reports: CSV, may be gzipped; without it the reports in the data directory");
    signals->add_option("--id", options->columns.id, "its column of the report's number");
    signals->add_option("--product", options->columns.product, "its column of the product");
    signals->add_option("--reaction", options->columns.reaction, "its column of the reaction");
    signals->add_option("--stratum", options->columns.strata, "a column to stratify by; may repeat")
        ->allow_extra_args(false);
    signals->add_option("--theta", options->theta, "a1,b1,a2,b2,p: this prior instead of a fitted one");
    signals->add_option("--fit", options->fit, "exact: all cells; openebgm: that package's defaults")
        ->check(CLI::IsMember({"exact", "openebgm"}))
        ->capture_default_str();
    signals->add_option("--criterion", options->criterion, "only pairs that meet it (law/criteria)");
    signals->add_option("--level", options->kept.level, "ingredient, name, maker, approval, batch")
        ->capture_default_str();
    signals->add_option("--reactions", options->kept.reactions, "term, family")->capture_default_str();
    signals->add_option("--kind", options->kept.kind, "drug, device, cosmetic, vaccine")
        ->capture_default_str();
    signals->add_option("--since", options->kept.since,
                        "only what did not meet the criterion before this day");
    auto* explain = signals->add_subcommand("explain", "one pair: table, measures, in a paragraph");
    explain->fallthrough();
    explain->add_option("PRODUCT", options->product)->required();
    explain->add_option("REACTION", options->reaction)->required();
    explain->callback([&context, options] {
        if (const auto done = explain_signal(context, options->kept, options->product, options->reaction);
            !done)
            context.fail(done.error());
    });
    auto* sequential = signals->add_subcommand("sequential", "critical value of looking every day (MaxSPRT)");
    sequential->fallthrough();
    sequential->add_option("--horizon", options->plan.horizon, "expected events at the last look")
        ->required();
    sequential->add_option("--min-events", options->plan.events_min, "events a signal needs")
        ->capture_default_str();
    sequential->add_option("--alpha", options->plan.alpha, "chance of any false alarm")
        ->capture_default_str();
    sequential->callback([&context, options] {
        if (const auto done = run_sequential(context, *options); !done) context.fail(done.error());
    });
    signals->callback([&context, options, signals] {
        if (!signals->get_subcommands().empty()) return;
        if (const auto done = run_signals(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
