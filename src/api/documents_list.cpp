// The documents of a dossier: what was issued and served, what can be made now and why not, and what a form
// would say.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/case_api.hpp"
#include "api/doors.hpp"
#include "api/documents_view.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

Result<DocumentTools> document_tools(const Call& call) {
    const Services& services = call.services;
    if (!services.forms) return Error{ErrorCode::store_unavailable, "the forms of documents are not loaded"};
    return DocumentTools{services.law,    *services.forms,      services.journal,
                         services.access, services.vault,       services.evidence,
                         services.clock,  services.sample_data, services.check_url};
}

std::optional<Error> refused_document(const journal::Reader& reader, const law::Law& law,
                                      const facts::DossierRow& row, const act::Actor& actor,
                                      std::string_view document, Date today) {
    const auto fact =
        act::issue_document(reader, law, row, actor, {std::string(document), today, {}, {}, {}, 0});
    if (fact) return std::nullopt;
    return fact.error();
}

std::string shown(const facts::FilledValue& value) {
    struct Text {
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(const std::vector<std::string>& items) const { return join(items, "\n"); }
        std::string operator()(Fen fen) const { return fen.text(); }
        std::string operator()(Date date) const { return date == Date{} ? std::string() : date.text(); }
        std::string operator()(bool flag) const { return flag ? "是" : "否"; }
    };
    return std::visit(Text{}, value);
}

namespace {

/// The step that says this number was served, or null.
Result<Json> service_of(Presenter& present, const facts::DossierRow& row, const std::string& number) {
    Json out = nullptr;
    if (number.empty()) return out;
    const law::Procedure* procedure = present.procedure_of(row);
    for (const facts::StepState& state : row.steps) {
        if (state.voided) continue;
        const law::Step* step = procedure ? procedure->find_step(state.step) : nullptr;
        if (!step || std::ranges::find(step->form, "document_number", &law::Field::id) == step->form.end())
            continue;
        const auto recorded = TRY(present.reader().fact(static_cast<std::uint64_t>(state.seq)));
        const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (!taken || facts::text_of(taken->form, "document_number") != number) continue;
        out = {{"seq", recorded.seq},
               {"on", state.on.text()},
               {"step", present.step(procedure, state.step)},
               {"mode", present.word("service_modes", facts::text_of(taken->form, "service_mode"))}};
    }
    return out;
}

/// A form as the procedure knows it.
struct Kind {
    const law::Document* document = nullptr;
    std::vector<const law::Step*> steps;  ///< that draw it up; none: of no step
};

std::vector<Kind> kinds_of(const law::Law& law, const law::Forms& forms, const law::Procedure& procedure) {
    std::vector<Kind> out;
    std::set<std::string, std::less<>> sets;
    for (const law::Step& step : procedure.steps)
        for (const std::string& id : step.documents) {
            const law::Document* document = law.find_document(id);
            if (!document) continue;
            sets.insert(document->set);
            auto found = std::ranges::find(out, document, &Kind::document);
            if (found == out.end()) found = out.insert(out.end(), Kind{document, {}});
            found->steps.push_back(&step);
        }
    for (const law::DocumentForm& form : forms.all()) {
        const law::Document* document = law.find_document(form.document);
        if (!document || !sets.contains(document->set)) continue;
        if (std::ranges::find(out, document, &Kind::document) == out.end()) out.push_back({document, {}});
    }
    return out;
}

Json kind_json(Presenter& present, const law::DocumentForm& form, const Kind& kind,
               const facts::DossierRow& row, const std::vector<facts::IssuedDocumentRow>& issued) {
    const law::Procedure* procedure = present.procedure_of(row);
    Json steps = Json::array();
    std::int64_t taken = 0;
    for (const law::Step* step : kind.steps) {
        steps.push_back(present.step(procedure, step->id));
        taken += std::ranges::count_if(
            row.steps, [&](const facts::StepState& one) { return one.step == step->id && !one.voided; });
    }
    const auto standing = std::ranges::count_if(issued, [&](const facts::IssuedDocumentRow& one) {
        return one.document == form.document && one.voided == 0;
    });
    return {{"document", present.document(form.document)},
            {"title", form.title},
            {"stage", kind.document->stage},
            {"word", form.word},
            {"to_party", kind.document->issued_to_party},
            {"needs_receipt", kind.document->needs_service_receipt},
            {"verified", form.status == law::Status::verified},
            {"steps", std::move(steps)},
            {"issued", standing},
            {"due", taken > 0 && standing == 0},
            {"refusal", nullptr}};
}

}  // namespace

bool is_to_party(const law::Law& law, std::string_view document) {
    const law::Document* found = law.find_document(document);
    return found && found->issued_to_party;
}

Result<Json> issued_json(Presenter& present, const facts::DossierRow& row,
                         const facts::IssuedDocumentRow& issued) {
    return Json{{"seq", issued.seq},
                {"document", present.document(issued.document)},
                {"number", issued.number},
                {"issued_on", issued.issued_on.text()},
                {"issued_by", present.person(issued.issued_by)},
                {"pages", issued.pages},
                {"code", issued.code},
                {"digest", hex(issued.digest)},
                {"file", issued.file},
                {"state", issued.voided != 0 ? "withdrawn" : "in_force"},
                {"withdrawn_on", issued.voided != 0 ? Json(issued.voided_on.text()) : Json(nullptr)},
                {"service", TRY(service_of(present, row, issued.number))}};
}

Answer dossier_documents(const Call& call) {
    const DocumentTools tools = TRY(document_tools(call));
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        const act::Actor actor = TRY(call.actor(reader));
        Presenter present(call.services, reader, call.now, decision.masks);
        const law::Procedure* procedure = present.procedure_of(row);
        const auto issued = TRY(act::documents_of(reader, row.seq));
        Json made = Json::array(), forms = Json::array();
        // Whoever stands outside the authority sees what was addressed to the party, and makes nothing.
        const bool outside = present.masked(access::Mask::internal);
        for (const facts::IssuedDocumentRow& one : issued)
            if (!outside || is_to_party(tools.law, one.document))
                made.push_back(TRY(issued_json(present, row, one)));
        for (const Kind& kind :
             procedure ? kinds_of(tools.law, tools.forms, *procedure) : std::vector<Kind>()) {
            const auto form = tools.forms.form(kind.document->id, call.now.date());
            if (!form) continue;
            Json item = kind_json(present, **form, kind, row, issued);
            if (const auto refusal =
                    refused_document(reader, tools.law, row, actor, kind.document->id, call.now.date()))
                item["refusal"] = refusal_json(present, *refusal);
            forms.push_back(std::move(item));
        }
        response = json_response({{"dossier", row.id},
                                  {"version", row.version},
                                  {"check_url", call.services.check_url},
                                  {"issued", std::move(made)},
                                  {"forms", std::move(forms)}},
                                 200, std::to_string(row.version));
        return {};
    }));
    return response;
}

// --- what a form would say

namespace {

constexpr std::size_t context_max = 60;  ///< characters of a form's line shown around a gap

std::string last_of(const std::string& text) {
    std::vector<std::string> characters;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t length = 1;
        while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xC0) == 0x80)
            ++length;
        characters.push_back(text.substr(i, length));
        i += length;
    }
    std::string out;
    for (std::size_t i = characters.size() - std::min(characters.size(), context_max); i < characters.size();
         ++i)
        out += characters[i];
    return out;
}

/// Where a field stands on the form: the words before it and after it, and how it is written.
struct Spot {
    std::string before, after;
    const law::FormPiece* piece = nullptr;
    bool is_tall = false, is_row = false;
};

void note_spots(const law::DocumentForm& form, std::map<std::string, Spot, std::less<>>& spots) {
    for (const law::FormLine& line : form.lines) {
        std::string label;  // of a ruled row: its cells are labels and values in turn
        for (const auto& cell : line.cells) {
            std::string before = label;
            Spot* open = nullptr;
            std::string words;
            for (const law::FormPiece& piece : cell) {
                if (piece.kind == law::FormPiece::Kind::value) {
                    auto [found, added] = spots.try_emplace(piece.text);
                    Spot& spot = found->second;
                    if (added) {
                        spot.before = last_of(before);
                        spot.piece = &piece;
                        spot.is_tall = line.kind == law::LineKind::opinion || piece.show == law::Show::list;
                        spot.is_row = line.kind == law::LineKind::listing;
                    }
                    open = added ? &spot : nullptr;
                    before.clear();
                } else {
                    const std::string text =
                        piece.kind == law::FormPiece::Kind::citation ? "《" + piece.text + "》" : piece.text;
                    before += text;
                    words += text;
                    if (open && length_of(open->after) < context_max) open->after += text;
                }
            }
            label = words;
        }
    }
}

std::string_view name_of(law::Show show) {
    switch (show) {
        case law::Show::date: return "date";
        case law::Show::money: return "money";
        case law::Show::list: return "list";
        case law::Show::check: return "check";
        default: return "text";
    }
}

Json field_json(const std::string& field, const Spot& spot, const DocumentDrawn& drawn,
                const facts::FilledValue* value) {
    const auto holds = [&](const std::vector<std::string>& list) {
        return std::ranges::find(list, field) != list.end();
    };
    const law::FormPiece* piece = spot.piece;
    return {{"id", field},
            {"before", spot.before},
            {"after", spot.after},
            {"show", piece ? name_of(piece->show) : "text"},
            {"options", piece ? Json(piece->options) : Json::array()},
            {"fallback", piece ? piece->fallback : ""},
            {"tall", spot.is_tall},
            {"row", spot.is_row},
            {"by_hand", law::is_by_hand(field)},
            {"value", value ? shown(*value) : ""},
            {"missing", holds(drawn.drawn.missing)},
            {"withheld", holds(drawn.withheld)}};
}

Result<DocumentAsked> asked_sheet(const Call& call) {
    DocumentAsked asked;
    asked.dossier = call.path.at("id");
    asked.document = call.path.at("document");
    asked.person = call.subject.person;
    asked.subject = call.subject;
    asked.purpose = TRY(call.purpose());
    return asked;
}

}  // namespace

Answer document_sheet(const Call& call) {
    const DocumentTools tools = TRY(document_tools(call));
    const DocumentAsked asked = TRY(asked_sheet(call));
    std::int64_t version = 0;
    Json refusal = nullptr;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, asked.dossier));
        version = row.version;
        Presenter present(call.services, reader, call.now, decision.masks);
        if (const auto error = refused_document(reader, tools.law, row, TRY(call.actor(reader)),
                                                asked.document, call.now.date()))
            refusal = refusal_json(present, *error);
        return {};
    }));
    const law::DocumentForm* form = TRY(tools.forms.form(asked.document, call.now.date()));
    const DocumentDrawn drawn = TRY(draw_document(tools, asked, true));
    std::map<std::string, Spot, std::less<>> spots;
    note_spots(*form, spots);
    Json fields = Json::array();
    for (const std::string& field : law::fields_of(tools.law, *tools.law.find_document(asked.document))) {
        const auto value = drawn.filled.values.find(field);
        fields.push_back(field_json(field, spots[field], drawn,
                                    value == drawn.filled.values.end() ? nullptr : &value->second));
    }
    const law::Document* document = tools.law.find_document(asked.document);
    return json_response({{"dossier", asked.dossier},
                          {"version", version},
                          {"document", {{"id", document->id}, {"zh", document->zh}, {"en", document->en}}},
                          {"title", form->title},
                          {"word", form->word},
                          {"fields", std::move(fields)},
                          {"rows", drawn.filled.rows},
                          {"refusal", std::move(refusal)}},
                         200, std::to_string(version));
}

}  // namespace qingyuan::api
