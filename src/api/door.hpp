// The way in, the same for every request: who asks, whether the route is among what they may at all, where
// a change comes from, how often, and whether it was asked before. An operation runs behind it.
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/operation.hpp"
#include "http/rate_limiter.hpp"

namespace qingyuan::api {

/// How long a subject made from the registry is used again.
constexpr std::int64_t subject_kept_us = 5'000'000;
/// Refusals of one account on one policy within this time are one entry of the access journal.
constexpr std::int64_t denials_folded_us = 60'000'000;
/// How long the answer to a request is kept for its repetition.
constexpr std::int64_t repeats_kept_us = 7LL * 24 * 3600 * 1'000'000;

/// Subjects by account. Thread-safe.
class SubjectCache {
 public:
    [[nodiscard]] std::optional<access::Subject> find(std::string_view account, Instant now);
    void keep(const std::string& account, const access::Subject& subject, Instant now);
    void forget();  ///< all of them: somebody's roles have changed

 private:
    struct Kept {
        access::Subject subject;
        std::int64_t at_us = 0;
    };
    static constexpr std::size_t kept_max = 20'000;
    std::mutex lock_;
    std::map<std::string, Kept, std::less<>> kept_;
};

/// Refusals waiting for their entry in the access journal: the first of a kind at once, the rest counted.
class Denials {
 public:
    struct Entry {
        std::string person, session, route, code, policy;
        std::int64_t count = 0;
    };
    /// The entry to write now, or nothing where it was counted to a later one.
    [[nodiscard]] std::optional<Entry> add(Entry denial, Instant now);
    /// Everything whose time is over and that was counted since.
    [[nodiscard]] std::vector<Entry> due(Instant now);

 private:
    struct Window {
        Entry entry;  ///< count: since the last entry written
        std::int64_t since_us = 0;
    };
    static constexpr std::size_t windows_max = 10'000;
    std::mutex lock_;
    std::map<std::string, Window> windows_;
};

/// Requests with an Idempotency-Key that are running: a repetition waits for the first one's answer.
class Running {
 public:
    class Turn {
     public:
        Turn(Running& running, std::string key);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

     private:
        Running* running_;
        std::string key_;
    };

 private:
    std::mutex lock_;
    std::condition_variable ended_;
    std::set<std::string> keys_;
};

/// What /readyz found last.
struct Readiness {
    std::mutex lock;
    Instant asked;
    Result<void> found;
};

class Door {
 public:
    Readiness readiness;
    SubjectCache subjects;
    Denials denials;
    Running running;
    http::RateLimiter limiter;
};

/// Answers behind the door: everything of `answer` but static files.
[[nodiscard]] Answer pass(const Services& services, const http::Request& request, const Operation& operation,
                          std::map<std::string, std::string, std::less<>> path, bool english);

/// A call made by the server itself on behalf of an account, after its request is over (jobs): the subject is
/// read anew. `request` and `operation` must outlive it.
[[nodiscard]] Result<Call> call_for(const Services& services, const http::Request& request,
                                    const Operation& operation, const accounts::Identity& identity,
                                    bool english);

/// key_reused where the body differs from that of the earlier request.
[[nodiscard]] Result<void> same_request(const facts::RequestRow& row, const http::Request& request);
/// The answer to an earlier request with the same key; key_reused where the body differs.
[[nodiscard]] Result<std::optional<http::Response>> earlier_answer(const facts::RequestRow& row,
                                                                   const http::Request& request);
/// The row that will give this answer again.
[[nodiscard]] facts::RequestRow request_row(const Call& call, const http::Response& response);

/// Forgets answers kept for repetitions, and uploads, once their time is over.
Result<void> sweep(const Services& services, Instant now);
/// Uploads that were given up, with their chunks (uploads.cpp).
Result<void> sweep_uploads(const Services& services, Instant now);
/// Writes out the refusals counted since their last entry.
Result<void> flush_denials(const Services& services);

}  // namespace qingyuan::api
