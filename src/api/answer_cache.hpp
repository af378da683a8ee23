// Answers that depend on nothing but the question, who asks, the minute and the journal up to a fact:
// computed once, read by many. The key says all of it, so that nothing has to be thrown away when a fact
// comes.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace qingyuan::api {

/// Thread-safe. The oldest go first.
class AnswerCache {
 public:
    /// Null where it is not kept.
    [[nodiscard]] std::shared_ptr<const std::string> find(std::string_view key) const {
        const std::lock_guard lock(lock_);
        const auto found = kept_.find(key);
        return found == kept_.end() ? nullptr : found->second;
    }
    void keep(const std::string& key, std::string body) {
        const std::lock_guard lock(lock_);
        const std::size_t size = key.size() + body.size();
        if (!kept_.try_emplace(key, std::make_shared<const std::string>(std::move(body))).second) return;
        order_.push_back(key);
        bytes_ += size;
        while (bytes_ > bytes_max && order_.size() > 1) {
            const auto oldest = kept_.find(order_.front());
            bytes_ -= oldest->first.size() + oldest->second->size();
            kept_.erase(oldest);
            order_.pop_front();
        }
    }

 private:
    static constexpr std::size_t bytes_max = 32 * 1024 * 1024;  ///< a report is some 100 KB
    mutable std::mutex lock_;
    std::map<std::string, std::shared_ptr<const std::string>, std::less<>> kept_;
    std::deque<std::string> order_;
    std::size_t bytes_ = 0;
};

}  // namespace qingyuan::api
