// How often somebody may ask: a token bucket by key, kept as one instant a key (the generic cell rate
// algorithm, ITU-T I.371). Time is handed in, so the same calls give the same answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/date.hpp"

namespace qingyuan::http {

/// `count` at once, refilled evenly over `period`: {60, 1 min} allows a burst of 60, then one a second.
struct Budget {
    std::int64_t count = 0;  ///< > 0
    std::chrono::seconds period{60};
};

/// May be used from any thread.
class RateLimiter {
 public:
    /// At most `keys_max` keys are remembered; the one unused for longest is forgotten first.
    explicit RateLimiter(std::size_t keys_max = 100'000);

    /// Takes `cost` tokens of the key's bucket. Nothing: allowed. Otherwise nothing was taken, and the value
    /// says after how many whole seconds (>= 1) it would be: the Retry-After of a 429. A cost above the
    /// budget's count is never allowed and waits a whole period. A clock that goes back is taken as standing.
    [[nodiscard]] std::optional<std::chrono::seconds> take(std::string_view key, const Budget& budget,
                                                           Instant now, std::int64_t cost = 1);

    [[nodiscard]] std::size_t keys() const;

 private:
    struct Bucket {
        std::string key;
        std::int64_t full_at_us = 0;  ///< when the bucket will be full again
    };
    mutable std::mutex lock_;
    std::size_t keys_max_;
    std::list<Bucket> by_use_;  ///< the newest use in front
    std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;
};

}  // namespace qingyuan::http
