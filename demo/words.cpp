#include "demo/words.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "act/punishment.hpp"

namespace qingyuan::demo {

namespace {

/// A problem that visits find: the clause it infringes, in words, and the violation a case would be about.
struct Problem {
    const char* clause;
    const char* text;
    const char* violation;  ///< code of law/violations
    const char* basis;
};

constexpr Problem drug_problems[] = {
    {"《药品经营质量管理规范》第61条", "购进药品未索取供货单位资质证明和随货同行单。", "D04",
     "《中华人民共和国药品管理法》第129条"},
    {"《药品经营质量管理规范》第125条", "执业药师不在岗时销售处方药，未设置暂停销售标识。", "D05",
     "《中华人民共和国药品管理法》第126条"},
    {"《药品经营质量管理规范》第167条", "未凭处方销售处方药，处方登记不完整。", "D07",
     "《中华人民共和国药品管理法》第126条"},
    {"《药品经营质量管理规范》第61条", "连锁门店自行从总部以外的渠道购进药品。", "D08",
     "《中华人民共和国药品管理法》第129条"},
    {"《中华人民共和国药品管理法》第36条", "未按规定上传药品追溯信息，销售时不扫码。", "D09",
     "《中华人民共和国药品管理法》第127条"},
    {"《药品经营质量管理规范》第176条", "购销存记录与票据、实物不一致。", "D14",
     "《中华人民共和国药品管理法》第130条"},
    {"《药品经营质量管理规范》第83条", "冷藏药品储存温度记录缺失。", "D16",
     "《中华人民共和国药品管理法》第126条"},
    {"《药品经营质量管理规范》第164条", "阴凉区温度超标，未采取调控措施。", "D28",
     "《中华人民共和国药品管理法》第126条"},
};
constexpr Problem device_problems[] = {
    {"《医疗器械监督管理条例》第45条", "进货查验记录不完整，未留存供货者资质。", "M05",
     "《医疗器械监督管理条例》第89条"},
    {"《医疗器械监督管理条例》第55条", "经营场所存放已过有效期的医疗器械。", "M03",
     "《医疗器械监督管理条例》第86条"},
    {"《医疗器械监督管理条例》第47条", "储存条件不符合说明书和标签标示的要求。", "M06",
     "《医疗器械监督管理条例》第88条"},
};
constexpr Problem cosmetic_problems[] = {
    {"《化妆品监督管理条例》第38条", "未建立并执行进货查验记录制度。", "C05", "《化妆品监督管理条例》第62条"},
    {"《化妆品监督管理条例》第35条", "经营的普通化妆品标签不符合规定。", "C04",
     "《化妆品监督管理条例》第61条"},
    {"《化妆品监督管理条例》第39条", "经营超过使用期限的化妆品。", "C03", "《化妆品监督管理条例》第60条"},
};

std::span<const Problem> problems_of(const Visit& visit) {
    if (visit.category == "device") return device_problems;
    if (visit.category == "cosmetic") return cosmetic_problems;
    return drug_problems;
}

/// The problem a visit is about: fixed by the visit itself, so that finding, case and decision agree.
const Problem& main_problem(const Visit& visit) {
    const auto problems = problems_of(visit);
    std::uint64_t sum = static_cast<std::uint64_t>(visit.on.days);
    for (const char c : visit.operator_id) sum = sum * 131 + static_cast<unsigned char>(c);
    if (visit.referral) return drug_problems[0];
    return problems[Random(sum).below(problems.size())];
}

std::string category_zh(const Visit& visit) {
    return visit.category == "device" ? "医疗器械" : visit.category == "cosmetic" ? "化妆品" : "药品";
}

}  // namespace

std::string visit_title(const std::string& firm, const Visit& visit) {
    if (visit.campaign) return fmt::format("{}“清源”行动检查", firm);
    return fmt::format("{}{}监督检查", firm, category_zh(visit));
}

std::string order_title(const std::string& firm) {
    return fmt::format("责令{}限期改正", firm);
}

std::string case_title(const std::string& firm, const Visit& visit) {
    std::string text = main_problem(visit).text;
    text.resize(text.size() - std::string_view("。").size());
    return fmt::format("{}涉嫌{}案", firm, text);
}

std::string decision_number(const std::string& unit, Date on, int number) {
    constexpr std::pair<const char*, const char*> short_names[] = {
        {"430405", "珠"},   {"430406", "雁"},   {"430407", "石"},   {"430408", "蒸"},
        {"430412", "南岳"}, {"430421", "衡县"}, {"430422", "衡南"}, {"430423", "衡山"},
        {"430424", "衡东"}, {"430426", "祁"},   {"430481", "耒"},   {"430482", "常"}};
    for (const auto& [region, name] : short_names)
        if (unit.starts_with(region)) return fmt::format("{}市监处罚〔{}〕{}号", name, on.year(), number);
    return fmt::format("衡市监处罚〔{}〕{}号", on.year(), number);
}

facts::Form finding(const Visit& visit, Random& random) {
    const auto problems = problems_of(visit);
    const Problem& problem = visit.penalty ? main_problem(visit) : problems[random.below(problems.size())];
    const char* severity = visit.penalty          ? "major"
                           : random.chance(1, 40) ? "critical"
                           : random.chance(1, 4)  ? "major"
                                                  : "minor";
    return {{"clause", std::string(problem.clause)},
            {"severity", std::string(severity)},
            {"description", std::string(problem.text)}};
}

std::string correction(Random& random) {
    constexpr const char* texts[] = {
        "已补齐资质证明和随货同行单，完善进货查验制度。", "已配备执业药师并公示在岗信息，重新培训店员。",
        "已更换温湿度监测设备，补录记录并校准。", "已全量扫码上传追溯信息，指定专人负责。",
        "已下架封存有关产品，清理库存并建立效期台账。"};
    return texts[random.below(std::size(texts))];
}

std::string evidence_text(Random& random) {
    constexpr const char* texts[] = {"现场检查笔录和照片", "购销票据和随货同行单", "计算机系统销售记录",
                                     "当事人提供的情况说明", "库存盘点表"};
    return texts[random.below(std::size(texts))];
}

std::string violation(const Visit& visit) {
    return main_problem(visit).violation;
}
std::string violation_text(const Visit& visit) {
    return main_problem(visit).text;
}
std::string basis(const Visit& visit) {
    return main_problem(visit).basis;
}

facts::Form conclusion(const Visit& visit, std::int64_t fine_fen, bool serious) {
    constexpr std::int64_t goods_value_fen = 420'000;
    return {{"established_facts", violation_text(visit)},
            {"evidence_relied_on", std::string("现场笔录、询问笔录、购销票据、照片，证明违法事实和货值。")},
            {"proposal", std::string("penalise")},
            {"proposed_penalties", std::vector<std::string>{"fine"}},
            {"proposed_fine_fen", fine_fen},
            {"goods_value_fen", goods_value_fen},
            {"trade_channel", std::string("retail")},
            {"serious", serious},
            {"corrected_in_time", false},
            {"refused_to_correct", true},
            {"mitigation", std::vector<std::string>{"reduce_remedy"}}};
}

Result<std::int64_t> within_law(const law::Law& law, const Visit& visit, std::int64_t fine_fen,
                                bool serious) {
    facts::DossierRow dossier;
    dossier.attributes = conclusion(visit, fine_fen, serious);
    dossier.attributes["violation"] = violation(visit);
    const auto punishment = TRY(act::punishment_of(law, dossier, {}));
    if (!punishment || punishment->rules.empty()) return fine_fen;
    return std::min(fine_fen, punishment->organisation.max.value);
}

bool may_punish_persons(const law::Law& law, const Visit& visit) {
    const law::Violation* kind = law.find_violation(violation(visit));
    return kind != nullptr && std::ranges::any_of(kind->penalises, [&](const std::string& id) {
               const law::PenaltyRule* rule = law.find_penalty_rule(id);
               return rule != nullptr && rule->persons.has_value();
           });
}

}  // namespace qingyuan::demo
