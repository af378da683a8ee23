// The rules of EPCIS 2.0, sections 7.3 and 7.4, that hold for an event whatever its syntax. What the draft
// context and XML are forgiven stands in docs/formats/epcis.md.
#include <algorithm>
#include <bit>
#include <cctype>

#include "observe/epcis_read.hpp"
#include "observe/epcis_words.hpp"
#include "observe/gs1_key.hpp"

namespace qingyuan::observe {

namespace {

bool has(const Event& event, Field field) {
    return (event.fields >> static_cast<unsigned>(field) & 1U) != 0;
}

/// A place in the event, written only when it is needed.
struct Spot {
    Field field;
    std::ptrdiff_t index = -1;
    std::string_view part = {};

    [[nodiscard]] std::string text() const {
        std::string where = "/" + std::string(name_of(field));
        if (index >= 0) where += "/" + std::to_string(index);
        return where + std::string(part);
    }
};
Spot at(Field field, std::string_view part = {}) {
    return {field, -1, part};
}
Spot at(Field field, std::size_t index, std::string_view part = {}) {
    return {field, static_cast<std::ptrdiff_t>(index), part};
}

std::string shown(std::string_view text) {
    return "'" + std::string(text.substr(0, 120)) + "'";
}

Error missing(const Event& event, Field field, const char* rule) {
    Error error = epcis_error(ErrorCode::epcis_field_missing,
                              std::string(name_of(field)) + " is missing: " + rule, at(field).text());
    error.law = "EPCIS 2.0, 7.4";
    error.next = "add the field to the " + std::string(text_of(event.type));
    return error;
}

/// A value of a vocabulary that must be a word of the CBV or a URI. With `tolerant`, any text that does not
/// pretend to be of the CBV.
Result<void> word(Vocabulary vocabulary, Word& value, bool tolerant, const Spot& where) {
    if (value.empty()) return {};
    const std::string_view text = value.text;
    switch (read_word(vocabulary, text, value)) {
        case WordForm::known:
        case WordForm::foreign: return {};
        case WordForm::unknown:
            if (tolerant) return {};
            return epcis_error(ErrorCode::epcis_word_unknown,
                               shown(text) + " stands in the CBV's name space but is no word of it",
                               where.text());
        case WordForm::not_a_uri: break;
    }
    if (tolerant) return {};
    Error error = epcis_error(ErrorCode::epcis_word_unknown,
                              shown(text) + " is neither a word of the CBV nor a URI of another vocabulary",
                              where.text());
    error.law = "CBV 2.0, 7";
    error.next = "use a word of the standard, or the URI of your own vocabulary";
    return error;
}

/// An identifier: a URI, in XML any text; an EPC in the form of its scheme (TDS 1.13, 6.3).
Result<void> uri(std::string_view value, bool strict, const Spot& where) {
    const bool epc = value.starts_with("urn:epc:");
    if (epc ? is_epc_urn(value) : !value.empty() && (!strict || is_uri(value))) return {};
    const char* why = epc ? " has not the form of its EPC scheme" : " is no URI";
    return epcis_error(ErrorCode::epcis_field_invalid,
                       value.empty() ? "an identifier is empty" : shown(value) + why, where.text());
}

Result<void> uris(const std::vector<std::string_view>& values, bool strict, Field field) {
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(uri(values[i], strict, at(field, i)));
    return {};
}

/// The schema's uniqueItems of epcList and its like.
Result<void> distinct(const std::vector<std::string_view>& values, Field field) {
    if (values.size() < 2) return {};
    std::string_view twice;
    if (values.size() <= 16) {
        for (std::size_t i = 1; i < values.size(); ++i) {
            if (std::find(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), values[i]) !=
                values.begin() + static_cast<std::ptrdiff_t>(i)) {
                twice = values[i];
            }
        }
    } else {
        std::vector<std::string_view> sorted = values;
        std::ranges::sort(sorted);
        const auto found = std::ranges::adjacent_find(sorted);
        if (found != sorted.end()) twice = *found;
    }
    if (twice.empty()) return {};
    return epcis_error(ErrorCode::epcis_field_invalid, shown(twice) + " stands twice in the list",
                       at(field).text());
}

bool is_uom(std::string_view text) {
    return (text.size() == 2 || text.size() == 3) &&
           std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

Result<void> quantities(const std::vector<Quantity>& list, bool strict, Field field) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Quantity& element = list[i];
        if (element.epc_class.empty()) {
            return epcis_error(ErrorCode::epcis_field_missing, "epcClass is missing",
                               at(field, i, "/epcClass").text());
        }
        CHECK(uri(element.epc_class, strict, at(field, i, "/epcClass")));
        if (!element.quantity.empty() && !is_decimal(element.quantity, EpcisLimits{}.number_characters)) {
            return epcis_error(ErrorCode::epcis_field_invalid, shown(element.quantity) + " is no number",
                               at(field, i, "/quantity").text());
        }
        if (!element.uom.empty() && !is_uom(element.uom)) {
            return epcis_error(ErrorCode::epcis_field_invalid,
                               shown(element.uom) + " is no unit code of UN/CEFACT Recommendation 20",
                               at(field, i, "/uom").text());
        }
    }
    return {};
}

Result<void> typed(std::vector<TypedId>& list, Vocabulary vocabulary, bool type_required,
                   Strictness strictness, Field field) {
    const bool strict = strictness != Strictness::xml;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].id.empty()) {
            return epcis_error(ErrorCode::epcis_field_missing, "the identifier is missing",
                               at(field, i).text());
        }
        CHECK(uri(list[i].id, strict, at(field, i)));
        if (type_required && list[i].type.empty()) {
            return epcis_error(ErrorCode::epcis_field_missing, "type is missing",
                               at(field, i, "/type").text());
        }
        CHECK(word(vocabulary, list[i].type, !strict, at(field, i, "/type")));
    }
    return {};
}

Result<void> what(const Event& event) {
    const auto listed = [&](Field list, const std::vector<Quantity>& classes) {
        return has(event, list) || !classes.empty();
    };
    const bool deleted = event.action == Action::remove;
    switch (event.type) {
        case EventType::object:
            if (listed(Field::epcs, event.quantities)) return {};
            if (!event.sensors.empty() && has(event, Field::read_point)) return {};
            return missing(event, Field::epcs,
                           "an ObjectEvent names epcList or quantityList, or sensors at a read point");
        case EventType::aggregation:
        case EventType::association:
            if (event.parent_id.empty() &&
                (event.type == EventType::association || event.action != Action::observe)) {
                return missing(event, Field::parent_id,
                               "whatever is added or taken away belongs to a parent");
            }
            if (!event.children.empty() || !event.child_quantities.empty() || deleted) return {};
            return missing(event, Field::children, "children may be left out only with action DELETE");
        case EventType::transaction:
            if (event.transactions.empty()) {
                return missing(event, Field::biz_transactions,
                               "a TransactionEvent names a business transaction");
            }
            if (listed(Field::epcs, event.quantities) || deleted) return {};
            return missing(event, Field::epcs, "epcList or quantityList, or action DELETE");
        case EventType::transformation: {
            const bool in = !event.inputs.empty() || !event.input_quantities.empty();
            const bool out = !event.outputs.empty() || !event.output_quantities.empty();
            if ((in && out) || ((in || out) && !event.transformation_id.empty())) return {};
            return missing(event, in ? Field::outputs : Field::inputs,
                           "inputs and outputs, or one of them with a transformationID");
        }
    }
    return {};
}

Result<void> required(const Event& event, Strictness strictness) {
    if (!event.event_time.present) return missing(event, Field::event_time, "every event has a time");
    if (event.offset.empty()) return missing(event, Field::offset, "every event has its local offset");
    if (event.type != EventType::transformation && event.action == Action::none) {
        return missing(event, Field::action, "ADD, OBSERVE or DELETE is wanted");
    }
    for (std::uint64_t left = event.fields; left != 0; left &= left - 1) {
        const Field field = static_cast<Field>(std::countr_zero(left));
        if (!may_have(event.type, field)) {
            return epcis_error(
                ErrorCode::epcis_field_unknown,
                "a " + std::string(text_of(event.type)) + " has no " + std::string(name_of(field)),
                at(field).text());
        }
    }
    if (strictness == Strictness::json && has(event, Field::ilmd) && event.type == EventType::object &&
        event.action != Action::add) {
        Error error = epcis_error(ErrorCode::epcis_field_unknown,
                                  "master data of an instance or lot (ilmd) is given with action ADD only",
                                  at(Field::ilmd).text());
        error.law = "EPCIS 2.0, 7.3.8";
        return error;
    }
    return what(event);
}

/// Identifiers and the values that are not words.
Result<void> identifiers(const Event& event, bool strict) {
    CHECK(uris(event.epcs, strict, Field::epcs));
    CHECK(uris(event.children, strict, Field::children));
    CHECK(uris(event.inputs, strict, Field::inputs));
    CHECK(uris(event.outputs, strict, Field::outputs));
    if (strict) {
        CHECK(distinct(event.epcs, Field::epcs));
        CHECK(distinct(event.inputs, Field::inputs));
        CHECK(distinct(event.outputs, Field::outputs));
    }
    CHECK(quantities(event.quantities, strict, Field::quantities));
    CHECK(quantities(event.child_quantities, strict, Field::child_quantities));
    CHECK(quantities(event.input_quantities, strict, Field::input_quantities));
    CHECK(quantities(event.output_quantities, strict, Field::output_quantities));
    if (has(event, Field::read_point)) CHECK(uri(event.read_point.id, strict, at(Field::read_point, "/id")));
    if (has(event, Field::biz_location)) {
        CHECK(uri(event.biz_location.id, strict, at(Field::biz_location, "/id")));
    }
    if (has(event, Field::parent_id)) CHECK(uri(event.parent_id, strict, at(Field::parent_id)));
    if (has(event, Field::event_id)) CHECK(uri(event.event_id, strict, at(Field::event_id)));
    if (has(event, Field::transformation_id)) {
        CHECK(uri(event.transformation_id, strict, at(Field::transformation_id)));
    }
    return {};
}

Result<void> report(const SensorReport& report) {
    for (const Report field : {Report::value, Report::min_value, Report::max_value, Report::mean_value,
                               Report::s_dev, Report::perc_rank, Report::perc_value}) {
        const std::string_view text = report.get(field);
        if (!text.empty() && !is_decimal(text, EpcisLimits{}.number_characters)) {
            return epcis_error(ErrorCode::epcis_field_invalid, shown(text) + " is no number",
                               "/" + std::string(name_of(field)));
        }
    }
    const std::string_view hex = report.get(Report::hex_binary_value);
    if (!std::ranges::all_of(hex, [](unsigned char c) { return std::isxdigit(c) != 0; })) {
        return epcis_error(ErrorCode::epcis_field_invalid, shown(hex) + " is not hexadecimal",
                           "/hexBinaryValue");
    }
    const std::string_view flag = report.get(Report::boolean_value);
    if (!flag.empty() && flag != "true" && flag != "false" && flag != "1" && flag != "0") {
        return epcis_error(ErrorCode::epcis_field_invalid, shown(flag) + " is neither true nor false",
                           "/booleanValue");
    }
    if (const std::string_view time = report.get(Report::time); !time.empty()) {
        if (auto read = parse_time_stamp(time); !read) return below("/time", read.error());
    }
    return {};
}

Result<void> sensors(const Event& event) {
    for (std::size_t i = 0; i < event.sensors.size(); ++i) {
        const SensorElement& element = event.sensors[i];
        const Spot where = at(Field::sensors, i);
        for (const Meta field : {Meta::time, Meta::start_time, Meta::end_time}) {
            const std::string_view text = element.metadata[static_cast<std::size_t>(field)];
            if (text.empty()) continue;
            if (auto read = parse_time_stamp(text); !read) {
                return below(where.text() + "/sensorMetadata/" + std::string(name_of(field)), read.error());
            }
        }
        for (std::uint32_t k = 0; k < element.report_count; ++k) {
            if (auto read = report(event.sensor_reports[element.first_report + k]); !read) {
                return below(where.text() + "/sensorReport/" + std::to_string(k), read.error());
            }
        }
    }
    return {};
}

}  // namespace

Result<void> check_event(Event& event, Strictness strictness) {
    const bool strict = strictness != Strictness::xml;
    CHECK(required(event, strictness));
    CHECK(identifiers(event, strict));
    CHECK(word(Vocabulary::biz_step, event.biz_step, false, at(Field::biz_step)));
    CHECK(word(Vocabulary::disposition, event.disposition, false, at(Field::disposition)));
    for (std::vector<Word>* list : {&event.set, &event.unset}) {
        for (Word& value : *list) {
            CHECK(word(Vocabulary::disposition, value, true, at(Field::persistent_disposition)));
        }
    }
    CHECK(
        typed(event.transactions, Vocabulary::transaction_type, false, strictness, Field::biz_transactions));
    CHECK(typed(event.sources, Vocabulary::source_type, true, strictness, Field::sources));
    CHECK(typed(event.destinations, Vocabulary::source_type, true, strictness, Field::destinations));
    if (event.error.present) {
        if (!event.error.declared_at.present) {
            return epcis_error(ErrorCode::epcis_field_missing, "declarationTime is missing",
                               at(Field::error_declaration, "/declarationTime").text());
        }
        CHECK(word(Vocabulary::error_reason, event.error.reason, !strict,
                   at(Field::error_declaration, "/reason")));
        for (const std::string_view id : event.error.corrective_event_ids) {
            CHECK(uri(id, strict, at(Field::error_declaration, "/correctiveEventIDs")));
        }
    }
    return sensors(event);
}

}  // namespace qingyuan::observe
