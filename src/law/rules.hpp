// What the custody of packs is judged by: one rule a file in law/rules/. The file says what a finding means,
// which article it touches, when it may be shown and how it is explained, with examples that must and must
// not give it; the judge finds its own text here by the rule's id.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "law/law.hpp"

namespace qingyuan::law {

/// What one finding is about; its key names one of these, with "/…" after it where that is not enough
/// (event_id/code for an event on a parent, operator/batch for a balance).
enum class FindingUnit : std::uint8_t { event, code, document, person, operator_unit, listing };
[[nodiscard]] std::string_view text_of(FindingUnit unit);

/// Whose upload could still take an absence-based finding back: the operator the finding is about, the other
/// side, the marketing authorisation holder of the product, the seller on the document.
enum class Silent : std::uint8_t { none, actor, counterparty, holder, seller };
[[nodiscard]] std::string_view text_of(Silent silent);

/// Where a confirmed finding goes: as a lead to the authority that regulates the operator, or nowhere (it
/// only informs).
enum class RuleRoute : std::uint8_t { regulator, none };
[[nodiscard]] std::string_view text_of(RuleRoute route);

/// A story in the flat trace format, and what is found in it.
struct RuleExample {
    std::string zh, en;  ///< what happens, in one sentence
    Instant now;         ///< the day it is judged on, past every grace
    /// CSV text with its header by file name without ending: operators products batches documents events
    /// aggregation stock duties settlements listings.
    std::map<std::string, std::string, std::less<>> tables;
    /// "rule,key", of an [[example]]: of its own rule exactly these, of another one that goes along at least
    /// these. Empty of a [[quiet]]: no finding of its own rule.
    std::vector<std::string> findings;
    std::string where;  ///< file:line:column
};

struct Rule {
    std::string id;       ///< "second_sale", the name of its file
    int number = 0;       ///< 1 … 14, 0 where it has none
    std::string version;  ///< day in force and eight digits of the SM3 of the file: "2019-12-01.5f0c12ab"
    std::string zh, en;
    std::string finds_zh, finds_en;  ///< the exact meaning, in one sentence
    FindingUnit unit = FindingUnit::event;
    std::string severity;          ///< word of vocabulary finding_severity
    std::vector<std::string> law;  ///< citations
    std::string violation;         ///< code of violations.csv, or ""
    Status status = Status::verified;
    std::string note;
    InForce in_force;

    /// Rests on something not being there: shown when the silent firm's own lag has passed.
    bool absence = false;
    Silent silent = Silent::none;
    RuleRoute route = RuleRoute::regulator;
    std::vector<std::string> partners;  ///< words of vocabulary agencies that are told as well

    /// A number of [parameters]; nothing where the file gives none.
    [[nodiscard]] std::optional<Rational> number_of(std::string_view parameter) const;
    [[nodiscard]] bool flag_of(std::string_view parameter) const;  ///< false where the file gives none
    [[nodiscard]] const std::vector<std::string>& words_of(std::string_view parameter) const;
    std::map<std::string, Rational, std::less<>> numbers;
    std::map<std::string, bool, std::less<>> flags;
    std::map<std::string, std::vector<std::string>, std::less<>> words;

    std::string explain_zh, explain_en;     ///< with {placeholders}
    std::vector<std::string> placeholders;  ///< of both templates, sorted
    std::string next_zh, next_en;           ///< what the inspector does now
    std::vector<RuleExample> examples;      ///< must give its findings
    std::vector<RuleExample> quiet;         ///< must give no finding of this rule
};

enum class RuleParameterKind : std::uint8_t { whole, percent, flag, words };

/// A key that [parameters] of a rule may have.
struct RuleParameter {
    std::string_view name;
    RuleParameterKind kind;  ///< `whole` is 0 or more, `percent` lies between 0 and 100
    std::string_view meaning;
};
[[nodiscard]] std::span<const RuleParameter> rule_parameters();

/// A name that an explanation may hold in braces, and what stands in its place.
struct RulePlaceholder {
    std::string_view name;
    std::string_view meaning;
};
[[nodiscard]] std::span<const RulePlaceholder> rule_placeholders();

/// The template with every {name} replaced by what `value_of` gives for it.
[[nodiscard]] std::string explained(std::string_view text,
                                    const std::function<std::string(std::string_view name)>& value_of);

}  // namespace qingyuan::law
