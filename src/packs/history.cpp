#include "packs/history.hpp"

#include <algorithm>
#include <tuple>

namespace qingyuan::packs {

namespace {

constexpr std::size_t many_events = 64;
constexpr int parents_met_max = 256;  ///< of one code, parents of parents included

}  // namespace

bool same_content(const Event& a, const Event& b) {
    return a.code == b.code && a.time_ms == b.time_ms && a.id == b.id && a.document == b.document &&
           a.actor == b.actor && a.counterparty == b.counterparty && a.batch == b.batch &&
           a.action == b.action && (a.flags & 7) == (b.flags & 7) && a.extra == b.extra;
}

void Assembly::order(std::vector<const Event*>& events) const {
    std::sort(events.begin(), events.end(), [this](const Event* a, const Event* b) {
        if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms;
        return a->id != b->id && world_->before(a->id, b->id);
    });
}

void Assembly::distinct(std::span<const Event* const> own, std::uint64_t seq,
                        std::vector<const Event*>& out) {
    const auto earlier = [](const Event* a, const Event* b) {
        return std::tie(a->uploaded_ms, a->seq, a->time_ms) < std::tie(b->uploaded_ms, b->seq, b->time_ms);
    };
    if (own.size() > many_events) return distinct_of_many(own, seq, out);
    for (const Event* event : own) {
        if (event->seq > seq) continue;
        const auto same =
            std::find_if(out.begin(), out.end(), [&](const Event* kept) { return kept->id == event->id; });
        if (same == out.end()) {
            out.push_back(event);
            continue;
        }
        if (!same_content(**same, *event)) ++conflicts_;
        if (earlier(event, *same)) *same = event;
    }
    drop_corrected(seq, out);
}

/// As distinct, for a code that somebody scanned thousands of times.
void Assembly::distinct_of_many(std::span<const Event* const> own, std::uint64_t seq,
                                std::vector<const Event*>& out) {
    for (const Event* event : own)
        if (event->seq <= seq) out.push_back(event);
    std::sort(out.begin(), out.end(), [](const Event* a, const Event* b) {
        return std::tie(a->id, a->uploaded_ms, a->seq, a->time_ms) <
               std::tie(b->id, b->uploaded_ms, b->seq, b->time_ms);
    });
    std::size_t kept = 0;
    for (const Event* event : out) {
        if (kept > 0 && out[kept - 1]->id == event->id) {
            if (!same_content(*out[kept - 1], *event)) ++conflicts_;
            continue;
        }
        out[kept++] = event;
    }
    out.resize(kept);
    drop_corrected(seq, out);
}

void Assembly::drop_corrected(std::uint64_t seq, std::vector<const Event*>& out) const {
    if (!world_->any_corrections) return;
    std::erase_if(out, [&](const Event* event) {
        const std::uint64_t bits = world_->corrected_bits[(event->id >> 6) & 1023];
        return (event->flags & flag_void) != 0 ||
               ((bits >> (event->id & 63) & 1) != 0 && world_->corrected(event->id, seq));
    });
}

void Assembly::inherit(PackCode code, const Relation& relation, std::span<const Relation> all,
                       std::uint64_t seq, int depth, std::vector<const Event*>& out) {
    if (++parents_met_ > parents_met_max) return;  // packed in circles, or in everything
    std::vector<Event> events;
    std::vector<Relation> relations;
    world_->look_up(relation.parent, seq, events, relations);
    std::vector<const Event*> pointers;
    for (const Event& event : events) pointers.push_back(&event);
    std::vector<const Event*> parents;
    history_at(relation.parent, pointers, relations, seq, depth + 1, parents);
    if (parents.empty()) return;
    std::int64_t until = relation.to_ms;
    // An unpacking is kept as a relation that ends where it begins.
    for (const Relation& other : all)
        if (other.parent == relation.parent && other.from_ms == other.to_ms &&
            other.to_ms >= relation.from_ms)
            until = std::min(until, other.to_ms + 1);
    if (until == INT64_MAX && relation.from_ms == INT64_MIN) {
        // Until something other than its making happens to the code alone, after its parent began to move.
        const std::int64_t begun = parents.front()->time_ms;
        for (const Event* own : out)
            if ((own->flags & flag_inherited) == 0 && own->action != Action::produce && own->time_ms >= begun)
                until = std::min(until, own->time_ms + 1);
    }
    for (const Event* event : parents) {
        if (event->time_ms < relation.from_ms || event->time_ms >= until) continue;
        Event copy = *event;
        copy.code = code;
        copy.flags |= flag_inherited;
        inherited_.push_back(copy);
        out.push_back(&inherited_.back());
    }
}

void Assembly::history_at(PackCode code, std::span<const Event* const> own,
                          std::span<const Relation> relations, std::uint64_t seq, int depth,
                          std::vector<const Event*>& out) {
    distinct(own, seq, out);
    if (!relations.empty() && depth < parents_deep_max) {
        std::vector<const Event*> mine = out;
        for (const Relation& relation : relations) {
            std::vector<const Event*> with = mine;
            if (relation.from_ms == relation.to_ms) continue;
            inherit(code, relation, relations, seq, depth, with);
            out.insert(out.end(), with.begin() + static_cast<std::ptrdiff_t>(mine.size()), with.end());
        }
        // What was said of two parents that contain each other counts once.
        std::vector<const Event*> once;
        for (const Event* event : out)
            if (std::none_of(once.begin(), once.end(),
                             [&](const Event* kept) { return kept->id == event->id; }))
                once.push_back(event);
        out.swap(once);
    }
    order(out);
}

void Assembly::straighten(std::vector<const Event*>& events) const {
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Event& receipt = *events[i];
        if ((receipt.action != Action::receive && receipt.action != Action::return_in) ||
            receipt.counterparty == 0)
            continue;
        const auto sent = [&](const Event* event) {
            return (event->action == Action::ship || event->action == Action::return_out) &&
                   event->actor == receipt.counterparty && event->counterparty == receipt.actor;
        };
        if (std::any_of(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(i), sent)) continue;
        for (std::size_t j = i + 1;
             j < events.size() && events[j]->time_ms - receipt.time_ms < world_->skew_ms; ++j)
            if (sent(events[j])) {
                std::rotate(events.begin() + static_cast<std::ptrdiff_t>(i),
                            events.begin() + static_cast<std::ptrdiff_t>(j),
                            events.begin() + static_cast<std::ptrdiff_t>(j) + 1);
                break;
            }
    }
}

void Assembly::history(PackCode code, std::span<const Event* const> own, std::span<const Relation> relations,
                       std::uint64_t seq, std::vector<const Event*>& out) {
    out.clear();
    parents_met_ = 0;
    history_at(code, own, relations, seq, 0, out);
    if (world_->skew_ms > 0) straighten(out);
}

}  // namespace qingyuan::packs
