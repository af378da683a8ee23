// Reports read, linked and searched for batch clusters: seconds by size, and what one new report costs.
#include <string>

#include <fmt/format.h>

#include "assess/clusters.hpp"
#include "assess/duplicates.hpp"
#include "demo/report_set.hpp"
#include "law/law.hpp"
#include "measure.hpp"
#include "observe/report_csv.hpp"

int main(int argc, char** argv) {
    using namespace qingyuan;
    const law::Law law = bench::must(law::Law::load(QINGYUAN_SOURCE_DIR "/law"));
    const auto families =
        bench::must(law::ReactionFamilies::load(QINGYUAN_SOURCE_DIR "/law/reaction_families.csv"));
    const observe::ReportWords words = observe::report_words(law);
    const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
    for (const std::uint64_t size : {25'000, 250'000, 1'000'000}) {
        if (quick && size > 25'000) break;
        demo::ReportSetOptions options;
        options.reports = size;
        const demo::ReportSet set = demo::make_reports(options);
        const std::string name = fmt::format("{}k", size / 1'000);
        {
            const std::string text = demo::report_table(set);
            const double seconds = bench::seconds_of(
                [&] { (void)bench::must(observe::read_report_csv(text, words, make_date(2026, 12, 31))); });
            bench::print("reports_read_" + name, seconds, "s",
                         fmt::format("{:.0f} MB", static_cast<double>(text.size()) / 1e6));
        }
        std::vector<facts::SafetyReport> cases;
        std::uint64_t compared = 0;
        std::size_t groups = 0;
        const double linking = bench::seconds_of([&] {
            const auto linkage = assess::Linkage::make(set.reports, families);
            compared = linkage.compared();
            groups = linkage.groups().size();
            cases = assess::count_cases(set.reports, linkage.groups());
        });
        bench::print(
            "duplicates_" + name, linking, "s",
            fmt::format("{} pairs compared, {} groups of {} true", compared, groups, set.duplicates.size()));
        std::size_t clusters = 0;
        const double searching =
            bench::seconds_of([&] { clusters = assess::find_clusters(cases, families).size(); });
        bench::print("clusters_" + name, searching, "s",
                     fmt::format("{} shown, {} true", clusters, set.clusters.size()));
        if (size > 250'000) continue;
        assess::BatchWatch watch(families, {});
        std::size_t alarms = 0;
        const double watching = bench::seconds_of([&] {
            for (const facts::SafetyReport& report : cases) alarms += watch.add(report).has_value();
        });
        bench::print("batch_watch_" + name, watching / static_cast<double>(cases.size()) * 1e6, "us/report",
                     fmt::format("{} alarms", alarms));
    }
}
