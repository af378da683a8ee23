// Answers that depend on nothing but the question and the journal up to a fact: a report is computed once
// and read by many. The key says both, so that nothing has to be thrown away when a fact comes.
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
        if (!kept_.try_emplace(key, std::make_shared<const std::string>(std::move(body))).second) return;
        order_.push_back(key);
        while (order_.size() > kept_max) {
            kept_.erase(order_.front());
            order_.pop_front();
        }
    }

 private:
    static constexpr std::size_t kept_max = 64;  ///< a report is some 100 KB
    mutable std::mutex lock_;
    std::map<std::string, std::shared_ptr<const std::string>, std::less<>> kept_;
    std::deque<std::string> order_;
};

}  // namespace qingyuan::api
