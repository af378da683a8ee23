#include "api/assess_desk.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "assess/dossiers.hpp"

namespace qingyuan::api {

namespace {

using journal::Compare;

DecidedGrade grade_of(const facts::DossierRow& row) {
    DecidedGrade out{.dossier = row.id,
                     .state = row.state,
                     .grade = facts::text_of(row.attributes, "grade"),
                     .rule = facts::text_of(row.attributes, "rule"),
                     .rule_version = facts::text_of(row.attributes, "rule_version"),
                     .seq = row.seq};
    if (const auto day = parse_date(facts::text_of(row.attributes, "graded_on"))) out.graded_on = *day;
    for (const facts::StepState& step : row.steps) {
        if (step.voided) continue;
        if (step.step == "tell") out.told_on = step.on;
        if (step.step == "publish") out.published_on = step.on;
    }
    return out;
}

bool stands(const facts::DossierRow& row) {
    return row.procedure == "credit_grade" &&
           (row.state == "told" || row.state == "published" || row.state == "recomputing");
}

/// Objections and repairs of a grade: dossiers that come from it.
void take_answer(const facts::DossierRow& row, DecidedGrade& grade) {
    if (row.procedure == "credit_objection" && row.open) grade.contested = true;
    if (row.procedure == "credit_repair" && row.state == "lifted") grade.lifted = true;
}

/// A published grade stands before one that was only told, a later before an earlier.
bool is_before(const DecidedGrade& a, const DecidedGrade& b) {
    const bool pa = a.published_on != Date{}, pb = b.published_on != Date{};
    return pa != pb ? pb : a.seq < b.seq;
}

using Grades = std::map<std::string, DecidedGrade, std::less<>>;

Result<Grades> decided_grades(const journal::Reader& reader) {
    Grades out;
    std::map<std::int64_t, DecidedGrade*> by_seq;
    CHECK(assess::each_dossier(reader, {{"procedure", Compare::equal, {std::string("credit_grade")}}},
                               [&](const facts::DossierRow& row) -> Result<void> {
                                   if (!stands(row)) return {};
                                   DecidedGrade one = grade_of(row);
                                   const auto [at, fresh] = out.emplace(row.operator_id, one);
                                   if (!fresh && is_before(at->second, one)) at->second = std::move(one);
                                   return {};
                               }));
    for (auto& [id, one] : out) by_seq[one.seq] = &one;
    for (const char* procedure : {"credit_objection", "credit_repair"})
        CHECK(assess::each_dossier(reader, {{"procedure", Compare::equal, {std::string(procedure)}}},
                                   [&](const facts::DossierRow& row) -> Result<void> {
                                       if (const auto at = by_seq.find(row.source); at != by_seq.end())
                                           take_answer(row, *at->second);
                                       return {};
                                   }));
    return out;
}

Result<std::map<std::string, std::string, std::less<>>> paths_of(const journal::Reader& reader) {
    std::map<std::string, std::string, std::less<>> out;
    journal::Query query;
    for (;;) {
        const auto rows = TRY(reader.view<facts::PlaceRow>().list(query));
        for (const facts::PlaceRow& row : rows) out[row.id] = row.path;
        if (rows.size() < query.limit) return out;
        query.after_key = rows.back().id;
    }
}

/// What the registry says of each operator that the model knows.
Result<void> read_registry(const journal::Reader& reader, AssessState& state) {
    const auto paths = TRY(paths_of(reader));
    std::size_t at = 0;
    journal::Query query;
    for (;;) {
        const auto rows = TRY(reader.view<facts::OperatorRow>().list(query));
        for (const facts::OperatorRow& row : rows) {
            while (at < state.operators.size() && state.operators[at].id < row.id) ++at;
            if (at == state.operators.size() || state.operators[at].id != row.id) continue;
            KnownOperator& one = state.operators[at];
            const facts::OperatorRecorded* version = nullptr;
            for (const auto& each : row.versions)
                if (each.from <= state.on) version = &each;
            if (version == nullptr) continue;
            one.name = version->name;
            one.uscc = version->uscc;
            one.organisation = version->organisation;
            one.headquarters = version->headquarters;
            if (const auto path = paths.find(one.organisation); path != paths.end()) one.path = path->second;
        }
        if (rows.size() < query.limit) return {};
        query.after_key = rows.back().id;
    }
}

Result<void> grade_all(const law::Law& law, const law::CreditRules& rules, const Grades& decided,
                       const assess::CreditFactsByOperator& acts, AssessState& state) {
    static const std::vector<assess::CreditFact> none;
    for (const assess::RiskSubject& subject : state.subjects) {
        KnownOperator one{.id = subject.id,
                          .kind = subject.features.type,
                          .region = subject.features.region,
                          .area = subject.area,
                          .hazard_tier = assess::hazard_tier(law, subject.features.type),
                          .predicted_risk = state.model.score(subject.features)};
        if (!subject.features.visits.empty()) one.visited_on = subject.features.visits.back().on;
        if (const auto rule = rules.rule_for(one.kind, state.on)) {
            const auto found = acts.find(one.id);
            one.credit_grade =
                TRY(assess::grade(rules, **rule, found == acts.end() ? none : found->second, state.on));
        }
        if (const auto found = decided.find(one.id); found != decided.end()) one.decided = found->second;
        state.operators.push_back(std::move(one));
    }
    return {};
}

Result<std::shared_ptr<const AssessState>> make_state(const law::Law& law, const law::CreditRules& credit,
                                                      const law::FocusRules& focus,
                                                      const journal::Reader& reader, Instant now) {
    const auto state = std::make_shared<AssessState>();
    state->seq = TRY(reader.head()).size;
    state->on = now.date();
    state->made_us = now.us;
    const auto levers = TRY(assess::RiskLevers::load(law, state->on));
    state->subjects = TRY(assess::risk_subjects(reader, law, levers, state->on));
    std::vector<assess::Features> features;
    for (const assess::RiskSubject& subject : state->subjects) features.push_back(subject.features);
    state->model = assess::RiskModel::train(features, levers, state->on);
    const auto acts = TRY(assess::all_credit_facts(reader, credit));
    CHECK(grade_all(law, credit, TRY(decided_grades(reader)), acts, *state));
    CHECK(read_registry(reader, *state));
    state->focus_facts =
        TRY(assess::gather_focus_facts(reader, credit, levers, state->subjects, acts, state->on));
    state->focus = assess::focus_list(focus.in_force(state->on), state->focus_facts, state->on);
    for (const assess::FocusEntry& entry : state->focus) {
        const auto at = std::ranges::lower_bound(state->operators, entry.operator_id, {}, &KnownOperator::id);
        if (at != state->operators.end() && at->id == entry.operator_id) at->focus = &entry;
    }
    state->groups = TRY(assess::group_risks(reader, levers, state->on));
    state->visits = TRY(assess::visits_made(reader, state->on));
    return std::shared_ptr<const AssessState>(state);
}

}  // namespace

std::shared_ptr<AssessDesk> make_assess_desk() {
    return std::make_shared<AssessDesk>();
}

const KnownOperator* AssessState::find(std::string_view id) const {
    const auto at = std::ranges::lower_bound(operators, id, {}, &KnownOperator::id);
    return at == operators.end() || at->id != id ? nullptr : &*at;
}

Result<const law::CreditRules*> AssessDesk::credit_rules(const law::Law& law) {
    const std::lock_guard lock(rules_lock_);
    if (!credit_) credit_ = TRY(law::CreditRules::load(law));
    return &*credit_;
}

Result<const law::FocusRules*> AssessDesk::focus_rules(const law::Law& law) {
    const std::lock_guard lock(rules_lock_);
    if (!focus_) focus_ = TRY(law::FocusRules::load(law));
    return &*focus_;
}

Result<std::shared_ptr<const AssessState>> AssessDesk::state(const Services& services,
                                                             const journal::Reader& reader, Instant now) {
    const auto kept = [&] {
        const std::lock_guard lock(kept_lock_);
        return state_;
    };
    const std::uint64_t seq = TRY(reader.head()).size;
    const auto serves = [&](const std::shared_ptr<const AssessState>& one, std::int64_t age_max) {
        return one && one->on == now.date() && (one->seq == seq || now.us - one->made_us < age_max);
    };
    if (auto one = kept(); serves(one, assess_kept_us)) return one;
    std::unique_lock work(work_, std::try_to_lock);
    if (!work) {
        if (auto one = kept(); serves(one, INT64_MAX)) return one;
        work.lock();
    }
    if (auto one = kept(); serves(one, assess_kept_us)) return one;
    auto made = TRY(make_state(services.law, *TRY(credit_rules(services.law)),
                               *TRY(focus_rules(services.law)), reader, now));
    const std::lock_guard lock(kept_lock_);
    state_ = made;
    return made;
}

Result<std::shared_ptr<const assess::RiskEvaluation>> AssessDesk::evaluation(
    const std::shared_ptr<const AssessState>& state) {
    const std::lock_guard lock(judged_lock_);
    if (judged_ != state) {
        evaluation_ = std::make_shared<const assess::RiskEvaluation>(
            TRY(assess::evaluate_risk(state->subjects, state->model.levers(), state->on)));
        judged_ = state;
    }
    return evaluation_;
}

Result<std::shared_ptr<const assess::RegisterView>> AssessDesk::risk_register(const Services& services,
                                                                              const journal::Reader& reader,
                                                                              Date from, Date on) {
    constexpr std::size_t periods_max = 16;
    const std::uint64_t seq = TRY(reader.head()).size;
    const std::string key = fmt::format("{} {}", from.text(), on.text());
    const std::lock_guard lock(register_lock_);
    if (registers_seq_ != seq || registers_.size() >= periods_max) registers_.clear();
    registers_seq_ = seq;
    if (const auto known = registers_.find(key); known != registers_.end()) return known->second;
    auto made = std::make_shared<const assess::RegisterView>(
        TRY(assess::view_register(reader, services.law, from, on)));
    registers_.emplace(key, made);
    return made;
}

Result<std::optional<DecidedGrade>> decided_grade(const journal::Reader& reader, std::string_view operator_id,
                                                  Date on) {
    std::optional<DecidedGrade> out;
    std::vector<facts::DossierRow> answers;
    CHECK(assess::each_dossier(reader, {{"operator_id", Compare::equal, {std::string(operator_id)}}},
                               [&](const facts::DossierRow& row) -> Result<void> {
                                   if (row.procedure == "credit_objection" ||
                                       row.procedure == "credit_repair")
                                       answers.push_back(row);
                                   if (!stands(row) || row.opened_on > on) return {};
                                   DecidedGrade one = grade_of(row);
                                   if (!out || is_before(*out, one)) out = std::move(one);
                                   return {};
                               }));
    for (const facts::DossierRow& row : answers)
        if (out && row.source == out->seq) take_answer(row, *out);
    return out;
}

bool is_public(const law::CreditRules& rules, const DecidedGrade& grade, Date on) {
    if (grade.published_on == Date{} || grade.published_on > on || grade.lifted) return false;
    const auto rule = rules.rule(grade.rule, on);
    const auto word = assess::find_grade(grade.grade);
    return rule && word &&
           std::ranges::any_of(assess::consequences_of(**rule, *word, on),
                               [](const law::CreditConsequence* one) { return one->kind == "publicity"; });
}

}  // namespace qingyuan::api
