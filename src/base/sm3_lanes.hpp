// SM3 of many messages at once: each lane of a vector register works on a message of its own. One message
// cannot be hashed faster this way; sixteen can, in little more than the time of one.
#pragma once

#include <span>
#include <string_view>

#include "base/sm3.hpp"

namespace qingyuan {

/// What is hashed with: OpenSSL one message after another; AVX2, 8 lanes; AVX-512 (F, BW, VL), 8 or 16 lanes.
enum class Sm3Lanes { none, avx2, avx512 };

/// The best this processor has.
[[nodiscard]] Sm3Lanes sm3_lanes();

/// Puts sm3(messages[i]) into out[i]. The messages may have any lengths: a lane whose message has ended goes
/// on with the next one. Allocates nothing. `out` has as many places as there are messages (asserted).
void sm3_each(std::span<const std::string_view> messages, std::span<Digest> out);
/// As above with other lanes than the best; never better than sm3_lanes() (asserted).
void sm3_each(std::span<const std::string_view> messages, std::span<Digest> out, Sm3Lanes lanes);

}  // namespace qingyuan
