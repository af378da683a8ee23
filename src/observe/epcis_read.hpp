// What the JSON and the XML reader share: the two readers, the rules of the standard that hold whatever the
// syntax, and the check of query documents.
#pragma once

#include <string_view>

#include "observe/epcis.hpp"

namespace qingyuan::observe {

[[nodiscard]] Result<EpcisDocument> read_epcis_json(std::string_view bytes, const EpcisLimits& limits,
                                                    const EventSink& sink);
[[nodiscard]] Result<EpcisDocument> read_epcis_xml(std::string_view bytes, const EpcisLimits& limits,
                                                   const EventSink& sink);

/// How strictly a document is read: XML and the draft JSON context tolerate what docs/formats/epcis.md lists.
enum class Strictness : std::uint8_t { json, json_draft, xml };

/// The rules of EPCIS 2.0, 7.3 and 7.4: required fields, words, ILMD. Sets the CBV words of the event.
[[nodiscard]] Result<void> check_event(Event& event, Strictness strictness);

/// Is it a parameter of SimpleEventQuery (EPCIS 2.0, 8.2.7.1).
[[nodiscard]] bool is_query_parameter(std::string_view name);
/// Is a text one of the values that a parameter may have: times, actions, event types, directions, numbers.
/// epcis_query_invalid otherwise.
[[nodiscard]] Result<void> check_query_value(std::string_view name, std::string_view value);

}  // namespace qingyuan::observe
