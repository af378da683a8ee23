// EPCIS events as rows of the flat trace format: one line for each pack named, so that one reader, one row
// report and one quarantine serve every format. Which business step is which action: docs/formats/epcis.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "observe/epcis.hpp"
#include "observe/epcis_hash.hpp"
#include "packs/event.hpp"

namespace qingyuan::observe {

constexpr std::string_view flat_header =
    "event_id,code,action,actor,counterparty,event_time,upload_time,batch,document,split,corrects,owner";

/// The id of the firm that an event happened in, as its lines name it; "" where it names none.
[[nodiscard]] std::string epcis_actor(const Event& event);

/// Appends the event's lines to `lines` and its packings and unpackings to `relations`; `uploaded_ms` stands
/// where the document has no record time. An event that says nothing about custody (an association, an
/// observation without parties) gives lines with the action `other`, or none. A line that corrects takes back
/// the event it names and is none itself.
void flat_lines(const Event& event, EventHasher& hasher, std::int64_t uploaded_ms, std::string& lines,
                std::vector<packs::Relation>& relations);

}  // namespace qingyuan::observe
