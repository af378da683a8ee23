// Single JSON values: what is wrong with them has a name, and nothing malformed is skipped over.
#include <algorithm>

#include "observe/epcis_json.hpp"

namespace qingyuan::observe {

namespace {

std::string shown(std::string_view text) {
    return "'" + std::string(text.substr(0, 120)) + "'";
}

bool is_json_number(std::string_view token) {
    if (token.starts_with('-')) token.remove_prefix(1);
    const auto digit = [&](std::size_t i) { return i < token.size() && token[i] >= '0' && token[i] <= '9'; };
    if (!digit(0) || (token[0] == '0' && digit(1))) return false;
    const std::size_t dot = token.find('.');
    if (dot != std::string_view::npos && !digit(dot + 1)) return false;
    return is_decimal(token, token.size());
}

}  // namespace

Error JsonValues::malformed(simdjson::error_code code) {
    switch (code) {
        case simdjson::UTF8_ERROR: return epcis_error(ErrorCode::encoding_invalid, "the text is not UTF-8");
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC: return epcis_error(ErrorCode::too_large, "the document is too large");
        case simdjson::DEPTH_ERROR: return epcis_error(ErrorCode::nesting_too_deep, "nested too deeply");
        default: return epcis_error(ErrorCode::json_malformed, simdjson::error_message(code));
    }
}

Result<std::string_view> JsonValues::text(Value value) const {
    std::string_view result;
    const simdjson::error_code code = value.get_string().get(result);
    if (code == simdjson::INCORRECT_TYPE)
        return epcis_error(ErrorCode::epcis_field_invalid, "text is wanted");
    SJ(code);
    return result;
}

Result<std::string_view> JsonValues::number(Value value) const {
    simdjson::ondemand::json_type type{};
    SJ(value.type().get(type));
    if (type != simdjson::ondemand::json_type::number) {
        return epcis_error(ErrorCode::epcis_field_invalid, "a number is wanted");
    }
    std::string_view token = value.raw_json_token();
    while (!token.empty() && static_cast<unsigned char>(token.back()) <= 0x20) token.remove_suffix(1);
    double unused = 0;
    if (token.size() > limits_.number_characters) {
        return epcis_error(ErrorCode::number_invalid,
                           "a number of " + std::to_string(token.size()) + " characters");
    }
    if (!is_json_number(token)) return epcis_error(ErrorCode::number_invalid, shown(token) + " is no number");
    SJ(value.get_double().get(unused));  // moves on behind the number
    return token;
}

Result<std::string_view> JsonValues::boolean(Value value) const {
    simdjson::ondemand::json_type type{};
    SJ(value.type().get(type));
    if (type != simdjson::ondemand::json_type::boolean) {
        return epcis_error(ErrorCode::epcis_field_invalid, "true or false is wanted");
    }
    bool flag = false;
    if (value.get_bool().get(flag) != simdjson::SUCCESS) {
        return epcis_error(ErrorCode::json_malformed, "neither true nor false");
    }
    return flag ? std::string_view("true") : std::string_view("false");
}

Result<JsonValues::Array> JsonValues::array(Value value) const {
    Array result;
    const simdjson::error_code code = value.get_array().get(result);
    if (code == simdjson::INCORRECT_TYPE)
        return epcis_error(ErrorCode::epcis_field_invalid, "an array is wanted");
    SJ(code);
    return result;
}

Result<JsonValues::Object> JsonValues::object(Value value) const {
    Object result;
    const simdjson::error_code code = value.get_object().get(result);
    if (code == simdjson::INCORRECT_TYPE) {
        return epcis_error(ErrorCode::epcis_field_invalid, "an object is wanted");
    }
    SJ(code);
    return result;
}

std::string_view JsonValues::raw(simdjson::ondemand::raw_json_string string) {
    const char* begin = string.raw();
    const char* end = begin;
    while (*end != '"') {
        if (*end == '\\') return {};
        ++end;
    }
    return {begin, static_cast<std::size_t>(end - begin)};
}

Result<void> JsonValues::walk(Value value, std::size_t depth) const {
    using simdjson::ondemand::json_type;
    if (depth > limits_.depth) return epcis_error(ErrorCode::nesting_too_deep, "nested too deeply");
    json_type type{};
    SJ(value.type().get(type));
    const auto done = [](const Result<std::string_view>& read) {
        return read ? Result<void>{} : Result<void>{read.error()};
    };
    switch (type) {
        case json_type::object: {
            Object members = TRY(object(value));
            for (auto each : members) {
                Value inner;
                SJ(each.value().get(inner));
                CHECK(walk(inner, depth + 1));
            }
            return {};
        }
        case json_type::array: {
            Array elements = TRY(array(value));
            for (auto each : elements) {
                Value inner;
                SJ(std::move(each).get(inner));
                CHECK(walk(inner, depth + 1));
            }
            return {};
        }
        case json_type::string: return done(text(value));
        case json_type::number: return done(number(value));
        case json_type::boolean: return done(boolean(value));
        case json_type::null: break;
    }
    bool null = false;
    SJ(value.is_null().get(null));
    if (null) return {};
    return epcis_error(ErrorCode::json_malformed, "a value is neither null nor anything else");
}

Result<void> JsonValues::distinct_keys(std::size_t from) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(from);
    std::string_view twice;
    bool found = false;
    if (keys_.end() - begin > 16) {
        std::sort(begin, keys_.end());
        const auto at = std::adjacent_find(begin, keys_.end());
        found = at != keys_.end();
        if (found) twice = *at;
    } else {
        for (auto at = begin; at != keys_.end(); ++at) {
            if (std::find(begin, at, *at) != at) {
                found = true;
                twice = *at;
            }
        }
    }
    keys_.resize(from);
    if (!found) return {};
    return epcis_error(ErrorCode::key_repeated, shown(twice) + " stands twice in one object");
}

}  // namespace qingyuan::observe
