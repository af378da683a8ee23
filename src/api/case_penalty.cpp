// What a penalty rule allows for given facts, step by step with its articles, and what comparable cases of
// the authority came to. A machine proposes a range; where inside it a penalty falls is decided by people.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/case_api.hpp"
#include "api/present.hpp"
#include "base/text.hpp"
#include "law/penalties.hpp"

namespace qingyuan::api {

namespace {

constexpr std::string_view fact_names[] = {"goods_value",
                                           "illegal_income",
                                           "income_from_unit",
                                           "income_previous_year",
                                           "serious",
                                           "corrected_in_time",
                                           "refused_to_correct",
                                           "uncooperative_other",
                                           "channel",
                                           "quality"};
constexpr std::size_t comparable_shown = 20;
constexpr std::uint64_t comparable_max = 10'000;

Json range_json(const law::PenaltyRange& range, bool of_person) {
    Json out{{"applies", range.applies},
             {"optional", range.optional},
             {"min_fen", range.min.value},
             {"max_fen", range.max.value}};
    if (!of_person) return out;
    out["confiscated_income_fen"] = range.confiscated_income.value;
    out["ban_min"] = range.ban_min;
    out["ban_max"] = range.ban_max;
    out["detention_days_min"] = range.detention_days_min;
    out["detention_days_max"] = range.detention_days_max;
    return out;
}

Json article(const law::Law& law, const std::string& text) {
    const law::Citation citation = law::parse_citation(text);
    return {{"text", text}, {"zh", law.cite_zh(citation)}, {"en", law.cite_en(citation)}};
}

/// The facts a rule asks for, so that a form shows no others.
Json facts_asked(const law::Law& law, const law::PenaltyRule& rule) {
    std::vector<std::string> names;
    const auto add = [&](std::string_view name) {
        if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
    };
    const auto of_fine = [&](const std::optional<law::Fine>& fine) {
        if (!fine) return;
        if (fine->base != law::FineBase::fixed) add(law::text_of(fine->base));
        if (!fine->floors.empty()) add("channel");
    };
    const auto of_part = [&](const law::PenaltyPart& part) {
        of_fine(part.fine);
        if (part.condition == law::FineCondition::not_corrected) add("corrected_in_time");
        if (part.condition == law::FineCondition::refused) add("refused_to_correct");
    };
    const auto of_rule = [&](const law::PenaltyRule& one) {
        of_part(one.normal);
        if (one.serious) {
            add("serious");
            of_part(*one.serious);
        }
        if (one.on_refusal) {
            add("refused_to_correct");
            of_part(*one.on_refusal);
        }
        if (one.uncooperative_others) add("uncooperative_other");
        if (!one.persons) return;
        if (one.persons->when == "serious") add("serious");
        of_fine(one.persons->fine);
    };
    for (const law::PenaltyReference& reference : rule.refers) {
        if (!reference.quality.empty()) add("quality");
        if (const law::PenaltyRule* other = law.find_penalty_rule(reference.rule)) of_rule(*other);
    }
    of_rule(rule);
    return names;
}

}  // namespace

Answer list_penalty_rules(const Call& call) {
    CHECK(call.may(access::published()));
    const law::Law& law = call.services.law;
    Json items = Json::array();
    for (const law::PenaltyRule& rule : law.penalty_rules())
        items.push_back({{"id", rule.id},
                         {"zh", rule.zh},
                         {"en", rule.en},
                         {"law", article(law, rule.law)},
                         {"verified", rule.status == law::Status::verified},
                         {"from", date_or_null(rule.from)},
                         {"to", date_or_null(rule.to)},
                         {"persons", rule.persons.has_value()},
                         {"facts", facts_asked(law, rule)}});
    return json_response({{"items", std::move(items)}});
}

Answer penalty_range(const Call& call) {
    CHECK(call.may(access::published()));
    const law::Law& law = call.services.law;
    law::PenaltyFacts facts;
    for (const std::string_view name : fact_names)
        if (const std::string_view value = call.parameter(name); !value.empty()) facts.emplace(name, value);
    const law::Penalty penalty = TRY(law::compute_penalty(law, call.path.at("rule"), facts));
    Json steps = Json::array();
    for (const law::PenaltyStep& step : penalty.steps)
        steps.push_back({{"law", article(law, step.law)}, {"zh", step.zh}, {"en", step.en}});
    const law::Vocabulary* words = law.find_vocabulary("penalty_actions");
    const auto actions = [&](const std::vector<std::string>& list) {
        Json out = Json::array();
        for (const std::string& code : list) {
            const law::Word* word = words ? words->find(code) : nullptr;
            out.push_back({{"id", code}, {"zh", word ? word->zh : code}, {"en", word ? word->en : code}});
        }
        return out;
    };
    return json_response({{"rule", penalty.rule},
                          {"law", article(law, penalty.law)},
                          {"organisation", range_json(penalty.organisation, false)},
                          {"persons", range_json(penalty.persons, true)},
                          {"first", actions(penalty.first)},
                          {"confiscate", actions(penalty.confiscate)},
                          {"also", actions(penalty.also)},
                          {"steps", std::move(steps)}});
}

namespace {

struct Comparable {
    facts::DossierRow row;
    std::int64_t fine_fen = 0;
    Date decided_on;
};

/// A case that was decided with a fine, or nothing.
std::optional<Comparable> comparable(const facts::DossierRow& row) {
    for (std::size_t i = row.steps.size(); i-- > 0;) {
        const facts::StepState& step = row.steps[i];
        if (step.voided || !step.step.starts_with("decide_penalty")) continue;
        const facts::Value* value = facts::find(row.attributes, "fine_fen");
        const auto* fen = value ? std::get_if<std::int64_t>(value) : nullptr;
        return Comparable{row, fen ? *fen : 0, step.on};
    }
    return std::nullopt;
}

/// Violations a rule is applied to.
std::vector<std::string> violations_of(const law::Law& law, std::string_view rule) {
    std::vector<std::string> out;
    for (const law::Violation& violation : law.violations())
        if (std::ranges::find(violation.penalises, rule) != violation.penalises.end())
            out.push_back(violation.code);
    return out;
}

Json at(const std::vector<std::int64_t>& sorted, std::size_t part, std::size_t parts) {
    if (sorted.empty()) return nullptr;
    // The value at the lower of the two middle places, so that every figure shown is a fine that was given.
    return sorted[(sorted.size() - 1) * part / parts];
}

}  // namespace

Answer case_benchmark(const Call& call) {
    const std::string rule(call.parameter("rule"));
    if (!call.services.law.find_penalty_rule(rule)) {
        call.decided = true;
        return Error{ErrorCode::penalty_rule_unknown, fmt::format("'{}'", rule), "rule"};
    }
    const std::vector<std::string> violations = violations_of(call.services.law, rule);
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const access::Scope scope = call.scope(access::Kind::dossier);
        std::vector<Comparable> found;
        if (!scope.nothing()) {
            journal::Query query;
            query.where = {{"procedure", journal::Compare::equal, {std::string("penalty_case")}},
                           {"organisation", journal::Compare::equal, {home_of(call)}}};
            query.any = access::branches(scope);
            query.order_by = "seq";
            query.descending = true;
            query.limit = comparable_max;
            for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(query))) {
                if (std::ranges::find(violations, facts::text_of(row.attributes, "violation")) ==
                    violations.end())
                    continue;
                if (auto one = comparable(row)) found.push_back(std::move(*one));
            }
        }
        Presenter present(call.services, reader, call.now);
        std::vector<std::int64_t> fines;
        Json items = Json::array();
        for (const Comparable& one : found) {
            if (one.fine_fen > 0) fines.push_back(one.fine_fen);
            if (items.size() >= comparable_shown) continue;
            items.push_back({{"id", one.row.id},
                             {"title", one.row.title},
                             {"decided_on", one.decided_on.text()},
                             {"fine_fen", one.fine_fen}});
        }
        std::ranges::sort(fines);
        response = json_response({{"rule", rule},
                                  {"organisation", present.organisation(home_of(call))},
                                  {"cases", found.size()},
                                  {"fined", fines.size()},
                                  {"min_fen", at(fines, 0, 1)},
                                  {"lower_fen", at(fines, 1, 4)},
                                  {"median_fen", at(fines, 1, 2)},
                                  {"upper_fen", at(fines, 3, 4)},
                                  {"max_fen", at(fines, 1, 1)},
                                  {"items", std::move(items)}});
        return {};
    }));
    return response;
}

}  // namespace qingyuan::api
