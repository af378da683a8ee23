// A report on its way in, whatever form it came in: the row that will be kept, the personal values that will
// not stand in it, and what is wrong or missing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "facts/safety_report_row.hpp"
#include "facts/safety_report.hpp"
#include "observe/report_problem.hpp"
#include "observe/report_quality.hpp"

namespace qingyuan::observe {

struct IncomingReport {
    facts::SafetyReportRow row;  ///< patient and patient_id empty: the desk asks the vault for them
    std::string patient_name;    ///< for the vault only
    std::string patient_id;      ///< for the vault only
    ReportQuality quality;
    std::vector<ReportProblem> problems;  ///< it is not taken
    std::vector<ReportProblem> warnings;  ///< it is taken
    std::uint64_t line = 0;               ///< of the file
    /// Of the message (N.2.r), for its acknowledgement; empty where it came otherwise.
    std::string message_id, message_sender, message_receiver, message_created;

    [[nodiscard]] bool accepted() const { return problems.empty(); }
};

/// A row of the report table, or a filled form, as a report on its way in: minimum criteria, completeness,
/// batch number looked at. `received_on` where the report gives no day.
[[nodiscard]] Result<IncomingReport> incoming_of(const facts::SafetyReport& report,
                                                 const ReportContents& more, Date received_on,
                                                 const law::Law& law);

/// What the contents of a row say of themselves; `more` adds what has no place in it.
[[nodiscard]] ReportContents contents_of(const facts::SafetyReportRow& row, const ReportContents& more);

/// A warning for every suspected product without a batch number.
void press_for_batches(IncomingReport& report);

/// A number as it stands in a row: at most four places, no zeros behind.
[[nodiscard]] std::string decimal_text(double value);

}  // namespace qingyuan::observe
