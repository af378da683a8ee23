// EPCIS 2.0 documents in JSON and JSON-LD: one pass for what the document says of itself (its context may
// stand last), one for the events.
#include "observe/epcis_json.hpp"

#include <deque>

namespace qingyuan::observe {

namespace {

namespace ondemand = simdjson::ondemand;

std::string shown(std::string_view text) {
    return "'" + std::string(text.substr(0, 120)) + "'";
}

class JsonDocument {
 public:
    JsonDocument(const EpcisLimits& limits, const EventSink& sink) : limits_(limits), events_(limits, sink) {}
    Result<EpcisDocument> read(std::string_view bytes);

 private:
    using Value = JsonValues::Value;
    using Object = JsonValues::Object;
    using Array = JsonValues::Array;

    Result<void> array_of_events(ondemand::document& document);
    Result<void> head(Object object);
    Result<void> head_field(std::string_view key, Value value);
    Result<void> without_type();
    Result<void> parameter(std::string_view key, Value value);
    [[nodiscard]] Result<void> check_head() const;
    Result<void> body(ondemand::document& document);
    Result<void> capture_body(Object object);
    Result<void> query_body(Object object);
    Result<void> query_results(Object object);
    Result<void> event_list(Value value);
    Result<void> read_ignored(Value value);
    void keep_prefixes();

    const EpcisLimits& limits_;
    JsonEvents events_;
    EpcisDocument document_;
    std::deque<std::string> kept_;  ///< what the first pass read and the second needs
    std::string id_;
    Result<void> query_;  ///< the first bad value of a query
    bool context_seen_ = false, type_seen_ = false, body_seen_ = false, schema_seen_ = false;
    std::size_t parameters_ = 0;
    std::string unknown_parameter_;
};

Result<void> ended(ondemand::document& document) {
    const char* next = nullptr;
    if (document.current_location().get(next) == simdjson::OUT_OF_BOUNDS) return {};
    return epcis_error(ErrorCode::json_malformed, "something follows the end of the document");
}

Result<EpcisDocument> JsonDocument::read(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    const simdjson::padded_string padded(bytes);
    ondemand::parser parser;
    ondemand::document document;
    SJ(parser.iterate(padded).get(document));
    ondemand::json_type type{};
    SJ(document.type().get(type));
    if (type == ondemand::json_type::array) {
        CHECK(array_of_events(document));
    } else if (type == ondemand::json_type::object) {
        Object object;
        SJ(document.get_object().get(object));
        CHECK(head(object));
        CHECK(ended(document));
        document.rewind();
        CHECK(body(document));
    } else {
        return epcis_error(ErrorCode::epcis_document_unknown,
                           "a JSON object or an array of events is wanted");
    }
    document_.events = events_.events;
    return std::move(document_);
}

Result<void> JsonDocument::array_of_events(ondemand::document& document) {
    Array list;
    SJ(document.get_array().get(list));
    std::size_t index = 0;
    for (auto each : list) {
        Value value;
        SJ(std::move(each).get(value));
        const auto where = [&] { return "/" + std::to_string(index); };
        auto object = events_.object(value);
        if (!object) return below(where(), object.error());
        UNDER(where(), events_.event(*object));
        ++index;
    }
    return ended(document);
}

// --- the first pass ---

Result<void> JsonDocument::head(Object object) {
    for (auto each : object) {
        ondemand::raw_json_string key;
        Value value;
        SJ(each.key().get(key));
        SJ(each.value().get(value));
        const std::string_view name = JsonValues::raw(key);
        if (name.empty()) {
            CHECK(events_.walk(value, 0));
            continue;
        }
        events_.key(name);
        UNDER("/" + std::string(name), head_field(name, value));
    }
    CHECK(events_.distinct_keys(0));
    keep_prefixes();
    return {};
}

Result<void> JsonDocument::head_field(std::string_view key, Value value) {
    if (key == "epcisBody") {
        body_seen_ = true;  // passed over now, read in the second pass
        return {};
    }
    if (key == "@context") {
        context_seen_ = true;
        return events_.read_context(value);
    }
    if (key == "type") {
        document_.root = TRY(events_.text(value));
        type_seen_ = true;
        return {};
    }
    if (key == "schemaVersion") {
        ondemand::json_type type{};
        SJ(value.type().get(type));
        document_.schema_version_is_number = type == ondemand::json_type::number;
        document_.schema_version =
            document_.schema_version_is_number ? TRY(events_.number(value)) : TRY(events_.text(value));
        return {};
    }
    if (key == "creationDate") {
        document_.creation_date = TRY(events_.text(value));
        return {};
    }
    if (key.ends_with(":ignoreFields")) return read_ignored(value);
    schema_seen_ = schema_seen_ || key == "$schema";
    if (is_query_parameter(key)) {
        ++parameters_;
        return parameter(key, value);
    }
    if (unknown_parameter_.empty()) unknown_parameter_ = key;
    if (key == "id") {
        id_ = TRY(events_.text(value));
        return {};
    }
    return events_.walk(value, 0);
}

/// A parameter of a query: one value or several.
Result<void> JsonDocument::parameter(std::string_view key, Value value) {
    ondemand::json_type type{};
    SJ(value.type().get(type));
    const auto check = [&](Value one) -> Result<void> {
        SJ(one.type().get(type));
        if (type != ondemand::json_type::string && type != ondemand::json_type::number)
            return events_.walk(one, 0);
        const auto text =
            type == ondemand::json_type::string ? TRY(events_.text(one)) : TRY(events_.number(one));
        auto read = check_query_value(key, text);
        if (!read && query_) query_ = below("/" + std::string(key), read.error());
        return {};
    };
    if (type != ondemand::json_type::array) return check(value);
    Array list = TRY(events_.array(value));
    for (auto each : list) {
        Value one;
        SJ(std::move(each).get(one));
        CHECK(check(one));
    }
    return {};
}

/// What the schema requires of a document's head; the draft's examples leave half of it out.
Result<void> JsonDocument::check_head() const {
    if (!document_.creation_date.empty()) UNDER("/creationDate", parse_time_stamp(document_.creation_date));
    if (!context_seen_) {
        Error error =
            epcis_error(ErrorCode::epcis_field_missing,
                        "@context is missing: without it no word of the document has a meaning", "/@context");
        error.next = "add \"@context\": \"https://ref.gs1.org/standards/epcis/epcis-context.jsonld\"";
        return error;
    }
    if (events_.strictness == Strictness::json_draft || find_event_type(document_.root)) return {};
    if (!id_.empty() && !is_uri(id_)) {
        return epcis_error(ErrorCode::epcis_field_invalid, shown(id_) + " is no URI", "/id");
    }
    if (document_.schema_version_is_number) {
        return epcis_error(ErrorCode::epcis_field_invalid, "text is wanted", "/schemaVersion");
    }
    if (document_.root != "EPCISDocument") return {};
    if (document_.schema_version.empty()) {
        return epcis_error(ErrorCode::epcis_field_missing, "schemaVersion is missing", "/schemaVersion");
    }
    if (document_.creation_date.empty()) {
        return epcis_error(ErrorCode::epcis_field_missing, "creationDate is missing", "/creationDate");
    }
    return {};
}

/// The second pass writes its strings where the first one's lie.
void JsonDocument::keep_prefixes() {
    for (Prefix& prefix : events_.prefixes) {
        prefix.name = kept_.emplace_back(prefix.name);
        prefix.uri = kept_.emplace_back(prefix.uri);
    }
}

Result<void> JsonDocument::read_ignored(Value value) {
    Array list = TRY(events_.array(value));
    for (auto each : list) {
        ondemand::raw_json_string name;
        const simdjson::error_code code = each.get_raw_json_string().get(name);
        if (code == simdjson::INCORRECT_TYPE) {
            return epcis_error(ErrorCode::epcis_field_invalid, "names of fields are wanted");
        }
        SJ(code);
        if (events_.ignored.size() >= limits_.prefixes) {
            return epcis_error(ErrorCode::too_large,
                               "more than " + std::to_string(limits_.prefixes) + " ignored fields");
        }
        events_.ignored.push_back(JsonValues::raw(name));
    }
    return {};
}

Result<void> JsonDocument::without_type() {
    if (schema_seen_) return {};  // a profile: a schema for events, itself without any
    if (parameters_ == 0) {
        return epcis_error(ErrorCode::epcis_document_unknown, "the document has no type and is no query");
    }
    if (unknown_parameter_.empty()) return query_;
    return epcis_error(ErrorCode::epcis_query_invalid,
                       shown(unknown_parameter_) + " is no parameter of a query", "/" + unknown_parameter_);
}

// --- the second pass ---

Result<void> JsonDocument::body(ondemand::document& document) {
    if (!type_seen_) return without_type();
    Object object;
    SJ(document.get_object().get(object));
    if (find_event_type(document_.root)) {
        CHECK(check_head());
        events_.prefixes.clear();  // the event reads its own context again
        return events_.event(object);
    }
    if (document_.root == "EPCISMasterDataDocument") return {};
    const bool query = document_.root == "EPCISQueryDocument";
    if (!query && document_.root != "EPCISDocument") {
        return epcis_error(ErrorCode::epcis_document_unknown,
                           shown(document_.root) + " is neither a document nor an event of EPCIS", "/type");
    }
    CHECK(check_head());
    if (!body_seen_) return epcis_error(ErrorCode::epcis_field_missing, "epcisBody is missing", "/epcisBody");
    Value value;
    SJ(object.find_field_unordered("epcisBody").get(value));
    auto inner = events_.object(value);
    if (!inner) return below("/epcisBody", inner.error());
    UNDER("/epcisBody", query ? query_body(*inner) : capture_body(*inner));
    return {};
}

Result<void> JsonDocument::capture_body(Object object) {
    bool found = false;
    const std::size_t from = events_.keys();
    for (auto each : object) {
        ondemand::raw_json_string key;
        Value value;
        SJ(each.key().get(key));
        SJ(each.value().get(value));
        const std::string_view name = JsonValues::raw(key);
        if (!name.empty()) events_.key(name);
        found = found || name == "eventList" || name == "event";
        if (name == "eventList") {
            UNDER("/eventList", event_list(value));
        } else if (name == "event") {  // the draft's single event
            UNDER("/event", events_.event(TRY(events_.object(value))));
        } else {
            UNDER("/" + std::string(name), events_.walk(value, 0));
        }
    }
    CHECK(events_.distinct_keys(from));
    if (found) return {};
    return epcis_error(ErrorCode::epcis_field_missing, "eventList is missing", "/eventList");
}

Result<void> JsonDocument::query_body(Object object) {
    Value value;
    const simdjson::error_code code = object.find_field_unordered("queryResults").get(value);
    if (code == simdjson::NO_SUCH_FIELD) {
        return epcis_error(ErrorCode::epcis_field_missing, "queryResults is missing", "/queryResults");
    }
    SJ(code);
    auto inner = events_.object(value);
    if (!inner) return below("/queryResults", inner.error());
    UNDER("/queryResults", query_results(*inner));
    return {};
}

Result<void> JsonDocument::query_results(Object object) {
    bool has_name = false;
    bool has_body = false;
    const std::size_t from = events_.keys();
    for (auto each : object) {  // ignoreFields may follow the events it speaks of
        ondemand::raw_json_string key;
        Value value;
        SJ(each.key().get(key));
        SJ(each.value().get(value));
        const std::string_view name = JsonValues::raw(key);
        if (!name.empty()) events_.key(name);
        has_name = has_name || name == "queryName";
        has_body = has_body || name == "resultsBody";
        if (name.ends_with(":ignoreFields")) CHECK(read_ignored(value));
    }
    CHECK(events_.distinct_keys(from));
    if (!has_name) return epcis_error(ErrorCode::epcis_field_missing, "queryName is missing", "/queryName");
    if (!has_body)
        return epcis_error(ErrorCode::epcis_field_missing, "resultsBody is missing", "/resultsBody");
    bool not_empty = false;
    SJ(object.reset().get(not_empty));
    Value value;
    SJ(object.find_field_unordered("resultsBody").get(value));
    auto inner = events_.object(value);
    if (!inner) return below("/resultsBody", inner.error());
    UNDER("/resultsBody", capture_body(*inner));
    return {};
}

Result<void> JsonDocument::event_list(Value value) {
    Array list = TRY(events_.array(value));
    std::size_t index = 0;
    for (auto each : list) {
        Value element;
        SJ(std::move(each).get(element));
        const auto where = [&] { return "/" + std::to_string(index); };
        auto object = events_.object(element);
        if (!object) return below(where(), object.error());
        UNDER(where(), events_.event(*object));
        ++index;
    }
    return {};
}

}  // namespace

Result<EpcisDocument> read_epcis_json(std::string_view bytes, const EpcisLimits& limits,
                                      const EventSink& sink) {
    return JsonDocument(limits, sink).read(bytes);
}

}  // namespace qingyuan::observe
