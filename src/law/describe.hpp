// Guards told to people: the word's sentence with the names of what its arguments stand for.
#pragma once

#include <string>

#include "law/law.hpp"

namespace qingyuan::law {

/// "须经行政机关负责人批准" / "approved by Head of authority, who is not the person acting".
[[nodiscard]] std::string describe(const Law& law, const Procedure& procedure, const Step& step,
                                   const Guard& guard, bool english);

}  // namespace qingyuan::law
