// Criteria of signals as data, one per file in law/criteria/: which measures of a pair must reach what. Who
// set them, and how well that is known, stands beside them.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/rational.hpp"
#include "law/law.hpp"

namespace qingyuan::law {

/// The measures a condition may ask about: the columns of `qingyuan signals`.
inline constexpr std::array<std::string_view, 20> signal_measures{
    "n",         "n_product", "n_reaction", "n_total",   "expected",  "rr",         "prr",
    "prr_lower", "prr_upper", "ror",        "ror_lower", "ror_upper", "chi2_yates", "fisher_p",
    "ic",        "ic025",     "ic975",      "ebgm",      "eb05",      "eb95"};

enum class Comparison : std::uint8_t { at_least, above, at_most, below };
[[nodiscard]] std::string_view text_of(Comparison comparison);

/// Either one measure against one threshold, or a list of which all or any must hold.
struct SignalCondition {
    enum class Kind : std::uint8_t { measure, all_of, any_of };
    Kind kind = Kind::measure;
    std::size_t measure = 0;  ///< into signal_measures
    Comparison comparison = Comparison::at_least;
    Rational threshold;
    std::vector<SignalCondition> of;
};

struct Criterion {
    std::string id;  ///< "evans"; the file's name
    std::string zh, en;
    std::string source;  ///< paper, guideline or page that sets it
    std::string basis;   ///< text excerpt memory: what of the source was read
    Status status = Status::verified;
    std::string note;
    SignalCondition condition;  ///< all_of or any_of
};

class Criteria {
 public:
    /// Reads law.directory()/criteria. Every error is reported, the first in the Result, all of them in
    /// `problems`; where = file:line:column.
    static Result<Criteria> load(const Law& law, std::vector<Error>* problems = nullptr);
    [[nodiscard]] std::span<const Criterion> all() const { return criteria_; }    ///< sorted by id
    [[nodiscard]] Result<const Criterion*> criterion(std::string_view id) const;  ///< rule_unknown

 private:
    std::vector<Criterion> criteria_;
};

}  // namespace qingyuan::law
