// What a server does by itself, beside answering: time passes once a day, notices are written and sent, what
// has expired is removed, and the two journals record each other's checkpoint.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/services.hpp"

namespace qingyuan::cli {

/// Working state: the day that time last passed.
struct PassedRow {
    static constexpr facts::RowType row_type{"time_passed", "key", {}};
    std::string key = "tick";
    Date day;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("key", s.key);
        v("day", s.day);
    }
};

class Upkeep {
 public:
    /// The services outlive it. The first round begins at once.
    explicit Upkeep(const api::Services& services);
    /// Waits for the present round.
    ~Upkeep();
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

 private:
    void run();
    void round();
    /// The day's automatic steps, once; after a pause of the server only the present day is looked at, which
    /// meets every limit that ended meanwhile.
    Result<void> let_time_pass(Date today);
    /// Accounts that nobody uses, once a day.
    Result<void> close_unused(Instant now);
    /// Once a day: a published grade whose act was annulled goes to be computed again (CRG.RECOMPUTE).
    Result<void> recompute_grades(Date today);
    /// Counts a failure; a round goes on to its next part.
    void keep(const char* part, const Result<void>& done);

    const api::Services& services_;
    Date judged_ = Date::never_before();  ///< the last day on which the packs were judged
    std::uint64_t signals_seen_ = 0;      ///< the reports that were judged last
    Date signals_on_ = Date::never_before();
    Date ticked_;
    Date closed_;
    Date graded_;
    Instant told_;      ///< last look at the clocks
    Instant recorded_;  ///< last exchange of checkpoints
    std::mutex lock_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace qingyuan::cli
