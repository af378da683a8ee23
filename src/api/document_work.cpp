#include "api/document_work.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "accounts/file_seal.hpp"
#include "document/code.hpp"

namespace qingyuan::api {

namespace {

constexpr int tries_max = 16;  ///< for a number that others keep taking

/// Names of officials stand on every document; personal values are read by whom the access rules let reveal
/// them, with a purpose, and the read is on the disk of the access journal before they are on a page.
Result<act::Reveal> reveal_for(const DocumentTools& tools, const journal::Reader& reader,
                               const facts::DossierRow& dossier, const DocumentAsked& asked) {
    const auto value = [&tools](const facts::SubjectRef& reference) {
        return tools.vault.find(reference.subject);
    };
    act::Reveal reveal{value, {}};
    if (asked.purpose.empty()) return reveal;
    const Date today = tools.clock.now().date();
    const access::Subject subject =
        asked.subject ? *asked.subject : TRY(access::subject_of(reader, asked.person, today));
    const access::Decision decision =
        access::decide(subject, access::Policy::personal_reveal, TRY(access::object_of(reader, dossier)));
    if (!decision.allowed) return reveal;
    reveal.personal = value;
    return reveal;
}

/// Was anything personal read? Then the access journal says who read it and why.
Result<void> note_read(const DocumentTools& tools, const facts::DossierRow& dossier,
                       const DocumentAsked& asked) {
    facts::AccessNoted noted;
    noted.action = "read";
    noted.object = fmt::format("{}/{}", dossier.id, asked.document);
    noted.decision = "allowed";
    noted.purpose = asked.purpose;
    noted.policy = "personal_reveal";
    noted.count = 1;
    return tools.access.append(
        {facts::Fact{tools.clock.now().date(), dossier.organisation, asked.person, 0, std::move(noted)}});
}

struct Prepared {
    facts::DossierRow dossier;
    const law::DocumentForm* form = nullptr;
    act::DealtNumber number;
    act::Filling filling;
    bool personal = false;
};

/// What a document is drawn for.
enum class Purpose : std::uint8_t { draft, issue, again };

Result<Prepared> prepare(const DocumentTools& tools, const DocumentAsked& asked, Purpose purpose,
                         const facts::IssuedDocumentRow* issued = nullptr) {
    Prepared out;
    CHECK(tools.journal.read([&](const journal::Reader& reader) -> Result<void> {
        out.dossier = TRY(act::dossier(reader, asked.dossier));
        if (purpose == Purpose::draft && asked.as_if) {
            const auto& [step, form] = *asked.as_if;
            for (const auto& [field, value] : form) out.dossier.attributes.insert_or_assign(field, value);
            out.dossier.steps.push_back({.step = step});
        }
        const Date dated = issued ? issued->issued_on : asked.dated.value_or(tools.clock.now().date());
        out.form = TRY(tools.forms.form(asked.document, dated));
        if (issued)
            out.number.text = issued->number;
        else if (purpose == Purpose::issue && !asked.redacted)
            out.number = TRY(act::deal_number(reader, tools.forms, *out.form, out.dossier.organisation, dated,
                                              asked.number));
        const act::Reveal reveal = TRY(reveal_for(tools, reader, out.dossier, asked));
        out.personal = static_cast<bool>(reveal.personal);
        out.filling = TRY(act::fill(reader, tools.law, tools.forms, *out.form, out.dossier, reveal,
                                    {purpose == Purpose::draft ? Date{} : dated, out.number.text,
                                     asked.by_hand, asked.rows, asked.redacted}));
        return {};
    }));
    if (out.personal) CHECK(note_read(tools, out.dossier, asked));
    out.filling.form.is_draft = purpose == Purpose::draft;
    out.filling.form.is_sample = tools.sample_data;
    return out;
}

Result<DocumentDrawn> drawn(const DocumentTools& tools, Prepared prepared) {
    document::DrawnForm form =
        TRY(document::draw_form(tools.law, *prepared.form, prepared.filling.form, tools.check_url));
    return DocumentDrawn{std::move(form), std::move(prepared.filling.form), std::move(prepared.number),
                         std::move(prepared.filling.withheld)};
}

}  // namespace

Result<DocumentDrawn> draw_document(const DocumentTools& tools, const DocumentAsked& asked, bool draft) {
    return drawn(tools, TRY(prepare(tools, asked, draft ? Purpose::draft : Purpose::issue)));
}

Result<DocumentDrawn> draw_again(const DocumentTools& tools, const DocumentAsked& asked,
                                 const facts::IssuedDocumentRow& issued) {
    return drawn(tools, TRY(prepare(tools, asked, Purpose::again, &issued)));
}

Result<DocumentIssued> issue_document(const DocumentTools& tools, const DocumentAsked& asked,
                                      const AlsoWrite& also) {
    for (int tried = 0; tried < tries_max; ++tried) {
        DocumentIssued out;
        out.made = TRY(draw_document(tools, asked, false));
        out.pdf = TRY(document::write_pdf(out.made.drawn.paper));
        const Digest file = journal::block_digest(out.pdf.bytes);
        const auto decide = [&](journal::Writer& writer) -> Result<facts::Fact> {
            const facts::DossierRow dossier = TRY(act::dossier(writer, asked.dossier));
            if (asked.version && dossier.version != *asked.version)
                return Error{ErrorCode::version_conflict,
                             fmt::format("it is at version {} now", dossier.version), "If-Match"};
            const act::Actor actor = TRY(act::actor_of(writer, asked.person, tools.clock.now()));
            return act::issue_document(writer, tools.law, dossier, actor,
                                       {asked.document, asked.dated.value_or(actor.now.date()),
                                        out.made.number, out.made.drawn.digest, file, out.pdf.pages});
        };
        // What the fact names is kept before the fact is: a crash in between leaves a file nobody names.
        TRY(tools.evidence.put_sealed(out.pdf.bytes, accounts::seal_file(tools.vault)));
        const auto done = tools.journal.write([&](journal::Writer& writer) -> Result<void> {
            out.seq = TRY(writer.append(TRY(decide(writer)))).seq;
            return also ? also(writer, out) : Result<void>();
        });
        if (done) return out;
        const bool taken = done.error().code == ErrorCode::number_used && !asked.number;
        if (!taken) return done.error();
    }
    return Error{ErrorCode::overloaded,
                 "others take the numbers faster than documents are drawn",
                 "number",
                 {},
                 "try again"};
}

Result<std::string> kept_pdf(const DocumentTools& tools, const facts::IssuedDocumentRow& row) {
    return tools.evidence.read(row.file, accounts::unseal_file(tools.vault));
}

Result<act::PublicDocument> verify_document(const DocumentTools& tools, const std::string& subject) {
    std::optional<Digest> file;
    document::PrintedCode printed;
    std::error_code error;
    if (std::filesystem::is_regular_file(subject, error)) {
        std::ifstream in(subject, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        if (!in.is_open() || in.bad()) return Error{ErrorCode::file_unreadable, "cannot be read", subject};
        file = journal::block_digest(bytes);
    } else {
        printed = TRY(document::parse_code_text(subject));
    }
    act::PublicDocument out;
    CHECK(tools.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto row =
            TRY(file ? act::find_by_file(reader, *file) : act::find_by_code(reader, printed.code));
        if (!row && file)
            return Error{ErrorCode::document_altered,
                         fmt::format("no document that was issued has the digest {}", hex(*file)),
                         subject,
                         {},
                         "compare it with the copy the authority keeps"};
        if (!row)
            return Error{ErrorCode::document_unknown,
                         fmt::format("no document was issued under the code {}", printed.code),
                         "code",
                         {},
                         "ask the authority that is named on it"};
        if (!printed.number.empty() && printed.number != row->number)
            return Error{ErrorCode::document_altered,
                         fmt::format("the code belongs to {}, not to {}", row->number, printed.number),
                         "code"};
        out = TRY(act::public_view(reader, tools.law, *row));
        return {};
    }));
    return out;
}

}  // namespace qingyuan::api
