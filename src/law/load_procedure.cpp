// Loads and checks one procedure file: every word, reference and edge is checked here, so that a dossier
// never meets a step the law data did not mean.

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/book.hpp"
#include "law/guard_text.hpp"
#include "law/words.hpp"

namespace qingyuan::law {

namespace {

constexpr std::array<std::string_view, 16> field_type_texts = {
    "text",  "long_text", "date",   "instant",  "whole",   "money",        "boolean", "word",
    "words", "person",    "people", "operator", "product", "organisation", "dossier", "evidence"};

std::optional<FieldType> find_field_type(std::string_view text) {
    if (text == "personal") return FieldType::personal;
    const auto found = std::find(field_type_texts.begin(), field_type_texts.end(), text);
    if (found == field_type_texts.end()) return std::nullopt;
    return static_cast<FieldType>(found - field_type_texts.begin());
}

/// One file while it is read: the procedure, and where its parts stand, for problems found later.
struct Draft {
    const LawFile& file;
    const Book& book;
    Problems& problems;
    Procedure procedure;
    InForce in_force;
    std::vector<std::vector<Placed>> guard_texts;
    std::vector<std::string> state_places;  ///< where each state stands
    std::vector<std::pair<std::string, std::string>>
        clock_uses;                       ///< limit, where: stop, suspend, resume, extend, within, after
    std::vector<Guard> clock_conditions;  ///< where a=v, as attribute(a, v)

    void refuse(ErrorCode code, std::string message, const std::string& where, std::string next = {}) {
        problems.add(code, std::move(message), where, std::move(next));
    }
};

void check_roles(Draft& draft, TableReader& reader, std::string_view key, std::vector<std::string>& into) {
    for (const Placed& role : reader.list(key)) {
        if (!draft.book.role_index.contains(role.text))
            draft.refuse(ErrorCode::law_reference_unknown, fmt::format("no role '{}'", role.text),
                         reader.where(role.place));
        into.push_back(role.text);
    }
    if (into.empty())
        draft.refuse(ErrorCode::law_key_missing, fmt::format("'{}' names no role", key), reader.where(key));
}

void read_citations(Draft& draft, TableReader& reader, std::vector<std::string>& into) {
    for (const Placed& citation : reader.list("law")) {
        check_citation(draft.book, citation.text, draft.in_force, reader.where(citation.place),
                       draft.problems);
        into.push_back(citation.text);
    }
}

std::vector<Field> read_form(Draft& draft, TableReader& step) {
    std::vector<Field> form;
    for (const TomlNode* node : step.tables("form")) {
        TableReader reader(*node, draft.file.name, draft.problems);
        Field field;
        field.id = reader.identifier("id");
        field.zh = reader.required("zh");
        field.en = reader.required("en");
        const std::string type = reader.required("type");
        if (const auto known = find_field_type(type))
            field.type = *known;
        else if (!type.empty())
            draft.refuse(ErrorCode::law_value_invalid, fmt::format("no field type '{}'", type),
                         reader.where("type"));
        field.vocabulary = reader.text("vocabulary");
        field.required = reader.boolean("required");
        const bool of_words = field.type == FieldType::word || field.type == FieldType::words;
        if (of_words != !field.vocabulary.empty())
            draft.refuse(ErrorCode::law_value_invalid,
                         "fields of type word and words, and no others, name a vocabulary",
                         reader.where("type"));
        if (!field.vocabulary.empty() && !draft.book.vocabulary_index.contains(field.vocabulary))
            draft.refuse(ErrorCode::law_reference_unknown,
                         fmt::format("no vocabulary '{}'", field.vocabulary), reader.where("vocabulary"));
        for (const Field& other : form)
            if (other.id == field.id)
                draft.refuse(ErrorCode::law_duplicate, fmt::format("field '{}' is there already", field.id),
                             reader.where("id"));
        reader.finish();
        form.push_back(std::move(field));
    }
    return form;
}

/// The rest of a clock effect: [where attribute=value …] [until field]. The attributes wait until every form
/// is read.
bool read_clock_conditions(Draft& draft, const std::vector<std::string>& words,
                           const std::vector<Field>& form, const std::string& where, ClockEffect& effect) {
    std::size_t i = 2;
    if (i < words.size() && words[i] == "where")
        for (++i; i < words.size() && words[i] != "until"; ++i) {
            const auto equals = words[i].find('=');
            if (equals == std::string::npos || equals == 0 || equals + 1 == words[i].size()) return false;
            effect.where.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
            draft.clock_conditions.push_back(
                {WordId::attribute, {effect.where.back().first, effect.where.back().second}, where});
        }
    if (i < words.size()) {
        if (words[i] != "until" || i + 2 != words.size()) return false;
        effect.until = words[i + 1];
        const auto field =
            std::find_if(form.begin(), form.end(), [&](const Field& one) { return one.id == effect.until; });
        if (field == form.end() || field->type != FieldType::date)
            draft.refuse(ErrorCode::law_reference_unknown,
                         fmt::format("no date field '{}' in this form", effect.until), where);
        if (effect.act != ClockAct::start && effect.act != ClockAct::extend) return false;
    }
    return words.size() == 2 || !effect.where.empty() || !effect.until.empty();
}

std::vector<ClockEffect> read_clocks(Draft& draft, TableReader& step, const std::vector<Field>& form) {
    static constexpr std::array<std::string_view, 5> acts = {"start", "stop", "suspend", "resume", "extend"};
    std::vector<ClockEffect> out;
    for (const Placed& placed : step.list("clocks")) {
        const auto words = split(placed.text, ' ');
        const auto act = std::find(acts.begin(), acts.end(), words[0]);
        const std::string where = step.where(placed.place);
        ClockEffect effect{act == acts.end() ? ClockAct::start : static_cast<ClockAct>(act - acts.begin()),
                           words.size() > 1 ? words[1] : "",
                           {},
                           {}};
        if (words.size() < 2 || act == acts.end() ||
            !read_clock_conditions(draft, words, form, where, effect)) {
            draft.refuse(ErrorCode::law_value_invalid, fmt::format("'{}' is no clock effect", placed.text),
                         where,
                         "start, stop, suspend, resume or extend, a limit, then where attribute=value … or "
                         "until field");
            continue;
        }
        if (!draft.book.limit_index.contains(effect.limit))
            draft.refuse(ErrorCode::law_limit_unknown, fmt::format("no limit '{}'", effect.limit), where);
        else if (effect.act != ClockAct::start)
            draft.clock_uses.emplace_back(effect.limit, where);
        out.push_back(std::move(effect));
    }
    return out;
}

void read_states(Draft& draft, TableReader& top) {
    for (const TomlNode* node : top.tables("state")) {
        TableReader reader(*node, draft.file.name, draft.problems);
        State state{reader.identifier("id"), reader.required("zh"), reader.required("en"),
                    reader.boolean("terminal")};
        if (draft.procedure.find_state(state.id) != nullptr)
            draft.refuse(ErrorCode::law_duplicate, fmt::format("state '{}' is there already", state.id),
                         reader.where("id"));
        reader.finish();
        draft.state_places.push_back(reader.where());
        draft.procedure.states.push_back(std::move(state));
    }
    for (const Placed& initial : top.list("initial")) {
        if (draft.procedure.find_state(initial.text) == nullptr)
            draft.refuse(ErrorCode::law_reference_unknown, fmt::format("no state '{}'", initial.text),
                         top.where(initial.place));
        draft.procedure.initial.push_back(initial.text);
    }
    if (draft.procedure.initial.empty())
        draft.refuse(ErrorCode::law_key_missing, "'initial' names no state", top.where("initial"));
}

/// The guard of a step: a list of words, or "none" with a reason. Its words are parsed when all steps are
/// known.
std::vector<Placed> read_guard(Draft& draft, TableReader& reader, Step& step) {
    const TomlNode* guard = reader.find("guard");
    step.guard_none_reason = reader.text("why");
    if (guard != nullptr && guard->kind == TomlKind::text) {
        if (guard->text != "none")
            draft.refuse(ErrorCode::law_value_invalid, "a guard is a list of words, or \"none\"",
                         reader.where(guard->place));
        else if (step.guard_none_reason.empty())
            draft.refuse(ErrorCode::law_guard_missing, "a free step says why", reader.where(guard->place),
                         "add why = \"…\"");
        return {};
    }
    if (!step.guard_none_reason.empty())
        draft.refuse(ErrorCode::law_value_invalid, "'why' belongs to guard = \"none\"", reader.where("why"));
    std::vector<Placed> words = reader.list("guard");
    if (guard == nullptr || (guard->kind == TomlKind::array && guard->items.empty()))
        draft.refuse(ErrorCode::law_guard_missing, fmt::format("step '{}' has no guard", step.id),
                     reader.where("guard"), "name the words, or write guard = \"none\" and why");
    return words;
}

/// What an automatic step opens; the procedures it names wait until all are loaded.
void read_proposals(Draft& draft, TableReader& step, Step& out) {
    for (const TomlNode* node : step.tables("propose")) {
        TableReader reader(*node, draft.file.name, draft.problems);
        Proposal proposal{reader.identifier("procedure"), reader.identifier("state"), {}, reader.where()};
        if (const TomlNode* form = reader.find("form"); form != nullptr)
            for (const TomlEntry& entry : form->entries) {
                if (entry.node.kind != TomlKind::text)
                    draft.refuse(ErrorCode::law_value_invalid, "a field of a proposal is given as text",
                                 reader.where(entry.node.place));
                proposal.form.emplace_back(entry.key, entry.node.text);
            }
        reader.finish();
        if (!out.automatic)
            draft.refuse(ErrorCode::law_value_invalid, "only an automatic step proposes", reader.where());
        out.proposes.push_back(std::move(proposal));
    }
}

void read_step(Draft& draft, const TomlNode& node) {
    TableReader reader(node, draft.file.name, draft.problems);
    Step step;
    step.id = reader.identifier("id");
    step.zh = reader.required("zh");
    step.en = reader.required("en");
    for (const Placed& from : reader.list("from")) {
        const State* state = draft.procedure.find_state(from.text);
        if (state == nullptr)
            draft.refuse(ErrorCode::law_reference_unknown, fmt::format("no state '{}'", from.text),
                         reader.where(from.place));
        else if (state->terminal)
            draft.refuse(ErrorCode::law_procedure_broken,
                         fmt::format("a step leaves the terminal state '{}'", from.text),
                         reader.where(from.place));
        step.from.push_back(from.text);
    }
    if (step.from.empty())
        draft.refuse(ErrorCode::law_key_missing, "'from' names no state", reader.where("from"));
    step.to = reader.text("to");
    if (!step.to.empty() && draft.procedure.find_state(step.to) == nullptr)
        draft.refuse(ErrorCode::law_reference_unknown, fmt::format("no state '{}'", step.to),
                     reader.where("to"));
    check_roles(draft, reader, "by", step.by);
    draft.guard_texts.push_back(read_guard(draft, reader, step));
    step.open_point = reader.text("open_point");
    step.form = read_form(draft, reader);
    step.clocks = read_clocks(draft, reader, step.form);
    for (const Placed& document : reader.list("documents")) {
        if (!draft.book.document_index.contains(document.text))
            draft.refuse(ErrorCode::law_reference_unknown, fmt::format("no document '{}'", document.text),
                         reader.where(document.place));
        step.documents.push_back(document.text);
    }
    read_citations(draft, reader, step.law);
    step.opens = reader.text("opens");
    step.automatic = reader.boolean("automatic");
    if (step.automatic && step.by != std::vector<std::string>{"system"})
        draft.refuse(ErrorCode::law_value_invalid, "an automatic step is taken by [\"system\"]",
                     reader.where("automatic"));
    read_proposals(draft, reader, step);
    if (draft.procedure.find_step(step.id) != nullptr)
        draft.refuse(ErrorCode::law_duplicate, fmt::format("step '{}' is there already", step.id),
                     reader.where("id"));
    reader.finish();
    step.where = reader.where();
    draft.procedure.steps.push_back(std::move(step));
}

/// Every state is reached from an initial one, and one that is not terminal is left again.
void check_graph(Draft& draft) {
    const Procedure& procedure = draft.procedure;
    std::set<std::string_view> reached(procedure.initial.begin(), procedure.initial.end());
    for (bool grew = true; grew;) {
        grew = false;
        for (const Step& step : procedure.steps)
            if (!step.to.empty() && std::any_of(step.from.begin(), step.from.end(),
                                                [&](const auto& s) { return reached.contains(s); }))
                grew = reached.insert(step.to).second || grew;
    }
    for (std::size_t i = 0; i < procedure.states.size(); ++i) {
        const State& state = procedure.states[i];
        if (!reached.contains(state.id))
            draft.refuse(ErrorCode::law_procedure_broken,
                         fmt::format("no step reaches the state '{}'", state.id), draft.state_places[i]);
        const bool left = std::any_of(procedure.steps.begin(), procedure.steps.end(), [&](const Step& step) {
            return !step.to.empty() && step.to != state.id &&
                   std::find(step.from.begin(), step.from.end(), state.id) != step.from.end();
        });
        if (!state.terminal && !left)
            draft.refuse(ErrorCode::law_procedure_broken,
                         fmt::format("no step leaves the state '{}', which is not terminal", state.id),
                         draft.state_places[i]);
    }
}

/// A clock that is stopped, paused, extended or asked must be started somewhere in the procedure.
void check_clocks(Draft& draft) {
    std::set<std::string_view> started;
    const auto add = [&](const std::vector<ClockEffect>& effects) {
        for (const ClockEffect& effect : effects)
            if (effect.act == ClockAct::start) started.insert(effect.limit);
    };
    add(draft.procedure.clocks);
    for (const Step& step : draft.procedure.steps) add(step.clocks);
    for (const auto& [limit, where] : draft.clock_uses)
        if (!started.contains(limit))
            draft.refuse(ErrorCode::law_procedure_broken,
                         fmt::format("no step starts the clock of '{}'", limit), where);
}

/// procedures/penalty_case.toml, or penalty_case.2026-05-15.toml for a text of another date.
void check_file_name(Draft& draft) {
    std::string stem = draft.file.name.substr(draft.file.name.rfind('/') + 1);
    stem.resize(stem.size() - std::string_view(".toml").size());
    const auto dot = stem.find('.');
    const bool dated = dot != std::string::npos && parse_date(stem.substr(dot + 1)).has_value();
    if (stem.substr(0, dot) != draft.procedure.id || (dot != std::string::npos && !dated))
        draft.refuse(ErrorCode::law_value_invalid,
                     fmt::format("the file is not named after '{}'", draft.procedure.id),
                     where_of(draft.file.name, {}), "<id>.toml or <id>.YYYY-MM-DD.toml");
}

void read_head(Draft& draft, TableReader& top) {
    Procedure& procedure = draft.procedure;
    procedure.id = top.identifier("id");
    procedure.zh = top.required("zh");
    procedure.en = top.required("en");
    procedure.unit = top.identifier("unit");
    const Vocabulary* units =
        entry_of(draft.book.vocabularies, draft.book.vocabulary_index, "counting_units");
    if (units != nullptr && units->find(procedure.unit) == nullptr)
        draft.refuse(ErrorCode::law_reference_unknown, fmt::format("no counting unit '{}'", procedure.unit),
                     top.where("unit"));
    procedure.prefix = top.identifier("prefix");
    draft.in_force = {top.date("from", Date::never_before()), top.date("to", Date::never_after())};
    procedure.from = draft.in_force.from;
    procedure.to = draft.in_force.to;
    if (procedure.to < procedure.from)
        draft.refuse(ErrorCode::law_value_invalid, "'to' lies before 'from'", top.where("to"));
    read_citations(draft, top, procedure.law);
    const std::string status = top.text("status");
    if (!status.empty() && status != "verified" && status != "unverified")
        draft.refuse(ErrorCode::law_value_invalid, "'status' is verified or unverified", top.where("status"));
    procedure.verified = status != "unverified";
    procedure.note = top.text("note");
    check_roles(draft, top, "open_by", procedure.open_by);
    procedure.form = read_form(draft, top);
    procedure.clocks = read_clocks(draft, top, procedure.form);
}

}  // namespace

void load_procedure(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    Draft draft{file, book, problems, {}, {}, {}, {}, {}, {}};
    draft.procedure.file = file.name;
    TableReader top(*root, file.name, problems);
    read_head(draft, top);
    read_states(draft, top);
    for (const TomlNode* node : top.tables("step")) read_step(draft, *node);
    top.finish();
    Procedure& procedure = draft.procedure;
    for (std::size_t i = 0; i < procedure.steps.size(); ++i)
        for (const Placed& placed : draft.guard_texts[i]) {
            auto guard = parse_guard(placed, file.name, problems);
            if (!guard) continue;
            check_guard(*guard, {book, procedure, procedure.steps[i]}, draft.clock_uses, problems);
            procedure.steps[i].guards.push_back(std::move(*guard));
        }
    for (const Guard& condition : draft.clock_conditions)
        check_guard(condition, {book, procedure, {}}, draft.clock_uses, problems);
    check_file_name(draft);
    check_graph(draft);
    check_clocks(draft);
    for (auto [at, end] = book.procedure_index.equal_range(procedure.id); at != end; ++at) {
        const Procedure& other = book.procedures[at->second];
        check_overlap("procedure", procedure.id, {other.from, other.to}, draft.in_force, top.where("from"),
                      problems);
    }
    book.procedure_index.emplace(procedure.id, book.procedures.size());
    book.procedures.push_back(std::move(procedure));
}

}  // namespace qingyuan::law
