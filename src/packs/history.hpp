// From the raw events of a code to its history: each event once, superseded ones gone, what happened to a
// parent while the code was in it, in the order of event time and event id.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "packs/event.hpp"

namespace qingyuan::packs {

constexpr int parents_deep_max = 8;

/// What the assembly must ask others.
struct HistoryWorld {
    /// Is the event with this id superseded by a correction received up to `seq`?
    std::function<bool(Name id, std::uint64_t seq)> corrected;
    bool any_corrections = false;
    /// A bit for each id that may be superseded, by its last 16 bits; the function is asked where it is set.
    std::span<const std::uint64_t> corrected_bits;
    /// Order of two ids as texts.
    std::function<bool(Name a, Name b)> before;
    /// Raw events and relations of another code (a parent), received up to `seq`.
    std::function<void(PackCode code, std::uint64_t seq, std::vector<Event>& events,
                       std::vector<Relation>& relations)>
        look_up;
    std::int64_t skew_ms = 0;
};

/// One thread's workshop; results point into the given events and into its own memory until the next call of
/// begin.
class Assembly {
 public:
    explicit Assembly(const HistoryWorld& world) : world_(&world) {}
    void begin() { inherited_.clear(); }
    /// The history as of `seq` (later events are left out).
    void history(PackCode code, std::span<const Event* const> own, std::span<const Relation> relations,
                 std::uint64_t seq, std::vector<const Event*>& out);
    /// Events that were sent again with other content; both are kept, the first counts.
    [[nodiscard]] std::uint64_t conflicts() const { return conflicts_; }

 private:
    void distinct(std::span<const Event* const> own, std::uint64_t seq, std::vector<const Event*>& out);
    void distinct_of_many(std::span<const Event* const> own, std::uint64_t seq,
                          std::vector<const Event*>& out);
    void drop_corrected(std::uint64_t seq, std::vector<const Event*>& out) const;
    void inherit(PackCode code, const Relation& relation, std::span<const Relation> all, std::uint64_t seq,
                 int depth, std::vector<const Event*>& out);
    void history_at(PackCode code, std::span<const Event* const> own, std::span<const Relation> relations,
                    std::uint64_t seq, int depth, std::vector<const Event*>& out);
    void order(std::vector<const Event*>& events) const;
    void straighten(std::vector<const Event*>& events) const;

    const HistoryWorld* world_;
    std::deque<Event> inherited_;
    std::uint64_t conflicts_ = 0;
    int parents_met_ = 0;
};

/// All but seq and upload time equal.
[[nodiscard]] bool same_content(const Event& a, const Event& b);

}  // namespace qingyuan::packs
