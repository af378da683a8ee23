// Sets of adverse reaction reports with planted duplicates, batch clusters, look-alikes of clusters that must
// stay quiet, and disproportions, and the exact truth. The same options give the same set. Every maker,
// organisation and patient is invented.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/result.hpp"
#include "demo/city.hpp"
#include "facts/safety_report.hpp"

namespace qingyuan::demo {

/// How often copying changes a field of a duplicate, in thousandths.
struct CopyErrors {
    int onset = 360;         ///< by one to three days
    int age = 380;           ///< by a year, rarely by ten
    int synonym = 300;       ///< where the reaction has another word
    int batch = 250;         ///< cut by a character, or missing
    int patient = 240;       ///< masked otherwise, or missing
    int drug_name = 220;     ///< a common short form; the approval number stays
    int organisation = 160;  ///< the holder's own number for it
    int weight = 160;        ///< missing
    int sex = 100;           ///< missing
    int reactions = 80;      ///< one of several is left out
    int outcome = 0;         ///< another one: a follow-up
    int onset_missing = 0;
};

struct ReportSetOptions {
    std::uint64_t reports = 25'000;  ///< about
    std::uint64_t seed = 1;
    Date from = {19723}, to = {20453};         ///< of onset: 2024-01-01 to 2025-12-31
    Date received_last = Date::never_after();  ///< what comes in later is not in the set
    int duplicates_permille = 30;
    CopyErrors errors;
    int clusters = 30;
    int cluster_cases_min = 3, cluster_cases_max = 14, cluster_organisations_max = 3, cluster_days_max = 11;
    int decoys = 30;  ///< backlogs, the same days in other batches, other makers, campaigns: a quarter each
    int signals = 40;
    int drugs = 100, organisations = 160;
};

struct TrueCluster {
    std::string id, drug, maker, batch;
    std::vector<std::string> family;
    Date from, to;
    int organisations = 0;
    std::vector<std::string> reports;
};
struct TrueDuplicate {
    std::string report, of, changes;  ///< changes joined with |
};
struct TrueSignal {
    std::string drug, reaction;
    int times_tenths = 10;  ///< how much oftener than elsewhere, in tenths
};

struct ReportSet {
    std::vector<facts::SafetyReport> reports;  ///< in the order of their receipt
    std::vector<TrueCluster> clusters;
    std::vector<TrueDuplicate> duplicates;
    std::vector<TrueSignal> signals;
};

[[nodiscard]] ReportSet make_reports(const ReportSetOptions& options);

/// Reports of the sample city's hospitals, clinics and pharmacies (`organisation` is an operator's id, `city`
/// its county code) on its drugs, devices and cosmetics (`approval` is a product's id, the maker its holder's
/// name). Where the trace data know batches of a product, the reports name them: clusters are in such ones.
/// `trace_seed` is that of write_city_trace.
[[nodiscard]] ReportSet city_reports(const City& city, const ReportSetOptions& options,
                                     std::uint64_t trace_seed);

/// What suits the sample city: a year until the end of the play, about 5,000 reports.
[[nodiscard]] ReportSetOptions city_report_options(std::uint64_t seed);

/// The reports as a table: the columns of report_columns(), and `kind` where a report has one.
[[nodiscard]] std::string report_table(const ReportSet& set);

/// Writes reports.csv, truth_clusters.csv, truth_duplicates.csv, truth_signals.csv into a directory that it
/// makes. Errors: duplicate_key (there is a reports.csv already), io_failed, disk_full.
[[nodiscard]] Result<void> write_reports(const ReportSet& set, const std::filesystem::path& directory);

}  // namespace qingyuan::demo
