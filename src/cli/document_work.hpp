// Drawing up, issuing and checking documents over an opened data directory: what the commands share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "act/documents.hpp"
#include "act/filling.hpp"
#include "cli/commands.hpp"
#include "document/form_paper.hpp"

namespace qingyuan::cli {

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
    std::string base;  ///< address of the public page that checks documents
};

struct DocumentDrawn {
    document::DrawnForm drawn;
    act::DealtNumber number;
    std::vector<std::string> withheld;  ///< personal values the person may not see, or that were erased
};

/// Draws a document without issuing it; a draft says so on every page and bears no number.
[[nodiscard]] Result<DocumentDrawn> draw_document(Workspace& workspace, const law::Forms& forms,
                                                  const DocumentAsked& asked, bool draft);

struct DocumentIssued {
    DocumentDrawn made;
    document::PdfFile pdf;
    std::uint64_t seq = 0;
};
/// Deals the number, draws, keeps the PDF sealed among the evidence, and records the fact. Drawn outside the
/// journal's transaction and again where somebody took the number meanwhile.
[[nodiscard]] Result<DocumentIssued> issue_document(Workspace& workspace, const law::Forms& forms,
                                                    const DocumentAsked& asked);

/// The kept PDF of an issued document.
[[nodiscard]] Result<std::string> kept_pdf(Workspace& workspace, const facts::IssuedDocumentRow& row);

/// Checks a file or the text of a printed code against what was issued. document_unknown, document_altered (a
/// file nobody issued, a code whose number is another), document_withdrawn is no error here: the answer says
/// it.
[[nodiscard]] Result<act::PublicDocument> verify_document(Workspace& workspace, const std::string& subject);

}  // namespace qingyuan::cli
