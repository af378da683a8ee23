#include "demo/flows.hpp"

#include <memory>

#include <fmt/format.h>

#include "base/sm3.hpp"
#include "demo/story.hpp"
#include "demo/words.hpp"

namespace qingyuan::demo {

namespace {

using facts::Form;

constexpr const char* campaign = "qingyuan";

/// A visit on its way: what later acts must know of earlier ones.
struct Going {
    Visit visit;
    HalfYear half;
    std::string lead, partner;  ///< the two officers
    std::uint64_t inspection = 0;
    std::vector<std::uint64_t> findings;
    std::vector<std::string> agencies;  ///< of a joint visit
    bool story = false;                 ///< the one that goes all the way (story.hpp)
    std::uint64_t anomaly = 0;          ///< its lead
};
using Shared = std::shared_ptr<Going>;

std::string campaign_of(const Visit& visit) {
    return visit.campaign ? campaign : "";
}
std::string result_of(const Visit& visit) {
    return visit.noncompliant ? "not_conform" : visit.order ? "pending" : "conform";
}

/// Each agency that went along hands in its part; the authority writes it down where the agency's own contact
/// is no user of this system.
Result<void> agency_parts(Company& company, const Shared& going) {
    for (const std::string& agency : going->agencies)
        TRY(company.take(
            going->inspection, "agency_part", going->lead,
            {.form = {{"agency", agency}, {"part", std::string("本部门事项已核查，情况见联合检查记录。")}}}));
    return {};
}

Result<void> open_visit(Company& company, const Shared& going) {
    const Visit& visit = going->visit;
    const Staff& staff = company.staff(visit.unit);
    std::tie(going->lead, going->partner) = staff.pair(company.random());
    Form form{{"reason", visit.reason},
              {"mode", visit.mode},
              {"activity", visit.activity},
              {"unannounced", company.random().chance(3, 4)}};
    if (!visit.trade.empty()) form.emplace("trade", visit.trade);
    if (visit.reason == "targeted" || visit.campaign)
        form.emplace("focus",
                     std::vector<std::string>{company.random().pick(company.words("focus_dimensions"))});
    if (visit.reason == "random") form.emplace("probability", std::string("1/12"));
    if (visit.reason == "joint") {
        going->agencies = {company.random().pick(company.words("agencies"))};
        form.emplace("agencies", going->agencies);
    }
    if (is_story(company, visit)) {
        going->story = true;
        going->anomaly = TRY(anomaly(company, visit, going->lead, going->partner));
    }
    going->inspection =
        TRY(company.open(going->lead, {.procedure = "inspection",
                                       .title = visit_title(company.firm(visit.operator_id).name, visit),
                                       .operator_id = visit.operator_id,
                                       .category = visit.category,
                                       .campaign = campaign_of(visit),
                                       .organisation = visit.unit,
                                       .source = going->anomaly,
                                       .form = std::move(form)}));
    return company.approve_visit(going->inspection, staff.one("unit_head", company.random()));
}

Result<void> make_visit(Company& company, const Shared& going) {
    TRY(company.take(
        going->inspection, "go", going->lead,
        {.form = {{"formalities", company.words("inspection_formalities")}}, .with = {going->partner}}));
    for (int i = 0; i < going->visit.findings; ++i)
        going->findings.push_back(TRY(company.take(
            going->inspection, "record_finding", going->lead,
            {.form = finding(going->visit, company.random()), .evidence = {company.evidence()}})));
    Move move{.form = {{"signature", std::string("signed")}}, .with = {going->partner}};
    if (company.random().chance(1, 60)) {
        move.form["signature"] = std::string("refused");
        move.form["recording"] = company.evidence();
    }
    TRY(company.take(going->inspection, "sign", going->lead, move));
    if (going->visit.activity == "production")
        TRY(company.take(
            going->inspection, "report", going->lead,
            {.form = {{"site_result", result_of(going->visit)}, {"report", std::string("现场检查报告。")}}}));
    return {};
}

/// Evaluation where the rule asks one, conclusion, publication.
Result<void> finish_visit(Company& company, const Shared& going, const std::string& result) {
    const std::string head = company.staff(going->visit.unit).one("unit_head", company.random());
    if (going->visit.activity == "production")
        TRY(company.take(going->inspection, "evaluate", head,
                         {.form = {{"evaluation", std::string("综合评定意见。")}}}));
    CHECK(agency_parts(company, going));
    TRY(company.take(going->inspection, "conclude", head, {.form = {{"result", result}}}));
    TRY(company.take(going->inspection, "publish", going->lead));
    return {};
}

// --- an order to rectify

Result<void> hand_in(Company& company, const Shared& going, std::uint64_t order) {
    if (TRY(company.state(order)) != "ordered" && TRY(company.state(order)) != "overdue") return {};
    TRY(company.take(
        order, "submit", going->partner,
        {.form = {{"correction", correction(company.random())}}, .evidence = {company.evidence()}}));
    return {};
}

Result<void> pass_review(Company& company, const Shared& going, std::uint64_t order) {
    TRY(company.take(
        order, "pass", going->lead,
        {.form = {{"review", std::string(company.random().chance(2, 3) ? "on_site" : "document")},
                  {"opinion", std::string("经复查，问题已整改到位。")}}}));
    if (going->visit.activity == "production" || !going->visit.noncompliant)
        return finish_visit(company, going, "conform");
    return {};
}

Result<void> give_order(Company& company, const Shared& going) {
    TRY(company.take(going->inspection, "rectify", going->lead));
    const Visit& visit = going->visit;
    const int days = static_cast<int>(company.random().between(7, 15));
    const Date deadline = company.later(company.today(), days);
    const std::uint64_t order = TRY(company.open(
        going->lead, {.procedure = "rectification",
                      .title = order_title(company.firm(visit.operator_id).name),
                      .operator_id = visit.operator_id,
                      .category = visit.category,
                      .campaign = campaign_of(visit),
                      .organisation = visit.unit,
                      .source = going->inspection,
                      .source_fact = going->findings.front(),
                      .form = {{"items", std::string("逐项改正检查发现的问题，并提交整改报告和佐证材料。")},
                               {"deadline", deadline.text()}}}));
    TRY(company.take(order, "serve", going->lead, {.form = {{"service_mode", std::string("direct")}}}));
    if (!visit.rectified) {
        // The term is missed. Of the campaign's firms some hand in late and await their review; most others
        // are passed in the end.
        const bool late = visit.campaign ? company.random().chance(1, 3) : company.random().chance(9, 10);
        if (!late) return {};
        const Date handed = company.later(deadline, static_cast<int>(company.random().between(2, 9)));
        company.on(handed, [going, order](Company& c) { return hand_in(c, going, order); });
        if (!visit.campaign)
            company.on(company.later(handed, 5),
                       [going, order](Company& c) { return pass_review(c, going, order); });
        return {};
    }
    const int used = static_cast<int>(company.random().between(2, days - 1));
    const Date handed = company.later(company.today(), used);
    company.on(handed, [going, order](Company& c) { return hand_in(c, going, order); });
    const Date reviewed = company.later(handed, static_cast<int>(company.random().between(1, 8)));
    company.on(reviewed, [going, order](Company& c) { return pass_review(c, going, order); });
    return {};
}

// --- a case

/// A case on its way through the ordinary procedure.
struct Case {
    Shared going;
    std::uint64_t dossier = 0;
    std::string reviewer, head;
    std::int64_t fine_fen = 0;
};
using SharedCase = std::shared_ptr<Case>;

StoryCase story_of(const SharedCase& matter) {
    const Going& going = *matter->going;
    return {going.visit, matter->dossier, going.anomaly, going.lead, going.partner, matter->head};
}

Result<void> close_case(Company& company, const SharedCase& matter) {
    const Form form{{"close_ground", std::string("executed")}};
    CHECK(company.approve(matter->dossier, "close", matter->head, form));
    TRY(company.take(matter->dossier, "close", matter->going->lead, {.form = form}));
    if (matter->going->story) CHECK(repair(company, story_of(matter)));
    company.on(company.later(company.today(), static_cast<int>(company.random().between(5, 25))),
               [matter](Company& c) -> Result<void> {
                   const std::string& unit = matter->going->visit.unit;
                   const int volume = c.number(fmt::format("{}/volume/{}", unit, c.today().year()));
                   TRY(c.take(matter->dossier, "archive", matter->going->lead,
                              {.form = {{"volume", fmt::format("{}-{:04}", c.today().year(), volume)}}}));
                   return {};
               });
    return {};
}

Result<void> publish_case(Company& company, const SharedCase& matter, std::uint64_t publication) {
    TRY(company.take(publication, "publish", matter->going->lead,
                     {.form = {{"summary", company.words("publication_summary")},
                               {"masked", true},
                               {"content", fmt::format("罚款人民币{}元。", matter->fine_fen / 100)}}}));
    return {};
}

Result<void> execute_case(Company& company, const SharedCase& matter) {
    TRY(company.take(matter->dossier, "start_execution", matter->going->lead));
    const Date paid = company.later(company.today(), static_cast<int>(company.random().between(2, 9)));
    company.on(paid, [matter](Company& c) -> Result<void> {
        TRY(c.take(matter->dossier, "record_payment", matter->going->lead,
                   {.form = {{"paid_fen", matter->fine_fen}}}));
        TRY(c.take(matter->dossier, "all_done", matter->going->lead,
                   {.form = {{"performance", std::string("罚没款已全部缴清。")}}}));
        if (!matter->going->story)
            TRY(c.take(matter->dossier, "decide_person_liability", matter->head,
                       {.form = {{"person_liability", std::string("not_penalise")},
                                 {"reason", std::string("违法情节未达到应当处罚责任人员的程度。")}}}));
        c.on(c.later(c.today(), static_cast<int>(c.random().between(2, 12))),
             [matter](Company& d) { return close_case(d, matter); });
        return {};
    });
    return {};
}

Result<void> decide_case(Company& company, const SharedCase& matter) {
    const Visit& visit = matter->going->visit;
    const std::string number =
        decision_number(visit.unit, company.today(),
                        company.number(visit.unit + "/decision/" + std::to_string(company.today().year())));
    TRY(company.take(
        matter->dossier, "reply_or_waive", matter->going->lead,
        {.form = {{"statement", std::string("当事人书面表示放弃陈述、申辩。")},
                  {"statement_checked", std::string("已核对，当事人放弃权利的意思表示真实。")}}}));
    TRY(company.take(matter->dossier, "decide_penalty", matter->head,
                     {.form = {{"decision_number", number},
                               {"penalties", std::vector<std::string>{"fine"}},
                               {"basis", basis(visit)},
                               {"fine_fen", matter->fine_fen}}}));
    const std::uint64_t publication =
        TRY(company.open(matter->going->lead, {.procedure = "publication",
                                               .title = "处罚公示 " + number,
                                               .operator_id = visit.operator_id,
                                               .category = visit.category,
                                               .campaign = campaign_of(visit),
                                               .organisation = visit.unit,
                                               .source = matter->dossier,
                                               .form = {{"decision_number", number},
                                                        {"penalties", std::vector<std::string>{"fine"}},
                                                        {"same_province", true},
                                                        {"publication_term", std::string("short")}}}));
    if (matter->going->story) {
        const StoryCase story = story_of(matter);
        CHECK(confiscate(company, story, number));
        CHECK(list_violator(company, story, number));
        CHECK(punish_person(company, story, number));
        CHECK(refer_upstream(company, story));
    }
    company.on(company.later(company.today(), static_cast<int>(company.random().between(3, 15))),
               [matter, publication](Company& c) { return publish_case(c, matter, publication); });
    company.on(company.later(company.today(), static_cast<int>(company.random().between(1, 5))),
               [matter](Company& c) -> Result<void> {
                   TRY(c.take(matter->dossier, "serve", matter->going->lead,
                              {.form = {{"service_mode", std::string("direct")}}}));
                   c.on(c.later(c.today(), 1), [matter](Company& d) { return execute_case(d, matter); });
                   return {};
               });
    return {};
}

Result<void> review_case(Company& company, const SharedCase& matter) {
    TRY(company.take(matter->dossier, "send_review", matter->going->lead,
                     {.form = {{"review_kind", std::string("case_review")}}}));
    company.on(company.later(company.today(), static_cast<int>(company.random().between(2, 7))),
               [matter](Company& c) -> Result<void> {
                   const Form form{{"points", c.words("review_points")}};
                   CHECK(c.approve(matter->dossier, "agree_penalty", matter->head, form));
                   TRY(c.take(matter->dossier, "agree_penalty", matter->reviewer, {.form = form}));
                   TRY(c.take(matter->dossier, "serve_notice", matter->going->lead,
                              {.form = {{"service_mode", std::string("direct")}}}));
                   c.on(c.later(c.today(), static_cast<int>(c.random().between(2, 6))),
                        [matter](Company& d) { return decide_case(d, matter); });
                   return {};
               });
    return {};
}

Result<void> refer(Company& company, const SharedCase& matter);

Result<void> investigate(Company& company, const SharedCase& matter) {
    const std::string& lead = matter->going->lead;
    const std::vector<std::string> with{matter->going->partner};
    TRY(company.take(matter->dossier, "start", lead, {.with = with}));
    TRY(company.take(matter->dossier, "tell_rights", lead,
                     {.form = {{"recusal_asked", false}}, .with = with}));
    for (std::int64_t i = company.random().between(1, 4); i > 0; --i)
        TRY(company.take(matter->dossier, "collect_evidence", lead,
                         {.form = {{"evidence_kind", company.random().pick(company.words("evidence_kinds"))},
                                   {"evidence_description", evidence_text(company.random())}},
                          .with = with,
                          .evidence = {company.evidence()}}));
    if (matter->going->story) CHECK(seize(company, story_of(matter)));
    if (matter->going->visit.referral) return refer(company, matter);
    Date next = company.later(company.today(), static_cast<int>(company.random().between(8, 26)));
    if (company.random().chance(1, 5)) {
        // A test in between: the time to decide does not run.
        const Date sent = company.later(company.today(), 3);
        const Date reported = company.later(sent, static_cast<int>(company.random().between(10, 24)));
        company.on(sent, [matter, with](Company& c) -> Result<void> {
            TRY(c.take(matter->dossier, "start_test", matter->going->lead,
                       {.form = {{"test_items", std::string("性状、鉴别、含量测定")}}, .with = with}));
            return {};
        });
        company.on(reported, [matter](Company& c) -> Result<void> {
            TRY(c.take(matter->dossier, "end_test", matter->going->lead,
                       {.form = {{"test_conclusion", std::string("检验报告已送达当事人。")}}}));
            return {};
        });
        next = company.later(reported, 5);
    }
    company.on(next, [matter, with](Company& c) -> Result<void> {
        const Visit& visit = matter->going->visit;
        matter->fine_fen = TRY(within_law(c.law(), visit, matter->fine_fen, matter->going->story));
        TRY(c.take(matter->dossier, "finish", matter->going->lead,
                   {.form = conclusion(visit, matter->fine_fen, matter->going->story), .with = with}));
        return review_case(c, matter);
    });
    return {};
}

Result<void> file_case(Company& company, const SharedCase& matter) {
    TRY(company.take(matter->dossier, "file", matter->head,
                     {.form = {{"conditions", company.words("filing_conditions")},
                               {"violation", violation(matter->going->visit)}},
                      .with = {matter->going->lead, matter->going->partner}}));
    company.on(company.later(company.today(), 1), [matter](Company& c) { return investigate(c, matter); });
    return {};
}

/// The case is opened from the finding without retyping; it is filed within the limit and before the
/// half-year ends.
Result<void> start_case(Company& company, const Shared& going) {
    const Visit& visit = going->visit;
    const std::string facts = fmt::format("检查发现第1项问题涉嫌违法：{}", violation_text(visit));
    TRY(company.take(going->inspection, "violation", going->lead,
                     {.form = {{"finding_of_case", std::int64_t{1}}, {"suspicion", facts}}}));
    auto matter = std::make_shared<Case>();
    matter->going = going;
    matter->reviewer = company.staff(visit.unit).one("legal_reviewer", company.random());
    matter->head = company.staff(visit.unit).one("head_of_authority", company.random());
    matter->fine_fen = company.random().between(5, 90) * 100'000;
    matter->dossier =
        TRY(company.open(going->lead, {.procedure = "penalty_case",
                                       .title = case_title(company.firm(visit.operator_id).name, visit),
                                       .operator_id = visit.operator_id,
                                       .category = visit.category,
                                       .campaign = campaign_of(visit),
                                       .organisation = visit.unit,
                                       .source = going->inspection,
                                       .source_fact = going->findings.front(),
                                       .form = {{"case_source", std::string("inspection")},
                                                {"description", facts},
                                                {"violation", violation(visit)}}}));
    TRY(company.take(matter->dossier, "register", going->lead));
    if (going->story) CHECK(lead_became_case(company, story_of(matter)));
    company.on(company.later(company.today(), static_cast<int>(company.random().between(2, 11))),
               [matter](Company& c) { return file_case(c, matter); });
    return {};
}

// --- to the police, to the medical insurance

Result<void> send_referral(Company& company, const SharedCase& matter, std::uint64_t referral) {
    TRY(company.take(referral, "approve", matter->head));
    TRY(company.take(referral, "determine", matter->going->lead,
                     {.form = {{"dal98_item", std::string("F2")},
                               {"drug_quality", std::string("fake")},
                               {"test_basis", std::string("purchase_records")},
                               {"determination", std::string("以他种药品冒充此种药品，属假药。")}}}));
    const std::string package = hex(sm3("package " + std::to_string(referral)));
    TRY(company.take(referral, "send", matter->going->lead,
                     {.form = {{"package", package},
                               {"police_organ", std::string("衡阳市公安局食品药品环境犯罪侦查支队")},
                               {"attachments", company.words("police_referral_file")},
                               {"test_report", std::string("attached")},
                               {"copied_to_procuratorate", true}}}));
    TRY(company.take(matter->dossier, "transfer_crime", matter->going->lead));
    company.on(company.later(company.today(), 1), [matter, referral, package](Company& c) -> Result<void> {
        TRY(c.take(referral, "police_receipt", matter->going->lead,
                   {.form = {{"receipt_number", std::string("衡公食药环受字〔2025〕3号")},
                             {"package_received", package},
                             {"items_received", c.words("police_referral_file")}}}));
        return {};
    });
    return {};
}

Result<void> refer(Company& company, const SharedCase& matter) {
    const Visit& visit = matter->going->visit;
    TRY(company.take(matter->dossier, "suspect_crime", matter->going->lead,
                     {.form = {{"suspected_crime", std::string("销售假药罪")}}}));
    const std::uint64_t referral = TRY(
        company.open(matter->going->lead, {.procedure = "referral",
                                           .title = "移送公安机关：" + company.firm(visit.operator_id).name,
                                           .operator_id = visit.operator_id,
                                           .category = visit.category,
                                           .campaign = campaign_of(visit),
                                           .organisation = visit.unit,
                                           .source = matter->dossier,
                                           .form = {{"suspected_crime", std::string("销售假药罪")},
                                                    {"facts", violation_text(visit)},
                                                    {"narcotic", false}}}));
    const std::string head_of_unit = company.staff(visit.unit).one("unit_head", company.random());
    TRY(company.take(referral, "name_group", head_of_unit,
                     {.with = {matter->going->lead, matter->going->partner}}));
    TRY(company.take(referral, "write", matter->going->lead,
                     {.form = {{"report", std::string("移送涉嫌犯罪案件的调查报告。")}},
                      .with = {matter->going->partner}}));
    company.on(company.later(company.today(), 1),
               [matter, referral](Company& c) { return send_referral(c, matter, referral); });
    return {};
}

Result<void> pass_lead(Company& company, const Shared& going) {
    const Visit& visit = going->visit;
    TRY(company.take(going->inspection, "pass_lead", going->lead,
                     {.form = {{"finding_of_lead", std::int64_t{1}}}}));
    const std::uint64_t lead = TRY(company.open(
        going->lead, {.procedure = "lead",
                      .title = "医保结算后药品再次销售线索：" + company.firm(visit.operator_id).name,
                      .operator_id = visit.operator_id,
                      .category = visit.category,
                      .campaign = campaign_of(visit),
                      .organisation = visit.unit,
                      .source = going->inspection,
                      .source_fact = going->findings.front(),
                      .form = {{"origin", std::string("inspection")},
                               {"facts", std::string("同一追溯码医保结算后再次上架销售。")}}}));
    TRY(company.take(lead, "verify", going->lead, {.with = {going->partner}}));
    const std::string head = company.staff(visit.unit).one("unit_head", company.random());
    const std::string package = hex(sm3("package " + std::to_string(lead)));
    const std::vector<std::string> materials{"facts", "trace_codes"};
    TRY(company.take(lead, "transfer", head,
                     {.form = {{"agency", std::string("medical_insurance")},
                               {"transfer_reason", std::string("涉嫌骗取医疗保障基金，属医疗保障部门职责。")},
                               {"materials", materials},
                               {"package_form", std::string("sealed")},
                               {"package", package}}}));
    company.on(company.later(company.today(), 2),
               [going, lead, package, materials](Company& c) -> Result<void> {
                   TRY(c.take(lead, "accept", going->lead,
                              {.form = {{"receipt_number", std::string("衡医保收〔2025〕11号")},
                                        {"package_received", package},
                                        {"items_received", materials}}}));
                   return {};
               });
    return {};
}

// --- an interview

Result<void> hold_interview(Company& company, const std::string& unit, const std::vector<std::string>& firms,
                            const Visit* visit, std::uint64_t source) {
    const auto [lead, partner] = company.staff(unit).pair(company.random());
    const bool collective = firms.size() > 1;
    act::Engine::Opening opening{
        .procedure = "interview",
        .title = (collective ? "集体约谈：" : "约谈：") + company.firm(firms.front()).name +
                 (collective ? "等" : ""),
        .operator_id = collective ? std::string() : firms.front(),
        .category = visit ? visit->category : "drug",
        .campaign = visit ? campaign_of(*visit) : std::string(),
        .organisation = unit,
        .source = source,
        .form = {{"kind", std::string(collective ? "collective" : "single")},
                 {"trigger", std::string("finding")},
                 {"issues", std::string("进货查验、票据管理、处方药销售等方面存在的问题。")}}};
    const std::uint64_t interview = TRY(company.open(lead, std::move(opening)));
    for (const std::string& firm : firms)
        TRY(company.take(interview, "invite", lead,
                         {.form = {{"invited_kind", std::string("firm")}, {"invited_operator", firm}}}));
    TRY(company.take(interview, "hold", lead,
                     {.form = {{"attendees", fmt::format("被约谈单位{}家的负责人和质量负责人", firms.size())},
                               {"requirements", std::string("限期自查自纠，落实质量安全主体责任。")},
                               {"follow_up_by", company.later(company.today(), 20).text()}},
                      .with = {partner}}));
    for (std::int64_t i = 1; i <= static_cast<std::int64_t>(firms.size()); ++i) {
        TRY(company.take(interview, "acknowledge", lead,
                         {.form = {{"invitation", i}, {"acknowledgement", std::string("signed")}}}));
        TRY(company.take(interview, "commit", lead,
                         {.form = {{"invitation", i},
                                   {"commitment_text", std::string("一个月内完成自查并提交报告。")},
                                   {"commitment_due_on", company.later(company.today(), 18).text()}}}));
    }
    const std::string head = company.staff(unit).one("unit_head", company.random());
    company.on(company.later(company.today(), 17),
               [interview, lead, head, count = firms.size()](Company& c) -> Result<void> {
                   for (std::int64_t i = 1; i <= static_cast<std::int64_t>(count); ++i)
                       TRY(c.take(interview, "fulfil", lead,
                                  {.form = {{"commitment", i},
                                            {"fulfilment", std::string("kept")},
                                            {"verification", std::string("已核对自查报告。")}}}));
                   TRY(c.take(interview, "close", head));
                   return {};
               });
    return {};
}

// --- the visit's end

Result<void> conclude(Company& company, const Shared& going) {
    const Visit& visit = going->visit;
    const Staff& staff = company.staff(visit.unit);
    const std::string head = staff.one("unit_head", company.random());
    for (std::int64_t i = 1; i <= visit.findings; ++i) {
        std::vector<std::string> what;
        if (visit.order) what.emplace_back("rectify");
        if (visit.penalty && i == 1) what.emplace_back("penalise");
        if (visit.referral && i == 1) what.emplace_back("transfer_judicial");
        if (what.empty()) what.emplace_back("no_action_with_reason");
        TRY(company.take(going->inspection, "dispose", head,
                         {.form = {{"finding", i},
                                   {"disposition", what},
                                   {"disposition_reason",
                                    std::string(visit.order ? "依法责令改正。" : "当场改正，情节轻微。")}}}));
    }
    // A maker, and a firm that only has to rectify, is judged when its order is done.
    if (visit.order && (visit.activity == "production" || !visit.noncompliant)) return {};
    return finish_visit(company, going, visit.noncompliant ? "not_conform" : "conform");
}

}  // namespace

void put_down(Company& company, const Visit& visit, const HalfYear& half) {
    auto going = std::make_shared<Going>();
    going->visit = visit;
    going->half = half;
    // Planned and approved on an earlier day of the same half-year.
    Date planned = visit.on;
    for (std::int64_t back = company.random().between(1, 6); back > 0 && planned > half.from; --back)
        planned = planned - 1;
    company.on(planned, [going](Company& c) { return open_visit(c, going); });
    company.on(visit.on, [going](Company& c) -> Result<void> {
        CHECK(make_visit(c, going));
        if (going->visit.order) CHECK(give_order(c, going));
        return {};
    });
    const Date after =
        std::min(company.later(visit.on, static_cast<int>(company.random().between(1, 3))), half.to);
    company.on(after, [going](Company& c) -> Result<void> {
        if (going->visit.penalty) CHECK(start_case(c, going));
        if (going->visit.insurance_lead) CHECK(pass_lead(c, going));
        return conclude(c, going);
    });
    if (visit.interview)
        company.on(company.later(visit.on, static_cast<int>(company.random().between(3, 9))),
                   [going](Company& c) {
                       return hold_interview(c, going->visit.unit, {going->visit.operator_id}, &going->visit,
                                             going->inspection);
                   });
}

void put_down(Company& company, const Meeting& meeting) {
    company.on(meeting.on, [meeting](Company& c) {
        return hold_interview(c, meeting.unit, meeting.operators, nullptr, 0);
    });
}

void put_down_campaign(Company& company, const City& city, const HalfYear& half) {
    company.on(company.later(half.from, 2), [&city, half](Company& c) -> Result<void> {
        const std::string head = c.staff(city.bureau).one("head_of_authority", c.random());
        for (const std::string& unit : city.units) {
            const std::string person = c.staff(unit).one("unit_head", c.random());
            const std::uint64_t task = TRY(c.open(
                head, {.procedure = "campaign_task",
                       .title = "“清源”行动任务",
                       .category = "drug",
                       .campaign = campaign,
                       .organisation = unit,
                       .form = {{"task", std::string("完成辖区药品经营环节全覆盖检查，按月报送进展。")},
                                {"person", person},
                                {"window_from", half.from.text()},
                                {"deadline", make_date(2025, 12, 31).text()}}}));
            TRY(c.take(task, "acknowledge", person));
            for (const int month : {2, 4, 6})
                c.on(c.later(make_date(2025, month, 25), 0), [person, task](Company& d) -> Result<void> {
                    TRY(d.take(task, "progress", person,
                               {.form = {{"progress", std::string("按计划推进。")}}}));
                    return {};
                });
        }
        return {};
    });
}

}  // namespace qingyuan::demo
