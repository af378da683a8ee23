#include "api/doors.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "api/door.hpp"
#include "api/rows.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

Result<void> only_names(const Json& object, std::initializer_list<std::string_view> names,
                        std::string_view inside) {
    for (const auto& [name, value] : object.items())
        if (std::find(names.begin(), names.end(), name) == names.end())
            return Error{ErrorCode::field_unknown,
                         fmt::format("'{}' is not taken here", name),
                         inside.empty() ? name : fmt::format("{}.{}", inside, name),
                         {},
                         fmt::format("leave it out; taken are {}", fmt::join(names, ", ")),
                         fmt::format("此处不接受“{}”", name),
                         "请删除该项"};
    return {};
}

Result<Json> body_of(const Call& call, std::initializer_list<std::string_view> names) {
    Json body = TRY(call.body());
    CHECK(only_names(body, names));
    return body;
}

Result<std::string> text_in(const Json& object, const char* name, std::size_t max) {
    if (!object.contains(name) || object[name].is_null()) return std::string();
    if (!object[name].is_string())
        return Error{ErrorCode::field_invalid, "a text is expected", name,        {},
                     "write it as text",       "此项应为文字",       "请填写文字"};
    const std::string text(trim(object[name].get<std::string>()));
    if (length_of(text) > max)
        return Error{ErrorCode::field_invalid,
                     fmt::format("{} characters; at most {} are taken", length_of(text), max),
                     name,
                     {},
                     "say it more shortly",
                     fmt::format("共{}字，最多{}字", length_of(text), max),
                     "请精简内容"};
    return text;
}

Result<std::string> wanted_in(const Json& object, const char* name, std::size_t max) {
    std::string text = TRY(text_in(object, name, max));
    if (text.empty())
        return Error{ErrorCode::field_missing,
                     fmt::format("{} must be given", name),
                     name,
                     {},
                     "fill it in",
                     "此项必须填写",
                     "请填写此项"};
    return text;
}

Result<std::vector<std::string>> list_in(const Json& object, const char* name) {
    std::vector<std::string> out;
    if (!object.contains(name) || object[name].is_null()) return out;
    if (!object[name].is_array()) return Error{ErrorCode::field_invalid, "a list of texts is expected", name};
    for (const Json& item : object[name]) {
        if (!item.is_string()) return Error{ErrorCode::field_invalid, "a list of texts is expected", name};
        out.push_back(item.get<std::string>());
    }
    return out;
}

Result<bool> flag_in(const Json& object, const char* name) {
    if (!object.contains(name) || object[name].is_null()) return false;
    if (!object[name].is_boolean()) return Error{ErrorCode::field_invalid, "true or false is expected", name};
    return object[name].get<bool>();
}

Result<std::string> word_in(const Call& call, const Json& object, const char* name,
                            std::string_view vocabulary) {
    std::string code = TRY(text_in(object, name));
    if (code.empty()) return code;
    const law::Vocabulary* words = call.services.law.find_vocabulary(vocabulary);
    const law::Word* word = words ? words->find(code) : nullptr;
    if (!word || !word->in_force.holds(call.now.date()))
        return Error{ErrorCode::not_in_vocabulary,
                     fmt::format("'{}' is not a word of {}", code, vocabulary),
                     name,
                     {},
                     "choose one of the list",
                     "不在可选范围内",
                     "请从列表中选择"};
    return code;
}

Result<void> check_uploaded(const Call& call, const std::vector<std::string>& digests) {
    using journal::Compare;
    for (const std::string& digest : digests) {
        const bool own =
            TRY(call.services.work.count<UploadRow>({{"evidence", Compare::equal, {digest}},
                                                     {"person", Compare::equal, {call.subject.person}}})) !=
            0;
        if (!own || !call.services.evidence.contains(digest))
            return Error{ErrorCode::evidence_missing,
                         fmt::format("no file {} of yours was uploaded", digest.substr(0, 8)),
                         "evidence",
                         {},
                         "upload the file first, then name its digest",
                         "文件尚未上传",
                         "请先上传文件"};
    }
    return {};
}

Result<std::vector<facts::DossierRow>> open_to(const Call& call, const journal::Reader& reader,
                                               std::vector<journal::Condition> where) {
    const access::Scope scope = call.scope(access::Kind::dossier);
    if (scope.nothing()) return std::vector<facts::DossierRow>();
    journal::Query query;
    query.where = std::move(where);
    query.any = access::branches(scope);
    query.limit = 10'000;
    return reader.view<facts::DossierRow>().list(query);
}

const facts::StepState* last_step(const facts::DossierRow& row, std::string_view step) {
    const auto found = std::find_if(row.steps.rbegin(), row.steps.rend(), [&](const facts::StepState& one) {
        return one.step == step && !one.voided;
    });
    return found == row.steps.rend() ? nullptr : &*found;
}

std::optional<act::ClockView> running_clock(const Presenter& present, const facts::DossierRow& row,
                                            std::initializer_list<std::string_view> limits) {
    for (act::ClockView& view : present.services().engine().clocks(row, present.now()))
        if (view.running && std::find(limits.begin(), limits.end(), view.limit_id) != limits.end())
            return std::move(view);
    return std::nullopt;
}

Json next_clock(const Presenter& present, const facts::DossierRow& row) {
    const auto views = present.services().engine().clocks(row, present.now());
    const act::ClockView* first = nullptr;
    for (const act::ClockView& view : views)
        if (view.running && view.duty && (!first || view.due.raw < first->due.raw)) first = &view;
    if (!first) return nullptr;
    const Json whole = present.clock(*first);
    Json out;
    for (const char* name : {"limit", "zh", "en", "left", "unit", "standing", "law"}) out[name] = whole[name];
    out["due"] = first->suspended ? Json(nullptr) : Json(first->due.raw.text());
    return out;
}

Json region_named(const Presenter& present, std::string_view code) {
    const law::Region* region = present.services().law.find_region(code, present.today());
    return region ? present.named(code, region->name, region->name_en) : Json(nullptr);
}

Json licence_status(const Presenter& present, std::string_view status) {
    const auto procedure = present.services().law.procedure("licence", present.today());
    if (!procedure) return present.named(status, status, status);
    const law::State* state = (*procedure)->find_state(status);
    return state ? present.named(status, state->zh, state->en) : present.named(status, status, status);
}

Result<void> keep_answer(const Call& call, journal::Writer& writer, const http::Response& response) {
    if (call.repeat_key.empty()) return {};
    CHECK(writer.remember(request_row(call, response), repeats_kept_us));
    call.remembered = true;
    return {};
}

Result<void> keep_answer(const Call& call, journal::Projections& rows, const http::Response& response) {
    if (call.repeat_key.empty()) return {};
    CHECK(rows.put(request_row(call, response)));
    call.remembered = true;
    return {};
}

}  // namespace qingyuan::api
