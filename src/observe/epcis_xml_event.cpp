// One EPCIS event in XML, 1.0 to 2.0: the nested extension and baseExtension of 1.x are read as if they were
// not there, elements of foreign namespaces are extensions.
#include <algorithm>

#include "observe/epcis_xml.hpp"

namespace qingyuan::observe {

namespace {

constexpr std::string_view schema_instance = "http://www.w3.org/2001/XMLSchema-instance";

std::string shown(std::string_view text) {
    return "'" + std::string(text.substr(0, 120)) + "'";
}

bool is_own(const XmlName& name) {
    return name.space.empty() || name.space.starts_with("urn:epcglobal:epcis") ||
           name.space.starts_with("urn:epcglobal:xsd");
}

std::string place_of(const XmlElement& element) {
    return "/" + std::string(element.name.local);
}

}  // namespace

Result<void> XmlEvents::each(const XmlElement& parent, const auto& use) const {
    for (std::int32_t i = parent.first_child; i >= 0; i = tree_->at(i).next) CHECK(use(tree_->at(i)));
    return {};
}

Result<void> XmlEvents::ignore(const XmlName& name) {
    if (ignored_.size() >= limits_.prefixes) {
        return epcis_error(ErrorCode::too_large,
                           "more than " + std::to_string(limits_.prefixes) + " ignored fields");
    }
    ignored_.emplace_back(name.space, name.local);
    return {};
}

Result<void> XmlEvents::event(const XmlTree& tree, const std::vector<XmlNamespace>& in_scope) {
    tree_ = &tree;
    event_.clear();
    const XmlElement& root = tree.elements[0];
    event_.type = *find_event_type(root.name.local);
    prefixes_.clear();
    for (const XmlNamespace& declared : in_scope) {
        if (!declared.prefix.empty()) prefixes_.push_back({declared.prefix, declared.uri});
    }
    event_.prefixes = prefixes_;
    CHECK(fields(root, false));
    if (!ignored_.empty()) {
        for (std::int32_t i = event_.extensions.first; i >= 0;
             i = event_.nodes[static_cast<std::size_t>(i)].next) {
            Node& node = event_.nodes[static_cast<std::size_t>(i)];
            const auto same = [&](const auto& pair) {
                return pair.first == node.space && pair.second == node.name;
            };
            if (std::ranges::any_of(ignored_, same)) node.ignored = true;
        }
    }
    CHECK(check_event(event_, Strictness::xml));
    return sink_(event_);
}

/// The children of an event, or of an extension of 1.x below it, which may hold what later versions added.
Result<void> XmlEvents::fields(const XmlElement& parent, bool nested) {
    return each(parent, [&](const XmlElement& element) -> Result<void> {
        const std::string_view local = element.name.local;
        if (is_own(element.name) && (local == "extension" || local == "baseExtension")) {
            return fields(element, true);
        }
        const Field id = is_own(element.name) ? find_field(local) : Field::none;
        if (id == Field::none || id == Field::type || id == Field::context) {
            if (!nested && is_own(element.name)) {  // the schema's extension point is for foreign namespaces
                return epcis_error(
                    ErrorCode::epcis_field_unknown,
                    shown(local) + " is no field of an event, and an extension has a namespace",
                    place_of(element));
            }
            extension(event_.extensions, element);
            return {};
        }
        const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(id);
        if ((event_.fields & bit) != 0 && id != Field::certification_info) {
            return epcis_error(ErrorCode::key_repeated, shown(local) + " stands twice in one event",
                               place_of(element));
        }
        event_.fields |= bit;
        if (auto read = field(id, element); !read) return below(place_of(element), read.error());
        return {};
    });
}

Result<void> XmlEvents::field(Field id, const XmlElement& element) {
    const std::string_view text = element.text;
    switch (id) {
        case Field::event_time: event_.event_time = TRY(parse_time_stamp(text)); return {};
        case Field::record_time: event_.record_time = TRY(parse_time_stamp(text)); return {};
        case Field::offset:
            event_.offset_minutes = TRY(parse_offset(text));
            event_.offset = text;
            return {};
        case Field::event_id: event_.event_id = text; return {};
        case Field::parent_id: event_.parent_id = text; return {};
        case Field::transformation_id: event_.transformation_id = text; return {};
        case Field::biz_step: event_.biz_step.text = text; return {};
        case Field::disposition: event_.disposition.text = text; return {};
        case Field::certification_info:
            if (element.first_child < 0) {
                event_.certifications.push_back(text);
                return {};
            }
            return each(element, [&](const XmlElement& inner) -> Result<void> {
                event_.certifications.push_back(inner.text);
                return {};
            });
        case Field::action:
            for (const Action action : {Action::add, Action::observe, Action::remove}) {
                if (text_of(action) == text) event_.action = action;
            }
            if (event_.action != Action::none) return {};
            return epcis_error(ErrorCode::epcis_field_invalid,
                               shown(text) + " is not ADD, OBSERVE or DELETE");
        default: return list_field(id, element);
    }
}

Result<void> XmlEvents::list_field(Field id, const XmlElement& element) {
    switch (id) {
        case Field::epcs: return epc_list(element, event_.epcs);
        case Field::children: return epc_list(element, event_.children);
        case Field::inputs: return epc_list(element, event_.inputs);
        case Field::outputs: return epc_list(element, event_.outputs);
        case Field::quantities: return quantities(element, event_.quantities);
        case Field::child_quantities: return quantities(element, event_.child_quantities);
        case Field::input_quantities: return quantities(element, event_.input_quantities);
        case Field::output_quantities: return quantities(element, event_.output_quantities);
        case Field::biz_transactions: return typed(element, event_.transactions);
        case Field::sources: return typed(element, event_.sources);
        case Field::destinations: return typed(element, event_.destinations);
        case Field::read_point: return place(element, event_.read_point);
        case Field::biz_location: return place(element, event_.biz_location);
        case Field::error_declaration: return error_declaration(element);
        case Field::persistent_disposition: return persistent(element);
        case Field::sensors: return sensors(element);
        case Field::ilmd:
            return each(element, [&](const XmlElement& inner) -> Result<void> {
                if (is_own(inner.name) && inner.name.local == "extension") {
                    return each(inner, [&](const XmlElement& deep) -> Result<void> {
                        extension(event_.ilmd, deep);
                        return {};
                    });
                }
                extension(event_.ilmd, inner);
                return {};
            });
        default: return {};
    }
}

Result<void> XmlEvents::epc_list(const XmlElement& element, std::vector<std::string_view>& list) {
    return each(element, [&](const XmlElement& epc) -> Result<void> {
        if (epc.name.local != "epc") {
            return epcis_error(ErrorCode::epcis_field_unknown, "epc is the only element here", place_of(epc));
        }
        list.push_back(epc.text);
        return {};
    });
}

Result<void> XmlEvents::quantities(const XmlElement& element, std::vector<Quantity>& list) {
    return each(element, [&](const XmlElement& one) -> Result<void> {
        if (one.name.local != "quantityElement") {
            return epcis_error(ErrorCode::epcis_field_unknown, "quantityElement is the only element here",
                               place_of(one));
        }
        Quantity quantity;
        CHECK(each(one, [&](const XmlElement& part) -> Result<void> {
            if (part.name.local == "epcClass") quantity.epc_class = part.text;
            if (part.name.local == "quantity") quantity.quantity = part.text;
            if (part.name.local == "uom") quantity.uom = part.text;
            return {};
        }));
        list.push_back(quantity);
        return {};
    });
}

Result<void> XmlEvents::typed(const XmlElement& element, std::vector<TypedId>& list) {
    return each(element, [&](const XmlElement& one) -> Result<void> {
        if (!is_own(one.name)) return {};
        list.push_back({{tree_->attribute(one, "type"), {}}, one.text});
        return {};
    });
}

Result<void> XmlEvents::place(const XmlElement& element, Place& place) {
    return each(element, [&](const XmlElement& part) -> Result<void> {
        if (is_own(part.name) && part.name.local == "id") {
            place.id = part.text;
        } else if (is_own(part.name) && part.name.local == "extension") {
            return this->place(part, place);
        } else {
            extension(place.extensions, part);
        }
        return {};
    });
}

Result<void> XmlEvents::error_declaration(const XmlElement& element) {
    event_.error.present = true;
    return each(element, [&](const XmlElement& part) -> Result<void> {
        const std::string_view local = is_own(part.name) ? part.name.local : std::string_view{};
        if (local == "declarationTime") {
            auto read = parse_time_stamp(part.text, Seconds::optional);
            if (!read) return below("/declarationTime", read.error());
            event_.error.declared_at = *read;
        } else if (local == "reason") {
            event_.error.reason.text = part.text;
        } else if (local == "correctiveEventIDs") {
            return each(part, [&](const XmlElement& id) -> Result<void> {
                event_.error.corrective_event_ids.push_back(id.text);
                return {};
            });
        } else {
            extension(event_.error.extensions, part);
        }
        return {};
    });
}

Result<void> XmlEvents::persistent(const XmlElement& element) {
    return each(element, [&](const XmlElement& part) -> Result<void> {
        if (part.name.local == "set") event_.set.push_back({part.text, {}});
        if (part.name.local == "unset") event_.unset.push_back({part.text, {}});
        return {};
    });
}

Result<void> XmlEvents::sensors(const XmlElement& element) {
    return each(element, [&](const XmlElement& one) { return sensor(one); });
}

Result<void> XmlEvents::sensor(const XmlElement& element) {
    if (element.name.local != "sensorElement") {
        return epcis_error(ErrorCode::epcis_field_unknown, "sensorElement is the only element here",
                           place_of(element));
    }
    SensorElement read;
    read.first_report = static_cast<std::uint32_t>(event_.sensor_reports.size());
    CHECK(each(element, [&](const XmlElement& part) -> Result<void> {
        const bool is_meta = is_own(part.name) && part.name.local == "sensorMetadata";
        if (!is_meta && !(is_own(part.name) && part.name.local == "sensorReport")) {
            extension(read.extensions, part);
            return {};
        }
        SensorReport report;
        for (std::uint32_t i = 0; i < part.attribute_count; ++i) {
            const XmlAttribute& attribute = tree_->attributes[part.first_attribute + i];
            const std::string_view local =
                attribute.name.space.empty() ? attribute.name.local : std::string_view{};
            const auto meta = is_meta ? find_meta(local) : std::nullopt;
            const auto field = is_meta ? std::nullopt : find_report(local);
            if (meta) {
                read.metadata[static_cast<std::size_t>(*meta)] = attribute.value;
            } else if (field) {
                report.fields[static_cast<std::size_t>(*field)] = attribute.value;
            } else {
                attribute_node(is_meta ? read.metadata_extensions : report.extensions, attribute);
            }
        }
        if (!is_meta) event_.sensor_reports.push_back(report);
        return {};
    }));
    read.report_count = static_cast<std::uint32_t>(event_.sensor_reports.size()) - read.first_report;
    event_.sensors.push_back(read);
    return {};
}

// --- extensions ---

void XmlEvents::attribute_node(Siblings& chain, const XmlAttribute& attribute) {
    if (attribute.name.space == schema_instance) return;
    event_.append(chain,
                  {.space = attribute.name.space, .name = attribute.name.local, .text = attribute.value});
}

void XmlEvents::extension(Siblings& chain, const XmlElement& element) {
    node(&chain, -1, element);
}

/// The depth is bounded by the parser.
void XmlEvents::node(Siblings* chain, std::int32_t parent, const XmlElement& element) {
    Node made{.space = element.name.space, .name = element.name.local, .text = element.text};
    made.ignored = made.name == "comment" && made.space == "http://www.w3.org/2000/01/rdf-schema#";
    const std::int32_t index =
        chain != nullptr ? event_.append(*chain, made) : event_.append_child(parent, made);
    for (std::uint32_t i = 0; i < element.attribute_count; ++i) {
        const XmlAttribute& attribute = tree_->attributes[element.first_attribute + i];
        if (attribute.name.space == schema_instance) continue;  // xsi:type says how, not what
        event_.append_child(
            index, {.space = attribute.name.space, .name = attribute.name.local, .text = attribute.value});
    }
    for (std::int32_t i = element.first_child; i >= 0; i = tree_->at(i).next)
        node(nullptr, index, tree_->at(i));
}

}  // namespace qingyuan::observe
