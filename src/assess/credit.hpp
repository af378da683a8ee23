// Credit grades as a pure function of a rule set, facts and a day. Facts are final and effective acts read
// from the dossiers; the result says of every fact what it cost and under which article, or why it cost
// nothing. A published grade is a dossier decided by named persons (law/procedures/credit_grade.toml); this
// only computes.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "assess/axes.hpp"
#include "journal/view.hpp"
#include "law/credit.hpp"

namespace qingyuan::assess {

/// One act about one operator. Dates of 1970-01-01 mean "not".
struct CreditFact {
    std::string kind;       ///< id of credit_facts.toml
    std::string matter;     ///< record id of its dossier: of one matter only the heaviest act counts
    std::int64_t act = 0;   ///< sequence number of the fact that decided it
    Date effective_on;      ///< decided
    Date final_on;          ///< nobody can contest it any more; not: still open
    Date annulled_on;       ///< taken back from the beginning
    Date ended_on;          ///< its effect stopped (a listing)
    bool basis = false;     ///< shows that somebody looked
    bool standing = false;  ///< its effect lasts until it ends
};

/// What became of a fact under a rule set.
enum class CreditEffect : std::uint8_t {
    counted,    ///< its points were taken off
    direct,     ///< one of those that give grade D whatever the points
    lighter,    ///< a heavier act of the same matter counts
    capped,     ///< its dimension had no points left
    no_points,  ///< the rule set takes nothing off for it
    lapsed,     ///< too long ago
    ended,      ///< its effect has stopped
    pending,    ///< not final yet
    annulled,
    later  ///< after the day asked for
};
[[nodiscard]] std::string_view text_of(CreditEffect effect);

struct GradedFact {
    CreditFact fact;
    CreditEffect effect = CreditEffect::no_points;
    Rational points;      ///< taken off
    std::string article;  ///< of the rule set, else of the kind
    Date counts_until;    ///< last day; not: as long as it stands
};

struct Grading {
    CreditGrade grade = CreditGrade::ungraded;
    Rational points;           ///< what is left of `start`
    std::string rule;          ///< id
    std::string rule_version;  ///< of the very file
    Date as_of;
    Date locked_until;   ///< grade D by a direct ground up to this day; not: by points
    std::string ground;  ///< id of that ground
    std::vector<GradedFact> facts;
};

/// The grade on a day. Points of one matter: the heaviest act only. Points of a dimension: at most its
/// weight. Refused: a fact that stands twice (duplicate_key), a kind the law does not know
/// (law_reference_unknown), a fact without a day (field_missing).
/// O(facts²) in the facts of one operator, which are few.
[[nodiscard]] Result<Grading> grade(const law::CreditRules& rules, const law::CreditRule& rule,
                                    std::span<const CreditFact> facts, Date as_of);

/// The acts a dossier holds, in the order of their steps. Reads the form of each deciding step as it was
/// written then; a voided step was never taken.
[[nodiscard]] Result<std::vector<CreditFact>> credit_facts_of(const journal::Reader& reader,
                                                              const law::CreditRules& rules,
                                                              const facts::DossierRow& dossier);
/// Of one operator, by the day they became effective.
[[nodiscard]] Result<std::vector<CreditFact>> credit_facts(const journal::Reader& reader,
                                                           const law::CreditRules& rules,
                                                           std::string_view operator_id);
/// Of everybody at once: one pass over the dossiers of the procedures that make acts.
using CreditFactsByOperator = std::map<std::string, std::vector<CreditFact>, std::less<>>;
[[nodiscard]] Result<CreditFactsByOperator> all_credit_facts(const journal::Reader& reader,
                                                             const law::CreditRules& rules);

/// The tier of a kind of operator (vocabulary hazard_by_kind); `low` for a kind it does not name.
[[nodiscard]] HazardTier hazard_tier(const law::Law& law, std::string_view operator_kind);

/// Consequences of a grade that hold on the day.
[[nodiscard]] std::vector<const law::CreditConsequence*> consequences_of(const law::CreditRule& rule,
                                                                         CreditGrade grade, Date on);

/// Planned visits a year: the tier's own number × the factor of the grade, never below the statutory floor of
/// the tier, never above the published cap. Visits for a cause are not planned and not counted here.
struct Frequency {
    Rational per_year;
    Rational floor;
    Rational cap;
    Rational factor;  ///< 1 for an ungraded operator
};
/// law_not_in_force where the cap has no text on the day (before caps were published there is none: `cap` is
/// then the tier's number times the factor).
[[nodiscard]] Result<Frequency> frequency(const law::Law& law, const law::CreditRule& rule, HazardTier tier,
                                          CreditGrade grade, Date on);

/// How many operators hold each grade; `ungraded` stands apart and is in no denominator.
struct GradeShare {
    std::map<CreditGrade, std::int64_t> counts;
    [[nodiscard]] std::int64_t graded() const;
    /// Share of grade B or above among the graded; 0 where nobody is graded.
    [[nodiscard]] Rational b_or_above() const;
};

/// A published grade whose facts changed: an act it rests on was annulled or voided, or a fact came that
/// changes it. The daily job reports each to the one who must recompute within CRG.RECOMPUTE.
struct GradeDue {
    std::string dossier;  ///< of procedure credit_grade, in force
    std::string operator_id;
    std::string published;  ///< grade
    CreditGrade now = CreditGrade::ungraded;
    bool annulled = false;             ///< an act it rests on is no more: three working days
    std::vector<std::string> matters;  ///< whose acts were annulled
    Date noticed_on;
};
/// All grades in force that no longer follow from the facts, on the day. Pure: who takes the step
/// act_annulled or recompute is somebody else.
[[nodiscard]] Result<std::vector<GradeDue>> grades_due(const journal::Reader& reader,
                                                       const law::CreditRules& rules, Date on);

}  // namespace qingyuan::assess
