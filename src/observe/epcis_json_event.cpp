// One EPCIS event in JSON: fields in any order, extensions kept with the namespace of their prefix.
#include "observe/epcis_json.hpp"

#include <algorithm>

namespace qingyuan::observe {

namespace {

std::string shown(std::string_view text) {
    return "'" + std::string(text.substr(0, 120)) + "'";
}

bool is_numeric(Report field) {
    switch (field) {
        case Report::value:
        case Report::min_value:
        case Report::max_value:
        case Report::mean_value:
        case Report::s_dev:
        case Report::perc_rank:
        case Report::perc_value: return true;
        default: return false;
    }
}

}  // namespace

Result<void> JsonEvents::counted() {
    if (++values_ <= limits_.event_values) return {};
    return epcis_error(ErrorCode::too_large,
                       "one event has more than " + std::to_string(limits_.event_values) + " values");
}

/// Each member of an object: its key and its value; keys must differ.
Result<void> JsonEvents::members(Object object, const auto& use) {
    const std::size_t from = keys();
    for (auto each : object) {
        std::string_view name;
        Value value;
        SJ(each.unescaped_key().get(name));
        SJ(each.value().get(value));
        if (name != "eventID")
            key(name);  // GS1's own examples repeat it; the last one counts, as in JavaScript
        CHECK(use(name, value));
    }
    return distinct_keys(from);
}

/// Each object of an array; in the draft a single object stands for an array of one.
Result<void> JsonEvents::objects(Value value, bool one_is_enough, const auto& use) {
    if (one_is_enough) {
        simdjson::ondemand::json_type type{};
        SJ(value.type().get(type));
        if (type == simdjson::ondemand::json_type::object) return use(TRY(object(value)));
    }
    Array list = TRY(array(value));
    std::size_t index = 0;
    for (auto each : list) {
        Value element;
        SJ(std::move(each).get(element));
        CHECK(counted());
        auto inner = object(element);
        if (!inner) return below("/" + std::to_string(index), inner.error());
        UNDER("/" + std::to_string(index), use(*inner));
        ++index;
    }
    return {};
}

Result<void> JsonEvents::event(Object object) {
    event_.clear();
    values_ = 0;
    type_ = {};
    const std::size_t declared = prefixes.size();
    CHECK(fields(object));
    CHECK(finish());
    prefixes.resize(declared);
    ++events;
    return {};
}

Result<void> JsonEvents::fields(Object object) {
    return members(object, [&](std::string_view name, Value value) -> Result<void> {
        const Field id = find_field(name);
        if (id != Field::none) {
            event_.fields |= std::uint64_t{1} << static_cast<unsigned>(id);
            if (auto read = field(id, value); !read) return below("/" + std::string(name), read.error());
            return {};
        }
        if (name.find(':') == std::string_view::npos) {
            // A bare event carries its document's words; a comment is everyone's right.
            if (name == "schemaVersion" || name == "creationDate" || name == "comment" || name == "id") {
                return walk(value, 0);
            }
            Error error =
                epcis_error(ErrorCode::epcis_field_unknown,
                            shown(name) + " is no field of an event, and an extension has a namespace",
                            "/" + std::string(name));
            error.next = "give the field a prefix that the context declares";
            return error;
        }
        UNDER("/" + std::string(name), extension(event_.extensions, name, value));
        return {};
    });
}

Result<void> JsonEvents::field(Field id, Value value) {
    switch (id) {
        case Field::type: type_ = TRY(text(value)); return {};
        case Field::context: return read_context(value);
        case Field::event_id: event_.event_id = TRY(text(value)); return {};
        case Field::parent_id: event_.parent_id = TRY(text(value)); return {};
        case Field::transformation_id: event_.transformation_id = TRY(text(value)); return {};
        case Field::biz_step: event_.biz_step.text = TRY(text(value)); return {};
        case Field::disposition: event_.disposition.text = TRY(text(value)); return {};
        case Field::read_point: return place(value, event_.read_point);
        case Field::biz_location: return place(value, event_.biz_location);
        case Field::error_declaration: return error_declaration(value);
        case Field::persistent_disposition: return persistent(value);
        case Field::certification_info: return certifications(value);
        case Field::action: {
            const std::string_view word = TRY(text(value));
            for (const Action action : {Action::add, Action::observe, Action::remove}) {
                if (text_of(action) == word) event_.action = action;
            }
            if (event_.action != Action::none) return {};
            return epcis_error(ErrorCode::epcis_field_invalid,
                               shown(word) + " is not ADD, OBSERVE or DELETE");
        }
        case Field::ilmd:
            return members(TRY(object(value)), [&](std::string_view name, Value inner) -> Result<void> {
                if (name.find(':') == std::string_view::npos) {
                    return epcis_error(ErrorCode::epcis_field_unknown,
                                       shown(name) + " has no namespace; every element of ilmd has one",
                                       "/" + std::string(name));
                }
                return extension(event_.ilmd, name, inner);
            });
        case Field::event_time:
        case Field::record_time:
        case Field::offset: return moment(id, value);
        default: return list_field(id, value);
    }
}

Result<void> JsonEvents::moment(Field id, Value value) {
    const std::string_view written = TRY(text(value));
    if (id == Field::offset) {
        event_.offset_minutes = TRY(parse_offset(written));
        event_.offset = written;
    } else {
        (id == Field::event_time ? event_.event_time : event_.record_time) = TRY(parse_time_stamp(written));
    }
    return {};
}

Result<void> JsonEvents::list_field(Field id, Value value) {
    switch (id) {
        case Field::epcs: return texts(value, event_.epcs);
        case Field::children: return texts(value, event_.children);
        case Field::inputs: return texts(value, event_.inputs);
        case Field::outputs: return texts(value, event_.outputs);
        case Field::quantities: return quantities(value, event_.quantities);
        case Field::child_quantities: return quantities(value, event_.child_quantities);
        case Field::input_quantities: return quantities(value, event_.input_quantities);
        case Field::output_quantities: return quantities(value, event_.output_quantities);
        case Field::biz_transactions: return typed(value, "bizTransaction", event_.transactions);
        case Field::sources: return typed(value, "source", event_.sources);
        case Field::destinations: return typed(value, "destination", event_.destinations);
        case Field::sensors: return objects(value, false, [&](Object object) { return sensor(object); });
        default: return walk(value, 0);
    }
}

Result<void> JsonEvents::texts(Value value, std::vector<std::string_view>& list) {
    Array elements = TRY(array(value));
    for (auto each : elements) {
        std::string_view element;
        const simdjson::error_code code = each.get_string().get(element);
        if (code == simdjson::INCORRECT_TYPE) {
            return epcis_error(ErrorCode::epcis_field_invalid, "text is wanted",
                               "/" + std::to_string(list.size()));
        }
        SJ(code);
        CHECK(counted());
        list.push_back(element);
    }
    return {};
}

Result<void> JsonEvents::words(Value value, std::vector<Word>& list) {
    Array elements = TRY(array(value));
    for (auto each : elements) {
        Value element;
        SJ(std::move(each).get(element));
        CHECK(counted());
        list.push_back({TRY(text(element)), {}});
    }
    return {};
}

Result<void> JsonEvents::certifications(Value value) {
    simdjson::ondemand::json_type type{};
    SJ(value.type().get(type));
    if (type == simdjson::ondemand::json_type::array) return texts(value, event_.certifications);
    event_.certifications.push_back(TRY(text(value)));
    return {};
}

Result<void> JsonEvents::quantities(Value value, std::vector<Quantity>& list) {
    return objects(value, false, [&](Object object) -> Result<void> {
        Quantity quantity;
        CHECK(members(object, [&](std::string_view name, Value inner) -> Result<void> {
            Result<std::string_view> read;
            std::string_view* to = &quantity.quantity;
            if (name == "quantity") {
                read = number(inner);
            } else if (name == "epcClass" || name == "uom") {
                to = name == "uom" ? &quantity.uom : &quantity.epc_class;
                read = text(inner);
            } else {
                read = epcis_error(ErrorCode::epcis_field_unknown, "a quantity has no such field");
            }
            if (!read) return below("/" + std::string(name), read.error());
            *to = *read;
            return {};
        }));
        list.push_back(quantity);
        return {};
    });
}

Result<void> JsonEvents::typed(Value value, std::string_view id_key, std::vector<TypedId>& list) {
    return objects(value, strictness == Strictness::json_draft, [&](Object object) -> Result<void> {
        TypedId entry;
        CHECK(members(object, [&](std::string_view name, Value inner) -> Result<void> {
            if (name != "type" && name != id_key) {
                return epcis_error(ErrorCode::epcis_field_unknown, "there is no such field here",
                                   "/" + std::string(name));
            }
            auto read = text(inner);
            if (!read) return below("/" + std::string(name), read.error());
            (name == "type" ? entry.type.text : entry.id) = *read;
            return {};
        }));
        list.push_back(entry);
        return {};
    });
}

Result<void> JsonEvents::place(Value value, Place& place) {
    return members(TRY(object(value)), [&](std::string_view name, Value inner) -> Result<void> {
        if (name != "id") return extension(place.extensions, name, inner);
        auto read = text(inner);
        if (!read) return below("/id", read.error());
        place.id = *read;
        return {};
    });
}

Result<void> JsonEvents::error_declaration(Value value) {
    event_.error.present = true;
    return members(TRY(object(value)), [&](std::string_view name, Value inner) -> Result<void> {
        if (name == "declarationTime") {
            auto written = text(inner);
            if (!written) return below("/declarationTime", written.error());
            auto time = parse_time_stamp(*written);
            if (!time) return below("/declarationTime", time.error());
            event_.error.declared_at = *time;
        } else if (name == "reason") {
            auto read = text(inner);
            if (!read) return below("/reason", read.error());
            event_.error.reason.text = *read;
        } else if (name == "correctiveEventIDs") {
            UNDER("/correctiveEventIDs", texts(inner, event_.error.corrective_event_ids));
        } else if (name.find(':') == std::string_view::npos) {
            return epcis_error(ErrorCode::epcis_field_unknown, "an error declaration has no such field",
                               "/" + std::string(name));
        } else {
            return extension(event_.error.extensions, name, inner);
        }
        return {};
    });
}

Result<void> JsonEvents::persistent(Value value) {
    CHECK(members(TRY(object(value)), [&](std::string_view name, Value inner) -> Result<void> {
        if (name != "set" && name != "unset") {
            return epcis_error(ErrorCode::epcis_field_unknown, "set and unset are the only fields here",
                               "/" + std::string(name));
        }
        UNDER("/" + std::string(name), words(inner, name == "set" ? event_.set : event_.unset));
        return {};
    }));
    if (!event_.set.empty() || !event_.unset.empty()) return {};
    return epcis_error(ErrorCode::epcis_field_missing, "set or unset is missing");
}

// --- sensors ---

Result<void> JsonEvents::sensor(Object object) {
    SensorElement element;
    element.first_report = static_cast<std::uint32_t>(event_.sensor_reports.size());
    CHECK(members(object, [&](std::string_view name, Value inner) -> Result<void> {
        if (name == "sensorMetadata") {
            UNDER("/sensorMetadata", metadata(inner, element));
        } else if (name == "sensorReport") {
            UNDER("/sensorReport", objects(inner, false, [&](Object one) { return report(one); }));
        } else if (name == "type") {
            return walk(inner, 0);  // the draft's epcis:SensorElement
        } else if (name.find(':') == std::string_view::npos) {
            return epcis_error(ErrorCode::epcis_field_unknown, "a sensor element has no such field",
                               "/" + std::string(name));
        } else {
            return extension(element.extensions, name, inner);
        }
        return {};
    }));
    element.report_count = static_cast<std::uint32_t>(event_.sensor_reports.size()) - element.first_report;
    if (element.report_count == 0) {
        return epcis_error(ErrorCode::epcis_field_missing, "sensorReport is missing", "/sensorReport");
    }
    event_.sensors.push_back(element);
    return {};
}

Result<void> JsonEvents::metadata(Value value, SensorElement& element) {
    return members(TRY(object(value)), [&](std::string_view name, Value inner) -> Result<void> {
        if (const auto known = find_meta(name)) {
            auto read = text(inner);
            if (!read) return below("/" + std::string(name), read.error());
            element.metadata[static_cast<std::size_t>(*known)] = *read;
            return {};
        }
        if (name.find(':') == std::string_view::npos) {
            return epcis_error(ErrorCode::epcis_field_unknown, "there is no such field",
                               "/" + std::string(name));
        }
        return extension(element.metadata_extensions, name, inner);
    });
}

Result<void> JsonEvents::report(Object object) {
    SensorReport report;
    CHECK(members(object, [&](std::string_view name, Value inner) -> Result<void> {
        if (const auto known = find_report(name)) {
            auto read = is_numeric(*known)                ? number(inner)
                        : *known == Report::boolean_value ? boolean(inner)
                                                          : text(inner);
            if (!read) return below("/" + std::string(name), read.error());
            report.fields[static_cast<std::size_t>(*known)] = *read;
            return {};
        }
        if (name.find(':') == std::string_view::npos) {
            return epcis_error(ErrorCode::epcis_field_unknown, "there is no such field",
                               "/" + std::string(name));
        }
        return extension(report.extensions, name, inner);
    }));
    event_.sensor_reports.push_back(report);
    return {};
}

// --- extensions ---

Result<void> JsonEvents::extension(Siblings& chain, std::string_view key, Value value) {
    return node(&chain, -1, key, value, 0);
}

/// A value becomes a node; an array, a node for each of its elements; null, none.
Result<void> JsonEvents::node(Siblings* chain, std::int32_t parent, std::string_view key, Value value,
                              std::size_t depth) {
    using simdjson::ondemand::json_type;
    if (depth > limits_.depth) {
        return epcis_error(ErrorCode::nesting_too_deep,
                           "nested more than " + std::to_string(limits_.depth) + " levels deep");
    }
    CHECK(counted());
    const auto add = [&](std::string_view text) {
        const Node made{.name = key, .text = text};
        return chain != nullptr ? event_.append(*chain, made) : event_.append_child(parent, made);
    };
    json_type type{};
    SJ(value.type().get(type));
    switch (type) {
        case json_type::array: {
            Array elements = TRY(array(value));
            for (auto each : elements) {
                Value element;
                SJ(std::move(each).get(element));
                CHECK(node(chain, parent, key, element, depth + 1));
            }
            return {};
        }
        case json_type::object: {
            Object inner = TRY(object(value));
            return children(add({}), inner, depth + 1);
        }
        case json_type::string: add(TRY(text(value))); return {};
        case json_type::number: add(TRY(number(value))); return {};
        case json_type::boolean: add(TRY(boolean(value))); return {};
        case json_type::null: return walk(value, depth);
    }
    return {};
}

Result<void> JsonEvents::children(std::int32_t parent, Object object, std::size_t depth) {
    return members(object, [&](std::string_view name, Value value) -> Result<void> {
        if (name == "@type") return walk(value, depth);
        if (name == "@value" || name == "#text") {  // a typed literal of JSON-LD, or a text among attributes
            simdjson::ondemand::json_type type{};
            SJ(value.type().get(type));
            event_.nodes[static_cast<std::size_t>(parent)].text =
                type == simdjson::ondemand::json_type::number    ? TRY(number(value))
                : type == simdjson::ondemand::json_type::boolean ? TRY(boolean(value))
                                                                 : TRY(text(value));
            return {};
        }
        return node(nullptr, parent, name, value, depth);
    });
}

/// The namespace behind a key: that of its prefix, or the beginning of a whole URI.
void JsonEvents::resolve(Node& node) const {
    std::string_view rest;
    const std::string_view key = node.name;
    const std::string_view space = expand_prefix(prefixes, key, rest);
    if (key == "comment" || key == "rdfs:comment") node.ignored = true;
    if (!space.empty()) {
        node.space = space;
        node.name = rest;
    } else if (const std::size_t cut = key.find_last_of("/#:");
               cut != std::string_view::npos && is_uri(key)) {
        node.space = key.substr(0, cut + 1);
        node.name = key.substr(cut + 1);
    }
    if (node.space == "http://www.w3.org/2000/01/rdf-schema#" && node.name == "comment") node.ignored = true;
}

Result<void> JsonEvents::finish() {
    if (type_.empty()) return epcis_error(ErrorCode::epcis_field_missing, "type is missing", "/type");
    const auto type = find_event_type(type_);
    if (!type) {
        Error error =
            epcis_error(ErrorCode::epcis_event_unknown, shown(type_) + " is no type of event", "/type");
        error.next =
            "ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent or AssociationEvent";
        return error;
    }
    event_.type = *type;
    event_.prefixes = prefixes;
    if (!ignored.empty()) {
        for (std::int32_t i = event_.extensions.first; i >= 0;
             i = event_.nodes[static_cast<std::size_t>(i)].next) {
            Node& node = event_.nodes[static_cast<std::size_t>(i)];
            if (std::ranges::find(ignored, node.name) != ignored.end()) node.ignored = true;
        }
    }
    for (Node& node : event_.nodes) resolve(node);
    CHECK(check_event(event_, strictness));
    return sink_(event_);
}

Result<void> JsonEvents::add_prefix(std::string_view name, Value value) {
    simdjson::ondemand::json_type type{};
    SJ(value.type().get(type));
    if (type != simdjson::ondemand::json_type::string)
        return walk(value, 0);  // how a term is read: no prefix
    if (prefixes.size() >= limits_.prefixes) {
        return epcis_error(ErrorCode::too_large,
                           "more than " + std::to_string(limits_.prefixes) + " prefixes");
    }
    prefixes.push_back({name, TRY(text(value))});
    return {};
}

Result<void> JsonEvents::read_context(Value value) {
    using simdjson::ondemand::json_type;
    json_type type{};
    SJ(value.type().get(type));
    if (type == json_type::string) {
        const std::string_view url = TRY(text(value));
        if (url.find("epcis-context-simple") != std::string_view::npos) strictness = Strictness::json_draft;
        return {};
    }
    if (type == json_type::object) {
        Object object;
        SJ(value.get_object().get(object));
        for (auto each : object) {
            std::string_view name;
            Value inner;
            SJ(each.unescaped_key().get(name));
            SJ(each.value().get(inner));
            CHECK(add_prefix(name, inner));
        }
        return {};
    }
    if (type != json_type::array) {
        return epcis_error(ErrorCode::epcis_field_invalid, "a URL, an object or an array of them is wanted");
    }
    Array elements = TRY(array(value));
    for (auto each : elements) {
        Value inner;
        SJ(std::move(each).get(inner));
        SJ(inner.type().get(type));
        if (type == json_type::array) {
            return epcis_error(ErrorCode::epcis_field_invalid, "an array stands inside the context");
        }
        CHECK(read_context(inner));
    }
    return {};
}

}  // namespace qingyuan::observe
