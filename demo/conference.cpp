#include "demo/conference.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "act/sheet.hpp"
#include "law/credit.hpp"

namespace qingyuan::demo {

namespace {

constexpr const char* analyst = "hy_statistician";
constexpr const char* unit_head = "hy_unit_head";
constexpr const char* head = "hy_head";
constexpr const char* officer = "hy_officer_1";
constexpr const char* reviewer = "hy_technical_reviewer";

/// The digest of an invented paper, from its name alone.
std::string paper(std::string_view name) {
    return hex(sm3(fmt::format("sample paper {}", name)));
}
std::vector<std::string> papers(std::string_view name) {
    return {paper(name)};
}

/// What is under way, from one day to the next.
struct Meeting {
    std::uint64_t conference = 0;
    std::vector<std::uint64_t> submissions, items;
};

/// "430481_amr" → "430481"
std::string prefix_of(const std::string& unit) {
    return unit.substr(0, unit.find('_'));
}

struct Hazard {
    const char* text;
    const char* origin;
    const char* likelihood;
    const char* severity;
    const char* exposure;
    const char* level;  ///< as the matrix says
    const char* dissenting;
};
constexpr Hazard hazards[] = {
    {"多家门店未凭处方销售抗菌药物", "inspection", "4", "4", "3", "high", "high"},
    {"农村小型诊所阴凉储存条件不足", "inspection", "4", "3", "2", "medium", "medium"},
    {"网络销售医疗器械未展示备案凭证", "online", "3", "3", "4", "high", "medium"},
};

Result<void> call(Company& company, const City& city, Meeting& meeting) {
    meeting.conference = TRY(company.open(
        analyst, {.procedure = "risk_conference",
                  .title = "2025年上半年药品医疗器械化妆品安全风险会商会",
                  .organisation = city.bureau,
                  .form = {{"period", std::string("2025-H1")},
                           {"meets_on", std::string("2025-07-04")},
                           {"scope", std::vector<std::string>{"drug", "device", "cosmetic"}},
                           {"agenda", std::string("一、六个县市区汇报上半年风险隐患；二、“清源”行动推进；"
                                                  "三、独立评分；四、研究防控措施。")},
                           {"place", std::string("市局六楼会议室")}}}));
    for (const std::string& unit : city.conference_units) {
        TRY(company.take(meeting.conference, "invite", analyst, {.form = {{"unit", unit}}}));
        meeting.submissions.push_back(
            TRY(company.open(analyst, {.procedure = "conference_submission",
                                       .title = "上半年风险分析材料",
                                       .organisation = unit,
                                       .source = meeting.conference,
                                       .form = {{"unit", unit}, {"deadline", std::string("2025-07-03")}}})));
    }
    for (const Hazard& hazard : hazards)
        meeting.items.push_back(TRY(company.open(
            analyst,
            {.procedure = "risk_item",
             .title = hazard.text,
             .category = "drug",
             .organisation = city.bureau,
             .form = {{"hazard", std::string(hazard.text)}, {"origin", std::string(hazard.origin)}}})));
    return {};
}

/// The last unit is a day late.
Result<void> hand_in(Company& company, const City& city, const Meeting& meeting, bool late) {
    for (std::size_t i = 0; i < meeting.submissions.size(); ++i) {
        if (late != (i + 1 == meeting.submissions.size())) continue;
        const std::string& unit = city.conference_units[i];
        TRY(company.take(
            meeting.submissions[i], "hand_in", prefix_of(unit) + "_unit_head",
            {.form = {{"summary", std::string("处方药销售、储运条件、网络销售三类风险，附清单。")},
                      {"items", std::int64_t{3}}},
             .evidence = papers("submission " + unit)}));
        TRY(company.take(meeting.submissions[i], "accept", analyst));
    }
    return {};
}

Result<std::string> id_of(const Company& company, const char* procedure, const char* state,
                          std::uint64_t seq) {
    for (const facts::DossierRow& row : TRY(company.in_state(procedure, state)))
        if (row.seq == static_cast<std::int64_t>(seq)) return row.id;
    return Error{ErrorCode::dossier_unknown, std::to_string(seq)};
}

Result<void> prepare(Company& company, const City& city, const Meeting& meeting) {
    for (std::size_t i = 0; i < meeting.submissions.size(); ++i)
        TRY(company.take(meeting.conference, "receive", analyst,
                         {.form = {{"invitation", static_cast<std::int64_t>(i + 1)},
                                   {"submission", TRY(id_of(company, "conference_submission", "accepted",
                                                            meeting.submissions[i]))},
                                   {"late", i + 1 == meeting.submissions.size()}}}));
    for (std::size_t i = 0; i < meeting.submissions.size(); ++i) {
        const act::CarryOver is = TRY(company.carry_over(city.conference_units[i], "2025-H1"));
        TRY(company.take(meeting.conference, "carry_over", analyst,
                         {.form = {{"invitation", static_cast<std::int64_t>(i + 1)},
                                   {"before", is.before},
                                   {"new", is.fresh},
                                   {"persisting", is.persisting},
                                   {"escalated", is.escalated},
                                   {"closed", is.closed},
                                   {"after", is.after}},
                          .evidence = papers("carried over")}));
    }
    TRY(company.take(meeting.conference, "prepare", analyst));
    return {};
}

/// What the numbered scorer writes on his sheet; the second of an item sees its likelihood one step lower.
/// The random line of a sample is made from its number.
std::vector<std::pair<std::string, std::string>> sheet(std::int64_t number) {
    const Hazard& hazard = hazards[(number - 1) / 2];
    const bool dissents = number % 2 == 0;
    return {{"likelihood", dissents ? std::to_string(std::stoi(hazard.likelihood) - 1) : hazard.likelihood},
            {"severity", hazard.severity},
            {"exposure", hazard.exposure},
            {"nonce", hex(sm3(fmt::format("sample sheet {}", number))).substr(0, 32)}};
}

Result<void> attend(Company& company, const Meeting& meeting) {
    for (const char* person : {head, unit_head, analyst, officer, reviewer})
        TRY(company.take(meeting.conference, "attend", person));
    return {};
}

/// Two persons score each item, sealed, then open.
Result<void> score(Company& company, const Meeting& meeting) {
    const char* scorers[] = {reviewer, officer};
    std::int64_t named = 0;
    for (std::size_t i = 0; i < meeting.items.size(); ++i) {
        TRY(company.take(
            meeting.conference, "item", analyst,
            {.form = {{"risk", TRY(id_of(company, "risk_item", "identified", meeting.items[i]))}}}));
        for (const char* scorer : scorers)
            TRY(company.take(
                meeting.conference, "name_scorer", unit_head,
                {.form = {{"for_item", static_cast<std::int64_t>(i + 1)}, {"scorer", std::string(scorer)}}}));
    }
    TRY(company.take(meeting.conference, "start_scoring", analyst));
    const std::string id = TRY(id_of(company, "risk_conference", "scoring", meeting.conference));
    for (named = 1; named <= static_cast<std::int64_t>(2 * meeting.items.size()); ++named) {
        const std::string text =
            act::score_sheet(id, (named + 1) / 2, scorers[(named - 1) % 2], sheet(named));
        TRY(company.take(
            meeting.conference, "seal_score", scorers[(named - 1) % 2],
            {.form = {{"as_scorer", named}, {"sealed", std::vector<std::string>{hex(sm3(text))}}}}));
    }
    TRY(company.take(meeting.conference, "open_all", analyst));
    for (named = 1; named <= static_cast<std::int64_t>(2 * meeting.items.size()); ++named) {
        const Hazard& hazard = hazards[(named - 1) / 2];
        facts::Form form{{"seal", named},
                         {"level", std::string(named % 2 == 0 ? hazard.dissenting : hazard.level)}};
        for (const auto& [field, value] : sheet(named)) form.emplace(field, value);
        TRY(company.take(meeting.conference, "open_score", scorers[(named - 1) % 2],
                         {.form = std::move(form)}));
    }
    TRY(company.take(meeting.conference, "discuss", analyst));
    TRY(company.take(meeting.conference, "dissent", officer,
                     {.form = {{"on_item", std::int64_t{3}},
                               {"dissent", std::string("网络销售备案凭证多已补正，可能性应评为低。")}}}));
    return {};
}

/// Every item that is high gets an owner and a task; then the minutes are drafted by one and locked by
/// another.
Result<void> decide(Company& company, const City& city, const Meeting& meeting) {
    std::int64_t decisions = 0;
    for (std::size_t i = 0; i < meeting.items.size(); ++i) {
        const Hazard& hazard = hazards[i];
        TRY(company.take(meeting.items[i], "assess", analyst,
                         {.form = {{"likelihood", std::string(hazard.likelihood)},
                                   {"severity", std::string(hazard.severity)},
                                   {"exposure", std::string(hazard.exposure)},
                                   {"level", std::string(hazard.level)}}}));
        const std::string& unit = city.conference_units[i];
        const std::string owner = prefix_of(unit) + "_unit_head";
        TRY(company.take(
            meeting.conference, "decide", head,
            {.form = {{"decision", fmt::format("{}：三季度开展专项检查并约谈。", hazard.text)}}}));
        TRY(company.take(meeting.conference, "assign", head,
                         {.form = {{"of_decision", ++decisions},
                                   {"owner_unit", unit},
                                   {"owner", owner},
                                   {"due_on", std::string("2025-09-30")}}}));
        TRY(company.open(head, {.procedure = "campaign_task",
                                .title = fmt::format("会商决定{}：{}", decisions, hazard.text),
                                .organisation = unit,
                                .source = meeting.conference,
                                .form = {{"task", fmt::format("专项检查：{}", hazard.text)},
                                         {"person", owner},
                                         {"window_from", std::string("2025-07-04")},
                                         {"deadline", std::string("2025-09-30")}}}));
    }
    TRY(company.take(meeting.conference, "measure", unit_head, {.form = {{"of_decision", std::int64_t{1}}}}));
    TRY(company.open(unit_head, {.procedure = "control_measure",
                                 .title = "约谈多家门店未凭处方销售的连锁企业",
                                 .category = "drug",
                                 .organisation = city.own_unit,
                                 .source = meeting.conference,
                                 .form = {{"measure", std::string("interview")},
                                          {"content", std::string("约谈连锁总部负责人，限期整改。")},
                                          {"owner", std::string(officer)},
                                          {"deadline", std::string("2025-08-15")}}}));
    TRY(company.take(meeting.conference, "finish", head));
    const Move minutes{.form = {{"minutes", papers("minutes")}}, .evidence = papers("minutes")};
    TRY(company.take(meeting.conference, "draft_minutes", analyst, minutes));
    TRY(company.take(meeting.conference, "lock", head, minutes));
    return {};
}

/// Operators that were visited and have no case of any kind: what they can be graded on is plain to see.
Result<std::vector<std::string>> clean_operators(const Company& company, const City& city,
                                                 std::size_t count) {
    std::vector<std::string> burdened;
    for (const char* state :
         {"archived", "closed", "executing", "investigating", "decided_penalty", "served", "filed",
          "executed", "urged", "noticed", "in_review", "to_notify", "report_done", "deciding"})
        for (const facts::DossierRow& row : TRY(company.in_state("penalty_case", state)))
            burdened.push_back(row.operator_id);
    std::vector<std::string> visited;
    for (const char* state : {"concluded", "published"})
        for (const facts::DossierRow& row : TRY(company.in_state("inspection", state)))
            if (facts::text_of(row.attributes, "result") == "conform") visited.push_back(row.operator_id);
    std::vector<std::string> out;
    for (const facts::OperatorRecorded& firm : city.operators) {
        if (out.size() == count) break;
        const bool fits = std::ranges::find(visited, firm.id) != visited.end() &&
                          std::ranges::find(burdened, firm.id) == burdened.end();
        if (fits) out.push_back(firm.id);
    }
    return out;
}

Result<void> publish_grade(Company& company, const City& city, const std::string& firm,
                           const law::CreditRule& rule) {
    const std::uint64_t grade =
        TRY(company.open(analyst, {.procedure = "credit_grade",
                                   .title = company.firm(firm).name + "信用等级",
                                   .operator_id = firm,
                                   .organisation = city.own_unit,
                                   .form = {{"grade", std::string("A")},
                                            {"points", rule.start.exact()},
                                            {"rule", rule.id},
                                            {"rule_version", rule.version},
                                            {"graded_on", std::string("2025-06-30")}}}));
    TRY(company.take(grade, "sign", unit_head,
                     {.form = {{"checked", std::string("无扣分事项，已核对检查和处罚记录。")}}}));
    TRY(company.take(grade, "tell", officer, {.form = {{"service_mode", std::string("direct")}}}));
    TRY(company.take(
        grade, "publish", officer,
        {.form = {{"statement", std::string("无异议。")}, {"statement_checked", std::string("无异议。")}}}));
    return {};
}

}  // namespace

void put_down_conference(Company& company, const City& city) {
    const auto meeting = std::make_shared<Meeting>();
    company.on(make_date(2025, 7, 2), [meeting, &city](Company& c) { return call(c, city, *meeting); });
    company.on(make_date(2025, 7, 3),
               [meeting, &city](Company& c) { return hand_in(c, city, *meeting, false); });
    company.on(make_date(2025, 7, 4), [meeting, &city](Company& c) -> Result<void> {
        CHECK(hand_in(c, city, *meeting, true));
        CHECK(prepare(c, city, *meeting));
        CHECK(attend(c, *meeting));
        CHECK(score(c, *meeting));
        return decide(c, city, *meeting);
    });
}

void put_down_grades(Company& company, const City& city) {
    constexpr std::size_t graded = 6;
    company.on(make_date(2025, 7, 3), [&city](Company& c) -> Result<void> {
        const auto rules = TRY(law::CreditRules::load(c.law()));
        auto firms = TRY(clean_operators(c, city, graded));
        // The store whose people use the portal has a grade to look at, where it is as clean.
        const std::string& own = city.portal_operators.front();
        const auto clean = TRY(clean_operators(c, city, city.operators.size()));
        if (std::ranges::find(firms, own) == firms.end() && std::ranges::find(clean, own) != clean.end())
            firms.push_back(own);
        for (const std::string& firm : firms)
            CHECK(publish_grade(c, city, firm, *TRY(rules.rule_for(c.firm(firm).kind, c.today()))));
        return {};
    });
}

}  // namespace qingyuan::demo
