#include "observe/icsr_values.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::size_t quoted_max = 40;
constexpr std::array<std::string_view, 6> precision_forms{
    "CCYY", "CCYYMM", "CCYYMMDD", "CCYYMMDDhh", "CCYYMMDDhhmm", "CCYYMMDDhhmmss±ZZzz"};

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// A code or a date may be quoted; what is personal or free text never is.
std::string quoted(const IcsrElement& element, std::string_view text) {
    const bool closed = element.type != IcsrType::text && !element.personal && text.size() <= quoted_max;
    return closed ? fmt::format("'{}'", text) : "the value";
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_number(std::string_view text) {
    const auto point = text.find('.');
    if (point == std::string_view::npos) return all_digits(text);
    return all_digits(text.substr(0, point)) && all_digits(text.substr(point + 1));
}

bool fits(const IcsrElement& element, std::string_view text) {
    switch (element.type) {
        case IcsrType::number: return is_number(text);
        case IcsrType::country:
            return text.size() == 2 &&
                   std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
        case IcsrType::meddra_version: return is_number(text) && text.find('.') != std::string_view::npos;
        case IcsrType::meddra_code: return text.size() == 8 && all_digits(text);
        default: return true;
    }
}

std::string wanted_form(const IcsrElement& element) {
    switch (element.type) {
        case IcsrType::number: return "write digits, with a point for fractions";
        case IcsrType::country: return "write the two capital letters of ISO 3166-1";
        case IcsrType::meddra_version: return "write the version as 27.0";
        case IcsrType::meddra_code: return "write the eight digits of the term";
        default: return "write it as the standard has it";
    }
}

}  // namespace

std::optional<ReportProblem> IcsrJudge::judge_date(const IcsrElement& element, IcsrValue& value) const {
    value.time = parse_hl7_time(value.text);
    if (!value.time)
        return ReportProblem{element.id, ErrorCode::date_invalid,
                             fmt::format("{} is no date", quoted(element, value.text)),
                             "write the date as CCYYMMDD, a time with its zone behind it"};
    const bool zoned = value.time->has_zone || element.precision < TimePrecision::second;
    if (value.time->precision < element.precision || !zoned)
        return ReportProblem{
            element.id, ErrorCode::icsr_precision_short,
            fmt::format("{} is not precise enough", quoted(element, value.text)),
            fmt::format("write it as {}", precision_forms[static_cast<std::size_t>(element.precision)])};
    if (value.time->at.us > options_.now.us + options_.future_ms * 1000)
        return ReportProblem{element.id, ErrorCode::date_in_future,
                             fmt::format("{} lies in the future", quoted(element, value.text)),
                             "correct the date, or the clock it was taken from"};
    return {};
}

std::optional<ReportProblem> IcsrJudge::judge(const IcsrElement& element, IcsrValue& value) const {
    if (value.text.empty()) {
        if (std::find(element.null_flavours.begin(), element.null_flavours.end(), value.null_flavour) !=
            element.null_flavours.end())
            return {};
        const bool known =
            std::find(null_flavours.begin(), null_flavours.end(), value.null_flavour) != null_flavours.end();
        return ReportProblem{element.id, ErrorCode::icsr_null_flavour_refused,
                             known ? fmt::format("the null flavour {} is not allowed", value.null_flavour)
                                   : "no such null flavour",
                             element.null_flavours.empty() ? "give a value"
                                                           : fmt::format("give a value, or one of {}",
                                                                         join(element.null_flavours, ", "))};
    }
    if (element.max > 0 && characters(value.text) > element.max)
        return ReportProblem{
            element.id, ErrorCode::icsr_element_invalid,
            fmt::format("{} characters; {} are allowed", characters(value.text), element.max), "shorten it"};
    if (element.type == IcsrType::date) return judge_date(element, value);
    if (!element.values.empty() &&
        std::find(element.values.begin(), element.values.end(), value.text) == element.values.end())
        return ReportProblem{element.id, ErrorCode::not_in_vocabulary,
                             fmt::format("{} is not allowed", quoted(element, value.text)),
                             fmt::format("one of {}", join(element.values, ", "))};
    if (!fits(element, value.text))
        return ReportProblem{element.id, ErrorCode::icsr_element_invalid,
                             fmt::format("{} is not written as a {}", quoted(element, value.text),
                                         icsr_types[static_cast<std::size_t>(element.type)]),
                             wanted_form(element)};
    return {};
}

void IcsrJudge::take(const XmlTree& tree, const IcsrElement& element, std::int32_t node,
                     std::string_view label, IcsrValues& values, std::vector<ReportProblem>& problems) {
    IcsrValue value{std::string(element.path.value(tree, node)),
                    std::string(tree.attribute(tree.at(node), "nullFlavor")),
                    {}};
    if (value.text.empty() && value.null_flavour.empty()) return;
    if (auto problem = judge(element, value)) {
        problem->element += label;
        found_wrong_[problem->element] = true;
        problems.push_back(std::move(*problem));
        return;
    }
    if (element.type == IcsrType::meddra_version && !value.text.empty() &&
        std::find(meddra_versions.begin(), meddra_versions.end(), value.text) == meddra_versions.end())
        meddra_versions.push_back(value.text);
    values.values_.try_emplace(element.id, std::move(value));
}

void IcsrJudge::add(const XmlTree& tree, std::int32_t at, IcsrScope scope, IcsrValues& values,
                    std::vector<ReportProblem>& problems) {
    for (const IcsrElement& element : elements_.of(scope))
        for (const std::int32_t node : element.path.find_self(tree, at))
            take(tree, element, node, {}, values, problems);
}

void IcsrJudge::check_missing(IcsrScope scope, std::string_view label, const IcsrValues& values,
                              std::vector<ReportProblem>& problems) const {
    for (const IcsrElement& element : elements_.of(scope)) {
        if (element.conformance > IcsrConformance::required || values.find(element.id)) continue;
        const std::string name = element.id + std::string(label);
        if (found_wrong_.contains(name)) continue;
        problems.push_back({name, ErrorCode::icsr_element_missing, fmt::format("{} is missing", element.en),
                            element.null_flavours.empty()
                                ? std::string("give it")
                                : fmt::format("give it, or one of {}", join(element.null_flavours, ", "))});
    }
}

IcsrValues IcsrJudge::read(const XmlTree& tree, std::int32_t at, IcsrScope scope, std::string_view label,
                           std::vector<ReportProblem>& problems, bool self) {
    IcsrValues values;
    found_wrong_.clear();
    for (const IcsrElement& element : elements_.of(scope))
        for (const std::int32_t node : self ? element.path.find_self(tree, at) : element.path.find(tree, at))
            take(tree, element, node, label, values, problems);
    check_missing(scope, label, values, problems);
    return values;
}

}  // namespace qingyuan::observe
