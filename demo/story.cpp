#include "demo/story.hpp"

#include <fmt/format.h>

#include "act/links.hpp"
#include "base/sm3.hpp"
#include "demo/words.hpp"

namespace qingyuan::demo {

using facts::Form;

namespace {

constexpr const char* police_contact = "police_contact";

std::string campaign_of(const Visit& visit) {
    return visit.campaign ? "qingyuan" : "";
}
/// Papers and photographs of the story; they draw on no random number, so that the rest of the play is as
/// without it.
std::string paper(std::string_view name) {
    return hex(sm3(fmt::format("story {}", name)));
}

}  // namespace

bool is_story(Company& company, const Visit& visit) {
    return visit.penalty && !visit.referral && !visit.insurance_lead && visit.category == "drug" &&
           visit.on >= make_date(2025, 3, 1) && visit.on <= make_date(2025, 4, 25) &&
           may_punish_persons(company.law(), visit) && company.number("story") == 1;
}

Result<std::uint64_t> anomaly(Company& company, const Visit& visit, const std::string& officer,
                              const std::string& partner) {
    const std::uint64_t lead =
        TRY(company.open(officer, {.procedure = "lead",
                                   .title = "追溯异常线索：" + company.firm(visit.operator_id).name,
                                   .operator_id = visit.operator_id,
                                   .category = visit.category,
                                   .campaign = campaign_of(visit),
                                   .organisation = visit.unit,
                                   .form = {{"origin", std::string("trace")},
                                            {"facts", std::string("同一追溯码两次销售，销售时无入库记录。")},
                                            {"rule", std::string("second_sale")}}}));
    TRY(company.take(lead, "verify", officer, {.with = {partner}}));
    TRY(company.take(lead, "inspect", officer));
    return lead;
}

Result<void> lead_became_case(Company& company, const StoryCase& story) {
    TRY(company.take(story.lead_dossier, "to_case", story.lead, {.evidence = {paper("inspection record")}}));
    return {};
}

Result<void> seize(Company& company, const StoryCase& story) {
    const Visit& visit = story.visit;
    TRY(company.take(story.dossier, "seize", story.lead, {.with = {story.partner}}));
    const std::uint64_t seizure =
        TRY(company.open(story.lead, {.procedure = "seizure",
                                      .title = "扣押：" + company.firm(visit.operator_id).name,
                                      .operator_id = visit.operator_id,
                                      .category = visit.category,
                                      .campaign = campaign_of(visit),
                                      .organisation = visit.unit,
                                      .source = story.dossier,
                                      .form = {{"goods", std::string("无入库记录的药品二十六盒")},
                                               {"seizure_basis", std::string("general")},
                                               {"goods_value_fen", std::int64_t{420'000}}}}));
    CHECK(company.approve(seizure, "impose", story.head, {}));
    TRY(company.take(seizure, "impose", story.lead, {.with = {story.partner}}));
    return {};
}

Result<void> confiscate(Company& company, const StoryCase& story, const std::string& number) {
    for (const facts::DossierRow& row : TRY(company.in_state("seizure", "in_force")))
        if (row.source == static_cast<std::int64_t>(story.dossier))
            TRY(company.take(static_cast<std::uint64_t>(row.seq), "confiscate", story.lead,
                             {.form = {{"decision_number", number}}}));
    return {};
}

Result<void> list_violator(Company& company, const StoryCase& story, const std::string& number) {
    const Visit& visit = story.visit;
    const std::uint64_t listing = TRY(company.open(
        story.lead, {.procedure = "serious_violator",
                     .title = "严重违法失信名单 " + number,
                     .operator_id = visit.operator_id,
                     .category = visit.category,
                     .organisation = visit.unit,
                     .source = story.dossier,
                     .form = {{"list_ground", std::string("drug")}, {"decision_number", number}}}));
    TRY(company.take(listing, "tell", story.lead, {.form = {{"service_mode", std::string("direct")}}}));
    company.on(company.later(company.today(), 7), [story, listing](Company& c) -> Result<void> {
        const Form form{{"statement_checked", std::string("当事人未在期限内陈述、申辩。")}};
        CHECK(c.approve(listing, "list", "hunan_superior", form));
        TRY(c.take(listing, "list", story.head, {.form = form}));
        c.on(c.later(c.today(), 3), [story, listing](Company& d) -> Result<void> {
            TRY(d.take(listing, "publish", story.lead, {.form = {{"masked", true}}}));
            return {};
        });
        return {};
    });
    return {};
}

Result<void> punish_person(Company& company, const StoryCase& story, const std::string& number) {
    const Visit& visit = story.visit;
    const facts::Value name = TRY(company.subject("person", "肖卫东"));
    const facts::Value identity = TRY(company.subject("identity", "430405197006150019"));
    const Date until = company.today().plus_months(120);
    TRY(company.take(story.dossier, "decide_person_liability", story.head,
                     {.form = {{"person_liability", std::string("penalise")},
                               {"reason", std::string("情节严重，对直接负责的主管人员一并处罚。")}}}));
    TRY(company.take(story.dossier, "penalise_person", story.head,
                     {.form = {{"person_responsible", name},
                               {"person_identity", identity},
                               {"responsibility", std::string("directly_in_charge")},
                               {"income_basis_fen", std::int64_t{6'000'000}},
                               {"person_confiscation_fen", std::int64_t{6'000'000}},
                               {"person_fine_fen", std::int64_t{1'200'000}},
                               {"ban", std::string("years")},
                               {"ban_until", until.text()}}}));
    TRY(company.take(story.dossier, "start_discipline", story.lead));
    const std::uint64_t measure =
        TRY(company.open(story.lead, {.procedure = "joint_discipline",
                                      .title = "从业禁止 " + number,
                                      .operator_id = visit.operator_id,
                                      .category = visit.category,
                                      .campaign = campaign_of(visit),
                                      .organisation = visit.unit,
                                      .source = story.dossier,
                                      .form = {{"measure", std::string("employment_ban")},
                                               {"decision_number", number},
                                               {"person", name},
                                               {"identity", identity}}}));
    TRY(company.take(
        measure, "check_identity", story.lead,
        {.form = {{"identity", identity}, {"identity_checked", std::string("与身份证件核对一致。")}}}));
    TRY(company.take(measure, "take_effect", story.head,
                     {.form = {{"measure_from", company.today().text()},
                               {"measure_term", std::string("years")},
                               {"measure_until", until.text()}}}));
    std::int64_t push = 0;
    for (const std::string& agency : std::vector<std::string>{"health", "medical_insurance"}) {
        TRY(company.take(measure, "push", story.lead, {.form = {{"pushed_to", agency}}}));
        TRY(company.take(measure, "receipt", story.lead,
                         {.form = {{"push_number", ++push},
                                   {"receipt_number", "衡联惩收〔2025〕" + agency},
                                   {"applied", std::string("已列入从业限制名单。")}}}));
    }
    return {};
}

namespace {

/// The police sign for the package item by item, file, and take over the goods.
Result<void> police_answer(Company& company, const StoryCase& story, std::uint64_t referral,
                           const std::string& package) {
    TRY(company.take(referral, "police_receipt", police_contact,
                     {.form = {{"receipt_number", std::string("衡公食药环受字〔2025〕7号")},
                               {"package_received", package},
                               {"items_received", company.words("police_referral_file")}}}));
    company.on(company.today() + 1, [story, referral](Company& c) -> Result<void> {
        TRY(c.take(referral, "police_file", police_contact,
                   {.form = {{"filing_notice", std::string("衡公立字〔2025〕19号")}}}));
        TRY(c.take(referral, "hand_over", story.lead,
                   {.form = {{"goods", std::string("收购药品的记录和转账凭证复印件一册。")}},
                    .with = {story.partner},
                    .evidence = {paper("receipt of goods")}}));
        return {};
    });
    return {};
}

Result<void> send_to_police(Company& company, const StoryCase& story, std::uint64_t referral) {
    TRY(company.take(referral, "approve", story.head));
    const std::string package = paper("package for the police");
    TRY(company.take(referral, "send", story.lead,
                     {.form = {{"package", package},
                               {"police_organ", std::string("衡阳市公安局食品药品环境犯罪侦查支队")},
                               {"attachments", company.words("police_referral_file")},
                               {"test_report", std::string("not_needed")},
                               {"test_reason", std::string("案由为非法收购、倒卖药品，不涉及药品质量认定。")},
                               {"copied_to_procuratorate", true}}}));
    company.on(company.later(company.today(), 1),
               [story, referral, package](Company& c) { return police_answer(c, story, referral, package); });
    return {};
}

}  // namespace

Result<void> refer_upstream(Company& company, const StoryCase& story) {
    const Visit& visit = story.visit;
    const std::uint64_t referral = TRY(company.open(
        story.lead,
        {.procedure = "referral",
         .title = "移送公安机关：" + company.firm(visit.operator_id).name + "案上游收购药品人员",
         .operator_id = visit.operator_id,
         .category = visit.category,
         .organisation = visit.unit,
         .source = story.dossier,
         .form = {{"suspected_crime", std::string("非法经营罪")},
                  {"facts", std::string("向当事人供货的人员从个人手中收购药品倒卖，数额较大，涉嫌犯罪。")},
                  {"narcotic", false}}}));
    TRY(company.take(referral, "name_group", story.head, {.with = {story.lead, story.partner}}));
    TRY(company.take(
        referral, "write", story.lead,
        {.form = {{"report", std::string("移送涉嫌犯罪案件的调查报告。")}}, .with = {story.partner}}));
    company.on(company.later(company.today(), 1),
               [story, referral](Company& c) { return send_to_police(c, story, referral); });
    return {};
}

Result<void> repair(Company& company, const StoryCase& story) {
    const Visit& visit = story.visit;
    const std::vector<std::string> conditions = company.words("removal_conditions");
    const std::uint64_t asked = TRY(company.open(
        story.lead, {.procedure = "credit_repair",
                     .title = "信用修复：" + company.firm(visit.operator_id).name,
                     .operator_id = visit.operator_id,
                     .category = visit.category,
                     .organisation = visit.unit,
                     .source = story.dossier,
                     .form = {{"conditions", conditions},
                              {"request", std::string("罚款缴清，追溯系统已整改，申请信用修复。")}}}));
    TRY(company.take(asked, "admit", story.lead));
    TRY(company.take(asked, "grant", story.head,
                     {.form = {{"conditions", conditions}}, .evidence = {paper("proof of repair")}}));
    TRY(company.take(asked, "lift", story.lead));
    return {};
}

}  // namespace qingyuan::demo
