// What is wrong with a report, or only worth saying: by the element of the standard or the column.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace qingyuan::observe {

/// Never quotes what a patient or reporter is called: the text goes into acknowledgements and logs.
struct ReportProblem {
    std::string element;  ///< "E.i.2.1b", a column, or empty where the report as a whole is meant
    ErrorCode code{};
    std::string message;
    std::string next;  ///< what to do
    bool operator==(const ReportProblem&) const = default;
};

}  // namespace qingyuan::observe
