// The statute book as data, loaded and checked. Everything is dated: what is decided on a date uses the text
// in force on that date. A Law is immutable after loading and may be read by any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.hpp"
#include "base/rational.hpp"
#include "base/result.hpp"
#include "base/sm3.hpp"
#include "law/calendar.hpp"
#include "law/codes.hpp"
#include "law/penalties.hpp"
#include "law/procedure.hpp"

namespace qingyuan::law {

/// How well a rule is known: `verified` = the article was read; `unverified` = a default an administrator
/// must confirm, shown as such.
enum class Status : std::uint8_t { verified, unverified };

struct InForce {
    Date from = Date::never_before();
    Date to = Date::never_after();  ///< last day
    [[nodiscard]] bool holds(Date date) const { return from <= date && date <= to; }
    [[nodiscard]] bool overlaps(const InForce& other) const { return from <= other.to && other.from <= to; }
};

/// A law, regulation or rule: sources.toml.
struct Source {
    std::string id;  ///< "APPR"
    std::string name_zh;
    std::string name_en;
    std::string number;
    std::string text_read;  ///< full excerpt none
    Status status = Status::verified;
    std::string note;
    InForce in_force;
};

/// "APPR 18" → source and article; the source must exist on the date.
struct Citation {
    std::string source;
    std::string article;
    [[nodiscard]] std::string text() const { return article.empty() ? source : source + " " + article; }
};

/// "APPR 18" or "APPR": source and article.
[[nodiscard]] Citation parse_citation(std::string_view text);

/// Words in both languages.
struct Wording {
    std::string zh;
    std::string en;
};

/// One row of limits.csv.
struct Limit {
    std::string id;  ///< "CASE.DECIDE"
    std::string procedure;
    std::string zh;    ///< what it limits, in the statute's words
    std::string step;  ///< the same in English
    Wording actor;
    Wording start_event;
    std::string kind;  ///< due min_notice wait duration lapse validity retention …
    Rational value;
    Unit unit = Unit::none;
    Rational ext_value;  ///< extension, 0 = none
    Unit ext_unit = Unit::none;
    Wording ext_by;
    Wording excluded_time;
    Citation citation;
    Status status = Status::verified;
    std::string basis;  ///< text excerpt memory
    Wording note;
    InForce in_force;
};

struct Word {  ///< one entry of a vocabulary
    std::string code;
    std::string zh;
    std::string en;
    std::string note;
    std::map<std::string, std::string, std::less<>> more;  ///< further columns of its file
    InForce in_force;
};
/// vocabularies/<id>.csv, described by its row of vocabularies.csv.
struct Vocabulary {
    std::string id;
    std::string zh;
    std::string en;
    std::string source;
    Status status = Status::verified;
    std::string basis;  ///< text excerpt memory
    std::vector<Word> words;
    [[nodiscard]] const Word* find(std::string_view code) const;
};

/// A form: documents.csv.
struct Document {
    std::string id;  ///< "penalty_07"
    std::string zh;
    std::string en;
    std::string set;  ///< penalty inspection complaint product other
    std::string stage;
    bool issued_to_party = false;
    bool needs_service_receipt = false;
    std::vector<std::string> fields;
    std::string basis;  ///< where the fields come from: an article, or "practice"
    Status status = Status::verified;
    std::string note;
};

/// A dated number: parameters/*.toml.
struct Parameter {
    std::string id;
    std::string zh;
    std::string en;
    Rational value;
    Unit unit = Unit::none;
    std::string law;  ///< citation, or "" where it is local configuration
    Status status = Status::verified;
    std::string note;
    InForce in_force;
};

/// A township or street: towns.csv.
struct Town {
    std::string code, name, county;
};

/// A kind of violation: violations.csv.
struct Violation {
    std::string code;
    std::string zh;
    std::string en;
    std::string category;                ///< drug device cosmetic …
    std::vector<std::string> infringes;  ///< citations
    std::vector<std::string> penalises;  ///< penalty rules or citations
    bool qingyuan = false;               ///< in the field of the Qingyuan action
    std::vector<std::string> flags;      ///< person_penalty hearing no_test_needed …
    std::vector<std::string> typical_evidence;
    Status status = Status::verified;
    std::string note;
};

struct Checklist;
struct Rule;

struct Term {
    std::string id, zh, en, meaning, source;
};
struct Role {
    std::string id, zh, en, department, note;
};

struct Region {
    std::string code;  ///< GB/T 2260
    std::string name;
    std::string name_en;
    std::string parent;
    std::string level;
    bool is_virtual = false;
    InForce in_force;
};

class Law {
 public:
    /// Loads and checks a directory. Every error is reported, the first in the Result, all of them in
    /// `problems` when it is given; each has where = file:line:column, the file relative to the directory (in
    /// CSV the column is the number of the cell). A file or folder that is absent is no error: what refers to
    /// it is.
    ///
    /// With `province` (a folder of provinces/, "52") its limits, parameters and words are laid over the
    /// national ones: from its own `from` on a local text decides, before that the national one; local words
    /// are added. file_unreadable where there is no such folder.
    static Result<Law> load(const std::filesystem::path& directory, std::vector<Error>* problems = nullptr,
                            std::string_view province = {});

    [[nodiscard]] const std::filesystem::path& directory() const;
    [[nodiscard]] Digest digest() const;  ///< over sorted file names and contents
    [[nodiscard]] std::size_t files() const;

    [[nodiscard]] std::span<const Source> sources() const;
    [[nodiscard]] const Source* find_source(std::string_view id) const;  ///< its latest text
    [[nodiscard]] const Source* find_source(std::string_view id,
                                            Date on) const;  ///< the text in force on the date
    /// Zh display of a citation: 《市场监督管理行政处罚程序规定》第18条. The name is that of the text in
    /// force on the date, else the latest.
    [[nodiscard]] std::string cite_zh(const Citation& citation, Date on = Date::never_after()) const;
    [[nodiscard]] std::string cite_en(const Citation& citation, Date on = Date::never_after()) const;

    [[nodiscard]] std::span<const Limit> limits() const;
    /// The text of the limit in force on the date; limit_unknown, or law_not_in_force where it exists but not
    /// on that date.
    [[nodiscard]] Result<const Limit*> limit(std::string_view id, Date on) const;

    [[nodiscard]] std::span<const Procedure> procedures() const;
    /// procedure_unknown or law_not_in_force.
    [[nodiscard]] Result<const Procedure*> procedure(std::string_view id, Date on) const;

    /// What is looked at on site (law/checklists); checklist.hpp. checklist_unknown or law_not_in_force.
    [[nodiscard]] std::span<const Checklist> checklists() const;
    [[nodiscard]] Result<const Checklist*> checklist(std::string_view id, Date on) const;

    /// What the custody of packs is judged by (law/rules); rules.hpp. rule_unknown or law_not_in_force.
    [[nodiscard]] std::span<const Rule> rules() const;
    [[nodiscard]] Result<const Rule*> rule(std::string_view id, Date on) const;

    [[nodiscard]] const Calendar& calendar() const;
    [[nodiscard]] const Vocabulary* find_vocabulary(std::string_view id) const;
    [[nodiscard]] std::span<const Vocabulary> vocabularies() const;
    [[nodiscard]] const Term* find_term(std::string_view id) const;
    [[nodiscard]] std::span<const Term> terms() const;
    [[nodiscard]] const Role* find_role(std::string_view id) const;
    [[nodiscard]] std::span<const Role> roles() const;
    [[nodiscard]] const Region* find_region(std::string_view code, Date on) const;
    [[nodiscard]] std::span<const Region> regions() const;
    /// A dated parameter (law/parameters/*.toml): exact decimal. record_unknown or law_not_in_force.
    [[nodiscard]] Result<Rational> parameter(std::string_view id, Date on) const;
    [[nodiscard]] std::span<const Parameter> parameters() const;
    [[nodiscard]] std::span<const Document> documents() const;
    [[nodiscard]] const Document* find_document(std::string_view id) const;
    [[nodiscard]] std::span<const Town> towns() const;
    [[nodiscard]] std::span<const Violation> violations() const;
    [[nodiscard]] const Violation* find_violation(std::string_view code) const;
    [[nodiscard]] std::span<const CodeSystem> code_systems() const;
    [[nodiscard]] const CodeSystem* find_code_system(std::string_view id) const;
    [[nodiscard]] std::span<const ApplicationIdentifier> application_identifiers() const;
    [[nodiscard]] std::span<const PenaltyRule> penalty_rules() const;
    [[nodiscard]] const PenaltyRule* find_penalty_rule(std::string_view id) const;

 private:
    struct Data;
    explicit Law(std::shared_ptr<const Data> data);
    std::shared_ptr<const Data> data_;
};

}  // namespace qingyuan::law
