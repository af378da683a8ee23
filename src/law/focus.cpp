#include "law/focus.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "law/csv_table.hpp"
#include "law/folder.hpp"

namespace qingyuan::law {

namespace {

constexpr FocusFact fact_table[] = {
    {"kind", FocusFactType::words, "operator_kinds", "主体类别", "kind of operator"},
    {"region", FocusFactType::words, "", "所在区县", "region code, or a prefix of one that ends in *"},
    {"area", FocusFactType::words, "areas", "城乡", "in town, on the edge of town, in the countryside"},
    {"scope", FocusFactType::words, "", "许可范围", "scopes of its licences in force"},
    {"credit_grade", FocusFactType::words, "credit_grades", "信用等级", "grade computed for the day"},
    {"hazard_tier", FocusFactType::words, "hazard_tiers", "危害等级", "tier of its kind"},
    {"product", FocusFactType::words, "focus_products", "涉及产品", "what it holds or was found with"},
    {"open_risk", FocusFactType::words, "risk_levels", "在册风险", "level of an open item of the register"},
    {"risk_fifth", FocusFactType::words, "", "内部风险排序分位",
     "fifth of predicted risk, 1 the highest: internal"},
    {"finding", FocusFactType::days, "", "检查发现问题", "findings"},
    {"case", FocusFactType::days, "", "立案", "cases filed"},
    {"custody", FocusFactType::days, "", "追溯线索", "leads from trace data"},
    {"complaint", FocusFactType::days, "", "投诉举报", "complaints and reports"},
    {"failed_sample", FocusFactType::days, "", "抽检不合格", "samples that failed"},
    {"group", FocusFactType::days, "", "门店同类问题", "violations shared by several stores of a chain"},
};

const FocusFact* find_fact(std::string_view name) {
    const auto found = std::ranges::find(fact_table, name, &FocusFact::name);
    return found == std::end(fact_table) ? nullptr : &*found;
}

FocusCondition read_condition(const TomlNode& node, const std::string& file, const References& known,
                              Problems& problems) {
    TableReader reader(node, file, problems);
    FocusCondition out;
    out.fact = reader.required("fact");
    const FocusFact* fact = find_fact(out.fact);
    if (fact == nullptr)
        problems.add(ErrorCode::law_reference_unknown, fmt::format("nothing is known as '{}'", out.fact),
                     reader.where("fact"));
    for (const Placed& word : reader.list("one_of")) {
        if (fact != nullptr && !fact->vocabulary.empty())
            known.word(fact->vocabulary, word.text, reader.where(word.place));
        out.one_of.push_back(word.text);
    }
    out.at_least = static_cast<int>(reader.whole("at_least"));
    out.within_months = static_cast<int>(reader.whole("within_months"));
    const bool words = !out.one_of.empty(), days = out.at_least > 0;
    if (fact != nullptr && (words == days || words != (fact->type == FocusFactType::words)))
        problems.add(ErrorCode::law_value_invalid,
                     fmt::format("'{}' is asked by {}", out.fact,
                                 fact->type == FocusFactType::words ? "one_of" : "at_least"),
                     reader.where());
    reader.finish();
    return out;
}

FocusRule read_rule(const Law& law, const LawFile& file, const TomlNode& root, Problems& problems) {
    TableReader top(root, file.name, problems);
    const References known(law, problems);
    FocusRule out;
    out.id = top.identifier("id");
    out.zh = top.required("zh");
    out.en = top.required("en");
    out.note = top.text("note");
    out.status = parse_status(top.required("status"), top.where("status"), problems);
    out.in_force = read_in_force(top);
    out.version = fmt::format("{}.{}", out.in_force.from.text(), hex(sm3(file.text)).substr(0, 8));
    out.dimension = top.required("dimension");
    known.word("focus_dimensions", out.dimension, top.where("dimension"));
    for (const Placed& citation : top.list("law")) {
        known.citation(citation.text, out.in_force, top.where(citation.place));
        out.law.push_back(citation.text);
    }
    for (const TomlNode* node : top.tables("when"))
        out.conditions.push_back(read_condition(*node, file.name, known, problems));
    if (out.conditions.empty())
        problems.add(ErrorCode::law_key_missing, "a rule has at least one [[when]]", top.where());
    top.finish();
    return out;
}

}  // namespace

std::span<const FocusFact> focus_facts() {
    return fact_table;
}

Result<FocusRules> FocusRules::load(const Law& law, std::vector<Error>* all_problems) {
    FocusRules out;
    Problems problems;
    for (const LawFile& file : toml_files_of(law, "focus", problems)) {
        auto root = parse_toml(file.text, file.name);
        if (!root) {
            problems.add(root.error());
            continue;
        }
        FocusRule rule = read_rule(law, file, *root, problems);
        for (const FocusRule& other : out.rules_)
            if (other.id == rule.id)
                check_overlap("rule", rule.id, other.in_force, rule.in_force, where_of(file.name, {}),
                              problems);
        out.rules_.push_back(std::move(rule));
    }
    if (all_problems != nullptr) *all_problems = problems.errors();
    if (!problems.empty()) return problems.errors().front();
    return out;
}

std::vector<const FocusRule*> FocusRules::in_force(Date on) const {
    std::vector<const FocusRule*> out;
    for (const FocusRule& rule : rules_)
        if (rule.in_force.holds(on)) out.push_back(&rule);
    return out;
}

}  // namespace qingyuan::law
