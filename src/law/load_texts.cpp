// The lists of the law written in TOML: sources, terms, parameters, the calendar's years, code systems.

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/csv_table.hpp"

namespace qingyuan::law {

namespace {

InForce in_force(TableReader& reader) {
    const InForce range{reader.date("from", Date::never_before()), reader.date("to", Date::never_after())};
    if (range.to < range.from)
        reader.problems().add(ErrorCode::law_value_invalid, "'to' lies before 'from'", reader.where("to"));
    return range;
}

Status status(TableReader& reader) {
    return parse_status(reader.text("status"), reader.where("status"), reader.problems());
}

}  // namespace

void load_sources(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    for (const TomlNode* node : top.tables("source")) {
        TableReader reader(*node, file.name, problems);
        Source source;
        source.id = reader.required("id");
        source.name_zh = reader.required("zh");
        source.name_en = reader.required("en");
        source.number = reader.text("number");
        source.text_read = reader.required("text_read");
        source.status = status(reader);
        source.note = reader.text("note");
        source.in_force = in_force(reader);
        if (source.text_read != "full" && source.text_read != "excerpt" && source.text_read != "none")
            problems.add(ErrorCode::law_value_invalid, "text_read is full, excerpt or none",
                         reader.where("text_read"));
        reader.finish();
        for (auto [at, end] = book.source_index.equal_range(source.id); at != end; ++at)
            check_overlap("source", source.id, book.sources[at->second].in_force, source.in_force,
                          reader.where("id"), problems);
        book.source_index.emplace(source.id, book.sources.size());
        book.sources.push_back(std::move(source));
    }
    top.finish();
}

void load_terms(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    for (const TomlNode* node : top.tables("term")) {
        TableReader reader(*node, file.name, problems);
        Term term{reader.identifier("id"), reader.required("zh"), reader.required("en"),
                  reader.required("meaning"), reader.text("source")};
        if (!term.source.empty() && term.source.find(' ') != std::string::npos)
            check_citation(book, term.source, {}, reader.where("source"), problems);
        reader.finish();
        if (book.term_index.contains(term.id))
            problems.add(ErrorCode::law_duplicate, fmt::format("term '{}' is there already", term.id),
                         reader.where("id"));
        book.term_index.emplace(term.id, book.terms.size());
        book.terms.push_back(std::move(term));
    }
    top.finish();
}

void load_parameters(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    for (const TomlNode* node : top.tables("parameter")) {
        TableReader reader(*node, file.name, problems);
        Parameter parameter;
        parameter.id = reader.identifier("id");
        parameter.zh = reader.required("zh");
        parameter.en = reader.required("en");
        parameter.value = reader.decimal("value");
        const std::string unit = reader.required("unit");
        const auto known = find_unit(unit);
        if (known)
            parameter.unit = *known;
        else
            problems.add(ErrorCode::law_value_invalid, fmt::format("no unit '{}'", unit),
                         reader.where("unit"));
        parameter.law = reader.text("law");
        parameter.status = status(reader);
        parameter.note = reader.text("note");
        parameter.in_force = in_force(reader);
        if (!parameter.law.empty())
            check_citation(book, parameter.law, parameter.in_force, reader.where("law"), problems);
        reader.finish();
        for (auto [at, end] = book.parameter_index.equal_range(parameter.id); at != end; ++at)
            make_way(book, "parameter", parameter.id, book.parameters[at->second].in_force,
                     parameter.in_force, reader.where("id"), problems);
        book.parameter_index.emplace(parameter.id, book.parameters.size());
        book.parameters.push_back(std::move(parameter));
    }
    top.finish();
}

CalendarYear load_calendar_year(const LawFile& file, Problems& problems) {
    CalendarYear out;
    auto root = parse_toml(file.text, file.name);
    if (!root) {
        problems.add(root.error());
        return out;
    }
    TableReader top(*root, file.name, problems);
    out.year = static_cast<int>(top.whole("year"));
    if (out.year < 1949 || out.year > 2200) {
        problems.add(ErrorCode::law_value_invalid, "'year' is missing or out of range", top.where("year"));
        out.year = 0;
        return out;
    }
    out.provisional = top.boolean("provisional");
    out.source = top.required("source");
    for (const TomlNode* node : top.tables("holiday")) {
        TableReader reader(*node, file.name, problems);
        (void)reader.required("zh");
        (void)reader.required("en");
        const Date from = reader.date("from", Date{}), to = reader.date("to", Date{});
        if (from.year() != out.year || to.year() != out.year || to < from)
            problems.add(ErrorCode::law_value_invalid, "a holiday lies within its year, from before to",
                         reader.where("from"));
        else
            for (Date date = from; date <= to; ++date) out.holidays.push_back(date);
        if (const TomlNode* list = reader.find("working"))
            for (const TomlNode& day : list->items) {
                const bool weekend =
                    day.kind == TomlKind::date && (day.date.weekday() == 0 || day.date.weekday() == 6);
                if (weekend && day.date.year() == out.year)
                    out.working_days.push_back(day.date);
                else
                    problems.add(ErrorCode::law_value_invalid, "a make-up day is a weekend day of the year",
                                 reader.where(day.place));
            }
        reader.finish();
    }
    top.finish();
    return out;
}

namespace {

std::vector<CodePattern> patterns(TableReader& reader, std::string_view key,
                                  const CharacterClasses& classes) {
    std::vector<CodePattern> out;
    for (const Placed& placed : reader.list(key)) {
        auto pattern = CodePattern::create(placed.text, classes);
        if (pattern)
            out.push_back(std::move(*pattern));
        else
            reader.problems().add(pattern.error().code, pattern.error().message, reader.where(placed.place));
    }
    return out;
}

CodeCheck code_check(TableReader& reader) {
    const std::string text = reader.text("check");
    if (text.empty() || text == "none") return CodeCheck::none;
    if (text == "uscc") return CodeCheck::uscc;
    if (text == "id_card") return CodeCheck::id_card;
    if (text == "gs1") return CodeCheck::gs1;
    if (text == "udi") return CodeCheck::udi;
    if (text == "region") return CodeCheck::region;
    reader.problems().add(ErrorCode::law_value_invalid, fmt::format("no check '{}'", text),
                          reader.where("check"));
    return CodeCheck::none;
}

CharacterClasses character_classes(TableReader& top) {
    CharacterClasses classes;
    for (const TomlNode* node : top.tables("class")) {
        TableReader reader(*node, top.file(), top.problems());
        const std::string id = reader.identifier("id");
        auto one = parse_character_class(reader.required("characters"));
        if (!one)
            top.problems().add(one.error().code, one.error().message, reader.where("characters"));
        else if (!classes.emplace(id, std::move(*one)).second)
            top.problems().add(ErrorCode::law_duplicate, fmt::format("class '{}' is there already", id),
                               reader.where("id"));
        reader.finish();
    }
    return classes;
}

constexpr std::string_view part_texts[] = {"none",   "container", "item", "content",
                                           "serial", "batch",     "made", "expires"};

void read_length(TableReader& reader, ApplicationIdentifier& one) {
    constexpr std::int64_t longest = 90;  // GS1: no value is longer
    const bool fixed = reader.find("length") != nullptr;
    const bool bounded = reader.find("length_max") != nullptr;
    const std::int64_t length = fixed ? reader.whole("length") : reader.whole("length_max");
    if (fixed == bounded || length < 1 || length > longest)
        return reader.problems().add(ErrorCode::law_value_invalid,
                                     "either 'length' or 'length_max' says how long, 1 to 90",
                                     reader.where("length"));
    one.length_max = static_cast<std::size_t>(length);
    if (fixed) one.length_min = one.length_max;
}

/// One identifier may not begin another: a scan could be read in two ways.
void check_prefix(const Book& book, const ApplicationIdentifier& one, TableReader& reader) {
    if (one.ai.size() < 2 || one.ai.size() > 4 || one.ai.find_first_not_of("0123456789") != std::string::npos)
        reader.problems().add(ErrorCode::law_value_invalid, "an identifier has 2 to 4 digits",
                              reader.where("ai"));
    for (const ApplicationIdentifier& other : book.application_identifiers)
        if (one.ai.starts_with(other.ai) || other.ai.starts_with(one.ai))
            reader.problems().add(ErrorCode::law_duplicate,
                                  fmt::format("'{}' and '{}' begin alike", one.ai, other.ai),
                                  reader.where("ai"));
}

}  // namespace

void load_code_systems(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    const CharacterClasses classes = character_classes(top);
    for (const TomlNode* node : top.tables("system")) {
        TableReader reader(*node, file.name, problems);
        CodeSystem system;
        system.id = reader.identifier("id");
        system.zh = reader.required("zh");
        system.en = reader.required("en");
        system.standard = reader.required("standard");
        system.status = status(reader);
        system.basis = reader.text("basis");
        system.algorithm = reader.text("algorithm");
        system.note = reader.text("note");
        system.patterns = patterns(reader, "patterns", classes);
        system.legacy = patterns(reader, "legacy", classes);
        system.check = code_check(reader);
        system.personal = reader.boolean("personal");
        if (system.patterns.empty())
            problems.add(ErrorCode::law_key_missing, "'patterns' is missing", reader.where());
        reader.finish();
        if (book.code_system_index.contains(system.id))
            problems.add(ErrorCode::law_duplicate,
                         fmt::format("code system '{}' is there already", system.id), reader.where("id"));
        book.code_system_index.emplace(system.id, book.code_systems.size());
        book.code_systems.push_back(std::move(system));
    }
    top.finish();
}

void load_code_patterns(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    for (const TomlNode* node : top.tables("identifier")) {
        TableReader reader(*node, file.name, problems);
        ApplicationIdentifier one;
        one.ai = reader.required("ai");
        check_prefix(book, one, reader);
        one.zh = reader.required("zh");
        one.en = reader.required("en");
        read_length(reader, one);
        const std::string characters = reader.required("characters");
        one.digits = characters == "digits";
        if (!one.digits && characters != "visible")
            problems.add(ErrorCode::law_value_invalid, "characters are digits or visible",
                         reader.where("characters"));
        const std::string holds = reader.text("holds");
        const auto part = std::ranges::find(part_texts, holds.empty() ? "none" : holds);
        if (part == std::end(part_texts))
            problems.add(ErrorCode::law_value_invalid, fmt::format("a code has no part '{}'", holds),
                         reader.where("holds"), fmt::format("{}", fmt::join(part_texts, " ")));
        else
            one.holds = static_cast<CodePart>(part - std::begin(part_texts));
        one.check = code_check(reader);
        if (one.check != CodeCheck::none && one.check != CodeCheck::gs1)
            problems.add(ErrorCode::law_value_invalid, "the check is gs1 or none", reader.where("check"));
        reader.finish();
        book.application_identifiers.push_back(std::move(one));
    }
    top.finish();
}

std::string_view text_of(CodePart part) {
    return part_texts[static_cast<std::size_t>(part)];
}

}  // namespace qingyuan::law
