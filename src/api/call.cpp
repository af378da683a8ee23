// What an operation asks of its call: parameters, who acts, and what they may.
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/door.hpp"
#include "api/json_depth.hpp"
#include "api/plan_desk.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t page_default = 50, page_max = 500;
constexpr std::size_t json_depth_max = 64;
constexpr std::size_t purpose_bytes_max = 600;

Error refused(const access::Decision& decision) {
    switch (decision.refusal) {
        case ErrorCode::not_signed_in:
            return {ErrorCode::not_signed_in,
                    "this asks who you are",
                    {},
                    {},
                    "sign in",
                    "此处需要登录",
                    "请先登录"};
        case ErrorCode::recused:
            return {ErrorCode::recused, "you are recused from this matter", {},
                    "APL 43",           "another person handles it",        "您在本事项中应当回避",
                    "由其他人员办理"};
        default:
            return {decision.refusal == ErrorCode{} ? ErrorCode::access_denied : decision.refusal,
                    "this lies outside what your roles and grants open to you",
                    {},
                    {},
                    "ask the security administrator of your organisation",
                    "不在您的职权和授权范围内",
                    "请联系本单位安全管理员"};
    }
}

Result<void> note_read(const Call& call, const access::Decision& decision, const access::Object& object,
                       access::Action action) {
    if (!decision.note) return {};
    const std::string purpose = TRY(call.purpose());
    if (decision.ask_purpose && purpose.empty())
        return Error{ErrorCode::purpose_missing,
                     "say why you look at this",
                     "X-Purpose",
                     {},
                     "give the reason; it stands in the access journal",
                     "查看此内容须说明理由",
                     "请填写查看理由，理由将记入访问台账"};
    std::string verb(access::name_of(action));
    if (verb.ends_with('_')) verb.pop_back();
    const std::string what = object.seq != 0               ? std::to_string(object.seq)
                             : !object.operator_id.empty() ? object.operator_id
                             : !object.person.empty()      ? object.person
                                                           : object.organisation;
    const access::Policy policy = decision.policy.value_or(call.operation.policy);
    facts::AccessNoted noted{.action = std::move(verb),
                             .object = what,
                             .decision = "allowed",
                             .purpose = purpose,
                             .policy = std::string(access::name_of(policy)),
                             .grant = std::string(decision.grant),
                             .count = 1,
                             .session = call.identity ? call.identity->session : ""};
    return call.write_notes({std::move(noted)});
}

access::Decision decide_pure(const Call& call, access::Action action, const access::Object& object) {
    call.decided = true;
    return access::decide(call.subject, call.operation.policy, action, object);
}

/// No name twice in one object, nothing deeper than `json_depth_max`.
bool is_sound(const std::string& text, Json& out) {
    std::vector<std::set<std::string>> names;
    bool sound = true;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > static_cast<int>(json_depth_max)) sound = false;
        if (event == Json::parse_event_t::object_start) names.emplace_back();
        if (event == Json::parse_event_t::object_end && !names.empty()) names.pop_back();
        if (event == Json::parse_event_t::key && !names.empty())
            sound = names.back().insert(parsed.get<std::string>()).second && sound;
        return sound;
    };
    if (!is_shallow(text, json_depth_max)) return false;
    out = Json::parse(text, watch, false);
    return sound && !out.is_discarded();
}

}  // namespace

Result<std::uint64_t> Call::limit() const {
    if (parameter("limit").empty()) return page_default;
    const auto limit = parse_integer(parameter("limit"));
    if (!limit || *limit < 1 || *limit > static_cast<std::int64_t>(page_max))
        return Error{ErrorCode::usage, fmt::format("limit is a whole number from 1 to {}", page_max),
                     "limit"};
    return static_cast<std::uint64_t>(*limit);
}

Result<act::Actor> Call::actor(const journal::Reader& reader) const {
    if (subject.person.empty())
        return Error{
            ErrorCode::not_signed_in, "nobody is signed in", {}, {}, "sign in", "尚未登录", "请先登录"};
    return act::actor_of(reader, subject.person, now);
}

Result<act::Actor> Call::actor() const {
    std::optional<act::Actor> found;
    CHECK(services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        found = TRY(actor(reader));
        return {};
    }));
    return *found;
}

Result<Json> Call::body() const {
    if (request.body.empty()) return Json::object();
    Json body;
    if (!is_utf8(request.body) || !is_sound(request.body, body))
        return Error{
            ErrorCode::json_malformed,
            fmt::format("the body is not JSON, holds a name twice or is deeper than {}", json_depth_max),
            "body"};
    if (!body.is_object()) return Error{ErrorCode::request_malformed, "the body is a JSON object", "body"};
    return body;
}

Result<std::string> Call::if_match() const {
    std::string_view tag = request.header("if-match");
    if (tag.empty())
        return Error{ErrorCode::version_wanted,
                     "a change says which version it was made on",
                     "If-Match",
                     {},
                     "read it again and send its ETag in If-Match",
                     "修改须注明所依据的版本",
                     "请重新读取后再提交"};
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
    return std::string(tag);
}

Result<std::string> Call::purpose() const {
    const std::string_view raw = request.header("x-purpose");
    if (raw.size() > purpose_bytes_max)
        return Error{ErrorCode::usage, "a purpose is a short sentence", "X-Purpose"};
    auto text = http::decode_url(raw);
    if (!text) return Error{ErrorCode::usage, "X-Purpose is percent-encoded UTF-8", "X-Purpose"};
    return std::string(trim(*text));
}

Result<access::Decision> Call::may(access::Action action, const access::Object& object) const {
    access::Decision decision = decide_pure(*this, action, object);
    if (!decision.allowed) return refused(decision);
    CHECK(note_read(*this, decision, object, action));
    return decision;
}

Result<access::Decision> Call::may(const access::Object& object) const {
    return may(access::action_of(operation.policy), object);
}

access::Scope Call::scope(access::Kind kind) const {
    decided = true;
    return access::kind_of(operation.policy) == kind ? access::scope_of(subject, operation.policy)
                                                     : access::scope_of(subject, access::Action::list, kind);
}

Result<void> Call::note(std::string_view object, std::int64_t count, std::string_view purpose,
                        std::string_view grant) const {
    facts::AccessNoted entry{
        .action = access::action_of(operation.policy) == access::Action::export_ ? "export" : "read",
        .object = std::string(object),
        .decision = "allowed",
        .purpose = std::string(purpose),
        .policy = std::string(access::name_of(operation.policy)),
        .grant = std::string(grant),
        .count = count,
        .session = identity ? identity->session : ""};
    return write_notes({std::move(entry)});
}

Result<void> Call::write_notes(const std::vector<facts::AccessNoted>& entries) const {
    const std::string who = subject.person.empty() ? "stranger" : subject.person;
    std::vector<facts::Fact> list;
    for (const facts::AccessNoted& entry : entries)
        list.push_back(facts::Fact{now.date(), subject.organisation, who, 0, entry});
    notes.insert(notes.end(), entries.begin(), entries.end());
    return services.access.append(std::move(list));
}

std::string home_of(const Call& call) {
    // The last place of a path "hunan/hengyang/".
    std::string_view path = call.subject.path;
    if (path.ends_with('/')) path.remove_suffix(1);
    if (path.empty()) return call.services.default_organisation;
    return std::string(path.substr(path.rfind('/') + 1));
}

// --- dossiers

Error no_such_dossier(std::string_view id) {
    return {ErrorCode::dossier_unknown,
            fmt::format("'{}'", id),
            {},
            {},
            "look it up in the list of dossiers",
            fmt::format("没有“{}”这一事项", id),
            "请在事项列表中查找"};
}

static Result<Reached> reached(const Call& call, const journal::Reader& reader, std::string_view id,
                               bool journaled) {
    auto row = act::dossier(reader, id);
    if (!row) {
        call.decided = true;
        if (row.error().code == ErrorCode::dossier_unknown) return no_such_dossier(id);
        return row.error();
    }
    access::Object object = TRY(access::object_of(reader, *row));
    access::Policy looking = access::Policy::dossier_read;
    if (access::kind_of(call.operation.policy) == access::Kind::plan) {
        if (!is_planned(row->procedure)) {
            call.decided = call.hidden = true;
            return no_such_dossier(id);
        }
        object.kind = access::Kind::plan;
        looking = access::Policy::plan_read;
    }
    const access::Action action = access::action_of(call.operation.policy);
    access::Decision decision = decide_pure(call, action, object);
    if (!decision.allowed) {
        // Who is recused may know that much; to everybody else it does not exist.
        if (decision.refusal == ErrorCode::recused) return refused(decision);
        // What one may read exists: it is the act that is refused.
        if (access::decide(call.subject, looking, object).allowed) return refused(decision);
        call.hidden = true;
        return no_such_dossier(id);
    }
    if (journaled) CHECK(note_read(call, decision, object, action));
    return Reached{std::move(*row), std::move(decision)};
}

Result<Reached> reach(const Call& call, const journal::Reader& reader, std::string_view id) {
    return reached(call, reader, id, true);
}

Result<Reached> reach_again(const Call& call, const journal::Reader& reader, std::string_view id) {
    return reached(call, reader, id, false);
}

}  // namespace qingyuan::api
