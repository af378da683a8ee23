#include "api/kept_counts.hpp"

namespace qingyuan::api {

KeptCounts::~KeptCounts() {
    {
        const std::lock_guard guard(lock_);
        is_stopping_ = true;
        asked_.clear();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

KeptCounts::Text KeptCounts::find(std::string_view key, std::int64_t now_us, const Make& again) {
    const std::lock_guard guard(lock_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    Entry& entry = found->second;
    const std::int64_t age_us = now_us - entry.made_us;
    if (age_us < 0 || age_us > stale_us) return nullptr;
    if (age_us > fresh_us && !entry.is_asked) {
        entry.is_asked = true;
        asked_.push_back({found->first, now_us, again});
        if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
        changed_.notify_all();
    }
    return entry.text;
}

void KeptCounts::keep(const std::string& key, std::int64_t now_us, std::string text) {
    const std::lock_guard guard(lock_);
    const auto [at, fresh] = entries_.try_emplace(key);
    at->second = {std::make_shared<const std::string>(std::move(text)), now_us};
    if (!fresh) return;
    order_.push_back(key);
    if (order_.size() <= keys_max) return;
    entries_.erase(order_.front());
    order_.pop_front();
}

void KeptCounts::wait_idle() {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [&] { return asked_.empty() && !is_busy_; });
}

void KeptCounts::work() {
    std::unique_lock guard(lock_);
    while (true) {
        changed_.wait(guard, [&] { return is_stopping_ || !asked_.empty(); });
        if (is_stopping_) return;
        const Asked asked = std::move(asked_.front());
        asked_.pop_front();
        is_busy_ = true;
        guard.unlock();
        auto made = asked.make();
        guard.lock();
        is_busy_ = false;
        // What could not be counted stays as old as it is; who comes when it is too old counts himself, and
        // is told why not.
        if (const auto at = entries_.find(asked.key); at != entries_.end()) {
            at->second.is_asked = false;
            if (made) at->second = {std::make_shared<const std::string>(std::move(*made)), asked.now_us};
        }
        changed_.notify_all();
    }
}

}  // namespace qingyuan::api
