// What visits say about all operators, beside the count of what they found; and what another policy would
// have found in a market like this bureau's own.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/plan_desk.hpp"
#include "assess/risk_features.hpp"
#include "base/text.hpp"
#include "target/estimates.hpp"
#include "target/market.hpp"

namespace qingyuan::api {

namespace {

/// A visit that took place in the period.
struct SeenVisit {
    std::string reason;
    double probability = 0;  ///< 0 = nobody wrote one down
    std::string operator_id;
    bool hit = false;
};

/// "1/12", "0.083": 0 where it is neither, or not a probability.
double probability_of(std::string_view text) {
    const std::size_t bar = text.find('/');
    const auto above = parse_decimal(text.substr(0, bar));
    if (!above) return 0;
    double out = static_cast<double>(above->numerator()) / static_cast<double>(above->denominator());
    if (bar != std::string_view::npos) {
        const auto below = parse_integer(text.substr(bar + 1));
        if (!below || *below <= 0) return 0;
        out /= static_cast<double>(*below);
    }
    return out > 0 && out <= 1 ? out : 0;
}

Result<std::vector<SeenVisit>> visits_of(const journal::Reader& reader, const std::string& path, Date from,
                                         Date to) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string("inspection")}},
                   {"path", journal::Compare::prefix, {path}}};
    query.limit = 1000;
    std::vector<SeenVisit> out;
    while (true) {
        const auto rows = TRY(reader.view<facts::DossierRow>().list(query));
        for (const facts::DossierRow& row : rows) {
            const facts::StepState* signed_ = last_step(row, "sign");
            if (!signed_ || signed_->on < from || signed_->on > to) continue;
            const bool hit = last_step(row, "record_finding") != nullptr;
            out.push_back({facts::text_of(row.attributes, "reason"),
                           probability_of(facts::text_of(row.attributes, "probability")), row.operator_id,
                           hit});
        }
        if (rows.size() < query.limit) return out;
        query.after_key = rows.back().seq;
    }
}

Json interval_json(const target::Interval& one) {
    return {{"value", one.value}, {"error", one.error}, {"low", one.low}, {"high", one.high}};
}

/// Prevalence from the visits whose probability is written down; null where there is none.
Result<Json> prevalence(const std::vector<SeenVisit>& visits) {
    std::vector<target::Observation> drawn;
    for (const SeenVisit& one : visits)
        if (one.probability > 0) drawn.push_back({one.hit, one.probability});
    if (drawn.empty()) return Json(nullptr);
    const auto hits = std::ranges::count_if(drawn, &target::Observation::violating);
    Json out = interval_json(TRY(target::hajek(drawn)));
    out["visits"] = drawn.size();
    out["hits"] = hits;
    return out;
}

/// How many violators there may be at most, of the operators never met by a random visit too.
Result<Json> assurance(std::int64_t units, const std::vector<SeenVisit>& visits) {
    std::set<std::string> met, violating;
    for (const SeenVisit& one : visits) {
        if (one.reason != "random") continue;
        met.insert(one.operator_id);
        if (one.hit) violating.insert(one.operator_id);
    }
    const auto seen = static_cast<std::int64_t>(met.size());
    if (seen == 0 || units < seen) return Json(nullptr);
    Json needed = Json::array();
    for (const std::int64_t percent : {1, 5, 10}) {
        const std::int64_t violators = std::max<std::int64_t>(1, units * percent / 100);
        needed.push_back({{"percent", percent},
                          {"violators", violators},
                          {"visits", TRY(target::visits_needed(units, violators))}});
    }
    return Json{
        {"units", units},
        {"visited", seen},
        {"violating", violating.size()},
        {"at_most", TRY(target::violators_at_most(units, seen, static_cast<std::int64_t>(violating.size())))},
        {"needed", std::move(needed)}};
}

Result<std::pair<Date, Date>> period_in(const Call& call) {
    const std::string_view from = call.parameter("from"), to = call.parameter("to");
    const Date today = call.now.date();
    Date last = to.empty() ? today : TRY(parse_date(to));
    Date first = from.empty() ? last.plus_months(-6) + 1 : TRY(parse_date(from));
    if (last < first) return Error{ErrorCode::field_invalid, "the period ends before it begins", "to"};
    return std::pair(first, last);
}

}  // namespace

Answer visit_estimates(const Call& call) {
    Json body;
    const std::string organisation =
        call.parameter("org").empty() ? home_of(call) : std::string(call.parameter("org"));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(call.may(TRY(access::object_at(reader, access::Kind::plan, organisation))));
        const auto [from, to] = TRY(period_in(call));
        const auto place = TRY(reader.view<facts::PlaceRow>().find(organisation));
        if (!place) return Error{ErrorCode::organisation_unknown, organisation, "org"};
        const auto visits = TRY(visits_of(reader, place->path, from, to));
        const auto tree = TRY(registry::OrganisationTree::load(reader));
        std::int64_t units = 0;
        for (const std::string& id : tree.subtree(organisation, to))
            units += static_cast<std::int64_t>(TRY(
                reader.view<facts::OperatorRow>().count({{"organisation", journal::Compare::equal, {id}}})));
        std::vector<target::ReasonedVisit> reasoned;
        for (const SeenVisit& one : visits) reasoned.push_back({one.reason, one.hit});
        Presenter present(call.services, reader, call.now);
        Json rates = Json::array();
        for (const target::HitRate& rate : target::hit_rates(reasoned)) {
            Json item = interval_json(rate.rate);
            item["reason"] = present.word("inspection_reasons", rate.reason);
            item["visits"] = rate.visits;
            item["hits"] = rate.hits;
            rates.push_back(std::move(item));
        }
        const auto hits = std::ranges::count_if(visits, &SeenVisit::hit);
        Json naive = nullptr;
        if (!visits.empty())
            naive = interval_json(TRY(target::wilson(hits, static_cast<std::int64_t>(visits.size()))));
        body = {{"organisation", present.organisation(organisation)},
                {"from", from.text()},
                {"to", to.text()},
                {"operators", units},
                {"visits", visits.size()},
                {"hits", hits},
                {"share", std::move(naive)},
                {"prevalence", TRY(prevalence(visits))},
                {"rates", std::move(rates)},
                {"assurance", TRY(assurance(units, visits))}};
        return {};
    }));
    return json_response(body);
}

namespace {

/// What the replay may be asked: shares and exponents in hundredths.
struct Asked {
    std::string organisation;
    std::int64_t visits = 0, seed = 1;
    target::PolicyOptions own;
};

Result<std::int64_t> hundredths(const Json& body, const char* name, std::int64_t otherwise,
                                std::int64_t max) {
    if (!body.contains(name) || body[name].is_null()) return otherwise;
    if (!body[name].is_number_integer() || body[name] < 0 || body[name] > max)
        return Error{ErrorCode::field_invalid, "a whole number in range is expected", name};
    return body[name].get<std::int64_t>();
}

Result<Asked> asked_of(const Call& call) {
    const Json body = TRY(body_of(call, {"org", "visits", "floor", "exponent", "staleness", "seed"}));
    Asked out;
    out.organisation = TRY(text_in(body, "org"));
    if (out.organisation.empty()) out.organisation = home_of(call);
    out.visits = TRY(hundredths(body, "visits", 0, 100'000));
    out.seed = TRY(hundredths(body, "seed", 1, 1'000'000));
    out.own = {.policy = target::Policy::proportional,
               .floor = static_cast<double>(TRY(hundredths(body, "floor", 20, 100))) / 100,
               .exponent = static_cast<double>(TRY(hundredths(body, "exponent", 125, 1000))) / 100,
               .staleness = static_cast<double>(TRY(hundredths(body, "staleness", 25, 400))) / 100};
    return out;
}

constexpr int replay_outlets_max = 4000;
constexpr int replications = 8;
constexpr int half_year_days = 183;

/// The market as this bureau's own visits describe it: how many firms and visits, the mean propensity, and
/// how much firms differ; and for each firm what its own visits say.
Result<target::Market> fitted(const journal::Reader& reader, const law::Law& law, const Asked& asked,
                              Date today) {
    const auto levers = TRY(assess::RiskLevers::load(law, today));
    const auto tree = TRY(registry::OrganisationTree::load(reader));
    const auto ids = tree.subtree(asked.organisation, today);
    const std::set<std::string> below(ids.begin(), ids.end());
    std::vector<assess::Features> features;
    std::int64_t visits = 0;
    for (assess::RiskSubject& one : TRY(assess::risk_subjects(reader, law, levers, today))) {
        const auto row = TRY(reader.view<facts::OperatorRow>().find(one.id));
        if (!row || !below.contains(row->organisation)) continue;
        one.features.signals.clear();
        one.features.controls.clear();
        // A firm that was visited twice in a half-year is one place of a draw.
        visits += std::ranges::any_of(one.features.visits, [&](const assess::RiskVisit& visit) {
            return visit.on + half_year_days > today;
        });
        features.push_back(std::move(one.features));
    }
    const auto model = assess::RiskModel::train(features, levers, today);
    target::Market out;
    out.rate = std::clamp(model.all().mean, 0.01, 0.99);
    out.correlation = std::clamp(1 / (1 + model.all().strength), 0.02, 0.9);
    const std::size_t every = features.size() / replay_outlets_max + 1;
    for (std::size_t i = 0; i < features.size(); i += every) {
        const assess::RiskScore score = model.score(features[i]);
        out.posterior.push_back({score.alpha, score.beta});
    }
    out.outlets = static_cast<int>(out.posterior.size());
    const std::int64_t wanted = asked.visits > 0 ? asked.visits : visits;
    out.visits = static_cast<int>(wanted / static_cast<std::int64_t>(every));
    if (out.outlets < 10 || out.visits < 1 || out.visits >= out.outlets)
        return Error{ErrorCode::quota_impossible,
                     "there must be more firms than visits a period, and at least ten firms",
                     "visits",
                     {},
                     "give a number of visits below that of the firms",
                     "每期检查户数应少于主体数，主体不少于十户",
                     "请调整每期检查户数"};
    return out;
}

}  // namespace

Answer replay_policies(const Call& call) {
    const Asked asked = TRY(asked_of(call));
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(call.may(TRY(access::object_at(reader, access::Kind::plan, asked.organisation))));
        const target::Market market = TRY(fitted(reader, call.services.law, asked, call.now.date()));
        auto compared = target::policies(market);
        compared.push_back(asked.own);
        const auto results =
            target::simulate_market(market, static_cast<std::uint64_t>(asked.seed), replications, compared);
        Json policies = Json::array();
        for (std::size_t i = 0; i < results.size(); ++i) {
            const target::PolicyResult& one = results[i];
            policies.push_back({{"policy", i + 1 == results.size() ? "asked" : one.policy},
                                {"floor", compared[i].floor},
                                {"exponent", compared[i].exponent},
                                {"staleness", compared[i].staleness},
                                {"found", one.found},
                                {"found_error", one.found_error},
                                {"gain", one.gain},
                                {"bias", one.bias},
                                {"bias_error", one.bias_error},
                                {"forgotten", one.forgotten},
                                {"longest_gap", one.longest_gap},
                                {"covers", one.interval_covers}});
        }
        Presenter present(call.services, reader, call.now);
        body = {{"organisation", present.organisation(asked.organisation)},
                {"outlets", market.outlets},
                {"visits", market.visits},
                {"periods", market.periods},
                {"rate", market.rate},
                {"correlation", market.correlation},
                {"drift", market.drift},
                {"rectification", market.rectification},
                {"relapse", market.relapse},
                {"replications", replications},
                {"seed", asked.seed},
                {"policies", std::move(policies)}};
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
