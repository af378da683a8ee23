// What the operations on accounts share.
#include <nlohmann/json.hpp>

#include "api/accounts/operations.hpp"
#include "api/doors.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t secret_bytes_max = 1024;

/// Persons are shown as {id, name} or with more behind it; organisations have zh and en instead.
void forget_names(Json& value) {
    if (value.is_object() && value.contains("id") && value.contains("name")) value["name"] = nullptr;
    if (value.is_structured())
        for (Json& inner : value) forget_names(inner);
}

}  // namespace

Result<void> place_into(Json& into, Presenter& present, std::string_view organisation) {
    into["organisation"] = nullptr;
    into["operator"] = nullptr;
    if (organisation.empty()) return {};
    const std::string id(organisation);
    if (TRY(present.reader().view<facts::OrganisationRow>().find(id)))
        into["organisation"] = present.organisation(id);
    else
        into["operator"] = present.operator_ref(id);
    return {};
}

Result<std::string> secret_in(const Json& object, const char* name) {
    if (!object.contains(name) || object[name].is_null() || object[name] == "")
        return Error{ErrorCode::field_missing, "must be given", name, {}, {}, "此项必须填写", {}};
    if (!object[name].is_string() || object[name].get_ref<const std::string&>().size() > secret_bytes_max)
        return Error{ErrorCode::field_invalid, "a text of at most 1024 bytes is expected", name};
    return object[name].get<std::string>();
}

Result<Date> date_in(const Json& object, const char* name) {
    const std::string text = TRY(text_in(object, name));
    if (text.empty()) return Date{};
    auto date = parse_date(text);
    if (!date) date.error().where = name;
    return date;
}

Result<std::optional<std::string>> change_in(const Json& object, const char* name) {
    if (!object.contains(name)) return std::optional<std::string>();
    return std::optional(TRY(text_in(object, name)));
}

Result<void> keep_without_names(const Call& call, journal::Writer& writer, Json body, int status,
                                std::string_view etag) {
    forget_names(body);
    return keep_answer(call, writer, json_response(body, status, etag));
}

Json instant_or_null(std::int64_t us) {
    return us == 0 ? Json() : Json(Instant{us}.text());
}

Result<Page> page_of(const Call& call) {
    return Page{TRY(call.limit()), std::string(call.parameter("cursor"))};
}

}  // namespace qingyuan::api
