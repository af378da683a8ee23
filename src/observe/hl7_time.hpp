// The times of HL7 v3: CCYY[MM[DD[hh[mm[ss[.fff]]]]]][±ZZzz]. What has no zone is read as China time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/date.hpp"

namespace qingyuan::observe {

enum class TimePrecision : std::uint8_t { year, month, day, hour, minute, second };

struct Hl7Time {
    TimePrecision precision{};
    Instant at;  ///< the first instant it may mean
    bool has_zone = false;
    [[nodiscard]] Date date() const { return at.date(); }
    [[nodiscard]] std::string key() const;  ///< YYYYMMDDhhmmss in China: orders as the instants do
};

/// Nothing for what is not written so, or is no day of the calendar.
[[nodiscard]] std::optional<Hl7Time> parse_hl7_time(std::string_view text);

/// YYYYMMDDhhmmss±ZZzz in China's zone: how an acknowledgement writes an instant.
[[nodiscard]] std::string hl7_text(Instant at);

}  // namespace qingyuan::observe
