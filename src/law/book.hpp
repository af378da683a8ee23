// What the loader fills and Law holds: the statute book in memory. Inside the room only.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "law/checklist.hpp"
#include "law/law.hpp"
#include "law/rules.hpp"
#include "law/toml.hpp"

namespace qingyuan::law {

/// Positions in a vector by name; several dated texts may share one name.
using Index = std::multimap<std::string, std::size_t, std::less<>>;

struct Book {
    std::filesystem::path directory;
    Digest digest{};
    std::size_t files = 0;
    bool local = false;  ///< the texts of a province are being laid over the national ones

    std::vector<Source> sources;
    std::vector<Term> terms;
    std::vector<Role> roles;
    std::vector<Limit> limits;
    std::vector<Vocabulary> vocabularies;
    std::vector<Region> regions;
    std::vector<Town> towns;
    std::vector<Document> documents;
    std::vector<Parameter> parameters;
    std::vector<Violation> violations;
    std::vector<CodeSystem> code_systems;
    std::vector<ApplicationIdentifier> application_identifiers;
    std::vector<PenaltyRule> penalty_rules;
    std::vector<Procedure> procedures;
    std::vector<Checklist> checklists;
    std::vector<Rule> rules;
    Calendar calendar;

    Index source_index, term_index, role_index, limit_index, vocabulary_index, region_index, document_index,
        parameter_index, violation_index, code_system_index, penalty_rule_index, procedure_index,
        checklist_index, rule_index;
};

struct Law::Data : Book {};

/// One entry of the name, or nothing.
template <class T>
[[nodiscard]] const T* entry_of(const std::vector<T>& entries, const Index& index, std::string_view name) {
    const auto found = index.find(name);
    return found == index.end() ? nullptr : &entries[found->second];
}

/// A file of the law: its name relative to the law directory, and its text.
struct LawFile {
    std::string name;
    std::string text;
};

/// law_citation_unknown unless the source exists at some time within [range.from, range.to].
void check_citation(const Book& book, std::string_view citation, const InForce& range,
                    const std::string& where, Problems& problems);

/// Two entries of one name in force on the same day are law_dates_overlap (or law_duplicate where neither is
/// dated).
void check_overlap(std::string_view what, std::string_view name, const InForce& a, const InForce& b,
                   const std::string& where, Problems& problems);

/// As check_overlap; but a local text takes the place of the national one `there` from its own first day on.
/// It must not end earlier than that one, or a day would be left without a text.
void make_way(const Book& book, std::string_view what, std::string_view name, InForce& there,
              const InForce& coming, const std::string& where, Problems& problems);

// Each loads one file, adds to the book and reports its problems. The order of loading is that of references
// (loader.cpp).
void load_sources(const LawFile& file, Book& book, Problems& problems);
void load_terms(const LawFile& file, Book& book, Problems& problems);
void load_roles(const LawFile& file, Book& book, Problems& problems);
void load_limits(const LawFile& file, Book& book, Problems& problems);
void load_vocabulary_list(const LawFile& file, Book& book, Problems& problems);
void load_vocabulary(const LawFile& file, Book& book, Problems& problems);
void load_regions(const LawFile& file, Book& book, Problems& problems);
void load_towns(const LawFile& file, Book& book, Problems& problems);
void load_documents(const LawFile& file, Book& book, Problems& problems);
void load_violations(const LawFile& file, Book& book, Problems& problems);
void load_parameters(const LawFile& file, Book& book, Problems& problems);
void load_code_systems(const LawFile& file, Book& book, Problems& problems);
void load_code_patterns(const LawFile& file, Book& book, Problems& problems);
void load_penalties(const LawFile& file, Book& book, Problems& problems);
[[nodiscard]] CalendarYear load_calendar_year(const LawFile& file, Problems& problems);
void load_procedure(const LawFile& file, Book& book, Problems& problems);
void load_checklist(const LawFile& file, Book& book, Problems& problems);
void load_rule(const LawFile& file, Book& book, Problems& problems);
/// What the examples of rules expect, which needs all of them.
void check_rules(const Book& book, Problems& problems);
/// References between procedures, which need all of them: opens, linked, no_linked.
void check_procedures(const Book& book, Problems& problems);

}  // namespace qingyuan::law
