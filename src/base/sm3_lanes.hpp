// SM3 of many messages at once: each lane of a vector register works on a message of its own. One message
// cannot be hashed faster this way; sixteen can, in little more than the time of one.
#pragma once

#include <span>
#include <string_view>

#include "base/sm3.hpp"

namespace qingyuan {

enum class Sm3Lanes { one = 1, eight = 8, sixteen = 16 };

/// The most lanes this processor has: sixteen with AVX-512 (F and BW), eight with AVX2, otherwise one.
[[nodiscard]] Sm3Lanes sm3_lanes();

/// Puts sm3(messages[i]) into out[i]. The messages may have any lengths: a lane whose message has ended goes
/// on with the next one. Allocates nothing. `out` has as many places as there are messages (asserted).
void sm3_each(std::span<const std::string_view> messages, std::span<Digest> out);
/// As above with so many lanes; never more than sm3_lanes() (asserted).
void sm3_each(std::span<const std::string_view> messages, std::span<Digest> out, Sm3Lanes lanes);

}  // namespace qingyuan
