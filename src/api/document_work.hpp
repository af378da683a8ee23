// Drawing up, issuing and checking documents: what the command line and the API share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "access/access.hpp"
#include "accounts/vault.hpp"
#include "act/documents.hpp"
#include "act/filling.hpp"
#include "base/clock.hpp"
#include "document/form_paper.hpp"
#include "journal/evidence.hpp"
#include "journal/journal.hpp"

namespace qingyuan::api {

/// What documents are made from. Holds references: everything outlives it.
struct DocumentTools {
    const law::Law& law;
    const law::Forms& forms;
    journal::Journal& journal;
    journal::Journal& access;
    accounts::Vault& vault;
    const journal::Evidence& evidence;
    const Clock& clock;
    bool sample_data = false;
    std::string check_url = {};  ///< address of the public page that checks documents; empty: none
};

struct DocumentAsked {
    std::string dossier;
    std::string document;
    std::string person;                      ///< who acts
    std::optional<Date> dated;               ///< default: today
    std::optional<act::BlockNumber> number;  ///< out of a pre-issued block
    facts::FilledValues by_hand;
    std::vector<std::map<std::string, std::string, std::less<>>> rows;
    std::string purpose;  ///< why personal values are read; without one they are left out
    bool redacted = false;
    /// Who reads personal values; absent: the person with all their roles.
    std::optional<access::Subject> subject = {};
    std::optional<std::int64_t> version = {};  ///< of the dossier it was seen at
    /// Of a draft: a step that is proposed and its form, read as if it had been taken.
    std::optional<std::pair<std::string, facts::Form>> as_if = {};
};

struct DocumentDrawn {
    document::DrawnForm drawn;
    facts::FilledForm filled;  ///< the values on it
    act::DealtNumber number;
    std::vector<std::string> withheld;  ///< personal values the person may not see, or that were erased
};

/// Draws a document without issuing it; a draft says so on every page and bears no number.
[[nodiscard]] Result<DocumentDrawn> draw_document(const DocumentTools& tools, const DocumentAsked& asked,
                                                  bool draft);
/// Draws an issued document again from what the dossier says now, under its number and day: its digest tells
/// whether the words are still the same.
[[nodiscard]] Result<DocumentDrawn> draw_again(const DocumentTools& tools, const DocumentAsked& asked,
                                               const facts::IssuedDocumentRow& issued);

struct DocumentIssued;
/// What else is written with the fact that issues a document: its sequence number is given.
using AlsoWrite = std::function<Result<void>(journal::Writer& writer, const DocumentIssued& issued)>;
struct DocumentIssued {
    DocumentDrawn made;
    document::PdfFile pdf;
    std::uint64_t seq = 0;
};
/// Deals the number, draws, keeps the PDF sealed among the evidence, and records the fact. Drawn outside the
/// journal's transaction and again where somebody took the number meanwhile. version_conflict where the
/// dossier is no longer at the version that was seen. `also` runs in the same transaction.
[[nodiscard]] Result<DocumentIssued> issue_document(const DocumentTools& tools, const DocumentAsked& asked,
                                                    const AlsoWrite& also = {});

/// The kept PDF of an issued document.
[[nodiscard]] Result<std::string> kept_pdf(const DocumentTools& tools, const facts::IssuedDocumentRow& row);

/// Checks a file or the text of a printed code against what was issued. document_unknown, document_altered (a
/// file nobody issued, a code whose number is another), document_withdrawn is no error here: the answer says
/// it.
[[nodiscard]] Result<act::PublicDocument> verify_document(const DocumentTools& tools,
                                                          const std::string& subject);

}  // namespace qingyuan::api
