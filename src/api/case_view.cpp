// A penalty case as its officers work on it: stages with what each lacks, the evidence the violation calls
// for beside what was collected, the rules that may be applied, what the decision would say, and what runs
// beside the case.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "act/documents.hpp"
#include "api/case_api.hpp"
#include "api/case_stages.hpp"
#include "api/doors.hpp"
#include "api/refusal_words.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

struct CaseFacts {
    facts::DossierRow row;
    const law::Procedure* procedure = nullptr;
    std::vector<facts::Recorded> steps;  ///< step_taken facts that stand, in order
    std::vector<facts::IssuedDocumentRow> issued;
    std::vector<act::Offer> offers;
};

Result<CaseFacts> gather(const Call& call, const journal::Reader& reader, const Presenter& present,
                         const facts::DossierRow& row) {
    CaseFacts out;
    out.row = row;
    out.procedure = present.procedure_of(row);
    for (const facts::StepState& step : row.steps)
        if (!step.voided) out.steps.push_back(TRY(reader.fact(static_cast<std::uint64_t>(step.seq))));
    out.issued = TRY(act::documents_of(reader, row.seq));
    out.offers = TRY(call.services.engine().offers(reader, row, TRY(call.actor(reader))));
    return out;
}

const facts::StepTaken& taken(const facts::Recorded& recorded) {
    return std::get<facts::StepTaken>(recorded.fact.payload);
}

// --- what a stage lacks

Json lack(std::string_view kind, std::string zh, std::string en, Json step, Json law) {
    return {{"kind", kind},
            {"zh", std::move(zh)},
            {"en", std::move(en)},
            {"step", std::move(step)},
            {"law", std::move(law)}};
}

/// Papers of steps that were taken in the stage and that nobody has issued yet.
void lacking_papers(Presenter& present, const CaseFacts& facts, const CaseStage& stage, Json& out) {
    std::vector<std::string> told;
    for (std::size_t i = 0; i < facts.steps.size(); ++i) {
        const std::string& step = taken(facts.steps[i]).step;
        const law::Step* declared = facts.procedure->find_step(step);
        if (!declared || std::ranges::none_of(declared->from, [&](const std::string& from) {
                return std::ranges::find(stage.states, from) != stage.states.end();
            }))
            continue;
        for (const std::string& id : declared->documents) {
            const bool is_issued = std::ranges::any_of(
                facts.issued, [&](const auto& one) { return one.document == id && one.voided == 0; });
            const law::Document* document = present.services().law.find_document(id);
            if (is_issued || !document || std::ranges::find(told, id) != told.end()) continue;
            told.push_back(id);
            Json item = lack("document", "未制作" + document->zh, "not drawn up: " + document->en,
                             present.step(facts.procedure, step), present.citations(declared->law));
            item["document"] = id;
            out.push_back(std::move(item));
        }
    }
}

/// Where in the order of stages a state lies; the number of stages for one that is in none.
std::size_t stage_at(std::span<const CaseStage> stages, std::string_view state) {
    std::size_t at = 0;
    while (at < stages.size() && std::ranges::find(stages[at].states, state) == stages[at].states.end()) ++at;
    return at;
}

/// What stands between this stage and the next one: refusals of the steps that lead there. Ways aside, such
/// as a suspension, are no gap of the file.
void lacking_for_next(Presenter& present, const CaseFacts& facts, Json& out) {
    const auto stages = stages_of(facts.row.procedure);
    const std::size_t now = stage_at(stages, facts.row.state);
    std::size_t next = stages.size();
    for (const act::Offer& offer : facts.offers)
        if (const std::size_t to = stage_at(stages, offer.step->to); to > now) next = std::min(next, to);
    for (const act::Offer& offer : facts.offers) {
        const law::Step& step = *offer.step;
        if (step.automatic || !offer.refusal || stage_at(stages, step.to) != next) continue;
        using enum ErrorCode;
        const ErrorCode code = offer.refusal->code;
        // Who may act is no gap of the file; a condition on what was found decides between the ways on.
        if (code == wrong_role || code == wrong_organisation || code == condition_unmet) continue;
        const Json refusal =
            refusal_json(present, spoken(present.services().law, *facts.procedure, step, *offer.refusal));
        Json item = lack("condition", refusal["message"]["zh"], refusal["message"]["en"],
                         present.step(facts.procedure, step.id), refusal["law"]);
        item["next"] = refusal["next"];
        out.push_back(std::move(item));
    }
}

Json stage_json(Presenter& present, const CaseFacts& facts, const CaseStage& stage, std::string_view standing,
                const std::vector<Stay>& stays) {
    const auto in_stage = [&](std::string_view state) {
        return std::ranges::find(stage.states, state) != stage.states.end();
    };
    Json entered = nullptr, left = nullptr, done = Json::array(), lacks = Json::array();
    for (std::size_t i = 0; i < stays.size(); ++i) {
        if (!in_stage(stays[i].state)) continue;
        if (entered.is_null()) entered = stays[i].from.text();
        left = i + 1 < stays.size() ? Json(stays[i + 1].from.text()) : Json(nullptr);
    }
    for (const facts::Recorded& recorded : facts.steps) {
        const law::Step* declared = facts.procedure->find_step(taken(recorded).step);
        const auto state = std::ranges::find(facts.row.steps, static_cast<std::int64_t>(recorded.seq),
                                             &facts::StepState::seq);
        if (!declared || state == facts.row.steps.end() || !in_stage(state->from)) continue;
        Json step = present.step(facts.procedure, declared->id);
        step["seq"] = recorded.seq;
        step["on"] = recorded.fact.happened_on.text();
        done.push_back(std::move(step));
    }
    const bool outside = present.masked(access::Mask::internal);
    if (!outside) lacking_papers(present, facts, stage, lacks);
    if (!outside && standing == "now") lacking_for_next(present, facts, lacks);
    return {{"id", stage.id},         {"zh", stage.zh},          {"en", stage.en},
            {"states", stage.states}, {"standing", standing},    {"entered_on", entered},
            {"left_on", left},        {"done", std::move(done)}, {"lacks", std::move(lacks)}};
}

Json stages_json(Presenter& present, const CaseFacts& facts) {
    const auto stages = stages_of(facts.row.procedure);
    const std::vector<Stay> stays = stays_of(facts.row);
    const auto holds = [](const CaseStage& stage, std::string_view state) {
        return std::ranges::find(stage.states, state) != stage.states.end();
    };
    std::size_t now = 0;
    for (std::size_t i = 0; i < stages.size(); ++i)
        if (holds(stages[i], facts.row.state)) now = i;
    Json out = Json::array();
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const bool visited =
            std::ranges::any_of(stays, [&](const Stay& stay) { return holds(stages[i], stay.state); });
        const bool is_now = i == now && facts.row.open;
        const std::string_view standing = is_now ? "now" : visited ? "done" : i < now ? "skipped" : "ahead";
        out.push_back(stage_json(present, facts, stages[i], standing, stays));
    }
    return out;
}

// --- evidence

/// Collected evidence whose description names what the violation calls for. Whether it proves it is for
/// people.
bool is_named(const std::string& wanted, const std::vector<facts::Recorded>& steps) {
    for (const facts::Recorded& recorded : steps) {
        const facts::StepTaken& step = taken(recorded);
        for (const std::string_view field : {"evidence_description", "answers", "test_conclusion"})
            if (facts::text_of(step.form, field).find(wanted) != std::string::npos) return true;
    }
    return false;
}

Json evidence_json(Presenter& present, const CaseFacts& facts, const law::Violation* violation) {
    Json expected = Json::array(), held = Json::array();
    if (violation)
        for (const std::string& wanted : violation->typical_evidence)
            expected.push_back({{"name", wanted}, {"found", is_named(wanted, facts.steps)}});
    for (const facts::Recorded& recorded : facts.steps) {
        const facts::StepTaken& step = taken(recorded);
        if (step.evidence.empty() && step.step != "collect_evidence") continue;
        held.push_back({{"seq", recorded.seq},
                        {"on", recorded.fact.happened_on.text()},
                        {"step", present.step(facts.procedure, step.step)},
                        {"kind", present.word("evidence_kinds", facts::text_of(step.form, "evidence_kind"))},
                        {"description", facts::text_of(step.form, "evidence_description")},
                        {"files", step.evidence}});
    }
    return {{"expected", std::move(expected)}, {"held", std::move(held)}};
}

// --- rules and the decision

Json rules_json(const law::Law& law, const law::Violation* violation, Date on) {
    Json out = Json::array();
    if (!violation) return out;
    for (const std::string& id : violation->penalises) {
        const law::PenaltyRule* rule = law.find_penalty_rule(id);
        if (!rule || on < rule->from || on > rule->to) continue;
        out.push_back({{"id", rule->id},
                       {"zh", rule->zh},
                       {"en", rule->en},
                       {"law",
                        {{"text", rule->law},
                         {"zh", law.cite_zh(law::parse_citation(rule->law))},
                         {"en", law.cite_en(law::parse_citation(rule->law))}}},
                       {"persons", rule->persons.has_value()}});
    }
    return out;
}

Json money_of(const facts::Form& form, std::string_view field) {
    const facts::Value* value = facts::find(form, field);
    const auto* fen = value ? std::get_if<std::int64_t>(value) : nullptr;
    return fen ? Json(*fen) : Json(nullptr);
}

/// The decision's form as the file already says it: the proposal, the articles, the penalties.
Json decision_json(const law::Law& law, const facts::DossierRow& row, const law::Violation* violation) {
    const facts::Form& form = row.attributes;
    std::vector<std::string> basis;
    if (violation)
        for (const std::string& id : violation->penalises) {
            const law::PenaltyRule* rule = law.find_penalty_rule(id);
            basis.push_back(law.cite_zh(law::parse_citation(rule ? rule->law : id)));
        }
    const auto first_of = [&](std::string_view decided, std::string_view proposed) {
        const Json value = money_of(form, decided);
        return value.is_null() ? money_of(form, proposed) : value;
    };
    const auto decided = facts::list_of(form, "penalties");
    return {{"penalties", decided.empty() ? facts::list_of(form, "proposed_penalties") : decided},
            {"basis", join(basis, "、")},
            {"fine_fen", first_of("fine_fen", "proposed_fine_fen")},
            {"confiscated_income_fen", first_of("confiscated_income_fen", "proposed_confiscation_fen")},
            {"goods_value_fen", money_of(form, "goods_value_fen")},
            {"proposal", facts::text_of(form, "proposal")},
            {"person_liability", facts::text_of(form, "person_liability")}};
}

Result<Json> beside_json(const Call& call, Presenter& present, const facts::DossierRow& row) {
    Json out = Json::array();
    journal::Query query;
    query.where = {{"source", journal::Compare::equal, {row.seq}}};
    query.limit = 200;
    for (const facts::DossierRow& to : TRY(present.reader().view<facts::DossierRow>().list(query))) {
        const auto object = TRY(access::object_of(present.reader(), to));
        if (!access::decide(call.subject, access::Policy::dossier_read, object).allowed) continue;
        Json item = present.dossier_row(to);
        out.push_back(std::move(item));
    }
    return out;
}

}  // namespace

Answer show_case(const Call& call) {
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        Presenter present(call.services, reader, call.now, decision.masks);
        const law::Law& law = call.services.law;
        if (stages_of(row.procedure).empty())
            return Error{ErrorCode::record_unknown,
                         fmt::format("{} is no penalty case", row.id),
                         "id",
                         {},
                         "open it as a matter",
                         "此事项不是处罚案件",
                         "请在事项页查看"};
        const CaseFacts facts = TRY(gather(call, reader, present, row));
        const law::Violation* violation = law.find_violation(facts::text_of(row.attributes, "violation"));
        Json named = nullptr;
        if (violation)
            named = {{"code", violation->code},
                     {"zh", violation->zh},
                     {"en", violation->en},
                     {"infringes", present.citations(violation->infringes)},
                     {"flags", violation->flags}};
        // What the file still lacks, holds and proposes is between those who work on it.
        const bool outside = decision.masked(access::Mask::internal);
        response =
            json_response({{"dossier", row.id},
                           {"version", row.version},
                           {"violation", std::move(named)},
                           {"stages", stages_json(present, facts)},
                           {"evidence", outside ? Json(nullptr) : evidence_json(present, facts, violation)},
                           {"rules", rules_json(law, violation, row.law_on)},
                           {"decision", outside ? Json(nullptr) : decision_json(law, row, violation)},
                           {"beside", TRY(beside_json(call, present, row))}},
                          200, std::to_string(row.version));
        return {};
    }));
    return response;
}

}  // namespace qingyuan::api
