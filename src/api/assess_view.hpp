// What the routes about grades, predicted risk, the register and focus lists share: who is in the reader's
// tree, and their facts as JSON. Shapes: contract/assess.json.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/assess_desk.hpp"
#include "api/present.hpp"

namespace qingyuan::api {

/// One answer about everybody the reader may see.
class AssessView {
 public:
    /// Decides by the route's policy: `kind` is what its row is about. A list that the row says is noted is
    /// noted by `note`.
    static Result<AssessView> open(const Call& call, const journal::Reader& reader, access::Kind kind);

    [[nodiscard]] const Call& call() const { return *call_; }
    [[nodiscard]] const journal::Reader& reader() const { return present_.reader(); }
    [[nodiscard]] const law::Law& law() const { return call_->services.law; }
    [[nodiscard]] const AssessState& state() const { return *state_; }
    [[nodiscard]] const std::shared_ptr<const AssessState>& shared_state() const { return state_; }
    [[nodiscard]] const law::CreditRules& credit() const { return *credit_; }
    [[nodiscard]] Presenter& present() { return present_; }
    [[nodiscard]] AssessDesk& desk() const { return *call_->services.assess; }
    [[nodiscard]] Date on() const { return state_->on; }

    /// Is the operator one of the reader's (its own, or regulated in its tree)?
    [[nodiscard]] bool sees(const KnownOperator& one) const;
    /// Those the reader sees and the filters of the query leave: org region kind area tier q.
    [[nodiscard]] Result<std::vector<const KnownOperator*>> asked();
    Result<void> note(std::string_view what, std::size_t count) const;

    [[nodiscard]] Json as_of() const;
    /// {operator {id, name}, kind, region, area, organisation}
    [[nodiscard]] Json operator_json(const KnownOperator& one);

 private:
    AssessView(const Call& call, const journal::Reader& reader, access::Scope scope)
        : call_(&call), scope_(std::move(scope)), present_(call.services, reader, call.now) {}

    const Call* call_;
    access::Scope scope_;
    Presenter present_;
    std::shared_ptr<const AssessState> state_;
    const law::CreditRules* credit_ = nullptr;
};

[[nodiscard]] Answer with_assess(const Call& call, access::Kind kind,
                                 const std::function<Answer(AssessView&)>& use);

/// Rounded to four decimals: more than any of these numbers knows.
[[nodiscard]] double rounded(double value);
/// A share with its counts: {part, whole, percent}; percent null of nothing.
[[nodiscard]] Json share_json(std::int64_t part, std::int64_t whole);

/// What the acts of the day give one operator, and what persons decided: the same for the desk and for the
/// operator itself. `reaches` says of a matter whether the reader may know of it.
using Reaches = std::function<Result<bool>(const std::string& matter)>;
[[nodiscard]] Result<Json> credit_json(const Call& call, Presenter& present, const law::CreditRules& rules,
                                       const facts::OperatorRecorded& firm, const Reaches& reaches);
[[nodiscard]] Json decided_json(const Presenter& present, const law::CreditRules& rules,
                                const std::optional<DecidedGrade>& grade);
[[nodiscard]] Json credit_rule_json(const Presenter& present, const law::CreditRules& rules,
                                    const law::CreditRule& rule);
[[nodiscard]] Json reasons_json(Presenter& present, const law::FocusRules& rules,
                                const std::vector<assess::FocusReason>& reasons);

// desk
Answer credit_list(const Call& call);
Answer credit_of(const Call& call);
Answer credit_rules(const Call& call);
Answer risk_list(const Call& call);
Answer risk_of(const Call& call);
Answer risk_evaluation(const Call& call);
Answer risk_groups(const Call& call);
Answer risk_register(const Call& call);
Answer risk_item(const Call& call);
Answer focus(const Call& call);
Answer focus_changes(const Call& call);
Answer focus_rates(const Call& call);
Answer schedule_visits(const Call& call);
// the operator itself
Answer portal_credit(const Call& call);
Answer object_to_grade(const Call& call);
Answer ask_for_repair(const Call& call);

}  // namespace qingyuan::api
