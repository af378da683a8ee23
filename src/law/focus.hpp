// Focus lists as data: law/focus/*.toml, one rule a file, each of one of the four dimensions of the campaign
// (products, processes, regions, firms). A rule is a conjunction of conditions over what is known of an
// operator; it says whom to look at, never that somebody did wrong.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "law/law.hpp"

namespace qingyuan::law {

/// What a condition may ask about. `words` are compared, `days` are counted.
enum class FocusFactType : std::uint8_t { words, days };
struct FocusFact {
    std::string_view name;
    FocusFactType type;
    std::string_view vocabulary;  ///< of words; "" where they are free
    std::string_view zh;
    std::string_view meaning;
};
[[nodiscard]] std::span<const FocusFact> focus_facts();

struct FocusCondition {
    std::string fact;
    std::vector<std::string> one_of;  ///< of words: at least one of these
    int at_least = 0;                 ///< of days: so many …
    int within_months = 0;            ///< … within so many months before the day; 0: ever
};

struct FocusRule {
    std::string id;       ///< the name of its file
    std::string version;  ///< day in force and eight digits of the SM3 of the file
    std::string zh, en, note;
    std::string dimension;  ///< word of vocabulary focus_dimensions
    std::vector<std::string> law;
    Status status = Status::unverified;
    InForce in_force;
    std::vector<FocusCondition> conditions;  ///< all must hold
};

class FocusRules {
 public:
    /// Errors as Law::load, each at file:line:column.
    static Result<FocusRules> load(const Law& law, std::vector<Error>* problems = nullptr);
    [[nodiscard]] std::span<const FocusRule> all() const { return rules_; }
    [[nodiscard]] std::vector<const FocusRule*> in_force(Date on) const;

 private:
    std::vector<FocusRule> rules_;
};

}  // namespace qingyuan::law
