// How credit grades are computed, as data: law/credit_facts.toml says which acts count and when one is final,
// law/credit/*.toml are the rule sets (one a file, dated), law/credit_use.toml says which set grades whom.
// A grade rests on final and effective acts only (DAL 105, DEVR 78, COSR 56); nothing here can name a score.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "law/law.hpp"

namespace qingyuan::law {

/// A kind of act that a grade may rest on: one [[fact]] of credit_facts.toml.
struct CreditFactKind {
    std::string id;  ///< "penalty_fine"
    std::string zh, en;
    std::vector<std::string> law;
    std::string procedure;
    std::vector<std::string> decided;   ///< steps that make the act
    std::vector<std::string> final_by;  ///< steps after which nobody can contest it; empty: final at once
    std::vector<std::string> annulled;  ///< steps that take it back from the beginning
    std::vector<std::string> ended;     ///< steps that end its effect from then on
    /// Field of the deciding step, or attribute of the dossier where the step has none → one of these.
    std::map<std::string, std::vector<std::string>, std::less<>> where;
    bool basis = false;  ///< shows that somebody looked: without one an operator is ungraded
};

/// What one kind of fact costs under a rule set.
struct CreditDeduction {
    std::string fact;
    std::string dimension;
    Rational points;  ///< taken off, 0 or more
    int months = 0;   ///< after the act became effective; 0: as long as its effect lasts
    std::string law;  ///< citation shown beside the points
};

/// So many facts of these kinds within so many months give grade D whatever the points, for `lock_months`.
struct CreditDirect {
    std::string id, zh, en;
    std::vector<std::string> facts;
    int count = 1;
    int within_months = 0;  ///< 0: at any time
    int lock_months = 0;
    std::string law;
};

struct CreditDimension {
    std::string id, zh, en;
    Rational weight;  ///< the most that facts of it can cost
};

/// Grade for scores from `min` up to, not including, `below`.
struct CreditBand {
    std::string grade;
    std::optional<Rational> min, below;
};

/// What a grade brings, while it stands and within its own dates.
struct CreditConsequence {
    std::vector<std::string> grades;
    std::string kind;   ///< word of vocabulary credit_consequences
    std::string value;  ///< a factor, a channel, a partner: what the kind says
    std::string zh, en;
    std::string law;
    InForce in_force;
};

struct CreditRule {
    std::string id;       ///< the name of its file: "wuhan_ten_point"
    std::string version;  ///< day in force and eight digits of the SM3 of the file
    std::string zh, en, note;
    Status status = Status::unverified;
    std::vector<std::string> law;
    InForce in_force;
    Rational start;        ///< points of an operator without facts
    int basis_months = 0;  ///< a look older than this is none; 0: any look counts
    std::vector<CreditDimension> dimensions;
    std::vector<CreditDeduction> deductions;
    std::vector<CreditDirect> direct;
    std::vector<CreditBand> bands;  ///< best first
    std::vector<CreditConsequence> consequences;

    [[nodiscard]] const CreditDeduction* find_deduction(std::string_view fact) const;
    [[nodiscard]] std::string_view grade_of(Rational points) const;
};

/// One row of credit_use.toml: operators of these kinds are graded by this rule set.
struct CreditUse {
    std::string rule;
    std::vector<std::string> kinds;  ///< words of operator_kinds; empty: all others
    InForce in_force;
};

class CreditRules {
 public:
    /// Loads and checks. Refused, each at file:line:column: weights that do not add up to `start`, bands that
    /// overlap or leave a gap, facts, steps and citations nobody knows, two rules for one fact. Errors as
    /// Law::load.
    static Result<CreditRules> load(const Law& law, std::vector<Error>* problems = nullptr);

    [[nodiscard]] std::span<const CreditFactKind> kinds() const { return kinds_; }
    [[nodiscard]] const CreditFactKind* find_kind(std::string_view id) const;
    [[nodiscard]] std::span<const CreditRule> rules() const { return rules_; }
    /// rule_unknown or law_not_in_force.
    [[nodiscard]] Result<const CreditRule*> rule(std::string_view id, Date on) const;
    /// The set in use for the kind of operator on the date; law_not_in_force where there is none.
    [[nodiscard]] Result<const CreditRule*> rule_for(std::string_view operator_kind, Date on) const;

 private:
    std::vector<CreditFactKind> kinds_;
    std::vector<CreditRule> rules_;
    std::vector<CreditUse> uses_;
    std::map<std::string, std::size_t, std::less<>> kind_at_;
};

}  // namespace qingyuan::law
