#include "act/filling.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "act/attributes.hpp"
#include "act/documents.hpp"
#include "base/text.hpp"
#include "law/redaction.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

using facts::FilledValue;
using Found = std::optional<FilledValue>;

constexpr std::string_view erased = "erased";  ///< what the vault answers for a destroyed key

class Filler {
 public:
    Filler(const journal::Reader& reader, const law::Law& law, const law::Forms& forms,
           const law::DocumentForm& form, const facts::DossierRow& dossier, const Reveal& reveal,
           const FillRequest& request)
        : reader_(reader),
          law_(law),
          forms_(forms),
          form_(form),
          dossier_(dossier),
          reveal_(reveal),
          request_(request),
          on_(request.dated == Date{} ? dossier.opened_on : request.dated) {}

    Result<Filling> run() {
        facts::FilledForm& out = filling_.form;
        out.document = form_.document;
        out.number = request_.number;
        out.dated = request_.dated;
        out.is_redacted = request_.redacted;
        if (const auto issuer = TRY(registry::find_organisation(reader_, dossier_.organisation, on_)))
            out.authority = issuer->name;
        const law::Document* document = law_.find_document(form_.document);
        if (document == nullptr) return Error{ErrorCode::document_unknown, form_.document, "document"};
        for (const std::string& field : law::fields_of(law_, *document)) {
            if (law::is_by_hand(field) || request_.by_hand.contains(field)) continue;
            field_ = field;
            if (Found value = TRY(value_of(field))) out.values.insert_or_assign(field, std::move(*value));
        }
        for (const auto& [field, value] : request_.by_hand) out.values.insert_or_assign(field, value);
        out.rows = request_.rows;
        if (out.rows.empty() && form_.document == "penalty_55") CHECK(list_documents(out));
        if (request_.redacted) redact(out);
        return std::move(filling_);
    }

 private:
    // --- where values come from

    Result<Found> value_of(const std::string& field) {
        const law::FieldBinding* binding = forms_.binding(field, form_.document);
        if (binding == nullptr) return Found();
        for (const law::FieldSource source : binding->sources)
            if (Found value = TRY(known(source))) return value;
        for (const std::string& attribute : binding->attributes)
            if (const auto value = attribute_of(dossier_, {}, attribute))
                if (Found shown = TRY(readable(attribute, *value))) return shown;
        return Found();
    }

    static Found given(std::string text) { return text.empty() ? Found() : Found(std::move(text)); }
    static Found given(std::vector<std::string> items) {
        return items.empty() ? Found() : Found(join(items, "、"));
    }
    static Found given(Date date) { return date == Date{} ? Found() : Found(date); }

    Result<Found> known(law::FieldSource source) {
        using law::FieldSource;
        switch (source) {
            case FieldSource::authority: return given(filling_.form.authority);
            case FieldSource::number: return given(request_.number);
            case FieldSource::date: return given(request_.dated);
            case FieldSource::dossier_title: return given(dossier_.title);
            case FieldSource::dossier_number: return given(dossier_.id);
            case FieldSource::opened_on: return given(dossier_.opened_on);
            case FieldSource::closed_on: return given(dossier_.closed_on);
            case FieldSource::officers_names: return officers(false);
            case FieldSource::officers_certificates: return officers(true);
            case FieldSource::infringed_articles: return articles(true);
            case FieldSource::penalising_articles: return articles(false);
            case FieldSource::penalties_decided: return penalties("penalties", "fine_fen");
            case FieldSource::penalties_proposed: return penalties("proposed_penalties", "proposed_fine_fen");
            case FieldSource::step_name:
            case FieldSource::step_articles: return step(source == FieldSource::step_name);
            case FieldSource::issued_name:
            case FieldSource::issued_number: return last_issued(source == FieldSource::issued_name);
            default: return party(source);
        }
    }

    Result<Found> party(law::FieldSource source) {
        const auto row = TRY(registry::find_operator(reader_, dossier_.operator_id, on_));
        if (!row) return Found();
        using law::FieldSource;
        if (source == FieldSource::party_name) return given(row->name);
        if (source == FieldSource::party_number) return given(row->uscc);
        if (source == FieldSource::party_address) return given(row->address);
        return personal(row->representative, reveal_.personal);
    }

    Result<Found> officers(bool certificates) {
        std::vector<std::string> out;
        for (const std::string& id : dossier_.officers) {
            const auto person = TRY(registry::find_person(reader_, id, on_));
            if (!person) continue;
            if (certificates) {
                if (!person->certificate.empty()) out.push_back(person->certificate);
            } else if (const Found name = TRY(personal(person->name, reveal_.officials))) {
                out.push_back(std::get<std::string>(*name));
            }
        }
        return given(std::move(out));
    }

    /// The articles of the violations found, each once. A penalty rule stands for its article.
    Result<Found> articles(bool infringed) {
        std::vector<std::string> out;
        const auto value = attribute_of(dossier_, {}, "violation");
        if (!value) return Found();
        std::vector<std::string> codes;
        if (const auto* one = std::get_if<std::string>(&*value)) codes = {*one};
        if (const auto* many = std::get_if<std::vector<std::string>>(&*value)) codes = *many;
        for (const std::string& code : codes) {
            const law::Violation* violation = law_.find_violation(code);
            if (violation == nullptr) continue;
            for (std::string citation : infringed ? violation->infringes : violation->penalises) {
                if (const law::PenaltyRule* rule = law_.find_penalty_rule(citation)) citation = rule->law;
                citation = "[" + citation + "]";
                if (std::ranges::find(out, citation) == out.end()) out.push_back(std::move(citation));
            }
        }
        return given(std::move(out));
    }

    /// The latest step that draws this document up, by its name or by its articles.
    Result<Found> step(bool name) {
        const law::Procedure& procedure = *TRY(law_.procedure(dossier_.procedure, dossier_.law_on));
        for (std::size_t i = dossier_.steps.size(); i-- > 0;) {
            const facts::StepState& taken = dossier_.steps[i];
            const law::Step* step = taken.voided ? nullptr : procedure.find_step(taken.step);
            if (step == nullptr ||
                std::ranges::find(step->documents, form_.document) == step->documents.end())
                continue;
            if (name) return given(step->zh);
            std::vector<std::string> articles;
            for (const std::string& citation : step->law) articles.push_back("[" + citation + "]");
            return given(std::move(articles));
        }
        return Found();
    }

    /// Each kind of penalty, with its sum where there is one: "罚款[¥500000]" (fen), which the page writes
    /// out.
    Result<Found> penalties(std::string_view kinds, std::string_view fine) {
        const std::pair<std::string_view, std::string_view> sums[] = {
            {"fine", fine},
            {"confiscate_income", "confiscated_income_fen"},
            {"confiscate_goods", "confiscated_goods_fen"}};
        std::vector<std::string> items;
        const law::Vocabulary* words = law_.find_vocabulary("penalty_kinds");
        for (const std::string& code : facts::list_of(dossier_.attributes, kinds)) {
            const law::Word* word = words == nullptr ? nullptr : words->find(code);
            std::string item = word == nullptr ? code : word->zh;
            for (const auto& [kind, attribute] : sums) {
                const facts::Value* held =
                    kind == code ? facts::find(dossier_.attributes, attribute) : nullptr;
                const auto* fen = held == nullptr ? nullptr : std::get_if<std::int64_t>(held);
                if (fen != nullptr && *fen > 0) item += fmt::format("[¥{}]", *fen);
            }
            items.push_back(std::move(item));
        }
        return items.empty() ? Found() : Found(std::move(items));
    }

    Result<Found> last_issued(bool name) {
        const std::vector<facts::IssuedDocumentRow> issued = TRY(documents_of(reader_, dossier_.seq));
        for (std::size_t i = issued.size(); i-- > 0;) {
            const facts::IssuedDocumentRow& row = issued[i];
            if (row.voided != 0 || row.number.empty()) continue;
            if (!name) return given(row.number);
            const law::Document* document = law_.find_document(row.document);
            return given(document == nullptr ? row.document : document->zh);
        }
        return Found();
    }

    /// The contents of a volume: what was issued in the dossier, in order.
    Result<void> list_documents(facts::FilledForm& out) {
        std::int64_t page = 1;
        for (const facts::IssuedDocumentRow& row : TRY(documents_of(reader_, dossier_.seq))) {
            if (row.voided != 0) continue;
            const law::Document* document = law_.find_document(row.document);
            out.rows.push_back({{"row.no", std::to_string(out.rows.size() + 1)},
                                {"row.doc_number", row.number},
                                {"row.title", document == nullptr ? row.document : document->zh},
                                {"row.date", row.issued_on.text()},
                                {"row.page", std::to_string(page)}});
            page += row.pages;
        }
        return {};
    }

    // --- how a value is read

    [[nodiscard]] const law::Field* declared(std::string_view attribute) const {
        const auto procedure = law_.procedure(dossier_.procedure, dossier_.law_on);
        if (!procedure) return nullptr;
        const auto in = [&](const std::vector<law::Field>& form) -> const law::Field* {
            const auto found = std::ranges::find(form, attribute, &law::Field::id);
            return found == form.end() ? nullptr : &*found;
        };
        for (const law::Step& step : (*procedure)->steps)
            if (const law::Field* field = in(step.form)) return field;
        return in((*procedure)->form);
    }

    Result<Found> personal(const facts::SubjectRef& reference, const Reveal::Value& reveal) {
        if (reference.subject.empty()) return Found();
        std::string text;
        if (reveal) text = TRY(reveal(reference));
        if (!text.empty() && text != erased) {
            if (request_.redacted) {
                names_.insert(text);
                text = law::masked_name(text);
            }
            return given(std::move(text));
        }
        if (std::ranges::find(filling_.withheld, field_) == filling_.withheld.end())
            filling_.withheld.push_back(field_);
        return Found();
    }

    [[nodiscard]] std::string word(const law::Field* field, const std::string& code) const {
        if (field == nullptr || field->vocabulary.empty()) return code;
        const law::Vocabulary* vocabulary = law_.find_vocabulary(field->vocabulary);
        const law::Word* found = vocabulary == nullptr ? nullptr : vocabulary->find(code);
        return found == nullptr ? code : found->zh;
    }

    Result<std::string> named(const law::Field* field, const std::string& text) {
        using law::FieldType;
        if (field == nullptr) return text;
        switch (field->type) {
            case FieldType::word:
            case FieldType::words: return word(field, text);
            case FieldType::person:
            case FieldType::people: {
                const auto person = TRY(registry::find_person(reader_, text, on_));
                if (!person) return text;
                const Found name = TRY(personal(person->name, reveal_.officials));
                return name ? std::get<std::string>(*name) : std::string();
            }
            case FieldType::operator_id: {
                const auto row = TRY(registry::find_operator(reader_, text, on_));
                return row ? row->name : text;
            }
            case FieldType::organisation: {
                const auto row = TRY(registry::find_organisation(reader_, text, on_));
                return row ? row->name : text;
            }
            case FieldType::product: {
                const auto row = TRY(registry::find_product(reader_, text, on_));
                return row ? fmt::format("{}（{}）", row->name, row->id) : text;
            }
            default: return text;
        }
    }

    Result<Found> readable(const std::string& attribute, const facts::Value& value) {
        const law::Field* field = declared(attribute);
        if (const auto* reference = std::get_if<facts::SubjectRef>(&value))
            return personal(*reference, reveal_.personal);
        if (const auto* flag = std::get_if<bool>(&value)) return Found(*flag);
        if (const auto* whole = std::get_if<std::int64_t>(&value)) {
            const bool money = field != nullptr && field->type == law::FieldType::money;
            return money ? Found(Fen{*whole}) : Found(std::to_string(*whole));
        }
        if (const auto* text = std::get_if<std::string>(&value)) {
            if (field != nullptr && field->type == law::FieldType::date)
                if (const auto date = parse_date(*text)) return Found(*date);
            return given(TRY(named(field, *text)));
        }
        std::vector<std::string> items;
        for (const std::string& one : std::get<std::vector<std::string>>(value))
            if (std::string item = TRY(named(field, one)); !item.empty()) items.push_back(std::move(item));
        return items.empty() ? Found() : Found(std::move(items));
    }

    // --- for publication

    void redact(facts::FilledForm& out) const {
        const std::vector<std::string> names(names_.begin(), names_.end());
        const auto masked = [&](std::string& text) { text = law::redacted(text, names); };
        for (auto& [field, value] : out.values) {
            if (auto* text = std::get_if<std::string>(&value)) masked(*text);
            if (auto* items = std::get_if<std::vector<std::string>>(&value))
                std::ranges::for_each(*items, masked);
        }
        for (auto& row : out.rows)
            for (auto& [field, text] : row) masked(text);
    }

    const journal::Reader& reader_;
    const law::Law& law_;
    const law::Forms& forms_;
    const law::DocumentForm& form_;
    const facts::DossierRow& dossier_;
    const Reveal& reveal_;
    const FillRequest& request_;
    Date on_;
    std::string field_;            ///< the one that is being filled
    std::set<std::string> names_;  ///< revealed and to be masked wherever they stand
    Filling filling_;
};

}  // namespace

Result<Filling> fill(const journal::Reader& reader, const law::Law& law, const law::Forms& forms,
                     const law::DocumentForm& form, const facts::DossierRow& dossier, const Reveal& reveal,
                     const FillRequest& request) {
    return Filler(reader, law, forms, form, dossier, reveal, request).run();
}

}  // namespace qingyuan::act
