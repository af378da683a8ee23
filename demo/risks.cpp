#include "demo/risks.hpp"

#include <memory>

#include <fmt/format.h>

#include "base/sm3.hpp"

namespace qingyuan::demo {

namespace {

constexpr const char* analyst = "hy_statistician";
constexpr const char* unit_head = "hy_unit_head";
constexpr const char* head = "hy_head";
constexpr const char* officer = "hy_officer_1";

struct Told {
    const char* title;
    const char* hazard;
    const char* origin;
    const char *likelihood, *severity, *exposure, *level;
};
constexpr Told pharmacists{"连锁总部：多家门店执业药师不在岗仍销售处方药",
                           "总部对门店药师排班和处方审核缺少核查，多家门店同类问题反复出现",
                           "inspection",
                           "4",
                           "4",
                           "3",
                           "high"};
constexpr Told cold_chain{"批发企业：冷藏药品运输温度记录不连续",
                          "冷藏车温度记录仪断点较多，不能证明全程符合储存要求",
                          "trace",
                          "3",
                          "3",
                          "3",
                          "medium"};
constexpr Told cosmetics{"美容机构：使用来源不明的祛斑类化妆品",
                         "协管员反映多家美容机构的祛斑类产品查不到备案信息",
                         "grassroots",
                         "",
                         "",
                         "",
                         ""};

std::vector<std::string> papers(std::string_view name) {
    return {hex(sm3(fmt::format("sample paper {}", name)))};
}

/// Items and their measures, by what they are about.
struct Going {
    std::uint64_t pharmacists = 0, pharmacists_measure = 0, cold_chain = 0;
};

Result<std::uint64_t> open(Company& company, const City& city, const Told& told, const std::string& firm,
                           const char* category) {
    return company.open(
        unit_head, {.procedure = "risk_item",
                    .title = told.title,
                    .operator_id = firm,
                    .category = category,
                    .organisation = city.bureau,
                    .form = {{"hazard", std::string(told.hazard)}, {"origin", std::string(told.origin)}}});
}

Result<void> assess(Company& company, std::uint64_t item, const Told& told) {
    TRY(company.take(item, "assess", analyst,
                     {.form = {{"likelihood", std::string(told.likelihood)},
                               {"severity", std::string(told.severity)},
                               {"exposure", std::string(told.exposure)},
                               {"level", std::string(told.level)}}}));
    return {};
}

Result<void> assign(Company& company, std::uint64_t item, const std::string& unit, const char* review_on) {
    TRY(company.take(item, "assign", head,
                     {.form = {{"owner_unit", unit},
                               {"owner", std::string(unit_head)},
                               {"review_on", std::string(review_on)}}}));
    return {};
}

Result<std::uint64_t> measure(Company& company, const City& city, std::uint64_t item, const std::string& firm,
                              const char* kind, const char* content, const char* deadline) {
    TRY(company.take(item, "measure", unit_head));
    return company.open(unit_head, {.procedure = "control_measure",
                                    .title = content,
                                    .operator_id = firm,
                                    .organisation = city.bureau,
                                    .source = item,
                                    .form = {{"measure", std::string(kind)},
                                             {"content", std::string(content)},
                                             {"owner", std::string(officer)},
                                             {"deadline", std::string(deadline)}}});
}

/// From the first signal in March to the closing in May.
void put_down_closed(Company& company, const City& city, const std::shared_ptr<Going>& going,
                     const std::string& firm) {
    company.on(make_date(2025, 3, 12), [=, &city](Company& c) -> Result<void> {
        going->pharmacists = TRY(open(c, city, pharmacists, firm, "drug"));
        return {};
    });
    company.on(make_date(2025, 3, 20),
               [=](Company& c) { return assess(c, going->pharmacists, pharmacists); });
    company.on(make_date(2025, 3, 24), [=, &city](Company& c) -> Result<void> {
        going->pharmacists_measure =
            TRY(measure(c, city, going->pharmacists, firm, "caution",
                        "告诫总部，限期建立药师排班核查和远程审方制度", "2025-04-10"));
        return assign(c, going->pharmacists, city.own_unit, "2025-06-30");
    });
    company.on(make_date(2025, 4, 2), [=](Company& c) -> Result<void> {
        TRY(c.take(going->pharmacists_measure, "take", officer, {.evidence = papers("caution")}));
        return {};
    });
    company.on(make_date(2025, 5, 9), [=](Company& c) -> Result<void> {
        TRY(c.take(
            going->pharmacists_measure, "assess", analyst,
            {.form = {{"effective", true}, {"effect", std::string("抽查六家门店，药师在岗和审方记录完整。")}},
             .evidence = papers("effect")}));
        TRY(c.take(going->pharmacists_measure, "finish", unit_head));
        return {};
    });
    company.on(make_date(2025, 5, 15), [=](Company& c) -> Result<void> {
        TRY(c.take(going->pharmacists, "close", head,
                   {.form = {{"residual", std::string("low")},
                             {"closing_reason", std::string("措施已评估有效，同类问题未再出现。")}}}));
        return {};
    });
}

void put_down_open(Company& company, const City& city, const std::shared_ptr<Going>& going,
                   const std::string& firm) {
    company.on(make_date(2025, 4, 8), [=, &city](Company& c) -> Result<void> {
        going->cold_chain = TRY(open(c, city, cold_chain, firm, "drug"));
        return {};
    });
    company.on(make_date(2025, 4, 21), [=, &city](Company& c) -> Result<void> {
        CHECK(assess(c, going->cold_chain, cold_chain));
        TRY(measure(c, city, going->cold_chain, firm, "rectify", "限期更换记录仪并补做运输验证",
                    "2025-05-30"));
        return assign(c, going->cold_chain, city.own_unit, "2025-06-15");
    });
    company.on(make_date(2025, 5, 20), [&city](Company& c) -> Result<void> {
        TRY(open(c, city, cosmetics, {}, "cosmetic"));
        return {};
    });
}

}  // namespace

void put_down_risks(Company& company, const City& city) {
    const auto going = std::make_shared<Going>();
    put_down_closed(company, city, going, city.portal_operators[3]);
    put_down_open(company, city, going, city.portal_operators[1]);
}

}  // namespace qingyuan::demo
