#include "law/punishment.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::law {

namespace {

bool any_begins(const std::vector<std::string>& words, std::string_view prefix) {
    return std::ranges::any_of(words, [&](const std::string& word) { return word.starts_with(prefix); });
}

bool holds(const PenaltyFacts& facts, std::string_view name) {
    const auto found = facts.find(name);
    return found != facts.end() && found->second == "true";
}

/// A fine that waits for a missed correction is computed only where it is said whether it was missed.
Result<void> correction_known(const PenaltyRule& rule, const PenaltyFacts& facts) {
    if (holds(facts, "serious") && rule.serious && rule.serious->fine) return {};
    if (!rule.normal.fine) return {};
    if (rule.normal.condition == FineCondition::not_corrected && !facts.contains("corrected_in_time"))
        return Error{ErrorCode::field_missing, "the rule fines only what is not corrected in time",
                     "corrected_in_time", rule.law, "say whether the order was met in time"};
    if (rule.normal.condition == FineCondition::refused && !facts.contains("refused_to_correct"))
        return Error{ErrorCode::field_missing, "the rule fines only who refuses to correct",
                     "refused_to_correct", rule.law, "say whether correction was refused"};
    if (rule.normal.condition == FineCondition::refused && !holds(facts, "refused_to_correct"))
        return Error{ErrorCode::condition_unmet, "correction was not refused: no fine", "refused_to_correct",
                     rule.law, "warn and order correction"};
    return {};
}

class Court {
 public:
    Court(const Law& law, const Violation& violation, const PenaltyFacts& facts, const Factors& factors)
        : law_(law), violation_(violation), facts_(facts), factors_(factors) {
        out_.violation = violation.code;
        out_.infringes = violation.infringes;
    }

    Result<Punishment> judge(std::string_view chosen) {
        bool fits = chosen.empty();
        for (const std::string& id : violation_.penalises) {
            const PenaltyRule* rule = law_.find_penalty_rule(id);
            if (rule == nullptr) continue;  // a citation, whose range is not in the data
            fits = fits || id == chosen;
            if (chosen.empty() || id == chosen) CHECK(add(*rule));
        }
        if (!fits)
            return Error{ErrorCode::penalty_rule_unknown,
                         fmt::format("'{}' does not punish {}", chosen, violation_.code),
                         "penalty_rule",
                         {},
                         fmt::format("one of {}", join(violation_.penalises, ", "))};
        compare();
        apply_factors();
        return std::move(out_);
    }

 private:
    Result<void> add(const PenaltyRule& rule) {
        // A rule for persons only, or without any part, asks for no facts of the firm.
        const bool silent = !rule.normal.fine && rule.refers.empty() && !rule.persons &&
                            (!rule.serious || !rule.serious->fine) && rule.normal.first.empty() &&
                            rule.normal.confiscate.empty() && rule.normal.also.empty();
        if (silent) return {};
        CHECK(correction_known(rule, facts_));
        Penalty penalty = TRY(compute_penalty(law_, rule.id, facts_));
        const bool counts = penalty.persons.applies && persons_are_meant(rule);
        if (!counts) penalty.persons = {};
        out_.steps.insert(out_.steps.end(), penalty.steps.begin(), penalty.steps.end());
        out_.rules.push_back(std::move(penalty));
        return {};
    }

    /// "Fake drugs, or inferior ones when serious" (药品管理法 118, 疫苗管理法 80): the kind of violation
    /// says by its flag whether persons are punished in any case.
    [[nodiscard]] bool persons_are_meant(const PenaltyRule& rule) const {
        if (!rule.persons || rule.persons->when.empty() || rule.persons->when == "serious") return true;
        return holds(facts_, "serious") ||
               std::ranges::find(violation_.flags, "person_penalty") != violation_.flags.end();
    }

    void step(std::string law, std::string zh, std::string en) {
        out_.steps.push_back({std::move(law), std::move(zh), std::move(en)});
    }

    void compare() {
        std::size_t fined = 0;
        for (const Penalty& penalty : out_.rules) {
            if (penalty.organisation.applies) {
                ++fined;
                if (out_.heaviest.empty() || penalty.organisation.max > out_.organisation.max) {
                    out_.heaviest = penalty.rule;
                    out_.organisation = penalty.organisation;
                }
            }
            if (penalty.persons.applies &&
                (out_.persons_rule.empty() || penalty.persons.max > out_.persons.max)) {
                out_.persons_rule = penalty.rule;
                out_.persons = penalty.persons;
            }
        }
        if (fined > 1)
            step("APL 29",
                 fmt::format("同一违法行为违反多个规范，按罚款数额高的处罚：{}，{}元至{}元", out_.heaviest,
                             out_.organisation.min.text(), out_.organisation.max.text()),
                 fmt::format("one act, several rules: the higher fine counts, {}, {} to {} yuan",
                             out_.heaviest, out_.organisation.min.text(), out_.organisation.max.text()));
    }

    void apply_factors() {
        if (!factors_.aggravation.empty())
            step(violation_.category == "drug" ? "DAL 137" : "APL 5", "有从重情节，在幅度内从重",
                 "aggravating factors: heavier inside the range");
        if (any_begins(factors_.mitigation, "none_")) {
            out_.organisation.min = out_.organisation.max = {};
            step("APL 33", "依法不予处罚，不得罚款", "no penalty by law: no fine");
            return;
        }
        if (any_begins(factors_.mitigation, "may_none_") || any_begins(factors_.mitigation, "reduce_")) {
            out_.organisation.min = {};
            out_.persons.min = {};
            step("APL 32", "有从轻或者减轻情节：可以低于下限处罚",
                 "mitigating factors: the fine may be lighter than the least");
        }
    }

    const Law& law_;
    const Violation& violation_;
    const PenaltyFacts& facts_;
    const Factors& factors_;
    Punishment out_;
};

}  // namespace

Result<Punishment> punish(const Law& law, const Violation& violation, const PenaltyFacts& facts,
                          const Factors& factors, std::string_view rule) {
    return Court(law, violation, facts, factors).judge(rule);
}

}  // namespace qingyuan::law
