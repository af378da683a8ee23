#include "document/report_json.hpp"

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace qingyuan::document {

namespace {

using Json = nlohmann::ordered_json;
using account::FigureValue;
using account::Report;

constexpr std::size_t manifest_bytes_max = 64 << 20;
constexpr std::size_t differences_max = 100;

/// A whole number as a number, anything else exactly as text.
Json number(const Rational& value) {
    if (value.is_whole()) return value.numerator();
    return value.exact();
}

Json named(const std::string& id, const std::string& zh, const std::string& en) {
    return {{"id", id}, {"zh", zh}, {"en", en}};
}

void add_value(Json& out, const FigureValue& value) {
    out["value"] = number(value.value);
    if (value.denominator) out["denominator"] = number(*value.denominator);
}

void add_root(Json& out, const std::optional<Digest>& root) {
    if (root) out["members_root"] = hex(*root);
}

Json year_before_json(const account::YearBefore& before) {
    Json out{{"period", before.period.text}, {"comparability", account::text_of(before.comparability)}};
    if (before.base) {
        out["value"] = number(before.base->value);
        if (before.base->denominator) out["denominator"] = number(*before.base->denominator);
    }
    if (before.is_implied) out["implied"] = true;
    if (before.change) out["change_percent"] = before.change->percent(2, true);
    return out;
}

Json figure_json(const account::ReportLine& line) {
    const law::Statistic& statistic = *line.statistic;
    const bool is_reported = statistic.kind == law::FigureKind::reported;
    Json out{{"id", line.figure},
             {"zh", statistic.zh},
             {"en", statistic.en},
             {"kind", is_reported ? "reported" : "derived"},
             {"unit", statistic.unit}};
    if (line.value)
        add_value(out, *line.value);
    else
        out["value"] = nullptr;
    if (line.before) {
        if (line.before->base) out["previous"] = number(line.before->base->value);
        out["year_before"] = year_before_json(*line.before);
    }
    if (is_reported && line.value) {
        out["organisation"] = line.value->organisation;
        out["period"] = line.value->period;
        out["approximate"] = line.value->approximate;
        out["reported_as_of"] = line.value->reported_as_of;
        out["source"] = line.value->source;
        out["seq"] = line.value->seq;
    }
    add_root(out, line.members_root);
    out["note_zh"] = statistic.note_zh;
    out["note_en"] = statistic.note_en;
    return out;
}

Json unit_json(const account::UnitReport& unit) {
    Json figures = Json::array();
    for (const account::UnitFigure& each : unit.figures) {
        Json figure{{"id", each.figure}, {"unit", each.value.unit()}};
        add_value(figure, each.value);
        add_root(figure, each.members_root);
        figures.push_back(std::move(figure));
    }
    return {{"org", unit.unit.id},
            {"zh", unit.unit.name},
            {"en", unit.unit.name_en},
            {"own", unit.is_own},
            {"figures", std::move(figures)}};
}

Json identity_json(const account::IdentityResult& result) {
    Json terms = Json::array();
    for (const account::IdentityTerm& term : result.terms)
        terms.push_back({{"figure", term.figure}, {"sign", term.sign}, {"value", number(term.value)}});
    Json out{{"id", result.identity->id},
             {"kind", result.identity->kind},
             {"zh", result.identity->zh},
             {"en", result.identity->en},
             {"org", result.organisation},
             {"own", result.is_own},
             {"holds", result.holds()},
             {"left", {{"figure", result.identity->equal}, {"value", number(result.left)}}},
             {"right", std::move(terms)},
             {"gap", number(result.gap)}};
    if (result.of_which)
        out["of_which"] = {{"figure", result.identity->of_which}, {"value", number(*result.of_which)}};
    return out;
}

Json checks_json(const Report& report) {
    Json identities = Json::array();
    for (const auto& each : report.identities) identities.push_back(identity_json(each));
    Json children = Json::array();
    for (const auto& each : report.children)
        children.push_back({{"figure", each.figure},
                            {"total", number(each.total)},
                            {"sum", number(each.sum)},
                            {"gap", number(each.gap())},
                            {"distinct", each.is_distinct},
                            {"holds", each.holds()}});
    Json overlaps = Json::array();
    for (const auto& each : report.overlaps)
        overlaps.push_back({{"id", each.overlap->id},
                            {"zh", each.overlap->zh},
                            {"en", each.overlap->en},
                            {"a", {{"figure", each.overlap->a}, {"value", number(each.a)}}},
                            {"b", {{"figure", each.overlap->b}, {"value", number(each.b)}}},
                            {"both", {{"figure", each.overlap->both}, {"value", number(each.both)}}}});
    return {{"identities", std::move(identities)},
            {"children", std::move(children)},
            {"overlaps", std::move(overlaps)}};
}

Json parsed(std::string_view text) {
    // Without exceptions: a malformed text gives a discarded value.
    return text.size() > manifest_bytes_max ? Json(Json::value_t::discarded)
                                            : Json::parse(text, nullptr, false);
}

/// The member, or null where there is none or it is no object.
const Json& member(const Json& object, const char* key) {
    static const Json none;
    return object.is_object() && object.contains(key) ? object[key] : none;
}

/// id → its object, of a list of objects.
std::map<std::string, const Json*> by_id(const Json& list, const char* key) {
    std::map<std::string, const Json*> out;
    if (!list.is_array()) return out;
    for (const Json& each : list)
        if (member(each, key).is_string()) out[member(each, key).get<std::string>()] = &each;
    return out;
}

std::string shown(const Json& figure) {
    std::string out = figure.contains("value") ? figure["value"].dump() : "absent";
    if (figure.contains("denominator")) out += "/" + figure["denominator"].dump();
    if (figure.contains("members_root"))
        out += " (members " + figure["members_root"].dump().substr(1, 12) + "…)";
    return out;
}

/// What the journal decides of a figure; names and notes come from the law.
bool is_same(const Json& a, const Json& b) {
    for (const char* key :
         {"unit", "value", "denominator", "previous", "members_root", "approximate", "source", "seq"})
        if (member(a, key) != member(b, key)) return false;
    return true;
}

void compare_figures(const Json& was, const Json& is, const std::string& at, std::vector<std::string>& out) {
    const auto before = by_id(was, "id");
    const auto now = by_id(is, "id");
    for (const auto& [id, figure] : before) {
        const auto found = now.find(id);
        if (found == now.end())
            out.push_back(fmt::format("{}{}: not computed from the journal", at, id));
        else if (!is_same(*figure, *found->second))
            out.push_back(
                fmt::format("{}{}: manifest {}, journal {}", at, id, shown(*figure), shown(*found->second)));
    }
    for (const auto& [id, figure] : now)
        if (!before.contains(id))
            out.push_back(fmt::format("{}{}: not in the manifest, journal {}", at, id, shown(*figure)));
}

}  // namespace

std::string report_json(const law::Law& law, const Report& report, const Provenance& from) {
    Json out{{"report", report.form->id},
             {"org", report.organisation.id},
             {"period", report.period.text},
             {"as_of", {{"seq", report.as_of}, {"date", report.as_of_date.text()}}},
             {"title", {{"zh", report.form->zh}, {"en", report.form->en}}},
             {"organisation",
              named(report.organisation.id, report.organisation.name, report.organisation.name_en)},
             {"period_from", report.period.from.text()},
             {"period_to", report.period.to.text()},
             {"sample_data", from.sample_data},
             {"law_digest", hex(law.digest())},
             {"journal", {{"origin", from.origin}, {"size", from.size}, {"root", hex(from.root)}}}};
    Json figures = Json::array();
    for (const auto& line : report.lines) figures.push_back(figure_json(line));
    out["figures"] = std::move(figures);
    Json units = Json::array();
    for (const auto& unit : report.by_unit) units.push_back(unit_json(unit));
    out["by_unit"] = std::move(units);
    out.update(checks_json(report));
    return out.dump(2) + "\n";
}

Result<ManifestHead> parse_manifest(std::string_view text) {
    const Json json = parsed(text);
    if (json.is_discarded())
        return Error{ErrorCode::json_malformed, "the manifest is no JSON document", "manifest"};
    ManifestHead out;
    std::string wrong;
    const auto at = [&](const Json& object, const char* key, Json::value_t kind) -> const Json* {
        const bool fits = object.is_object() && object.contains(key) &&
                          (object[key].type() == kind ||
                           (kind == Json::value_t::number_unsigned && object[key].is_number_unsigned()));
        if (!fits && wrong.empty()) wrong = key;
        return fits ? &object[key] : nullptr;
    };
    const auto text_at = [&](const Json& object, const char* key) {
        const Json* found = at(object, key, Json::value_t::string);
        return found == nullptr ? std::string() : found->get<std::string>();
    };
    out.report = text_at(json, "report");
    out.organisation = text_at(json, "org");
    const std::string period = text_at(json, "period");
    out.law_digest = text_at(json, "law_digest");
    if (const Json* as_of = at(json, "as_of", Json::value_t::object))
        if (const Json* seq = at(*as_of, "seq", Json::value_t::number_unsigned))
            out.as_of = seq->get<std::uint64_t>();
    std::string root;
    if (const Json* journal = at(json, "journal", Json::value_t::object)) {
        out.origin = text_at(*journal, "origin");
        root = text_at(*journal, "root");
    }
    if (const Json* sample = at(json, "sample_data", Json::value_t::boolean))
        out.sample_data = sample->get<bool>();
    if (!at(json, "figures", Json::value_t::array) || !wrong.empty())
        return Error{ErrorCode::request_malformed, fmt::format("'{}' is missing or of another kind", wrong),
                     "manifest"};
    out.period = TRY(account::parse_period(period));
    out.root = TRY(parse_digest(root));
    return out;
}

Result<std::vector<std::string>> manifest_differences(std::string_view manifest, std::string_view again) {
    const Json was = parsed(manifest);
    const Json is = parsed(again);
    if (!was.is_object() || !is.is_object())
        return Error{ErrorCode::json_malformed, "a manifest is a JSON object", "manifest"};
    std::vector<std::string> out;
    if (was == is) return out;
    compare_figures(member(was, "figures"), member(is, "figures"), "", out);
    const auto units_before = by_id(member(was, "by_unit"), "org");
    const auto units_now = by_id(member(is, "by_unit"), "org");
    for (const auto& [unit, object] : units_now) {
        const auto before = units_before.find(unit);
        const Json& figures = before == units_before.end() ? Json() : member(*before->second, "figures");
        compare_figures(figures, member(*object, "figures"), unit + "/", out);
    }
    for (const auto& [unit, object] : units_before)
        if (!units_now.contains(unit)) out.push_back(unit + ": no such unit in the journal");
    // Under the law it was made with, everything else must be the same, too.
    if (out.empty() && member(was, "law_digest") == member(is, "law_digest"))
        for (const Json& change : Json::diff(was, is))
            if (out.size() < differences_max)
                out.push_back(member(change, "path").get<std::string>() + ": " +
                              member(change, "op").get<std::string>());
    return out;
}

}  // namespace qingyuan::document
