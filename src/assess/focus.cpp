#include "assess/focus.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "assess/credit.hpp"
#include "assess/dossiers.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::assess {

namespace {

using facts::DossierRow;
using journal::Compare;

bool is_word(std::string_view wanted, std::string_view word) {
    if (wanted.ends_with('*')) return word.starts_with(wanted.substr(0, wanted.size() - 1));
    return wanted == word;
}

/// What met the condition; nothing where it does not hold.
std::optional<FocusMet> met(const law::FocusCondition& condition, const FocusFacts& facts, Date on) {
    if (condition.at_least > 0) {
        const auto found = facts.days.find(condition.fact);
        if (found == facts.days.end()) return std::nullopt;
        const Date from =
            condition.within_months > 0 ? on.plus_months(-condition.within_months) : Date::never_before();
        const auto count =
            std::ranges::count_if(found->second, [&](Date day) { return from < day && day <= on; });
        if (count < condition.at_least) return std::nullopt;
        return FocusMet{condition.fact, {}, count, condition.at_least, condition.within_months};
    }
    const auto found = facts.words.find(condition.fact);
    if (found == facts.words.end()) return std::nullopt;
    for (const std::string& word : found->second)
        for (const std::string& wanted : condition.one_of)
            if (is_word(wanted, word)) return FocusMet{condition.fact, word, 0, 0, 0};
    return std::nullopt;
}

std::optional<FocusReason> reason_of(const law::FocusRule& rule, const FocusFacts& facts, Date on) {
    FocusReason out{rule.id, rule.version, rule.dimension, {}, {}};
    std::vector<std::string> because;
    for (const law::FocusCondition& condition : rule.conditions) {
        auto one = met(condition, facts, on);
        if (!one) return std::nullopt;
        because.push_back(one->text());
        out.met.push_back(std::move(*one));
    }
    out.because = join(because, "; ");
    return out;
}

/// Reasons of `a` whose rule has none in `b`.
std::vector<FocusReason> beyond(const std::vector<FocusReason>& a, const std::vector<FocusReason>& b) {
    std::vector<FocusReason> out;
    for (const FocusReason& one : a)
        if (std::ranges::find(b, one.rule, &FocusReason::rule) == b.end()) out.push_back(one);
    return out;
}

void take_product(const facts::ProductRecorded& product, FocusFacts& facts) {
    std::vector<std::string>& words = facts.words["product"];
    if (product.high_risk) words.emplace_back("high_risk");
    if (product.centralised_procurement) words.emplace_back("centralised_procurement");
    if (product.banned_online) words.emplace_back("banned_online");
}

Result<void> take_dossier(const journal::Reader& reader, const DossierRow& dossier, Date on,
                          FocusFacts& facts) {
    if (dossier.state == "voided" || dossier.opened_on > on) return {};
    if (const std::string product = facts::text_of(dossier.attributes, "product"); !product.empty())
        if (const auto found = TRY(registry::find_product(reader, product, on))) take_product(*found, facts);
    if (dossier.procedure == "risk_item" && dossier.open)
        if (std::string level = facts::text_of(dossier.attributes, "level"); !level.empty())
            facts.words["open_risk"].push_back(std::move(level));
    const bool trace = dossier.procedure == "lead" && facts::text_of(dossier.attributes, "origin") == "trace";
    if (trace) facts.days["custody"].push_back(dossier.opened_on);
    if (dossier.procedure == "complaint" || dossier.procedure == "report")
        facts.days["complaint"].push_back(dossier.opened_on);
    for (const facts::StepState& step : dossier.steps) {
        if (step.voided || step.on > on) continue;
        if (dossier.procedure == "inspection" && step.step == "record_finding")
            facts.days["finding"].push_back(step.on);
        if (dossier.procedure == "penalty_case" && step.step == "file") facts.days["case"].push_back(step.on);
        if (dossier.procedure == "sampling" && step.step == "bad")
            facts.days["failed_sample"].push_back(step.on);
    }
    return {};
}

Result<void> take_registry(const journal::Reader& reader, Date on, FocusFactsByOperator& out) {
    journal::Query query;
    for (;;) {
        const auto rows = TRY(reader.view<facts::LicenceRow>().list(query));
        for (const facts::LicenceRow& row : rows)
            for (const facts::LicenceRecorded& one : row.versions)
                if (const auto found = out.find(row.operator_id);
                    found != out.end() && one.from <= on && registry::holds(one.from, one.to, on))
                    for (const std::string& scope : one.scopes) found->second.words["scope"].push_back(scope);
        if (rows.size() < query.limit) break;
        query.after_key = rows.back().id;
    }
    query = {};
    for (;;) {
        const auto rows = TRY(reader.view<facts::ProductRow>().list(query));
        for (const facts::ProductRow& row : rows)
            if (const auto found = out.find(row.holder); found != out.end() && !row.versions.empty())
                take_product(row.versions.back(), found->second);
        if (rows.size() < query.limit) return {};
        query.after_key = rows.back().id;
    }
}

/// Fifths of predicted risk, 1 the highest: for the order of our own work, in no published list.
void take_fifths(const std::vector<RiskSubject>& subjects, const RiskLevers& levers, Date on,
                 FocusFactsByOperator& out) {
    std::vector<Features> features;
    for (const RiskSubject& subject : subjects) features.push_back(subject.features);
    const RiskModel model = RiskModel::train(features, levers, on);
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < features.size(); ++i)
        order.emplace_back(-model.score(features[i]).priority, i);
    std::ranges::sort(order);
    for (std::size_t i = 0; i < order.size(); ++i)
        out[subjects[order[i].second].id].words["risk_fifth"] = {std::to_string(1 + i * 5 / order.size())};
}

}  // namespace

std::string FocusMet::text() const {
    if (at_least == 0) return fmt::format("{} {}", fact, word);
    const std::string out = fmt::format("{} {} of {}", fact, count, at_least);
    return within_months > 0 ? fmt::format("{} within {} months", out, within_months) : out;
}

std::vector<FocusEntry> focus_list(const std::vector<const law::FocusRule*>& rules,
                                   const FocusFactsByOperator& facts, Date on) {
    std::vector<FocusEntry> out;
    for (const auto& [operator_id, known] : facts) {
        FocusEntry entry{operator_id, {}};
        for (const law::FocusRule* rule : rules)
            if (auto reason = reason_of(*rule, known, on)) entry.reasons.push_back(std::move(*reason));
        if (!entry.reasons.empty()) out.push_back(std::move(entry));
    }
    return out;
}

std::vector<FocusChange> focus_changes(const std::vector<FocusEntry>& before,
                                       const std::vector<FocusEntry>& after) {
    std::map<std::string, std::pair<std::vector<FocusReason>, std::vector<FocusReason>>> both;
    for (const FocusEntry& one : before) both[one.operator_id].first = one.reasons;
    for (const FocusEntry& one : after) both[one.operator_id].second = one.reasons;
    std::vector<FocusChange> out;
    for (const auto& [operator_id, reasons] : both) {
        FocusChange change{operator_id, reasons.first.empty(),
                           !reasons.first.empty() && !reasons.second.empty(),
                           beyond(reasons.second, reasons.first), beyond(reasons.first, reasons.second)};
        if (!change.gained.empty() || !change.lost.empty()) out.push_back(std::move(change));
    }
    return out;
}

Result<FocusFactsByOperator> gather_focus_facts(const journal::Reader& reader, const law::Law& law,
                                                const law::CreditRules& credit, const RiskLevers& levers,
                                                Date on) {
    return gather_focus_facts(reader, credit, levers, TRY(risk_subjects(reader, law, levers, on)),
                              TRY(all_credit_facts(reader, credit)), on);
}

Result<FocusFactsByOperator> gather_focus_facts(const journal::Reader& reader, const law::CreditRules& credit,
                                                const RiskLevers& levers,
                                                const std::vector<RiskSubject>& subjects,
                                                const CreditFactsByOperator& acts, Date on) {
    FocusFactsByOperator out;
    static const std::vector<CreditFact> none;
    for (const RiskSubject& subject : subjects) {
        FocusFacts& facts = out[subject.id];
        facts.words["kind"] = {subject.features.type};
        facts.words["region"] = {subject.features.region};
        facts.words["area"] = {subject.area};
        facts.words["hazard_tier"] = {std::string(text_of(subject.features.tier))};
        for (const RiskEvent& event : subject.features.signals)
            if (event.kind == RiskSignal::group) facts.days["group"].push_back(event.on);
        const auto rule = credit.rule_for(subject.features.type, on);
        if (!rule) continue;
        const auto found = acts.find(subject.id);
        const Grading grading = TRY(grade(credit, **rule, found == acts.end() ? none : found->second, on));
        if (grading.grade != CreditGrade::ungraded)
            facts.words["credit_grade"] = {std::string(text_of(grading.grade))};
    }
    CHECK(take_registry(reader, on, out));
    for (const char* procedure :
         {"inspection", "penalty_case", "sampling", "lead", "complaint", "report", "risk_item"})
        CHECK(each_dossier(reader, {{"procedure", Compare::equal, {std::string(procedure)}}},
                           [&](const DossierRow& dossier) -> Result<void> {
                               const auto found = out.find(dossier.operator_id);
                               return found == out.end() ? Result<void>()
                                                         : take_dossier(reader, dossier, on, found->second);
                           }));
    take_fifths(subjects, levers, on, out);
    return out;
}

}  // namespace qingyuan::assess
