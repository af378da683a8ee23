// Figures that others published and the demo takes over by import, as a table. They are real; sources stand
// in the last column.
#pragma once

#include <string_view>

namespace qingyuan::demo {

constexpr std::string_view reported_figures =
    "figure,organisation,period,value,unit,approximate,as_of,source\n"
    "national_cases,cn,2022,153600,case,no,2022,国家药品监督管理局关于启动药品安全巩固提升行动的报道（2023-"
    "07-04）\n"
    "national_cases_yoy,cn,2022,17.65%,share,no,2022,"
    "国家药品监督管理局关于启动药品安全巩固提升行动的报道（2023-07-04）\n"
    "xinjiang_grade_b_share,xinjiang,2024,96.65%,share,no,2024,中国医药报（新疆维吾尔自治区药品监督管理局）\n"
    "xinjiang_data_records,xinjiang,2024,23000000,record,yes,2024,"
    "中国医药报（新疆维吾尔自治区药品监督管理局）\n"
    "xinjiang_approvals,xinjiang,2024,17600,matter,yes,2024,中国医药报（新疆维吾尔自治区药品监督管理局）\n"
    "henan_projects,henan,2024,66,project,no,2024,中国医药报（郑州航空港区）\n"
    "henan_firms,henan,2024,243,entity,no,2024,中国医药报（郑州航空港区）\n"
    "henan_substances,henan,2024,330,product,yes,2024,中国医药报（郑州航空港区）\n"
    "henan_preparations,henan,2024,70,product,yes,2024,中国医药报（郑州航空港区）\n";

}  // namespace qingyuan::demo
