// Loads and checks the custody rules.

#include "law/rules.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "law/csv_table.hpp"
#include "law/rule_examples.hpp"

namespace qingyuan::law {

namespace {

constexpr int number_max = 14;  // the numbered rules are 1 … 14

constexpr std::string_view unit_texts[] = {"event", "code", "document", "person", "operator", "listing"};
constexpr std::string_view silent_texts[] = {"none", "actor", "counterparty", "holder", "seller"};
constexpr std::string_view route_texts[] = {"regulator", "none"};

constexpr RuleParameter parameter_table[] = {
    {"age_days", RuleParameterKind::whole, "days that must have passed before silence means something"},
    {"grace_percent", RuleParameterKind::percent,
     "percent of the silent firm's own lags that must have passed; absent: the parameter "
     "trace_grace_percent"},
    {"first_event", RuleParameterKind::flag,
     "an event with none before it counts as one whose previous event does not fit"},
    {"skew_minutes", RuleParameterKind::whole,
     "difference of two clocks up to which a wrong order is no crime"},
    {"window_days", RuleParameterKind::whole, "days, the first included, over which is counted"},
    {"firms_min", RuleParameterKind::whole, "number of different firms from which it is told"},
    {"sales_max", RuleParameterKind::whole, "sales one prescription may cover"},
    {"overlap_minutes", RuleParameterKind::whole, "overlap of two duties up to which nothing is told"},
    {"tolerance_minutes", RuleParameterKind::whole, "minutes within which two records are one act"},
    {"tolerance_packs", RuleParameterKind::whole, "packs by which a count may exceed the balance"},
    {"negative_packs", RuleParameterKind::whole, "packs by which more may have left than entered"},
    {"packs_min", RuleParameterKind::whole, "packs from which a volume is compared with others at all"},
    {"peers_min", RuleParameterKind::whole, "other firms of the kind that there must be to compare with"},
    {"peer_percent", RuleParameterKind::percent,
     "percent of the others whose volume stays below the measure"},
    {"peer_factor", RuleParameterKind::whole, "multiple of that measure from which it is told"},
    {"city_minutes", RuleParameterKind::whole, "least minutes between places in different cities"},
    {"province_minutes", RuleParameterKind::whole, "least minutes between places in different provinces"},
    {"reporting_only", RuleParameterKind::flag,
     "judged only for firms that upload the item at all; the others are asked for it first"},
    {"classes", RuleParameterKind::words, "classes of products it is about"},
};

constexpr RulePlaceholder placeholder_table[] = {
    {"actor", "name of the operator the finding is about"},
    {"batch", "batch number on the event"},
    {"code", "the code of the pack"},
    {"counted", "what was counted"},
    {"counterparty", "name of the other side"},
    {"days", "whole days between the two acts, or waited"},
    {"document", "number of the document"},
    {"earlier_actor", "operator of the earlier act"},
    {"earlier_time", "time of the earlier act"},
    {"expires", "last day of the batch's life"},
    {"firms", "names or number of the firms concerned"},
    {"goods", "name of the product, or that it is all of them"},
    {"headquarters", "the chain's headquarters"},
    {"holder", "marketing authorisation holder of the product"},
    {"measure", "what a volume is measured against"},
    {"minutes", "whole minutes between the two acts"},
    {"origin_batch", "batch number at the production"},
    {"party", "the side, of two, that the finding is about"},
    {"person", "who acted, by the id of the subject, never by name"},
    {"platform", "online platform"},
    {"prescription", "number of the prescription"},
    {"product", "name of the product"},
    {"quantity", "what the documents or the balance say"},
    {"recalled", "time of the recall"},
    {"time", "time of the act the finding is about"},
    {"title", "title of the listing"},
};

/// The place of a word in a closed list; a problem where it is none of them.
template <std::size_t N>
std::size_t word_at(const std::string_view (&texts)[N], std::string_view word, std::string_view key,
                    const std::string& where, Problems& problems) {
    const auto found = std::ranges::find(texts, word);
    if (found != std::end(texts)) return static_cast<std::size_t>(found - std::begin(texts));
    problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' is no {}", word, key), where,
                 fmt::format("{}", fmt::join(texts, " ")));
    return 0;
}

/// One file while it is read.
struct Draft {
    const Book& book;
    Problems& problems;
    Rule rule;

    void check_word(std::string_view vocabulary, const std::string& word, const std::string& where) {
        const Vocabulary* found = entry_of(book.vocabularies, book.vocabulary_index, vocabulary);
        if (found == nullptr || found->find(word) == nullptr)
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("no word '{}' of {}", word, vocabulary), where);
    }
};

void read_dates(Draft& draft, TableReader& top) {
    InForce& dates = draft.rule.in_force;
    dates = {top.date("from", Date::never_before()), top.date("to", Date::never_after())};
    if (dates.from == Date::never_before())
        draft.problems.add(ErrorCode::law_key_missing, "'from' is missing", top.where("from"));
    if (dates.to < dates.from)
        draft.problems.add(ErrorCode::law_value_invalid, "'to' lies before 'from'", top.where("to"));
}

/// "rules/second_sale.toml" or, for a later text, "rules/second_sale.2027-01-01.toml".
void check_file_name(Draft& draft, TableReader& top) {
    std::string_view name = top.file();
    name.remove_prefix(name.rfind('/') + 1);
    const std::string_view dated = name.substr(0, name.rfind('.'));
    const std::string_view id = dated.substr(0, dated.find('.'));
    const bool plain = id == dated;
    if (id != draft.rule.id)
        draft.problems.add(ErrorCode::law_value_invalid,
                           fmt::format("the id '{}' is not the name of the file", draft.rule.id),
                           top.where("id"));
    else if (!plain && dated.substr(id.size() + 1) != draft.rule.in_force.from.text())
        draft.problems.add(ErrorCode::law_value_invalid, "the day in the file's name is not 'from'",
                           top.where("from"));
}

void read_number(Draft& draft, TableReader& top) {
    if (top.find("number") == nullptr) return;
    const std::int64_t number = top.whole("number");
    if (number < 1 || number > number_max)
        draft.problems.add(ErrorCode::law_value_invalid, fmt::format("a number is 1 … {}", number_max),
                           top.where("number"));
    else
        draft.rule.number = static_cast<int>(number);
}

void read_head(Draft& draft, TableReader& top) {
    Rule& rule = draft.rule;
    rule.id = top.identifier("id");
    read_dates(draft, top);
    check_file_name(draft, top);
    read_number(draft, top);
    rule.zh = top.required("zh");
    rule.en = top.required("en");
    rule.finds_zh = top.required("finds_zh");
    rule.finds_en = top.required("finds_en");
    rule.unit = static_cast<FindingUnit>(
        word_at(unit_texts, top.required("unit"), "unit", top.where("unit"), draft.problems));
    rule.severity = top.required("severity");
    draft.check_word("finding_severity", rule.severity, top.where("severity"));
    for (const Placed& citation : top.list("law")) {
        check_citation(draft.book, citation.text, rule.in_force, top.where(citation.place), draft.problems);
        rule.law.push_back(citation.text);
    }
    if (rule.law.empty())
        draft.problems.add(ErrorCode::law_key_missing, "'law' names at least one article", top.where("law"));
    rule.violation = top.text("violation");
    if (!rule.violation.empty() && !draft.book.violation_index.contains(rule.violation))
        draft.problems.add(ErrorCode::law_reference_unknown,
                           fmt::format("no kind of violation '{}'", rule.violation), top.where("violation"));
    rule.status = parse_status(top.text("status"), top.where("status"), draft.problems);
    rule.note = top.text("note");
}

/// Whether it waits, for whom, and where it goes.
void read_life(Draft& draft, TableReader& top) {
    Rule& rule = draft.rule;
    rule.absence = top.boolean("absence");
    if (top.find("silent") != nullptr)
        rule.silent = static_cast<Silent>(
            word_at(silent_texts, top.text("silent"), "silent", top.where("silent"), draft.problems));
    if (rule.absence != (rule.silent != Silent::none))
        draft.problems.add(ErrorCode::law_value_invalid,
                           "a finding that rests on an absence, and only such a one, says who is silent",
                           top.where("silent"));
    rule.route = static_cast<RuleRoute>(
        word_at(route_texts, top.required("route"), "route", top.where("route"), draft.problems));
    for (const Placed& partner : top.list("partners")) {
        draft.check_word("agencies", partner.text, top.where(partner.place));
        rule.partners.push_back(partner.text);
    }
}

void read_parameter(Draft& draft, TableReader& reader, const RuleParameter& known) {
    const std::string name(known.name);
    if (reader.find(known.name) == nullptr) return;
    const auto refuse = [&](std::string_view why) {
        draft.problems.add(ErrorCode::law_value_invalid, fmt::format("'{}' {}", name, why),
                           reader.where(known.name));
    };
    if (known.kind == RuleParameterKind::flag) {
        draft.rule.flags[name] = reader.boolean(known.name);
    } else if (known.kind == RuleParameterKind::words) {
        draft.rule.words[name] = reader.texts(known.name);
        if (draft.rule.words[name].empty()) refuse("lists nothing");
    } else {
        const Rational value = reader.decimal(known.name);
        const bool percent = known.kind == RuleParameterKind::percent;
        if (value < Rational(0) || (percent && value > Rational(100)) || (!percent && !value.is_whole()))
            refuse(percent ? "lies between 0 and 100" : "is a whole number, 0 or more");
        draft.rule.numbers[name] = value;
    }
}

void read_parameters(Draft& draft, TableReader& top) {
    const TomlNode* node = top.find("parameters");
    if (node == nullptr) return;
    if (node->kind != TomlKind::table)
        return draft.problems.add(ErrorCode::law_value_invalid, "'parameters' must be a table",
                                  top.where("parameters"));
    TableReader reader(*node, top.file(), draft.problems);
    for (const RuleParameter& known : parameter_table) read_parameter(draft, reader, known);
    reader.finish();
}

/// The names in braces, sorted; a brace that is not closed, or a name that is none, is a problem.
std::vector<std::string> placeholders_of(std::string_view text, const std::string& where,
                                         Problems& problems) {
    std::vector<std::string> out;
    for (std::size_t at = text.find_first_of("{}"); at != std::string_view::npos;
         at = text.find_first_of("{}", at + 1)) {
        const std::size_t close = text[at] == '{' ? text.find_first_of("{}", at + 1) : std::string_view::npos;
        if (close == std::string_view::npos || text[close] != '}') {
            problems.add(ErrorCode::law_value_invalid, "a brace without its other", where);
            break;
        }
        const std::string_view name = text.substr(at + 1, close - at - 1);
        if (std::ranges::none_of(placeholder_table, [&](const auto& one) { return one.name == name; }))
            problems.add(ErrorCode::law_reference_unknown, fmt::format("no placeholder '{{{}}}'", name),
                         where);
        out.emplace_back(name);
        at = close;
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

void read_texts(Draft& draft, TableReader& top) {
    Rule& rule = draft.rule;
    rule.explain_zh = top.required("explain_zh");
    rule.explain_en = top.required("explain_en");
    rule.next_zh = top.required("next_zh");
    rule.next_en = top.required("next_en");
    rule.placeholders = placeholders_of(rule.explain_zh, top.where("explain_zh"), draft.problems);
    const auto english = placeholders_of(rule.explain_en, top.where("explain_en"), draft.problems);
    if (rule.placeholders != english)
        draft.problems.add(
            ErrorCode::law_value_invalid, "the two explanations name different things",
            top.where("explain_en"),
            fmt::format("zh: {}; en: {}", fmt::join(rule.placeholders, " "), fmt::join(english, " ")));
    if (rule.placeholders.empty() && !rule.explain_zh.empty())
        draft.problems.add(ErrorCode::law_value_invalid, "the explanation names no evidence",
                           top.where("explain_zh"));
}

void read_examples(Draft& draft, TableReader& top) {
    Rule& rule = draft.rule;
    const auto first = [&] { return rule.examples.empty() ? nullptr : &rule.examples.front(); };
    const auto examples = top.tables("example");
    rule.examples.reserve(examples.size());  // `first` points into it
    for (const TomlNode* node : examples)
        rule.examples.push_back(
            read_rule_example(*node, ExampleKind::example, first(), top.file(), draft.problems));
    for (const TomlNode* node : top.tables("quiet"))
        rule.quiet.push_back(
            read_rule_example(*node, ExampleKind::quiet, first(), top.file(), draft.problems));
    if (rule.examples.empty() || rule.quiet.empty())
        draft.problems.add(ErrorCode::law_key_missing,
                           "a rule has an [[example]] that gives it and a [[quiet]] that does not",
                           top.where("example"));
}

/// Two rules of one number, or two numbers of one rule.
void check_number(const Book& book, const Rule& rule, const std::string& where, Problems& problems) {
    for (const Rule& other : book.rules) {
        if (other.id == rule.id && other.number != rule.number)
            problems.add(ErrorCode::law_value_invalid,
                         fmt::format("rule '{}' has another number in its other text", rule.id), where);
        if (other.id != rule.id && rule.number != 0 && other.number == rule.number)
            problems.add(ErrorCode::law_duplicate,
                         fmt::format("number {} is that of '{}'", rule.number, other.id), where);
    }
}

/// What an example expects names rules and keys that exist.
void check_expected(const Book& book, const Rule& rule, const RuleExample& example, Problems& problems) {
    bool own = false;
    for (const std::string& text : example.findings) {
        const ExpectedFinding expected = parse_expected(text);
        const Rule* found = entry_of(book.rules, book.rule_index, expected.rule);
        own = own || expected.rule == rule.id;
        if (found == nullptr)
            problems.add(ErrorCode::law_reference_unknown, fmt::format("no rule '{}'", expected.rule),
                         example.where);
        else if (!is_key_of(example, found->unit, expected.key))
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("'{}' is no {} of the example", expected.key, text_of(found->unit)),
                         example.where);
    }
    if (!own)
        problems.add(ErrorCode::law_value_invalid, "an example expects no finding of its rule",
                     example.where);
}

}  // namespace

void load_rule(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    Draft draft{book, problems, {}};
    read_head(draft, top);
    read_life(draft, top);
    read_parameters(draft, top);
    read_texts(draft, top);
    read_examples(draft, top);
    top.finish();
    Rule& rule = draft.rule;
    rule.version = fmt::format("{}.{}", rule.in_force.from.text(), hex(sm3(file.text)).substr(0, 8));
    check_number(book, rule, top.where("number"), problems);
    for (auto [at, end] = book.rule_index.equal_range(rule.id); at != end; ++at)
        check_overlap("rule", rule.id, book.rules[at->second].in_force, rule.in_force, top.where("id"),
                      problems);
    book.rule_index.emplace(rule.id, book.rules.size());
    book.rules.push_back(std::move(rule));
}

void check_rules(const Book& book, Problems& problems) {
    for (const Rule& rule : book.rules)
        for (const RuleExample& example : rule.examples) check_expected(book, rule, example, problems);
}

std::string_view text_of(FindingUnit unit) {
    return unit_texts[static_cast<std::size_t>(unit)];
}
std::string_view text_of(Silent silent) {
    return silent_texts[static_cast<std::size_t>(silent)];
}
std::string_view text_of(RuleRoute route) {
    return route_texts[static_cast<std::size_t>(route)];
}

std::optional<Rational> Rule::number_of(std::string_view parameter) const {
    const auto found = numbers.find(parameter);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
}
bool Rule::flag_of(std::string_view parameter) const {
    const auto found = flags.find(parameter);
    return found != flags.end() && found->second;
}
const std::vector<std::string>& Rule::words_of(std::string_view parameter) const {
    static const std::vector<std::string> none;
    const auto found = words.find(parameter);
    return found == words.end() ? none : found->second;
}

std::span<const RuleParameter> rule_parameters() {
    return parameter_table;
}
std::span<const RulePlaceholder> rule_placeholders() {
    return placeholder_table;
}

std::string explained(std::string_view text,
                      const std::function<std::string(std::string_view name)>& value_of) {
    std::string out;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
        out += text.substr(0, close == std::string_view::npos ? text.size() : open);
        if (close == std::string_view::npos) break;
        out += value_of(text.substr(open + 1, close - open - 1));
        text.remove_prefix(close + 1);
    }
    return out;
}

}  // namespace qingyuan::law
