#include "document/chinese.hpp"

#include <array>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::document {

namespace {

constexpr std::array<std::string_view, 10> capitals{"零", "壹", "贰", "叁", "肆",
                                                    "伍", "陆", "柒", "捌", "玖"};
constexpr std::array<std::string_view, 4> capital_units{"", "拾", "佰", "仟"};
constexpr std::array<std::string_view, 10> small{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
constexpr std::array<std::string_view, 4> small_units{"", "十", "百", "千"};

/// Four digits with their units; zeros inside become one 零, those at the end nothing.
std::string group_of(std::int64_t value, const std::array<std::string_view, 10>& digits,
                     const std::array<std::string_view, 4>& units) {
    std::string out;
    bool zero = false;
    std::int64_t place = 1000;
    for (std::size_t i = 4; i-- > 0; place /= 10) {
        const auto digit = static_cast<std::size_t>(value / place % 10);
        if (digit == 0) {
            zero = !out.empty();
            continue;
        }
        if (zero) out += digits[0];
        zero = false;
        out += digits[digit];
        out += units[i];
    }
    return out;
}

/// Whole yuan: groups of four with 万, 亿, 万亿.
std::string yuan_in_capitals(std::int64_t yuan) {
    constexpr std::array<std::string_view, 5> names{"", "万", "亿", "万亿", "亿亿"};
    std::array<std::int64_t, 5> groups{};
    for (std::int64_t& group : groups) {
        group = yuan % 10'000;
        yuan /= 10'000;
    }
    std::string out;
    bool gap = false;
    for (std::size_t i = groups.size(); i-- > 0;) {
        if (groups[i] == 0) {
            gap = !out.empty();
            continue;
        }
        // A group that does not fill its four places, or one left out before it, is joined with 零.
        if (!out.empty() && (gap || groups[i] < 1000)) out += capitals[0];
        gap = false;
        out += group_of(groups[i], capitals, capital_units);
        out += names[i];
    }
    return out;
}

std::string article_zh(std::string_view article) {
    const auto number = [](std::string_view digits) {
        const auto value = parse_integer(digits);
        return value && *value >= 0 && *value < 10'000 ? number_zh(*value) : std::string(digits);
    };
    // "117", "117(2)", "117(2)(1)": article, paragraph, item.
    constexpr std::array<std::string_view, 3> names{"条", "款", "项"};
    std::string out;
    std::size_t level = 0;
    while (!article.empty() && level < names.size()) {
        if (level > 0) {
            if (article.front() != '(' || article.find(')') == std::string_view::npos) break;
            const std::size_t close = article.find(')');
            out += "第" + number(article.substr(1, close - 1)) + std::string(names[level]);
            article.remove_prefix(close + 1);
        } else {
            const std::size_t end = article.find_first_not_of("0123456789");
            if (end == 0) break;
            out += "第" + number(article.substr(0, end)) + "条";
            article.remove_prefix(std::min(end, article.size()));
        }
        ++level;
    }
    return out + std::string(article);
}

}  // namespace

std::string date_zh(Date date) {
    return fmt::format("{}年{}月{}日", date.year(), date.month(), date.day());
}

std::string number_zh(std::int64_t number) {
    QY_ASSERT(number >= 0 && number < 10'000);
    if (number == 0) return std::string(small[0]);
    std::string out = group_of(number, small, small_units);
    // 十七, not 一十七.
    if (number >= 10 && number < 20) out.erase(0, small[1].size());
    return out;
}

std::string sum_in_capitals(Fen sum) {
    const bool below = sum.value < 0;
    const std::int64_t fen = below ? -sum.value : sum.value;
    const std::int64_t yuan = fen / 100;
    const auto jiao = static_cast<std::size_t>(fen / 10 % 10);
    const auto rest = static_cast<std::size_t>(fen % 10);
    std::string out = below ? "负" : "";
    if (yuan > 0) out += yuan_in_capitals(yuan) + "元";
    if (fen % 100 == 0) return out + (yuan > 0 ? "整" : "零元整");
    if (jiao > 0)
        out += std::string(capitals[jiao]) + "角";
    else if (yuan > 0)
        out += capitals[0];
    if (rest > 0) return out + std::string(capitals[rest]) + "分";
    return out + "整";
}

std::string sum_in_figures(Fen sum) {
    const std::string plain = sum.text();
    const std::size_t point = plain.find('.');
    std::string out = plain.substr(point);
    int digits = 0;
    for (std::size_t i = point; i-- > 0;) {
        if (digits > 0 && digits % 3 == 0 && plain[i] != '-') out.insert(out.begin(), ',');
        out.insert(out.begin(), plain[i]);
        ++digits;
    }
    return out;
}

std::string sum_zh(Fen sum) {
    return fmt::format("人民币{}（¥{}）", sum_in_capitals(sum), sum_in_figures(sum));
}

std::string citation_in_full(const law::Law& law, std::string_view text, Date on) {
    const law::Citation citation = law::parse_citation(trim(text));
    const law::Source* source = law.find_source(citation.source, on);
    if (source == nullptr) source = law.find_source(citation.source);
    if (source == nullptr) return std::string(text);
    std::string out = fmt::format("《{}》", source->name_zh);
    std::vector<std::string> articles;
    for (const std::string& part : split(citation.article, ',')) {
        const std::string_view one = trim(part);
        const std::size_t dash = one.find('-');
        articles.push_back(dash == std::string_view::npos
                               ? article_zh(one)
                               : article_zh(one.substr(0, dash)) + "至" + article_zh(one.substr(dash + 1)));
    }
    return out + join(articles, "、");
}

}  // namespace qingyuan::document
