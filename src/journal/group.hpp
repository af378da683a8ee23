// Writers that come at one moment are written together: the first leads, takes what the others want into one
// transaction and brings it to the disk once, while they wait.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.hpp"

namespace qingyuan::journal {

/// Thread-safe. `Change` is what a writer wants done.
template <class Change>
class Group {
 public:
    struct Request {
        const Change* change;
        Result<void> result;
        bool done = false;
    };
    using Requests = std::vector<Request*>;

    /// Waits until the change was done with others, whose order is that of their coming. `run` sets the
    /// result of each; it is called on the thread of one of them, by one thread at a time.
    Result<void> write(const Change& change, const std::function<void(const Requests&)>& run) {
        Request request{&change, {}, false};
        std::unique_lock lock(mutex_);
        queue_.push_back(&request);
        while (!request.done) {
            if (leading_)
                changed_.wait(lock);
            else
                lead(lock, run);
        }
        return request.result;
    }

 private:
    /// Takes the queue, or its first part, and runs it; `lock` is free meanwhile.
    void lead(std::unique_lock<std::mutex>& lock, const std::function<void(const Requests&)>& run) {
        constexpr std::size_t group_max = 256;
        leading_ = true;
        Requests group;
        while (!queue_.empty() && group.size() < group_max) {
            group.push_back(queue_.front());
            queue_.pop_front();
        }
        lock.unlock();
        run(group);
        lock.lock();
        for (Request* one : group) one->done = true;
        leading_ = false;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Request*> queue_;
    bool leading_ = false;
};

}  // namespace qingyuan::journal
