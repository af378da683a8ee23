// A report computed: every figure of its form for an organisation and a period, per unit, against last year,
// with the identities that must hold between them. Nothing here is stored; the same journal up to the same
// fact gives the same report for ever.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/figures.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"
#include "law/statistics.hpp"

namespace qingyuan::account {

enum class Comparability : std::uint8_t {
    comparable,
    scope_changed,  ///< counted differently then: never a percentage
    not_defined,    ///< the figure did not exist then
    not_reported,   ///< reported: nobody stated it
    period_open,    ///< the period was not over when the last fact was recorded
    zero_base       ///< the base is zero: the difference is shown, no percentage
};
[[nodiscard]] std::string_view text_of(Comparability comparability);
[[nodiscard]] std::string_view zh_of(Comparability comparability);
[[nodiscard]] std::string_view en_of(Comparability comparability);

/// The same figure a year before.
struct YearBefore {
    Period period;
    Comparability comparability = Comparability::comparable;
    std::optional<FigureValue> base;
    bool is_implied = false;         ///< the base was worked out from the stated growth
    std::optional<Rational> change;  ///< (value − base) / base, only where comparable
};

struct ReportLine {
    std::string figure;
    std::optional<FigureValue> value;  ///< none: a reported figure that nobody has stated
    const law::Statistic* statistic = nullptr;
    Scope scope;  ///< what `value` was asked with: opens its members
    std::optional<YearBefore> before;
    std::optional<Digest> members_root;
};

struct UnitFigure {
    std::string figure;
    FigureValue value;
    std::optional<Digest> members_root;
};
/// A unit right below the organisation, or (own) what the organisation did itself.
struct UnitReport {
    Unit unit;
    bool is_own = false;
    std::vector<UnitFigure> figures;
    [[nodiscard]] const FigureValue* find(std::string_view figure) const;
};

struct IdentityTerm {
    std::string figure;
    int sign = 1;
    Rational value;
};
/// An identity of the report's form for one organisation.
struct IdentityResult {
    const law::ReportIdentity* identity = nullptr;
    std::string organisation;
    bool is_own = false;
    Rational left;  ///< value of `equal`
    std::vector<IdentityTerm> terms;
    Rational gap;  ///< left − sum of terms
    std::optional<Rational> of_which;
    [[nodiscard]] bool holds() const { return gap == Rational(0); }
};

/// Children sum to the parent, or the gap is listed. Entities two units have in common make the sum larger:
/// that is an overlap, no gap.
struct ChildrenResult {
    std::string figure;
    Rational total;
    Rational sum;
    bool is_distinct = false;  ///< a figure of distinct operators
    [[nodiscard]] Rational gap() const { return total - sum; }
    [[nodiscard]] bool holds() const { return is_distinct ? total <= sum : total == sum; }
};

struct OverlapResult {
    const law::ReportOverlap* overlap = nullptr;
    Rational a;
    Rational b;
    Rational both;
};

struct Report {
    const law::ReportForm* form = nullptr;
    Unit organisation;
    Period period;
    std::uint64_t as_of = 0;
    Date as_of_date;                         ///< on which that fact was recorded
    std::vector<ReportLine> lines;           ///< each figure once, in the order of the form
    std::vector<UnitReport> by_unit;         ///< units by id, the organisation itself last
    std::vector<IdentityResult> identities;  ///< the organisation first, then its units
    std::vector<ChildrenResult> children;
    std::vector<OverlapResult> overlaps;

    [[nodiscard]] const ReportLine* find(std::string_view figure) const;
    /// The first thing that does not add up, or nothing.
    [[nodiscard]] std::optional<Error> broken() const;
};

struct ReportRequest {
    std::string report;
    std::string organisation;
    Period period;
    std::uint64_t as_of = 0;  ///< 0 = everything the index has applied
    bool with_roots = true;   ///< members_root of every figure; without it the report is far cheaper
};

/// Errors: report_unknown, organisation_unknown, law_not_in_force.
[[nodiscard]] Result<Report> compute(const Index& index, const ReportRequest& request);

/// The organisations a figure of this report is asked with for a unit: `organisation` itself with own_only
/// for its own work.
[[nodiscard]] Result<Scope> unit_scope(const Index& index, const Report& report, std::string_view unit);

/// The last fact recorded at or before the instant; record_unknown where there is none.
[[nodiscard]] Result<std::uint64_t> seq_at(const journal::Reader& reader, Instant at);

}  // namespace qingyuan::account
