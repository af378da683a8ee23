// One PORR_IN049016UV as a report. Inside of the reader of messages only.
#pragma once

#include "observe/icsr_values.hpp"

namespace qingyuan::observe {

/// The tree's root is the message. Everything wrong with it is in the report's problems.
[[nodiscard]] Result<IncomingReport> icsr_report(const XmlTree& tree, const IcsrElements& elements,
                                                 const law::Law& law, const IcsrOptions& options);

}  // namespace qingyuan::observe
