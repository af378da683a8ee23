// Reports that speak of one patient and one event: the hospital's and the holder's, the first and the
// forgotten first. Hit-miss record linkage (Norén, Orre and Bate, KDD 2005; Norén et al., Data Min Knowl Disc
// 2007, "vigiMatch"): the sum over fields of log2 P(comparison | one patient) / P(comparison | two patients),
// where a rare value is worth more, what is missing nothing, and near misses of dates and ages something.
// What the product and the batch explain already is no evidence. The model, the windows and figures:
// docs/duplicates_and_clusters.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "facts/safety_report.hpp"
#include "law/reaction_families.hpp"

namespace qingyuan::assess {

/// What one field says, in bits: positive speaks for one patient, negative against.
struct LinkEvidence {
    std::string field;
    double bits = 0;
    std::string zh, en;  ///< what was compared: 相差1日, one day apart
};

/// A person looked at two reports. It overrules every score.
struct LinkDecision {
    std::string report, other;  ///< numbers
    bool same = false;
};

struct DuplicateOptions {
    std::optional<double> min_bits;  ///< absent: where a pair is as likely one patient as two
    bool estimate = true;            ///< the chances of errors from the data (EM), else the fixed prior
    std::vector<LinkDecision> decisions;
};

/// Reports of one case. Indexes are places in the reports that were given.
struct DuplicateGroup {
    std::uint32_t first = 0;   ///< came first: the others are its duplicates
    std::uint32_t master = 0;  ///< says most, of several that say as much the first: statistics count it
    std::vector<std::uint32_t> members;  ///< first, then the others in the order of their coming
    std::vector<double> bits;            ///< of each member with `first`; 0 of itself
};

/// Sets of reports, compared. Immutable after it was made.
class Linkage {
 public:
    [[nodiscard]] static Linkage make(std::span<const facts::SafetyReport> reports,
                                      const law::ReactionFamilies& families,
                                      const DuplicateOptions& options = {});
    Linkage(Linkage&&) noexcept;
    Linkage& operator=(Linkage&&) noexcept;
    ~Linkage();

    /// Groups of two and more, in the order of their first reports in the input.
    [[nodiscard]] const std::vector<DuplicateGroup>& groups() const;
    /// Field by field, the strongest first; fields that say nothing are left out.
    [[nodiscard]] std::vector<LinkEvidence> evidence(std::uint32_t report, std::uint32_t other) const;
    [[nodiscard]] double bits(std::uint32_t report, std::uint32_t other) const;
    [[nodiscard]] double min_bits() const;         ///< what a link needs
    [[nodiscard]] std::uint64_t compared() const;  ///< pairs that were looked at

 private:
    struct State;
    explicit Linkage(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// One report for each case, in the order of the input: its master, with what the master does not say taken
/// from the others.
[[nodiscard]] std::vector<facts::SafetyReport> count_cases(std::span<const facts::SafetyReport> reports,
                                                           const std::vector<DuplicateGroup>& groups);

/// Share of what a report could say that it does say, 0 to 1: the product of (1 - penalty) of what is
/// missing, after vigiGrade (Bergvall, Norén and Lindquist 2014).
[[nodiscard]] double completeness(const facts::SafetyReport& report);

}  // namespace qingyuan::assess
