// Four eyes on a step: proposed, shown field by field, approved by its digest or returned. The proposal lies
// in the journal (facts::ProposalMade, kind "step"); approved, it takes effect at once, so that what was
// agreed to and what was done cannot differ.
#include "api/step_proposals.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "access/grants.hpp"
#include "act/approval.hpp"
#include "api/doors.hpp"
#include "api/present.hpp"
#include "api/refusal_words.hpp"
#include "api/steps.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

using facts::ProposalRow;
using journal::Compare;
using journal::Reader;

constexpr std::string_view field_prefix = "form.";  ///< of the step's own fields, among what goes with them
constexpr std::size_t listed_max = 200;             ///< of one list: nobody reads more at once

std::string object_of_step(const facts::DossierRow& row, std::string_view step) {
    return fmt::format("{}/{}", row.seq, step);
}
std::string_view step_of(const ProposalRow& row) {
    return std::string_view(row.object).substr(row.object.find('/') + 1);
}

facts::Form content_of(const act::Request& request) {
    facts::Form out;
    for (const auto& [field, value] : request.form) out.emplace(std::string(field_prefix) + field, value);
    if (!request.officers.empty()) out.emplace("officers", request.officers);
    if (!request.documents.empty()) out.emplace("documents", request.documents);
    if (!request.evidence.empty()) out.emplace("evidence", request.evidence);
    return out;
}

act::Request request_in(const facts::Form& content) {
    act::Request out;
    for (const auto& [name, value] : content)
        if (name.starts_with(field_prefix)) out.form.emplace(name.substr(field_prefix.size()), value);
    out.officers = facts::list_of(content, "officers");
    out.documents = facts::list_of(content, "documents");
    out.evidence = facts::list_of(content, "evidence");
    return out;
}

Error no_proposal(std::string_view id) {
    return {ErrorCode::record_unknown, fmt::format("there is no proposal '{}' here", id), "proposal", {}, {},
            "该事项没有此报请"};
}

Result<ProposalRow> proposal_of(const Reader& reader, const facts::DossierRow& row, std::string_view id) {
    auto found = TRY(reader.view<ProposalRow>().find(std::string(id)));
    if (!found || found->kind != access::step_kind || !found->object.starts_with(fmt::format("{}/", row.seq)))
        return no_proposal(id);
    return *std::move(found);
}

std::string_view state_of(const ProposalRow& row, Date today) {
    return row.state == "open" && today > row.until ? std::string_view("lapsed") : row.state;
}

/// Why the caller may not approve it as it stands; nothing where he may.
Result<void> may_decide(const Call& call, const Reader& reader, const facts::DossierRow& row,
                        const ProposalRow& proposal) {
    TRY(access::decide_proposal(reader, call.subject, proposal.id, "approved", proposal.digest, {}));
    TRY(call.services.engine().approve(reader, row, TRY(call.actor(reader)), step_of(proposal),
                                       request_in(proposal.content).form));
    return {};
}

Json people_json(Presenter& present, const std::vector<std::string>& ids) {
    Json out = Json::array();
    for (const std::string& id : ids) out.push_back(present.person(id));
    return out;
}

/// What the sheet says of the step itself: who approves, documents, articles, where it leads, its clocks.
void put_step(Json& out, const Presenter& present, const law::Procedure& procedure, const law::Step& step) {
    Json documents = Json::array(), clocks = Json::array(), roles = Json::array();
    for (const std::string& id : step.documents) documents.push_back(present.document(id));
    for (const law::ClockEffect& effect : step.clocks) clocks.push_back(present.clock_effect(effect));
    for (const std::string& id : act::approval_roles(step)) roles.push_back(present.role(id));
    out["step"] = present.step(&procedure, step.id);
    out["approvers"] = std::move(roles);
    out["documents"] = std::move(documents);
    out["law"] = present.citations(step.law);
    out["clocks"] = std::move(clocks);
    out["to"] = step.to.empty() ? Json(nullptr) : present.state(procedure, step.to);
}

Result<Json> sheet_json(const Call& call, Presenter& present, const facts::DossierRow& row,
                        const ProposalRow& proposal) {
    const law::Procedure& procedure = *TRY(call.services.law.procedure(row.procedure, row.law_on));
    const law::Step* step = procedure.find_step(step_of(proposal));
    if (!step) return no_proposal(proposal.id);
    const act::Request request = request_in(proposal.content);
    const auto made = TRY(present.reader().fact(static_cast<std::uint64_t>(proposal.seq)));
    Json out{{"id", proposal.id},
             {"dossier", row.id},
             {"title", row.title},
             {"procedure", present.procedure(procedure)},
             {"version", row.version},
             {"state", state_of(proposal, call.now.date())},
             {"digest", hex(proposal.digest)},
             {"until", proposal.until.text()},
             {"proposer", present.person(proposal.proposer)},
             {"made_at", made.recorded_at.text()},
             {"officers", people_json(present, request.officers)},
             {"form", present.attributes(request.form, step->form)},
             {"evidence", request.evidence},
             {"decider", nullptr},
             {"reason", proposal.reason},
             {"mine", proposal.proposer == call.subject.person},
             {"refusal", nullptr}};
    put_step(out, present, procedure, *step);
    if (!proposal.decider.empty()) out["decider"] = present.person(proposal.decider);
    if (const auto may = may_decide(call, present.reader(), row, proposal); !may) {
        if (may.error().info().kind != ErrorKind::refusal && may.error().info().kind != ErrorKind::input)
            return may.error();
        out["refusal"] = refusal_json(present, spoken(call.services.law, procedure, *step, may.error()));
    }
    return out;
}

/// Proposals of steps in this state, the latest first, as far back as one made today's week may lie.
template <class Use>
Result<void> each_recent(const Reader& reader, Date today, std::string_view state, const Use& use) {
    journal::Query query{.where = {{"kind", Compare::equal, {std::string(access::step_kind)}},
                                   {"state", Compare::equal, {std::string(state)}}},
                         .descending = true,
                         .limit = listed_max};
    for (;;) {
        const auto rows = TRY(reader.view<ProposalRow>().list(query));
        for (const ProposalRow& row : rows) {
            if (today > row.until) return {};  // those before it lapsed earlier
            if (!TRY(use(row))) return {};
        }
        if (rows.size() < query.limit) return {};
        query.after_key = query.after_order = rows.back().id;
    }
}

Result<std::optional<facts::DossierRow>> dossier_behind(const Reader& reader, const ProposalRow& proposal) {
    const auto seq = parse_integer(std::string_view(proposal.object).substr(0, proposal.object.find('/')));
    if (!seq) return std::optional<facts::DossierRow>();
    return reader.view<facts::DossierRow>().find(*seq);
}

}  // namespace

Result<std::pair<std::string, facts::Form>> proposed_step(const Reader& reader, const facts::DossierRow& row,
                                                          std::string_view proposal) {
    const ProposalRow found = TRY(proposal_of(reader, row, proposal));
    return std::pair(std::string(step_of(found)), request_in(found.content).form);
}

Result<bool> proposes_file(const Reader& reader, const facts::DossierRow& row, const std::string& digest) {
    const std::string prefix = fmt::format("{}/", row.seq);
    const auto rows = TRY(
        reader.view<ProposalRow>().list({.where = {{"kind", Compare::equal, {std::string(access::step_kind)}},
                                                   {"state", Compare::equal, {"open"}}}}));
    for (const ProposalRow& proposal : rows) {
        if (!proposal.object.starts_with(prefix)) continue;
        for (const auto& [name, value] : proposal.content) {
            const auto held = facts::list_of(proposal.content, name);
            if (std::ranges::find(held, digest) != held.end()) return true;
        }
    }
    return false;
}

Answer propose_step(const Call& call) {
    const Json body = TRY(body_of(call, {"form", "officers", "documents", "evidence"}));
    const std::int64_t version = TRY(expected_version(call));
    CHECK(call.services.journal.read([&](const Reader& reader) -> Result<void> {
        TRY(reach(call, reader, call.path.at("id")));
        return {};
    }));
    http::Response response;
    const auto made = call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto [row, decision] = TRY(reach_again(call, writer, call.path.at("id")));
        if (row.version != version)
            return Error{ErrorCode::version_conflict, fmt::format("it is at version {} now", row.version),
                         "If-Match"};
        const std::string& step = call.path.at("step");
        const act::Request request = TRY(request_of(call, writer, row, body));
        const auto ready = act::ready_for_approval(call.services.engine(), writer, row,
                                                   TRY(call.actor(writer)), step, request);
        if (!ready) return in_words(call, row, ready.error()).error();
        const auto recorded = TRY(writer.append(TRY(access::propose(
            writer, call.subject, access::step_kind, object_of_step(row, step), content_of(request)))));
        const auto proposal =
            TRY(proposal_of(writer, row, std::get<facts::ProposalMade>(recorded.fact.payload).id));
        Presenter present(call.services, writer, call.now, decision.masks);
        response = json_response({{"seq", recorded.seq},
                                  {"dossier", row.id},
                                  {"proposal", proposal.id},
                                  {"digest", hex(proposal.digest)}},
                                 202, std::to_string(row.version));
        return keep_answer(call, writer, response);
    });
    if (!made && made.error().code == ErrorCode::version_conflict)
        return moved_since(call, made.error(), version);
    if (!made) return made.error();
    return response;
}

Answer decide_step(const Call& call, const Json& body) {
    const std::string id = TRY(wanted_in(body, "proposal", 32));
    const Digest digest = TRY(parse_digest(TRY(wanted_in(body, "digest", 64))));
    std::string decision = TRY(text_in(body, "decision"));
    if (decision.empty()) decision = "approved";
    const std::string reason = TRY(text_in(body, "reason", 500));
    const std::int64_t version = TRY(expected_version(call));
    CHECK(call.services.journal.read([&](const Reader& reader) -> Result<void> {
        TRY(reach(call, reader, call.path.at("id")));
        return {};
    }));
    http::Response response;
    const auto done = call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto row = TRY(reach_again(call, writer, call.path.at("id"))).row;
        const ProposalRow proposal = TRY(proposal_of(writer, row, id));
        if (step_of(proposal) != call.path.at("step")) return no_proposal(id);
        if (row.version != version)
            return Error{ErrorCode::version_conflict, fmt::format("it is at version {} now", row.version),
                         "If-Match"};
        const act::Request request = request_in(proposal.content);
        const act::Engine engine = call.services.engine();
        auto decided =
            TRY(access::decide_proposal(writer, call.subject, id, decision, bytes_of(digest), reason));
        // To return it, one must be who could approve it.
        Result<facts::Fact> approval = Error{ErrorCode::record_unknown, {}};
        if (decision != "withdrawn")
            approval = TRY(in_words(
                call, row,
                engine.approve(writer, row, TRY(call.actor(writer)), step_of(proposal), request.form)));
        auto recorded = TRY(writer.append(std::move(decided)));
        if (decision == "approved") {
            TRY(writer.append(*std::move(approval)));
            const auto now = TRY(writer.view<facts::DossierRow>().find(row.seq));
            QY_ASSERT(now);
            const act::Actor proposer = TRY(act::actor_of(writer, proposal.proposer, call.now));
            recorded = TRY(writer.append(
                TRY(in_words(call, *now, engine.take(writer, *now, proposer, step_of(proposal), request)))));
        }
        Json told = appended(call, writer, recorded);
        const auto now = TRY(writer.view<facts::DossierRow>().find(row.seq));
        told["dossier"] = row.id;
        response = json_response(told, 201, std::to_string(now ? now->version : row.version));
        return keep_answer(call, writer, response);
    });
    if (!done && done.error().code == ErrorCode::version_conflict)
        return moved_since(call, done.error(), version);
    if (!done) return done.error();
    return response;
}

Answer dossier_proposals(const Call& call) {
    Json body{{"items", Json::array()}};
    CHECK(call.services.journal.read([&](const Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        if (decision.masked(access::Mask::internal)) return {};
        Presenter present(call.services, reader, call.now, decision.masks);
        std::vector<std::string> told;  // the latest of each step is what counts
        for (const std::string_view state : {"open", "refused"})
            CHECK(each_recent(reader, call.now.date(), state, [&](const ProposalRow& one) -> Result<bool> {
                if (!one.object.starts_with(fmt::format("{}/", row.seq)) ||
                    std::ranges::find(told, one.object) != told.end())
                    return true;
                // Returned for a step that was taken since, it has been answered.
                const facts::StepState* taken = last_step(row, step_of(one));
                if (one.state == "refused" && taken && taken->seq > one.seq) return true;
                told.push_back(one.object);
                body["items"].push_back(TRY(sheet_json(call, present, row, one)));
                return true;
            }));
        return {};
    }));
    return json_response(body);
}

Answer list_approvals(const Call& call) {
    call.decided = true;  // every row below
    Json waiting = Json::array(), returned = Json::array();
    CHECK(call.services.journal.read([&](const Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        const auto put = [&](Json& into, const ProposalRow& one, access::Policy policy) -> Result<bool> {
            const auto row = TRY(dossier_behind(reader, one));
            if (!row || !row->open) return true;
            const auto decision = access::decide(call.subject, policy, TRY(access::object_of(reader, *row)));
            if (!decision.allowed) return true;
            present.mask(decision.masks);
            if (policy == access::Policy::dossier_approve && !may_decide(call, reader, *row, one))
                return true;
            Json sheet = TRY(sheet_json(call, present, *row, one));
            for (const char* left_out : {"form", "evidence", "officers"}) sheet.erase(left_out);
            into.push_back(std::move(sheet));
            return into.size() < listed_max;
        };
        CHECK(each_recent(reader, call.now.date(), "open", [&](const ProposalRow& one) {
            return put(waiting, one, access::Policy::dossier_approve);
        }));
        return each_recent(reader, call.now.date(), "refused", [&](const ProposalRow& one) -> Result<bool> {
            const auto row = TRY(dossier_behind(reader, one));
            if (one.proposer != call.subject.person || !row) return true;
            // Laid before the approver again or taken meanwhile: nothing is left to do about it.
            const auto again =
                TRY(reader.view<ProposalRow>().list({.where = {{"object", Compare::equal, {one.object}}}}));
            const facts::StepState* taken = last_step(*row, step_of(one));
            if ((taken && taken->seq > one.seq) ||
                std::ranges::any_of(again, [&](const ProposalRow& other) { return other.seq > one.seq; }))
                return true;
            return put(returned, one, access::Policy::dossier_step);
        });
    }));
    return json_response({{"waiting", std::move(waiting)}, {"returned", std::move(returned)}});
}

}  // namespace qingyuan::api
