// One thread that does one thing at a time beside its owner: brings journal.head to the disk while the
// database commits.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.hpp"

namespace qingyuan::journal {

class Worker {
 public:
    Worker() : thread_([this] { run(); }) {}
    ~Worker() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Begins the job; waits first for an earlier one, whose result is then dropped.
    void begin(std::function<Result<void>()> job) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !job_; });
        job_ = std::move(job);
        lock.unlock();
        changed_.notify_all();
    }
    /// Waits for the job last begun and gives its result.
    Result<void> finish() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !job_; });
        return result_;
    }

 private:
    void run() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return job_ || stopping_; });
            if (!job_) return;
            const std::function<Result<void>()> job = job_;
            lock.unlock();
            Result<void> result = job();
            lock.lock();
            result_ = std::move(result);
            job_ = nullptr;
            changed_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<Result<void>()> job_;
    Result<void> result_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace qingyuan::journal
