// Operators: the list, one with its licences, and what happened to it.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/batch.hpp"
#include "api/present.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::uint64_t count_max = 10'000;
constexpr std::uint64_t dossiers_max = 2'000;  ///< of one operator, looked through for its history

/// Name, kind and licence of an operator are public; what else there is the masks leave out.
Result<access::Object> operator_object(const journal::Reader& reader, std::string_view id,
                                       std::string_view organisation) {
    access::Object object = TRY(access::object_at(reader, access::Kind::registry, organisation));
    object.label = access::Label::public_;
    object.operator_id = id;
    return object;
}

Json region_json(const Call& call, const Presenter& present, std::string_view code) {
    const law::Region* region = call.services.law.find_region(code, call.now.date());
    return present.named(code, region ? region->name : code, region ? region->name_en : code);
}

Json row_json(const Call& call, Presenter& present, const facts::OperatorRow& row) {
    return {{"id", row.id},
            {"name", row.name},
            {"kind", present.word("operator_kinds", row.kind)},
            {"uscc", row.uscc},
            {"region", region_json(call, present, row.region)},
            {"organisation", present.organisation(row.organisation)}};
}

/// The conditions of the list; `q` looks at the beginning of name and credit code.
Result<journal::Query> asked(const Call& call, const journal::Reader& reader) {
    using journal::Compare;
    journal::Query query{.order_by = "name"};
    for (const char* field : {"kind", "region"})
        if (const auto value = call.parameter(field); !value.empty())
            query.where.push_back({field, Compare::equal, {std::string(value)}});
    if (const auto organisation = call.parameter("org"); !organisation.empty()) {
        const auto tree = TRY(registry::OrganisationTree::load(reader));
        if (!tree.find(organisation, call.now.date()))
            return Error{ErrorCode::organisation_unknown,
                         fmt::format("there is no organisation '{}'", organisation), "org"};
        journal::Condition below{"organisation", Compare::one_of, {}};
        for (const std::string& id : tree.subtree(organisation, call.now.date()))
            below.values.emplace_back(id);
        query.where.push_back(std::move(below));
    }
    if (const auto q = trim(call.parameter("q")); !q.empty())
        query.any = {{{"name", Compare::prefix, {std::string(q)}}},
                     {{"uscc", Compare::prefix, {std::string(q)}}}};
    return query;
}

}  // namespace

Answer list_operators(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    const access::Scope scope = call.scope(access::Kind::registry);
    Json body{{"items", Json::array()}, {"total", 0}, {"estimated", false}, {"next", nullptr}};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto view = reader.view<facts::OperatorRow>();
        Presenter present(call.services, reader, call.now);
        if (!scope.everything) {  // those the authority deals with: their own
            for (const std::string& id : scope.operators)
                if (const auto row = TRY(view.find(id)))
                    body["items"].push_back(row_json(call, present, *row));
            body["total"] = body["items"].size();
            return {};
        }
        journal::Query query = TRY(asked(call, reader));
        const std::uint64_t total = TRY(view.count(query, count_max + 1));
        if (const auto cursor = call.parameter("cursor"); !cursor.empty()) {
            const auto last = TRY(view.find(std::string(cursor)));
            if (!last) return Error{ErrorCode::usage, "a cursor is the `next` of the page before", "cursor"};
            query.after_order = last->name;
            query.after_key = last->id;
        }
        query.limit = limit + 1;
        const auto rows = TRY(view.list(query));
        for (std::size_t i = 0; i < rows.size() && i < limit; ++i)
            body["items"].push_back(row_json(call, present, rows[i]));
        if (rows.size() > limit) body["next"] = rows[limit - 1].id;
        body["total"] = std::min(total, count_max);
        body["estimated"] = total > count_max;
        return {};
    }));
    return json_response(body);
}

Result<std::vector<facts::OperatorRow>> all_operators(const Call& call, const journal::Reader& reader,
                                                      std::uint64_t max) {
    const access::Scope scope = call.scope(access::Kind::registry);
    std::vector<facts::OperatorRow> rows;
    if (scope.everything) {
        journal::Query query = TRY(asked(call, reader));
        query.limit = max + 1;
        rows = TRY(reader.view<facts::OperatorRow>().list(query));
    } else {
        for (const std::string& id : scope.operators)
            if (auto row = TRY(reader.view<facts::OperatorRow>().find(id))) rows.push_back(std::move(*row));
    }
    if (rows.size() > max)
        return Error{
            ErrorCode::too_large, fmt::format("more than {} operators match", max), "query",         {},
            "narrow the filters", fmt::format("符合条件的主体超过 {} 户", max),     "请缩小筛选范围"};
    return rows;
}

namespace {

Json licences_json(const Presenter& present, const std::vector<facts::LicenceRecorded>& licences) {
    Json out = Json::array();
    for (const auto& licence : licences) {
        Json scopes = Json::array();
        for (const std::string& scope : licence.scopes)
            scopes.push_back(present.word("licence_scopes", scope));
        out.push_back({{"id", licence.id},
                       {"kind", present.word("licence_kinds", licence.kind)},
                       {"scopes", std::move(scopes)},
                       {"status", licence.status},
                       {"from", licence.from.text()},
                       {"to", date_or_null(licence.to)}});
    }
    return out;
}

/// How many dossiers of the operator the reader may list.
Result<std::uint64_t> dossiers_of(const Call& call, const journal::Reader& reader, const std::string& id) {
    const access::Scope scope = call.scope(access::Kind::dossier);
    if (scope.nothing()) return std::uint64_t{0};
    journal::Query query{.where = {{"operator_id", journal::Compare::equal, {id}}}};
    query.any = access::branches(scope);
    return reader.view<facts::DossierRow>().count(query, count_max);
}

/// Finds the operator and decides; one out of reach is answered like one that does not exist.
Result<std::pair<facts::OperatorRecorded, access::Decision>> reach_operator(const Call& call,
                                                                            const journal::Reader& reader) {
    const std::string& id = call.path.at("id");
    const auto unknown = [&] {
        return Error{ErrorCode::operator_unknown,
                     fmt::format("'{}'", id),
                     {},
                     {},
                     "look it up in the list of operators",
                     fmt::format("没有“{}”这一主体", id),
                     "请在主体列表中查找"};
    };
    call.decided = true;
    auto found = registry::operator_on(reader, id, call.now.date());
    if (!found) return found.error().code == ErrorCode::operator_unknown ? unknown() : found.error();
    const auto object = TRY(operator_object(reader, found->id, found->organisation));
    auto decision = access::decide(call.subject, access::Policy::registry_read, object);
    if (!decision.allowed) {
        call.hidden = true;
        return unknown();
    }
    return std::pair(std::move(*found), std::move(decision));
}

}  // namespace

Answer show_operator(const Call& call) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [found, decision] = TRY(reach_operator(call, reader));
        Presenter present(call.services, reader, call.now, decision.masks);
        body = {{"id", found.id},
                {"name", found.name},
                {"kind", present.word("operator_kinds", found.kind)},
                {"uscc", found.uscc},
                {"headquarters", present.operator_ref(found.headquarters)},
                {"region", region_json(call, present, found.region)},
                {"organisation", present.organisation(found.organisation)},
                {"address", found.address},
                {"representative", nullptr},
                {"licences",
                 licences_json(present, TRY(registry::licences_of(reader, found.id, call.now.date())))},
                {"dossiers", TRY(dossiers_of(call, reader, found.id))}};
        if (decision.masked(access::Mask::personal)) return {};
        if (const auto name = call.services.vault.find(found.representative.subject);
            name && *name != accounts::erased_text)
            body["representative"] = *name;
        return {};
    }));
    return json_response(body);
}

namespace {

struct Event {
    Date on;
    std::int64_t seq = 0;  ///< 0 = an entry of the registry
    Json json;
};

/// What was done in a dossier: its opening and every step that stands.
void add_dossier(Presenter& present, const facts::DossierRow& row, std::vector<Event>& out) {
    const law::Procedure* procedure = present.procedure_of(row);
    const Json dossier{
        {"id", row.id},
        {"title", row.title},
        {"procedure", procedure ? present.procedure(*procedure) : present.term(row.procedure)}};
    const auto add = [&](std::int64_t seq, Date on, std::string_view kind, Json title) {
        out.push_back({on,
                       seq,
                       {{"seq", seq},
                        {"kind", kind},
                        {"happened_on", on.text()},
                        {"organisation", present.organisation(row.organisation)},
                        {"title", std::move(title)},
                        {"dossier", dossier}}});
    };
    add(row.seq, row.opened_on, "dossier_opened", {{"zh", "立项"}, {"en", "Opened"}});
    for (const facts::StepState& step : row.steps) {
        if (step.voided) continue;
        const Json named = present.step(procedure, step.step);
        add(step.seq, step.on, "step_taken", {{"zh", named["zh"]}, {"en", named["en"]}});
    }
}

Result<void> add_registry(Presenter& present, const journal::Reader& reader, const std::string& id,
                          std::vector<Event>& out) {
    const auto add = [&](Date from, std::string_view kind, std::string_view organisation, Json title) {
        out.push_back({from,
                       0,
                       {{"seq", 0},
                        {"kind", kind},
                        {"happened_on", from.text()},
                        {"organisation", present.organisation(organisation)},
                        {"title", std::move(title)},
                        {"dossier", nullptr}}});
    };
    const auto row = TRY(reader.view<facts::OperatorRow>().find(id));
    for (std::size_t i = 0; row && i < row->versions.size(); ++i)
        add(row->versions[i].from, "operator_recorded", row->versions[i].organisation,
            i == 0 ? Json{{"zh", "登记"}, {"en", "Registered"}}
                   : Json{{"zh", "登记信息变更"}, {"en", "Register entry changed"}});
    const journal::Query of_operator{.where = {{"operator_id", journal::Compare::equal, {id}}}, .limit = 500};
    for (const facts::LicenceRow& licence : TRY(reader.view<facts::LicenceRow>().list(of_operator)))
        for (const facts::LicenceRecorded& version : licence.versions) {
            const Json kind = present.word("licence_kinds", version.kind);
            const std::string zh = kind.is_null() ? version.kind : kind["zh"].get<std::string>();
            const std::string en = kind.is_null() ? version.kind : kind["en"].get<std::string>();
            add(version.from, "licence_recorded", row ? row->organisation : std::string(),
                {{"zh", fmt::format("{} {}", zh, version.id)}, {"en", fmt::format("{} {}", en, version.id)}});
        }
    return {};
}

bool is_newer(const Event& a, const Event& b) {
    return a.on != b.on ? a.on > b.on : a.seq > b.seq;
}

}  // namespace

Answer operator_history(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    const auto offset =
        call.parameter("cursor").empty() ? Result<std::int64_t>(0) : parse_integer(call.parameter("cursor"));
    if (!offset || *offset < 0)
        return Error{ErrorCode::usage, "a cursor is the `next` of the page before", "cursor"};
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [found, decision] = TRY(reach_operator(call, reader));
        Presenter present(call.services, reader, call.now, decision.masks);
        std::vector<Event> events;
        CHECK(add_registry(present, reader, found.id, events));
        const journal::Query all{.where = {{"operator_id", journal::Compare::equal, {found.id}}},
                                 .limit = dossiers_max};
        int hidden = 0;
        for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(all))) {
            const auto object = TRY(access::object_of(reader, row));
            const auto seen = access::decide(call.subject, access::Policy::dossier_list, object);
            if (seen.allowed && !seen.masked(access::Mask::content))
                add_dossier(present, row, events);
            else if (object.label != access::Label::sensitive)
                ++hidden;
        }
        std::sort(events.begin(), events.end(), is_newer);
        Json items = Json::array();
        const auto first = std::min(static_cast<std::size_t>(*offset), events.size());
        const std::size_t last = std::min(first + static_cast<std::size_t>(limit), events.size());
        for (std::size_t i = first; i < last; ++i) items.push_back(std::move(events[i].json));
        body = {{"operator", {{"id", found.id}, {"name", found.name}}},
                {"items", std::move(items)},
                {"hidden", hidden},
                {"next", nullptr}};
        if (last < events.size()) body["next"] = std::to_string(last);
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
