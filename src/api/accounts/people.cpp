// People and what two persons agree on: roles, resets, grants, reveals.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "access/grants.hpp"
#include "accounts/administration.hpp"
#include "api/accounts/operations.hpp"
#include "api/doors.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

Json kind_json(const Presenter& present, std::string_view kind) {
    constexpr std::tuple<std::string_view, std::string_view, std::string_view> names[] = {
        {"role_change", "变更角色", "Change of roles"},
        {"account_reset", "重置账号", "Reset of an account"},
        {"grant", "案卷授权", "Dossier opened to others"},
        {"informant_reveal", "查看举报人", "Reveal of an informant"}};
    for (const auto& [id, zh, en] : names)
        if (id == kind) return present.named(id, zh, en);
    return present.named(kind, kind, kind);
}

Json value_json(const facts::Value& value) {
    return std::visit(
        [](const auto& held) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, facts::SubjectRef>)
                return nullptr;
            else
                return held;
        },
        value);
}

/// What a proposal is about, and with which policies it is asked and decided.
struct Matter {
    access::Object object;
    access::Policy asks, decides;
};
Result<std::optional<Matter>> matter_of(const journal::Reader& reader, const facts::ProposalRow& row,
                                        Date today) {
    using access::Policy;
    if (row.kind == "grant" || row.kind == "informant_reveal") {
        const auto seq = parse_integer(row.object);
        if (!seq) return std::optional<Matter>();
        const auto dossier = TRY(reader.view<facts::DossierRow>().find(*seq));
        if (!dossier) return std::optional<Matter>();
        return std::optional(Matter{TRY(access::object_of(reader, *dossier)),
                                    row.kind == "grant" ? Policy::grant_propose : Policy::personal_reveal,
                                    Policy::grant_decide});
    }
    std::string person = row.object;
    if (row.kind == "account_reset") {
        const auto account = TRY(reader.view<facts::AccountRow>().find(row.object));
        if (!account) return std::optional<Matter>();
        person = account->person;
    }
    const auto post = TRY(registry::find_person(reader, person, today));
    Matter out{TRY(access::object_at(reader, access::Kind::account, post ? post->organisation : "")),
               Policy::people_change, Policy::proposal_decide};
    out.object.person = person;
    return std::optional(std::move(out));
}

/// May the reader see the proposal: who made it, who could make or decide it, and who looks on.
Result<bool> may_see(const Call& call, const journal::Reader& reader, const facts::ProposalRow& row) {
    if (row.proposer == call.subject.person) return true;
    const auto matter = TRY(matter_of(reader, row, call.now.date()));
    if (!matter) return false;
    for (const access::Policy policy : {matter->asks, matter->decides, access::Policy::account_read})
        if (access::kind_of(policy) == matter->object.kind &&
            access::decide(call.subject, policy, matter->object).allowed)
            return true;
    return false;
}

std::string_view state_of(const facts::ProposalRow& row, Date today) {
    return row.state == "open" && today > row.until ? std::string_view("lapsed") : row.state;
}

/// What an approval brings about, in the same transaction.
Result<void> carry_out(const Call& call, journal::Writer& writer, const facts::ProposalRow& row) {
    if (row.kind == "role_change") {
        TRY(writer.append(TRY(accounts::change_roles(writer, call.subject, row))));
        return {};
    }
    if (row.kind != "grant") return {};  // carried out by who asked, with the proposal's id
    const access::Subject giver = TRY(access::subject_of(writer, row.proposer, call.now.date()));
    const std::int64_t seq = TRY(parse_integer(row.object));
    TRY(writer.append(
        TRY(access::give_grant(writer, giver, row.id, TRY(access::grant_request(seq, row.content))))));
    return {};
}

/// A person in post as whoever keeps accounts must know them: where, with which roles, under which account.
/// Nothing where the row's policy does not allow it; no name, which is a personal value.
Result<std::optional<Json>> post_json(const Call& call, Presenter& present, const std::string& id) {
    const journal::Reader& reader = present.reader();
    const auto post = TRY(registry::find_person(reader, id, call.now.date()));
    if (!post) return std::optional<Json>();
    access::Object object = TRY(access::object_at(reader, access::Kind::account, post->organisation));
    object.person = id;
    if (!access::decide(call.subject, call.operation.policy, object).allowed) return std::optional<Json>();
    Json out{{"id", id}};
    CHECK(place_into(out, present, post->organisation));
    out["roles"] = Json::array();
    for (const std::string& role : post->roles) out["roles"].push_back(present.role(role));
    out["account"] = nullptr;
    for (const auto& account : TRY(reader.view<facts::AccountRow>().list(
             {.where = {{"person", journal::Compare::equal, {id}}}, .limit = 1})))
        out["account"] = account.name;
    return std::optional(std::move(out));
}

}  // namespace

Result<Json> proposal_json(const Call& call, Presenter& present, const facts::ProposalRow& row) {
    Json content = Json::object();
    for (const auto& [field, value] : row.content) content[field] = value_json(value);
    Json out{{"id", row.id},
             {"kind", kind_json(present, row.kind)},
             {"object", row.object},
             {"state", state_of(row, call.now.date())},
             {"content", std::move(content)},
             {"digest", hex(row.digest)},
             {"until", row.until.text()},
             {"proposer", present.person(row.proposer)},
             {"decider", nullptr},
             {"reason", row.reason},
             {"mine", row.proposer == call.subject.person}};
    if (!row.decider.empty()) out["decider"] = present.person(row.decider);
    return out;
}

Answer propose(const Call& call, std::string_view kind, const std::string& object,
               const facts::Form& content) {
    call.decided = true;  // by access::propose
    Json body;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const facts::Recorded made =
            TRY(writer.append(TRY(access::propose(writer, call.subject, kind, object, content))));
        const auto* recorded = std::get_if<facts::ProposalMade>(&made.fact.payload);
        QY_ASSERT(recorded);
        const auto row = TRY(writer.view<facts::ProposalRow>().find(recorded->id));
        QY_ASSERT(row);
        Presenter present(call.services, writer, call.now);
        body = TRY(proposal_json(call, present, *row));
        return keep_without_names(call, writer, body, 202);
    }));
    return json_response(body, 202);
}

Answer admin_people(const Call& call) {
    const Page page = TRY(page_of(call));
    const std::string_view wanted = call.parameter("q"), organisation = call.parameter("organisation");
    call.decided = true;  // every row below
    Json body{{"items", Json::array()}, {"next", nullptr}};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        journal::Query query{.limit = 500};
        if (!organisation.empty())
            query.where.push_back({"organisation", journal::Compare::equal, {std::string(organisation)}});
        if (!page.after.empty()) query.after_key = query.after_order = page.after;
        for (;;) {
            const auto rows = TRY(reader.view<facts::PersonRow>().list(query));
            for (const facts::PersonRow& row : rows) {
                if (row.id.find(wanted) == std::string::npos) continue;
                auto item = TRY(post_json(call, present, row.id));
                if (!item) continue;
                if (body["items"].size() == page.limit) {
                    body["next"] = body["items"].back()["id"];
                    return {};
                }
                body["items"].push_back(*std::move(item));
            }
            if (rows.size() < query.limit) return {};
            query.after_key = query.after_order = rows.back().id;
        }
    }));
    return json_response(body);
}

Answer add_person(const Call& call) {
    const Json given =
        TRY(body_of(call, {"id", "name", "organisation", "certificate", "certificate_to", "from"}));
    facts::PersonRecorded person;
    person.id = TRY(wanted_in(given, "id", 64));
    const std::string name = TRY(wanted_in(given, "name", 64));
    person.organisation = TRY(wanted_in(given, "organisation", 64));
    person.certificate = TRY(text_in(given, "certificate", 64));
    person.certificate_to = TRY(date_in(given, "certificate_to"));
    person.from = TRY(date_in(given, "from"));
    if (person.from > call.now.date())
        return Error{ErrorCode::date_in_future, "the person is in post already", "from"};
    // looked at before anything is put into the vault, and again where it is recorded
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(call.may(TRY(access::object_at(reader, access::Kind::account, person.organisation))));
        facts::PersonRecorded trial = person;
        trial.name.subject = "s-0";
        TRY(accounts::record_person(reader, call.subject, trial));
        return {};
    }));
    person.name = TRY(call.services.vault.put("person_name/" + person.id, name));
    Json body;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        TRY(writer.append(TRY(accounts::record_person(writer, call.subject, person))));
        Presenter present(call.services, writer, call.now);
        body = present.person(person.id);
        body["organisation"] = present.organisation(person.organisation);
        body["roles"] = Json::array();
        body["certificate"] = person.certificate;
        body["certificate_to"] = date_or_null(person.certificate_to);
        body["qualified"] = TRY(registry::is_qualified(writer, person.id, call.now.date()));
        return keep_without_names(call, writer, body, 201);
    }));
    return json_response(body, 201);
}

Answer propose_roles(const Call& call) {
    const Json given = TRY(body_of(call, {"roles", "reason"}));
    if (!given.contains("roles")) return Error{ErrorCode::field_missing, "must be given", "roles"};
    return propose(
        call, "role_change", call.path.at("id"),
        {{"roles", TRY(list_in(given, "roles"))}, {"reason", TRY(wanted_in(given, "reason", 500))}});
}

Answer list_proposals(const Call& call) {
    const Page page = TRY(page_of(call));
    const std::string wanted(call.parameter("state").empty() ? "open" : call.parameter("state"));
    call.decided = true;  // every row below
    Json body{{"items", Json::array()}, {"next", nullptr}};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        journal::Query query{.descending = true, .limit = 500};
        query.where.push_back({"state", journal::Compare::equal, {wanted == "lapsed" ? "open" : wanted}});
        if (!page.after.empty()) query.after_key = query.after_order = page.after;
        for (;;) {
            const auto rows = TRY(reader.view<facts::ProposalRow>().list(query));
            for (const facts::ProposalRow& row : rows) {
                if (row.kind == access::step_kind) continue;  // shown with its dossier (step_proposals.hpp)
                if (state_of(row, call.now.date()) != wanted || !TRY(may_see(call, reader, row))) continue;
                if (body["items"].size() == page.limit) {
                    body["next"] = body["items"].back()["id"];
                    return {};
                }
                body["items"].push_back(TRY(proposal_json(call, present, row)));
            }
            if (rows.size() < query.limit) return {};
            query.after_key = query.after_order = rows.back().id;
        }
    }));
    return json_response(body);
}

Answer decide_proposal(const Call& call) {
    const Json given = TRY(body_of(call, {"decision", "digest", "reason"}));
    const std::string id = call.path.at("id"), decision = TRY(wanted_in(given, "decision"));
    const std::string reason = TRY(text_in(given, "reason", 500));
    const Digest digest = TRY(parse_digest(TRY(wanted_in(given, "digest", 64))));
    call.decided = true;  // by access::decide_proposal
    Json body;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto before = TRY(writer.view<facts::ProposalRow>().find(id));
        if (!before || before->kind == access::step_kind || !TRY(may_see(call, writer, *before)))
            return Error{ErrorCode::record_unknown, fmt::format("there is no proposal '{}'", id), "id"};
        TRY(writer.append(
            TRY(access::decide_proposal(writer, call.subject, id, decision, bytes_of(digest), reason))));
        const auto row = TRY(writer.view<facts::ProposalRow>().find(id));
        QY_ASSERT(row);
        if (decision == "approved") CHECK(carry_out(call, writer, *row));
        Presenter present(call.services, writer, call.now);
        body = TRY(proposal_json(call, present, *row));
        return keep_without_names(call, writer, body, 200);
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
