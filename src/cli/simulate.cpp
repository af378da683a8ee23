// Simulated data with the truth beside it: qingyuan simulate trace, qingyuan simulate reports (and market:
// simulate_market.cpp).
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "demo/report_set.hpp"
#include "demo/simulate_trace.hpp"

namespace qingyuan::cli {

namespace {

struct TraceText {
    demo::TraceOptions options;
    std::string lag = "mixed";
    std::string until = "2025-12-31";
};

void print_counts(const Context& context, const demo::TraceCounts& counts) {
    const Instant now{counts.uploaded_last.us + 60LL * 86'400 * 1'000'000};
    if (context.json) {
        nlohmann::ordered_json out = {
            {"rows", counts.rows},           {"repeated", counts.repeated},
            {"packs", counts.packs},         {"batches", counts.batches},
            {"documents", counts.documents}, {"uploaded_last", counts.uploaded_last.text()},
            {"truth_at", now.text()}};
        for (int rule = 1; rule <= demo::trace_rules; ++rule)
            out["findings"][std::to_string(rule)] = counts.findings[rule];
        fmt::print("{}\n", out.dump(2));
        return;
    }
    fmt::print("{} rows ({} repeated), {} packs, {} batches, {} documents; last upload {}, truth as of {}\n",
               counts.rows, counts.repeated, counts.packs, counts.batches, counts.documents,
               counts.uploaded_last.text(), now.text());
    for (int rule = 1; rule <= demo::trace_rules; ++rule)
        fmt::print("rule {:2}  {}\n", rule, counts.findings[rule]);
}

Result<void> simulate(Context& context, TraceText& text) {
    demo::TraceOptions& options = text.options;
    options.until = TRY(parse_date(text.until));
    options.lag = text.lag == "none"    ? demo::TraceLag::none
                  : text.lag == "mixed" ? demo::TraceLag::mixed
                                        : demo::TraceLag::per_firm;
    options.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
    int shown = -1;
    options.progress = [&shown](std::uint64_t done, std::uint64_t of) {
        const auto percent = static_cast<int>(done * 100 / of);
        if (percent == shown) return;
        shown = percent;
        fmt::print(stderr, "\rsimulating {:3} % ", percent);
    };
    const auto counts = demo::simulate_trace(options);
    if (shown >= 0) fmt::print(stderr, "\n");
    print_counts(context, TRY(counts));
    return {};
}

struct ReportsText {
    demo::ReportSetOptions options;
    std::filesystem::path directory;
};

constexpr std::uint64_t reports_min = 100, reports_max = 20'000'000;

Result<void> simulate_reports(const Context& context, const ReportsText& text) {
    if (text.options.reports < reports_min || text.options.reports > reports_max)
        return Error{ErrorCode::usage, fmt::format("from {} to {} reports", reports_min, reports_max),
                     "--reports"};
    const demo::ReportSet set = demo::make_reports(text.options);
    CHECK(demo::write_reports(set, text.directory));
    if (context.json)
        fmt::print("{}\n", nlohmann::ordered_json({{"reports", set.reports.size()},
                                                   {"clusters", set.clusters.size()},
                                                   {"duplicates", set.duplicates.size()},
                                                   {"signals", set.signals.size()}})
                               .dump(2));
    else
        fmt::print("{} reports, {} clusters, {} duplicates, {} signals\n", set.reports.size(),
                   set.clusters.size(), set.duplicates.size(), set.signals.size());
    return {};
}

void add_simulated_reports(CLI::App& parent, Context& context) {
    auto text = std::make_shared<ReportsText>();
    demo::ReportSetOptions& options = text->options;
    auto* reports =
        parent.add_subcommand("reports", "adverse reaction reports, with planted clusters and duplicates");
    reports->add_option("--reports", options.reports, "about so many")->capture_default_str();
    reports->add_option("--seed", options.seed, "the same seed gives the same bytes")->capture_default_str();
    reports->add_option("--out", text->directory, "directory to make")->required();
    reports
        ->add_option("--duplicates", options.duplicates_permille, "in thousandths of the hospitals' reports")
        ->check(CLI::Range(0, 500))
        ->capture_default_str();
    reports->add_option("--clusters", options.clusters, "batch clusters")
        ->check(CLI::Range(0, 1'000))
        ->capture_default_str();
    reports->add_option("--decoys", options.decoys, "what only looks like one")
        ->check(CLI::Range(0, 1'000))
        ->capture_default_str();
    reports->callback([&context, text] {
        if (const auto done = simulate_reports(context, *text); !done) context.fail(done.error());
    });
}

}  // namespace

void add_simulate(CLI::App& app, Context& context) {
    auto* parent = app.add_subcommand("simulate", "make up data, with the truth beside it");
    parent->require_subcommand(1);
    add_simulated_reports(*parent, context);
    auto text = std::make_shared<TraceText>();
    auto* trace = parent->add_subcommand("trace", "a chain of custody of packs, with planted anomalies");
    trace->add_option("--events", text->options.events, "about so many rows")->capture_default_str();
    trace->add_option("--seed", text->options.seed, "the same seed gives the same bytes")
        ->capture_default_str();
    trace->add_option("--out", text->options.directory, "directory to make")->required();
    trace->add_option("--lag", text->lag, "how late documents are uploaded")
        ->check(CLI::IsMember({"mixed", "per_firm", "none"}))
        ->capture_default_str();
    trace->add_option("--until", text->until, "date of the last events")->capture_default_str();
    trace->add_flag("--aggregation", text->options.aggregation, "untouched cases move under the case's code");
    trace->add_flag("--rfc3339", text->options.rfc3339, "times as RFC 3339 text, not as seconds since 1970");
    trace->add_flag("--skew", text->options.skew, "some receipts are dated before their shipments");
    trace->add_flag("--extras", text->options.extras,
                    "also persons, prescriptions, stock, duties, settlements, listings");
    trace->callback([&context, text] {
        if (const auto done = simulate(context, *text); !done) context.fail(done.error());
    });
    add_simulate_market(*parent, context);
}

}  // namespace qingyuan::cli
