// qingyuan duplicates: reports of a table that speak of one patient and one event.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "assess/duplicates.hpp"
#include "base/csv.hpp"
#include "cli/report_file.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::filesystem::path from;
    std::string today;
    std::optional<double> min_bits;
    bool fixed = false;
};

ordered_json as_json(const std::vector<facts::SafetyReport>& reports, const assess::Linkage& linkage) {
    ordered_json out{{"reports", reports.size()},
                     {"compared", linkage.compared()},
                     {"min_bits", linkage.min_bits()},
                     {"duplicates", ordered_json::array()}};
    for (const assess::DuplicateGroup& group : linkage.groups())
        for (std::size_t i = 1; i < group.members.size(); ++i) {
            ordered_json one{{"report", reports[group.members[i]].number},
                             {"duplicate_of", reports[group.first].number},
                             {"score_bits", group.bits[i]},
                             {"counted", reports[group.master].number},
                             {"evidence", ordered_json::array()}};
            for (const assess::LinkEvidence& evidence : linkage.evidence(group.members[i], group.first))
                one["evidence"].push_back({{"field", evidence.field},
                                           {"bits", evidence.bits},
                                           {"zh", evidence.zh},
                                           {"en", evidence.en}});
            out["duplicates"].push_back(std::move(one));
        }
    return out;
}

Result<void> duplicates(Context& context, const Options& options) {
    const ReportFile file = TRY(read_report_file(context, options.from, options.today));
    const std::vector<facts::SafetyReport>& reports = file.table.reports;
    const assess::Linkage linkage = assess::Linkage::make(
        reports, file.families, {.min_bits = options.min_bits, .estimate = !options.fixed, .decisions = {}});
    if (context.json) {
        fmt::print("{}\n", as_json(reports, linkage).dump(2));
        return {};
    }
    if (context.csv) fmt::print("{}", csv_line({"report", "duplicate_of", "score_bits"}));
    for (const assess::DuplicateGroup& group : linkage.groups())
        for (std::size_t i = 1; i < group.members.size(); ++i) {
            const std::string &report = reports[group.members[i]].number, &of = reports[group.first].number;
            const std::string bits = fmt::format("{:.2f}", group.bits[i]);
            if (context.csv)
                fmt::print("{}", csv_line({report, of, bits}));
            else
                fmt::print("{} = {}  {} bits\n", report, of, bits);
        }
    return {};
}

}  // namespace

void add_duplicates(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    auto* command =
        app.add_subcommand("duplicates", "reports of a table that speak of one patient and one event");
    command->add_option("--from", options->from,
                        "the table, CSV, plain or gzipped; without it the reports in the data directory");
    command->add_option("--min-bits", options->min_bits,
                        "what a link needs; default: where it is as likely as not");
    command->add_option("--today", options->today, "no date may be later; default: the machine's clock");
    command->add_flag("--fixed", options->fixed, "the fixed prior, nothing learned from the table");
    command->callback([&context, options] {
        if (const auto done = duplicates(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
