// Loads and checks law/forms.
#include "law/forms.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/form_lines.hpp"
#include "law/toml.hpp"

namespace qingyuan::law {

namespace {

constexpr std::array<std::string_view, 3> style_names{"letter", "sheet", "banner"};
/// What the head and the seal of any document may show, whatever fields it lists.
constexpr std::array<std::string_view, 4> frame_fields{"doc.authority", "doc.number", "doc.date", "doc.seal"};
/// The statutory sets: every document of these has a form.
constexpr std::array<std::string_view, 3> statutory_sets{"penalty", "inspection", "complaint"};
constexpr std::array<std::string_view, static_cast<std::size_t>(FieldSource::issued_number) + 1> source_names{
#define X(name, zh) #name,
#include "law/field_sources.def"
#undef X
};

struct Snippet {
    std::string file;
    std::vector<PlacedLine> lines;
};

class FormsLoader {
 public:
    explicit FormsLoader(const Law& law) : law_(law) {}

    void read() {
        const std::filesystem::path directory = law_.directory() / "forms";
        std::vector<std::filesystem::path> files;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(directory, error))
            files.push_back(entry.path());
        std::ranges::sort(files);
        for (const auto& path : files) {
            const std::string name = fmt::format("forms/{}", path.filename().string());
            std::ifstream in(path, std::ios::binary);
            const std::string text{std::istreambuf_iterator<char>(in), {}};
            if (!in) {
                problems.add(ErrorCode::file_unreadable, "the file cannot be read", name);
            } else if (auto node = parse_toml(text, name)) {
                // Snippets are used across files, so the bodies wait until all have been read.
                roots_.emplace_back(name, std::move(*node));
            } else {
                problems.add(std::move(node).error());
            }
        }
        for (const auto& [name, node] : roots_) read_snippets(name, node);
        for (const auto& [name, node] : roots_) read_file(name, node);
        check_all();
    }

    Problems problems;
    std::vector<DocumentForm> forms;
    std::vector<FieldBinding> bindings;
    std::map<std::string, std::string, std::less<>> unit_words;

 private:
    void read_snippets(const std::string& file, const TomlNode& root) {
        TableReader top(root, file, problems);
        for (const TomlNode* node : top.tables("snippet")) {
            TableReader reader(*node, file, problems);
            const std::string id = reader.identifier("id");
            const TomlNode* body = reader.find("body");
            if (body == nullptr || body->kind != TomlKind::text)
                problems.add(ErrorCode::law_key_missing, "'body' is missing", reader.where());
            else if (!snippets_.try_emplace(id, Snippet{file, lines_of(*body)}).second)
                problems.add(ErrorCode::law_duplicate, fmt::format("'{}' is there already", id),
                             reader.where("id"));
            reader.finish();
        }
    }

    void read_file(const std::string& file, const TomlNode& root) {
        TableReader top(root, file, problems);
        std::ignore = top.find("snippet");
        for (const TomlNode* node : top.tables("form")) read_form(file, *node);
        for (const TomlNode* node : top.tables("bind")) read_binding(file, *node);
        for (const TomlNode* node : top.tables("unit")) {
            TableReader reader(*node, file, problems);
            const std::string organisation = reader.required("organisation");
            if (!unit_words.try_emplace(organisation, reader.required("word")).second)
                problems.add(ErrorCode::law_duplicate, fmt::format("'{}' is there already", organisation),
                             reader.where("organisation"));
            reader.finish();
        }
        top.finish();
    }

    void read_form(const std::string& file, const TomlNode& node) {
        TableReader reader(node, file, problems);
        DocumentForm form;
        form.where = reader.where("document");
        form.document = reader.identifier("document");
        const Document* document = law_.find_document(form.document);
        if (document == nullptr && !form.document.empty())
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("documents.csv has no '{}'", form.document), form.where);
        form.title = reader.text("title");
        if (form.title.empty() && document != nullptr) form.title = document->zh;
        form.word = reader.text("word");
        const std::string style = reader.text("style");
        const auto known = std::ranges::find(style_names, style.empty() ? "letter" : style);
        if (known == style_names.end())
            problems.add(ErrorCode::law_value_invalid, fmt::format("no style '{}'", style),
                         reader.where("style"), "one of: letter sheet banner");
        else
            form.style = static_cast<FormStyle>(known - style_names.begin());
        form.copies = reader.text("copies");
        form.blank_rows = static_cast<int>(std::clamp<std::int64_t>(reader.whole("blank_rows", 8), 1, 60));
        form.note = reader.text("note");
        // A layout stands as its document says, unless the form itself says otherwise: fields from practice
        // are a default an administrator confirms.
        const std::string status = reader.text("status");
        const bool practice =
            document != nullptr && (document->status != Status::verified || document->basis == "practice");
        form.status =
            status == "unverified" || (status.empty() && practice) ? Status::unverified : Status::verified;
        if (!status.empty() && status != "verified" && status != "unverified")
            problems.add(ErrorCode::law_value_invalid, fmt::format("no status '{}'", status),
                         reader.where("status"), "verified or unverified");
        form.in_force = {reader.date("from", Date::never_before()), reader.date("to", Date::never_after())};
        if (const TomlNode* body = reader.find("body"); body != nullptr && body->kind == TomlKind::text)
            for (const PlacedLine& line : lines_of(*body)) add_line(form, file, line, true);
        if (form.lines.empty()) problems.add(ErrorCode::law_key_missing, "'body' is missing", reader.where());
        reader.finish();
        if (document != nullptr) check_fields(form, *document);
        for (const DocumentForm& other : forms)
            if (other.document == form.document && other.in_force.overlaps(form.in_force))
                problems.add(
                    ErrorCode::law_dates_overlap,
                    fmt::format("two forms of '{}' are in force on one day ({})", form.document, other.where),
                    form.where);
        forms.push_back(std::move(form));
    }

    /// A line, or the lines of the snippet it names.
    void add_line(DocumentForm& form, const std::string& file, const PlacedLine& line, bool snippets) {
        if (snippets && line.text.starts_with('@') && line.text != "@seal") {
            const auto found = snippets_.find(line.text.substr(1));
            if (found == snippets_.end())
                return problems.add(ErrorCode::law_reference_unknown,
                                    fmt::format("no snippet '{}'", line.text.substr(1)),
                                    where_of(file, line.place));
            for (const PlacedLine& inner : found->second.lines)
                add_line(form, found->second.file, inner, false);
            return;
        }
        FormLine parsed = parse_line(line.text, [&](ErrorCode code, std::string message, std::size_t column) {
            problems.add(code, std::move(message), where_at(file, line, column));
        });
        for (const std::vector<FormPiece>& cell : parsed.cells)
            for (const FormPiece& piece : cell) check_piece(form, file, line, piece);
        form.lines.push_back(std::move(parsed));
    }

    static std::string where_at(const std::string& file, const PlacedLine& line, std::size_t column) {
        return where_of(file, {line.place.line, line.place.column + static_cast<std::uint32_t>(column)});
    }

    void check_piece(const DocumentForm& form, const std::string& file, const PlacedLine& line,
                     const FormPiece& piece) {
        if (piece.kind == FormPiece::Kind::words) return;
        const std::size_t at = line.text.find(piece.text);
        const std::string where =
            where_at(file, line, at == std::string::npos ? 0 : length_of(line.text.substr(0, at)));
        if (piece.kind == FormPiece::Kind::citation) {
            if (law_.find_source(parse_citation(piece.text).source) == nullptr)
                problems.add(ErrorCode::law_citation_unknown, fmt::format("'{}' cites no source", piece.text),
                             where);
            return;
        }
        const Document* document = law_.find_document(form.document);
        if (document == nullptr) return;
        const std::vector<std::string>& fields = fields_of(law_, *document);
        if (std::ranges::find(fields, piece.text) == fields.end() &&
            std::ranges::find(frame_fields, piece.text) == frame_fields.end())
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("{} has no field '{}'", form.document, piece.text), where,
                         "the fields stand in documents.csv");
    }

    /// Every field of the document is shown somewhere: the head shows authority and number, the seal the day.
    void check_fields(const DocumentForm& form, const Document& document) {
        std::set<std::string_view> shown(frame_fields.begin(), frame_fields.end());
        for (const FormLine& line : form.lines)
            for (const auto& cell : line.cells)
                for (const FormPiece& piece : cell) shown.insert(piece.text);
        const bool sealed =
            std::ranges::any_of(form.lines, [](const FormLine& line) { return line.kind == LineKind::seal; });
        for (const std::string& field : fields_of(law_, document)) {
            if (shown.contains(field)) continue;
            if (sealed && (field == "seal" || field == "authority" || field == "date")) continue;
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("{} never shows its field '{}'", form.document, field), form.where);
        }
    }

    void read_binding(const std::string& file, const TomlNode& node) {
        TableReader reader(node, file, problems);
        FieldBinding binding;
        binding.field = reader.required("field");
        for (const Placed& document : reader.list("documents")) {
            if (law_.find_document(document.text) == nullptr)
                problems.add(ErrorCode::law_reference_unknown,
                             fmt::format("documents.csv has no '{}'", document.text),
                             reader.where(document.place));
            binding.documents.push_back(document.text);
        }
        for (const Placed& source : reader.list("sources")) {
            const auto known = std::ranges::find(source_names, source.text);
            if (known == source_names.end())
                problems.add(ErrorCode::law_reference_unknown,
                             fmt::format("nothing is known as '{}'", source.text), reader.where(source.place),
                             "one of: " + join({source_names.begin(), source_names.end()}, " "));
            else
                binding.sources.push_back(static_cast<FieldSource>(known - source_names.begin()));
        }
        for (const Placed& attribute : reader.list("attributes")) {
            if (!is_attribute(attribute.text))
                problems.add(ErrorCode::law_reference_unknown,
                             fmt::format("no form of a procedure has a field '{}'", attribute.text),
                             reader.where(attribute.place));
            binding.attributes.push_back(attribute.text);
        }
        if (!is_field(binding.field))
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("no document has a field '{}'", binding.field), reader.where("field"));
        reader.finish();
        bindings.push_back(std::move(binding));
    }

    [[nodiscard]] bool is_attribute(std::string_view id) const {
        const auto has = [&](const std::vector<Field>& form) {
            return std::ranges::find(form, id, &Field::id) != form.end();
        };
        return std::ranges::any_of(law_.procedures(), [&](const Procedure& procedure) {
            return has(procedure.form) ||
                   std::ranges::any_of(procedure.steps, [&](const Step& step) { return has(step.form); });
        });
    }
    [[nodiscard]] bool is_field(std::string_view id) const {
        return std::ranges::any_of(law_.documents(), [&](const Document& document) {
            return std::ranges::find(document.fields, id) != document.fields.end();
        });
    }

    void check_all() {
        for (const Document& document : law_.documents()) {
            if (std::ranges::find(statutory_sets, document.set) == statutory_sets.end()) continue;
            if (std::ranges::find(forms, document.id, &DocumentForm::document) == forms.end())
                problems.add(ErrorCode::law_reference_unknown,
                             fmt::format("'{}' has no form in law/forms", document.id), "documents.csv:1:1");
        }
    }

    const Law& law_;
    std::vector<std::pair<std::string, TomlNode>> roots_;
    std::map<std::string, Snippet, std::less<>> snippets_;
};

}  // namespace

Result<Forms> Forms::load(const Law& law, std::vector<Error>* problems) {
    FormsLoader loader(law);
    loader.read();
    if (problems != nullptr) *problems = loader.problems.errors();
    if (!loader.problems.empty()) return loader.problems.errors().front();
    Forms out;
    out.forms_ = std::move(loader.forms);
    out.bindings_ = std::move(loader.bindings);
    out.unit_words_ = std::move(loader.unit_words);
    std::ranges::stable_sort(out.forms_, {}, &DocumentForm::document);
    return out;
}

Result<const DocumentForm*> Forms::form(std::string_view document, Date on) const {
    bool known = false;
    for (const DocumentForm& form : forms_) {
        if (form.document != document) continue;
        if (form.in_force.holds(on)) return &form;
        known = true;
    }
    if (known)
        return Error{ErrorCode::law_not_in_force,
                     fmt::format("no form of {} is in force on {}", document, on.text()), "document"};
    return Error{ErrorCode::document_unknown,
                 fmt::format("there is no form '{}'", document),
                 "document",
                 {},
                 "ids stand in law/documents.csv"};
}

const FieldBinding* Forms::binding(std::string_view field, std::string_view document) const {
    const FieldBinding* general = nullptr;
    for (const FieldBinding& binding : bindings_) {
        if (binding.field != field) continue;
        if (std::ranges::find(binding.documents, document) != binding.documents.end()) return &binding;
        if (binding.documents.empty()) general = &binding;
    }
    return general;
}

std::string_view Forms::unit_word(std::string_view organisation) const {
    const auto found = unit_words_.find(organisation);
    return found == unit_words_.end() ? std::string_view() : std::string_view(found->second);
}

const std::vector<std::string>& fields_of(const Law& law, const Document& document) {
    constexpr std::string_view alias = "as case form ";
    if (document.fields.size() != 1 || !document.fields.front().starts_with(alias)) return document.fields;
    const Document* other = law.find_document("penalty_" + document.fields.front().substr(alias.size()));
    return other == nullptr ? document.fields : other->fields;
}

bool is_by_hand(std::string_view field) {
    return field.starts_with("sign") || field == "receipt.sign" || field == "doc.seal" || field == "seal";
}

FormsSummary summarise(const Forms& forms) {
    FormsSummary out{forms.all().size(), {}};
    for (const DocumentForm& form : forms.all())
        if (form.status == Status::unverified)
            out.unverified.push_back(
                {"form", form.document, form.title + (form.note.empty() ? "" : ": ") + form.note});
    return out;
}

}  // namespace qingyuan::law
