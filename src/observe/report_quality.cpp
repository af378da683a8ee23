#include "observe/report_quality.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/law.hpp"

namespace qingyuan::observe {

namespace {

using Held = bool ReportContents::*;

constexpr std::array<std::pair<std::string_view, Held>, 10> contents_words{{
    {"time_to_onset", &ReportContents::time_to_onset},
    {"indication", &ReportContents::indication},
    {"outcome", &ReportContents::outcome},
    {"sex", &ReportContents::sex},
    {"age", &ReportContents::age},
    {"dose", &ReportContents::dose},
    {"country", &ReportContents::country},
    {"reporter", &ReportContents::reporter_known},
    {"report_type", &ReportContents::report_type},
    {"narrative", &ReportContents::narrative},
}};

struct Criterion {
    std::string_view word;
    Held held;
    std::string_view element, message, next;
};
constexpr std::array<Criterion, 4> criteria{{
    {"patient", &ReportContents::patient, "D", "no identifiable patient",
     "give initials, a record number, the sex, the age or the date of birth"},
    {"reporter", &ReportContents::reporter, "C.2.r", "no identifiable reporter",
     "name the reporter, the organisation or the qualification"},
    {"product", &ReportContents::product, "G.k", "no suspected product",
     "name at least one product as suspect or interacting"},
    {"event", &ReportContents::event, "E.i", "no reaction or event", "name at least one reaction"},
}};

}  // namespace

Result<ReportQuality> quality_of(const ReportContents& contents, const law::Law& law) {
    ReportQuality out;
    const law::Vocabulary* words = law.find_vocabulary("report_completeness");
    if (!words)
        return Error{ErrorCode::law_reference_unknown, "the law has no vocabulary report_completeness"};
    std::int64_t share = 1'000'000'000'000;  // twelve places: ten factors of a hundredth lose nothing seen
    std::vector<std::pair<std::int64_t, std::string>> missing;
    for (const law::Word& word : words->words) {
        const auto* const known = std::find_if(contents_words.begin(), contents_words.end(),
                                               [&](const auto& one) { return one.first == word.code; });
        if (known == contents_words.end())
            return Error{ErrorCode::law_reference_unknown,
                         fmt::format("'{}' is nothing a report is judged by", word.code),
                         "vocabularies/report_completeness.csv"};
        const auto penalty = word.more.find("penalty");
        const auto percent =
            penalty == word.more.end() ? Result<std::int64_t>(-1) : parse_integer(penalty->second);
        if (!percent || *percent < 0 || *percent > 100)
            return Error{ErrorCode::law_value_invalid, fmt::format("{}: no percentage", word.code),
                         "vocabularies/report_completeness.csv"};
        if (contents.*(known->second)) continue;
        share = share / 100 * (100 - *percent);
        missing.emplace_back(-*percent, word.code);
    }
    std::stable_sort(missing.begin(), missing.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [percent, word] : missing) out.missing.push_back(std::move(word));
    out.completeness = (share + 500'000'000) / 1'000'000'000;
    for (const Criterion& one : criteria)
        if (!(contents.*(one.held))) out.criteria.emplace_back(one.word);
    return out;
}

std::vector<ReportProblem> criteria_problems(const ReportQuality& quality) {
    std::vector<ReportProblem> out;
    for (const Criterion& one : criteria)
        if (std::find(quality.criteria.begin(), quality.criteria.end(), one.word) != quality.criteria.end())
            out.push_back({std::string(one.element), ErrorCode::report_criteria_missing,
                           std::string(one.message), std::string(one.next)});
    return out;
}

}  // namespace qingyuan::observe
