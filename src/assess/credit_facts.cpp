// Reads final and effective acts out of the dossiers, and looks after the grades that rest on them.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "assess/credit.hpp"
#include "assess/dossiers.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::assess {

namespace {

using facts::DossierRow;
using facts::StepState;

bool is_one_of(const std::vector<std::string>& steps, const StepState& step) {
    return !step.voided && std::ranges::find(steps, step.step) != steps.end();
}

/// The day of the first such step after the position, or not.
Date first_after(const DossierRow& dossier, std::size_t position, const std::vector<std::string>& steps) {
    for (std::size_t i = position; i < dossier.steps.size(); ++i)
        if (is_one_of(steps, dossier.steps[i])) return dossier.steps[i].on;
    return {};
}

bool holds(const facts::Form& form, const facts::Form& attributes, std::string_view field,
           const std::vector<std::string>& values) {
    const facts::Value* value = facts::find(form, field);
    const facts::Form& source = value != nullptr ? form : attributes;
    if (const facts::Value* at = facts::find(source, field);
        at != nullptr && std::holds_alternative<bool>(*at))
        return std::ranges::find(values, std::get<bool>(*at) ? "true" : "false") != values.end();
    return std::ranges::any_of(facts::list_of(source, field), [&](const std::string& one) {
        return std::ranges::find(values, one) != values.end();
    });
}

Result<bool> fits(const journal::Reader& reader, const law::CreditFactKind& kind, const DossierRow& dossier,
                  const StepState& step) {
    if (kind.where.empty()) return true;
    const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(step.seq)));
    const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
    if (taken == nullptr) return false;
    return std::ranges::all_of(kind.where, [&](const auto& condition) {
        return holds(taken->form, dossier.attributes, condition.first, condition.second);
    });
}

std::set<std::string, std::less<>> procedures_of(const law::CreditRules& rules) {
    std::set<std::string, std::less<>> out;
    for (const law::CreditFactKind& kind : rules.kinds()) out.insert(kind.procedure);
    return out;
}

void sort_by_day(std::vector<CreditFact>& facts) {
    std::ranges::stable_sort(facts, [](const CreditFact& a, const CreditFact& b) {
        return std::tie(a.effective_on, a.act) < std::tie(b.effective_on, b.act);
    });
}

}  // namespace

Result<std::vector<CreditFact>> credit_facts_of(const journal::Reader& reader, const law::CreditRules& rules,
                                                const DossierRow& dossier) {
    std::vector<CreditFact> out;
    if (dossier.state == "voided" || dossier.operator_id.empty()) return out;
    for (const law::CreditFactKind& kind : rules.kinds()) {
        if (kind.procedure != dossier.procedure) continue;
        for (std::size_t i = 0; i < dossier.steps.size(); ++i) {
            const StepState& step = dossier.steps[i];
            if (!is_one_of(kind.decided, step)) continue;
            // A decision made anew takes the place of the one before.
            const bool again = std::any_of(dossier.steps.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                           dossier.steps.end(), [&](const StepState& later) {
                                               return is_one_of(kind.decided, later) && kind.annulled.empty();
                                           });
            if (again || !TRY(fits(reader, kind, dossier, step))) continue;
            CreditFact fact{kind.id, dossier.id, step.seq,           step.on, step.on, {},
                            {},      kind.basis, !kind.ended.empty()};
            if (!kind.final_by.empty()) fact.final_on = first_after(dossier, i + 1, kind.final_by);
            fact.annulled_on = first_after(dossier, i + 1, kind.annulled);
            fact.ended_on = first_after(dossier, i + 1, kind.ended);
            out.push_back(std::move(fact));
        }
    }
    return out;
}

Result<std::vector<CreditFact>> credit_facts(const journal::Reader& reader, const law::CreditRules& rules,
                                             std::string_view operator_id) {
    std::vector<CreditFact> out;
    const auto wanted = procedures_of(rules);
    CHECK(each_dossier(reader, {{"operator_id", journal::Compare::equal, {std::string(operator_id)}}},
                       [&](const DossierRow& dossier) -> Result<void> {
                           if (!wanted.contains(dossier.procedure)) return {};
                           for (CreditFact& fact : TRY(credit_facts_of(reader, rules, dossier)))
                               out.push_back(std::move(fact));
                           return {};
                       }));
    sort_by_day(out);
    return out;
}

Result<CreditFactsByOperator> all_credit_facts(const journal::Reader& reader, const law::CreditRules& rules) {
    CreditFactsByOperator out;
    for (const std::string& procedure : procedures_of(rules))
        CHECK(each_dossier(reader, {{"procedure", journal::Compare::equal, {procedure}}},
                           [&](const DossierRow& dossier) -> Result<void> {
                               for (CreditFact& fact : TRY(credit_facts_of(reader, rules, dossier)))
                                   out[dossier.operator_id].push_back(std::move(fact));
                               return {};
                           }));
    for (auto& [operator_id, facts] : out) sort_by_day(facts);
    return out;
}

Result<std::vector<GradeDue>> grades_due(const journal::Reader& reader, const law::CreditRules& rules,
                                         Date on) {
    std::vector<GradeDue> out;
    CHECK(each_dossier(reader,
                       {{"procedure", journal::Compare::equal, {std::string("credit_grade")}},
                        {"open", journal::Compare::equal, {std::int64_t{1}}}},
                       [&](const DossierRow& dossier) -> Result<void> {
                           if (dossier.state != "published") return {};
                           const auto facts = TRY(credit_facts(reader, rules, dossier.operator_id));
                           const auto rule = rules.rule(facts::text_of(dossier.attributes, "rule"), on);
                           const auto rested = split(facts::text_of(dossier.attributes, "matters"), ',');
                           GradeDue due{dossier.id,
                                        dossier.operator_id,
                                        facts::text_of(dossier.attributes, "grade"),
                                        CreditGrade::ungraded,
                                        false,
                                        {},
                                        on};
                           for (const std::string& matter : rested) {
                               if (matter.empty()) continue;
                               const bool stands = std::ranges::any_of(facts, [&](const CreditFact& fact) {
                                   return fact.matter == matter &&
                                          (fact.annulled_on == Date{} || fact.annulled_on > on);
                               });
                               if (!stands) due.matters.push_back(matter);
                           }
                           due.annulled = !due.matters.empty();
                           // A rule set that is no longer in force decided the grade; another one is a new
                           // grade.
                           if (rule) due.now = TRY(grade(rules, **rule, facts, on)).grade;
                           const bool changed = rule && text_of(due.now) != due.published;
                           if (due.annulled || changed) out.push_back(std::move(due));
                           return {};
                       }));
    return out;
}

}  // namespace qingyuan::assess
