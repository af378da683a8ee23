// Organisations and the people in post.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/present.hpp"

namespace qingyuan::api {

Answer list_organisations(const Call& call) {
    Json items = Json::array();
    // Which authorities there are stands in every gazette: whoever may list the registry at all sees the
    // tree.
    (void)call.scope(access::Kind::registry);
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto tree = TRY(registry::OrganisationTree::load(reader));
        const Date on = call.now.date();
        const Presenter present(call.services, reader, call.now);
        std::vector<std::string> ids;
        if (const auto under = call.parameter("under"); !under.empty()) {
            if (!tree.find(under, on))
                return Error{ErrorCode::organisation_unknown,
                             fmt::format("there is no organisation '{}'", under), "under"};
            ids = tree.subtree(under, on);
        } else {
            for (const std::string& root : tree.roots(on))
                for (std::string& id : tree.subtree(root, on)) ids.push_back(std::move(id));
        }
        for (const std::string& id : ids) {
            const auto* organisation = tree.find(id, on);
            Json item = present.named(id, organisation->name, organisation->name_en);
            item["parent"] = nullptr;
            if (!organisation->parent.empty()) item["parent"] = organisation->parent;
            item["department"] = present.word("departments", organisation->department);
            item["level"] = organisation->level;
            item["region"] = organisation->region;
            item["kind"] = organisation->kind;
            item["from"] = organisation->from.text();
            item["ended_on"] = nullptr;
            item["successor"] = nullptr;
            items.push_back(std::move(item));
        }
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

namespace {

/// A person in post, as an object of access: of an authority, or of an operator.
Result<access::Object> person_object(const journal::Reader& reader, const facts::PersonRecorded& person) {
    access::Object object = TRY(access::object_at(reader, access::Kind::registry, person.organisation));
    if (object.department.empty()) object.operator_id = person.organisation;
    object.person = person.id;
    return object;
}

}  // namespace

Answer list_people(const Call& call) {
    Json body{{"items", Json::array()}, {"next", nullptr}};
    const std::uint64_t limit = TRY(call.limit());
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        const Date on = call.now.date();
        journal::Query query{.limit = limit + 1};
        if (const auto organisation = call.parameter("organisation"); !organisation.empty())
            query.where.push_back({"organisation", journal::Compare::equal, {std::string(organisation)}});
        if (const auto cursor = call.parameter("cursor"); !cursor.empty()) {
            query.after_key = std::string(cursor);
            query.after_order = query.after_key;
        }
        const auto rows = TRY(reader.view<facts::PersonRow>().list(query));
        call.decided = true;
        for (std::size_t i = 0; i < rows.size() && i < limit; ++i) {
            const auto person = TRY(registry::find_person(reader, rows[i].id, on));
            if (!person) continue;
            const auto object = TRY(person_object(reader, *person));
            if (!access::decide(call.subject, call.operation.policy, object).allowed) continue;
            const auto role = call.parameter("role");
            if (!role.empty() &&
                std::find(person->roles.begin(), person->roles.end(), role) == person->roles.end())
                continue;
            Json item = present.person(rows[i].id);
            item["organisation"] = present.organisation(person->organisation);
            item["roles"] = Json::array();
            for (const std::string& id : person->roles) item["roles"].push_back(present.role(id));
            item["certificate"] = person->certificate;
            item["certificate_to"] = date_or_null(person->certificate_to);
            item["qualified"] = TRY(registry::is_qualified(reader, rows[i].id, on));
            body["items"].push_back(std::move(item));
        }
        if (rows.size() > limit) body["next"] = rows[limit - 1].id;
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
