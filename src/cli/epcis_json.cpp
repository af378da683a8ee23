// An EPCIS document in short, event by event, so that a document of any size is rendered without being kept.
#include "cli/epcis_json.hpp"

#include <nlohmann/json.hpp>

#include "observe/epcis_hash.hpp"

namespace qingyuan::cli {

namespace {

using nlohmann::ordered_json;

ordered_json text(std::string_view value) {
    return value.empty() ? ordered_json(nullptr) : ordered_json(value);
}

ordered_json event_json(const observe::Event& event, observe::EventHasher& hasher) {
    const std::size_t quantities = event.quantities.size() + event.child_quantities.size() +
                                   event.input_quantities.size() + event.output_quantities.size();
    return {{"type", observe::text_of(event.type)},
            {"eventTime_ms", event.event_time.ms},
            {"offset", text(event.offset)},
            {"action", text(observe::text_of(event.action))},
            {"bizStep", text(event.biz_step.value())},
            {"disposition", text(event.disposition.value())},
            {"readPoint", text(event.read_point.id)},
            {"bizLocation", text(event.biz_location.id)},
            {"epcs", event.epcs.size()},
            {"children", event.children.size()},
            {"inputs", event.inputs.size()},
            {"outputs", event.outputs.size()},
            {"quantities", quantities},
            {"parentID", text(event.parent_id)},
            {"bizTransactions", event.transactions.size()},
            {"sources", event.sources.size()},
            {"destinations", event.destinations.size()},
            {"sensorElements", event.sensors.size()},
            {"errorDeclaration", event.error.present},
            {"eventID", text(event.event_id)},
            {"hash", hasher.hash_id(event)}};
}

/// The version as it was written: text in most documents, a number in some.
std::string version_json(const observe::EpcisDocument& document) {
    if (document.schema_version.empty()) return "null";
    if (document.schema_version_is_number) return document.schema_version;
    return ordered_json(document.schema_version).dump();
}

}  // namespace

Result<std::string> epcis_json(observe::EpcisFormat format, std::string_view bytes) {
    std::string events;
    observe::EventHasher hasher;
    const auto document = TRY(read_epcis(format, bytes, {}, [&](const observe::Event& event) -> Result<void> {
        if (!events.empty()) events += ',';
        events += event_json(event, hasher).dump();
        return {};
    }));
    return "{\"root\":" + text(document.root).dump() + ",\"schemaVersion\":" + version_json(document) +
           ",\"events\":[" + events + "]}";
}

}  // namespace qingyuan::cli
