// How dates, sums and articles are written in an official document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/date.hpp"
#include "base/rational.hpp"
#include "law/law.hpp"

namespace qingyuan::document {

/// 2025年7月5日 (GB/T 9704-2012, 7.3.5.4: Arabic figures, no leading zero).
[[nodiscard]] std::string date_zh(Date date);

/// 壹万贰仟元伍角整 as a bill is written (支付结算办法附件一); a sum below zero begins with 负.
[[nodiscard]] std::string sum_in_capitals(Fen sum);
/// 12,000.50
[[nodiscard]] std::string sum_in_figures(Fen sum);
/// 人民币壹万贰仟元伍角整（¥12,000.50）
[[nodiscard]] std::string sum_zh(Fen sum);

/// 一百一十七; 0 to 9999.
[[nodiscard]] std::string number_zh(std::int64_t number);

/// A citation with the full name of the text in force on the date and its article in Chinese figures:
/// 《中华人民共和国药品管理法》第一百一十七条第二款. Several articles ("18-20", "13,16") are written
/// 第十八条至第二十条, 第十三条、第十六条.
[[nodiscard]] std::string citation_in_full(const law::Law& law, std::string_view citation, Date on);

}  // namespace qingyuan::document
