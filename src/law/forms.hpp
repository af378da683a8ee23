// The layouts of the statutory documents as data: law/forms/*.toml, one form of documents.csv each, in a
// small language of lines; and where a field's value comes from (law/forms/bindings.toml). Language:
// docs/documents.md.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "law/check.hpp"
#include "law/law.hpp"

namespace qingyuan::law {

/// How a value is written where it stands.
enum class Show : std::uint8_t {
    text,   ///< as it is; a list joined with ；
    date,   ///< 2025年7月5日
    money,  ///< 人民币壹万元整（¥10,000.00）
    list,   ///< one numbered line each
    check   ///< ☑ the option that holds, □ the others
};

/// A stretch of a line: words, a value, or a citation.
struct FormPiece {
    enum class Kind : std::uint8_t { words, value, citation };
    Kind kind = Kind::words;
    std::string text;  ///< the words; the field of documents.csv; the citation "APL 45"
    Show show = Show::text;
    std::vector<std::string> options;  ///< of check
    std::string fallback;              ///< the statute's own words, where the case has no others
    int blank_em = 0;                  ///< width of the line to write on, 0 = as long as such a value is
};

enum class LineKind : std::uint8_t {
    paragraph,  ///< first line indented by two characters
    flush,      ///< "> " from the left edge: an address, a label with its value
    centred,    ///< "! "
    heading,    ///< "# "
    signature,  ///< "= " room for hands above it
    row,        ///< "| " labels and values in turn, ruled
    opinion,    ///< "|~ " a label and a tall field with a place for name and day
    listing,    ///< "+ " a ruled table with a header and one row for each entry
    seal,       ///< "@seal" authority and day at the right, room for the seal
    rule,       ///< "---"
    new_page    ///< "^^^"
};

struct FormLine {
    LineKind kind = LineKind::paragraph;
    std::vector<std::vector<FormPiece>> cells;  ///< one cell where the line is not divided
    std::vector<int> widths;                    ///< of a listing: shares of the width
};

/// How large the text is and how the head looks.
enum class FormStyle : std::uint8_t {
    letter,  ///< what goes out: authority, title, number, text in size 三号
    sheet,   ///< ruled forms and records: text in size 小四
    banner   ///< a strip to paste on: title very large
};

struct DocumentForm {
    std::string document;  ///< id of documents.csv
    std::string title;     ///< as printed
    std::string word;      ///< of its numbers: "罚"; empty = it bears none
    FormStyle style = FormStyle::letter;
    std::vector<FormLine> lines;
    std::string copies;  ///< the line at the foot: how many copies, and for whom
    int blank_rows = 8;  ///< of an empty listing
    Status status = Status::verified;
    std::string note;
    InForce in_force;
    std::string where;  ///< file:line:column
};

/// What the program itself knows of a document's dossier.
enum class FieldSource : std::uint8_t {
#define X(name, zh) name,
#include "law/field_sources.def"
#undef X
};

/// Where a field's value comes from: something known, or the first attribute of the dossier that is there.
struct FieldBinding {
    std::string field;
    std::vector<std::string> documents;  ///< those it holds for; empty = all
    std::vector<FieldSource> sources;
    std::vector<std::string> attributes;
};

class Forms {
 public:
    /// Loads and checks law/forms. Errors as Law::load: the first in the Result, all of them in `problems`,
    /// each at file:line:column: a document, field, snippet, source, attribute or citation that is not there,
    /// a field that the form never shows, a document of the statutory sets without a form.
    static Result<Forms> load(const Law& law, std::vector<Error>* problems = nullptr);

    [[nodiscard]] std::span<const DocumentForm> all() const { return forms_; }
    /// The layout in force on the date: document_unknown, or law_not_in_force.
    [[nodiscard]] Result<const DocumentForm*> form(std::string_view document, Date on) const;
    /// The binding of a field for a document, its own before that for all; null where there is none.
    [[nodiscard]] const FieldBinding* binding(std::string_view field, std::string_view document) const;
    /// Unit words of numbers by organisation ("衡市监"): law/forms/units.toml; nothing where none is set.
    [[nodiscard]] std::string_view unit_word(std::string_view organisation) const;

 private:
    std::vector<DocumentForm> forms_;
    std::vector<FieldBinding> bindings_;
    std::map<std::string, std::string, std::less<>> unit_words_;
};

/// The fields of a document, where "as case form 14" stands for those of penalty_14.
[[nodiscard]] const std::vector<std::string>& fields_of(const Law& law, const Document& document);
/// Is the field written by hand on paper: a signature or a seal.
[[nodiscard]] bool is_by_hand(std::string_view field);
/// The form as an administrator reads of it: how many there are and which layouts are unverified.
struct FormsSummary {
    std::size_t forms = 0;
    std::vector<Remark> unverified;
};
[[nodiscard]] FormsSummary summarise(const Forms& forms);

}  // namespace qingyuan::law
