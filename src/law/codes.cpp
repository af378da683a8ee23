#include "law/codes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/law.hpp"

namespace qingyuan::law {

namespace {

constexpr std::size_t code_points_max = 200;  // longer values are no codes, and matching stays cheap
constexpr std::size_t unbounded = code_points_max;

Error no_pattern(std::string_view text, std::string_view why) {
    return {ErrorCode::law_value_invalid, fmt::format("'{}' is no pattern: {}", text, why)};
}

std::string utf8(std::u32string_view points) {
    std::string out;
    for (const char32_t point : points) {
        if (point < 0x80)
            out += static_cast<char>(point);
        else if (point < 0x800) {
            out += static_cast<char>(0xC0 | (point >> 6));
            out += static_cast<char>(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            out += static_cast<char>(0xE0 | (point >> 12));
            out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (point & 0x3F));
        } else {
            out += static_cast<char>(0xF0 | (point >> 18));
            out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
            out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (point & 0x3F));
        }
    }
    return out;
}

/// "{8}", "{0,2}", "{1,}" after an atom: the text between the braces.
bool parse_count(std::string_view text, std::size_t& min, std::size_t& max) {
    const auto comma = text.find(',');
    const auto low = parse_integer(text.substr(0, comma));
    if (!low || *low < 0) return false;
    min = max = static_cast<std::size_t>(*low);
    if (comma == std::string_view::npos) return max > 0;
    if (comma + 1 == text.size()) {
        max = unbounded;
        return true;
    }
    const auto high = parse_integer(text.substr(comma + 1));
    if (!high || *high < *low || *high == 0) return false;
    max = static_cast<std::size_t>(*high);
    return true;
}

}  // namespace

bool CharacterClass::holds(char32_t point) const {
    const bool listed = std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
        return range.first <= point && point <= range.second;
    });
    return listed != negated;
}

Result<CharacterClass> parse_character_class(std::string_view text) {
    CharacterClass out;
    std::u32string points = code_points(text);
    if (!points.empty() && points[0] == U'^') {
        out.negated = true;
        points.erase(0, 1);
    }
    for (std::size_t at = 0; at < points.size(); ++at) {
        const bool range = at + 2 < points.size() && points[at + 1] == U'-';
        const char32_t to = range ? points[at + 2] : points[at];
        if (to < points[at]) return no_pattern(text, "a range runs backwards");
        out.ranges.emplace_back(points[at], to);
        if (range) at += 2;
    }
    if (out.ranges.empty()) return no_pattern(text, "it lists no character");
    return out;
}

Result<CodePattern> CodePattern::create(std::string_view text, const CharacterClasses& classes) {
    CodePattern pattern;
    const std::u32string points = code_points(text);
    for (std::size_t at = 0; at < points.size();) {
        if (points[at] == U'{' || points[at] == U'?') {
            if (pattern.atoms_.empty()) return no_pattern(text, "a count stands before anything");
            Atom& last = pattern.atoms_.back();
            if (points[at] == U'?') {
                last.min = 0;
                ++at;
                continue;
            }
            const auto close = points.find(U'}', at);
            if (close == std::u32string::npos ||
                !parse_count(utf8(std::u32string_view(points).substr(at + 1, close - at - 1)), last.min,
                             last.max))
                return no_pattern(text, "a bad count");
            at = close + 1;
            continue;
        }
        if (points[at] == U'<') {
            const auto close = points.find(U'>', at);
            if (close == std::u32string::npos) return no_pattern(text, "a class is not closed");
            const std::string name = utf8(std::u32string_view(points).substr(at + 1, close - at - 1));
            const auto found = classes.find(name);
            if (found == classes.end()) return no_pattern(text, fmt::format("no class '{}'", name));
            pattern.atoms_.push_back({found->second, 1, 1});
            at = close + 1;
            continue;
        }
        pattern.atoms_.push_back({CharacterClass{{{points[at], points[at]}}, false}, 1, 1});
        ++at;
    }
    if (pattern.atoms_.empty()) return no_pattern(text, "it is empty");
    return pattern;
}

bool CodePattern::fits(std::u32string_view value) const {
    return value.size() <= code_points_max && fits(value, 0);
}

bool CodePattern::fits(std::u32string_view value, std::size_t at) const {
    for (; at < atoms_.size(); ++at) {
        const Atom& atom = atoms_[at];
        std::size_t run = 0;
        while (run < atom.max && run < value.size() && atom.one.holds(value[run])) ++run;
        if (run < atom.min) return false;
        if (run == atom.min) {
            value.remove_prefix(run);
            continue;
        }
        for (std::size_t taken = run + 1; taken-- > atom.min;)
            if (fits(value.substr(taken), at + 1)) return true;
        return false;
    }
    return value.empty();
}

// GB 32100-2015: 31 characters; weight of position i is 3^i mod 31.
char uscc_check_character(std::string_view first_17) {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    QY_ASSERT(first_17.size() == 17);
    std::size_t sum = 0, weight = 1;
    for (const char c : first_17) {
        const auto value = alphabet.find(c);
        QY_ASSERT(value != std::string_view::npos);
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    return alphabet[(31 - sum % 31) % 31];
}

// GB 11643-1999: ISO 7064 MOD 11-2.
char id_card_check_character(std::string_view first_17) {
    constexpr int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    QY_ASSERT(first_17.size() == 17);
    int sum = 0;
    for (std::size_t i = 0; i < 17; ++i) sum += (first_17[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

// GS1 General Specifications 7.9: from the right 3, 1, 3, 1 …
char gs1_check_digit(std::string_view digits) {
    int sum = 0, weight = 3;
    for (std::size_t i = digits.size(); i-- > 0; weight = 4 - weight) sum += (digits[i] - '0') * weight;
    return static_cast<char>('0' + (10 - sum % 10) % 10);
}

namespace {

Result<void> wrong_check(char expected) {
    return Error{ErrorCode::code_check_failed,
                 "the check character does not fit",
                 {},
                 {},
                 fmt::format("{} would", expected)};
}

Result<void> check_last(std::string_view value, char expected) {
    if (value.back() != expected) return wrong_check(expected);
    return {};
}

Result<void> check_id_card(std::string_view value) {
    // Positions 7 to 14 are the date of birth.
    const std::string date =
        fmt::format("{}-{}-{}", value.substr(6, 4), value.substr(10, 2), value.substr(12, 2));
    const auto born = parse_date(date);
    if (!born || born->year() < 1900)
        return Error{ErrorCode::code_malformed, fmt::format("{} is no date of birth", date)};
    return check_last(value, id_card_check_character(value.substr(0, 17)));
}

bool any_fits(const std::vector<CodePattern>& patterns, std::u32string_view value) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const CodePattern& pattern) { return pattern.fits(value); });
}

}  // namespace

Result<void> check_code(const Law& law, std::string_view system_id, std::string_view value) {
    const CodeSystem* system = law.find_code_system(system_id);
    if (system == nullptr) return Error{ErrorCode::code_system_unknown, fmt::format("'{}'", system_id)};
    if (!is_utf8(value) || !any_fits(system->patterns, code_points(value)))
        return Error{ErrorCode::code_malformed, fmt::format("not a {} ({})", system->en, system->standard)};
    constexpr std::size_t gtin_at = 4, gtin_length = 14;  // after "(01)"
    switch (system->check) {
        case CodeCheck::none: return {};
        case CodeCheck::uscc: return check_last(value, uscc_check_character(value.substr(0, 17)));
        case CodeCheck::id_card: return check_id_card(value);
        case CodeCheck::gs1: return check_last(value, gs1_check_digit(value.substr(0, value.size() - 1)));
        case CodeCheck::udi:
            return check_last(value.substr(gtin_at, gtin_length),
                              gs1_check_digit(value.substr(gtin_at, gtin_length - 1)));
        case CodeCheck::region: {
            const auto regions = law.regions();
            if (std::any_of(regions.begin(), regions.end(),
                            [&](const Region& region) { return region.code == value; }))
                return {};
            return Error{ErrorCode::code_not_in_table,
                         fmt::format("'{}' is in no edition of the table of regions", value)};
        }
    }
    return {};
}

bool is_legacy_code(const Law& law, std::string_view system_id, std::string_view value) {
    const CodeSystem* system = law.find_code_system(system_id);
    return system != nullptr && is_utf8(value) && any_fits(system->legacy, code_points(value));
}

std::string half_width(std::string_view text) {
    if (!is_utf8(text)) return std::string(text);
    std::u32string points = code_points(text);
    for (char32_t& point : points) {
        if (point >= 0xFF01 && point <= 0xFF5E)
            point -= 0xFEE0;
        else if (point == 0x3000)
            point = U' ';
    }
    return utf8(points);
}

std::string normalise_code(std::string_view system, std::string_view value) {
    if (!is_utf8(value)) return std::string(value);
    std::u32string kept;
    for (char32_t point : code_points(value)) {
        const bool white = point == U' ' || point == U'\t' || point == U'\r' || point == U'\n' ||
                           point == 0xA0 || point == 0x3000 || point == 0xFEFF ||
                           (point >= 0x2000 && point <= 0x200B);
        // Letters and digits only: the full-width brackets of 国妆网备进字（沪） belong to the code.
        const bool wide = (point >= 0xFF10 && point <= 0xFF19) || (point >= 0xFF21 && point <= 0xFF3A) ||
                          (point >= 0xFF41 && point <= 0xFF5A);
        if (!white) kept += wide ? point - 0xFEE0 : point;
    }
    if (system == "id_card" && !kept.empty() && kept.back() == U'x') kept.back() = U'X';
    return utf8(kept);
}

}  // namespace qingyuan::law
