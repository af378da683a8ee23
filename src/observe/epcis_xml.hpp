// From the tree of one XML element to an Event.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "observe/epcis_read.hpp"
#include "observe/epcis_words.hpp"
#include "observe/xml_tree.hpp"

namespace qingyuan::observe {

/// Reads events into one Event that keeps its memory, and hands them to the sink.
class XmlEvents {
 public:
    XmlEvents(const EpcisLimits& limits, const EventSink& sink) : limits_(limits), sink_(sink) {}

    /// Reads the tree of an event. The places of its errors begin with the field.
    [[nodiscard]] Result<void> event(const XmlTree& tree, const std::vector<XmlNamespace>& in_scope);
    /// Excludes an extension field from the hash of the events that follow.
    [[nodiscard]] Result<void> ignore(const XmlName& name);

 private:
    Result<void> fields(const XmlElement& parent, bool nested);
    Result<void> field(Field id, const XmlElement& element);
    Result<void> list_field(Field id, const XmlElement& element);
    Result<void> epc_list(const XmlElement& element, std::vector<std::string_view>& list);
    Result<void> quantities(const XmlElement& element, std::vector<Quantity>& list);
    Result<void> typed(const XmlElement& element, std::vector<TypedId>& list);
    Result<void> place(const XmlElement& element, Place& place);
    Result<void> error_declaration(const XmlElement& element);
    Result<void> persistent(const XmlElement& element);
    Result<void> sensors(const XmlElement& element);
    Result<void> sensor(const XmlElement& element);
    void extension(Siblings& chain, const XmlElement& element);
    void attribute_node(Siblings& chain, const XmlAttribute& attribute);
    void node(Siblings* chain, std::int32_t parent, const XmlElement& element);
    Result<void> each(const XmlElement& parent, const auto& use) const;

    const EpcisLimits& limits_;
    const EventSink& sink_;
    const XmlTree* tree_ = nullptr;
    Event event_;
    std::vector<Prefix> prefixes_;
    std::vector<std::pair<std::string, std::string>> ignored_;
};

}  // namespace qingyuan::observe
