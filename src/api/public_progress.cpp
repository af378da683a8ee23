// The public door: following what became of a submission, in plain words. Whoever has ticket and secret
// learns what the authority tells its sender, never who works on it.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/sm4.hpp"
#include "api/doors.hpp"
#include "api/ticket.hpp"
#include "law/redaction.hpp"

namespace qingyuan::api {

namespace {

/// A state of the two procedures as the person outside reads it.
struct Stage {
    std::string_view procedure, state, id, zh, en, text_zh, text_en;
};
constexpr Stage stages[] = {
    {"report", "received", "received", "已收到", "Received", "举报已收到，等待核查。",
     "Your report has arrived and will be verified."},
    {"report", "disputed", "received", "已收到", "Received", "举报已收到，正在确定由哪个单位处理。",
     "Your report has arrived; which authority handles it is being settled."},
    {"report", "verifying", "verifying", "核查中", "Being verified", "正在核查您反映的情况。",
     "What you told is being verified."},
    {"report", "testing", "testing", "检验中", "Being tested", "有关产品正在检验，检验时间不计入核查期限。",
     "Goods are being tested; the time of testing does not count."},
    {"report", "merged", "merged", "已合并", "Merged", "同一事项已有举报，已合并处理。",
     "The same matter was reported before; yours is handled with it."},
    {"report", "to_case", "filed", "已立案", "Filed as a case", "经核查，已经立案调查。",
     "It was verified and a case was filed."},
    {"report", "not_filed", "not_filed", "不予立案", "Not filed", "经核查，决定不予立案。",
     "It was verified; no case is filed."},
    {"report", "told", "told", "已告知", "You were told", "处理结果已经告知举报人。",
     "The result was told to the reporter."},
    {"report", "rewarded", "told", "已告知", "You were told", "处理结果已经告知，奖励已经决定。",
     "The result was told and a reward decided."},
    {"report", "closed", "closed", "已办结", "Closed", "举报已经办结。", "The matter is closed."},
    {"report", "no_power", "no_power", "不属职责范围", "Elsewhere",
     "不属于本机关职责，请向有权处理的机关提出。",
     "This authority has no power here; please turn to the one that has."},
    {"complaint", "received", "received", "已收到", "Received", "投诉已收到，将决定是否受理。",
     "Your complaint has arrived; whether it is taken will be decided."},
    {"complaint", "forwarded", "forwarded", "已分送", "Forwarded", "投诉已分送有权处理的单位。",
     "Your complaint was sent to the unit that may handle it."},
    {"complaint", "accepted", "accepted", "已受理", "Taken", "投诉已受理，将组织调解。",
     "Your complaint is taken and will be mediated."},
    {"complaint", "mediating", "mediating", "调解中", "Being mediated", "正在组织调解。",
     "It is being mediated."},
    {"complaint", "testing", "testing", "鉴定中", "Being tested", "正在鉴定检测，时间不计入调解期限。",
     "Goods are being tested; the time of testing does not count."},
    {"complaint", "agreed", "agreed", "达成协议", "Agreed", "双方达成调解协议。", "Both sides agreed."},
    {"complaint", "terminated", "terminated", "终止调解", "Mediation ended",
     "调解已终止，您可以通过其他途径解决。", "Mediation ended; other ways remain open to you."},
    {"complaint", "told", "terminated", "终止调解", "Mediation ended", "调解已终止并已告知双方。",
     "Mediation ended and both sides were told."},
    {"complaint", "closed", "closed", "已办结", "Closed", "投诉已经办结。", "The matter is closed."},
    {"complaint", "refused", "refused", "不予受理", "Not taken", "投诉不予受理。",
     "Your complaint is not taken."},
};
constexpr Stage withdrawn{
    {}, act::voided_state, "closed", "已撤销", "Withdrawn", "记录已撤销。", "The record was withdrawn."};

const Stage& stage_of(std::string_view procedure, std::string_view state) {
    for (const Stage& stage : stages)
        if (stage.procedure == procedure && stage.state == state) return stage;
    return withdrawn;
}

/// What the authority chose to tell the sender: its message, the ground of a refusal, where to turn.
std::string told(const Call& call, const facts::DossierRow& row) {
    const auto text = [&](const char* field) { return law::redacted(facts::text_of(row.attributes, field)); };
    const auto word = [&](const char* vocabulary) -> std::string {
        const law::Vocabulary* words = call.services.law.find_vocabulary(vocabulary);
        const law::Word* found = words ? words->find(facts::text_of(row.attributes, "ground")) : nullptr;
        return !found ? "" : call.english ? found->en : found->zh;
    };
    if (last_step(row, "tell")) return text(row.procedure == "report" ? "result_told" : "other_remedies");
    if (row.state == "no_power") return text("where_to_go");
    if (row.state == "not_filed") return word("non_filing_grounds");
    if (row.state == "refused") return word("complaint_refusal");
    return {};
}

Json progress_json(Presenter& present, const Call& call, const facts::DossierRow& row) {
    const auto named = [&](const Stage& stage) { return present.named(stage.id, stage.zh, stage.en); };
    Json history = Json::array();
    Date since = row.opened_on;
    const Stage* last = nullptr;
    const auto reached = [&](Date on, std::string_view state) {
        const Stage& stage = stage_of(row.procedure, state);
        if (last && last->id == stage.id) return;
        last = &stage;
        since = on;
        history.push_back({{"on", on.text()}, {"stage", named(stage)}});
    };
    std::vector<const facts::StepState*> taken;
    for (const facts::StepState& step : row.steps)
        if (!step.voided) taken.push_back(&step);
    reached(row.opened_on, taken.empty() ? row.state : taken.front()->from);
    for (std::size_t i = 0; i < taken.size(); ++i)
        reached(taken[i]->on, i + 1 < taken.size() ? taken[i + 1]->from : row.state);
    const Stage& stage = stage_of(row.procedure, row.state);
    const law::Procedure* procedure = present.procedure_of(row);
    const auto clock = running_clock(present, row, {"CMP.ACCEPT", "CMP.MEDIATE", "RPT.VERIFY", "RPT.TELL"});
    return {{"kind", procedure ? present.procedure(*procedure) : present.term(row.procedure)},
            {"stage", named(stage)},
            {"since", since.text()},
            {"text", {{"zh", stage.text_zh}, {"en", stage.text_en}}},
            {"open", row.open},
            {"due", clock && !clock->suspended ? Json(clock->due.raw.text()) : Json(nullptr)},
            {"authority", present.organisation(row.organisation)},
            {"law", procedure ? present.citations(procedure->law) : Json::array()},
            {"told", told(call, row)},
            {"history", std::move(history)}};
}

Error wrong_ticket() {
    return {ErrorCode::ticket_unknown,
            "this ticket and this secret do not belong together",
            "ticket",
            {},
            "look at the receipt again; a lost secret cannot be replaced",
            "受理号与查询码不符",
            "请核对回执；查询码遗失无法补发"};
}

/// The matter of the ticket where the secret fits. A ticket that never was is compared all the same.
Result<facts::DossierRow> opened_by(const journal::Reader& reader, const std::string& ticket,
                                    const std::string& secret) {
    static const std::string nobody = ticket_check("no such ticket");
    journal::Query query;
    query.where = {{"id", journal::Compare::equal, {ticket}}};
    query.limit = 1;
    auto rows = TRY(reader.view<facts::DossierRow>().list(query));
    const bool known = !rows.empty() && (rows[0].procedure == "report" || rows[0].procedure == "complaint");
    std::string kept = known ? facts::text_of(rows[0].attributes, "ticket_check") : std::string();
    const bool has_one = kept.size() == nobody.size();
    const bool fits = accounts::equal_in_constant_time(has_one ? kept : nobody, ticket_check(secret));
    if (!fits || !has_one) return wrong_ticket();
    return std::move(rows[0]);
}

}  // namespace

Answer public_progress(const Call& call) {
    call.remembered = true;  // a question: its answer is different tomorrow
    const Json body = TRY(body_of(call, {"ticket", "secret"}));
    const std::string ticket = TRY(wanted_in(body, "ticket", 64));
    const std::string secret = TRY(wanted_in(body, "secret", 40));
    Json out;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const facts::DossierRow row = TRY(opened_by(reader, ticket, secret));
        Presenter present(call.services, reader, call.now);
        Json matters = Json::array({progress_json(present, call, row)});
        journal::Query split;
        split.where = {{"source", journal::Compare::equal, {row.seq}},
                       {"procedure", journal::Compare::equal, {std::string("report")}}};
        const facts::StepState* parted = last_step(row, "split");
        for (const facts::DossierRow& part : TRY(reader.view<facts::DossierRow>().list(split)))
            if (parted && part.source_fact == parted->seq)
                matters.push_back(progress_json(present, call, part));
        out = {{"ticket", row.id}, {"received_on", row.opened_on.text()}, {"matters", std::move(matters)}};
        return {};
    }));
    return json_response(out);
}

}  // namespace qingyuan::api
