#include "http/rate_limiter.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace qingyuan::http {

RateLimiter::RateLimiter(std::size_t keys_max) : keys_max_(keys_max) {
    QY_ASSERT(keys_max > 0);
}

std::optional<std::chrono::seconds> RateLimiter::take(std::string_view key, const Budget& budget, Instant now,
                                                      std::int64_t cost) {
    QY_ASSERT(budget.count > 0 && budget.period.count() > 0 && cost >= 0);
    constexpr std::int64_t second_us = 1'000'000;
    const std::int64_t period_us = budget.period.count() * second_us;
    if (cost > budget.count) return budget.period;
    const std::int64_t cost_us = (period_us * cost + budget.count - 1) / budget.count;

    const std::lock_guard guard(lock_);
    const auto found = by_key_.find(key);
    const std::int64_t full_at =
        std::max(found == by_key_.end() ? now.us : found->second->full_at_us, now.us) + cost_us;
    if (const std::int64_t beyond = full_at - now.us - period_us; beyond > 0)
        return std::chrono::seconds((beyond + second_us - 1) / second_us);

    if (found != by_key_.end()) {
        by_use_.splice(by_use_.begin(), by_use_, found->second);
        found->second->full_at_us = full_at;
        return std::nullopt;
    }
    if (by_use_.size() >= keys_max_) {
        by_key_.erase(by_use_.back().key);
        by_use_.pop_back();
    }
    by_use_.push_front({std::string(key), full_at});
    by_key_.emplace(by_use_.front().key, by_use_.begin());
    return std::nullopt;
}

std::size_t RateLimiter::keys() const {
    const std::lock_guard guard(lock_);
    return by_use_.size();
}

}  // namespace qingyuan::http
