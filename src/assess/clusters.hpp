// Batches that make people ill: several cases with one clinical picture, of one product and batch, within
// days (GVP's 聚集性事件). Windows of at most 14 days over the dates of onset are scanned for every product,
// batch and reaction or family of reactions; what is expected is the batch's own reporting times the share
// that the reaction has in the product elsewhere. What other batches, other makers or the same organisation
// show in the same days is held against it. A cluster is a question to a person, not an answer. Model,
// decoys, figures: docs/duplicates_and_clusters.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "facts/safety_report.hpp"
#include "law/reaction_families.hpp"

namespace qingyuan::assess {

struct ClusterOptions {
    int days_max = 14;            ///< of onset, first and last included
    std::uint32_t cases_min = 3;  ///< fewer are no cluster
    double false_share = 0.01;    ///< of the clusters shown may be chance (Benjamini and Hochberg 1995)
};

/// What happened in the same days elsewhere: cases with the same reaction, and how many were to be expected.
struct ClusterContrast {
    std::uint32_t cases = 0;
    double expected = 0;
    std::uint32_t reports = 0;  ///< of all reactions
};

struct BatchCluster {
    std::string product, maker, batch;
    std::vector<std::string> neighbours;  ///< adjacent batches whose cases are counted in
    std::string family;                   ///< code of the family; empty where one term is counted
    std::vector<std::string> reactions;   ///< preferred terms that the cases show, sorted
    Date onset_from, onset_to;
    std::uint32_t cases = 0;
    double expected = 0;
    double p = 1;  ///< of so many cases or more in some window of this batch by chance, before other batches
    std::vector<std::uint32_t> members;  ///< places in the cases that were given, by onset
    std::map<std::string, std::uint32_t> organisations;
    std::map<std::string, std::uint32_t> seriousness;  ///< "" = not reported
    std::vector<std::uint32_t> daily;                  ///< cases by day of onset, from onset_from
    ClusterContrast other_batches, other_makers, same_organisations;  ///< the last: with other products
    std::vector<std::string> reasons_zh, reasons_en;
};

/// Input: one report a case (count_cases). Cases without batch or onset take no part. The strongest first.
/// The order of the input does not matter but for `members`.
[[nodiscard]] std::vector<BatchCluster> find_clusters(std::span<const facts::SafetyReport> cases,
                                                      const law::ReactionFamilies& families,
                                                      const ClusterOptions& options = {});

/// The same question each time a case comes in, for its batch only: "found the day it forms". Looking every
/// day makes chance findings likelier; the caller's `alpha` of a look is what is left for it.
class BatchWatch {
 public:
    /// `alpha(look)`: chance of a false alarm of one batch that may be spent at its look 1, 2, 3 …; the
    /// default spends `alpha_total` as 1/(look (look+1)). Values of assess/sequential.hpp may take its place.
    struct Options {
        ClusterOptions scan = {};
        double alpha_total = 1e-4;  ///< of a batch, over all its looks
        double (*alpha)(std::uint32_t look, double total) = nullptr;
    };
    BatchWatch(const law::ReactionFamilies& families, Options options);
    BatchWatch(BatchWatch&&) noexcept;
    BatchWatch& operator=(BatchWatch&&) noexcept;
    ~BatchWatch();

    /// Adds a case and looks at its batch. The cluster this case belongs to, where one stands out now;
    /// `members` are the numbers of cases in the order in which they were added. Work: the batch's cases, and
    /// a look-up each for what is compared.
    std::optional<BatchCluster> add(const facts::SafetyReport& report);
    [[nodiscard]] std::size_t size() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace qingyuan::assess
