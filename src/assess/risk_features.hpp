// What the journal says about operators, in the words the model may know; and beside it, never inside it,
// what an evaluation groups by.
#pragma once

#include <string>
#include <vector>

#include "assess/risk.hpp"
#include "journal/view.hpp"

namespace qingyuan::assess {

/// One operator as an evaluation sees it. Only `features` reach the model.
struct RiskSubject {
    std::string id;
    Features features;
    std::string ownership;     ///< chain or independent, as far as the registry knows
    std::string area;          ///< word of vocabulary areas
    std::vector<bool> random;  ///< of each visit: drawn at random, so free of our own choosing
};

/// All operators in force on the day, by id, with what was known before it. Visits are inspections whose
/// record was signed; a visit found a violation when it has a finding. Signals are what vocabulary
/// risk_signals names.
[[nodiscard]] Result<std::vector<RiskSubject>> risk_subjects(const journal::Reader& reader,
                                                             const law::Law& law, const RiskLevers& levers,
                                                             Date as_of);
/// One operator, read alone: what a new fact about it costs.
[[nodiscard]] Result<RiskSubject> risk_subject(const journal::Reader& reader, const law::Law& law,
                                               const RiskLevers& levers, std::string_view operator_id,
                                               Date as_of);

/// A chain whose stores share a violation: the headquarters answers for what is common to them.
struct GroupRisk {
    std::string headquarters;
    std::string clause;               ///< the violation's code, else the clause of the findings
    std::vector<std::string> stores;  ///< sorted
    Date reached_on;                  ///< the day the least number of stores was reached
};
/// All of them within the window before the day, by headquarters and clause.
[[nodiscard]] Result<std::vector<GroupRisk>> group_risks(const journal::Reader& reader,
                                                         const RiskLevers& levers, Date as_of);

}  // namespace qingyuan::assess
