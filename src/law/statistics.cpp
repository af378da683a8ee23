#include "law/statistics.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/law.hpp"
#include "law/toml.hpp"

namespace qingyuan::law {

namespace {

template <class T>
struct Name {
    std::string_view text;
    T value;
};
constexpr std::array<Name<MemberKind>, 6> member_names{{{"fact", MemberKind::fact},
                                                        {"dossier", MemberKind::dossier},
                                                        {"operator", MemberKind::operator_id},
                                                        {"source", MemberKind::source},
                                                        {"source_fact", MemberKind::source_fact},
                                                        {"row", MemberKind::row}}};
constexpr std::array<Name<Window>, 3> window_names{
    {{"within", Window::within}, {"until_end", Window::until_end}, {"before_start", Window::before_start}}};
constexpr std::array<Name<SetOperation>, 4> set_names{{{"union", SetOperation::union_of},
                                                       {"intersect", SetOperation::intersect},
                                                       {"minus", SetOperation::minus},
                                                       {"in_dossiers", SetOperation::in_dossiers}}};
constexpr std::array<std::string_view, 5> section_kinds{"headline", "carry_over", "figures", "campaign",
                                                        "reported"};
constexpr std::array<std::string_view, 3> identity_kinds{"carry_over", "parts", "equation"};
constexpr int reference_depth_max = 16;

/// Where a statistic's parts stand, for checks that need the other files.
struct Draft {
    Statistic statistic;
    std::map<std::string, std::string, std::less<>> places;  // key → file:line:column
    [[nodiscard]] std::string at(std::string_view key) const {
        const auto found = places.find(key);
        return found == places.end() ? places.at("id") : found->second;
    }
};

struct ReportDraft {
    ReportForm report;
    std::vector<std::pair<std::string, std::string>> references;  // figure id, place
    std::vector<std::pair<std::string, std::string>> figures;     // of the sections: id, place
    std::vector<std::pair<ReportIdentity, std::string>> identities;
};

class Loader {
 public:
    explicit Loader(const Law& law) : law_(law) {}

    void read();
    void check();

    Problems problems;
    std::vector<Draft> drafts;
    std::vector<ReportDraft> reports;

 private:
    std::string word_of(TableReader& reader, std::string_view key, std::span<const std::string_view> words);
    template <class T, std::size_t N>
    T named(TableReader& reader, std::string_view key, const std::array<Name<T>, N>& names, T absent);
    void each_file(std::string_view folder,
                   const std::function<void(const TomlNode&, const std::string&)>& each);
    void citations(TableReader& reader);
    void statistic(const TomlNode& node, const std::string& file);
    void derived(TableReader& reader, Statistic& out);
    void measures(TableReader& reader, Statistic& out);
    void ratio(TableReader& reader, Statistic& out);
    void where(TableReader& reader, Statistic& out);
    void report(const TomlNode& node, const std::string& file);
    ReportSection section(const TomlNode& node, const std::string& file, ReportDraft& draft);

    void check_measure(const Draft& draft, const Measure& measure);
    void check_condition(const Draft& draft, const AttributeCondition& condition);
    void check_left_state(const Draft& draft, const AttributeCondition& condition);
    void check_references(const Draft& draft);
    void check_unit(const Draft& draft);
    void check_operator_field(const Draft& draft);
    void check_operands(const Draft& draft);
    void check_ratio(const Draft& draft);
    void check_versions();
    void check_depth(const Draft& draft, const Statistic& at, int depth);
    void check_report(const ReportDraft& draft);
    void check_identity(const ReportIdentity& identity, const std::string& place);

    [[nodiscard]] const Statistic* find(std::string_view id) const;
    [[nodiscard]] bool is_unit(std::string_view unit) const {
        const Vocabulary* units = law_.find_vocabulary("counting_units");
        return units != nullptr && units->find(unit) != nullptr;
    }
    void each_version(std::string_view procedure, const std::function<void(const Procedure&)>& each) const {
        for (const Procedure& version : law_.procedures())
            if (version.id == procedure) each(version);
    }

    const Law& law_;
};

template <class T, std::size_t N>
T Loader::named(TableReader& reader, std::string_view key, const std::array<Name<T>, N>& names, T absent) {
    const std::string text = reader.text(key);
    if (text.empty()) return absent;
    for (const auto& name : names)
        if (name.text == text) return name.value;
    std::vector<std::string> known;
    for (const auto& name : names) known.emplace_back(name.text);
    problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is no value of '{}'", text, key),
                 reader.where(key), "one of: " + join(known, " "));
    return absent;
}

std::string Loader::word_of(TableReader& reader, std::string_view key,
                            std::span<const std::string_view> words) {
    const std::string text = reader.required(key);
    if (!text.empty() && std::find(words.begin(), words.end(), text) == words.end())
        problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is no value of '{}'", text, key),
                     reader.where(key), "one of: " + join({words.begin(), words.end()}, " "));
    return text;
}

void Loader::each_file(std::string_view folder,
                       const std::function<void(const TomlNode&, const std::string&)>& each) {
    const std::filesystem::path directory = law_.directory() / folder;
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (entry.path().extension() == ".toml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
        const std::string name = fmt::format("{}/{}", folder, path.filename().string());
        std::ifstream in(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        if (!in) {
            problems.add(ErrorCode::file_unreadable, "the file cannot be read", name);
            continue;
        }
        if (auto node = parse_toml(text, name))
            each(*node, name);
        else
            problems.add(std::move(node).error());
    }
}

void Loader::read() {
    each_file("statistics", [this](const TomlNode& node, const std::string& file) { statistic(node, file); });
    each_file("reports", [this](const TomlNode& node, const std::string& file) { report(node, file); });
}

void Loader::citations(TableReader& reader) {
    for (const Placed& citation : reader.list("law")) {
        const std::string source = citation.text.substr(0, citation.text.find(' '));
        if (law_.find_source(source) == nullptr)
            problems.add(ErrorCode::law_citation_unknown, fmt::format("'{}' names no source", citation.text),
                         reader.where(citation.place));
    }
}

void Loader::statistic(const TomlNode& node, const std::string& file) {
    TableReader reader(node, file, problems);
    Draft draft;
    Statistic& out = draft.statistic;
    out.file = file;
    out.id = reader.identifier("id");
    out.zh = reader.required("zh");
    out.en = reader.required("en");
    out.unit = reader.identifier("unit");
    out.question_zh = reader.required("question_zh");
    out.question_en = reader.required("question_en");
    out.note_zh = reader.required("note_zh");
    out.note_en = reader.required("note_en");
    out.from = reader.date("from", Date::never_before());
    out.to = reader.date("to", Date::never_after());
    out.comparable = reader.boolean("comparable");
    citations(reader);
    out.law = reader.texts("law");
    constexpr std::array<Name<FigureKind>, 2> kinds{
        {{"derived", FigureKind::derived}, {"reported", FigureKind::reported}}};
    if (reader.required("kind").empty()) return;
    out.kind = named(reader, "kind", kinds, FigureKind::derived);
    if (out.kind == FigureKind::derived)
        derived(reader, out);
    else
        out.growth = reader.text("growth");
    if (out.to < out.from)
        problems.add(ErrorCode::law_value_invalid, "'to' lies before 'from'", reader.where("to"));
    for (const TomlEntry& entry : node.entries) draft.places[entry.key] = where_of(file, entry.node.place);
    draft.places.try_emplace("id", where_of(file, node.place));
    const std::string stem = std::filesystem::path(file).stem().string();
    if (!out.id.empty() && stem.substr(0, stem.find('.')) != out.id)
        problems.add(ErrorCode::law_value_invalid,
                     fmt::format("the file of '{}' is named after something else", out.id),
                     reader.where("id"));
    reader.finish();
    drafts.push_back(std::move(draft));
}

void Loader::derived(TableReader& reader, Statistic& out) {
    for (const auto& set : set_names) {
        const auto operands = reader.texts(set.text);
        if (operands.empty()) continue;
        if (out.operation != SetOperation::none)
            problems.add(ErrorCode::law_value_invalid, "one set operation is enough for one figure",
                         reader.where(set.text));
        out.operation = set.value;
        out.operands = operands;
    }
    out.by = named(reader, "by", member_names, MemberKind::fact);
    out.operator_field = reader.text("operator_field");
    if (!out.operator_field.empty() && out.by != MemberKind::operator_id)
        problems.add(ErrorCode::law_value_invalid, "'operator_field' goes with by = \"operator\"",
                     reader.where("operator_field"));
    ratio(reader, out);
    measures(reader, out);
    where(reader, out);
    out.window = named(reader, "period", window_names, Window::within);
    const std::string sum = reader.text("sum");
    const std::string median = reader.text("median");
    if (!sum.empty()) out.fold = FoldKind::sum;
    if (!median.empty()) out.fold = FoldKind::median;
    out.field = sum.empty() ? median : sum;

    const bool is_ratio = out.fold == FoldKind::ratio || !out.numerator.empty();
    const int ways = int{!out.measures.empty()} + int{out.operation != SetOperation::none} + int{is_ratio};
    if (ways != 1)
        problems.add(
            ErrorCode::law_value_invalid,
            "a derived figure counts steps, or an opening, or combines sets, or is a ratio: exactly one",
            reader.where("id"),
            "step = …, open = …, batch = …, union/intersect/minus = […] or numerator and denominator");
    if ((!sum.empty() || !median.empty()) &&
        (out.measures.empty() || out.by != MemberKind::fact || (!sum.empty() && !median.empty())))
        problems.add(ErrorCode::law_value_invalid, "a sum or a median is over one field of counted facts",
                     reader.where(sum.empty() ? "median" : "sum"));
    if (out.measures.empty() && (!out.where.empty() || reader.find("period") != nullptr))
        problems.add(ErrorCode::law_value_invalid,
                     "'where' and 'period' belong to the sets that are combined", reader.where("id"));
}

void Loader::ratio(TableReader& reader, Statistic& out) {
    out.numerator = reader.text("numerator");
    out.denominator = reader.text("denominator");
    if (out.numerator.empty() != out.denominator.empty())
        problems.add(ErrorCode::law_key_missing, "a ratio shows numerator and denominator",
                     reader.where("id"));
    if (!out.numerator.empty()) out.fold = FoldKind::ratio;
}

void Loader::measures(TableReader& reader, Statistic& out) {
    std::vector<Placed> steps;
    if (const TomlNode* node = reader.find("step"); node != nullptr && node->kind == TomlKind::text)
        steps = {{node->text, node->place}};
    else if (node != nullptr)
        steps = reader.list("step");
    for (const Placed& step : steps) {
        const auto dot = step.text.find('.');
        if (dot == std::string::npos) {
            problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is not procedure.step", step.text),
                         reader.where(step.place));
            continue;
        }
        out.measures.push_back({step.text.substr(0, dot), step.text.substr(dot + 1), {}});
    }
    if (const std::string open = reader.text("open"); !open.empty()) out.measures.push_back({open, {}, {}});
    if (const std::string batch = reader.text("batch"); !batch.empty()) {
        out.measures.push_back({{}, {}, batch});
        if (out.by != MemberKind::fact && out.by != MemberKind::row)
            problems.add(ErrorCode::law_value_invalid, "the members of batches are rows", reader.where("by"));
        if (out.measures.size() > 1)
            problems.add(ErrorCode::law_value_invalid, "rows of batches are counted by themselves",
                         reader.where("batch"));
        out.by = MemberKind::row;
    } else if (out.by == MemberKind::row) {
        problems.add(ErrorCode::law_value_invalid, "only batches have rows", reader.where("by"));
    }
}

void Loader::where(TableReader& reader, Statistic& out) {
    const TomlNode* node = reader.find("where");
    if (node == nullptr) return;
    if (node->kind != TomlKind::table) {
        problems.add(ErrorCode::law_value_invalid, "'where' is a table of attributes", reader.where("where"));
        return;
    }
    const auto word = [&](const TomlNode& item, AttributeCondition& condition) {
        if (item.kind == TomlKind::text)
            condition.values.push_back(item.text);
        else if (item.kind == TomlKind::boolean)
            condition.values.emplace_back(item.boolean ? "true" : "false");
        else if (item.kind == TomlKind::whole)
            condition.values.push_back(std::to_string(item.whole));
        else
            problems.add(ErrorCode::law_value_invalid,
                         "a condition gives a word, a number, true or false, or a list of them",
                         reader.where(item.place));
    };
    for (const TomlEntry& entry : node->entries) {
        AttributeCondition condition{entry.key, {}};
        if (entry.node.kind == TomlKind::array)
            for (const TomlNode& item : entry.node.items) word(item, condition);
        else
            word(entry.node, condition);
        out.where.push_back(std::move(condition));
    }
}

void Loader::report(const TomlNode& node, const std::string& file) {
    TableReader reader(node, file, problems);
    ReportDraft draft;
    ReportForm& out = draft.report;
    out.file = file;
    out.id = reader.identifier("id");
    out.zh = reader.required("zh");
    out.en = reader.required("en");
    out.note_zh = reader.text("note_zh");
    out.note_en = reader.text("note_en");
    citations(reader);
    out.law = reader.texts("law");
    for (const TomlNode* item : reader.tables("section")) out.sections.push_back(section(*item, file, draft));
    for (const TomlNode* item : reader.tables("identity")) {
        TableReader each(*item, file, problems);
        ReportIdentity identity;
        identity.id = each.identifier("id");
        identity.kind = word_of(each, "kind", identity_kinds);
        identity.zh = each.required("zh");
        identity.en = each.required("en");
        identity.equal = each.required("equal");
        identity.plus = each.texts("plus");
        identity.minus = each.texts("minus");
        identity.of_which = each.text("of_which");
        identity.per_unit = each.boolean("per_unit");
        draft.references.emplace_back(identity.of_which, each.where("of_which"));
        draft.references.emplace_back(identity.equal, each.where("equal"));
        for (const std::string_view key : {"plus", "minus"})
            for (const Placed& id : each.list(key))
                draft.references.emplace_back(id.text, each.where(id.place));
        draft.identities.emplace_back(identity, each.where("equal"));
        out.identities.push_back(std::move(identity));
        each.finish();
    }
    for (const TomlNode* item : reader.tables("overlap")) {
        TableReader each(*item, file, problems);
        out.overlaps.push_back({each.identifier("id"), each.required("zh"), each.required("en"),
                                each.required("a"), each.required("b"), each.required("both")});
        for (const std::string_view key : {"a", "b", "both"})
            draft.references.emplace_back(each.text(key), each.where(key));
        each.finish();
    }
    if (out.sections.empty())
        problems.add(ErrorCode::law_key_missing, "a report has at least one [[section]]", reader.where());
    reader.finish();
    reports.push_back(std::move(draft));
}

ReportSection Loader::section(const TomlNode& node, const std::string& file, ReportDraft& draft) {
    TableReader reader(node, file, problems);
    ReportSection out;
    out.id = reader.identifier("id");
    out.kind = word_of(reader, "kind", section_kinds);
    out.zh = reader.required("zh");
    out.en = reader.required("en");
    out.note_zh = reader.text("note_zh");
    out.note_en = reader.text("note_en");
    out.by_unit = reader.boolean("by_unit");
    out.year_on_year = reader.boolean("year_on_year");
    for (const Placed& figure : reader.list("figures")) {
        out.figures.push_back({figure.text, {}, {}});
        draft.references.emplace_back(figure.text, reader.where(figure.place));
        draft.figures.push_back(draft.references.back());
    }
    for (const TomlNode* item : reader.tables("reported")) {
        TableReader each(*item, file, problems);
        out.figures.push_back(
            {each.required("figure"), each.required("organisation"), each.required("period")});
        draft.references.emplace_back(out.figures.back().figure, each.where("figure"));
        draft.figures.push_back(draft.references.back());
        const Statistic* statistic = find(out.figures.back().figure);
        if (statistic != nullptr && statistic->kind != FigureKind::reported)
            problems.add(ErrorCode::law_value_invalid, "the figure is derived: list it under 'figures'",
                         each.where("figure"));
        each.finish();
    }
    if (out.figures.empty())
        problems.add(ErrorCode::law_key_missing, "a section without figures", reader.where());
    reader.finish();
    return out;
}

// --- checks across files

const Statistic* Loader::find(std::string_view id) const {
    for (const Draft& draft : drafts)
        if (draft.statistic.id == id) return &draft.statistic;
    return nullptr;
}

void Loader::check() {
    for (const Draft& draft : drafts) {
        for (const Measure& measure : draft.statistic.measures) check_measure(draft, measure);
        for (const AttributeCondition& condition : draft.statistic.where) check_condition(draft, condition);
        check_references(draft);
        check_unit(draft);
        check_operator_field(draft);
        if (draft.statistic.fold == FoldKind::ratio) check_ratio(draft);
        check_depth(draft, draft.statistic, 0);
    }
    check_versions();
    for (const ReportDraft& draft : reports) check_report(draft);
}

void Loader::check_measure(const Draft& draft, const Measure& measure) {
    if (!measure.batch.empty()) return;
    const std::string place = draft.at(measure.step.empty() ? "open" : "step");
    bool is_procedure = false;
    bool is_step = false;
    // Days in the state that a step left are no field of its form.
    bool has_field = draft.statistic.field.empty() || draft.statistic.field == "days_in_state";
    each_version(measure.procedure, [&](const Procedure& version) {
        is_procedure = true;
        const Step* step = version.find_step(measure.step);
        is_step = is_step || measure.step.empty() || step != nullptr;
        for (const Field& field : step == nullptr ? version.form : step->form)
            has_field = has_field || (field.id == draft.statistic.field &&
                                      (field.type == FieldType::whole || field.type == FieldType::money));
    });
    if (!is_procedure)
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("there is no procedure '{}'", measure.procedure), place);
    else if (!is_step)
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("procedure '{}' has no step '{}'", measure.procedure, measure.step), place);
    else if (!has_field)
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("'{}' is no whole or money field of {}.{}", draft.statistic.field,
                                 measure.procedure, measure.step),
                     draft.at(draft.statistic.fold == FoldKind::sum ? "sum" : "median"));
}

/// The state a step left: one of the procedure's.
void Loader::check_left_state(const Draft& draft, const AttributeCondition& condition) {
    for (const std::string& value : condition.values) {
        bool is_state = false;
        for (const Measure& measure : draft.statistic.measures)
            each_version(measure.procedure, [&](const Procedure& version) {
                is_state = is_state || version.find_state(value) != nullptr;
            });
        if (!is_state)
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("'{}' is no state of the procedure", value), draft.at("where"));
    }
}

void Loader::check_condition(const Draft& draft, const AttributeCondition& condition) {
    bool is_known = condition.attribute == "category" || condition.attribute == "campaign";
    if (condition.attribute == "left_state") return check_left_state(draft, condition);
    const Vocabulary* vocabulary = nullptr;
    const auto look = [&](const Field& field) {
        if (field.id != condition.attribute) return;
        is_known = true;
        if (!field.vocabulary.empty()) vocabulary = law_.find_vocabulary(field.vocabulary);
    };
    for (const Measure& measure : draft.statistic.measures)
        each_version(measure.procedure, [&](const Procedure& version) {
            for (const Field& field : version.form) look(field);
            for (const Step& step : version.steps)
                for (const Field& field : step.form) look(field);
        });
    if (!is_known)
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("no form of the procedure has a field '{}'", condition.attribute),
                     draft.at("where"));
    for (const std::string& value : condition.values)
        if (vocabulary != nullptr && vocabulary->find(value) == nullptr)
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("'{}' is no word of {}", value, vocabulary->id), draft.at("where"));
}

void Loader::check_references(const Draft& draft) {
    const Statistic& statistic = draft.statistic;
    const auto look = [&](const std::string& id, std::string_view key, bool set_needed) {
        const Statistic* other = find(id);
        if (other == nullptr)
            problems.add(ErrorCode::law_reference_unknown, fmt::format("there is no figure '{}'", id),
                         draft.at(key));
        else if (other->kind == FigureKind::reported)
            problems.add(
                ErrorCode::unit_mismatch,
                fmt::format("'{}' is reported; a reported figure is never combined with a derived one", id),
                draft.at(key));
        else if (set_needed && !other->is_set())
            problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is a ratio, not a set", id),
                         draft.at(key));
    };
    for (const auto& set : set_names)
        if (set.value == statistic.operation)
            for (const std::string& id : statistic.operands) look(id, set.text, true);
    if (!statistic.numerator.empty()) look(statistic.numerator, "numerator", true);
    if (!statistic.denominator.empty()) look(statistic.denominator, "denominator", true);
    if (!statistic.growth.empty()) {
        const Statistic* growth = find(statistic.growth);
        if (growth == nullptr || growth->kind != FigureKind::reported || growth->unit != "share")
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("'{}' is no reported share", statistic.growth), draft.at("growth"));
    }
}

void Loader::check_unit(const Draft& draft) {
    const Statistic& statistic = draft.statistic;
    if (statistic.unit.empty() || statistic.fold == FoldKind::ratio || statistic.unit == "share") {
        if (statistic.unit == "share" && statistic.is_set())
            problems.add(ErrorCode::unit_mismatch, "a share is a ratio of two figures", draft.at("unit"));
        return;
    }
    if (!is_unit(statistic.unit))
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("'{}' is no counting unit", statistic.unit), draft.at("unit"));
    if (statistic.kind == FigureKind::reported) return;
    if ((statistic.by == MemberKind::operator_id) != (statistic.unit == "entity") &&
        statistic.operation == SetOperation::none)
        problems.add(ErrorCode::unit_mismatch,
                     "distinct operators are counted in 'entity', and only they are", draft.at("unit"));
    for (const Measure& measure : statistic.measures) {
        if (!measure.step.empty() || statistic.by != MemberKind::fact || statistic.fold != FoldKind::count)
            continue;
        each_version(measure.procedure, [&](const Procedure& version) {
            if (version.unit != statistic.unit)
                problems.add(ErrorCode::unit_mismatch,
                             fmt::format("a dossier of {} is one {}, not one {}", version.id, version.unit,
                                         statistic.unit),
                             draft.at("unit"));
        });
    }
    check_operands(draft);
}

void Loader::check_operator_field(const Draft& draft) {
    const Statistic& statistic = draft.statistic;
    if (statistic.operator_field.empty()) return;
    const Statistic* first = statistic.operands.empty() ? &statistic : find(statistic.operands.front());
    bool is_known = false;
    const auto look = [&](const Field& field) {
        is_known = is_known || (field.id == statistic.operator_field && field.type == FieldType::operator_id);
    };
    for (const Measure& measure : first == nullptr ? std::vector<Measure>{} : first->measures)
        each_version(measure.procedure, [&](const Procedure& version) {
            const Step* step = version.find_step(measure.step);
            for (const Field& field : step == nullptr ? version.form : step->form) look(field);
        });
    if (!is_known)
        problems.add(ErrorCode::law_reference_unknown,
                     fmt::format("no counted step has an operator field '{}'", statistic.operator_field),
                     draft.at("operator_field"));
}

void Loader::check_operands(const Draft& draft) {
    const Statistic& statistic = draft.statistic;
    const Statistic* first = statistic.operands.empty() ? nullptr : find(statistic.operands.front());
    if (first == nullptr) return;
    const bool is_join = statistic.operation == SetOperation::in_dossiers;
    for (std::size_t i = 1; i < statistic.operands.size(); ++i) {
        const Statistic* other = find(statistic.operands[i]);
        if (other == nullptr) continue;
        const bool fits = is_join
                              ? other->by != MemberKind::operator_id && other->by != MemberKind::source_fact
                              : other->unit == first->unit && other->by == first->by;
        if (!fits)
            problems.add(
                ErrorCode::unit_mismatch,
                fmt::format("'{}' counts {}, '{}' counts {}", first->id, first->unit, other->id, other->unit),
                draft.at("unit"),
                is_join ? "the second set must hold dossiers" : "bring both to one unit by 'by' first");
    }
    if (is_join && (statistic.operands.size() != 2 || first->by != MemberKind::fact))
        problems.add(ErrorCode::law_value_invalid, "'in_dossiers' takes a set of facts and a set of dossiers",
                     draft.at("in_dossiers"));
    if (statistic.by == first->by && statistic.unit != first->unit)
        problems.add(ErrorCode::unit_mismatch,
                     fmt::format("the members are {}, not {}", first->unit, statistic.unit),
                     draft.at("unit"));
    if (statistic.by != first->by &&
        (first->by == MemberKind::operator_id || statistic.by == MemberKind::fact))
        problems.add(ErrorCode::law_value_invalid, "'by' must say what the members of the combined sets are",
                     draft.at("by"));
    if ((statistic.by == MemberKind::operator_id) != (statistic.unit == "entity"))
        problems.add(ErrorCode::unit_mismatch,
                     "distinct operators are counted in 'entity', and only they are", draft.at("unit"));
}

void Loader::check_ratio(const Draft& draft) {
    const Statistic* numerator = find(draft.statistic.numerator);
    const Statistic* denominator = find(draft.statistic.denominator);
    if (numerator == nullptr || denominator == nullptr) return;
    const std::string due = numerator->unit == denominator->unit
                                ? "share"
                                : fmt::format("{}_per_{}", numerator->unit, denominator->unit);
    if (draft.statistic.unit != due)
        problems.add(ErrorCode::unit_mismatch,
                     fmt::format("{} by {} is '{}', not '{}'", numerator->unit, denominator->unit, due,
                                 draft.statistic.unit),
                     draft.at("unit"), fmt::format("unit = \"{}\"", due));
}

void Loader::check_depth(const Draft& draft, const Statistic& at, int depth) {
    if (depth > reference_depth_max) {
        problems.add(ErrorCode::law_value_invalid, "the figure is defined by itself", draft.at("id"));
        return;
    }
    std::vector<std::string> next = at.operands;
    if (!at.numerator.empty()) next.insert(next.end(), {at.numerator, at.denominator});
    for (const std::string& id : next) {
        const std::size_t before = problems.errors().size();
        if (const Statistic* other = find(id)) check_depth(draft, *other, depth + 1);
        if (problems.errors().size() > before) return;
    }
}

void Loader::check_versions() {
    for (std::size_t i = 0; i < drafts.size(); ++i)
        for (std::size_t j = i + 1; j < drafts.size(); ++j) {
            const Statistic& a = drafts[i].statistic;
            const Statistic& b = drafts[j].statistic;
            if (a.id != b.id) continue;
            if (a.from <= b.to && b.from <= a.to)
                problems.add(a.from == b.from ? ErrorCode::law_duplicate : ErrorCode::law_dates_overlap,
                             fmt::format("'{}' is also defined in {} for some of these days", b.id, a.file),
                             drafts[j].at("id"));
            if (a.unit != b.unit || a.kind != b.kind || a.by != b.by)
                problems.add(ErrorCode::unit_mismatch,
                             fmt::format("'{}' keeps its unit and kind through all its files", b.id),
                             drafts[j].at("unit"));
        }
}

void Loader::check_report(const ReportDraft& draft) {
    for (const auto& [id, place] : draft.references)
        if (!id.empty() && find(id) == nullptr)
            problems.add(ErrorCode::law_reference_unknown, fmt::format("there is no figure '{}'", id), place);
    std::set<std::string> shown;
    for (const auto& [id, place] : draft.figures)
        if (!shown.insert(id).second)
            problems.add(ErrorCode::law_duplicate, fmt::format("the report lists '{}' twice", id), place);
    for (const auto& [identity, place] : draft.identities) check_identity(identity, place);
    for (const ReportDraft& other : reports) {
        if (&other == &draft) break;
        if (other.report.id == draft.report.id)
            problems.add(ErrorCode::law_duplicate,
                         fmt::format("report '{}' is also in {}", draft.report.id, other.report.file),
                         draft.report.file + ":1:1");
    }
}

void Loader::check_identity(const ReportIdentity& identity, const std::string& place) {
    const Statistic* total = find(identity.equal);
    if (total == nullptr) return;
    std::vector<std::string> parts = identity.plus;
    parts.insert(parts.end(), identity.minus.begin(), identity.minus.end());
    if (identity.plus.empty())
        problems.add(ErrorCode::law_key_missing, "an identity adds at least one figure", place);
    for (const std::string& id : parts) {
        const Statistic* part = find(id);
        if (part == nullptr) continue;
        if (part->unit != total->unit)
            problems.add(
                ErrorCode::unit_mismatch,
                fmt::format("'{}' counts {}, '{}' counts {}", total->id, total->unit, id, part->unit), place);
        else if (part->kind != total->kind)
            problems.add(ErrorCode::unit_mismatch,
                         fmt::format("'{}' is reported: it is never added to a derived figure", id), place);
    }
}

}  // namespace

Result<Statistics> Statistics::load(const Law& law, std::vector<Error>* all_problems) {
    Loader loader(law);
    loader.read();
    if (loader.problems.empty()) loader.check();
    if (!loader.problems.empty()) {
        if (all_problems != nullptr) *all_problems = loader.problems.errors();
        return loader.problems.errors().front();
    }
    std::vector<Statistic> statistics;
    std::vector<ReportForm> reports;
    std::set<Measure> repeatable;
    for (Draft& draft : loader.drafts) statistics.push_back(std::move(draft.statistic));
    for (ReportDraft& draft : loader.reports) reports.push_back(std::move(draft.report));
    for (const Procedure& procedure : law.procedures())
        for (const Step& step : procedure.steps)
            if (step.to.empty()) repeatable.insert({procedure.id, step.id, {}});
    return of(std::move(statistics), std::move(reports), std::move(repeatable));
}

Statistics Statistics::of(std::vector<Statistic> statistics, std::vector<ReportForm> reports,
                          std::set<Measure> repeatable) {
    Statistics out;
    std::stable_sort(statistics.begin(), statistics.end(),
                     [](const Statistic& a, const Statistic& b) { return a.from < b.from; });
    out.statistics_ = std::move(statistics);
    out.reports_ = std::move(reports);
    out.repeatable_ = std::move(repeatable);
    for (std::size_t i = 0; i < out.statistics_.size(); ++i) out.by_id_[out.statistics_[i].id].push_back(i);
    return out;
}

const Statistic* Statistics::find(std::string_view id, Date on) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    for (const std::size_t i : found->second)
        if (statistics_[i].from <= on && on <= statistics_[i].to) return &statistics_[i];
    return nullptr;
}

Result<const Statistic*> Statistics::figure(std::string_view id, Date on) const {
    if (const Statistic* found = find(id, on)) return found;
    if (by_id_.contains(id))
        return Error{ErrorCode::law_not_in_force,
                     fmt::format("the figure '{}' is not defined for {}", id, on.text()), std::string(id)};
    return Error{ErrorCode::figure_unknown,
                 fmt::format("there is no figure '{}'", id),
                 std::string(id),
                 {},
                 "qingyuan report list"};
}

Result<const ReportForm*> Statistics::report(std::string_view id) const {
    for (const ReportForm& report : reports_)
        if (report.id == id) return &report;
    return Error{ErrorCode::report_unknown,
                 fmt::format("there is no report '{}'", id),
                 std::string(id),
                 {},
                 "qingyuan report list"};
}

namespace {
template <class Display>
std::string unit_text(const Law& law, std::string_view unit, Display display) {
    const auto per = unit.find("_per_");
    if (per != std::string_view::npos)
        return unit_text(law, unit.substr(0, per), display) + "/" +
               unit_text(law, unit.substr(per + 5), display);
    const Vocabulary* units = law.find_vocabulary("counting_units");
    const Word* word = units == nullptr ? nullptr : units->find(unit);
    return word == nullptr ? std::string(unit) : display(*word);
}
}  // namespace

std::string unit_zh(const Law& law, std::string_view unit) {
    if (unit == "share") return "%";
    return unit_text(law, unit, [](const Word& word) { return word.zh; });
}

std::string unit_en(const Law& law, std::string_view unit) {
    if (unit == "share") return "%";
    return unit_text(law, unit, [](const Word& word) { return word.en; });
}

}  // namespace qingyuan::law
