// qingyuan credit: a grade with every act it rests on; of everybody, the share of each grade.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "assess/credit.hpp"
#include "assess/dossiers.hpp"
#include "base/csv.hpp"
#include "cli/assess.hpp"
#include "registry/registry.hpp"

namespace qingyuan::cli {

namespace {

using assess::CreditGrade;
using nlohmann::ordered_json;

struct Options {
    std::string operator_id;
    std::string as_of;
    std::string rule;
    bool all = false;
    bool due = false;
};

ordered_json day(Date date) {
    if (date == Date{} || date == Date::never_after()) return nullptr;
    return date.text();
}

/// The set asked for, else the one in use for the kind of operator.
Result<const law::CreditRule*> rule_of(const law::CreditRules& rules, const Options& options,
                                       std::string_view kind, Date as_of) {
    if (!options.rule.empty()) return rules.rule(options.rule, as_of);
    return rules.rule_for(kind, as_of);
}

/// The published grade in force on the day, where there is one: a decision of named persons.
Result<std::optional<facts::DossierRow>> published(const journal::Reader& reader,
                                                   const std::string& operator_id, Date as_of) {
    std::optional<facts::DossierRow> out;
    CHECK(assess::each_dossier(reader, {{"operator_id", journal::Compare::equal, {operator_id}}},
                               [&](const facts::DossierRow& row) -> Result<void> {
                                   if (row.procedure != "credit_grade" || row.state != "published") return {};
                                   for (const facts::StepState& step : row.steps)
                                       if (step.step == "publish" && !step.voided && step.on <= as_of)
                                           out = row;
                                   return {};
                               }));
    return out;
}

ordered_json facts_json(const law::CreditRules& rules, const assess::Grading& grading) {
    ordered_json out = ordered_json::array();
    for (const assess::GradedFact& one : grading.facts) {
        const law::CreditFactKind* kind = rules.find_kind(one.fact.kind);
        out.push_back({{"fact", one.fact.kind},
                       {"zh", kind->zh},
                       {"en", kind->en},
                       {"matter", one.fact.matter},
                       {"act", one.fact.act},
                       {"effective_on", day(one.fact.effective_on)},
                       {"final_on", day(one.fact.final_on)},
                       {"annulled_on", day(one.fact.annulled_on)},
                       {"article", one.article},
                       {"points", one.points.exact()},
                       {"effect", assess::text_of(one.effect)},
                       {"counts_until", day(one.counts_until)}});
    }
    return out;
}

ordered_json consequences_json(const law::CreditRule& rule, CreditGrade grade, Date as_of) {
    ordered_json out = ordered_json::array();
    for (const law::CreditConsequence* one : assess::consequences_of(rule, grade, as_of))
        out.push_back({{"consequence", one->kind},
                       {"value", one->value},
                       {"zh", one->zh},
                       {"en", one->en},
                       {"law", one->law}});
    return out;
}

Result<ordered_json> one_operator(const journal::Reader& reader, const law::Law& law,
                                  const law::CreditRules& rules, const Options& options, Date as_of) {
    const auto record = TRY(registry::operator_on(reader, options.operator_id, as_of));
    const law::CreditRule* rule = TRY(rule_of(rules, options, record.kind, as_of));
    const auto facts = TRY(assess::credit_facts(reader, rules, record.id));
    const assess::Grading grading = TRY(assess::grade(rules, *rule, facts, as_of));
    const assess::HazardTier tier = assess::hazard_tier(law, record.kind);
    const assess::Frequency often = TRY(assess::frequency(law, *rule, tier, grading.grade, as_of));
    const auto decided = TRY(published(reader, record.id, as_of));
    ordered_json out{{"operator", record.id}, {"name", record.name}, {"as_of", as_of.text()}};
    out["credit_grade"] = assess::text_of(grading.grade);
    out["hazard_tier"] = assess::text_of(tier);
    out["published_grade"] =
        decided ? ordered_json{{"dossier", decided->id},
                               {"grade", facts::text_of(decided->attributes, "grade")},
                               {"rule_version", facts::text_of(decided->attributes, "rule_version")}}
                : ordered_json(nullptr);
    out["points"] = grading.points.exact();
    out["of"] = rule->start.exact();
    out["ground"] = grading.ground.empty() ? ordered_json(nullptr) : ordered_json(grading.ground);
    out["locked_until"] = day(grading.locked_until);
    out["rule"] = grading.rule;
    out["rule_version"] = grading.rule_version;
    out["rule_status"] = rule->status == law::Status::verified ? "verified" : "unverified";
    out["facts"] = facts_json(rules, grading);
    out["consequences"] = consequences_json(*rule, grading.grade, as_of);
    out["visits_a_year"] = {{"planned", often.per_year.exact()},
                            {"floor", often.floor.exact()},
                            {"cap", often.cap.exact()},
                            {"factor", often.factor.exact()}};
    return out;
}

void print_one(const ordered_json& out) {
    fmt::print("{}  {}  grade {}  ({} of {} points, {} {})\n", out["operator"].get<std::string>(),
               out["name"].get<std::string>(), out["credit_grade"].get<std::string>(),
               out["points"].get<std::string>(), out["of"].get<std::string>(),
               out["rule_version"].get<std::string>(), out["rule_status"].get<std::string>());
    if (!out["ground"].is_null())
        fmt::print("  D by {} until {}\n", out["ground"].get<std::string>(),
                   out["locked_until"].is_null() ? "it ends" : out["locked_until"].get<std::string>());
    const ordered_json& facts = out["facts"];
    for (const auto& fact : facts)
        fmt::print("  {}  {:<24} {:<10} {:>5}  {}  {}\n", fact["effective_on"].get<std::string>(),
                   fact["fact"].get<std::string>(), fact["effect"].get<std::string>(),
                   fact["points"].get<std::string>(), fact["article"].get<std::string>(),
                   fact["matter"].get<std::string>());
}

struct Row {
    std::string id, name, kind;
    assess::Grading grading;
    assess::HazardTier tier;
};

Result<std::vector<Row>> everybody(const journal::Reader& reader, const law::Law& law,
                                   const law::CreditRules& rules, const Options& options, Date as_of) {
    const auto facts = TRY(assess::all_credit_facts(reader, rules));
    static const std::vector<assess::CreditFact> none;
    std::vector<Row> out;
    journal::Query query;
    for (;;) {
        const auto page = TRY(reader.view<facts::OperatorRow>().list(query));
        for (const facts::OperatorRow& row : page) {
            const facts::OperatorRecorded* version = nullptr;
            for (const auto& one : row.versions)
                if (one.from <= as_of) version = &one;
            if (version == nullptr) continue;
            const law::CreditRule* rule = TRY(rule_of(rules, options, version->kind, as_of));
            const auto found = facts.find(row.id);
            out.push_back(
                {row.id, version->name, version->kind,
                 TRY(assess::grade(rules, *rule, found == facts.end() ? none : found->second, as_of)),
                 assess::hazard_tier(law, version->kind)});
        }
        if (page.size() < query.limit) return out;
        query.after_key = page.back().id;
    }
}

ordered_json share_json(const std::vector<Row>& rows) {
    assess::GradeShare share;
    for (const Row& row : rows) ++share.counts[row.grading.grade];
    ordered_json out;
    for (const CreditGrade grade :
         {CreditGrade::A, CreditGrade::B, CreditGrade::C, CreditGrade::D, CreditGrade::ungraded})
        out[std::string(assess::text_of(grade))] = share.counts[grade];
    out["graded"] = share.graded();
    out["b_or_above"] = share.counts[CreditGrade::A] + share.counts[CreditGrade::B];
    out["b_or_above_percent"] = share.b_or_above().percent(2);
    return out;
}

Result<void> print_all(const Context& context, const std::vector<Row>& rows, Date as_of) {
    if (context.csv) {
        fmt::print("operator,name,kind,hazard_tier,credit_grade,points,rule_version,as_of\n");
        for (const Row& row : rows)
            fmt::print("{},{},{},{},{},{},{},{}\n", csv_cell(row.id), csv_cell(row.name), row.kind,
                       assess::text_of(row.tier), assess::text_of(row.grading.grade),
                       row.grading.points.exact(), row.grading.rule_version, as_of.text());
        return {};
    }
    const ordered_json share = share_json(rows);
    if (context.json) {
        ordered_json out{{"as_of", as_of.text()}, {"share", share}, {"operators", ordered_json::array()}};
        for (const Row& row : rows)
            out["operators"].push_back({{"operator", row.id},
                                        {"credit_grade", assess::text_of(row.grading.grade)},
                                        {"hazard_tier", assess::text_of(row.tier)},
                                        {"points", row.grading.points.exact()},
                                        {"rule_version", row.grading.rule_version}});
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    for (const auto& [name, value] : share.items())
        fmt::print("{:<20} {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
    return {};
}

Result<void> print_due(const Context& context, const std::vector<assess::GradeDue>& due) {
    ordered_json out = ordered_json::array();
    for (const assess::GradeDue& one : due)
        out.push_back({{"dossier", one.dossier},
                       {"operator", one.operator_id},
                       {"published", one.published},
                       {"now", assess::text_of(one.now)},
                       {"annulled", one.matters}});
    if (context.json) {
        fmt::print("{}\n", out.dump(2));
        return {};
    }
    for (const assess::GradeDue& one : due)
        fmt::print("{}  {}  published {}  now {}{}\n", one.dossier, one.operator_id, one.published,
                   assess::text_of(one.now), one.annulled ? "  an act was annulled" : "");
    return {};
}

Result<void> run(Context& context, const Options& options) {
    if (options.operator_id.empty() && !options.all && !options.due)
        return Error{ErrorCode::usage, "name an operator, or --all, or --due"};
    const auto workspace = TRY(context.open_workspace(false));
    const law::CreditRules rules = TRY(law::CreditRules::load(workspace->law()));
    const Date as_of =
        options.as_of.empty() ? workspace->clock().now().date() : TRY(parse_date(options.as_of));
    return workspace->journal().read([&](const journal::Reader& reader) -> Result<void> {
        if (options.due) return print_due(context, TRY(assess::grades_due(reader, rules, as_of)));
        if (options.all)
            return print_all(context, TRY(everybody(reader, workspace->law(), rules, options, as_of)), as_of);
        const ordered_json out = TRY(one_operator(reader, workspace->law(), rules, options, as_of));
        if (context.json)
            fmt::print("{}\n", out.dump(2));
        else
            print_one(out);
        return {};
    });
}

}  // namespace

void add_credit(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("credit", "credit grades and the acts they rest on");
    command->fallthrough();
    command->add_option("operator", options->operator_id, "an operator");
    command->add_option("--as-of", options->as_of, "on this day; default: today");
    command->add_option("--rule", options->rule, "a rule set of law/credit; default: the one in use");
    command->add_flag("--all", options->all, "everybody, and the share of each grade");
    command->add_flag("--due", options->due, "published grades that no longer follow from the acts");
    command->callback([&context, options] {
        if (const auto done = run(context, *options); !done) context.fail(done.error());
    });
}

}  // namespace qingyuan::cli
