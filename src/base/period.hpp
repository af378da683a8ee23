// The span a figure is about: "2025", "2025-H1", "2025-Q2", "2025-06", "2025-01-01..2025-07-05".
#pragma once

#include <string>
#include <string_view>

#include "base/date.hpp"
#include "base/result.hpp"

namespace qingyuan {

/// Both days belong to it.
struct Period {
    std::string text;
    Date from;
    Date to;

    bool operator==(const Period&) const = default;
    /// The same span one year earlier, written the same way; 29 February becomes 28 February.
    [[nodiscard]] Period year_before() const;
    [[nodiscard]] std::string zh() const;  ///< 2025年上半年
    [[nodiscard]] std::string en() const;  ///< first half of 2025
};

/// usage for anything not written in one of the five ways, or whose end lies before its start.
[[nodiscard]] Result<Period> parse_period(std::string_view text);

}  // namespace qingyuan
