// Who sent what: one pass over the runs of the index.
#include <algorithm>

#include "packs/index_state.hpp"

namespace qingyuan::packs {

namespace {

struct Counted {
    Source source;
    LagCounts lags{};
};

/// Each event of a group; one of a code and an id that was there before is a repetition, or contradicts it.
void count_group(std::vector<Event>& events, std::vector<Counted>& out) {
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return std::tie(a.code.value, a.id, a.uploaded_ms, a.seq, a.time_ms) <
               std::tie(b.code.value, b.id, b.uploaded_ms, b.seq, b.time_ms);
    });
    const Event* first = nullptr;
    for (const Event& event : events) {
        if (out.size() <= event.actor) out.resize(event.actor + std::size_t{1});
        Counted& one = out[event.actor];
        ++one.source.events;
        ++one.lags[lag_bucket(event.uploaded_ms - event.time_ms)];
        one.source.last_upload_ms = std::max(one.source.last_upload_ms, event.uploaded_ms);
        if (first && first->code == event.code && first->id == event.id) {
            ++one.source.repeated;
            if (!same_content(*first, event)) ++one.source.conflicting;
        } else {
            first = &event;
        }
    }
}

}  // namespace

Result<std::vector<Source>> Index::sources(const Progress& progress) {
    std::vector<Counted> counted;
    std::vector<Event> events;
    Result<void> read;
    Wide group = 0;
    std::uint64_t done = 0;
    CHECK(store_->scan(Space::runs, "", "",
                       [&](std::string_view key, std::string_view rest, std::string_view value) {
                           const Wide next = parse_group_key(key);
                           if (next != group) {
                               count_group(events, counted);
                               done += events.size();
                               events.clear();
                               group = next;
                               if (progress) progress(done, stats_.events);
                           }
                           read = decode_run(group, value, from_big(rest.substr(0, 8)), events);
                           return read.has_value();
                       }));
    CHECK(std::move(read));
    count_group(events, counted);
    std::vector<Source> out;
    for (std::uint32_t number = 0; number < counted.size(); ++number) {
        Counted& one = counted[number];
        if (one.source.events == 0) continue;
        one.source.actor = number;
        one.source.lag_p50_ms = lag_at(one.lags, 0.5);
        one.source.lag_p99_ms = lag_at(one.lags, 0.99);
        out.push_back(one.source);
    }
    std::sort(out.begin(), out.end(), [](const Source& a, const Source& b) {
        return std::tie(b.events, a.actor) < std::tie(a.events, b.actor);
    });
    return out;
}

}  // namespace qingyuan::packs
