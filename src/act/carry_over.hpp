// What one unit's part of the risk register was at the start of a period and is at its end, from the journal.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/period.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::act {

/// Risk items; before + fresh − closed = after always holds.
struct CarryOver {
    std::int64_t before = 0;      ///< open on the eve of the period
    std::int64_t fresh = 0;       ///< entered in it
    std::int64_t closed = 0;      ///< closed or dismissed in it
    std::int64_t after = 0;       ///< open at its end
    std::int64_t persisting = 0;  ///< of `before`, still open at the end
    std::int64_t escalated = 0;   ///< of these, at a higher level than before the period
    bool operator==(const CarryOver&) const = default;
};

/// Of the items of an organisation and of those below it. One pass over the register; the facts that say the
/// level of a persisting item are read.
[[nodiscard]] Result<CarryOver> carry_over(const journal::Reader& reader, const law::Law& law,
                                           std::string_view organisation, const Period& period);

}  // namespace qingyuan::act
