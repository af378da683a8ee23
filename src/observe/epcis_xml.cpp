// EPCIS documents in XML: which elements hold events, which are passed over (headers, master data), which
// queries a repository would refuse. The events themselves: epcis_xml_event.cpp.
#include "observe/epcis_xml.hpp"

#include <algorithm>

namespace qingyuan::observe {

namespace {

std::string shown(std::string_view text) {
    return "'" + std::string(text.substr(0, 120)) + "'";
}

/// The parts that are read as a tree although they are no events: what must be checked, or looked into.
bool is_wanted_part(std::string_view local) {
    return local == "Poll" || local == "Subscribe" || local == "ignoreFields";
}

#define UNDER_XML(place, ...)                                                                    \
    do {                                                                                         \
        if (auto under = (__VA_ARGS__); !under) return below((place), std::move(under).error()); \
    } while (false)

class XmlDocument final : public XmlVisitor {
 public:
    XmlDocument(const EpcisLimits& limits, const EventSink& sink) : events_(limits, sink) {}

    Result<bool> open(const XmlName& name, const XmlTree& attributes, const std::vector<XmlName>& path,
                      int line) override;
    void close(const XmlName&, const std::vector<XmlName>&) override {}
    Result<void> tree(const XmlTree& tree, const std::vector<XmlNamespace>& in_scope) override;
    Result<EpcisDocument> finish();

 private:
    Result<void> root(const XmlName& name, const XmlTree& attributes);
    Result<void> query(const XmlTree& tree) const;
    [[nodiscard]] std::string where(int line) const;

    XmlEvents events_;
    EpcisDocument document_;
    bool body_seen_ = false;
    std::size_t events_opened_ = 0;
};

bool is_epcis_space(std::string_view space) {
    return space.empty() || space.starts_with("urn:epcglobal:epcis") ||
           space.starts_with("urn:epcglobal:xsd");
}

/// The roots that EPCIS knows; anything in its query namespace is a call of the query interface.
Result<void> XmlDocument::root(const XmlName& name, const XmlTree& attributes) {
    constexpr std::string_view known[] = {"EPCISDocument", "EPCISQueryDocument", "EPCISMasterDataDocument",
                                          "EventList",     "extension",          "VocabularyList",
                                          "QueryResults"};
    const bool is_event = find_event_type(name.local).has_value();
    if (!name.space.starts_with("urn:epcglobal:epcis") &&
        !(is_epcis_space(name.space) &&
          (is_event || std::ranges::find(known, name.local) != std::end(known)))) {
        return epcis_error(ErrorCode::epcis_document_unknown,
                           "the root element " + shown(name.local) + " is none of EPCIS");
    }
    document_.root = name.local;
    const XmlElement& element = attributes.elements[0];
    document_.schema_version = attributes.attribute(element, "schemaVersion");
    document_.creation_date = attributes.attribute(element, "creationDate");
    if (!document_.creation_date.empty()) {
        if (auto date = parse_time_stamp(document_.creation_date); !date) {
            return below("/" + document_.root + "/creationDate", date.error());
        }
    }
    return {};
}

std::string XmlDocument::where(int line) const {
    return "/" + document_.root + "/EventList/" + std::to_string(events_opened_) + " (line " +
           std::to_string(line) + ")";
}

Result<bool> XmlDocument::open(const XmlName& name, const XmlTree& attributes,
                               const std::vector<XmlName>& path, int line) {
    if (path.empty()) CHECK(root(name, attributes));
    const bool epcis = is_epcis_space(name.space);
    if (epcis && name.local == "EPCISBody") body_seen_ = true;
    for (const XmlName& above : path) {
        if (above.local == "EPCISHeader" || above.local == "VocabularyList") return false;  // master data
    }
    if (is_wanted_part(name.local)) return true;
    const bool in_list = !path.empty() && (path.back().local == "EventList" ||
                                           (path.back().local == "extension" && path.back().space.empty()));
    if (!epcis || (!path.empty() && !in_list)) return false;
    if (find_event_type(name.local)) return true;
    if (path.empty() || name.local == "extension") return false;
    Error error =
        epcis_error(ErrorCode::epcis_event_unknown, shown(name.local) + " is no type of event", where(line));
    error.next = "ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent or AssociationEvent";
    return error;
}

/// A query needs its name, each parameter a name of EPCIS and a value (EPCIS 2.0, 8.2.5).
Result<void> XmlDocument::query(const XmlTree& tree) const {
    const XmlElement& poll = tree.elements[0];
    bool named = false;
    for (std::int32_t i = poll.first_child; i >= 0; i = tree.at(i).next) {
        named = named || (tree.at(i).name.local == "queryName" && !tree.at(i).text.empty());
        if (tree.at(i).name.local != "params") continue;
        for (std::int32_t k = tree.at(i).first_child; k >= 0; k = tree.at(k).next) {
            std::string_view name;
            std::int32_t value = -1;
            for (std::int32_t part = tree.at(k).first_child; part >= 0; part = tree.at(part).next) {
                if (tree.at(part).name.local == "name") name = tree.at(part).text;
                if (tree.at(part).name.local == "value") value = part;
            }
            const std::string place =
                "/" + document_.root + "/params (line " + std::to_string(tree.at(k).line) + ")";
            if (value < 0 || name.empty()) {
                return epcis_error(ErrorCode::epcis_query_invalid,
                                   "the parameter " + shown(name) + " lacks its name or its value", place);
            }
            if (!is_query_parameter(name)) {
                return epcis_error(ErrorCode::epcis_query_invalid,
                                   shown(name) + " is no parameter of a query", place);
            }
            const std::int32_t several = tree.at(value).first_child;  // <string>, one or more
            if (several < 0) UNDER_XML(place, check_query_value(name, tree.at(value).text));
            for (std::int32_t one = several; one >= 0; one = tree.at(one).next) {
                UNDER_XML(place, check_query_value(name, tree.at(one).text));
            }
        }
    }
    if (named) return {};
    return epcis_error(ErrorCode::epcis_query_invalid, "the query has no queryName",
                       "/" + document_.root + " (line " + std::to_string(poll.line) + ")");
}

Result<void> XmlDocument::tree(const XmlTree& tree, const std::vector<XmlNamespace>& in_scope) {
    const XmlElement& root = tree.elements[0];
    if (root.name.local == "ignoreFields") {
        for (std::int32_t i = root.first_child; i >= 0; i = tree.at(i).next)
            CHECK(events_.ignore(tree.at(i).name));
        return {};
    }
    if (!find_event_type(root.name.local)) return query(tree);
    if (auto read = events_.event(tree, in_scope); !read) return below(where(root.line), read.error());
    ++events_opened_;
    return {};
}

Result<EpcisDocument> XmlDocument::finish() {
    const bool needs_body = document_.root == "EPCISDocument" || document_.root == "EPCISMasterDataDocument";
    if (needs_body && !body_seen_) {
        return epcis_error(ErrorCode::epcis_field_missing, "EPCISBody is missing", "/" + document_.root);
    }
    document_.events = events_opened_;
    return std::move(document_);
}

}  // namespace

Result<EpcisDocument> read_epcis_xml(std::string_view bytes, const EpcisLimits& limits,
                                     const EventSink& sink) {
    XmlDocument document(limits, sink);
    CHECK(read_xml(bytes,
                   {.depth = limits.depth, .elements = limits.event_values, .namespaces = limits.prefixes},
                   document));
    return document.finish();
}

}  // namespace qingyuan::observe
