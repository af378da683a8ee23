// The inbox and how one is told.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/notices.hpp"
#include "api/rows.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t unread_counted_max = 1'000;

Json notice_json(const Presenter& present, const NoticeRow& row) {
    const auto procedure = present.services().law.procedure(row.procedure, present.today());
    const auto limit = present.services().law.limit(row.limit, present.today());
    Json out{{"id", row.id},
             {"kind", row.kind},
             {"dossier", nullptr},
             {"procedure", nullptr},
             {"limit", nullptr},
             {"due_on", date_or_null(row.due_on)},
             {"text", {{"zh", row.zh}, {"en", row.en}}},
             {"link", row.link},
             {"at", Instant{row.at}.text()},
             {"read", !row.unread},
             {"escalated", row.escalated}};
    if (!row.dossier.empty()) out["dossier"] = row.dossier;
    if (procedure) out["procedure"] = present.procedure(**procedure);
    if (limit) out["limit"] = present.named(row.limit, (*limit)->zh, (*limit)->step);
    return out;
}

Result<std::int64_t> unread_of(const Call& call) {
    const journal::Query unread{.where = {{"person", journal::Compare::equal, {call.subject.person}},
                                          {"unread", journal::Compare::equal, {std::int64_t{1}}}},
                                .limit = unread_counted_max};
    return static_cast<std::int64_t>(TRY(call.services.work.list<NoticeRow>(unread)).size());
}

/// "z…@bureau.example": enough to know one's own address, too little to write to it.
Json masked_address(const Call& call, const NoticeSettingsRow& row) {
    if (row.address.empty()) return nullptr;
    const auto address = call.services.vault.find(row.address);
    const auto at = address ? address->find('@') : std::string::npos;
    if (at == std::string::npos || at == 0) return nullptr;
    std::string first = address->substr(0, 1);
    while (first.size() < at && !is_utf8(first)) first += (*address)[first.size()];
    return first + "…" + address->substr(at);
}

http::Response settings_response(const Call& call, const NoticeSettingsRow& row) {
    return json_response({{"mail", row.mail},
                          {"address", masked_address(call, row)},
                          {"webhook", row.webhook},
                          {"near", !row.late_only},
                          {"mail_available", call.services.notices.can_mail()},
                          {"webhook_available", call.services.notices.can_post()}},
                         200, std::to_string(row.version));
}

Result<NoticeSettingsRow> settings_of(const Call& call) {
    auto row = TRY(call.services.work.find<NoticeSettingsRow>(call.subject.person));
    return row ? std::move(*row) : NoticeSettingsRow{.person = call.subject.person, .address = {}};
}

}  // namespace

Answer list_notices(const Call& call) {
    using journal::Compare;
    const std::uint64_t limit = TRY(call.limit());
    journal::Query query{.where = {{"person", Compare::equal, {call.subject.person}}},
                         .order_by = "at",
                         .descending = true,
                         .limit = limit + 1};
    if (call.parameter("unread") == "true")
        query.where.push_back({"unread", Compare::equal, {std::int64_t{1}}});
    if (const auto cursor = call.parameter("cursor"); !cursor.empty()) {
        const auto last = TRY(call.services.work.find<NoticeRow>(std::string(cursor)));
        if (!last || last->person != call.subject.person)
            return Error{ErrorCode::usage, "a cursor is the `next` of the page before", "cursor"};
        query.after_order = last->at;
        query.after_key = last->id;
    }
    const auto rows = TRY(call.services.work.list<NoticeRow>(query));
    Json body{{"items", Json::array()}, {"unread", TRY(unread_of(call))}, {"next", nullptr}};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Presenter present(call.services, reader, call.now);
        for (std::size_t i = 0; i < rows.size() && i < limit; ++i)
            body["items"].push_back(notice_json(present, rows[i]));
        return {};
    }));
    if (rows.size() > limit) body["next"] = rows[limit - 1].id;
    return json_response(body);
}

Answer read_notice(const Call& call) {
    const std::string& id = call.path.at("id");
    CHECK(call.services.work.write([&](journal::Projections& rows) -> Result<void> {
        std::vector<NoticeRow> found;
        if (id == "all") {
            found = TRY(rows.view<NoticeRow>().list(
                {.where = {{"person", journal::Compare::equal, {call.subject.person}},
                           {"unread", journal::Compare::equal, {std::int64_t{1}}}},
                 .limit = 10 * unread_counted_max}));
        } else {
            auto row = TRY(rows.find<NoticeRow>(id));
            if (!row || row->person != call.subject.person)
                return Error{
                    ErrorCode::record_unknown, "there is no such notice", "id", {}, {}, "没有此提醒"};
            found.push_back(std::move(*row));
        }
        for (NoticeRow& row : found) {
            row.unread = false;
            CHECK(rows.put(std::move(row)));
        }
        return {};
    }));
    return json_response({{"unread", TRY(unread_of(call))}});
}

Answer notice_settings(const Call& call) {
    return settings_response(call, TRY(settings_of(call)));
}

Answer change_notice_settings(const Call& call) {
    const Json body = TRY(body_of(call, {"mail", "address", "webhook", "near"}));
    NoticeSettingsRow row = TRY(settings_of(call));
    if (TRY(call.if_match()) != std::to_string(row.version))
        return Error{ErrorCode::version_conflict,
                     "the settings have changed since",
                     "If-Match",
                     {},
                     "read them again",
                     "设置已变更",
                     "请重新读取后再修改"};
    row.mail = TRY(flag_in(body, "mail"));
    row.webhook = TRY(flag_in(body, "webhook"));
    row.late_only = !TRY(flag_in(body, "near"));
    const std::string address = TRY(text_in(body, "address", 200));
    if (!address.empty()) {
        const auto at = address.find('@');
        if (at == std::string::npos || at == 0 || at + 1 == address.size() ||
            address.find_first_of(" \t\r\n<>,;") != std::string::npos)
            return Error{ErrorCode::field_invalid, "an address is name@host", "address", {}, {},
                         "邮件地址格式不符"};
        row.address = TRY(call.services.vault.put("mail", address)).subject;
    }
    if (row.mail && row.address.empty())
        return Error{ErrorCode::field_missing, "mail needs an address", "address",       {},
                     "give an address",        "请填写邮件地址",        "请填写邮件地址"};
    ++row.version;
    CHECK(call.services.work.put(row));
    return settings_response(call, row);
}

}  // namespace qingyuan::api
