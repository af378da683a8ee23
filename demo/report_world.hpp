// What the reports of a made-up set can speak of: products with their batches, organisations, reactions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "demo/report_set.hpp"

namespace qingyuan::demo {

/// Draws places by whole-number weights.
class Weights {
 public:
    void add(std::uint64_t weight) { sums_.push_back((sums_.empty() ? 0 : sums_.back()) + weight); }
    [[nodiscard]] std::size_t draw(Random& random) const;
    [[nodiscard]] bool empty() const { return sums_.empty() || sums_.back() == 0; }
    [[nodiscard]] std::size_t size() const { return sums_.size(); }
    [[nodiscard]] std::uint64_t weight(std::size_t at) const {
        return sums_[at] - (at == 0 ? 0 : sums_[at - 1]);
    }

 private:
    std::vector<std::uint64_t> sums_;
};

struct WorldBatch {
    std::string number;
    Date from, to;  ///< in use
    bool traced = false;
};
struct WorldProduct {
    std::string kind, drug, approval, maker;
    std::vector<WorldBatch> batches;  ///< by `from`
    std::size_t profile = 0;          ///< place in the reactions of drugs
};
struct WorldOrganisation {
    std::string id, city;
};
/// Which reactions a drug has: terms of its kind by weight.
struct Profile {
    std::vector<std::string> terms;
    Weights weights;
};

struct ReportWorld {
    std::vector<WorldProduct> products;
    Weights product_weights;
    std::vector<Profile> profiles;
    std::vector<WorldOrganisation> organisations;
    Weights organisation_weights;
    std::vector<TrueSignal> signals;

    /// Products of the drug of this one by other makers.
    [[nodiscard]] std::vector<std::size_t> other_makers(std::size_t product) const;
};

[[nodiscard]] ReportWorld make_report_world(const ReportSetOptions& options, Random& random);
[[nodiscard]] ReportWorld city_report_world(const City& city, const ReportSetOptions& options,
                                            std::uint64_t trace_seed, Random& random);

/// Pictures that a bad batch gives: terms that go together.
[[nodiscard]] const std::vector<std::vector<std::string>>& cluster_families(std::string_view kind);
/// Another word for a reaction; empty where there is none.
[[nodiscard]] std::string synonym_of(const std::string& term);

}  // namespace qingyuan::demo
