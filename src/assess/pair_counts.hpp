// Margins and pair counts kept current from reports that come one by one, are replaced by follow-ups and
// taken out as duplicates: statistics count cases, not papers. At every level of product and reaction, by
// stratum.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "assess/case_rows.hpp"
#include "assess/count_map.hpp"
#include "assess/dictionary.hpp"
#include "base/result.hpp"
#include "facts/safety_report.hpp"

namespace qingyuan::assess {

/// What counts as one product. A report without the value does not count at that level, except that a name
/// stands for an ingredient nobody coded.
enum class ProductLevel : std::uint8_t {
    ingredient,
    name,
    maker,     ///< "name | maker"
    approval,  ///< approval number
    batch      ///< "approval, else name | maker | batch": a batch number means nothing alone
};
enum class ReactionLevel : std::uint8_t { term, family };
enum class StratumKind : std::uint8_t { sex, age_band, year, region, source };
[[nodiscard]] std::string_view text_of(ProductLevel level);
[[nodiscard]] std::optional<ProductLevel> product_level(std::string_view text);

/// The value of a kind of stratum: "female", "18-44", "2026", the city, the source; empty = not reported,
/// which is a stratum of its own.
[[nodiscard]] std::string stratum_value(StratumKind kind, const facts::SafetyReport& report);
/// 0-1 2-11 12-17 18-44 45-64 65-74 75+
[[nodiscard]] std::string_view age_band(std::optional<double> age_years);

struct CountOptions {
    std::vector<ProductLevel> products{ProductLevel::name};
    std::vector<ReactionLevel> reactions{ReactionLevel::term};
    std::vector<StratumKind> strata;
    bool pairs_by_stratum = false;  ///< needed to restrict pairs to a stratum
    /// The family of a term; empty = none. Needed for ReactionLevel::family.
    std::function<std::string(std::string_view term)> family;
};

/// Only reports whose stratum of this kind has this value.
struct Only {
    StratumKind kind;
    std::string value;
};

class PairCounts {
 public:
    explicit PairCounts(CountOptions options);

    /// duplicate_key where a report of this number counts already; field_missing without a number.
    Result<void> add(const facts::SafetyReport& report);
    /// Takes a report out, as a duplicate or nullified; record_unknown where none of this number counts.
    Result<void> withdraw(std::string_view number);
    /// A follow-up takes the place of the version before; without one it is added.
    Result<void> replace(const facts::SafetyReport& report);

    [[nodiscard]] bool holds(std::string_view number) const;
    [[nodiscard]] std::uint64_t reports() const { return reports_; }
    /// Bytes of tables and coded reports, without the words.
    [[nodiscard]] std::size_t bytes() const;

    /// The four counts of a pair of words; all 0 but the total where a word is unknown. The level must be
    /// kept; `only` needs pairs_by_stratum.
    [[nodiscard]] Counts counts(ProductLevel product_level, ReactionLevel reaction_level,
                                std::string_view product, std::string_view reaction,
                                std::span<const Only> only = {}) const;
    /// A pair of a report, with words, counts and the expectation over all strata kept.
    struct LivePair {
        std::string_view product, reaction;
        Counts counts;
        double expected = 0;
    };
    /// The pairs of one report as they stand now; empty where it does not count.
    [[nodiscard]] std::vector<LivePair> pairs_of(std::string_view number, ProductLevel product_level,
                                                 ReactionLevel reaction_level) const;
    /// Everything at two levels, stratified by some of the kinds kept, of all reports or only of some.
    [[nodiscard]] NamedTable table(ProductLevel product_level, ReactionLevel reaction_level,
                                   std::span<const StratumKind> strata = {},
                                   std::span<const Only> only = {}) const;

 private:
    /// Words of one level, reports by word, and by word and stratum.
    struct Side {
        Dictionary words;
        std::vector<std::uint32_t> reports;
        CountMap by_stratum;
    };
    struct Pairs {
        CountMap all;
        CountMap by_stratum;  ///< by index in `all` and stratum
    };
    /// Numbers of one report: its stratum, then for each level how many words and which.
    using Codes = std::vector<std::uint32_t>;

    [[nodiscard]] Codes coded(const facts::SafetyReport& report);
    void append(Side& side, std::vector<std::string>& words, Codes& out);
    void apply(std::span<const std::uint32_t> codes, std::int32_t change);
    [[nodiscard]] std::vector<std::span<const std::uint32_t>> lists(
        std::span<const std::uint32_t> codes) const;
    [[nodiscard]] std::span<const std::uint32_t> codes_of(std::uint32_t number) const;
    void compact();
    [[nodiscard]] std::size_t place(ProductLevel level) const;
    [[nodiscard]] std::size_t place(ReactionLevel level) const;
    [[nodiscard]] std::vector<bool> chosen(std::span<const Only> only) const;
    [[nodiscard]] double expected(const Side& products, const Side& reactions, std::uint32_t product,
                                  std::uint32_t reaction) const;
    void fill_side(const Side& side, std::span<const std::uint32_t> ranks,
                   std::span<const std::uint32_t> strata, std::vector<std::uint32_t>& margin,
                   std::vector<StratumCount>& by_stratum) const;

    static constexpr std::uint64_t out_of_count = UINT64_MAX;
    CountOptions options_;
    std::vector<Side> products_, reactions_;
    std::vector<Pairs> pairs_;  ///< product level · reaction levels + reaction level
    Dictionary strata_;
    std::vector<std::uint32_t> stratum_reports_;
    Dictionary numbers_;
    std::vector<std::uint64_t> offsets_;  ///< into codes_, by number of the report
    std::vector<std::uint32_t> codes_;    ///< each report: length, then its codes
    std::size_t garbage_ = 0;
    std::uint64_t reports_ = 0;
};

}  // namespace qingyuan::assess
