// What the cases say together: every pair of product and reaction at one level, with its measures and the
// criteria it meets; and one pair looked at closely. A signal is a question, never a verdict.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assess/criteria.hpp"
#include "assess/pair_counts.hpp"
#include "assess/sequential.hpp"
#include "assess/shrinkage_fit.hpp"
#include "facts/safety_report.hpp"
#include "law/reaction_families.hpp"

namespace qingyuan::assess {

/// Where the counting is done.
struct SignalLevel {
    std::string kind = "drug";  ///< drug device cosmetic vaccine
    ProductLevel product = ProductLevel::name;
    ReactionLevel reaction = ReactionLevel::term;
    auto operator<=>(const SignalLevel&) const = default;
};
/// usage, naming the levels there are.
[[nodiscard]] Result<ProductLevel> wanted_product_level(std::string_view word);
[[nodiscard]] Result<ReactionLevel> wanted_reaction_level(std::string_view word);
[[nodiscard]] std::string_view text_of(ReactionLevel level);
constexpr std::array<std::string_view, 5> stratum_names{"sex", "age", "year", "region", "source"};

struct SignalRow {
    std::uint32_t product = 0, reaction = 0;  ///< into the names of the table
    std::uint32_t serious = 0, deaths = 0;    ///< cases of the pair
    std::uint64_t criteria = 0;               ///< bit i: the i-th of Criteria::all() is met
    Measures measures;
};

struct SignalTable {
    SignalLevel level;
    std::uint64_t cases = 0;
    std::vector<std::string> products, reactions;  ///< sorted
    std::vector<SignalRow> rows;                   ///< by product, then reaction
    std::optional<Fit> fit;  ///< absent: `no_fit` says why, EB measures are not estimable
    std::string no_fit;

    [[nodiscard]] const SignalRow* find(std::string_view product, std::string_view reaction) const;
};

struct SignalOptions {
    SignalLevel level;
    std::vector<StratumKind> strata;  ///< expectations within these
    std::optional<Date> until;        ///< cases received up to this day
    std::optional<Theta> theta;       ///< instead of a fit
    unsigned threads = 1;
};
/// The counts of the cases at the level.
[[nodiscard]] NamedTable count_table(std::span<const facts::SafetyReport> cases,
                                     const law::ReactionFamilies& families, const SignalOptions& options);
/// One report per case: duplicates have been taken out (count_cases).
[[nodiscard]] SignalTable signal_table(std::span<const facts::SafetyReport> cases,
                                       const law::ReactionFamilies& families, const law::Criteria& criteria,
                                       const SignalOptions& options);

/// The products of a case at the level, each once; likewise its reactions.
[[nodiscard]] std::vector<std::string> products_of(const facts::SafetyReport& report, ProductLevel level);
[[nodiscard]] std::vector<std::string> reactions_of(const facts::SafetyReport& report, ReactionLevel level,
                                                    const law::ReactionFamilies& families);
[[nodiscard]] bool is_of_kind(const facts::SafetyReport& report, std::string_view kind);

/// One pair within one value of a stratum.
struct StratumView {
    StratumKind stratum{};
    std::string value;
    Measures measures;
};
struct BatchCount {
    std::string maker, batch;
    std::uint32_t cases = 0;
};
/// Daily looks at the pair, by the share that the reaction has among the other products.
struct WatchView {
    double llr = 0, critical = 0, expected = 0, horizon = 0, alpha = 0;
    std::uint64_t count = 0;
    bool signalled = false, ended = false;
    std::optional<Date> since;  ///< the day it signalled
};
struct PairView {
    Counts counts;
    Measures measures;    ///< of all cases, unstratified
    Measures stratified;  ///< expectation within sex and age
    std::vector<StratumView> strata;
    std::vector<TrendPoint> trend;
    std::vector<BatchCount> batches;                                   ///< most cases first
    std::vector<std::uint32_t> cases;                                  ///< places in the input, newest first
    std::vector<std::pair<std::string, std::uint32_t>> organisations;  ///< most cases first
    std::optional<WatchView> watch;  ///< none without a plan or where nothing is expected
};
/// Looks at every case once.
[[nodiscard]] PairView pair_view(std::span<const facts::SafetyReport> cases, std::string_view product,
                                 std::string_view reaction, const law::ReactionFamilies& families,
                                 const SignalLevel& level, const std::optional<Theta>& theta,
                                 const std::optional<SequentialPlan>& plan);

/// Why the figures of a pair may mislead, in words.
struct SignalText {
    std::string zh, en;
};
[[nodiscard]] std::vector<SignalText> caveats(const PairView& view);
/// The pair in one paragraph: what was seen, what was to be expected, which criteria it meets, what it is
/// not.
[[nodiscard]] SignalText paragraph(std::string_view product, std::string_view reaction, const PairView& view,
                                   std::uint32_t serious, std::uint32_t deaths, const law::Criteria& criteria,
                                   std::uint64_t met);

}  // namespace qingyuan::assess
