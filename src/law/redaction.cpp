#include "law/redaction.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/date.hpp"
#include "base/text.hpp"
#include "law/codes.hpp"

namespace qingyuan::law {

namespace {

/// The text character by character: half-width form, and where each begins in the bytes.
struct Line {
    std::u32string characters;
    std::vector<std::size_t> begins;  ///< one more than characters

    explicit Line(std::string_view text) {
        std::size_t at = 0;
        for (char32_t c : code_points(text)) {
            begins.push_back(at);
            at += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
            if (c == 0x3000) c = ' ';
            characters.push_back(c);
        }
        begins.push_back(at);
    }
    [[nodiscard]] std::size_t size() const { return characters.size(); }
};

bool is_digit(char32_t c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_gap(char32_t c) {
    return c == ' ' || c == '-' || c == 0x2010 || c == 0x2011 || c == 0x2013 || c == 0x2014;
}

/// Groups of digits (the last may end in X) with one blank or hyphen between them.
struct Run {
    std::string digits;
    std::vector<std::pair<std::size_t, std::size_t>> groups;  ///< digits so far, character after the group
};

Run run_at(const Line& line, std::size_t i) {
    Run run;
    for (;; ++i) {
        while (i < line.size() && is_digit(line.characters[i]))
            run.digits += static_cast<char>(line.characters[i++]);
        const bool ends_in_x =
            run.digits.size() == 17 && i < line.size() && (line.characters[i] | 0x20) == 'x';
        if (ends_in_x) {
            run.digits += 'X';
            ++i;
        }
        run.groups.emplace_back(run.digits.size(), i);
        const bool goes_on = !ends_in_x && i + 1 < line.size() && is_gap(line.characters[i]) &&
                             is_digit(line.characters[i + 1]);
        if (!goes_on) return run;
    }
}

bool is_date(std::string_view digits) {
    return parse_date(std::string(digits.substr(0, 4)) + "-" + std::string(digits.substr(4, 2)) + "-" +
                      std::string(digits.substr(6, 2)))
        .has_value();
}

bool is_identity_number(std::string_view digits) {
    if (digits.size() == 18)
        return digits.find('X') >= 17 && digits[0] != '0' && is_date(digits.substr(6, 8)) &&
               id_card_check_character(digits.substr(0, 17)) == digits.back();
    return digits.size() == 15 && digits.find('X') == std::string_view::npos && digits[0] != '0' &&
           is_date("19" + std::string(digits.substr(6, 6)));
}

bool is_telephone(std::string_view digits) {
    if (digits.size() < 10) return false;
    if (digits.starts_with("86") && digits.size() == 13) digits.remove_prefix(2);
    if (digits.size() == 11 && digits[0] == '1' && digits[1] >= '3') return true;
    return digits[0] == '0' && digits.size() >= 10 && digits.size() <= 12 && digits[1] != '0';
}

bool is_bank_card(std::string_view digits) {
    if (digits.size() < 16 || digits.size() > 19 || !digits.starts_with("62")) return false;
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int digit = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

std::optional<IdentifierKind> kind_of(std::string_view digits) {
    if (is_identity_number(digits)) return IdentifierKind::identity_number;
    if (digits.find('X') != std::string_view::npos) return std::nullopt;
    if (is_telephone(digits)) return IdentifierKind::telephone;
    if (is_bank_card(digits)) return IdentifierKind::bank_card;
    return std::nullopt;
}

/// The longest row of groups from each group on that makes an identifier.
void find_digits(const Line& line, std::vector<Identifier>& found) {
    for (std::size_t i = 0; i < line.size();) {
        if (!is_digit(line.characters[i])) {
            ++i;
            continue;
        }
        const Run run = run_at(line, i);
        std::size_t next = run.groups.front().second;
        for (auto group = run.groups.rbegin(); group != run.groups.rend(); ++group) {
            const auto kind = kind_of(std::string_view(run.digits).substr(0, group->first));
            if (!kind) continue;
            next = group->second;
            found.push_back({line.begins[i], line.begins[next] - line.begins[i], *kind});
            break;
        }
        i = next;
    }
}

void find_emails(const Line& line, std::vector<Identifier>& found) {
    const auto is_part = [](char32_t c) {
        return is_digit(c) || is_letter(c) || c == '.' || c == '_' || c == '-' || c == '+';
    };
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line.characters[at] != '@') continue;
        std::size_t begin = at, end = at + 1;
        while (begin > 0 && is_part(line.characters[begin - 1])) --begin;
        while (end < line.size() && is_part(line.characters[end])) ++end;
        const auto domain = line.characters.substr(at + 1, end - at - 1);
        const auto dot = domain.find('.');
        if (begin == at || dot == 0 || dot == std::u32string::npos || dot + 1 == domain.size()) continue;
        found.push_back({line.begins[begin], line.begins[end] - line.begins[begin], IdentifierKind::email});
    }
}

void find_names(std::string_view text, std::span<const std::string> names, std::vector<Identifier>& found) {
    for (const std::string& name : names) {
        if (length_of(name) < 2) continue;
        for (std::size_t at = text.find(name); at != std::string_view::npos;
             at = text.find(name, at + name.size()))
            found.push_back({at, name.size(), IdentifierKind::name});
    }
}

/// The most frequent family names of one character; together they cover more than nine tenths of all people.
constexpr std::u32string_view family_names =
    U"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚"
    U"卢姜崔钟谭陆汪"
    U"范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤";

bool is_han(char32_t c) {
    return c >= 0x4E00 && c <= 0x9FFF;
}

/// Two or three characters of a name right after 法定代表人：, 负责人：, 当事人： and the like, ended by
/// something that is no Han character. 陈某 and 陈×× are masked already.
void find_labelled_names(const Line& line, std::vector<Identifier>& found) {
    constexpr std::array<std::u32string_view, 6> labels = {U"代表人", U"负责人", U"当事人",
                                                           U"责任人", U"经营者", U"姓名"};
    for (const std::u32string_view label : labels) {
        for (std::size_t at = line.characters.find(label); at != std::u32string::npos;
             at = line.characters.find(label, at + 1)) {
            std::size_t begin = at + label.size();
            if (begin >= line.size() || line.characters[begin] != ':') continue;
            while (++begin < line.size() && line.characters[begin] == ' ') {}
            std::size_t end = begin;
            while (end < line.size() && is_han(line.characters[end])) ++end;
            const std::u32string_view name(line.characters.data() + begin, end - begin);
            constexpr std::u32string_view firms = U"堂店行房厂院馆司社所";
            const bool masked = name.find(U'某') != std::u32string_view::npos;
            const bool firm = !name.empty() && firms.find(name.back()) != std::u32string_view::npos;
            if (name.size() < 2 || name.size() > 3 || masked || firm ||
                family_names.find(name.front()) == std::u32string_view::npos)
                continue;
            found.push_back(
                {line.begins[begin], line.begins[end] - line.begins[begin], IdentifierKind::name});
        }
    }
}

constexpr std::array<std::string_view, 5> stand_ins = {"〔身份证号〕", "〔电话〕", "〔银行卡号〕", "〔邮箱〕",
                                                       "〔姓名〕"};

std::string replaced(std::string_view text, const std::vector<Identifier>& found) {
    std::string out;
    std::size_t at = 0;
    for (const Identifier& one : found) {
        out += text.substr(at, one.at - at);
        out += stand_ins[static_cast<std::size_t>(one.kind)];
        at = one.at + one.length;
    }
    return out += text.substr(at);
}

}  // namespace

std::vector<Identifier> find_identifiers(std::string_view text, std::span<const std::string> names) {
    const Line line(text);
    std::vector<Identifier> found;
    find_digits(line, found);
    find_emails(line, found);
    find_labelled_names(line, found);
    find_names(text, names, found);
    // In order; of two that overlap the one that begins first, then the longer.
    std::ranges::sort(found, [](const Identifier& a, const Identifier& b) {
        return a.at != b.at ? a.at < b.at : a.length > b.length;
    });
    std::vector<Identifier> apart;
    for (const Identifier& one : found)
        if (apart.empty() || one.at >= apart.back().at + apart.back().length) apart.push_back(one);
    return apart;
}

std::string redacted(std::string_view text, std::span<const std::string> names) {
    std::string out(text);
    // Taking one out may bring a second to light that overlapped it.
    for (auto found = find_identifiers(out, names); !found.empty(); found = find_identifiers(out, names)) {
        std::string next = replaced(out, found);
        if (next == out) break;  // a name that is a stand-in
        out = std::move(next);
    }
    return out;
}

std::string masked_name(std::string_view name) {
    constexpr std::array<std::string_view, 16> double_surnames = {
        "欧阳", "司徒", "上官", "诸葛", "司马", "东方", "南宫", "夏侯",
        "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "端木"};
    const std::u32string characters = code_points(name);
    if (characters.empty()) return {};
    std::size_t bytes = characters[0] < 0x80      ? 1
                        : characters[0] < 0x800   ? 2
                        : characters[0] < 0x10000 ? 3
                                                  : 4;
    for (const std::string_view surname : double_surnames)
        if (characters.size() > 2 && name.starts_with(surname)) bytes = surname.size();
    return std::string(name.substr(0, bytes)) + "××";
}

}  // namespace qingyuan::law
