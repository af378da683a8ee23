// Saved views: a filter kept under a name, by oneself or for the whole unit.
#include <nlohmann/json.hpp>

#include "accounts/letters.hpp"
#include "api/doors.hpp"
#include "api/rows.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t views_max = 100;  ///< of one person
constexpr std::size_t name_max = 60, query_max = 2000;

Json view_json(Presenter& present, const ViewRow& row, std::string_view reader) {
    return {{"id", row.id},
            {"name", row.name},
            {"page", row.page},
            {"query", row.query},
            {"shared", !row.organisation.empty()},
            {"own", row.person == reader},
            {"owner", present.person(row.person)},
            {"created_at", Instant{row.created}.text()}};
}

/// Own ones and those shared in the own organisation, by name.
Result<std::vector<ViewRow>> seen_by(const Call& call) {
    using journal::Compare;
    const auto rows = [&](std::string_view field, const std::string& value) {
        return call.services.work.list<ViewRow>(
            {.where = {{field, Compare::equal, {value}}}, .limit = 10 * views_max});
    };
    std::vector<ViewRow> out = TRY(rows("person", call.subject.person));
    if (!call.subject.organisation.empty())
        for (ViewRow& row : TRY(rows("organisation", call.subject.organisation)))
            if (row.person != call.subject.person) out.push_back(std::move(row));
    if (const auto page = call.parameter("page"); !page.empty())
        std::erase_if(out, [&](const ViewRow& row) { return row.page != page; });
    std::sort(out.begin(), out.end(), [](const ViewRow& a, const ViewRow& b) {
        return std::tie(a.page, a.name, a.id) < std::tie(b.page, b.name, b.id);
    });
    return out;
}

}  // namespace

Answer list_views(const Call& call) {
    Json items = Json::array();
    const auto rows = TRY(seen_by(call));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        for (const ViewRow& row : rows) items.push_back(view_json(present, row, call.subject.person));
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

Answer save_view(const Call& call) {
    const Json body = TRY(body_of(call, {"name", "page", "query", "shared"}));
    ViewRow row{.id = "v-" + TRY(accounts::fresh_secret()).substr(0, 22),
                .person = call.subject.person,
                .organisation = TRY(flag_in(body, "shared")) ? call.subject.organisation : "",
                .page = TRY(wanted_in(body, "page", 31)),
                .name = TRY(wanted_in(body, "name", name_max)),
                .query = TRY(text_in(body, "query", query_max)),
                .created = call.now.us};
    if (!is_identifier(row.page)) return Error{ErrorCode::field_invalid, "a page's name", "page"};
    const std::vector<journal::Condition> own{{"person", journal::Compare::equal, {row.person}}};
    if (TRY(call.services.work.count<ViewRow>(own)) >= views_max)
        return Error{ErrorCode::too_large,
                     "there are too many of your views",
                     {},
                     {},
                     "delete some first",
                     "保存的视图过多",
                     "请先删除一些"};
    Json out;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        out = view_json(present, row, call.subject.person);
        return {};
    }));
    http::Response response = json_response(out, 201);
    CHECK(call.services.work.write([&](journal::Projections& rows) -> Result<void> {
        CHECK(rows.put(row));
        return keep_answer(call, rows, response);
    }));
    return response;
}

Answer delete_view(const Call& call) {
    const auto row = TRY(call.services.work.find<ViewRow>(call.path.at("id")));
    if (!row || row->person != call.subject.person)
        return Error{ErrorCode::record_unknown, "there is no such view of yours", "id", {}, {}, "没有此视图"};
    CHECK(call.services.work.erase<ViewRow>(row->id));
    return no_content();
}

}  // namespace qingyuan::api
