// Times as trace tables write them: RFC 3339 with an offset, epoch seconds, and bare dates where a table
// allows them.
#pragma once

#include <cstdint>
#include <string_view>

namespace qingyuan::observe {

enum class TimeFault : std::uint8_t { none, form, date, offset, milliseconds, range };

/// Milliseconds since 1970 UTC. Events lie in the years 2000 to 2100.
[[nodiscard]] TimeFault parse_event_time(std::string_view text, std::int64_t& ms);

enum class DayEdge : std::uint8_t { first, last };
/// As above for the years 1900 to 2199; a bare date is the first or the last instant of that day in China
/// (UTC+8).
[[nodiscard]] TimeFault parse_bound(std::string_view text, DayEdge edge, std::int64_t& ms);

/// What is wrong, and what to do. The code of all is date_invalid.
[[nodiscard]] std::string_view message_of(TimeFault fault);
[[nodiscard]] std::string_view next_of(TimeFault fault);

}  // namespace qingyuan::observe
