// An event as JSON-LD of EPCIS 2.0, whatever it was read from: what queries give back. Reading it again gives
// the same event, with the same hash id.
#pragma once

#include <string>
#include <string_view>

#include "observe/epcis.hpp"

namespace qingyuan::observe {

/// Appends one event as a JSON object. Prefixes and namespaces that it needs stand in a context of its own.
/// `event_id` and `recorded_ms` stand where the event has none.
void write_epcis_event(const Event& event, std::string_view event_id, std::int64_t recorded_ms,
                       std::string& out);

}  // namespace qingyuan::observe
