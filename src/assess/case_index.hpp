// Cases counted by product, batch, reaction and day, one added after another: what the search for batch
// clusters asks again and again. Inside the room only.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "assess/link_fields.hpp"

namespace qingyuan::assess {

using Place = std::uint32_t;  ///< of a drug, product, batch or case in its list

/// Days of onset, sorted.
class Days {
 public:
    void add(std::int32_t day);
    [[nodiscard]] std::uint32_t between(std::int32_t first, std::int32_t last) const;
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(days_.size()); }
    [[nodiscard]] std::int32_t span() const { return days_.empty() ? 0 : days_.back() - days_.front() + 1; }

 private:
    std::vector<std::int32_t> days_;
};

/// Of a drug or a product: all its cases and those with each target (a term or a family).
struct DaysByTarget {
    Days all;
    std::unordered_map<Word, Days> of_target;
    [[nodiscard]] const Days& of(Word target) const;
};

struct IndexedCase {
    Place batch = 0;
    std::int32_t onset = 0;
    std::int32_t received = no_day;
    Word organisation = no_word;
    std::vector<Word> targets;  ///< terms and families, sorted
};

struct IndexedBatch {
    Place product = 0;
    std::string number;
    std::vector<Place> cases;  ///< by onset
    std::uint32_t looks = 0;
};

struct IndexedProduct {
    Place drug = 0;
    std::string maker;
    DaysByTarget days;
    std::map<std::string, Place> batches;  ///< by number
};

struct IndexedDrug {
    std::string name;
    DaysByTarget days;
};

/// A day on which an organisation sent what it had: a backlog where it is much, and of long ago.
struct Delivery {
    std::uint32_t cases = 0;
    std::int32_t first = 0, last = 0;  ///< onset
};

class CaseIndex {
 public:
    explicit CaseIndex(const law::ReactionFamilies& families) : families_(families) {}

    /// The place of the case. The report has a product with a batch, and an onset.
    Place add(const facts::SafetyReport& report, const std::string& drug);

    [[nodiscard]] const std::vector<IndexedCase>& cases() const { return cases_; }
    [[nodiscard]] std::vector<IndexedBatch>& batches() { return batches_; }
    [[nodiscard]] const std::vector<IndexedBatch>& batches() const { return batches_; }
    [[nodiscard]] const IndexedProduct& product(Place at) const { return products_[at]; }
    [[nodiscard]] const IndexedDrug& drug(Place at) const { return drugs_[at]; }
    [[nodiscard]] const DaysByTarget& everything() const { return everything_; }
    [[nodiscard]] const WordTable& targets() const { return targets_; }
    [[nodiscard]] const WordTable& organisations() const { return organisations_; }
    [[nodiscard]] bool is_family(Word target) const { return targets_.text(target).starts_with(family_mark); }
    [[nodiscard]] bool belongs(std::string_view term, std::string_view family) const;
    /// Was the case part of a backlog, so that its day of receipt says nothing and its onset is old?
    [[nodiscard]] bool is_backlog(const IndexedCase& one) const;
    /// Cases of the organisation with other drugs, in those days: with the target, and all.
    struct Elsewhere {
        std::uint32_t with_target = 0, all = 0;
    };
    [[nodiscard]] Elsewhere at_organisation(Word organisation, Word target, Place drug, std::int32_t first,
                                            std::int32_t last) const;

    static constexpr std::string_view family_mark = "\x1f";  ///< before the code of a family

 private:
    struct OfOrganisation {
        std::map<std::int32_t, std::vector<Place>> by_day;  ///< cases by onset
        std::map<std::int32_t, Delivery> deliveries;        ///< by day of receipt
    };
    Place place_of(std::unordered_map<std::string, Place>& places, const std::string& key,
                   std::size_t next) const;

    const law::ReactionFamilies& families_;
    std::vector<IndexedCase> cases_;
    std::vector<IndexedBatch> batches_;
    std::vector<IndexedProduct> products_;
    std::vector<IndexedDrug> drugs_;
    std::unordered_map<std::string, Place> batch_places_, product_places_, drug_places_;
    std::unordered_map<Word, OfOrganisation> by_organisation_;
    WordTable targets_, organisations_;
    DaysByTarget everything_;
};

}  // namespace qingyuan::assess
