// Penalty ranges: what a rule allows for given facts, computed step by step with the article of each step
// (penalties.toml). Exact: money is fen, multiples are fractions. Where inside a range a fine falls is a
// local standard and not decided here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/rational.hpp"
#include "base/result.hpp"

namespace qingyuan::law {

class Law;
enum class Status : std::uint8_t;

enum class FineBase : std::uint8_t {
    fixed,
    goods_value,
    illegal_income,
    income_from_unit,
    income_previous_year
};
[[nodiscard]] std::string_view text_of(FineBase base);

/// A base below `amount` counts as `amount`, for one channel of trade or for "any".
struct FineFloor {
    std::string channel;
    Fen amount;
};

struct Fine {
    FineBase base = FineBase::fixed;
    Rational min;  ///< yuan when fixed, else multiples of the base
    Rational max;
    std::vector<FineFloor> floors;
    Fen small_below;  ///< a base below it has a fixed range instead; 0 = there is none
    Fen small_min;
    Fen small_max;
};

/// When the fine of a part is imposed.
enum class FineCondition : std::uint8_t { always, not_corrected, refused, optional };

struct PenaltyPart {
    std::vector<std::string> first;  ///< words of penalty_actions that come before
    FineCondition condition = FineCondition::always;
    std::vector<std::string> confiscate;  ///< words of penalty_actions
    std::vector<std::string> also;        ///< words of penalty_actions
    std::optional<Fine> fine;
};

struct PersonsPart {
    std::string when;  ///< "serious", or what the rule itself presupposes
    bool confiscate_income = false;
    std::optional<Fine> fine;
    std::string ban_min;  ///< "5", "10", "up_to_10", "life" (years), "" = no ban
    std::string ban_max;
    int detention_days_min = 0;
    int detention_days_max = 0;
    std::string refers_to;  ///< another rule whose persons part holds
};

/// Another rule decides, when the fact `quality` has this value; `channel` then replaces the fact.
struct PenaltyReference {
    std::string rule;
    std::string quality;
    std::string channel;
};

struct PenaltyRule {
    std::string id;
    std::string law;  ///< citation "DAL 117"
    std::string zh;
    std::string en;
    std::string authority;  ///< "" or the level that must decide
    std::string note;
    Status status{};
    Date from = Date::never_before();
    Date to = Date::never_after();
    PenaltyPart normal;
    std::optional<PenaltyPart> serious;
    std::optional<PenaltyPart> on_refusal;            ///< fact refused_to_correct
    std::optional<PenaltyPart> uncooperative_others;  ///< fact uncooperative_other
    std::optional<PersonsPart> persons;
    std::vector<PenaltyReference> refers;
};

struct PenaltyStep {
    std::string law;
    std::string zh;
    std::string en;
};

struct PenaltyRange {
    bool applies = false;
    bool optional = false;  ///< the text says "may"
    Fen min;
    Fen max;
    Fen confiscated_income;  ///< of a person
    std::string ban_min;
    std::string ban_max;
    int detention_days_min = 0;
    int detention_days_max = 0;
};

struct Penalty {
    std::string rule;
    std::string law;
    PenaltyRange organisation;
    PenaltyRange persons;
    std::vector<std::string> first;
    std::vector<std::string> confiscate;
    std::vector<std::string> also;
    std::vector<PenaltyStep> steps;
};

/// Facts by name, as text: goods_value, illegal_income, income_from_unit, income_previous_year in yuan;
/// serious, corrected_in_time, refused_to_correct, uncooperative_other true or false; channel production,
/// wholesale or retail; quality fake or inferior.
using PenaltyFacts = std::map<std::string, std::string, std::less<>>;

/// Errors: penalty_rule_unknown; field_unknown and field_invalid for facts; field_missing where the base of
/// the organisation's fine is not given, unless the persons' fine can be computed (then only that is).
[[nodiscard]] Result<Penalty> compute_penalty(const Law& law, std::string_view rule,
                                              const PenaltyFacts& facts);

}  // namespace qingyuan::law
