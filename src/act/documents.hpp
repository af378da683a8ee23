// Documents issued in a dossier and the numbers they bear: one series for each organisation, word and year,
// without a gap. A number is on an issued document, in a block set aside for work without a connection,
// spoilt, or not yet dealt; nothing else (docs/documents.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "act/engine.hpp"
#include "facts/document_rows.hpp"
#include "law/forms.hpp"

namespace qingyuan::act {

/// A number that is free now. It is taken by the fact that issues the document, in the same transaction.
struct DealtNumber {
    std::string series;  ///< organisation/word/year; empty = the form bears no number
    std::int64_t ordinal = 0;
    std::string block;  ///< the block it was set aside in
    std::string text;   ///< 衡市监罚〔2025〕17号
};

/// A number out of a block, named by whoever wrote it on paper.
struct BlockNumber {
    std::string block;
    std::int64_t ordinal = 0;
};

/// The next number of the form's series, those that came back first; or the one named. record_unknown (no
/// such block), block_settled, number_outside_block, number_used, wrong_organisation (a block of another).
[[nodiscard]] Result<DealtNumber> deal_number(const journal::Reader& reader, const law::Forms& forms,
                                              const law::DocumentForm& form, std::string_view organisation,
                                              Date dated, const std::optional<BlockNumber>& named = {});

/// "衡市监": the organisation's own word, else its name without 局 and with 市场监督管理 and 药品监督管理 cut
/// short.
[[nodiscard]] std::string unit_word(const law::Forms& forms, const facts::OrganisationRecorded& organisation);

struct IssueRequest {
    std::string document;
    Date dated;
    DealtNumber number;
    Digest digest{};  ///< of its content
    Digest file{};    ///< of the PDF
    int pages = 0;
};

/// The fact that issues a document in a dossier. Order of refusals: authority (who works on the dossier or
/// takes a step that draws the document up; recusal, jurisdiction), existence, state (the dossier is void;
/// step_missing: no step that draws it up was taken or is possible now; number_used: it has gone meanwhile),
/// time (not in the future, not before the dossier).
[[nodiscard]] Result<facts::Fact> issue_document(const journal::Reader& reader, const law::Law& law,
                                                 const facts::DossierRow& dossier, const Actor& actor,
                                                 const IssueRequest& request);

/// Largest block set aside at once.
constexpr std::int64_t block_numbers_max = 1000;

/// Sets the next `count` numbers aside for the actor's organisation. By unit_head or head_of_authority;
/// wrong_role, person_unknown (the holder), field_invalid (count, or a word no form has).
[[nodiscard]] Result<facts::Fact> issue_block(const journal::Reader& reader, const law::Forms& forms,
                                              const Actor& actor, std::string_view word,
                                              std::string_view holder, std::int64_t count);
/// Takes a block back: by its holder, unit_head or head_of_authority. A spoilt number names its reason.
/// record_unknown, block_settled, number_used (spoilt, but on a document), number_outside_block,
/// field_missing.
[[nodiscard]] Result<facts::Fact> settle_block(const journal::Reader& reader, const Actor& actor,
                                               std::string_view block,
                                               std::vector<facts::SpoiltNumber> spoilt);

/// Documents of the dossier in the order they were issued.
[[nodiscard]] Result<std::vector<facts::IssuedDocumentRow>> documents_of(const journal::Reader& reader,
                                                                         std::int64_t dossier);
/// What a printed code, a file or a number names; the latest where a number stands twice.
[[nodiscard]] Result<std::optional<facts::IssuedDocumentRow>> find_by_code(const journal::Reader& reader,
                                                                           std::string_view code);
[[nodiscard]] Result<std::optional<facts::IssuedDocumentRow>> find_by_file(const journal::Reader& reader,
                                                                           const Digest& file);
[[nodiscard]] Result<std::optional<facts::IssuedDocumentRow>> find_by_number(const journal::Reader& reader,
                                                                             std::string_view number);

/// What anybody may know of a document: nothing personal, nothing of the matter.
struct PublicDocument {
    std::string code;
    std::string number;
    std::string kind_zh, kind_en;
    std::string authority;
    Date issued_on;
    std::string digest;  ///< hexadecimal SM3 of its content
    std::int64_t pages = 0;
    bool withdrawn = false;
    Date withdrawn_on;
};
[[nodiscard]] Result<PublicDocument> public_view(const journal::Reader& reader, const law::Law& law,
                                                 const facts::IssuedDocumentRow& row);

/// May the document be served on the day: it was issued in this dossier, stands, and is not dated later.
/// document_unknown, document_withdrawn, served_before_issue.
[[nodiscard]] Result<void> check_served(const journal::Reader& reader, const facts::DossierRow& dossier,
                                        std::string_view number, Date on);

/// How every number of a series up to the last one dealt is accounted for.
struct NumberAccount {
    facts::NumberSeriesRow series;
    std::int64_t on_documents = 0;
    std::int64_t withdrawn = 0;  ///< of these
    std::int64_t in_blocks = 0;  ///< set aside, neither used nor spoilt
    std::int64_t spoilt = 0;
    std::int64_t returned = 0;  ///< dealt again next
    [[nodiscard]] bool is_gapless() const {
        return on_documents + in_blocks + spoilt + returned == series.last;
    }
};
[[nodiscard]] Result<std::vector<NumberAccount>> number_accounts(const journal::Reader& reader,
                                                                 std::string_view organisation);
[[nodiscard]] Result<std::vector<facts::NumberBlockRow>> blocks_of(const journal::Reader& reader,
                                                                   std::string_view organisation);

/// The rows of documents and numbers: part of the fold of dossiers.
[[nodiscard]] std::vector<facts::RowType> document_rows();
Result<void> fold_document(const facts::Recorded& recorded, journal::Projections& rows);

}  // namespace qingyuan::act
