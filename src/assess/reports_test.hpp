// The shared set of made-up reports with its truth, and what the tests of linkage and clusters need.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "assess/clusters.hpp"
#include "assess/duplicates.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "demo/report_set.hpp"
#include "document/gunzip.hpp"
#include "law/law.hpp"
#include "observe/report_csv.hpp"

namespace qingyuan::assess::test {

inline const law::ReactionFamilies& families() {
    static const law::ReactionFamilies known =
        std::move(*law::ReactionFamilies::load(QINGYUAN_SOURCE_DIR "/law/reaction_families.csv"));
    return known;
}

inline std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {(std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>()};
}

using Row = std::map<std::string, std::string>;
inline std::vector<Row> rows_of(const std::string& text) {
    auto csv = *CsvReader::create(text);
    std::vector<Row> out;
    while (const auto row = *csv.next()) {
        Row one;
        for (std::size_t i = 0; i < row->cells.size(); ++i) one[csv.columns()[i]] = row->cells[i];
        out.push_back(std::move(one));
    }
    return out;
}

/// The set of QINGYUAN_FIXTURES, in the shape of our own generator's; nothing where it is absent.
inline std::optional<demo::ReportSet> shared_set() {
    const char* folder = std::getenv("QINGYUAN_FIXTURES");
    const std::filesystem::path path =
        std::filesystem::path(folder != nullptr ? folder : QINGYUAN_SOURCE_DIR "/../shared/data") /
        "vigilance";
    if (!std::filesystem::exists(path / "adr_synth_reports.csv.gz")) return std::nullopt;
    const auto law = law::Law::load(QINGYUAN_SOURCE_DIR "/law");
    const auto text = document::gunzip(bytes_of(path / "adr_synth_reports.csv.gz"));
    auto table = observe::read_report_csv(*text, observe::report_words(*law), make_date(2026, 12, 31));
    EXPECT_TRUE(table);
    EXPECT_EQ(table->problems.faults + table->warnings.faults, 0U);
    demo::ReportSet out;
    out.reports = std::move(table->reports);
    for (const Row& row : rows_of(bytes_of(path / "adr_synth_truth_duplicates.csv")))
        out.duplicates.push_back({row.at("report_no"), row.at("duplicate_of"), row.at("changes")});
    for (const Row& row : rows_of(bytes_of(path / "adr_synth_truth_clusters.csv")))
        out.clusters.push_back({row.at("cluster"), row.at("drug"), row.at("manufacturer"), row.at("batch_no"),
                                split(row.at("reaction_family"), '|'), *parse_date(row.at("start")),
                                *parse_date(row.at("end")), 0, split(row.at("report_nos"), ';')});
    return out;
}

struct Score {
    double precision = 0, recall = 0;
    [[nodiscard]] double f1() const {
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }
};

inline Score score_of(const demo::ReportSet& set, const std::vector<DuplicateGroup>& groups) {
    std::set<std::pair<std::string, std::string>> truth;
    for (const demo::TrueDuplicate& one : set.duplicates) truth.insert(std::minmax(one.report, one.of));
    double right = 0, found = 0;
    for (const DuplicateGroup& group : groups)
        for (std::size_t i = 1; i < group.members.size(); ++i, ++found)
            right += truth.contains(
                std::minmax(set.reports[group.members[i]].number, set.reports[group.first].number));
    return {found == 0 ? 1 : right / found, truth.empty() ? 1 : right / static_cast<double>(truth.size())};
}

/// A true cluster is found when product, maker and batch are the same, the onsets overlap and a reaction is
/// in common; everything else that is shown is false.
inline Score score_of(const demo::ReportSet& set, const std::vector<BatchCluster>& clusters) {
    std::set<std::string> hit;
    double right = 0;
    for (const BatchCluster& cluster : clusters) {
        bool is_true = false;
        for (const demo::TrueCluster& one : set.clusters) {
            const bool common = std::ranges::any_of(cluster.reactions, [&](const std::string& term) {
                return std::ranges::find(one.family, term) != one.family.end();
            });
            if (!common || one.drug != cluster.product || one.maker != cluster.maker ||
                one.batch != cluster.batch || one.from > cluster.onset_to || cluster.onset_from > one.to)
                continue;
            is_true = true;
            hit.insert(one.id);
        }
        right += is_true;
    }
    return {clusters.empty() ? 1 : right / static_cast<double>(clusters.size()),
            set.clusters.empty()
                ? 1
                : static_cast<double>(hit.size()) / static_cast<double>(set.clusters.size())};
}

}  // namespace qingyuan::assess::test
