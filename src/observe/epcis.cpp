// The life of an Event between two callbacks, and the choice of the reader.
#include "observe/epcis.hpp"

#include "observe/epcis_read.hpp"
#include "observe/epcis_words.hpp"

namespace qingyuan::observe {

std::string_view text_of(EventType type) {
    switch (type) {
        case EventType::object: return "ObjectEvent";
        case EventType::aggregation: return "AggregationEvent";
        case EventType::transaction: return "TransactionEvent";
        case EventType::transformation: return "TransformationEvent";
        case EventType::association: return "AssociationEvent";
    }
    return "";
}

std::string_view text_of(Action action) {
    switch (action) {
        case Action::add: return "ADD";
        case Action::observe: return "OBSERVE";
        case Action::remove: return "DELETE";
        case Action::none: break;
    }
    return "";
}

void Event::clear() {
    event_time = record_time = {};
    offset = event_id = parent_id = transformation_id = {};
    offset_minutes = 0;
    epcs.clear(), children.clear(), inputs.clear(), outputs.clear();
    quantities.clear(), child_quantities.clear(), input_quantities.clear(), output_quantities.clear();
    action = Action::none;
    biz_step = disposition = {};
    set.clear(), unset.clear(), transactions.clear(), sources.clear(), destinations.clear();
    certifications.clear();
    error.present = false;
    error.declared_at = {};
    error.reason = {};
    error.corrective_event_ids.clear();
    error.extensions = {};
    read_point = biz_location = {};
    sensors.clear(), sensor_reports.clear();
    ilmd = extensions = {};
    nodes.clear();
    prefixes = {};
    fields = 0;
}

std::int32_t Event::append(Siblings& chain, const Node& node) {
    const auto index = static_cast<std::int32_t>(nodes.size());
    nodes.push_back(node);
    if (chain.last < 0) {
        chain.first = index;
    } else {
        nodes[static_cast<std::size_t>(chain.last)].next = index;
    }
    chain.last = index;
    return index;
}

std::int32_t Event::append_child(std::int32_t parent, const Node& node) {
    const auto at = static_cast<std::size_t>(parent);
    Siblings chain{nodes[at].first_child, nodes[at].last_child};
    const std::int32_t index = append(chain, node);
    nodes[at].first_child = chain.first;
    nodes[at].last_child = chain.last;
    return index;
}

Result<EpcisDocument> read_epcis(EpcisFormat format, std::string_view bytes, const EpcisLimits& limits,
                                 const EventSink& sink) {
    if (bytes.size() > limits.document_bytes) {
        return epcis_error(ErrorCode::too_large, "the document has " + std::to_string(bytes.size()) +
                                                     " bytes; at most " +
                                                     std::to_string(limits.document_bytes) + " are read");
    }
    return format == EpcisFormat::json ? read_epcis_json(bytes, limits, sink)
                                       : read_epcis_xml(bytes, limits, sink);
}

}  // namespace qingyuan::observe
