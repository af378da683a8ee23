// The columns of the statistics index: per fact its dossier, day, cell; per cell (measure, attributes,
// organisation) and month the sorted sequence numbers. Filled fact by fact from the bytes of the journal;
// payloads are read only as far as figures need them.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/cbor.hpp"
#include "facts/fact.hpp"
#include "law/statistics.hpp"

namespace qingyuan::account {

/// Sequence numbers and other dense numbers; a journal of more facts than fit is too_large.
using Number = std::uint32_t;

/// Texts by dense numbers from 1; 0 stands for nothing.
class Names {
 public:
    Number number(std::string_view text);
    [[nodiscard]] Number find(std::string_view text) const;
    [[nodiscard]] const std::string& text(Number number) const { return *texts_[number]; }
    /// The first eight bytes as a number: texts whose numbers differ are in the order of these.
    [[nodiscard]] std::uint64_t beginning(Number number) const { return beginnings_[number]; }
    [[nodiscard]] std::size_t size() const { return texts_.size(); }  ///< one more than the highest number
    [[nodiscard]] std::size_t bytes() const;

 private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, Number, Hash, std::equal_to<>> numbers_;
    std::vector<const std::string*> texts_ = {nullptr};
    std::vector<std::uint64_t> beginnings_ = {0};
};

/// Facts of one cell that happened in one month, by sequence number.
struct Bucket {
    std::int32_t month = 0;  ///< year · 12 + month − 1
    std::vector<Number> facts;
    std::vector<std::pair<Number, Number>> voids;  ///< fact, sequence number of its void
};

/// Facts of one measure with one combination of attributes at one organisation.
struct Cell {
    Number measure = 0;
    Number attributes = 0;
    Number organisation = 0;
    std::vector<std::uint16_t> patterns;  ///< statistics that count it, by their place
    std::vector<Bucket> buckets;          ///< by month
};

/// Which facts of a pattern: days inclusive, sequence number, organisations by number.
struct Selection {
    std::size_t pattern = 0;
    Date from;
    Date to;
    Number as_of = 0;
    const std::vector<std::uint8_t>* organisations = nullptr;
};

struct OrganisationFact {
    Number seq = 0;
    std::optional<facts::OrganisationRecorded> recorded;
    std::optional<facts::OrganisationEnded> ended;
};

struct ReportedFact {
    Number seq = 0;
    Number voided_at = 0;
    facts::FigureReported figure;
};

class Postings {
 public:
    /// What the figures ask: which steps, which attributes, which fields to add up.
    explicit Postings(const law::Statistics& statistics);

    Result<void> apply(std::uint64_t seq, std::string_view record);
    void reserve(std::uint64_t facts);
    [[nodiscard]] Number applied() const { return applied_; }

    // --- sets ---
    /// Number of the pattern of a statistic that counts measures (its place in Statistics::all()).
    [[nodiscard]] std::uint64_t count(const Selection& selection) const;
    /// Calls each(seq) for every fact that counts, bucket by bucket.
    template <class Each>
    void each(const Selection& selection, Each&& each) const;
    /// The first `limit` facts after `after`, ascending.
    [[nodiscard]] std::vector<Number> page(const Selection& selection, Number after, std::size_t limit) const;

    /// Facts and voids there are of a pattern at one organisation in one month: while both stay, so do the
    /// facts that count.
    struct Extent {
        std::uint64_t facts = 0;
        std::uint64_t voids = 0;
        bool operator==(const Extent&) const = default;
    };
    [[nodiscard]] Extent extent(std::size_t pattern, Number organisation, std::int32_t month) const;
    [[nodiscard]] std::int32_t first_month() const { return first_month_; }
    [[nodiscard]] std::int32_t last_month() const { return last_month_; }
    [[nodiscard]] std::uint64_t voids() const { return voided_at_.size(); }

    // --- facts ---
    [[nodiscard]] bool is_void(Number seq, Number as_of) const;
    [[nodiscard]] Date day(Number seq) const { return {day_[seq]}; }
    [[nodiscard]] Number dossier(Number seq) const { return dossier_[seq]; }  ///< dense number, 0 = none
    [[nodiscard]] std::size_t dossiers() const {
        return dossiers_.size();
    }  ///< one more than the highest number
    [[nodiscard]] Number opened(Number dossier) const { return dossiers_[dossier].opened; }
    [[nodiscard]] Number operator_of(Number dossier) const { return dossiers_[dossier].operator_id; }
    [[nodiscard]] Number source(Number dossier) const { return dossiers_[dossier].source; }
    [[nodiscard]] Number source_fact(Number dossier) const { return dossiers_[dossier].source_fact; }
    [[nodiscard]] std::uint64_t rows(Number seq) const;  ///< of a batch fact, else 1
    [[nodiscard]] std::optional<std::int64_t> amount(Number seq, std::string_view field) const;
    /// The operator a step's own field names, 0 = none.
    [[nodiscard]] Number operator_in(Number seq, std::string_view field) const;
    [[nodiscard]] std::string record_id(Number seq, const law::Statistics& statistics) const;
    [[nodiscard]] Date recorded_on(Number seq) const;

    [[nodiscard]] const Names& organisations() const { return organisations_; }
    [[nodiscard]] const Names& operators() const { return operators_; }
    [[nodiscard]] const std::vector<OrganisationFact>& organisation_facts() const {
        return organisation_facts_;
    }
    [[nodiscard]] const std::vector<ReportedFact>& reported() const { return reported_; }
    [[nodiscard]] std::size_t bytes() const;

    /// What has changed since the marks were taken down: patterns and organisations with new facts, and was
    /// any fact voided?
    struct Touched {
        std::vector<std::uint8_t> patterns;
        std::vector<std::uint8_t> organisations;
        std::int32_t first_month = std::numeric_limits<std::int32_t>::max();  ///< of the new facts
        bool voids = false;
    };
    [[nodiscard]] const Touched& touched() const { return touched_; }
    void take_down_marks();

 private:
    struct Dossier {
        Number opened = 0;
        Number operator_id = 0;
        Number source = 0;
        Number source_fact = 0;
        Number last = 0;          ///< its latest step
        Number attributes = 0;    ///< as they stand
        std::uint64_t id_at = 0;  ///< in ids_; ends where the next begins
    };
    using Values = std::vector<Number>;  // one per tracked attribute, 0 = not given
    /// A state a dossier came into, by which fact and when; kept where a figure asks how long it stayed.
    struct Stay {
        Number seq = 0;
        std::string state;
        std::int32_t since = 0;
    };

    Result<void> opening(const facts::Envelope& envelope);
    Result<void> step(const facts::Envelope& envelope);
    Result<void> batch(const facts::Envelope& envelope);
    Result<void> voiding(const facts::Envelope& envelope);
    [[nodiscard]] Number measure_of(std::string_view procedure, std::string_view step);
    /// Tells which state the step left ("-": none) and how many days the dossier was in it.
    void leave(Number dossier, Number seq, Number measure, std::string_view to, std::int32_t day,
               Values& values);
    /// What the form gives of the tracked attributes, over `values`; true where it gives any.
    Result<bool> read_form(CborReader form, Values& values, Number measure, Number seq);
    void post(Number seq, Number measure, Number attributes, const facts::Envelope& envelope);
    void touch(const Cell& cell, std::int32_t month);
    void mark_void(Number seq, Number at);
    void settle_attributes(Number dossier);
    Number intern(const Values& values);
    Number merged(Number attributes, Number delta);
    Number cell(Number measure, Number attributes, Number organisation);
    void match(Number cell);
    [[nodiscard]] bool matches(const law::Statistic& statistic, const Cell& cell) const;
    [[nodiscard]] std::int32_t month_of(std::int32_t day);
    Bucket& bucket(Cell& cell, std::int32_t month);
    /// The first bucket of the month or a later one.
    [[nodiscard]] static std::vector<Bucket>::const_iterator from_month(const Cell& cell, std::int32_t month);

    const std::vector<law::Statistic> statistics_;
    std::vector<std::string> attribute_names_;
    std::map<std::string, std::vector<std::string>, std::less<>> summed_fields_;  // measure → fields

    std::vector<std::string> operator_fields_;
    std::set<std::string, std::less<>> staged_;  // procedures of which stays are kept
    std::unordered_map<Number, std::vector<Stay>> stays_;

    Number applied_ = 0;
    std::int32_t first_month_ = 0;  // of any counted fact
    std::int32_t last_month_ = -1;
    // by sequence number
    std::vector<Number> dossier_;
    std::vector<std::int32_t> day_;
    std::vector<Number> cell_of_;   // 0 = not counted
    std::vector<Number> previous_;  // step before in the same dossier, 0 = the opening
    std::vector<Number> delta_;     // attributes its form gave
    // dossiers by dense number
    std::vector<Dossier> dossiers_;
    std::string ids_;

    Names organisations_;
    Names operators_;
    Names measures_;  // "procedure.step", "procedure.", "batch:format"
    Names values_;
    std::vector<std::vector<Number>> attributes_;  // combinations by number
    std::map<Values, Number> attribute_numbers_;
    std::unordered_map<std::uint64_t, Number> merges_;
    std::vector<Cell> cells_;
    struct CellKey {
        Number measure, attributes, organisation;
        bool operator==(const CellKey&) const = default;
    };
    struct CellHash {
        std::size_t operator()(const CellKey& key) const {
            return (key.measure * 0x9E3779B97F4A7C15ull) ^ (key.attributes * 0xC2B2AE3D27D4EB4Full) ^
                   (key.organisation * 0x165667B19E3779F9ull);
        }
    };
    std::unordered_map<CellKey, Number, CellHash> cell_numbers_;
    std::vector<std::vector<std::vector<Number>>> matching_;  // pattern → organisation → cells
    Touched touched_;
    std::string measure_key_;  // to look up a measure without making a text
    Values form_values_;       // of the form being read
    std::unordered_map<Number, Number> voided_at_;
    std::unordered_map<Number, std::uint64_t> batch_rows_;
    std::map<std::string, std::vector<std::pair<Number, std::int64_t>>, std::less<>>
        amounts_;  // field → by seq
    std::map<std::string, std::vector<std::pair<Number, Number>>, std::less<>>
        named_operators_;  // field → by seq
    std::vector<OrganisationFact> organisation_facts_;
    std::vector<ReportedFact> reported_;
    std::vector<std::pair<Number, std::int32_t>> recorded_days_;  // first fact recorded on each day
    std::int32_t cached_month_from_ = 0;                          // days of the month last asked for
    std::int32_t cached_month_to_ = -1;
    std::int32_t cached_month_ = 0;
};

/// The month a day lies in: year · 12 + month − 1.
[[nodiscard]] std::int32_t month_number(Date day);

template <class Each>
void Postings::each(const Selection& selection, Each&& each) const {
    const auto& by_organisation = matching_[selection.pattern];
    const std::int32_t first = month_number(selection.from);
    const std::int32_t last = month_number(selection.to);
    for (std::size_t organisation = 0; organisation < by_organisation.size(); ++organisation) {
        if (organisation >= selection.organisations->size() || (*selection.organisations)[organisation] == 0)
            continue;
        for (const Number number : by_organisation[organisation])
            for (auto at = from_month(cells_[number], first); at != cells_[number].buckets.end(); ++at) {
                const Bucket& bucket = *at;
                if (bucket.month > last) break;
                const bool is_edge = bucket.month == first || bucket.month == last;
                for (const Number seq : bucket.facts) {
                    if (seq > selection.as_of) break;
                    if (is_edge && (day(seq) < selection.from || selection.to < day(seq))) continue;
                    if (!bucket.voids.empty() && is_void(seq, selection.as_of)) continue;
                    each(seq);
                }
            }
    }
}

}  // namespace qingyuan::account
