// One pair: the table, every measure, strata, trend, daily looks, batches, cases.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/signals_view.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t cases_shown_max = 500;

Result<std::string> wanted(const Call& call, std::string_view name) {
    std::string out(call.parameter(name));
    if (out.empty())
        return Error{ErrorCode::field_missing, fmt::format("{}: must be given", name),
                     std::string(name),        {},
                     "name the pair",          "须指明产品和反应",
                     "请从信号列表进入"};
    return out;
}

Json measures_json(const assess::Measures& measures) {
    Json out = Json::object();
    add_measures(out, measures);
    return out;
}

/// A region by its name; what else a stratum is called stays as it is.
std::string stratum_text(const Call& call, const assess::StratumView& one) {
    if (one.stratum != assess::StratumKind::region) return one.value;
    const law::Region* region = call.services.law.find_region(one.value, call.now.date());
    return !region ? one.value : call.english ? region->name_en : region->name;
}

Json strata_json(const Call& call, const assess::PairView& pair) {
    Json out = Json::array();
    for (const assess::StratumView& one : pair.strata)
        out.push_back({{"stratum", assess::stratum_names[static_cast<std::size_t>(one.stratum)]},
                       {"value", stratum_text(call, one)},
                       {"n", one.measures.counts.n},
                       {"n_product", one.measures.counts.product},
                       {"expected", number_json(one.measures.expected)},
                       {"ror", number_json(one.measures.ror)},
                       {"ror_lower", number_json(one.measures.ror_lower)},
                       {"ror_upper", number_json(one.measures.ror_upper)},
                       {"ic", number_json(one.measures.ic)},
                       {"ic025", number_json(one.measures.ic025)},
                       {"ic975", number_json(one.measures.ic975)}});
    return out;
}

Json trend_json(const assess::PairView& pair) {
    Json out = Json::array();
    for (const assess::TrendPoint& one : pair.trend)
        out.push_back({{"quarter", fmt::format("{}-Q{}", one.quarter / 4, one.quarter % 4 + 1)},
                       {"n", one.alone.counts.n},
                       {"n_product", one.alone.counts.product},
                       {"cumulative", one.until.counts.n},
                       {"ic", number_json(one.until.ic)},
                       {"ic025", number_json(one.until.ic025)},
                       {"eb05", number_json(one.until.eb05)}});
    return out;
}

Json watch_json(const assess::PairView& pair) {
    if (!pair.watch) return nullptr;
    const assess::WatchView& watch = *pair.watch;
    return {{"llr", watch.llr},
            {"critical", watch.critical},
            {"expected", watch.expected},
            {"horizon", watch.horizon},
            {"alpha", watch.alpha},
            {"count", watch.count},
            {"signals", watch.signalled},
            {"ended", watch.ended},
            {"since", watch.since ? Json(watch.since->text()) : Json(nullptr)}};
}

Json batches_json(const assess::PairView& pair) {
    Json out = Json::array();
    for (const assess::BatchCount& one : pair.batches)
        out.push_back({{"batch", one.batch}, {"maker", one.maker}, {"n", one.cases}});
    return out;
}

Json criteria_json(const Call& call, const law::Criteria& criteria, const assess::Measures& measures) {
    Json out = Json::array();
    for (const law::Criterion& one : criteria.all()) {
        const assess::Verdict verdict = assess::verdict(one, measures);
        Json findings = Json::array();
        for (const assess::Finding& finding : verdict.findings)
            findings.push_back(
                {{"measure", law::signal_measures[finding.condition->measure]},
                 {"comparison", law::text_of(finding.condition->comparison)},
                 {"threshold", static_cast<double>(finding.condition->threshold.numerator()) /
                                   static_cast<double>(finding.condition->threshold.denominator())},
                 {"value", number_json(finding.value)},
                 {"met", finding.met}});
        out.push_back({{"id", one.id},
                       {"name", call.english ? one.en : one.zh},
                       {"met", verdict.met},
                       {"estimable", verdict.estimable},
                       {"text", condition_text(one.condition)},
                       {"source", one.source},
                       {"status", one.status == law::Status::verified ? "verified" : "unverified"},
                       {"findings", std::move(findings)}});
    }
    return out;
}

Json texts_json(const Call& call, const std::vector<assess::SignalText>& texts) {
    Json out = Json::array();
    for (const assess::SignalText& one : texts) out.push_back(call.english ? one.en : one.zh);
    return out;
}

/// Those the reader may see, and how many there are beside.
Result<Json> cases_json(SignalView& view, const SignalState& state, const assess::PairView& pair,
                        std::uint64_t& restricted) {
    Json out = Json::array();
    for (const std::uint32_t place : pair.cases) {
        if (out.size() == cases_shown_max) break;
        Json one = TRY(view.case_json(state, place));
        if (one.is_null())
            ++restricted;
        else
            out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

Answer signal_pair(const Call& call) {
    const std::string product = TRY(wanted(call, "product"));
    const std::string reaction = TRY(wanted(call, "reaction"));
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto level = TRY(level_of(call));
        const auto state = TRY(view.desk().state());
        const auto table = TRY(view.desk().table(level));
        const assess::SignalRow* row = table->find(product, reaction);
        if (row == nullptr)
            return Error{ErrorCode::record_unknown,
                         fmt::format("no case has both '{}' and '{}'", product, reaction),
                         {},
                         {},
                         "look it up in the list of signals",
                         fmt::format("没有同时涉及“{}”和“{}”的病例", product, reaction),
                         "请在信号列表中查找"};
        const assess::PairView pair = TRY(view.desk().pair(level, product, reaction));
        const assess::Counts& c = pair.counts;
        const std::string name = view.reaction_name(reaction, level.reaction);
        const auto text = assess::paragraph(product, name, pair, row->serious, row->deaths,
                                            view.desk().criteria(), row->criteria);
        std::uint64_t restricted = 0;
        Json cases = TRY(cases_json(view, *state, pair, restricted));
        Json out{{"product", product},
                 {"reaction", reaction},
                 {"reaction_name", name},
                 {"level", assess::text_of(level.product)},
                 {"reactions", assess::text_of(level.reaction)},
                 {"kind", level.kind},
                 {"table",
                  {{"a", c.n},
                   {"b", c.product - c.n},
                   {"c", c.reaction - c.n},
                   {"d", c.total - c.product - c.reaction + c.n}}},
                 {"measures", measures_json(pair.measures)},
                 {"serious", row->serious},
                 {"deaths", row->deaths},
                 {"criteria", criteria_json(call, view.desk().criteria(), pair.measures)},
                 {"paragraph", call.english ? text.en : text.zh},
                 {"caveats", texts_json(call, assess::caveats(pair))},
                 {"strata", strata_json(call, pair)},
                 {"stratified",
                  {{"expected", number_json(pair.stratified.expected)},
                   {"ic025", number_json(pair.stratified.ic025)},
                   {"eb05", number_json(pair.stratified.eb05)}}},
                 {"trend", trend_json(pair)},
                 {"sequential", watch_json(pair)},
                 {"batches", batches_json(pair)},
                 {"cases", std::move(cases)},
                 {"restricted", restricted},
                 {"as_of", TRY(view.as_of(*state, table.get()))}};
        CHECK(view.add_dossier(out, SignalDesk::pair_id(level.kind, product, reaction)));
        CHECK(view.note("signal " + product + " " + reaction, static_cast<std::int64_t>(c.n)));
        return json_response(out);
    });
}

}  // namespace qingyuan::api
