// qingyuan clusters: batches of a table of reports with several like cases within days.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "assess/clusters.hpp"
#include "assess/duplicates.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "cli/report_file.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::filesystem::path from;
    std::string today;
    assess::ClusterOptions scan;
};

std::vector<std::string> numbers_of(const assess::BatchCluster& cluster,
                                    const std::vector<facts::SafetyReport>& cases) {
    std::vector<std::string> out;
    for (const std::uint32_t member : cluster.members) out.push_back(cases[member].number);
    return out;
}

ordered_json as_json(const assess::BatchCluster& cluster, const std::vector<facts::SafetyReport>& cases) {
    const auto contrast = [](const assess::ClusterContrast& one) {
        return ordered_json{{"cases", one.cases}, {"expected", one.expected}, {"reports", one.reports}};
    };
    ordered_json out{
        {"product", cluster.product},
        {"maker", cluster.maker},
        {"batch", cluster.batch},
        {"neighbours", cluster.neighbours},
        {"family", cluster.family.empty() ? ordered_json(nullptr) : ordered_json(cluster.family)},
        {"reactions", cluster.reactions},
        {"onset_from", cluster.onset_from.text()},
        {"onset_to", cluster.onset_to.text()},
        {"cases", cluster.cases},
        {"expected", cluster.expected},
        {"p", cluster.p},
        {"reports", numbers_of(cluster, cases)},
        {"organisations", cluster.organisations},
        {"seriousness", ordered_json::object()},
        {"daily", ordered_json::array()},
        {"other_batches", contrast(cluster.other_batches)},
        {"other_makers", contrast(cluster.other_makers)},
        {"same_organisations", contrast(cluster.same_organisations)},
        {"reasons", {{"zh", cluster.reasons_zh}, {"en", cluster.reasons_en}}}};
    for (const auto& [word, count] : cluster.seriousness)
        out["seriousness"][word.empty() ? "not_reported" : word] = count;
    for (std::size_t day = 0; day < cluster.daily.size(); ++day)
        out["daily"].push_back(
            {{"date", (cluster.onset_from + static_cast<int>(day)).text()}, {"cases", cluster.daily[day]}});
    return out;
}

void print_text(const Context& context, const assess::BatchCluster& cluster,
                const std::vector<facts::SafetyReport>& cases) {
    fmt::print("{}  {}  {}  {}  {} – {}  p {:.2g}\n", cluster.product, cluster.maker, cluster.batch,
               join(cluster.reactions, "|"), cluster.onset_from.text(), cluster.onset_to.text(), cluster.p);
    for (const std::string& reason : context.language == "en" ? cluster.reasons_en : cluster.reasons_zh)
        fmt::print("  {}\n", reason);
    fmt::print("  {}\n", join(numbers_of(cluster, cases), " "));
}

Result<void> clusters(Context& context, const Options& options) {
    const ReportFile file = TRY(read_report_file(context, options.from, options.today));
    const assess::Linkage linkage = assess::Linkage::make(file.table.reports, file.families);
    const std::vector<facts::SafetyReport> cases = assess::count_cases(file.table.reports, linkage.groups());
    const auto found = assess::find_clusters(cases, file.families, options.scan);
    if (context.json) {
        ordered_json out{{"reports", file.table.reports.size()},
                         {"cases", cases.size()},
                         {"clusters", ordered_json::array()}};
        for (const assess::BatchCluster& cluster : found) out["clusters"].push_back(as_json(cluster, cases));
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    if (context.csv)
        fmt::print("{}", csv_line({"product", "maker", "batch", "reaction_family", "onset_from", "onset_to",
                                   "cases", "expected", "p", "reports"}));
    for (const assess::BatchCluster& cluster : found) {
        if (!context.csv) {
            print_text(context, cluster, cases);
            continue;
        }
        fmt::print("{}",
                   csv_line({cluster.product, cluster.maker, cluster.batch, join(cluster.reactions, "|"),
                             cluster.onset_from.text(), cluster.onset_to.text(),
                             fmt::format("{}", cluster.cases), fmt::format("{:.4f}", cluster.expected),
                             fmt::format("{:.3g}", cluster.p), join(numbers_of(cluster, cases), ";")}));
    }
    return {};
}

}  // namespace

void add_clusters(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    auto* command =
        app.add_subcommand("clusters", "batches of a table of reports with several like cases within days");
    command->add_option("--from", options->from,
                        "the table, CSV, plain or gzipped; without it the reports in the data directory");
    command->add_option("--today", options->today, "no date may be later; default: the machine's clock");
    command->add_option("--days", options->scan.days_max, "of onset, at most")
        ->check(CLI::Range(1, 90))
        ->capture_default_str();
    command->add_option("--min-cases", options->scan.cases_min, "fewer are no cluster")
        ->check(CLI::Range(2, 1000))
        ->capture_default_str();
    command->add_option("--false-share", options->scan.false_share, "of the clusters shown may be chance")
        ->check(CLI::Range(1e-9, 0.5))
        ->capture_default_str();
    command->callback([&context, options] {
        if (const auto done = clusters(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
