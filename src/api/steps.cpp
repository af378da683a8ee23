// Acting on dossiers: what can be done and why not, opening, taking a step, approving, voiding.
#include <mutex>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/present.hpp"
#include "base/text.hpp"
#include "document/form_json.hpp"

namespace qingyuan::api {

namespace {

/// Answers to POSTs by Idempotency-Key: the same key with the same body is answered as it was the first time.
class Repeats {
 public:
    static constexpr std::size_t kept_max = 10'000;

    [[nodiscard]] Result<std::optional<http::Response>> find(const std::string& key, const Digest& asked) {
        const std::lock_guard lock(mutex_);
        const auto found = answers_.find(key);
        if (found == answers_.end()) return std::optional<http::Response>();
        if (found->second.asked != asked)
            return Error{ErrorCode::duplicate_key,
                         "this Idempotency-Key was used for another request",
                         "Idempotency-Key",
                         {},
                         "make a new key for a new request"};
        return std::optional<http::Response>(found->second.response);
    }
    void keep(const std::string& key, const Digest& asked, const http::Response& response) {
        const std::lock_guard lock(mutex_);
        if (order_.size() >= kept_max) {
            answers_.erase(order_[next_ % kept_max]);
            order_[next_ % kept_max] = key;
        } else {
            order_.push_back(key);
        }
        ++next_;
        answers_[key] = {asked, response};
    }

 private:
    struct Kept {
        Digest asked;
        http::Response response;
    };
    std::mutex mutex_;
    std::unordered_map<std::string, Kept> answers_;
    std::vector<std::string> order_;
    std::size_t next_ = 0;
};

Repeats& repeats() {
    static Repeats kept;
    return kept;
}

/// Runs a POST once per Idempotency-Key.
Answer once(const Call& call, const std::function<Answer()>& act) {
    const std::string key(call.request.header("idempotency-key"));
    if (key.empty()) return act();
    if (key.size() < 8 || key.size() > 64)
        return Error{ErrorCode::usage, "an Idempotency-Key has 8 to 64 characters", "Idempotency-Key"};
    const std::string owned = std::string(call.request.header("x-person")) + "\n" + key;
    const Digest asked = sm3(call.request.method + "\n" + call.request.path + "\n" + call.request.body);
    if (auto before = TRY(repeats().find(owned, asked))) return *before;
    http::Response response = TRY(act());
    repeats().keep(owned, asked, response);
    return response;
}

/// The version of If-Match, 0 when there is none.
Result<std::int64_t> expected_version(const Call& call) {
    std::string_view tag = call.request.header("if-match");
    if (tag.empty() || tag == "*") return std::int64_t{0};
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
    const auto version = parse_integer(tag);
    if (!version || *version <= 0)
        return Error{ErrorCode::usage, "If-Match is the ETag of the dossier", "If-Match"};
    return *version;
}

Result<std::optional<Date>> date_of(const Json& body) {
    if (!body.contains("happened_on") || body["happened_on"].is_null()) return std::optional<Date>();
    if (!body["happened_on"].is_string())
        return Error{ErrorCode::date_invalid, "a date is written YYYY-MM-DD", "happened_on"};
    return std::optional<Date>(TRY(parse_date(body["happened_on"].get<std::string>())));
}

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

/// The form with personal values already in the vault.
Result<facts::Form> form_of(const Call& call, const Json& body, const std::vector<law::Field>& fields) {
    if (!body.contains("form") || body["form"].is_null()) return facts::Form();
    facts::Form form = TRY(document::form_of_json(body["form"].dump(), fields));
    for (const law::Field& field : fields) {
        if (field.type != law::FieldType::personal) continue;
        const auto found = form.find(field.id);
        if (found == form.end()) continue;
        if (const auto* plain = std::get_if<std::string>(&found->second))
            found->second = TRY(call.services.vault.put("form/" + field.id, *plain));
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

/// Decides and appends in one transaction, and answers with what was recorded.
Answer append(const Call& call, const std::function<Result<facts::Fact>(const journal::Reader&)>& decide) {
    Json body;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto recorded = TRY(writer.append(TRY(decide(writer))));
        body = appended(call, writer, recorded);
        return {};
    }));
    return json_response(body, 201);
}

/// What to do about a refusal, in Chinese, by its kind; the English text says the particulars.
std::string next_zh(const Error& error) {
    if (error.next.empty()) return {};
    switch (error.code) {
        case ErrorCode::wrong_role:
        case ErrorCode::wrong_organisation: return "由有相应职权的人员办理";
        case ErrorCode::recused:
        case ErrorCode::same_person: return "换由其他人员办理";
        case ErrorCode::approval_missing: return "先报请批准，批准的内容须与办理时一致";
        case ErrorCode::officers_too_few:
        case ErrorCode::officer_unqualified: return "增加持有效执法证件的人员";
        case ErrorCode::step_missing:
        case ErrorCode::wrong_state: return "先办理前置步骤";
        case ErrorCode::linked_open: return "先办结关联事项";
        case ErrorCode::linked_missing: return "先办理关联事项";
        case ErrorCode::too_early: return "期限届满后办理";
        case ErrorCode::deadline_passed: return "按逾期处理，或者依法延期";
        default: return "按提示补正后再办";
    }
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
            {"next", {{"zh", error.next_zh.empty() ? next_zh(error) : error.next_zh}, {"en", error.next}}},
            {"next_step", nullptr},
            {"not_before", nullptr}};
}

}  // namespace

Answer dossier_offers(const Call& call) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto row = TRY(act::dossier(reader, call.path.at("id")));
        const auto actor = TRY(call.actor(reader, call.parameter("by")));
        Presenter present(call.services, reader, call.now);
        const law::Procedure* procedure = present.procedure_of(row);
        Json steps = Json::array();
        for (const act::Offer& offer : TRY(call.services.engine().offers(reader, row, actor))) {
            Json item = present.offer(*procedure, offer, row);
            if (offer.refusal) item["refusal"] = refusal_json(present, *offer.refusal);
            steps.push_back(std::move(item));
        }
        body = {{"dossier", row.id},
                {"version", row.version},
                {"by", present.actor(actor)},
                {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
                {"steps", std::move(steps)}};
        return {};
    }));
    return json_response(body);
}

Answer take_step(const Call& call) {
    return once(call, [&]() -> Answer {
        const Json body = TRY(call.body());
        const std::int64_t version = TRY(expected_version(call));
        return append(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
            const auto row = TRY(act::dossier(reader, call.path.at("id")));
            const auto actor = TRY(call.actor(reader));
            const auto* procedure = TRY(call.services.law.procedure(row.procedure, row.law_on));
            const law::Step* step = procedure->find_step(call.path.at("step"));
            act::Request request{.form = step ? TRY(form_of(call, body, step->form)) : facts::Form(),
                                 .officers = TRY(texts_of(body, "officers")),
                                 .documents = TRY(texts_of(body, "documents")),
                                 .evidence = TRY(texts_of(body, "evidence")),
                                 .happened_on = TRY(date_of(body)),
                                 .expected_version = version};
            return call.services.engine().take(reader, row, actor, call.path.at("step"), request);
        });
    });
}

Answer approve_step(const Call& call) {
    return once(call, [&]() -> Answer {
        const Json body = TRY(call.body());
        return append(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
            const auto row = TRY(act::dossier(reader, call.path.at("id")));
            const auto actor = TRY(call.actor(reader));
            const auto* procedure = TRY(call.services.law.procedure(row.procedure, row.law_on));
            const law::Step* step = procedure->find_step(call.path.at("step"));
            const auto form = step ? TRY(form_of(call, body, step->form)) : facts::Form();
            return call.services.engine().approve(reader, row, actor, call.path.at("step"), form);
        });
    });
}

Answer open_dossier(const Call& call) {
    return once(call, [&]() -> Answer {
        const Json body = TRY(call.body());
        return append(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
            const auto actor = TRY(call.actor(reader));
            act::Engine::Opening opening{.procedure = TRY(text_of(body, "procedure")),
                                         .id = {},
                                         .title = TRY(text_of(body, "title")),
                                         .operator_id = TRY(text_of(body, "operator_id")),
                                         .category = TRY(text_of(body, "category")),
                                         .campaign = TRY(text_of(body, "campaign")),
                                         .organisation = TRY(text_of(body, "organisation")),
                                         .state = TRY(text_of(body, "state")),
                                         .happened_on = TRY(date_of(body))};
            const std::string source = TRY(text_of(body, "source"));
            if (!source.empty())
                opening.source = static_cast<std::uint64_t>(TRY(act::dossier(reader, source)).seq);
            if (body.contains("source_fact") && body["source_fact"].is_number_unsigned())
                opening.source_fact = body["source_fact"].get<std::uint64_t>();
            const auto* procedure = TRY(call.services.law.procedure(
                opening.procedure, opening.happened_on.value_or(call.now.date())));
            opening.form = TRY(form_of(call, body, procedure->form));
            return call.services.engine().open(reader, actor, opening);
        });
    });
}

Answer void_fact(const Call& call) {
    return once(call, [&]() -> Answer {
        const Json body = TRY(call.body());
        const std::string reason = TRY(text_of(body, "reason"));
        const auto target = parse_integer(call.path.at("seq"));
        if (!target || *target <= 0)
            return Error{ErrorCode::record_unknown, "a sequence number is a whole number from 1", "seq"};
        return append(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
            const auto actor = TRY(call.actor(reader));
            return call.services.engine().void_fact(reader, actor, static_cast<std::uint64_t>(*target),
                                                    reason);
        });
    });
}

}  // namespace qingyuan::api
