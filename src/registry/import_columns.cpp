// The columns of every table that can be imported; docs/import.md shows the same (a test compares them).
#include <array>

#include "registry/import.hpp"

namespace qingyuan::registry {

namespace {

constexpr std::array organisations{
    ImportColumn{"id", true, "编号：小写字母、数字、下划线",
                 "identifier: lower-case letters, digits, underscore", "430481_amr"},
    ImportColumn{"name", true, "名称", "name in Chinese", "耒阳市市场监督管理局"},
    ImportColumn{"name_en", false, "英文名称", "name in English",
                 "Leiyang Municipal Administration for Market Regulation"},
    ImportColumn{"parent", false, "上级编号；根单位为空", "id of the organisation above; empty at a root",
                 "hengyang"},
    ImportColumn{"department", true, "部门（词表 departments）", "word of departments", "market_regulator"},
    ImportColumn{"level", false, "层级（词表 organisation_levels）", "word of organisation_levels", "county"},
    ImportColumn{"region", false, "行政区划代码", "region code, GB/T 2260", "430481"},
    ImportColumn{"kind", true, "类型（词表 organisation_kinds）", "word of organisation_kinds", "authority"},
    ImportColumn{"from", true, "自何日起如此", "first day it is so", "2019-01-01"},
    ImportColumn{"to", false, "撤并前最后一日", "last day before it ended", "2024-12-31"},
    ImportColumn{"successor", false, "承继单位编号", "id of the organisation it went into", "hengyang"},
};

constexpr std::array operators{
    ImportColumn{"id", true, "编号：字母、数字、._-", "identifier: letters, digits, ._-", "op-00017"},
    ImportColumn{"name", true, "名称", "name", "衡阳市示例大药房有限公司"},
    ImportColumn{"kind", true, "类型（词表 operator_kinds）", "word of operator_kinds", "pharmacy"},
    ImportColumn{"uscc", false, "统一社会信用代码", "unified social credit code, GB 32100-2015",
                 "91430405MA4L00001A"},
    ImportColumn{"headquarters", false, "连锁总部编号；门店必填",
                 "id of the chain's headquarters; required for a chain store", "op-00001"},
    ImportColumn{"region", true, "县级行政区划代码", "county code, GB/T 2260", "430405"},
    ImportColumn{"organisation", false, "主管单位编号；空则按区划取县级市场监管局",
                 "id of its primary regulator; empty: the one county market regulator of the region",
                 "430405_amr"},
    ImportColumn{"address", false, "地址", "address", "珠晖区示例路 1 号"},
    ImportColumn{"representative", false, "法定代表人（个人信息，入保险库）",
                 "legal representative (personal: kept in the vault)", "周示例"},
    ImportColumn{"from", true, "自何日起如此", "first day it is so", "2021-03-01"},
};

constexpr std::array licences{
    ImportColumn{"id", true, "证号", "number of the licence", "湘DB734000012"},
    ImportColumn{"operator_id", true, "持证主体编号", "id of the operator", "op-00017"},
    ImportColumn{"kind", true, "种类（词表 licence_kinds）", "word of licence_kinds", "drug_trade_licence"},
    ImportColumn{"scopes", false, "范围，以 | 分隔（词表 licence_scopes）",
                 "words of licence_scopes joined by |", "chemical|otc"},
    ImportColumn{"status", false, "状态；空为 valid",
                 "valid suspended revoked cancelled expired; empty = valid", "valid"},
    ImportColumn{"from", true, "有效期起", "first day of validity", "2023-05-01"},
    ImportColumn{"to", false, "有效期止", "last day of validity", "2028-04-30"},
};

constexpr std::array people{
    ImportColumn{"id", true, "编号：字母、数字、._-", "identifier: letters, digits, ._-", "hy-p-001"},
    ImportColumn{"name", true, "姓名（个人信息，入保险库）", "name (personal: kept in the vault)", "周示例"},
    ImportColumn{"organisation", true, "所在单位或经营主体编号", "id of the organisation or operator",
                 "430405_amr"},
    ImportColumn{"roles", true, "职权，以 | 分隔（law/roles.csv）", "ids of law/roles.csv joined by |",
                 "officer|sampler"},
    ImportColumn{"certificate", false, "行政执法证号；空为无执法资格",
                 "enforcement certificate; empty = not qualified", "18040512001"},
    ImportColumn{"certificate_to", false, "执法证有效期止；有证必填",
                 "last day of the certificate; required with one", "2027-12-31"},
    ImportColumn{"from", true, "任职起", "first day in this post", "2022-09-01"},
    ImportColumn{"to", false, "任职止", "last day in this post", ""},
};

constexpr std::array products{
    ImportColumn{"id", true, "批准文号、注册证号或备案号", "approval, registration or filing number",
                 "国药准字H21021039"},
    ImportColumn{"name", true, "名称", "name", "示例片"},
    ImportColumn{"category", true, "类别（词表 categories）", "word of categories", "drug"},
    ImportColumn{"holder", true, "持有人或注册人编号", "operator id of the holder or registrant", "op-00003"},
    ImportColumn{"class_word", false, "分类（词表 product_classes）", "word of product_classes", "chemical"},
    ImportColumn{"high_risk", false, "高风险：1/0 是/否", "high risk: 1/0", "0"},
    ImportColumn{"centralised_procurement", false, "集采中选：1/0",
                 "selected in centralised procurement: 1/0", "1"},
    ImportColumn{"prescription", false, "处方药：1/0", "prescription only: 1/0", "1"},
    ImportColumn{"banned_online", false, "禁止网售：1/0", "may not be sold online: 1/0", "0"},
    ImportColumn{"from", true, "批准日期", "first day of the approval", "2021-06-01"},
    ImportColumn{"to", false, "有效期止", "last day of the approval", "2026-05-31"},
};

constexpr std::array figures{
    ImportColumn{"figure", true, "指标（law/statistics，报告类）",
                 "id of a reported figure in law/statistics", "national_cases"},
    ImportColumn{"organisation", true, "指标所指的单位或地区", "whom it is about", "cn"},
    ImportColumn{"period", true, "期间：2022、2025-H1、2025-Q2、2025-06", "2022, 2025-H1, 2025-Q2 or 2025-06",
                 "2022"},
    ImportColumn{"value", true, "数值：整数、小数或百分数", "whole number, decimal or percentage", "17.65%"},
    ImportColumn{"unit", true, "计量单位（与指标相同）", "the figure's unit", "share"},
    ImportColumn{"approximate", false, "约数：1/0", "approximate, printed with its marker: 1/0", "0"},
    ImportColumn{"as_of", true, "截至：年或日期", "as of: a year or a date", "2022"},
    ImportColumn{"source", true, "来源：发布者、日期", "publication and date", "示例发布会 2023-06-01"},
};

}  // namespace

std::span<const ImportColumn> columns_of(ImportKind kind) {
    switch (kind) {
        case ImportKind::organisations: return organisations;
        case ImportKind::operators: return operators;
        case ImportKind::licences: return licences;
        case ImportKind::people: return people;
        case ImportKind::products: return products;
        case ImportKind::figures: return figures;
    }
    return {};
}

std::string_view name_of(ImportKind kind) {
    constexpr std::array<std::string_view, 6> names{"organisations", "operators", "licences",
                                                    "people",        "products",  "figures"};
    return names[static_cast<std::size_t>(kind)];
}

std::optional<ImportKind> find_import_kind(std::string_view name) {
    for (int kind = 0; kind <= static_cast<int>(ImportKind::figures); ++kind)
        if (name_of(static_cast<ImportKind>(kind)) == name) return static_cast<ImportKind>(kind);
    return std::nullopt;
}

}  // namespace qingyuan::registry
