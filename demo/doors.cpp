#include "demo/doors.hpp"

#include <fmt/format.h>

namespace qingyuan::demo {

namespace {

using facts::Form;

constexpr const char* inspector = "hy_officer_1";
constexpr const char* partner = "hy_officer_2";
constexpr const char* unit_head = "hy_unit_head";

struct Stop {
    Date on;
    std::string operator_id;
    std::string category, activity;
    std::string matters;
};

Result<std::uint64_t> plan_stop(Company& company, const City& city, const Stop& stop) {
    return company.open(inspector, {.procedure = "inspection",
                                    .title = company.firm(stop.operator_id).name + "监督检查",
                                    .operator_id = stop.operator_id,
                                    .category = stop.category,
                                    .organisation = city.own_unit,
                                    .form = {{"reason", std::string("targeted")},
                                             {"mode", std::string("on_site")},
                                             {"activity", stop.activity},
                                             {"unannounced", true},
                                             {"matters", stop.matters},
                                             {"assigned", std::vector<std::string>{inspector, partner}},
                                             {"planned_on", stop.on.text()}}});
}

/// A visit of July with findings, and the order that follows from it.
Result<std::uint64_t> order_after_visit(Company& company, const City& city, const std::string& firm,
                                        const char* category, const char* activity, Date deadline) {
    const std::uint64_t visit = TRY(
        plan_stop(company, city, {company.today(), firm, category, activity, "进货查验、票据、储存条件"}));
    CHECK(company.approve_visit(visit, unit_head));
    TRY(company.take(
        visit, "go", inspector,
        {.form = {{"formalities", company.words("inspection_formalities")}}, .with = {partner}}));
    const std::uint64_t finding = TRY(
        company.take(visit, "record_finding", inspector,
                     {.form = {{"clause", std::string("《药品经营质量管理规范》第156条")},
                               {"severity", std::string("major")},
                               {"description", std::string("部分药品未索取随货同行单，验收记录不完整。")}},
                      .evidence = {company.evidence()}}));
    TRY(company.take(visit, "sign", inspector,
                     {.form = {{"signature", std::string("signed")}}, .with = {partner}}));
    TRY(company.take(visit, "rectify", inspector));
    const std::uint64_t order = TRY(company.open(
        inspector,
        {.procedure = "rectification",
         .title = fmt::format("责令{}限期改正", company.firm(firm).name),
         .operator_id = firm,
         .category = category,
         .organisation = city.own_unit,
         .source = visit,
         .source_fact = finding,
         .form = {{"items", std::string("一、补齐随货同行单；二、完善验收记录；三、培训验收人员。")},
                  {"deadline", deadline.text()}}}));
    TRY(company.take(order, "serve", inspector, {.form = {{"service_mode", std::string("direct")}}}));
    return order;
}

void put_down_orders(Company& company, const City& city) {
    company.on(make_date(2025, 7, 2), [&city](Company& c) -> Result<void> {
        TRY(order_after_visit(c, city, city.portal_operators[0], "drug", "distribution",
                              make_date(2025, 7, 18)));
        // The second is missed on the last day, the third was answered in time.
        TRY(order_after_visit(c, city, city.portal_operators[1], "drug", "distribution",
                              make_date(2025, 7, 4)));
        const std::string hospital = city.portal_operators[2];
        const std::uint64_t order =
            TRY(order_after_visit(c, city, hospital, "drug", "use", make_date(2025, 7, 11)));
        c.on(make_date(2025, 7, 4), [order, hospital](Company& d) -> Result<void> {
            TRY(d.take(order, "submit", hospital + "_user",
                       {.form = {{"correction", std::string("已补齐票据并重新培训验收人员。")},
                                 {"prevention", std::string("每周由药剂科核对一次验收记录。")}},
                        .evidence = {d.evidence(), d.evidence()}}));
            return {};
        });
        return {};
    });
}

/// Stops of today and the days around it, in the states a phone meets.
void put_down_stops(Company& company, const City& city) {
    company.on(make_date(2025, 7, 3), [&city](Company& c) -> Result<void> {
        const auto& firms = city.portal_operators;
        const Stop stops[] = {
            {make_date(2025, 7, 5), firms[3], "drug", "distribution", "处方药销售、执业药师在岗"},
            {make_date(2025, 7, 5), firms[5], "cosmetic", "distribution", "进货查验、标签"},
            {make_date(2025, 7, 4), firms[4], "device", "distribution", "冷链产品储运、进货查验记录"},
            {make_date(2025, 7, 7), firms[2], "device", "use", "植入类器械使用记录"},
            {make_date(2025, 7, 8), firms[0], "drug", "distribution", "含麻黄碱类复方制剂登记销售"},
        };
        for (const Stop& stop : stops) CHECK(c.approve_visit(TRY(plan_stop(c, city, stop)), unit_head));
        TRY(plan_stop(c, city, {make_date(2025, 7, 10), firms[1], "drug", "distribution", "票账货款一致性"}));
        return {};
    });
}

void put_down_trainings(Company& company, const City& city) {
    company.on(make_date(2025, 6, 18), [&city](Company& c) -> Result<void> {
        const auto training = [&](const std::string& firm, const char* kind, const char* title,
                                  const char* text) {
            return c.open(unit_head, {.procedure = "training",
                                      .title = title,
                                      .operator_id = firm,
                                      .category = "drug",
                                      .organisation = city.own_unit,
                                      .form = {{"training_kind", std::string(kind)},
                                               {"text", std::string(text)},
                                               {"deadline", make_date(2025, 7, 15).text()}}});
        };
        const std::string firm = city.portal_operators[0];
        const std::uint64_t half = TRY(training(
            firm, "announcement", "“清源”行动要求宣贯",
            "药品安全“清源”行动要求：进货查验、票账货款一致、扫码销售、不回收药品。请传达到每一位员工。"));
        TRY(training(city.portal_operators[1], "risk_notice", "高温季节储运风险提示",
                     "高温季节加强阴凉库、冷库温度监测和运输过程管理。"));
        c.on(make_date(2025, 6, 25), [half, firm](Company& d) -> Result<void> {
            for (int i = 1; i <= 5; ++i)
                TRY(d.take(half, "acknowledge", firm + "_user",
                           {.form = {{"person", fmt::format("{}_staff_{}", firm, i)}}}));
            return {};
        });
        return {};
    });
}

void put_down_reports(Company& company, const City& city) {
    company.on(make_date(2025, 7, 1), [&city](Company& c) -> Result<void> {
        const auto report = [&](const char* by, const std::string& unit, const char* reason,
                                const char* reported, const char* facts, const char* channel) {
            return c.open(by, {.procedure = "report",
                               .title = fmt::format("举报：{}", reported),
                               .category = "drug",
                               .organisation = unit,
                               .form = {{"anonymous", channel != std::string("visit")},
                                        {"reported", std::string(reported)},
                                        {"facts", std::string(facts)},
                                        {"report_reason", std::string(reason)},
                                        {"place", std::string("哲桥镇")},
                                        {"channel", std::string(channel)}}});
        };
        TRY(report("zheqiao_informant", city.town, "unlicensed", "村口流动药摊",
                   "逢集日有人摆摊卖药，没有证照。", "visit"));
        const std::uint64_t clue = TRY(report("zheqiao_informant", city.town, "expired", "村卫生室旁便民店",
                                              "货架上有过期的感冒药。", "visit"));
        TRY(c.take(clue, "verify", "430481_officer_1", {.with = {"430481_officer_2"}}));
        TRY(report("430408_unit_head", "430408_amr", "prescription", "蒸湘区一家药店", "不看处方就卖抗菌药。",
                   "telephone"));
        return {};
    });
}

void put_down_typical_case(Company& company, const City& city) {
    company.on(make_date(2025, 6, 16), [&city](Company& c) -> Result<void> {
        const std::string text =
            "某药店从个人手中回收药品再次销售。市场监督管理部门依法没收违法购进的药品和违法所得，并处罚款；"
            "涉嫌犯罪的线索移送公安机关。";
        const std::uint64_t typical = TRY(c.open(inspector, {.procedure = "typical_case",
                                                             .title = "典型案例：回收药品再次销售",
                                                             .category = "drug",
                                                             .organisation = city.own_unit,
                                                             .form = {{"draft", text}}}));
        TRY(c.take(typical, "check", "hy_reviewer",
                   {.form = {{"published_title", std::string("某药店回收药品再次销售案")},
                             {"published_text", text},
                             {"masked", true}}}));
        TRY(c.take(typical, "publish", "hy_head"));
        return {};
    });
}

/// What was sent to the police and to the medical insurance is open to them, and to nobody else there.
void put_down_grants(Company& company) {
    company.on(make_date(2025, 7, 3), [](Company& c) -> Result<void> {
        for (const facts::DossierRow& referral : TRY(c.in_state("referral", "sent")))
            CHECK(c.open_to(referral, "hengyang_police", "接收移送的涉嫌犯罪案件", "REFER 5"));
        for (const facts::DossierRow& lead : TRY(c.in_state("lead", "with_agency")))
            CHECK(c.open_to(lead, "hengyang_insurance", "核查医保结算后再次销售的线索", "DAL 99"));
        return {};
    });
}

}  // namespace

void put_down_doors(Company& company, const City& city) {
    put_down_trainings(company, city);
    put_down_typical_case(company, city);
    put_down_reports(company, city);
    put_down_orders(company, city);
    put_down_stops(company, city);
    put_down_grants(company);
}

}  // namespace qingyuan::demo
