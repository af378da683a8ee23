#include "cli/document_work.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "access/access.hpp"
#include "accounts/file_seal.hpp"
#include "document/code.hpp"
#include "journal/evidence.hpp"

namespace qingyuan::cli {

namespace {

constexpr int tries_max = 16;  ///< for a number that others keep taking

/// Names of officials stand on every document; personal values are read by whom the access rules let reveal
/// them, with a purpose, and the read is on the disk of the access journal before they are on a page.
Result<act::Reveal> reveal_for(Workspace& workspace, const journal::Reader& reader,
                               const facts::DossierRow& dossier, const DocumentAsked& asked) {
    const auto value = [&workspace](const facts::SubjectRef& reference) {
        return workspace.vault().find(reference.subject);
    };
    act::Reveal reveal{value, {}};
    if (asked.purpose.empty()) return reveal;
    const Date today = workspace.clock().now().date();
    const access::Subject subject = TRY(access::subject_of(reader, asked.person, today));
    const access::Decision decision =
        access::decide(subject, access::Policy::personal_reveal, TRY(access::object_of(reader, dossier)));
    if (!decision.allowed) return reveal;
    reveal.personal = value;
    return reveal;
}

/// Was anything personal read? Then the access journal says who read it and why.
Result<void> note_read(Workspace& workspace, const facts::DossierRow& dossier, const DocumentAsked& asked) {
    facts::AccessNoted noted;
    noted.action = "read";
    noted.object = fmt::format("{}/{}", dossier.id, asked.document);
    noted.decision = "allowed";
    noted.purpose = asked.purpose;
    noted.policy = "personal_reveal";
    noted.count = 1;
    return workspace.access().append({facts::Fact{workspace.clock().now().date(), dossier.organisation,
                                                  asked.person, 0, std::move(noted)}});
}

struct Prepared {
    facts::DossierRow dossier;
    const law::DocumentForm* form = nullptr;
    act::DealtNumber number;
    act::Filling filling;
    bool personal = false;
};

Result<Prepared> prepare(Workspace& workspace, const law::Forms& forms, const DocumentAsked& asked,
                         bool draft) {
    Prepared out;
    CHECK(workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
        out.dossier = TRY(act::dossier(reader, asked.dossier));
        const Date dated = asked.dated.value_or(workspace.clock().now().date());
        out.form = TRY(forms.form(asked.document, dated));
        const bool numbered = !draft && !asked.redacted;
        if (numbered)
            out.number = TRY(
                act::deal_number(reader, forms, *out.form, out.dossier.organisation, dated, asked.number));
        const act::Reveal reveal = TRY(reveal_for(workspace, reader, out.dossier, asked));
        out.personal = static_cast<bool>(reveal.personal);
        out.filling = TRY(
            act::fill(reader, workspace.law(), forms, *out.form, out.dossier, reveal,
                      {draft ? Date{} : dated, out.number.text, asked.by_hand, asked.rows, asked.redacted}));
        return {};
    }));
    if (out.personal) CHECK(note_read(workspace, out.dossier, asked));
    out.filling.form.is_draft = draft;
    out.filling.form.is_sample = workspace.instance().sample_data;
    return out;
}

}  // namespace

Result<DocumentDrawn> draw_document(Workspace& workspace, const law::Forms& forms, const DocumentAsked& asked,
                                    bool draft) {
    Prepared prepared = TRY(prepare(workspace, forms, asked, draft));
    return DocumentDrawn{
        TRY(document::draw_form(workspace.law(), *prepared.form, prepared.filling.form, asked.base)),
        std::move(prepared.number), std::move(prepared.filling.withheld)};
}

Result<DocumentIssued> issue_document(Workspace& workspace, const law::Forms& forms,
                                      const DocumentAsked& asked) {
    for (int tried = 0; tried < tries_max; ++tried) {
        DocumentIssued out;
        out.made = TRY(draw_document(workspace, forms, asked, false));
        out.pdf = TRY(document::write_pdf(out.made.drawn.paper));
        const Digest file = journal::block_digest(out.pdf.bytes);
        const auto decide = [&](journal::Writer& writer) -> Result<facts::Fact> {
            const facts::DossierRow dossier = TRY(act::dossier(writer, asked.dossier));
            const act::Actor actor = TRY(act::actor_of(writer, asked.person, workspace.clock().now()));
            return act::issue_document(writer, workspace.law(), dossier, actor,
                                       {asked.document, asked.dated.value_or(actor.now.date()),
                                        out.made.number, out.made.drawn.digest, file, out.pdf.pages});
        };
        // What the fact names is kept before the fact is: a crash in between leaves a file nobody names.
        TRY(workspace.evidence().put_sealed(out.pdf.bytes, accounts::seal_file(workspace.vault())));
        const auto done = workspace.journal().write([&](journal::Writer& writer) -> Result<void> {
            out.seq = TRY(writer.append(TRY(decide(writer)))).seq;
            return {};
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

Result<std::string> kept_pdf(Workspace& workspace, const facts::IssuedDocumentRow& row) {
    return workspace.evidence().read(row.file, accounts::unseal_file(workspace.vault()));
}

Result<act::PublicDocument> verify_document(Workspace& workspace, const std::string& subject) {
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
    CHECK(workspace.journal().read([&](const journal::Reader& reader) -> Result<void> {
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
        out = TRY(act::public_view(reader, workspace.law(), *row));
        return {};
    }));
    return out;
}

}  // namespace qingyuan::cli
