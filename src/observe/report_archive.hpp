// The cases as the batches of reports make them: versions in their order, the latest one current, nullified
// ones gone, products as they were coded. The state does not depend on the order in which the rows came.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/safety_report_row.hpp"
#include "facts/safety_report.hpp"

namespace qingyuan::observe {

enum class ReportChangeKind : std::uint8_t { added, replaced, withdrawn };

/// What a row did to the case it belongs to: for an index that counts cases.
struct ReportChange {
    ReportChangeKind kind{};
    std::string case_id;
    std::optional<facts::SafetyReport> before;  ///< not for added
    std::optional<facts::SafetyReport> after;   ///< not for withdrawn
};

/// What a row is beside what is there.
enum class ReportStanding : std::uint8_t {
    fresh,      ///< the first of its case
    follow_up,  ///< becomes the current version
    older,      ///< kept as history, does not become current
    duplicate,  ///< the same again: nothing to keep
    nullifies,  ///< takes the case away
    nullified,  ///< of a case that is nullified: kept as history
    nullified_again
};
[[nodiscard]] std::string_view name_of(ReportStanding standing);

/// Where a row lies: batch seq, row i.
struct ReportAddress {
    std::uint64_t seq = 0;
    std::uint64_t row = 0;
    auto operator<=>(const ReportAddress&) const = default;
    [[nodiscard]] std::string text() const;  ///< seq/i
};

struct ReportVersion {
    facts::SafetyReportRow row;
    ReportAddress address;
};

struct ReportCase {
    std::vector<ReportVersion> versions;  ///< in their order; the last is the latest
    bool withdrawn = false;
    [[nodiscard]] const ReportVersion& latest() const { return versions.back(); }
};

/// A product that reports name and nobody coded.
struct UncodedProduct {
    std::string name, approval, maker;
    std::uint64_t cases = 0;
    std::string example;  ///< a case that names it
};

/// Not thread-safe.
class ReportArchive {
 public:
    [[nodiscard]] ReportStanding standing(const facts::SafetyReportRow& row) const;
    /// Adds a row. At most one change; none for a duplicate and for what is only history.
    std::vector<ReportChange> add(const facts::SafetyReportRow& row, ReportAddress address);
    /// A product was coded: a change for each current report that names it so.
    std::vector<ReportChange> code(const facts::ProductCodedRow& coding);

    [[nodiscard]] const ReportCase* find(std::string_view case_id) const;
    /// All cases by their id, withdrawn ones too.
    [[nodiscard]] const std::map<std::string, ReportCase, std::less<>>& cases() const { return cases_; }
    /// The current versions of all cases that are not withdrawn, by case id.
    [[nodiscard]] std::vector<facts::SafetyReport> current() const;
    [[nodiscard]] facts::SafetyReport report_of(const facts::SafetyReportRow& row) const;

    using KnownProduct = std::function<bool(std::string_view approval)>;
    /// Products of current reports that were not coded and that `known` does not know; most cases first.
    [[nodiscard]] std::vector<UncodedProduct> uncoded(const KnownProduct& known) const;

 private:
    std::map<std::string, ReportCase, std::less<>> cases_;
    std::map<std::string, facts::ProductCodedRow, std::less<>> codings_;
};

}  // namespace qingyuan::observe
