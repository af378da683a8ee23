// From a plan to a frozen frame: who can be drawn, in which strata, with which chance, and the draw that is
// opened with it. Sizes come from the predicted risk, the exponent and the time since the last visit; they
// leave this file as probabilities only, and outside the house under pseudonyms only.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "accounts/sm4.hpp"
#include "api/doors.hpp"
#include "api/plan_desk.hpp"
#include "assess/risk_features.hpp"
#include "base/text.hpp"
#include "target/ceremony.hpp"

namespace qingyuan::api {

namespace {

constexpr int half_year_days = 183;
constexpr std::uint64_t staleness_max = 8;  ///< half-years; who was never visited counts as this
constexpr std::size_t preview_rows = 20;

struct DrawPlan {
    std::string title, organisation;
    std::set<std::string> kinds;                              ///< empty = all
    std::set<std::string> certain_kinds;                      ///< statutory coverage: every one of them
    std::map<std::string, std::vector<std::string>> certain;  ///< operator → reasons
    bool open_leads = false;
    int half_powers = 2;
    std::int64_t staleness = 25;  ///< hundredths a half-year
    target::Plan plan;
    std::string random_text;
};

Result<std::int64_t> whole(const Json& object, const char* name, std::int64_t otherwise, std::int64_t max) {
    if (!object.contains(name) || object[name].is_null()) return otherwise;
    if (!object[name].is_number_integer() || object[name] < 0 || object[name] > max)
        return Error{ErrorCode::field_invalid, fmt::format("a whole number from 0 to {} is expected", max),
                     name};
    return object[name].get<std::int64_t>();
}

Result<std::set<std::string>> kinds_in(const Call& call, const Json& body, const char* name) {
    std::set<std::string> out;
    const law::Vocabulary* known = call.services.law.find_vocabulary("operator_kinds");
    for (std::string& kind : TRY(list_in(body, name))) {
        if (!known || !known->find(kind))
            return Error{ErrorCode::not_in_vocabulary, fmt::format("'{}' is no kind of operator", kind),
                         name};
        out.insert(std::move(kind));
    }
    return out;
}

Result<void> read_strata(const Json& body, target::Plan& plan) {
    if (!body.contains("strata") || body["strata"].is_null()) return {};
    if (!body["strata"].is_array()) return Error{ErrorCode::field_invalid, "a list is expected", "strata"};
    for (const Json& one : body["strata"]) {
        if (!one.is_object()) return Error{ErrorCode::field_invalid, "an object is expected", "strata"};
        CHECK(only_names(one, {"id", "least", "places", "reserve"}, "strata"));
        plan.quotas.push_back({TRY(wanted_in(one, "id")), TRY(whole(one, "least", 0, 10'000'000)),
                               TRY(whole(one, "places", 0, 10'000'000)),
                               TRY(whole(one, "reserve", 0, 10'000'000))});
    }
    return {};
}

Result<void> read_certain(const Json& body, DrawPlan& plan) {
    if (!body.contains("certain") || body["certain"].is_null()) return {};
    if (!body["certain"].is_array()) return Error{ErrorCode::field_invalid, "a list is expected", "certain"};
    for (const Json& one : body["certain"]) {
        if (!one.is_object()) return Error{ErrorCode::field_invalid, "an object is expected", "certain"};
        CHECK(only_names(one, {"operator", "reason"}, "certain"));
        const std::string reason = TRY(wanted_in(one, "reason"));
        if (!target::is_certain_reason(reason))
            return Error{ErrorCode::field_invalid, "statutory, for_cause or listed", "reason"};
        plan.certain[TRY(wanted_in(one, "operator"))].push_back(reason);
    }
    return {};
}

Result<DrawPlan> plan_of(const Call& call, const Json& body) {
    DrawPlan out;
    out.title = TRY(text_in(body, "title"));
    out.organisation = TRY(text_in(body, "org"));
    if (out.organisation.empty()) out.organisation = home_of(call);
    out.kinds = TRY(kinds_in(call, body, "kinds"));
    out.certain_kinds = TRY(kinds_in(call, body, "certain_kinds"));
    out.open_leads = TRY(flag_in(body, "open_leads"));
    out.half_powers = static_cast<int>(TRY(whole(body, "half_powers", 2, 4)));
    out.staleness = TRY(whole(body, "staleness", 25, 400));
    out.plan.size = TRY(whole(body, "places", 0, 10'000'000));
    out.random_text = TRY(text_in(body, "random_share", 12));
    if (out.random_text.empty()) out.random_text = "0.2";
    out.plan.random_share = TRY(parse_decimal(out.random_text));
    CHECK(read_strata(body, out.plan));
    CHECK(read_certain(body, out));
    return out;
}

/// Operators with a lead that is still open: a reason to go.
Result<std::set<std::string>> with_open_leads(const journal::Reader& reader, const std::string& path) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string("lead")}},
                   {"path", journal::Compare::prefix, {path}},
                   {"open", journal::Compare::equal, {std::int64_t{1}}}};
    query.limit = 100'000;
    std::set<std::string> out;
    for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(query)))
        if (!row.operator_id.empty()) out.insert(row.operator_id);
    return out;
}

std::uint64_t stale_half_years(const assess::Features& features, Date today) {
    if (features.visits.empty()) return staleness_max;
    const int days = today - features.visits.back().on;
    return std::min(staleness_max, static_cast<std::uint64_t>(std::max(0, days / half_year_days)));
}

struct Planned {
    DrawPlan plan;
    std::vector<target::Candidate> candidates;
    target::Chances chances;
    std::string rule;
};

Result<void> candidates_of(const journal::Reader& reader, const law::Law& law, Date today, Planned& out) {
    const auto levers = TRY(assess::RiskLevers::load(law, today));
    const auto subjects = TRY(assess::risk_subjects(reader, law, levers, today));
    std::vector<assess::Features> features;
    features.reserve(subjects.size());
    for (const assess::RiskSubject& one : subjects) features.push_back(one.features);
    const auto model = assess::RiskModel::train(features, levers, today);
    const auto place = TRY(reader.view<facts::PlaceRow>().find(out.plan.organisation));
    if (!place) return Error{ErrorCode::organisation_unknown, out.plan.organisation, "org"};
    const auto tree = TRY(registry::OrganisationTree::load(reader));
    const auto ids = tree.subtree(out.plan.organisation, today);
    const std::set<std::string> below(ids.begin(), ids.end());
    std::set<std::string> leads;
    if (out.plan.open_leads) leads = TRY(with_open_leads(reader, place->path));
    std::set<std::string> named;
    for (const assess::RiskSubject& one : subjects) {
        const std::string& kind = one.features.type;
        if (!out.plan.kinds.empty() && !out.plan.kinds.contains(kind)) continue;
        const auto row = TRY(reader.view<facts::OperatorRow>().find(one.id));
        if (!row || !below.contains(row->organisation)) continue;
        const double risk = model.score(one.features).risk.probability();
        target::Candidate candidate{
            one.id, kind,
            target::size_of(static_cast<std::uint64_t>(risk * 1e6), out.plan.half_powers,
                            stale_half_years(one.features, today),
                            static_cast<std::uint64_t>(out.plan.staleness))};
        if (out.plan.certain_kinds.contains(kind)) candidate.reasons.emplace_back("statutory");
        if (leads.contains(one.id)) candidate.reasons.emplace_back("for_cause");
        if (const auto found = out.plan.certain.find(one.id); found != out.plan.certain.end())
            for (const std::string& reason : found->second)
                if (std::ranges::find(candidate.reasons, reason) == candidate.reasons.end())
                    candidate.reasons.push_back(reason);
        named.insert(one.id);
        out.candidates.push_back(std::move(candidate));
    }
    for (const auto& [operator_id, reasons] : out.plan.certain)
        if (!named.contains(operator_id))
            return Error{ErrorCode::operator_unknown, fmt::format("'{}' is not in this frame", operator_id),
                         "certain"};
    out.rule = fmt::format("risk {} exponent {}/2 staleness {}% random {}", model.version(),
                           out.plan.half_powers, out.plan.staleness, out.plan.random_text);
    return {};
}

/// The plan of the body, decided on and computed.
Result<Planned> planned_draw(const Call& call, const journal::Reader& reader, const Json& body) {
    Planned out;
    out.plan = TRY(plan_of(call, body));
    TRY(call.may(TRY(access::object_at(reader, access::Kind::plan, out.plan.organisation))));
    CHECK(candidates_of(reader, call.services.law, call.now.date(), out));
    out.chances = TRY(target::chances_of(out.candidates, out.plan.plan));
    return out;
}

/// Strata with how many are certain, and the operators with the highest chance.
Json plan_json(Presenter& present, const Planned& planned) {
    const auto& strata = planned.chances.strata;
    std::vector<std::int64_t> certain(strata.size());
    std::vector<target::Probability> least(strata.size(), target::probability_one), greatest(strata.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < planned.candidates.size(); ++i) {
        const auto stratum = std::ranges::find(strata, planned.candidates[i].stratum, &target::Stratum::id);
        const auto at = static_cast<std::size_t>(stratum - strata.begin());
        const target::Probability chance = planned.chances.probabilities[i];
        certain[at] += chance == target::probability_one;
        least[at] = std::min(least[at], chance);
        greatest[at] = std::max(greatest[at], chance);
        order.push_back(i);
    }
    Json rows = Json::array(), first = Json::array();
    std::int64_t places = 0;
    for (std::size_t i = 0; i < strata.size(); ++i) {
        places += strata[i].size;
        rows.push_back({{"id", strata[i].id},
                        {"name", present.word("operator_kinds", strata[i].id)},
                        {"units", strata[i].units},
                        {"places", strata[i].size},
                        {"reserve", strata[i].reserve},
                        {"random", target::text_of(strata[i].random)},
                        {"certain", certain[i]},
                        {"least", target::text_of(least[i])},
                        {"greatest", target::text_of(greatest[i])}});
    }
    std::ranges::stable_sort(order, std::greater(),
                             [&](std::size_t i) { return planned.chances.probabilities[i]; });
    for (std::size_t i = 0; i < std::min(order.size(), preview_rows); ++i) {
        const target::Candidate& one = planned.candidates[order[i]];
        first.push_back({{"operator", present.operator_ref(one.operator_id)},
                         {"stratum", present.word("operator_kinds", one.stratum)},
                         {"probability", target::text_of(planned.chances.probabilities[order[i]])},
                         {"reasons", one.reasons}});
    }
    return {{"organisation", present.organisation(planned.plan.organisation)},
            {"units", planned.candidates.size()},
            {"places", places},
            {"rule", planned.rule},
            {"strata", std::move(rows)},
            {"first", std::move(first)}};
}

Result<Json> plan_body(const Call& call) {
    return body_of(
        call, {"title", "org", "kinds", "certain_kinds", "certain", "open_leads", "half_powers", "staleness",
               "places", "random_share", "strata", "profile", "reveal_by", "sealed_until", "beacon"});
}

Result<facts::Form> opening_form(const Call& call, const Json& body, const Planned& planned) {
    const Digest secret = digest_of(TRY(accounts::random_bytes(32)));
    const target::Frame frame = target::freeze(planned.candidates, planned.chances, secret);
    const auto kept = TRY(
        call.services.evidence.put(target::write_frame(frame, planned.candidates, planned.chances.strata)));
    const std::string profile = TRY(text_in(body, "profile")), sealed = TRY(text_in(body, "sealed_until")),
                      beacon = TRY(text_in(body, "beacon", 60));
    facts::Form form;
    form["profile"] =
        std::string(target::name_of(TRY(target::parse_profile(profile.empty() ? "sm3" : profile))));
    form["rule"] = planned.rule;
    form["strata"] = target::write_strata(planned.chances.strata);
    form["frame_units"] = static_cast<std::int64_t>(frame.units.size());
    form["frame_root"] = hex(frame.root);
    form["frame"] = std::vector<std::string>{hex(kept.digest)};
    form["secret"] = TRY(call.services.vault.put("form/secret", hex(secret)));
    form["reveal_by"] = TRY(parse_date(TRY(wanted_in(body, "reveal_by")))).text();
    form["sealed"] = !sealed.empty();
    if (!sealed.empty()) form["sealed_until"] = TRY(parse_date(sealed)).text();
    if (!beacon.empty()) form["beacon"] = beacon;
    return form;
}

}  // namespace

Answer preview_draw(const Call& call) {
    const Json body = TRY(plan_body(call));
    Json out;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Planned planned = TRY(planned_draw(call, reader, body));
        Presenter present(call.services, reader, call.now);
        out = plan_json(present, planned);
        return {};
    }));
    return json_response(out);
}

Answer open_draw(const Call& call) {
    const Json body = TRY(plan_body(call));
    act::Engine::Opening opening{.procedure = "draw"};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Planned planned = TRY(planned_draw(call, reader, body));
        TRY(target::turn_of(reader, planned.plan.organisation));  // refused before a secret is made
        opening.title = planned.plan.title;
        opening.organisation = planned.plan.organisation;
        opening.form = TRY(opening_form(call, body, planned));
        return {};
    }));
    return append_fact(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
        const target::Turn turn = TRY(target::turn_of(reader, opening.organisation));
        opening.form["number"] = turn.number;
        opening.form["previous"] = hex(turn.previous);
        return call.services.engine().open(reader, TRY(call.actor(reader)), opening);
    });
}

}  // namespace qingyuan::api
