// Reports as numbers, and how two of them compare field by field: the hit-miss model of Norén, Orre and Bate
// (2005). Inside the room only; duplicates.hpp is what others use.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "facts/safety_report.hpp"
#include "law/reaction_families.hpp"

namespace qingyuan::assess {

using ReportIndex = std::uint32_t;
using Word = std::int32_t;
constexpr Word no_word = -1;
constexpr std::int32_t no_day = std::numeric_limits<std::int32_t>::min();

/// Texts as numbers in the order of their first coming, and how often each came.
class WordTable {
 public:
    Word intern(std::string_view text);  ///< no_word for ""
    void count(Word word) {
        if (word != no_word) {
            ++counts_[static_cast<std::size_t>(word)];
            ++total_;
        }
    }
    [[nodiscard]] std::uint32_t times(Word word) const { return counts_[static_cast<std::size_t>(word)]; }
    [[nodiscard]] std::uint32_t total() const { return total_; }
    [[nodiscard]] const std::string& text(Word word) const { return texts_[static_cast<std::size_t>(word)]; }
    [[nodiscard]] std::size_t size() const { return texts_.size(); }
    /// Chance that two reports have the same word; after settle().
    [[nodiscard]] double agreement() const { return agreement_; }
    void settle();

 private:
    std::unordered_map<std::string, Word> index_;
    std::vector<std::string> texts_;
    std::vector<std::uint32_t> counts_;
    std::uint32_t total_ = 0;
    double agreement_ = 0;
};

/// Other reports near in time that share the first product (or product and batch): what the product and the
/// batch explain already is no evidence of one patient.
struct Neighbours {
    std::uint32_t all = 0;                  ///< with a date of onset
    std::array<std::uint32_t, 4> within{};  ///< of onset on the same day, within 1, 3, 7 days
    std::uint32_t local = 0;                ///< within local_days
    std::uint32_t same_organisation = 0;    ///< of the local ones
};
constexpr int local_days = 10;

struct CodedReport {
    Word drug = no_word;    ///< of the first product; drugs are named as most reports name them
    Word holder = no_word;  ///< approval number, or the maker where there is none
    Word batch = no_word;
    Word maker = no_word;  ///< as named, or the approval number where no maker is
    Word organisation = no_word, city = no_word, source = no_word;
    Word patient = no_word, surname = no_word;
    Word seriousness = no_word, outcome = no_word, causality = no_word, sex = no_word;
    std::int32_t onset = no_day, received = no_day;
    std::int16_t age = -1;                         ///< whole years
    std::int16_t weight = -1;                      ///< tenths of a kilogram
    std::uint32_t terms_begin = 0, terms_end = 0;  ///< in Coded::terms
    std::uint64_t term_mask = 0;
    Neighbours of_product, of_batch;
};

/// A set of reports as numbers.
struct Coded {
    std::vector<CodedReport> reports;
    std::vector<Word> terms;                    ///< preferred terms of each report, sorted
    std::vector<std::uint32_t> terms_of_drug;   ///< beside `terms`: reports of the drug with the term
    std::vector<std::uint32_t> terms_nearby;    ///< and those near in time with the same batch
    std::vector<std::vector<Word>> more_drugs;  ///< of reports with several products, by report; else empty
    std::vector<std::uint32_t> ages, weights;   ///< how many of each
    std::uint32_t aged = 0, weighed = 0;
    std::int32_t days = 1;  ///< from the first onset to the last
    WordTable drug, holder, maker, batch, organisation, city, source, patient, surname, seriousness, outcome,
        causality, sex, term;
    std::unordered_map<std::uint64_t, std::uint32_t> holders_of_drug;  ///< reports of (drug, holder)

    [[nodiscard]] std::span<const Word> terms_of(ReportIndex report) const {
        return {terms.data() + reports[report].terms_begin, terms.data() + reports[report].terms_end};
    }
};
/// What the first product of each report is called: an approval number has the name that most of its reports
/// use, and a name without a number the drug it most often stands for. Empty where no product is named.
[[nodiscard]] std::vector<std::string> drug_names(std::span<const facts::SafetyReport> reports);
[[nodiscard]] Coded code_reports(std::span<const facts::SafetyReport> reports,
                                 const law::ReactionFamilies& families);

enum class LinkField : std::uint8_t {
    drug,
    holder,
    batch,
    onset,
    received,
    sex,
    age,
    weight,
    patient,
    place,
    source,
    seriousness,
    outcome,
    causality,
    reactions
};
constexpr std::size_t link_fields = 15;
constexpr std::size_t link_levels = 7;
[[nodiscard]] std::string_view name_of(LinkField field);

/// How a field of two reports compares: 0 = missing in one of them, 1 = the same, higher = further apart; and
/// the chance of this between two reports of different patients.
struct Comparison {
    std::uint8_t level = 0;
    float by_chance = 1;
};
using Comparisons = std::array<Comparison, link_fields>;
[[nodiscard]] Comparisons compare(const Coded& coded, ReportIndex a, ReportIndex b);

/// Words of a level: "same", "one day apart".
struct LevelWords {
    std::string_view zh, en;
};
[[nodiscard]] LevelWords words_of(LinkField field, std::uint8_t level);

/// For each field and level the chance between two reports of one patient; level 0 is not used.
using LinkModel = std::array<std::array<double, link_levels>, link_fields>;
/// Before any data was seen: what careful and careless copying does to each field, from the two papers and
/// from how report forms are filled in.
[[nodiscard]] LinkModel prior_model();

}  // namespace qingyuan::assess
