#include "law/decision_table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::law {

namespace {

bool holds(const TableCondition& condition, const AttributeTexts& attributes) {
    const std::vector<std::string> values = attributes(condition.attribute);
    if (!condition.words.empty())
        return std::ranges::any_of(values, [&](const std::string& value) {
            return std::ranges::find(condition.words, value) != condition.words.end();
        });
    const auto number = values.size() == 1 ? parse_integer(values.front())
                                           : Result<std::int64_t>(Error{ErrorCode::number_invalid, {}});
    return number && *number >= condition.least;
}

}  // namespace

Result<std::vector<TableCondition>> parse_conditions(std::string_view text) {
    std::vector<TableCondition> out;
    for (const std::string& term : split(text, ' ')) {
        if (term.empty()) continue;
        const auto invalid = [&] {
            return Error{ErrorCode::law_value_invalid,
                         fmt::format("'{}' is neither attribute=word|word nor attribute>=number", term)};
        };
        const auto at = term.find('=');
        if (at == std::string::npos || at == 0 || at + 1 == term.size()) return invalid();
        TableCondition condition;
        if (term[at - 1] == '>') {
            const auto least = parse_integer(term.substr(at + 1));
            if (!least || at == 1) return invalid();
            condition.attribute = term.substr(0, at - 1);
            condition.least = *least;
        } else {
            condition.attribute = term.substr(0, at);
            condition.words = split(term.substr(at + 1), '|');
        }
        out.push_back(std::move(condition));
    }
    if (out.empty()) return Error{ErrorCode::law_value_invalid, "a row without a condition"};
    return out;
}

Result<std::vector<const Word*>> rows_met(const Law& law, std::string_view table, Date on,
                                          const AttributeTexts& attributes) {
    const Vocabulary* vocabulary = law.find_vocabulary(table);
    if (vocabulary == nullptr)
        return Error{ErrorCode::law_reference_unknown, fmt::format("no vocabulary '{}'", table)};
    std::vector<const Word*> met;
    for (const Word& row : vocabulary->words) {
        if (!row.in_force.holds(on)) continue;
        const auto when = row.more.find("when");
        if (when == row.more.end())
            return Error{ErrorCode::law_value_invalid, fmt::format("'{}' has no column 'when'", table)};
        const auto conditions = TRY(parse_conditions(when->second));
        const bool all =
            std::ranges::all_of(conditions, [&](const auto& one) { return holds(one, attributes); });
        if (all) met.push_back(&row);
    }
    return met;
}

}  // namespace qingyuan::law
