// Making documents: a draft to look at, the issued paper under its number, its kept copy, its service.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/case_api.hpp"
#include "api/door.hpp"
#include "api/documents_view.hpp"
#include "api/doors.hpp"
#include "api/steps.hpp"
#include "api/step_proposals.hpp"
#include "base/text.hpp"
#include "law/words.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t fields_max = 200, rows_max = 2000;
constexpr double picture_scale = 1.6;  ///< pixels a point: a page is 950 pixels wide
constexpr int pictures_max = 6;        ///< pages shown of a draft
constexpr std::string_view pdf_type = "application/pdf";
constexpr std::string_view docx_type =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

Result<facts::FilledValues> fields_in(const Json& body) {
    facts::FilledValues out;
    if (!body.contains("fields") || body["fields"].is_null()) return out;
    const Json& fields = body["fields"];
    if (!fields.is_object() || fields.size() > fields_max)
        return Error{ErrorCode::request_malformed, "an object of texts is expected", "fields"};
    for (const auto& [name, value] : fields.items()) {
        if (!value.is_string())
            return Error{ErrorCode::request_malformed, "a text is expected", "fields." + name};
        if (value.get<std::string>().empty()) continue;
        out.insert_or_assign(name, value.get<std::string>());
    }
    return out;
}

Result<std::vector<std::map<std::string, std::string, std::less<>>>> rows_in(const Json& body) {
    std::vector<std::map<std::string, std::string, std::less<>>> out;
    if (!body.contains("rows") || body["rows"].is_null()) return out;
    const Json& rows = body["rows"];
    const Error wrong{ErrorCode::request_malformed,
                      fmt::format("at most {} objects of texts are expected", rows_max), "rows"};
    if (!rows.is_array() || rows.size() > rows_max) return wrong;
    for (const Json& row : rows) {
        if (!row.is_object()) return wrong;
        auto& entry = out.emplace_back();
        for (const auto& [name, value] : row.items()) {
            if (!value.is_string()) return wrong;
            entry[name] = value.get<std::string>();
        }
    }
    return out;
}

Result<DocumentAsked> asked_of(const Call& call, const Json& body) {
    DocumentAsked asked;
    asked.dossier = call.path.at("id");
    asked.document = TRY(wanted_in(body, "document"));
    asked.person = call.subject.person;
    asked.subject = call.subject;
    asked.purpose = TRY(call.purpose());
    asked.by_hand = TRY(fields_in(body));
    asked.rows = TRY(rows_in(body));
    asked.redacted = TRY(flag_in(body, "redacted"));
    if (const std::string dated = TRY(text_in(body, "dated")); !dated.empty())
        asked.dated = TRY(parse_date(dated));
    const std::string block = TRY(text_in(body, "block"));
    if (block.empty()) return asked;
    if (!body.contains("ordinal") || !body["ordinal"].is_number_integer())
        return Error{ErrorCode::field_missing, "which number of the block", "ordinal"};
    asked.number = act::BlockNumber{block, body["ordinal"].get<std::int64_t>()};
    return asked;
}

http::Response file_response(std::string bytes, std::string_view type, std::string_view name) {
    http::Response response;
    response.body = std::move(bytes);
    response.content_type = type;
    // Never shown by a browser inside this origin: downloaded, whatever it is.
    response.headers.emplace_back("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Json warnings_json(const DocumentDrawn& made) {
    Json out = Json::array();
    for (const document::Warning& warning : made.drawn.warnings)
        out.push_back({{"name", warning.name}, {"where", warning.where}, {"text", warning.text}});
    return out;
}

/// Does the dossier exist for the caller, and at the version it was seen at?
Result<void> check_reached(const Call& call, const std::string& id) {
    return call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(reach(call, reader, id));
        return {};
    });
}

}  // namespace

Answer draft_document(const Call& call) {
    const DocumentTools tools = TRY(document_tools(call));
    CHECK(check_reached(call, call.path.at("id")));
    const Json body =
        TRY(body_of(call, {"document", "fields", "rows", "redacted", "dated", "format", "proposal"}));
    DocumentAsked asked = TRY(asked_of(call, body));
    if (const std::string proposal = TRY(text_in(body, "proposal", 32)); !proposal.empty())
        CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
            const auto row = TRY(reach_again(call, reader, call.path.at("id"))).row;
            asked.as_if = TRY(proposed_step(reader, row, proposal));
            return {};
        }));
    const std::string format = TRY(text_in(body, "format"));
    if (format != "" && format != "pdf" && format != "docx" && format != "png")
        return Error{ErrorCode::field_invalid, "format is pdf, docx or png", "format"};
    const DocumentDrawn made = TRY(draw_document(tools, asked, true));
    call.secret = true;  // drawn again where it is asked for again: a draft is kept nowhere
    http::Response response;
    if (format == "docx")
        response = file_response(TRY(document::write_docx(made.drawn.paper)), docx_type, "draft.docx");
    else if (format == "png")
        response = file_response(TRY(document::write_png(made.drawn.paper, picture_scale, pictures_max)),
                                 "image/png", "draft.png");
    else
        response = file_response(TRY(document::write_pdf(made.drawn.paper)).bytes, pdf_type, "draft.pdf");
    response.headers.emplace_back("X-Warnings", std::to_string(made.drawn.warnings.size()));
    return response;
}

Answer issue_dossier_document(const Call& call) {
    const DocumentTools tools = TRY(document_tools(call));
    CHECK(check_reached(call, call.path.at("id")));
    const std::int64_t version = TRY(expected_version(call));
    const Json body = TRY(body_of(call, {"document", "fields", "rows", "dated", "block", "ordinal"}));
    DocumentAsked asked = TRY(asked_of(call, body));
    asked.version = version;
    http::Response response;
    const auto keep = [&](journal::Writer& writer, const DocumentIssued& issued) -> Result<void> {
        const auto [row, decision] = TRY(reach_again(call, writer, asked.dossier));
        const Json told{{"seq", issued.seq},
                        {"dossier", row.id},
                        {"version", row.version},
                        {"number", issued.made.number.text},
                        {"code", hex(issued.made.drawn.digest).substr(0, 20)},
                        {"digest", hex(issued.made.drawn.digest)},
                        {"pages", issued.pdf.pages},
                        {"missing", issued.made.drawn.missing},
                        {"withheld", issued.made.withheld},
                        {"warnings", warnings_json(issued.made)}};
        response = json_response(told, 201, std::to_string(row.version));
        return keep_answer(call, writer, response);
    };
    const auto done = issue_document(tools, asked, keep);
    if (!done && done.error().code == ErrorCode::version_conflict)
        return moved_since(call, done.error(), version);
    if (!done) return done.error();
    return response;
}

namespace {

/// The step of the dossier's state that serves a document: it has the guard word `issued`.
const law::Step* serving_step(const law::Procedure& procedure, const facts::DossierRow& row) {
    for (const law::Step& step : procedure.steps) {
        if (std::ranges::find(step.from, row.state) == step.from.end()) continue;
        for (const law::Guard& guard : step.guards)
            if (guard.word == law::WordId::issued) return &step;
    }
    return nullptr;
}

Error no_such_document() {
    return {
        ErrorCode::document_unknown, "no document was issued under this entry", "seq", {}, {}, "没有此文书"};
}

Result<facts::IssuedDocumentRow> issued_row(const Call& call, const journal::Reader& reader) {
    const auto seq = parse_integer(call.path.at("seq"));
    const auto row = seq ? TRY(reader.view<facts::IssuedDocumentRow>().find(*seq)) : std::nullopt;
    if (row) return *row;
    call.decided = true;
    return no_such_document();
}

}  // namespace

Answer serve_document(const Call& call) {
    const Json body = TRY(call.body());
    CHECK(only_names(body, {"form", "officers", "evidence", "happened_on"}));
    return change_dossier(call,
                          [&](const journal::Reader& reader, const facts::DossierRow& row,
                              const act::Actor& actor, std::int64_t version) -> Result<facts::Fact> {
                              const facts::IssuedDocumentRow issued = TRY(issued_row(call, reader));
                              if (issued.dossier != row.seq) return no_such_dossier(call.path.at("id"));
                              const auto* procedure =
                                  TRY(call.services.law.procedure(row.procedure, row.law_on));
                              const law::Step* step = serving_step(*procedure, row);
                              if (!step)
                                  return Error{ErrorCode::wrong_state,
                                               "no step of this state records a service",
                                               "state",
                                               join(procedure->law, ", "),
                                               "take the step that comes before the service",
                                               "当前阶段没有送达步骤",
                                               "请先办理送达之前的步骤"};
                              act::Request request{.form = TRY(form_of(call, body, step->form)),
                                                   .officers = TRY(list_in(body, "officers")),
                                                   .evidence = TRY(list_in(body, "evidence")),
                                                   .happened_on = TRY(date_of(body)),
                                                   .expected_version = version};
                              request.form.insert_or_assign("document_number", issued.number);
                              CHECK(check_evidence(call, reader, row, request.evidence));
                              return call.services.engine().take(reader, row, actor, step->id, request);
                          });
}

namespace {

/// Who reads a kept paper. Where its words are those that anybody at work on the dossier sees, reading the
/// dossier is enough (true); where more stands on it, personal values may, and the reader says why (false).
/// access_denied, purpose_missing. Not inside Journal::read: the paper is drawn again.
Result<bool> may_copy(const Call& call, const DocumentTools& tools, const facts::DossierRow& dossier,
                      const access::Object& object, const facts::IssuedDocumentRow& row) {
    const DocumentAsked plain{.dossier = dossier.id, .document = row.document, .person = call.subject.person};
    const auto again = draw_again(tools, plain, row);
    if (again && hex(again->drawn.digest) == hex(row.digest)) return true;
    if (!access::decide(call.subject, access::Policy::personal_reveal, object).allowed)
        return Error{ErrorCode::access_denied,
                     "this paper bears values that only the officers of the matter read",
                     {},
                     {},
                     "ask an officer of this matter",
                     "此文书载有仅限承办人员查看的内容",
                     "请向承办人员索取"};
    if (TRY(call.purpose()).empty())
        return Error{ErrorCode::purpose_missing,
                     "say why you look at this",
                     "X-Purpose",
                     {},
                     "give the reason; it stands in the access journal",
                     "查看此内容须说明理由",
                     "请填写查看理由，理由将记入访问台账"};
    return false;
}

Answer working_docx(const Call& call, const DocumentTools& tools, const facts::DossierRow& dossier,
                    const facts::IssuedDocumentRow& row, bool plain) {
    DocumentAsked asked{.dossier = dossier.id, .document = row.document, .person = call.subject.person};
    asked.subject = call.subject;
    if (!plain) asked.purpose = TRY(call.purpose());
    DocumentDrawn made = TRY(draw_again(tools, asked, row));
    if (hex(made.drawn.digest) != hex(row.digest)) {
        // The dossier says something else by now: a paper with this code would be no document.
        made.drawn.paper.code.clear();
        made.drawn.paper.code_notes.clear();
        made.drawn.paper.mark = "工作稿";
    }
    return file_response(TRY(document::write_docx(made.drawn.paper)), docx_type,
                         fmt::format("{}.docx", row.code));
}

}  // namespace

Answer document_copy(const Call& call) {
    const DocumentTools tools = TRY(document_tools(call));
    facts::IssuedDocumentRow row;
    facts::DossierRow dossier;
    access::Object object;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        row = TRY(issued_row(call, reader));
        auto reached = reach(call, reader, std::to_string(row.dossier));
        // A paper of a matter out of reach is as one that was never issued.
        if (!reached && reached.error().code == ErrorCode::dossier_unknown) return no_such_document();
        if (!reached) return reached.error();
        if (reached->decision.masked(access::Mask::internal) && !is_to_party(tools.law, row.document))
            return no_such_document();
        dossier = std::move(reached->row);
        object = TRY(access::object_of(reader, dossier));
        return {};
    }));
    const bool plain = TRY(may_copy(call, tools, dossier, object, row));
    if (!plain) {
        facts::AccessNoted noted{.action = "reveal",
                                 .object = std::to_string(row.seq),
                                 .decision = "allowed",
                                 .purpose = TRY(call.purpose()),
                                 .policy = "personal_reveal",
                                 .count = 1,
                                 .session = call.identity ? call.identity->session : ""};
        CHECK(call.write_notes({std::move(noted)}));
    }
    if (call.operation.pattern.ends_with(".docx")) return working_docx(call, tools, dossier, row, plain);
    return file_response(TRY(kept_pdf(tools, row)), pdf_type, fmt::format("{}.pdf", row.code));
}

}  // namespace qingyuan::api
