// Published figures and reports as data: law/statistics/*.toml, one figure a file, and law/reports/*.toml.
//
// A derived figure is a set of members and a fold over it; a reported figure is what somebody else published.
// Counting units are types: a union, an intersection or a difference of unlike units is refused at load
// (unit_mismatch), and a ratio of unlike units must carry a unit of its own, "order_per_finding". A second
// file with the same id and a later `from` is a changed definition: values before and after it are not
// comparable unless it says so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/result.hpp"

namespace qingyuan::law {

class Law;

enum class FigureKind : std::uint8_t { derived, reported };

/// What one member of the set is.
enum class MemberKind : std::uint8_t {
    fact,         ///< the step or opening itself
    dossier,      ///< the dossier it belongs to, once
    operator_id,  ///< the operator the dossier concerns, once
    source,       ///< the dossier it came from, once: the inspection an order follows
    source_fact,  ///< the fact its dossier came from, once: the finding an order answers
    row           ///< one accepted row of a batch, addressed seq/index
};

/// Which days count. A stock looks back over everything.
enum class Window : std::uint8_t {
    within,       ///< happened in the period
    until_end,    ///< happened on or before its last day
    before_start  ///< happened before its first day
};

enum class SetOperation : std::uint8_t {
    none,
    union_of,
    intersect,
    minus,       ///< the first less all others
    in_dossiers  ///< members of the first whose dossier is one of the second's
};
enum class FoldKind : std::uint8_t { count, sum, median, ratio };

/// What is counted: a step ("penalty_case.file"), an opening (step empty), or the rows of batches of a format
/// (batch set).
struct Measure {
    std::string procedure;
    std::string step;
    std::string batch;
    auto operator<=>(const Measure&) const = default;
};

/// The attribute, as it stood when the fact was recorded, is (or, for a list, holds) one of the values.
struct AttributeCondition {
    std::string attribute;
    std::vector<std::string> values;
    bool operator==(const AttributeCondition&) const = default;
};

struct Statistic {
    std::string id;
    std::string zh;
    std::string en;
    std::string unit;  ///< word of vocabulary counting_units, "share", or "<unit>_per_<unit>"
    std::string question_zh;
    std::string question_en;
    std::string note_zh;  ///< how it is counted (口径)
    std::string note_en;
    std::vector<std::string> law;
    FigureKind kind = FigureKind::derived;
    Date from = Date::never_before();
    Date to = Date::never_after();
    bool comparable = false;  ///< with the definition before it, for a later dated file

    std::vector<Measure> measures;
    std::vector<AttributeCondition> where;
    Window window = Window::within;
    SetOperation operation = SetOperation::none;
    std::vector<std::string> operands;  ///< ids of the sets combined
    MemberKind by = MemberKind::fact;   ///< what the members are
    std::string
        operator_field;  ///< for by operator: the step's own field that names it; "" = the dossier's operator

    FoldKind fold = FoldKind::count;
    std::string field;      ///< for sum and median: a whole or money field of the step
    std::string numerator;  ///< for ratio
    std::string denominator;

    std::string
        growth;  ///< reported: the figure that states its growth, from which a missing base is implied
    std::string file;

    [[nodiscard]] bool is_set() const { return kind == FigureKind::derived && fold != FoldKind::ratio; }
};

/// A figure in a report; a reported one names whom and which period it is about.
struct ReportFigure {
    std::string figure;
    std::string organisation;
    std::string period;
};

struct ReportSection {
    std::string id;
    std::string kind;  ///< how it is laid out: headline carry_over figures campaign reported
    std::string zh;
    std::string en;
    std::string note_zh;
    std::string note_en;
    std::vector<ReportFigure> figures;
    bool by_unit = false;
    bool year_on_year = false;
};

/// `equal` = sum of `plus` − sum of `minus`, of one unit, for the organisation and, where `per_unit`, for
/// each unit.
struct ReportIdentity {
    std::string id;
    std::string kind;  ///< carry_over (start + new − closed = end), parts (a whole and its parts), equation
    std::string zh;
    std::string en;
    std::string equal;
    std::vector<std::string> plus;
    std::vector<std::string> minus;
    std::string of_which;  ///< a part of `equal` shown beside it: what is overdue of what is open
    bool per_unit = false;
};

/// Two figures that overlap: both sizes and the size of the common part are printed.
struct ReportOverlap {
    std::string id;
    std::string zh;
    std::string en;
    std::string a;
    std::string b;
    std::string both;
};

struct ReportForm {
    std::string id;
    std::string zh;
    std::string en;
    std::vector<std::string> law;
    std::string note_zh;
    std::string note_en;
    std::vector<ReportSection> sections;
    std::vector<ReportIdentity> identities;
    std::vector<ReportOverlap> overlaps;
    std::string file;
};

class Statistics {
 public:
    /// Loads and checks the statistics and reports of the law's directory. Errors as Law::load: the first in
    /// the Result, all of them in `problems`, each at file:line:column.
    static Result<Statistics> load(const Law& law, std::vector<Error>* problems = nullptr);
    /// From definitions made in memory, taken as checked.
    static Statistics of(std::vector<Statistic> statistics, std::vector<ReportForm> reports = {},
                         std::set<Measure> repeatable = {});

    [[nodiscard]] std::span<const Statistic> all() const { return statistics_; }
    /// The definition in force on the date; null where there is none.
    [[nodiscard]] const Statistic* find(std::string_view id, Date on) const;
    /// figure_unknown, or law_not_in_force where it exists but not on that date.
    [[nodiscard]] Result<const Statistic*> figure(std::string_view id, Date on) const;
    [[nodiscard]] std::span<const ReportForm> reports() const { return reports_; }
    /// report_unknown.
    [[nodiscard]] Result<const ReportForm*> report(std::string_view id) const;
    /// Does the step leave the state as it is, so that it may be taken many times (a finding)?
    [[nodiscard]] bool is_repeatable(const Measure& step) const { return repeatable_.contains(step); }

 private:
    std::vector<Statistic> statistics_;
    std::vector<ReportForm> reports_;
    std::set<Measure> repeatable_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_id_;  // dated versions, oldest first
};

/// The display of a unit: 家次, 户, … ("visits"); falls back to the word itself.
[[nodiscard]] std::string unit_zh(const Law& law, std::string_view unit);
[[nodiscard]] std::string unit_en(const Law& law, std::string_view unit);

}  // namespace qingyuan::law
