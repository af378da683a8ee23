// Loads and checks the rule sets of credit grades.

#include "law/credit.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "law/csv_table.hpp"
#include "law/folder.hpp"

namespace qingyuan::law {

namespace {

constexpr std::array<std::string_view, 4> grades{"A", "B", "C", "D"};  // best first

template <class Range, class Value, class Member = std::identity>
bool has(const Range& range, const Value& value, Member member = {}) {
    return std::ranges::find(range, value, member) != std::ranges::end(range);
}

std::vector<std::string> cited(TableReader& reader, const References& known, const InForce& range) {
    std::vector<std::string> out;
    for (const Placed& citation : reader.list("law")) {
        known.citation(citation.text, range, reader.where(citation.place));
        out.push_back(citation.text);
    }
    if (out.empty())
        reader.problems().add(ErrorCode::law_key_missing, "'law' cites at least one text",
                              reader.where("law"));
    return out;
}

int months(TableReader& reader, std::string_view key, std::int64_t absent = 0) {
    const std::int64_t value = reader.whole(key, absent);
    constexpr std::int64_t months_max = 1200;
    if (value < 0 || value > months_max) {
        reader.problems().add(ErrorCode::law_value_invalid, fmt::format("'{}' is 0 … {}", key, months_max),
                              reader.where(key));
        return 0;
    }
    return static_cast<int>(value);
}

/// The steps named by a key, which must all be steps of the procedure.
std::vector<std::string> steps(TableReader& reader, std::string_view key, const Procedure* procedure) {
    std::vector<std::string> out;
    for (const Placed& step : reader.list(key)) {
        if (procedure != nullptr && procedure->find_step(step.text) == nullptr)
            reader.problems().add(ErrorCode::law_reference_unknown,
                                  fmt::format("{} has no step '{}'", procedure->id, step.text),
                                  reader.where(step.place));
        out.push_back(step.text);
    }
    return out;
}

CreditFactKind read_kind(const Law& law, const TomlNode& node, const std::string& file, Problems& problems) {
    TableReader reader(node, file, problems);
    const References known(law, problems);
    CreditFactKind kind;
    kind.id = reader.identifier("id");
    kind.zh = reader.required("zh");
    kind.en = reader.required("en");
    kind.law = cited(reader, known, {});
    kind.procedure = reader.required("procedure");
    const auto found = std::ranges::find(law.procedures(), kind.procedure, &Procedure::id);
    const Procedure* procedure = found == law.procedures().end() ? nullptr : &*found;
    if (procedure == nullptr)
        problems.add(ErrorCode::law_reference_unknown, fmt::format("no procedure '{}'", kind.procedure),
                     reader.where("procedure"));
    kind.decided = steps(reader, "decided", procedure);
    kind.final_by = steps(reader, "final", procedure);
    kind.annulled = steps(reader, "annulled", procedure);
    kind.ended = steps(reader, "ended", procedure);
    if (kind.decided.empty())
        problems.add(ErrorCode::law_key_missing, "'decided' names at least one step",
                     reader.where("decided"));
    kind.basis = reader.boolean("basis");
    if (const TomlNode* where = reader.find("where")) {
        TableReader conditions(*where, file, problems);
        for (const TomlEntry& entry : where->entries)
            for (const Placed& value : conditions.list(entry.key))
                kind.where[entry.key].push_back(value.text);
        conditions.finish();
    }
    reader.finish();
    return kind;
}

/// One rule file while it is read.
class RuleReader {
 public:
    RuleReader(const Law& law, const CreditRules& kinds, const LawFile& file, TableReader& top)
        : kinds_(kinds), file_(file), top_(top), problems_(top.problems()), known_(law, top.problems()) {}

    CreditRule read() {
        head();
        for (const TomlNode* node : top_.tables("dimension")) dimension(*node);
        for (const TomlNode* node : top_.tables("deduction")) deduction(*node);
        for (const TomlNode* node : top_.tables("direct")) direct(*node);
        for (const TomlNode* node : top_.tables("band")) band(*node);
        for (const TomlNode* node : top_.tables("consequence")) consequence(*node);
        top_.finish();
        check_weights();
        check_bands();
        return std::move(rule_);
    }

 private:
    void wrong(std::string message, std::string where, std::string next = {}) {
        problems_.add(ErrorCode::law_value_invalid, std::move(message), std::move(where), std::move(next));
    }

    void head() {
        rule_.id = top_.identifier("id");
        rule_.zh = top_.required("zh");
        rule_.en = top_.required("en");
        rule_.note = top_.text("note");
        rule_.status = parse_status(top_.required("status"), top_.where("status"), problems_);
        rule_.in_force = read_in_force(top_);
        rule_.law = cited(top_, known_, rule_.in_force);
        rule_.start = top_.decimal("start");
        rule_.basis_months = months(top_, "basis_months");
        rule_.version = fmt::format("{}.{}", rule_.in_force.from.text(), hex(sm3(file_.text)).substr(0, 8));
        std::string_view name = file_.name;
        name.remove_prefix(name.rfind('/') + 1);
        if (name.substr(0, name.find('.')) != rule_.id)
            wrong(fmt::format("the id '{}' is not the name of the file", rule_.id), top_.where("id"));
    }

    void dimension(const TomlNode& node) {
        TableReader reader(node, file_.name, problems_);
        CreditDimension one{reader.identifier("id"), reader.required("zh"), reader.required("en"),
                            reader.decimal("weight")};
        if (one.weight <= Rational(0)) wrong("a weight is more than 0", reader.where("weight"));
        if (has(rule_.dimensions, one.id, &CreditDimension::id))
            problems_.add(ErrorCode::law_duplicate, fmt::format("'{}' is there already", one.id),
                          reader.where("id"));
        reader.finish();
        rule_.dimensions.push_back(std::move(one));
    }

    void fact(const std::string& id, const std::string& where) {
        if (kinds_.find_kind(id) == nullptr)
            problems_.add(ErrorCode::law_reference_unknown, fmt::format("no kind of fact '{}'", id), where,
                          "name one of credit_facts.toml");
    }

    void deduction(const TomlNode& node) {
        TableReader reader(node, file_.name, problems_);
        CreditDeduction one;
        one.fact = reader.required("fact");
        fact(one.fact, reader.where("fact"));
        if (rule_.find_deduction(one.fact) != nullptr)
            problems_.add(ErrorCode::law_duplicate, fmt::format("two rules for '{}'", one.fact),
                          reader.where("fact"));
        one.dimension = reader.text("dimension");
        if (rule_.dimensions.empty() != one.dimension.empty() ||
            (!one.dimension.empty() && !has(rule_.dimensions, one.dimension, &CreditDimension::id)))
            problems_.add(ErrorCode::law_reference_unknown,
                          fmt::format("no dimension '{}' of this rule set", one.dimension),
                          reader.where("dimension"));
        one.points = reader.decimal("points");
        if (one.points < Rational(0)) wrong("points are taken off: 0 or more", reader.where("points"));
        one.months = months(reader, "months");
        one.law = reader.required("law");
        known_.citation(one.law, rule_.in_force, reader.where("law"));
        reader.finish();
        rule_.deductions.push_back(std::move(one));
    }

    void direct(const TomlNode& node) {
        TableReader reader(node, file_.name, problems_);
        CreditDirect one;
        one.id = reader.identifier("id");
        one.zh = reader.required("zh");
        one.en = reader.required("en");
        for (const Placed& kind : reader.list("facts")) {
            fact(kind.text, reader.where(kind.place));
            one.facts.push_back(kind.text);
        }
        one.count = static_cast<int>(reader.whole("count", 1));
        one.within_months = months(reader, "within_months");
        one.lock_months = months(reader, "lock_months");
        one.law = reader.required("law");
        known_.citation(one.law, rule_.in_force, reader.where("law"));
        if (one.facts.empty() || one.count < 1 || one.lock_months == 0)
            wrong("names facts, a count of 1 or more and 'lock_months'", reader.where());
        reader.finish();
        rule_.direct.push_back(std::move(one));
    }

    void band(const TomlNode& node) {
        TableReader reader(node, file_.name, problems_);
        CreditBand one;
        one.grade = reader.required("grade");
        if (reader.find("min") != nullptr) one.min = reader.decimal("min");
        if (reader.find("below") != nullptr) one.below = reader.decimal("below");
        band_places_.push_back(reader.where());
        reader.finish();
        rule_.bands.push_back(std::move(one));
    }

    void consequence(const TomlNode& node) {
        TableReader reader(node, file_.name, problems_);
        CreditConsequence one;
        for (const Placed& grade : reader.list("grades")) {
            known_.word("credit_grades", grade.text, reader.where(grade.place));
            one.grades.push_back(grade.text);
        }
        one.kind = reader.required("kind");
        known_.word("credit_consequences", one.kind, reader.where("kind"));
        one.value = reader.text("value");
        if (one.kind == "frequency" && (!parse_decimal(one.value) || *parse_decimal(one.value) < Rational(0)))
            wrong("the value of 'frequency' is a factor", reader.where("value"));
        one.zh = reader.required("zh");
        one.en = reader.required("en");
        one.law = reader.required("law");
        one.in_force = read_in_force(reader, false);
        known_.citation(one.law, one.in_force, reader.where("law"));
        reader.finish();
        rule_.consequences.push_back(std::move(one));
    }

    void check_weights() {
        if (rule_.dimensions.empty()) return;
        Rational sum;
        for (const CreditDimension& one : rule_.dimensions) sum = sum + one.weight;
        if (sum != rule_.start)
            wrong(
                fmt::format("the weights add up to {}, not to 'start' {}", sum.exact(), rule_.start.exact()),
                top_.where("start"), "change a weight, or 'start'");
    }

    /// From the best grade down: no upper end, each begins where the one above ends, no lower end.
    void check_bands() {
        if (rule_.bands.size() != grades.size())
            return wrong("a rule set has one band for each of A, B, C and D", top_.where("band"));
        for (std::size_t i = 0; i < grades.size(); ++i) {
            const CreditBand& one = rule_.bands[i];
            if (one.grade != grades[i])
                wrong(fmt::format("band {} is that of {}", i + 1, grades[i]), band_places_[i]);
            const bool first = i == 0, last = i + 1 == grades.size();
            if (one.min.has_value() == last || one.below.has_value() == first) {
                wrong("only the best band has no 'below', only the worst no 'min'", band_places_[i]);
                continue;
            }
            if (one.min && one.below && *one.below <= *one.min)
                wrong("'below' is not above 'min'", band_places_[i]);
            if (first || !rule_.bands[i - 1].min || *one.below == *rule_.bands[i - 1].min) continue;
            wrong(fmt::format("the bands of {} and {} {}", grades[i - 1], grades[i],
                              *rule_.bands[i - 1].min < *one.below ? "overlap" : "leave a gap"),
                  band_places_[i], fmt::format("below = \"{}\"", rule_.bands[i - 1].min->exact()));
        }
    }

    const CreditRules& kinds_;
    const LawFile& file_;
    TableReader& top_;
    Problems& problems_;
    References known_;
    CreditRule rule_;
    std::vector<std::string> band_places_;
};

std::vector<CreditUse> read_uses(const Law& law, const CreditRules& rules, Problems& problems) {
    std::vector<CreditUse> out;
    const auto file = toml_file_of(law, "credit_use.toml", problems);
    if (!file) return out;
    auto root = parse_toml(file->text, file->name);
    if (!root) {
        problems.add(root.error());
        return out;
    }
    TableReader top(*root, file->name, problems);
    const References known(law, problems);
    for (const TomlNode* node : top.tables("use")) {
        TableReader reader(*node, file->name, problems);
        CreditUse use{reader.required("rule"), {}, read_in_force(reader)};
        if (!has(rules.rules(), use.rule, &CreditRule::id))
            problems.add(ErrorCode::law_reference_unknown, fmt::format("no rule set '{}'", use.rule),
                         reader.where("rule"));
        for (const Placed& kind : reader.list("kinds")) {
            known.word("operator_kinds", kind.text, reader.where(kind.place));
            use.kinds.push_back(kind.text);
        }
        for (const CreditUse& other : out) {
            const bool shared = (use.kinds.empty() && other.kinds.empty()) ||
                                std::ranges::any_of(use.kinds, [&](const std::string& kind) {
                                    return has(other.kinds, kind);
                                });
            if (shared && other.in_force.overlaps(use.in_force))
                problems.add(ErrorCode::law_dates_overlap, "two rule sets grade one kind of operator",
                             reader.where());
        }
        reader.finish();
        out.push_back(std::move(use));
    }
    top.finish();
    return out;
}

}  // namespace

const CreditDeduction* CreditRule::find_deduction(std::string_view fact) const {
    const auto found = std::ranges::find(deductions, fact, &CreditDeduction::fact);
    return found == deductions.end() ? nullptr : &*found;
}

std::string_view CreditRule::grade_of(Rational points) const {
    for (const CreditBand& band : bands)
        if (!band.min || *band.min <= points) return band.grade;
    return "D";
}

Result<CreditRules> CreditRules::load(const Law& law, std::vector<Error>* all_problems) {
    CreditRules out;
    Problems problems;
    if (const auto file = toml_file_of(law, "credit_facts.toml", problems)) {
        auto root = parse_toml(file->text, file->name);
        if (!root) {
            problems.add(root.error());
        } else {
            TableReader top(*root, file->name, problems);
            for (const TomlNode* node : top.tables("fact")) {
                CreditFactKind kind = read_kind(law, *node, file->name, problems);
                if (!out.kind_at_.emplace(kind.id, out.kinds_.size()).second)
                    problems.add(ErrorCode::law_duplicate, fmt::format("'{}' is there already", kind.id),
                                 where_of(file->name, node->place));
                out.kinds_.push_back(std::move(kind));
            }
            top.finish();
        }
    }
    for (const LawFile& file : toml_files_of(law, "credit", problems)) {
        auto root = parse_toml(file.text, file.name);
        if (!root) {
            problems.add(root.error());
            continue;
        }
        TableReader top(*root, file.name, problems);
        CreditRule rule = RuleReader(law, out, file, top).read();
        for (const CreditRule& other : out.rules_)
            if (other.id == rule.id)
                check_overlap("rule set", rule.id, other.in_force, rule.in_force, top.where("id"), problems);
        out.rules_.push_back(std::move(rule));
    }
    out.uses_ = read_uses(law, out, problems);
    if (all_problems != nullptr) *all_problems = problems.errors();
    if (!problems.empty()) return problems.errors().front();
    return out;
}

const CreditFactKind* CreditRules::find_kind(std::string_view id) const {
    const auto found = kind_at_.find(id);
    return found == kind_at_.end() ? nullptr : &kinds_[found->second];
}

Result<const CreditRule*> CreditRules::rule(std::string_view id, Date on) const {
    bool known = false;
    for (const CreditRule& rule : rules_) {
        if (rule.id != id) continue;
        known = true;
        if (rule.in_force.holds(on)) return &rule;
    }
    if (!known) return Error{ErrorCode::rule_unknown, fmt::format("'{}'", id), std::string(id)};
    return Error{ErrorCode::law_not_in_force,
                 fmt::format("the rule set '{}' is not in force on {}", id, on.text()), std::string(id)};
}

Result<const CreditRule*> CreditRules::rule_for(std::string_view operator_kind, Date on) const {
    const CreditUse* use = nullptr;
    for (const CreditUse& one : uses_) {
        if (!one.in_force.holds(on)) continue;
        if (has(one.kinds, operator_kind)) use = &one;
        if (one.kinds.empty() && use == nullptr) use = &one;
    }
    if (use != nullptr) return rule(use->rule, on);
    return Error{ErrorCode::law_not_in_force,
                 fmt::format("no credit rule set is in use for '{}' on {}", operator_kind, on.text()),
                 "credit_use.toml"};
}

}  // namespace qingyuan::law
