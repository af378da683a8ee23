// Organisations in their dated tree, as the system administrator keeps them.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/administration.hpp"
#include "api/accounts/operations.hpp"
#include "api/doors.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

Json id_or_null(const std::string& id) {
    return id.empty() ? Json() : Json(id);
}

std::string etag_of(const facts::OrganisationRow& row) {
    return hex(sm3(facts::encode_row(row))).substr(0, 16);
}

Json organisation_json(const Presenter& present, const facts::OrganisationRow& row) {
    const facts::OrganisationRecorded& latest = row.versions.back();
    Json out = present.named(row.id, latest.name, latest.name_en);
    out["parent"] = id_or_null(latest.parent);
    out["department"] = present.word("departments", latest.department);
    out["level"] = latest.level;
    out["region"] = latest.region;
    out["kind"] = present.word("organisation_kinds", latest.kind);
    out["from"] = latest.from.text();
    out["ended_on"] = date_or_null(row.ended_on);
    out["successor"] = id_or_null(row.successor);
    out["versions"] = Json::array();
    for (const facts::OrganisationRecorded& version : row.versions)
        out["versions"].push_back({{"from", version.from.text()},
                                   {"name", version.name},
                                   {"parent", id_or_null(version.parent)},
                                   {"department", version.department}});
    return out;
}

Result<facts::OrganisationRow> row_of(const journal::Reader& reader, const std::string& id) {
    auto row = TRY(reader.view<facts::OrganisationRow>().find(id));
    if (!row || row->versions.empty())
        return Error{ErrorCode::organisation_unknown, fmt::format("there is no organisation '{}'", id), "id"};
    return std::move(*row);
}

/// Everything of accounts is open to administrators wherever it stands, so the place of one organisation
/// decides for all.
Result<void> check_may(const Call& call, const journal::Reader& reader, std::string_view organisation) {
    TRY(call.may(TRY(access::object_at(reader, access::Kind::account, organisation))));
    return {};
}

}  // namespace

Answer admin_organisations(const Call& call) {
    Json items = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        CHECK(check_may(call, reader, call.subject.organisation));
        const Presenter present(call.services, reader, call.now);
        journal::Query query{.limit = 1000};
        for (;;) {
            const auto rows = TRY(reader.view<facts::OrganisationRow>().list(query));
            for (const facts::OrganisationRow& row : rows)
                if (!row.versions.empty()) items.push_back(organisation_json(present, row));
            if (rows.size() < query.limit) return {};
            query.after_key = query.after_order = rows.back().id;
        }
    }));
    return json_response({{"items", std::move(items)}});
}

Answer admin_organisation(const Call& call) {
    Json body;
    std::string etag;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        CHECK(check_may(call, reader, call.path.at("id")));
        const auto row = TRY(row_of(reader, call.path.at("id")));
        body = organisation_json(Presenter(call.services, reader, call.now), row);
        etag = etag_of(row);
        return {};
    }));
    return json_response(body, 200, etag);
}

Answer add_organisation(const Call& call) {
    const Json given = TRY(
        body_of(call, {"id", "name", "name_en", "parent", "department", "kind", "level", "region", "from"}));
    facts::OrganisationRecorded wanted;
    wanted.id = TRY(wanted_in(given, "id", 64));
    wanted.name = TRY(wanted_in(given, "name"));
    wanted.name_en = TRY(text_in(given, "name_en"));
    wanted.parent = TRY(text_in(given, "parent", 64));
    wanted.department = TRY(wanted_in(given, "department"));
    wanted.kind = TRY(wanted_in(given, "kind"));
    wanted.level = TRY(text_in(given, "level"));
    wanted.region = TRY(text_in(given, "region"));
    wanted.from = TRY(date_in(given, "from"));
    Json body;
    std::string etag;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        CHECK(check_may(call, writer, call.subject.organisation));
        TRY(writer.append(
            TRY(accounts::record_organisation(writer, call.services.law, call.subject, wanted))));
        const auto row = TRY(row_of(writer, wanted.id));
        body = organisation_json(Presenter(call.services, writer, call.now), row);
        etag = etag_of(row);
        return keep_answer(call, writer, json_response(body, 201, etag));
    }));
    return json_response(body, 201, etag);
}

Answer change_organisation(const Call& call) {
    const Json given = TRY(body_of(call, {"name", "name_en", "parent", "department", "kind", "level",
                                          "region", "from", "ended_on", "successor"}));
    accounts::OrganisationChange change;
    change.name = TRY(change_in(given, "name"));
    change.name_en = TRY(change_in(given, "name_en"));
    change.parent = TRY(change_in(given, "parent"));
    change.department = TRY(change_in(given, "department"));
    change.kind = TRY(change_in(given, "kind"));
    change.level = TRY(change_in(given, "level"));
    change.region = TRY(change_in(given, "region"));
    if (const Date from = TRY(date_in(given, "from")); from != Date{}) change.from = from;
    if (const Date to = TRY(date_in(given, "ended_on")); to != Date{}) change.ended_on = to;
    change.successor = TRY(text_in(given, "successor", 64));
    const std::string id = call.path.at("id"), expected = TRY(call.if_match());
    Json body;
    std::string etag;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        CHECK(check_may(call, writer, id));
        if (etag_of(TRY(row_of(writer, id))) != expected)
            return Error{ErrorCode::version_conflict,
                         "the organisation changed meanwhile",
                         "If-Match",
                         {},
                         "look at it again",
                         "该单位信息已被他人修改",
                         "请重新查看后再修改"};
        for (facts::Fact& fact :
             TRY(accounts::change_organisation(writer, call.services.law, call.subject, id, change)))
            TRY(writer.append(std::move(fact)));
        const auto row = TRY(row_of(writer, id));
        body = organisation_json(Presenter(call.services, writer, call.now), row);
        etag = etag_of(row);
        return {};
    }));
    return json_response(body, 200, etag);
}

}  // namespace qingyuan::api
