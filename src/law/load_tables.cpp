// The tables of the law: limits, vocabularies, roles, regions, towns, documents, violations.

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/csv_table.hpp"

namespace qingyuan::law {

namespace {

/// Adds the name to the index; a second entry of the name is law_duplicate.
void index_once(Index& index, const std::string& name, std::size_t at, const std::string& where,
                Problems& problems) {
    if (index.contains(name))
        problems.add(ErrorCode::law_duplicate, fmt::format("'{}' is there already", name), where);
    index.emplace(name, at);
}

Unit unit_in(CsvTable& table, std::string_view column) {
    const auto unit = find_unit(table.text(column));
    if (unit) return *unit;
    table.problems().add(ErrorCode::law_value_invalid, fmt::format("no unit '{}'", table.text(column)),
                         table.where(column));
    return Unit::none;
}

/// The id of a vocabulary from its file name: vocabularies/case_sources.csv.
std::string vocabulary_id(const std::string& file) {
    const auto from = file.rfind('/') + 1;
    return file.substr(from, file.size() - from - 4);
}

}  // namespace

void load_roles(const LawFile& file, Book& book, Problems& problems) {
    CsvTable table(file, {"id", "zh", "en", "department", "note"}, {}, problems);
    while (table.next()) {
        Role role{table.identifier("id"), table.required("zh"), table.required("en"),
                  table.text("department"), table.text("note")};
        index_once(book.role_index, role.id, book.roles.size(), table.where("id"), problems);
        book.roles.push_back(std::move(role));
    }
}

void load_limits(const LawFile& file, Book& book, Problems& problems) {
    CsvTable table(
        file,
        {"id",    "procedure", "zh",       "step",   "actor",         "start_event", "kind",    "value",
         "unit",  "ext_value", "ext_unit", "ext_by", "excluded_time", "law",         "article", "status",
         "basis", "note",      "from",     "to"},
        {"actor_zh", "start_event_zh", "ext_by_zh", "excluded_time_zh", "note_zh"}, problems);
    /// What a bureau wrote in one language stands in both.
    const auto wording = [&table](std::string_view column) {
        const std::string& en = table.text(column);
        const std::string& zh = table.text(std::string(column) + "_zh");
        return Wording{zh.empty() ? en : zh, en};
    };
    while (table.next()) {
        Limit limit;
        limit.id = table.required("id");
        limit.procedure = table.text("procedure");
        limit.step = table.required("step");
        limit.zh = table.text("zh").empty() ? limit.step : table.text("zh");
        limit.actor = wording("actor");
        limit.start_event = wording("start_event");
        limit.kind = table.required("kind");
        limit.value = table.decimal("value");
        limit.unit = unit_in(table, "unit");
        limit.ext_value = table.decimal("ext_value");
        limit.ext_unit = unit_in(table, "ext_unit");
        limit.ext_by = wording("ext_by");
        limit.excluded_time = wording("excluded_time");
        limit.citation = {table.required("law"), table.text("article")};
        limit.status = table.status();
        limit.basis = table.text("basis");
        limit.note = wording("note");
        limit.in_force = table.in_force();
        if (limit.value < Rational(0))
            problems.add(ErrorCode::law_value_invalid, "a limit is not negative", table.where("value"));
        check_citation(book, limit.citation.text(), limit.in_force, table.where("law"), problems);
        for (auto [at, end] = book.limit_index.equal_range(limit.id); at != end; ++at)
            make_way(book, "limit", limit.id, book.limits[at->second].in_force, limit.in_force,
                     table.where("from"), problems);
        book.limit_index.emplace(limit.id, book.limits.size());
        book.limits.push_back(std::move(limit));
    }
}

void load_vocabulary_list(const LawFile& file, Book& book, Problems& problems) {
    CsvTable table(file, {"id", "zh", "en", "source", "status", "basis"}, {}, problems);
    while (table.next()) {
        Vocabulary vocabulary;
        vocabulary.id = table.identifier("id");
        vocabulary.zh = table.required("zh");
        vocabulary.en = table.required("en");
        vocabulary.source = table.text("source");
        vocabulary.status = table.status();
        vocabulary.basis = table.text("basis");
        index_once(book.vocabulary_index, vocabulary.id, book.vocabularies.size(), table.where("id"),
                   problems);
        book.vocabularies.push_back(std::move(vocabulary));
    }
}

void load_vocabulary(const LawFile& file, Book& book, Problems& problems) {
    const std::string id = vocabulary_id(file.name);
    const auto found = book.vocabulary_index.find(id);
    if (found == book.vocabulary_index.end()) {
        problems.add(ErrorCode::law_reference_unknown, fmt::format("vocabularies.csv has no row '{}'", id),
                     where_of(file.name, {}));
        return;
    }
    Vocabulary& vocabulary = book.vocabularies[found->second];
    CsvTable table(file, {"code", "zh", "en"}, {}, problems, true);
    while (table.next()) {
        Word word;
        word.code = table.required("code");
        word.zh = table.required("zh");
        word.en = table.required("en");
        word.in_force = table.in_force();
        const bool plain = std::all_of(word.code.begin(), word.code.end(),
                                       [](unsigned char c) { return std::isalnum(c) || c == '_'; });
        if (!plain)
            problems.add(ErrorCode::law_value_invalid,
                         fmt::format("'{}' is no code: letters, digits and _", word.code),
                         table.where("code"));
        for (const std::string& column : table.columns()) {
            if (column == "note")
                word.note = table.text(column);
            else if (column != "code" && column != "zh" && column != "en" && column != "from" &&
                     column != "to")
                word.more.emplace(column, table.text(column));
        }
        for (const Word& other : vocabulary.words)
            if (other.code == word.code)
                check_overlap("word", word.code, other.in_force, word.in_force, table.where("code"),
                              problems);
        vocabulary.words.push_back(std::move(word));
    }
}

void load_regions(const LawFile& file, Book& book, Problems& problems) {
    CsvTable table(file, {"code", "name", "name_en", "parent", "level", "flag", "from", "to"}, {}, problems);
    while (table.next()) {
        Region region;
        region.code = table.required("code");
        region.name = table.required("name");
        region.name_en = table.text("name_en");
        region.parent = table.text("parent");
        region.level = table.required("level");
        region.is_virtual = table.text("flag") == "virtual";
        region.in_force = table.in_force();
        if (!region.parent.empty() && !book.region_index.contains(region.parent))
            problems.add(ErrorCode::law_reference_unknown, fmt::format("no region '{}' above", region.parent),
                         table.where("parent"));
        for (auto [at, end] = book.region_index.equal_range(region.code); at != end; ++at)
            check_overlap("region", region.code, book.regions[at->second].in_force, region.in_force,
                          table.where("from"), problems);
        book.region_index.emplace(region.code, book.regions.size());
        book.regions.push_back(std::move(region));
    }
}

void load_towns(const LawFile& file, Book& book, Problems& problems) {
    CsvTable table(file, {"code", "name", "county"}, {}, problems);
    while (table.next()) {
        Town town{table.required("code"), table.required("name"), table.required("county")};
        if (!book.region_index.contains(town.county))
            problems.add(ErrorCode::law_reference_unknown, fmt::format("no region '{}'", town.county),
                         table.where("county"));
        book.towns.push_back(std::move(town));
    }
}

void load_documents(const LawFile& file, Book& book, Problems& problems) {
    CsvTable table(file,
                   {"id", "zh", "en", "set", "stage", "issued_to_party", "needs_service_receipt", "fields",
                    "basis", "status", "note"},
                   {}, problems);
    while (table.next()) {
        Document document;
        document.id = table.identifier("id");
        document.zh = table.required("zh");
        document.en = table.required("en");
        document.set = table.required("set");
        document.stage = table.text("stage");
        document.issued_to_party = table.flag("issued_to_party");
        document.needs_service_receipt = table.flag("needs_service_receipt");
        document.fields = split(table.text("fields"), '|');
        document.basis = table.text("basis");
        document.status = table.status();
        document.note = table.text("note");
        index_once(book.document_index, document.id, book.documents.size(), table.where("id"), problems);
        book.documents.push_back(std::move(document));
    }
}

void load_violations(const LawFile& file, Book& book, Problems& problems) {
    CsvTable table(file,
                   {"code", "zh", "en", "category", "infringes", "penalises", "qingyuan", "flags",
                    "typical_evidence", "status", "note"},
                   {}, problems);
    // The kinds of violation are also a vocabulary, which forms choose from.
    Vocabulary words{
        "violations", "违法行为种类", "Kinds of violation", "violations.csv", Status::verified, "text", {}};
    while (table.next()) {
        Violation violation;
        violation.code = table.required("code");
        violation.zh = table.required("zh");
        violation.en = table.required("en");
        violation.category = table.required("category");
        violation.infringes = split(table.text("infringes"), '|');
        violation.penalises = split(table.text("penalises"), '|');
        violation.qingyuan = table.flag("qingyuan");
        violation.flags = split(table.text("flags"), '|');
        violation.typical_evidence = split(table.text("typical_evidence"), '|');
        violation.status = table.status();
        violation.note = table.text("note");
        for (const auto& citation : violation.infringes)
            check_citation(book, citation, {}, table.where("infringes"), problems);
        for (const auto& rule : violation.penalises)
            if (!book.penalty_rule_index.contains(rule))
                check_citation(book, rule, {}, table.where("penalises"), problems);
        index_once(book.violation_index, violation.code, book.violations.size(), table.where("code"),
                   problems);
        words.words.push_back({violation.code, violation.zh, violation.en, violation.note, {}, {}});
        book.violations.push_back(std::move(violation));
    }
    index_once(book.vocabulary_index, words.id, book.vocabularies.size(), where_of(file.name, {}), problems);
    book.vocabularies.push_back(std::move(words));
}

}  // namespace qingyuan::law
