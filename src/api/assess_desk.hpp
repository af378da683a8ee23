// What is thought of everybody on a day, worked out once and read by many: grades as the acts give them, the
// order in which to look, focus lists, visits. Three axes in three fields that never meet. Holds no rule.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/services.hpp"
#include "assess/credit.hpp"
#include "assess/focus.hpp"
#include "assess/register.hpp"
#include "assess/risk_evaluate.hpp"
#include "assess/visits.hpp"

namespace qingyuan::api {

/// How far a list of everybody may lag behind the journal. One operator and the register never do.
constexpr std::int64_t assess_kept_us = 60'000'000;

/// A grade that named persons decided: dossier of procedure credit_grade.
struct DecidedGrade {
    std::string dossier, state;  ///< told published recomputing
    std::string grade, rule, rule_version;
    std::int64_t seq = 0;
    Date graded_on, told_on, published_on;
    bool contested = false;  ///< an objection is under way: marked beside the grade
    bool lifted = false;     ///< its publication was ended by repair
};

/// One operator on the day.
struct KnownOperator {
    std::string id, name, kind, region, organisation, path, headquarters, area;
    std::string uscc;
    assess::Grading credit_grade;         ///< as the acts of the day give it
    std::optional<DecidedGrade> decided;  ///< as persons decided it
    assess::HazardTier hazard_tier{};
    assess::RiskScore predicted_risk;
    const assess::FocusEntry* focus = nullptr;  ///< in AssessState::focus
    Date visited_on;                            ///< last visit; never: 1970-01-01
};

/// Immutable. As of one fact of the journal and one day.
struct AssessState {
    std::uint64_t seq = 0;
    Date on;
    std::int64_t made_us = 0;
    std::vector<KnownOperator> operators;  ///< by id
    std::vector<assess::RiskSubject> subjects;
    assess::RiskModel model;
    assess::FocusFactsByOperator focus_facts;
    std::vector<assess::FocusEntry> focus;
    std::vector<assess::GroupRisk> groups;
    std::vector<assess::VisitMade> visits;
    [[nodiscard]] const KnownOperator* find(std::string_view id) const;
};

/// Thread-safe.
class AssessDesk {
 public:
    /// Rule sets as shipped; read once.
    Result<const law::CreditRules*> credit_rules(const law::Law& law);
    Result<const law::FocusRules*> focus_rules(const law::Law& law);
    /// Of today: as of the newest fact, or at most `assess_kept_us` behind it. While somebody works a newer
    /// one out, the others are given the one before.
    Result<std::shared_ptr<const AssessState>> state(const Services& services, const journal::Reader& reader,
                                                     Instant now);
    /// The back-test of that state; condition_unmet where there is nothing to judge.
    Result<std::shared_ptr<const assess::RiskEvaluation>> evaluation(
        const std::shared_ptr<const AssessState>& state);
    /// As of the newest fact.
    Result<std::shared_ptr<const assess::RegisterView>> risk_register(const Services& services,
                                                                      const journal::Reader& reader,
                                                                      Date from, Date on);

 private:
    std::mutex rules_lock_, work_, kept_lock_, judged_lock_, register_lock_;
    std::optional<law::CreditRules> credit_;
    std::optional<law::FocusRules> focus_;
    std::shared_ptr<const AssessState> state_;
    std::shared_ptr<const AssessState> judged_;  ///< what `evaluation_` is of
    std::shared_ptr<const assess::RiskEvaluation> evaluation_;
    std::map<std::string, std::shared_ptr<const assess::RegisterView>> registers_;  ///< of one fact
    std::uint64_t registers_seq_ = 0;
};

/// The grade of one operator that persons decided and that stands: published, told, or being recomputed.
[[nodiscard]] Result<std::optional<DecidedGrade>> decided_grade(const journal::Reader& reader,
                                                                std::string_view operator_id, Date on);
/// May everybody know it? Published, not lifted, and its rule set has the consequence publicity for this
/// grade in force on the day (law/credit).
[[nodiscard]] bool is_public(const law::CreditRules& rules, const DecidedGrade& grade, Date on);

}  // namespace qingyuan::api
