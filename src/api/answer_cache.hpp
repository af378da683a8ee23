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
#include <vector>

#include "facts/journal_facts.hpp"

namespace qingyuan::api {

struct KeptAnswer {
    std::string body;
    std::string etag;  ///< without quotes
    /// What the access journal was told of it: it is told again, before the answer is given again.
    std::vector<facts::AccessNoted> notes = {};
};

/// Thread-safe. The oldest go first.
class AnswerCache {
 public:
    using Kept = std::shared_ptr<const KeptAnswer>;

    /// `bytes_max`: of keys and answers together.
    explicit AnswerCache(std::size_t bytes_max = 32 * 1024 * 1024) : bytes_max_(bytes_max) {}

    /// Null where it is not kept.
    [[nodiscard]] Kept find(std::string_view key) const {
        const std::lock_guard lock(lock_);
        const auto found = kept_.find(key);
        return found == kept_.end() ? nullptr : found->second;
    }
    void keep(const std::string& key, Kept answer) {
        const std::lock_guard lock(lock_);
        const std::size_t size = key.size() + answer->body.size();
        if (!kept_.try_emplace(key, std::move(answer)).second) return;
        order_.push_back(key);
        bytes_ += size;
        while (bytes_ > bytes_max_ && order_.size() > 1) {
            const auto oldest = kept_.find(order_.front());
            bytes_ -= oldest->first.size() + oldest->second->body.size();
            kept_.erase(oldest);
            order_.pop_front();
        }
    }

 private:
    std::size_t bytes_max_;  ///< a report is some 100 KB
    mutable std::mutex lock_;
    std::map<std::string, Kept, std::less<>> kept_;
    std::deque<std::string> order_;
    std::size_t bytes_ = 0;
};

}  // namespace qingyuan::api
