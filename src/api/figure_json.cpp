#include "api/figure_json.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "document/report_json.hpp"
#include "journal/tree.hpp"

namespace qingyuan::api {

namespace {

constexpr int quotient_decimals = 6;
constexpr std::int64_t rate_per = 100;

/// The campaign a figure is about: named by its conditions, or by what it is made of.
std::string campaign_of(const law::Statistics& statistics, const law::Statistic& statistic, Date on,
                        int depth = 0) {
    for (const law::AttributeCondition& condition : statistic.where)
        if (condition.attribute == "campaign" && condition.values.size() == 1)
            return condition.values.front();
    if (depth > 8) return {};
    std::vector<std::string> made_of = statistic.operands;
    if (!statistic.numerator.empty()) made_of.push_back(statistic.numerator);
    for (const std::string& id : made_of)
        if (const law::Statistic* part = statistics.find(id, on))
            if (std::string found = campaign_of(statistics, *part, on, depth + 1); !found.empty())
                return found;
    return {};
}

Json texts(std::string_view zh, std::string_view en) {
    return {{"zh", zh}, {"en", en}};
}

Json denominator_json(const Presenter& present, const law::Statistics& statistics,
                      const account::Report& report, const account::ReportLine& line) {
    const law::Statistic& ratio = *line.statistic;
    const law::Statistic* above = statistics.find(ratio.numerator, report.period.to);
    const law::Statistic* below = statistics.find(ratio.denominator, report.period.to);
    const bool share = above && below && above->unit == below->unit;
    const auto quotient = line.value->quotient();
    Json out{{"figure", ratio.denominator},
             {"zh", below ? below->zh : ratio.denominator},
             {"en", below ? below->en : ratio.denominator},
             {"value", whole_number(*line.value->denominator)},
             {"unit", unit_json(present, below ? below->unit : "")},
             {"kind", share ? "share" : "rate"},
             {"per", share ? std::int64_t{1} : rate_per},
             {"quotient", quotient ? quotient->text(quotient_decimals) : ""}};
    if (const account::ReportLine* base = report.find(ratio.denominator); base && base->members_root)
        out["members_root"] = hex(*base->members_root);
    return out;
}

Json previous_json(const account::ReportLine& line) {
    const account::YearBefore& before = *line.before;
    Json out{
        {"period", before.period.text},
        {"value", nullptr},
        {"change", nullptr},
        {"change_rate", nullptr},
        {"implied", before.is_implied},
        {"comparable", before.comparability == account::Comparability::comparable},
        {"comparability", texts(account::zh_of(before.comparability), account::en_of(before.comparability))},
        {"members_root", nullptr}};
    if (before.base && before.base->value.is_whole()) {
        out["value"] = whole_number(before.base->value);
        const Rational change = line.value->value - before.base->value;
        if (change.is_whole()) out["change"] = change.numerator();
    }
    if (before.change) out["change_rate"] = before.change->text(quotient_decimals);
    return out;
}

std::string_view fold_text(law::FoldKind fold) {
    constexpr std::string_view names[] = {"count", "sum", "median", "ratio"};
    return names[static_cast<std::size_t>(fold)];
}

Json term_json(const law::Statistics& statistics, Date on, const std::string& figure, int sign,
               const Rational& value) {
    const law::Statistic* statistic = statistics.find(figure, on);
    return {{"figure", figure},
            {"zh", statistic ? statistic->zh : figure},
            {"en", statistic ? statistic->en : figure},
            {"sign", sign},
            {"value", whole_number(value)}};
}

}  // namespace

Json whole_number(const Rational& value) {
    if (value.is_whole()) return value.numerator();
    return Json::parse(value.text(quotient_decimals));
}

Json unit_json(const Presenter& present, std::string_view unit) {
    const law::Law& law = present.services().law;
    return present.named(unit, law::unit_zh(law, unit), law::unit_en(law, unit));
}

Json figure_json(Presenter& present, const law::Statistics& statistics, const account::Report& report,
                 const account::ReportLine& line) {
    const law::Statistic& statistic = *line.statistic;
    const account::FigureValue& value = *line.value;
    const bool reported = statistic.kind == law::FigureKind::reported;
    const std::string campaign = campaign_of(statistics, statistic, report.period.to);
    Json notes = Json::array();
    if (!statistic.note_zh.empty()) notes.push_back(texts(statistic.note_zh, statistic.note_en));
    Json denominators = Json::array();
    if (statistic.fold == law::FoldKind::ratio && value.denominator)
        denominators.push_back(denominator_json(present, statistics, report, line));
    for (const account::ReportLine& other : report.lines)
        if (other.value && other.value->denominator && other.statistic->fold == law::FoldKind::ratio &&
            other.statistic->numerator == statistic.id)
            denominators.push_back(denominator_json(present, statistics, report, other));
    Json out{{"id", statistic.id},
             {"zh", statistic.zh},
             {"en", statistic.en},
             {"kind", reported ? "reported" : "derived"},
             {"unit", unit_json(present, value.unit())},
             {"value", whole_number(value.value)},
             {"fold", fold_text(statistic.fold)},
             {"campaign", present.campaign(campaign)},
             {"question", texts(statistic.question_zh, statistic.question_en)},
             {"notes", std::move(notes)},
             {"denominators", denominators}};
    if (!denominators.empty()) out["denominator"] = denominators.front();
    if (statistic.fold == law::FoldKind::ratio) out["numerator"] = statistic.numerator;
    if (line.before) out["previous"] = previous_json(line);
    if (line.members_root) {
        out["members"] = statistic.by == law::MemberKind::operator_id ? "entity" : "fact";
        out["members_root"] = hex(*line.members_root);
    }
    if (reported) {
        out["approximate"] = value.approximate;
        out["source"] = value.source;
        out["reported_as_of"] = value.reported_as_of;
        out["period"] = value.period;
        out["organisation"] = present.organisation(value.organisation);
        out["seq"] = value.seq;
        if (value.denominator && statistic.fold != law::FoldKind::ratio)
            out["value"] = whole_number(value.value / *value.denominator);
    }
    return out;
}

Json identities_json(const law::Statistics& statistics, const account::Report& report) {
    const Date on = report.period.to;
    Json out = Json::array();
    for (const account::IdentityResult& result : report.identities) {
        if (result.organisation != report.organisation.id || result.is_own) continue;
        Json right = Json::array();
        for (const account::IdentityTerm& term : result.terms)
            right.push_back(term_json(statistics, on, term.figure, term.sign, term.value));
        out.push_back({{"id", result.identity->id},
                       {"zh", result.identity->zh},
                       {"en", result.identity->en},
                       {"holds", result.holds()},
                       {"kind", result.identity->kind},
                       {"left", term_json(statistics, on, result.identity->equal, 1, result.left)},
                       {"right", std::move(right)},
                       {"gap", whole_number(result.gap)},
                       {"missing", Json::array()}});
    }
    for (const account::ChildrenResult& result : report.children) {
        const law::Statistic* statistic = statistics.find(result.figure, on);
        Json sum{{"figure", ""},
                 {"zh", "各单位合计"},
                 {"en", "sum of the units"},
                 {"sign", 1},
                 {"value", whole_number(result.sum)}};
        out.push_back({{"id", "units_" + result.figure},
                       {"zh", (statistic ? statistic->zh : result.figure) + "：各单位合计等于全市"},
                       {"en", (statistic ? statistic->en : result.figure) + ": the units sum to the total"},
                       {"holds", result.holds()},
                       {"kind", "children"},
                       {"left", term_json(statistics, on, result.figure, 1, result.total)},
                       {"right", Json::array({sum})},
                       {"gap", whole_number(result.gap())},
                       {"missing", Json::array()}});
    }
    for (const account::OverlapResult& result : report.overlaps)
        out.push_back({{"id", result.overlap->id},
                       {"zh", result.overlap->zh},
                       {"en", result.overlap->en},
                       {"holds", true},
                       {"kind", "overlap"},
                       {"left", term_json(statistics, on, result.overlap->both, 1, result.both)},
                       {"right", Json::array({term_json(statistics, on, result.overlap->a, 1, result.a),
                                              term_json(statistics, on, result.overlap->b, 1, result.b)})},
                       {"gap", 0},
                       {"missing", Json::array()}});
    return out;
}

Result<document::Provenance> document_provenance(const Call& call, const journal::Reader& reader,
                                                 const account::Report& report) {
    return document::Provenance{
        .origin = TRY(reader.head()).origin,
        .size = report.as_of,
        .root = TRY(journal::tree::edge_at(reader.transaction(), report.as_of)).root(),
        .sample_data = call.services.sample_data};
}

}  // namespace qingyuan::api
