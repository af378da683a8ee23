// What a report must hold to be one (GVP 46: four criteria), and how complete it is. The completeness follows
// vigiGrade (Bergvall, Norén, Lindquist 2014): the product of one minus the penalty of everything that is
// missing; the penalties are law/vocabularies/report_completeness.csv.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "observe/report_problem.hpp"

namespace qingyuan::law {
class Law;
}

namespace qingyuan::observe {

/// What a report holds, as yes or no.
struct ReportContents {
    bool patient = false, reporter = false, product = false, event = false;  ///< the four criteria
    bool time_to_onset = false, indication = false, outcome = false, sex = false, age = false;
    bool dose = false, country = false, reporter_known = false, report_type = false, narrative = false;
};

struct ReportQuality {
    std::int64_t completeness = 1000;   ///< thousandths: 0 … 1000
    std::vector<std::string> missing;   ///< words of report_completeness, heaviest first
    std::vector<std::string> criteria;  ///< words of report_minimum that are not met
    /// vigiGrade's line: more than 0.8.
    [[nodiscard]] bool well_documented() const { return completeness > 800; }
};

/// law_reference_unknown where the vocabulary has a word that nobody here knows, law_value_invalid where its
/// penalty is no percentage.
[[nodiscard]] Result<ReportQuality> quality_of(const ReportContents& contents, const law::Law& law);

/// One refusal for each criterion that is not met.
[[nodiscard]] std::vector<ReportProblem> criteria_problems(const ReportQuality& quality);

}  // namespace qingyuan::observe
