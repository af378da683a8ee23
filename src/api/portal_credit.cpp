// The portal: the operator's own grade with every act it rests on, and contesting it. No score, no focus list
// and no reason of a visit has a way into these answers.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/assess_view.hpp"
#include "api/doors.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::string_view answers_to_grades[] = {"credit_objection", "credit_repair"};

Result<std::string> own_firm(const Call& call) {
    if (!call.subject.operator_id.empty()) return call.subject.operator_id;
    return Error{ErrorCode::access_denied,
                 "this is for users of an enterprise or a hospital",
                 {},
                 {},
                 "sign in as a user of the enterprise",
                 "此处供企业和医疗机构用户使用",
                 "请以企业用户登录"};
}

/// May the operator know of the matter? What is still being looked into is not told through its grade.
Reaches reaches_of(const Call& call, const journal::Reader& reader) {
    return [&call, &reader](const std::string& matter) -> Result<bool> {
        const auto row = act::dossier(reader, matter);
        if (!row) return row.error().code == ErrorCode::dossier_unknown ? Result<bool>(false) : row.error();
        return access::decide(call.subject, access::Policy::portal_read, TRY(access::object_of(reader, *row)))
            .allowed;
    };
}

Json vocabulary_json(const Presenter& present, std::string_view id) {
    Json out = Json::array();
    if (const law::Vocabulary* words = present.services().law.find_vocabulary(id))
        for (const law::Word& word : words->words)
            if (word.in_force.holds(present.today()))
                out.push_back(present.named(word.code, word.zh, word.en));
    return out;
}

/// The operator's objections and applications for repair, the latest first.
Result<Json> matters_json(const Call& call, Presenter& present, const std::string& firm) {
    Json out = Json::array();
    journal::Query query;
    query.where = {{"operator_id", journal::Compare::equal, {firm}},
                   {"procedure",
                    journal::Compare::one_of,
                    {std::string(answers_to_grades[0]), std::string(answers_to_grades[1])}}};
    auto rows = TRY(present.reader().view<facts::DossierRow>().list(query));
    std::ranges::reverse(rows);
    for (const facts::DossierRow& row : rows) {
        const auto object = TRY(access::object_of(present.reader(), row));
        if (!access::decide(call.subject, access::Policy::portal_read, object).allowed) continue;
        const law::Procedure* procedure = present.procedure_of(row);
        out.push_back({{"id", row.id},
                       {"procedure", procedure ? present.procedure(*procedure) : present.term(row.procedure)},
                       {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
                       {"opened_on", row.opened_on.text()},
                       {"open", row.open},
                       {"clock", next_clock(present, row)}});
    }
    return out;
}

}  // namespace

Answer portal_credit(const Call& call) {
    const std::string firm = TRY(own_firm(call));
    TRY(call.may({.kind = access::Kind::credit, .operator_id = firm}));
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        const auto* rules = TRY(call.services.assess->credit_rules(call.services.law));
        const auto row = TRY(registry::operator_on(reader, firm, call.now.date()));
        body = TRY(credit_json(call, present, *rules, row, reaches_of(call, reader)));
        body["authority"] = present.organisation(row.organisation);
        body["matters"] = TRY(matters_json(call, present, firm));
        const Json& decided = body["decided"];
        const bool told = !decided.is_null();
        const bool waiting = std::ranges::any_of(body["matters"], [](const Json& one) {
            return one["open"] == true && one["procedure"]["id"] == "credit_objection";
        });
        const bool applied = std::ranges::any_of(body["matters"], [](const Json& one) {
            return one["open"] == true && one["procedure"]["id"] == "credit_repair";
        });
        body["may_object"] = told && !waiting && decided["state"] != "recomputing";
        body["may_repair"] = told && !applied && decided["state"] == "published";
        body["repair_conditions"] = vocabulary_json(present, "removal_conditions");
        return {};
    }));
    return json_response(body);
}

namespace {

/// The grade that the operator was told of; record_unknown where there is none.
Result<facts::DossierRow> told_grade(const Call& call, const journal::Reader& reader,
                                     const std::string& firm) {
    const auto grade = TRY(decided_grade(reader, firm, call.now.date()));
    if (!grade)
        return Error{ErrorCode::record_unknown,
                     "no grade has been decided yet",
                     {},
                     {},
                     "wait until you are told of one",
                     "尚未作出信用等级决定",
                     "收到告知后可以提出"};
    return TRY(reach_again(call, reader, grade->dossier)).row;
}

/// One answer to a grade at a time.
Result<void> check_not_under_way(const journal::Reader& reader, const facts::DossierRow& grade,
                                 std::string_view procedure) {
    const auto rows = TRY(reader.view<facts::DossierRow>().list(
        {.where = {{"source", journal::Compare::equal, {grade.seq}},
                   {"procedure", journal::Compare::equal, {std::string(procedure)}},
                   {"open", journal::Compare::equal, {std::int64_t{1}}}},
         .limit = 1}));
    if (rows.empty()) return {};
    return Error{ErrorCode::step_repeated,
                 fmt::format("{} is under way", rows.front().id),
                 {},
                 {},
                 "wait for its answer, or withdraw it",
                 fmt::format("{} 正在办理", rows.front().id),
                 "请等待答复，或者先撤回"};
}

/// Takes the step of the grade and opens what it opens, both or neither.
Answer answer_grade(const Call& call, const char* step, const char* procedure, const char* title,
                    const facts::Form& form) {
    const std::string firm = TRY(own_firm(call));
    http::Response response;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const facts::DossierRow grade = TRY(told_grade(call, writer, firm));
        CHECK(check_not_under_way(writer, grade, procedure));
        const act::Engine engine = call.services.engine();
        const act::Actor actor = TRY(call.actor(writer));
        const auto taken = TRY(writer.append(TRY(engine.take(writer, grade, actor, step, {}))));
        const auto opened =
            TRY(writer.append(TRY(engine.open(writer, actor,
                                              {.procedure = procedure,
                                               .id = {},
                                               .title = title,
                                               .operator_id = firm,
                                               .category = grade.category,
                                               .organisation = grade.organisation,
                                               .source = static_cast<std::uint64_t>(grade.seq),
                                               .source_fact = taken.seq,
                                               .form = form}))));
        const auto row = TRY(writer.view<facts::DossierRow>().find(static_cast<std::int64_t>(opened.seq)));
        Presenter present(call.services, writer, call.now);
        response = json_response(
            {{"dossier", row->id}, {"version", row->version}, {"clock", next_clock(present, *row)}}, 201,
            std::to_string(row->version));
        return keep_answer(call, writer, response);
    }));
    return response;
}

constexpr std::size_t statement_max = 5'000;

}  // namespace

Answer object_to_grade(const Call& call) {
    const Json body = TRY(body_of(call, {"objection", "regime"}));
    const std::string objection = TRY(wanted_in(body, "objection", statement_max));
    std::string regime = TRY(word_in(call, body, "regime", "credit_regimes"));
    // Which days apply is the authority's to say; the first regime of the vocabulary is its default.
    if (const law::Vocabulary* words = call.services.law.find_vocabulary("credit_regimes");
        regime.empty() && words != nullptr && !words->words.empty())
        regime = words->words.front().code;
    return answer_grade(call, "object", "credit_objection", "信用等级异议",
                        {{"regime", regime}, {"objection", objection}});
}

Answer ask_for_repair(const Call& call) {
    const Json body = TRY(body_of(call, {"conditions", "request"}));
    const std::string request = TRY(wanted_in(body, "request", statement_max));
    return answer_grade(call, "repair", "credit_repair", "信用修复申请",
                        {{"conditions", TRY(list_in(body, "conditions"))}, {"request", request}});
}

}  // namespace qingyuan::api
