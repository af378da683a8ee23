// Acting on dossiers: what can be done and why not, opening, taking a step, approving, voiding.
#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/door.hpp"
#include "act/form.hpp"
#include "api/doors.hpp"
#include "api/plan_desk.hpp"
#include "api/present.hpp"
#include "api/published.hpp"
#include "api/refusal_words.hpp"
#include "api/steps.hpp"
#include "api/step_proposals.hpp"
#include "base/text.hpp"
#include "document/form_json.hpp"
#include "law/words.hpp"

namespace qingyuan::api {

Result<std::int64_t> expected_version(const Call& call) {
    const auto version = parse_integer(TRY(call.if_match()));
    if (!version || *version <= 0)
        return Error{ErrorCode::version_wanted,
                     "If-Match is the ETag of the dossier",
                     "If-Match",
                     {},
                     "read the dossier again and send its ETag",
                     "修改须注明所依据的版本",
                     "请重新读取后再提交"};
    return *version;
}

namespace {

/// What happened to a dossier after a version, as a person reads it.
Result<Json> changes_since(Presenter& present, const facts::DossierRow& row, std::int64_t version) {
    const law::Procedure* procedure = present.procedure_of(row);
    Json out = Json::array();
    for (const std::uint64_t seq : TRY(present.reader().facts_of(static_cast<std::uint64_t>(row.seq)))) {
        if (static_cast<std::int64_t>(seq) <= version) continue;
        const auto recorded = TRY(present.reader().fact(seq));
        Json what{{"zh", "其他变更"}, {"en", "another entry"}};
        if (std::holds_alternative<facts::DossierOpened>(recorded.fact.payload)) {
            what = {{"zh", "立项"}, {"en", "opened"}};
        } else if (const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload)) {
            const Json named = present.step(procedure, step->step);
            what = {{"zh", named["zh"]}, {"en", named["en"]}};
        } else if (const auto* approval = std::get_if<facts::ApprovalGiven>(&recorded.fact.payload)) {
            const Json named = present.step(procedure, approval->step);
            what = {{"zh", "批准：" + named["zh"].get<std::string>()},
                    {"en", "approved: " + named["en"].get<std::string>()}};
        } else if (std::holds_alternative<facts::FactVoided>(recorded.fact.payload)) {
            what = {{"zh", "作废一条记录"}, {"en", "an entry was voided"}};
        } else if (std::holds_alternative<facts::PersonRecused>(recorded.fact.payload)) {
            what = {{"zh", "有人回避"}, {"en", "somebody was recused"}};
        }
        out.push_back(
            {{"seq", seq},
             {"what", std::move(what)},
             {"actor", present.masked(access::Mask::internal) ? Json{{"id", ""}, {"name", nullptr}}
                                                              : present.person(recorded.fact.actor)},
             {"recorded_at", recorded.recorded_at.text()}});
    }
    return out;
}

}  // namespace

Result<http::Response> moved_since(const Call& call, const Error& error, std::int64_t version) {
    Json changes = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach_again(call, reader, call.path.at("id")));
        Presenter present(call.services, reader, call.now, decision.masks);
        changes = TRY(changes_since(present, row, version));
        return {};
    }));
    Json body = problem_json(error, call.services.law, call.english);
    constexpr std::size_t told_max = 5;  // the list has them all
    std::string told;
    for (std::size_t i = changes.size() - std::min(changes.size(), told_max); i < changes.size(); ++i) {
        const Json& actor = changes[i]["actor"];
        std::string who =
            actor["name"].is_string() ? actor["name"].get<std::string>() : actor["id"].get<std::string>();
        if (who == act::system_person) who = call.english ? "by the passing of time" : "期限届满自动办理";
        told += fmt::format("{}{}{}{}",
                            told.empty()   ? ""
                            : call.english ? "; "
                                           : "；",
                            who, call.english ? ": " : "：",
                            changes[i]["what"][call.english ? "en" : "zh"].get<std::string>());
    }
    body["detail"] = call.english ? "The matter has moved on since you opened it: " + told
                                  : "您打开后该事项已有新的办理：" + told;
    body["next"] = call.english ? "open it again, see what is new, then decide anew"
                                : "请重新打开，核对新的内容后再办理";
    body["changes"] = std::move(changes);
    http::Response response = json_response(body, error.info().http);
    response.content_type = "application/problem+json";
    return response;
}

Result<std::optional<Date>> date_of(const Json& body) {
    if (!body.contains("happened_on") || body["happened_on"].is_null()) return std::optional<Date>();
    if (!body["happened_on"].is_string())
        return Error{ErrorCode::date_invalid, "a date is written YYYY-MM-DD", "happened_on"};
    return std::optional<Date>(TRY(parse_date(body["happened_on"].get<std::string>())));
}

namespace {

Result<std::string> text_of(const Json& body, const char* name) {
    if (!body.contains(name) || body[name].is_null()) return std::string();
    if (!body[name].is_string()) return Error{ErrorCode::request_malformed, "a text is expected", name};
    return body[name].get<std::string>();
}

Result<std::vector<std::string>> texts_of(const Json& body, const char* name) {
    std::vector<std::string> out;
    if (!body.contains(name) || body[name].is_null()) return out;
    if (!body[name].is_array())
        return Error{ErrorCode::request_malformed, "a list of texts is expected", name};
    for (const Json& item : body[name]) {
        if (!item.is_string())
            return Error{ErrorCode::request_malformed, "a list of texts is expected", name};
        out.push_back(item.get<std::string>());
    }
    return out;
}

}  // namespace

Result<void> check_evidence(const Call& call, const journal::Reader& reader, const facts::DossierRow& row,
                            std::vector<std::string> digests) {
    if (digests.empty()) return {};
    for (const std::uint64_t seq : TRY(reader.facts_of(static_cast<std::uint64_t>(row.seq)))) {
        const auto fact = TRY(reader.fact(seq));
        const auto* step = std::get_if<facts::StepTaken>(&fact.fact.payload);
        if (!step) continue;
        std::erase_if(digests, [&](const std::string& digest) {
            // Named in a form of the matter, it was somebody's file when that form was taken.
            const auto names = [&](const auto& field) {
                const auto* list = std::get_if<std::vector<std::string>>(&field.second);
                return list && std::ranges::find(*list, digest) != list->end();
            };
            return std::ranges::find(step->evidence, digest) != step->evidence.end() ||
                   std::ranges::any_of(step->form, names);
        });
    }
    return check_uploaded(call, digests);
}

Result<facts::Form> form_of(const Call& call, const Json& body, const std::vector<law::Field>& fields) {
    if (!body.contains("form") || body["form"].is_null()) return facts::Form();
    facts::Form form = TRY(document::form_of_json(body["form"].dump(), fields));
    for (const law::Field& field : fields) {
        if (field.type != law::FieldType::personal) continue;
        const auto found = form.find(field.id);
        if (found == form.end()) continue;
        if (const auto* plain = std::get_if<std::string>(&found->second))
            found->second = TRY(call.services.vault.put(act::personal_purpose(field.id), *plain));
    }
    return form;
}

Json appended(const Call& call, const journal::Reader& reader, const facts::Recorded& recorded) {
    Json out{{"seq", recorded.seq}};
    if (const auto row = reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(recorded.dossier()));
        row && *row) {
        Presenter present(call.services, reader, call.now);
        out["dossier"] = (*row)->id;
        out["version"] = (*row)->version;
        if (const law::Procedure* procedure = present.procedure_of(**row))
            out["state"] = present.state(*procedure, (*row)->state);
    }
    return out;
}

Answer append_fact(const Call& call, const Decide& decide) {
    http::Response response;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto recorded = TRY(writer.append(TRY(decide(writer))));
        const Json body = appended(call, writer, recorded);
        response = json_response(body, 201, body.contains("version") ? body["version"].dump() : "");
        if (!call.repeat_key.empty()) CHECK(writer.remember(request_row(call, response), repeats_kept_us));
        return {};
    }));
    call.remembered = !call.repeat_key.empty();
    return response;
}

Answer change_dossier(const Call& call, const Change& make) {
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(reach(call, reader, call.path.at("id")));
        return {};
    }));
    const std::int64_t version = TRY(expected_version(call));
    Answer answer = append_fact(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
        const auto [row, decision] = TRY(reach_again(call, reader, call.path.at("id")));
        if (row.version != version)
            return Error{ErrorCode::version_conflict, fmt::format("it is at version {} now", row.version),
                         "If-Match"};
        return make(reader, row, TRY(call.actor(reader)), version);
    });
    if (!answer && answer.error().code == ErrorCode::version_conflict)
        return moved_since(call, answer.error(), version);
    return answer;
}

Json refusal_json(const Presenter& present, const Error& error) {
    const ErrorInfo& row = error.info();
    Json law = Json::array();
    for (const std::string& citation : split(error.law, ','))
        if (!trim(citation).empty()) law.push_back(present.citation(trim(citation)));
    return {{"code", row.name},
            {"title", {{"zh", row.zh}, {"en", row.en}}},
            {"message",
             {{"zh", error.zh.empty() ? std::string(row.zh) : error.zh},
              {"en", error.message.empty() ? std::string(row.en) : error.message}}},
            {"where", error.where},
            {"law", std::move(law)},
            {"next", {{"zh", next_zh(error)}, {"en", error.next}}},
            {"next_step", nullptr},
            {"not_before", nullptr}};
}

namespace {

/// The first step that must have been taken before an offer and was not; "" where something else stands in
/// its way.
std::string missing_step(const facts::DossierRow& row, const act::Offer& offer) {
    if (offer.refusal->code != ErrorCode::step_missing) return {};
    for (const law::Guard& guard : offer.step->guards)
        if (guard.word == law::WordId::done && !last_step(row, guard.arguments[0])) return guard.arguments[0];
    return {};
}

}  // namespace

Result<Json> offers_json(const Call& call, Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    const act::Actor actor = TRY(call.actor(present.reader()));
    Json steps = Json::array();
    for (const act::Offer& offer : TRY(call.services.engine().offers(present.reader(), row, actor))) {
        Json item = present.offer(*procedure, offer, row);
        if (offer.refusal) {
            item["refusal"] =
                refusal_json(present, spoken(call.services.law, *procedure, *offer.step, *offer.refusal));
            if (const std::string step = missing_step(row, offer); !step.empty())
                item["refusal"]["next_step"] = step;
        }
        steps.push_back(std::move(item));
    }
    return steps;
}

Answer dossier_offers(const Call& call) {
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        const auto actor = TRY(call.actor(reader));
        Presenter present(call.services, reader, call.now, decision.masks);
        const law::Procedure* procedure = present.procedure_of(row);
        Json steps = TRY(offers_json(call, present, row));
        const Json body{{"dossier", row.id},
                        {"version", row.version},
                        {"by", present.actor(actor)},
                        {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
                        {"steps", std::move(steps)}};
        response = json_response(body, 200, std::to_string(row.version));
        return {};
    }));
    return response;
}

Result<act::Request> request_of(const Call& call, const journal::Reader& reader, const facts::DossierRow& row,
                                const Json& body) {
    const std::string& id = call.path.at("step");
    if (is_computed(row.procedure, id))
        return Error{ErrorCode::condition_unmet,
                     "the program computes this from the seed; nothing is handed in",
                     "step",
                     {},
                     "take it on the page of the draw",
                     "此项由系统按种子计算，不接受手工提交",
                     "请在抽取页面办理"};
    const auto* procedure = TRY(call.services.law.procedure(row.procedure, row.law_on));
    const law::Step* step = procedure->find_step(id);
    act::Request request{.form = step ? TRY(form_of(call, body, step->form)) : facts::Form(),
                         .officers = TRY(texts_of(body, "officers")),
                         .documents = TRY(texts_of(body, "documents")),
                         .evidence = TRY(texts_of(body, "evidence")),
                         .happened_on = TRY(date_of(body))};
    std::vector<std::string> named = request.evidence;
    for (const law::Field& field : step ? step->form : std::vector<law::Field>())
        if (field.type == law::FieldType::evidence)
            for (std::string& digest : facts::list_of(request.form, field.id))
                named.push_back(std::move(digest));
    CHECK(check_evidence(call, reader, row, std::move(named)));
    if (step) CHECK(check_names(reader, call.services.vault, row, *step, request.form, call.now.date()));
    return request;
}

Answer take_step(const Call& call) {
    const Json body = TRY(call.body());
    CHECK(only_names(body, {"form", "officers", "documents", "evidence", "happened_on"}));
    return change_dossier(
        call,
        [&](const journal::Reader& reader, const facts::DossierRow& row, const act::Actor& actor,
            std::int64_t version) -> Result<facts::Fact> {
            act::Request request = TRY(request_of(call, reader, row, body));
            request.expected_version = version;
            return in_words(call, row,
                            call.services.engine().take(reader, row, actor, call.path.at("step"), request));
        });
}

Answer approve_step(const Call& call) {
    const Json body = TRY(call.body());
    CHECK(only_names(body, {"form", "proposal", "digest", "decision", "reason"}));
    if (body.contains("proposal")) return decide_step(call, body);
    return change_dossier(
        call,
        [&](const journal::Reader& reader, const facts::DossierRow& row, const act::Actor& actor,
            std::int64_t) -> Result<facts::Fact> {
            const auto* procedure = TRY(call.services.law.procedure(row.procedure, row.law_on));
            const law::Step* step = procedure->find_step(call.path.at("step"));
            const auto form = step ? TRY(form_of(call, body, step->form)) : facts::Form();
            return in_words(call, row,
                            call.services.engine().approve(reader, row, actor, call.path.at("step"), form));
        });
}

namespace {

Result<act::Engine::Opening> opening_of(const Call& call, const Json& body) {
    CHECK(only_names(body, {"procedure", "title", "operator_id", "category", "campaign", "organisation",
                            "state", "source", "source_fact", "form", "happened_on"}));
    act::Engine::Opening opening{.procedure = TRY(text_of(body, "procedure")),
                                 .id = {},
                                 .title = TRY(text_of(body, "title")),
                                 .operator_id = TRY(text_of(body, "operator_id")),
                                 .category = TRY(text_of(body, "category")),
                                 .campaign = TRY(text_of(body, "campaign")),
                                 .organisation = TRY(text_of(body, "organisation")),
                                 .state = TRY(text_of(body, "state")),
                                 .happened_on = TRY(date_of(body))};
    if (opening.organisation.empty()) opening.organisation = call.subject.organisation;
    if (body.contains("source_fact") && body["source_fact"].is_number_unsigned())
        opening.source_fact = body["source_fact"].get<std::uint64_t>();
    const auto* procedure =
        TRY(call.services.law.procedure(opening.procedure, opening.happened_on.value_or(call.now.date())));
    opening.form = TRY(form_of(call, body, procedure->form));
    return opening;
}

/// What a dossier that does not exist yet would be to access.
Result<access::Object> object_to_be(const Call& call, const journal::Reader& reader,
                                    const act::Engine::Opening& opening) {
    // A route of the planning desk opens what is planned; a draw is opened with its frame (draws.cpp).
    const access::Kind kind = access::kind_of(call.operation.policy);
    if (kind == access::Kind::plan && (!is_planned(opening.procedure) || opening.procedure == "draw"))
        return Error{ErrorCode::field_invalid, "this is not opened here", "procedure"};
    access::Object object = TRY(access::object_at(reader, kind, opening.organisation));
    object.operator_id = opening.operator_id;
    return object;
}

}  // namespace

Answer open_dossier(const Call& call) {
    const Json body = TRY(call.body());
    auto opening = TRY(opening_of(call, body));
    const std::string source = TRY(text_of(body, "source"));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(call.may(TRY(object_to_be(call, reader, opening))));
        if (source.empty()) return {};
        // What one may not read, one cannot refer to.
        const auto row = act::dossier(reader, source);
        if (!row) return no_such_dossier(source);
        auto object = TRY(access::object_of(reader, *row));
        const bool read = access::decide(call.subject, access::Action::read, object).allowed;
        object.kind = access::Kind::plan;
        if (!read && !(is_planned(row->procedure) &&
                       access::decide(call.subject, access::Policy::plan_read, object).allowed))
            return no_such_dossier(source);
        opening.source = static_cast<std::uint64_t>(row->seq);
        return {};
    }));
    return append_fact(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
        return call.services.engine().open(reader, TRY(call.actor(reader)), opening);
    });
}

Answer void_fact(const Call& call) {
    const Json body = TRY(call.body());
    CHECK(only_names(body, {"reason"}));
    const std::string reason = TRY(text_of(body, "reason"));
    const auto target = parse_integer(call.path.at("seq"));
    const auto no_such = [] {
        return Error{ErrorCode::record_unknown, "there is no such entry", "seq", {}, {}, "没有此记录"};
    };
    call.decided = true;
    if (!target || *target <= 0) return no_such();
    // The entry's dossier takes the place of the path's id: out of reach, there is no such entry.
    std::string dossier;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        if (static_cast<std::uint64_t>(*target) > TRY(reader.head()).size) return no_such();
        const auto recorded = TRY(reader.fact(static_cast<std::uint64_t>(*target)));
        if (recorded.dossier() == 0) return no_such();
        const auto row =
            TRY(reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(recorded.dossier())));
        if (!row) return no_such();
        const auto object = TRY(access::object_of(reader, *row));
        if (!access::decide(call.subject, call.operation.policy, object).allowed) {
            call.hidden = true;
            return no_such();
        }
        dossier = row->id;
        return {};
    }));
    Call on_dossier = call;
    on_dossier.path["id"] = dossier;
    Answer answer = change_dossier(on_dossier,
                                   [&](const journal::Reader& reader, const facts::DossierRow&,
                                       const act::Actor& actor, std::int64_t) -> Result<facts::Fact> {
                                       return call.services.engine().void_fact(
                                           reader, actor, static_cast<std::uint64_t>(*target), reason);
                                   });
    call.remembered = on_dossier.remembered;
    return answer;
}

}  // namespace qingyuan::api
