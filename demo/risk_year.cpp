// The risks of the six units that report to the conference, over the year before it: two each that the second
// half of 2024 leaves behind, of which some are closed and some grow in the first half of 2025, and a few new
// ones. And the files of the inspectors. Without a draw of chance, so that nothing else of the play moves.
#include <algorithm>

#include <fmt/format.h>

#include "demo/conference.hpp"

namespace qingyuan::demo {

namespace {

std::string paper(std::string_view name) {
    return hex(sm3(fmt::format("sample paper {}", name)));
}
std::string prefix_of(const std::string& unit) {
    return unit.substr(0, unit.find('_'));
}
std::string name_of(const City& city, const std::string& unit) {
    for (const facts::OrganisationRecorded& one : city.organisations)
        if (one.id == unit) return one.name.substr(0, one.name.find("市场监督管理局"));
    return unit;
}

/// By unit: two hazards of the second half of 2024, and one of the first half of 2025 or none.
constexpr const char* left_behind[][2] = {
    {"处方药开架销售", "温湿度记录不连续"},       {"执业药师不在岗", "中药饮片来源不清"},
    {"过期药品未及时下架", "冷藏药品断链"},       {"进货查验记录不全", "医疗器械无证经营线索"},
    {"网络售药信息不实", "农村小型药店票据缺失"}, {"美容机构使用来源不明产品", "使用环节药品混放"}};
constexpr const char* fresh[] = {
    "减肥类产品非法添加线索", "集采中选药品断供", "隐形眼镜网络无证销售", "", "含麻黄碱制剂超量销售", ""};

struct Score {
    const char* likelihood;
    const char* severity;
    const char* exposure;
    const char* level;  ///< as the matrix says
};
constexpr Score medium{"4", "3", "2", "medium"}, high{"4", "4", "3", "high"};

Move scored(const Score& score) {
    return {.form = {{"likelihood", std::string(score.likelihood)},
                     {"severity", std::string(score.severity)},
                     {"exposure", std::string(score.exposure)},
                     {"level", std::string(score.level)}}};
}

Result<std::uint64_t> find_risk(Company& company, const City& city, const std::string& unit,
                                std::string_view text) {
    const std::string prefix = prefix_of(unit);
    const std::string hazard = fmt::format("{}：{}", name_of(city, unit), text);
    const std::uint64_t item = TRY(company.open(
        prefix + "_officer_1", {.procedure = "risk_item",
                                .title = hazard,
                                .category = "drug",
                                .organisation = unit,
                                .form = {{"hazard", hazard}, {"origin", std::string("inspection")}}}));
    TRY(company.take(item, "assess", prefix + "_statistician", scored(medium)));
    TRY(company.take(item, "assign", prefix + "_unit_head",
                     {.form = {{"owner_unit", unit},
                               {"owner", prefix + "_unit_head"},
                               {"review_on", std::string("2025-06-30")}}}));
    return item;
}

/// A measure, carried out, found effective; then the risk is closed by somebody who did not assess it.
Result<void> close_risk(Company& company, const std::string& unit, std::uint64_t item) {
    const std::string prefix = prefix_of(unit);
    TRY(company.take(item, "measure", prefix + "_unit_head"));
    const std::uint64_t measure = TRY(company.open(
        prefix + "_unit_head", {.procedure = "control_measure",
                                .title = "限期整改并复查",
                                .category = "drug",
                                .organisation = unit,
                                .source = item,
                                .form = {{"measure", std::string("rectify")},
                                         {"content", std::string("限期整改，逐户复查。")},
                                         {"owner", prefix + "_officer_1"},
                                         {"deadline", company.later(company.today(), 20).text()}}}));
    TRY(company.take(measure, "take", prefix + "_officer_1", {.evidence = {paper("measure " + unit)}}));
    TRY(company.take(measure, "assess", prefix + "_statistician",
                     {.form = {{"effective", true}, {"effect", std::string("复查合格，措施有效。")}},
                      .evidence = {paper("effect " + unit)}}));
    TRY(company.take(measure, "finish", prefix + "_unit_head"));
    TRY(company.take(item, "close", prefix + "_head",
                     {.form = {{"residual", std::string("low")},
                               {"closing_reason", std::string("措施落实，复查未再发现。")}}}));
    return {};
}

/// Inspectors with their training; the last officer of the city was trained too little, one declares a
/// conflict.
Result<void> open_files(Company& company, const City& city) {
    std::size_t number = 0;
    for (const facts::PersonRecorded& person : city.people) {
        if (std::ranges::find(person.roles, "inspector") == person.roles.end()) continue;
        const std::string prefix = prefix_of(person.id);
        const std::string by = prefix + "_unit_head";
        const char* levels[] = {"senior", "intermediate", "intermediate", "junior"};
        std::vector<std::string> skills{"drug_distribution"};
        if (number % 2 == 0) skills.emplace_back("drug_use");
        if (number % 3 != 2) skills.emplace_back("device_distribution");
        if (number % 3 == 1) skills.emplace_back("cosmetic");
        if (number % 4 == 0) skills.insert(skills.end(), {"drug_production", "device_production"});
        const std::uint64_t file = TRY(company.open(by, {.procedure = "inspector_file",
                                                         .title = "检查员档案",
                                                         .organisation = person.organisation,
                                                         .form = {{"inspector", person.id},
                                                                  {"level", std::string(levels[number % 4])},
                                                                  {"skills", skills}}}));
        const bool little = number % 9 == 4;
        const auto train = [&](std::int64_t hours, const char* subject, const char* day) {
            return company.take(file, "train", by,
                                {.form = {{"hours", hours},
                                          {"subject", std::string(subject)},
                                          {"trained_on", std::string(day)}},
                                 .evidence = {paper("training " + person.id)}});
        };
        TRY(train(little ? 16 : 40, "药品经营质量管理规范与现场检查", "2024-11-20"));
        TRY(train(24, "行政处罚程序与执法文书", number % 5 == 1 ? "2024-08-15" : "2025-03-18"));
        if (number % 11 == 3)
            TRY(company.take(file, "declare", person.id,
                             {.form = {{"firm", city.portal_operators[number % 3]},
                                       {"recusal_ground", std::string("former_employer")}}}));
        ++number;
    }
    return {};
}

}  // namespace

void put_down_risk_year(Company& company, const City& city) {
    for (std::size_t i = 0; i < city.conference_units.size() && i < std::size(left_behind); ++i) {
        const std::string unit = city.conference_units[i];
        const int day = static_cast<int>(i);
        company.on(make_date(2024, 11, 25) + day, [&city, unit, i](Company& c) -> Result<void> {
            const std::uint64_t first = TRY(find_risk(c, city, unit, left_behind[i][0]));
            const std::uint64_t second = TRY(find_risk(c, city, unit, left_behind[i][1]));
            if (i != 5)
                c.on(make_date(2025, 4, 14) + static_cast<int>(i),
                     [unit, first](Company& d) { return close_risk(d, unit, first); });
            if (i == 1 || i == 3)
                c.on(make_date(2025, 5, 12) + static_cast<int>(i),
                     [unit, second](Company& d) -> Result<void> {
                         TRY(d.take(second, "assess", prefix_of(unit) + "_statistician", scored(high)));
                         return {};
                     });
            return {};
        });
        if (*fresh[i] != '\0')
            company.on(make_date(2025, 5, 19) + day, [&city, unit, i](Company& c) -> Result<void> {
                TRY(find_risk(c, city, unit, fresh[i]));
                return {};
            });
    }
    company.on(make_date(2025, 3, 24), [&city](Company& c) { return open_files(c, city); });
}

}  // namespace qingyuan::demo
