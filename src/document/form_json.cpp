// Form ↔ JSON.
#include "document/form_json.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/sm3.hpp"
#include "base/text.hpp"

namespace qingyuan::document {

namespace {

using Json = nlohmann::json;

Error invalid(std::string_view field, std::string_view expected) {
    return {ErrorCode::field_invalid, fmt::format("expects {}", expected), std::string(field)};
}

Result<facts::Value> list_value(std::string_view field, const Json& json) {
    std::vector<std::string> list;
    for (const Json& item : json) {
        if (!item.is_string()) return invalid(field, "a list of texts");
        list.push_back(item.get<std::string>());
    }
    return facts::Value(std::move(list));
}

Result<facts::Value> subject_value(std::string_view field, const Json& json) {
    const auto subject = json.find("subject"), mac = json.find("mac");
    if (json.size() != 2 || subject == json.end() || mac == json.end() || !subject->is_string() ||
        !mac->is_string())
        return invalid(field, "a personal value as subject and mac");
    const auto digest = parse_digest(mac->get<std::string>());
    if (!digest) return invalid(field, "a mac of 64 hexadecimal digits");
    return facts::Value(facts::SubjectRef{subject->get<std::string>(), Bytes(bytes_of(*digest))});
}

Result<facts::Value> value_of(std::string_view field, const Json& json) {
    switch (json.type()) {
        case Json::value_t::string: return facts::Value(json.get<std::string>());
        case Json::value_t::boolean: return facts::Value(json.get<bool>());
        case Json::value_t::number_integer: return facts::Value(json.get<std::int64_t>());
        case Json::value_t::number_unsigned:
            if (json.get<std::uint64_t>() >
                static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                return invalid(field, "a number of 64 bits");
            return facts::Value(json.get<std::int64_t>());
        case Json::value_t::array: return list_value(field, json);
        case Json::value_t::object: return subject_value(field, json);
        default: return invalid(field, "a whole number, a text, a list or true or false");
    }
}

bool is_list(law::FieldType type) {
    return type == law::FieldType::words || type == law::FieldType::people ||
           type == law::FieldType::evidence;
}

/// Parses while watching for a field given twice, which the library would let the later one win.
Result<Json> parsed(std::string_view text) {
    std::vector<std::string> fields;
    std::string twice;
    const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& key) {
        if (event != Json::parse_event_t::key || depth != 1) return true;
        const std::string name = key.get<std::string>();
        if (std::ranges::find(fields, name) != fields.end()) twice = name;
        fields.push_back(name);
        return true;
    };
    Json json = Json::parse(text, watch, /*allow_exceptions=*/false);
    if (json.is_discarded())
        return Error{ErrorCode::json_malformed, "the form is not JSON", {}, {}, "send one JSON object"};
    if (!json.is_object())
        return Error{
            ErrorCode::json_malformed, "the form is not a JSON object", {}, {}, "send one JSON object"};
    if (!twice.empty())
        return Error{ErrorCode::duplicate_key,
                     fmt::format("'{}' is given twice", twice),
                     twice,
                     {},
                     "give each field once"};
    return json;
}

Json json_of(const facts::Value& value) {
    if (const auto* subject = std::get_if<facts::SubjectRef>(&value))
        return {{"subject", subject->subject}, {"mac", hex(std::string_view(subject->mac))}};
    return std::visit(
        [](const auto& held) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, facts::SubjectRef>)
                return {};
            else
                return held;
        },
        value);
}

}  // namespace

Result<facts::Form> form_of_json(std::string_view text, const std::vector<law::Field>& fields) {
    if (text.size() > form_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; {} are allowed", text.size(), form_bytes_max),
                     {},
                     {},
                     "keep long material as evidence"};
    if (!is_utf8(text)) return Error{ErrorCode::encoding_invalid, "not UTF-8"};
    const Json json = TRY(parsed(text));
    facts::Form form;
    for (const auto& [name, value] : json.items()) {
        if (value.is_null()) continue;
        facts::Value read = TRY(value_of(name, value));
        const auto field = std::ranges::find(fields, name, &law::Field::id);
        if (const auto* one = std::get_if<std::string>(&read);
            one && field != fields.end() && is_list(field->type))
            read = std::vector<std::string>{*one};
        form.insert_or_assign(name, std::move(read));
    }
    return form;
}

std::string json_of_form(const facts::Form& form) {
    Json json = Json::object();
    for (const auto& [name, value] : form) json[name] = json_of(value);
    return json.dump();
}

}  // namespace qingyuan::document
