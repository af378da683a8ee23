// Events of EPCIS documents as they were captured, kept beside the index for queries: by time, by event id,
// by pack. A rebuild makes them again from the raw documents.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/epcis.hpp"
#include "packs/index.hpp"

namespace qingyuan::observe {

/// Where a kept event lies; orders as event time, then a digest of the event.
struct KeptKey {
    std::int64_t time_ms = 0;
    std::string digest;  ///< eight bytes
    auto operator<=>(const KeptKey&) const = default;
    [[nodiscard]] std::string text() const;  ///< hexadecimal: what a page's token carries
};
/// False for what `text` did not make.
[[nodiscard]] bool parse_kept_key(std::string_view text, KeptKey& out);

struct KeptEvent {
    KeptKey key;
    std::string actor;  ///< id of the firm it happened in, as the flat format has it; "" where it names none
    std::string json;   ///< JSON-LD of EPCIS 2.0
};

/// Puts an event into the side tables of the batch under way; the bytes that wait until the next
/// Index::publish.
std::size_t keep_event(packs::Index& index, const Event& event, std::string_view event_id,
                       std::string_view actor, std::int64_t recorded_ms);

/// Events from (and with) an instant, behind a key where one is given, in order; `each` returns false to end.
[[nodiscard]] Result<void> each_kept_event(packs::Index& index, std::int64_t from_ms, std::int64_t behind_ms,
                                           const KeptKey* after,
                                           const std::function<Result<bool>(const KeptEvent&)>& each);
/// Those with this event id; more than one where a firm used an id twice.
[[nodiscard]] Result<std::vector<KeptEvent>> kept_events_of_id(packs::Index& index,
                                                               std::string_view event_id);
/// Those that name this EPC in any place, in order. Class-level patterns are no EPC.
[[nodiscard]] Result<std::vector<KeptEvent>> kept_events_of_epc(packs::Index& index, std::string_view epc,
                                                                std::size_t at_most);

}  // namespace qingyuan::observe
