// Work that outlives a request: one after another on a lane of its own. How far a job is can be watched; what
// it made is kept as a file for a while. A job that a stop of the server cut short says so after the start.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "accounts/accounts.hpp"
#include "api/rows.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "journal/work.hpp"

namespace qingyuan::api {

/// How long a result can be fetched.
constexpr std::int64_t job_kept_us = 24LL * 3600 * 1'000'000;
constexpr std::size_t jobs_waiting_max = 100;
constexpr std::size_t jobs_of_account_max = 5;  ///< waiting or running

/// What a job made.
struct JobResult {
    std::string name;  ///< file name
    std::string type;  ///< media type
    std::string bytes;
    std::int64_t succeeded = 0;
    std::int64_t refused = 0;
};

/// Where a running job says how far it is.
class Progress {
 public:
    virtual ~Progress() = default;
    virtual void report(std::int64_t done, std::int64_t total) = 0;
    /// The server stops: the job ends as soon as it can.
    [[nodiscard]] virtual bool stopping() const = 0;
};

/// Thread-safe. The rows lie in `work`, the results in `directory`, both outlive it.
class Jobs {
 public:
    /// The problem+json of a refusal, as the person reads it who started the job.
    using Told = std::function<std::string(const Error&)>;
    using Run = std::function<Result<JobResult>(Progress&)>;

    /// Creates the directory; jobs that were cut short become `interrupted`. io_failed and those of `work`.
    static Result<std::unique_ptr<Jobs>> open(const journal::Work& work, std::filesystem::path directory,
                                              const Clock& clock);
    /// The present job is told to end and waited for; those that wait become `interrupted` at the next start.
    ~Jobs();
    /// By open, which alone looks at what was cut short.
    Jobs(const journal::Work& work, std::filesystem::path directory, const Clock& clock);
    Jobs(const Jobs&) = delete;
    Jobs& operator=(const Jobs&) = delete;

    /// Queues a job; `run` must own what it uses. overloaded, rate_limited (too many of this account).
    Result<JobRow> start(const accounts::Identity& who, std::string_view kind, Run run, Told told);
    /// A job of this person, as it is this moment; job_unknown.
    [[nodiscard]] Result<JobRow> find(std::string_view id, std::string_view person) const;
    [[nodiscard]] Result<std::vector<JobRow>> list(std::string_view person) const;
    /// As it is this moment, from memory alone; nothing for one that ended long ago.
    [[nodiscard]] std::optional<JobRow> glance(std::string_view id) const;
    /// Where the result lies; wrong_state while there is none, job_unknown once it expired.
    [[nodiscard]] Result<std::filesystem::path> result(const JobRow& row) const;
    /// Removes what has expired.
    Result<void> sweep(Instant now);
    /// Waits until nothing is queued or running.
    void wait_idle();

    struct Waiting;

 private:
    class Reporter;
    void work_through();
    void finish(Waiting& job, Result<JobResult> made);
    void show(const JobRow& row);
    Result<void> keep_result(JobRow& row, const JobResult& made) const;

    const journal::Work* work_;
    std::filesystem::path directory_;
    const Clock* clock_;
    mutable std::mutex lock_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<Waiting>> waiting_;
    std::map<std::string, JobRow, std::less<>> seen_;  ///< queued, running, and the latest that ended
    std::deque<std::string> ended_;
    bool busy_ = false;
    std::atomic<bool> stopping_{false};
    std::thread lane_;
};

[[nodiscard]] bool is_over(const JobRow& row);
[[nodiscard]] nlohmann::ordered_json job_json(const JobRow& row);

}  // namespace qingyuan::api
