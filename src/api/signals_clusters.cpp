// Batch clusters: those that stand, and one with its curve, its contrast and who holds the batch.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/packs_view.hpp"
#include "api/signals_view.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr int days_around = 14;

/// The cluster as it stands in the cases; nullptr for one that was withdrawn.
const assess::BatchCluster* find_cluster(const SignalState& state, const StandingSignal& one) {
    for (const assess::BatchCluster& cluster : state.clusters)
        if (cluster.product == one.product && cluster.maker == one.maker && cluster.batch == one.batch &&
            cluster.onset_from <= one.onset_to && one.onset_from <= cluster.onset_to)
            return &cluster;
    return nullptr;
}

std::uint32_t serious_of(const assess::BatchCluster& cluster) {
    std::uint32_t out = 0;
    for (const auto& [word, cases] : cluster.seriousness)
        if (word == "serious" || word == "death" || word == "social") out += cases;
    return out;
}

Result<Json> row_json(SignalView& view, const StandingSignal& one, const assess::BatchCluster* cluster) {
    Json out{{"id", one.id},
             {"kind", one.kind},
             {"product", one.product},
             {"maker", one.maker},
             {"batch", one.batch},
             {"reactions", split(one.reaction, '|')},
             {"onset_from", one.onset_from.text()},
             {"onset_to", one.onset_to.text()},
             {"cases", one.cases},
             {"expected", cluster ? number_json(cluster->expected) : Json(0)},
             {"p", cluster ? number_json(cluster->p) : Json(1)},
             {"serious", cluster ? serious_of(*cluster) : 0},
             {"organisations", cluster ? cluster->organisations.size() : 0},
             {"found_on", one.found_on.text()},
             {"status", one.standing ? "standing" : "withdrawn"}};
    CHECK(view.add_dossier(out, one.id));
    return out;
}

/// By day, from two weeks before to two weeks after: this batch by onset and by receipt, other batches of the
/// product by onset.
Json curve_json(const SignalState& state, const assess::BatchCluster& cluster, std::string_view product) {
    struct Day {
        std::uint32_t onset = 0, received = 0, other = 0;
    };
    const Date from = cluster.onset_from - days_around, to = cluster.onset_to + days_around;
    std::map<Date, Day> days;
    for (Date day = from; day <= to; ++day) days[day] = {};
    for (const std::uint32_t place : cluster.members) {
        const facts::SafetyReport& one = state.cases[place];
        if (one.onset_on && days.contains(*one.onset_on)) ++days[*one.onset_on].onset;
        if (one.received_on && days.contains(*one.received_on)) ++days[*one.received_on].received;
    }
    for (const facts::SafetyReport& one : state.cases) {
        if (!one.onset_on || !days.contains(*one.onset_on)) continue;
        const bool other = std::ranges::any_of(one.products, [&](const facts::SuspectProduct& suspect) {
            return suspect.name == product && suspect.batch != cluster.batch;
        });
        const bool same_reaction = std::ranges::any_of(one.reactions, [&](const std::string& term) {
            return std::ranges::find(cluster.reactions, term) != cluster.reactions.end();
        });
        if (other && same_reaction) ++days[*one.onset_on].other;
    }
    const double expected = cluster.expected / static_cast<double>(cluster.onset_to - cluster.onset_from + 1);
    Json out = Json::array();
    for (const auto& [day, counts] : days)
        out.push_back({{"day", day.text()},
                       {"onset", counts.onset},
                       {"received", counts.received},
                       {"other_batches", counts.other},
                       {"expected", number_json(expected)}});
    return out;
}

/// Who holds packs of the batch by the trace data, as far as the reader may know; null where they do not know
/// it, or the reader may not look.
Result<Json> holders_json(SignalView& view, const std::string& batch, Json& unaccounted) {
    unaccounted = nullptr;
    const Call& call = view.call();
    if (!call.services.packs || call.scope(access::Kind::pack).nothing()) return Json(nullptr);
    PackView packs = TRY(PackView::open(call, view.reader()));
    const std::uint32_t number = packs.find_batch(batch);
    if (number == 0) return Json(nullptr);
    Json out = Json::array();
    for (const auto& [firm, held] : TRY(packs.index().tally(packs::TallyKind::held_batch, number)))
        if (firm != 0 && held > 0 && TRY(packs.sees(static_cast<std::uint32_t>(firm))))
            out.push_back(
                {{"operator", TRY(packs.firm_json(static_cast<std::uint32_t>(firm)))}, {"count", held}});
    std::int64_t produced = 0, found = 0;
    for (const auto& [fate, count] : TRY(packs.index().tally(packs::TallyKind::fate, number)))
        (fate == static_cast<std::uint64_t>(packs::Fate::produced) ? produced : found) += count;
    unaccounted = std::max<std::int64_t>(produced - found, 0);
    return out;
}

Result<Json> organisations_json(SignalView& view, const assess::BatchCluster& cluster) {
    Json out = Json::array();
    for (const auto& [organisation, cases] : cluster.organisations)
        out.push_back({{"organisation", organisation},
                       {"name", TRY(view.reporter(organisation))->name},
                       {"cases", cases}});
    return out;
}

Json contrast_json(const assess::BatchCluster& cluster) {
    return {{"other_batches", cluster.other_batches.cases},
            {"other_batches_expected", number_json(cluster.other_batches.expected)},
            {"other_makers", cluster.other_makers.cases},
            {"other_makers_expected", number_json(cluster.other_makers.expected)},
            {"same_organisations", cluster.same_organisations.cases},
            {"same_organisations_expected", number_json(cluster.same_organisations.expected)}};
}

std::string paragraph_of(const Call& call, const StandingSignal& one, const assess::BatchCluster* cluster) {
    if (!cluster)
        return call.english ? "Taken back: the cases as they now stand are no cluster."
                            : "已撤回：按现有病例不再构成聚集。";
    const std::string reactions = join(cluster->reactions, call.english ? ", " : "、");
    if (call.english)
        return fmt::format(
            "Batch {} of {} ({}): from {} to {}, {} cases with {} at {} organisations; {:.2g} "
            "were to be expected (p = {:.2g}). This is a question to the cases and the batch, "
            "no finding of cause.",
            one.batch, one.product, one.maker, one.onset_from.text(), one.onset_to.text(), cluster->cases,
            reactions, cluster->organisations.size(), cluster->expected, cluster->p);
    return fmt::format(
        "{}（{}）批号 {}：{} 至 {} 发生“{}”{} 例，涉及 {} 家单位；按本批平时报告应有 {:.2g} 例（p = "
        "{:.2g}）。这是需要核查病例和该批产品的问题，不是因果结论。",
        one.product, one.maker, one.batch, one.onset_from.text(), one.onset_to.text(), reactions,
        cluster->cases, cluster->organisations.size(), cluster->expected, cluster->p);
}

Json caveats_of(const Call& call, const SignalState& state, const assess::BatchCluster* cluster) {
    Json out = Json::array();
    if (!cluster) return out;
    const auto say = [&](std::string_view zh, std::string_view en) { out.push_back(call.english ? en : zh); };
    if (cluster->organisations.size() == 1)
        say("病例均来自同一单位：请核实是否集中补录",
            "all cases come from one organisation: rule out a backlog");
    if (!cluster->neighbours.empty()) say("计入了相邻批号的病例", "cases of adjacent batches are counted in");
    if (cluster->other_batches.cases > 0 &&
        static_cast<double>(cluster->other_batches.cases) > 2 * cluster->other_batches.expected)
        say("同期其他批号也偏多：可能与批次无关",
            "other batches are up too in these days: it may not be the batch");
    std::size_t unknown = 0;
    for (const std::uint32_t place : cluster->members) unknown += !state.cases[place].received_on;
    if (unknown > 0) say("部分病例没有收到日期", "some cases have no date of receipt");
    return out;
}

}  // namespace

Answer batch_clusters(const Call& call) {
    const bool open_only = call.parameter("open") == "true";
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto state = TRY(view.desk().state());
        std::vector<StandingSignal> all;
        const auto standing = view.desk().standing();
        for (const auto& [id, one] : standing)
            if (!one.cluster.empty()) all.push_back(one);
        std::ranges::stable_sort(all, std::greater(), [](const StandingSignal& one) {
            return std::tuple(one.standing, one.found_on, one.onset_to);
        });
        Json items = Json::array();
        for (const StandingSignal& one : all) {
            Json row = TRY(row_json(view, one, find_cluster(*state, one)));
            const bool undecided = row["dossier_state"].is_null() || row["dossier_state"] == "detected";
            if (!open_only || (one.standing && undecided)) items.push_back(std::move(row));
        }
        CHECK(view.note("clusters", static_cast<std::int64_t>(items.size())));
        return json_response({{"as_of", TRY(view.as_of(*state, nullptr))}, {"items", std::move(items)}});
    });
}

Answer batch_cluster(const Call& call) {
    const std::string& id = call.path.at("id");
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto standing = view.desk().standing();
        const auto at = standing.find(id);
        if (at == standing.end() || at->second.cluster.empty())
            return Error{ErrorCode::record_unknown,
                         fmt::format("there is no cluster '{}'", id),
                         {},
                         {},
                         "look it up in the list of clusters",
                         fmt::format("没有“{}”这一聚集", id),
                         "请在列表中查找"};
        const StandingSignal& one = at->second;
        const auto state = TRY(view.desk().state());
        const assess::BatchCluster* cluster = find_cluster(*state, one);
        Json out = TRY(row_json(view, one, cluster));
        out["neighbours"] = cluster ? Json(cluster->neighbours) : Json::array();
        out["reasons"] =
            cluster ? Json(call.english ? cluster->reasons_en : cluster->reasons_zh) : Json::array();
        out["curve"] = cluster ? curve_json(*state, *cluster, one.product) : Json::array();
        out["by_organisation"] = cluster ? TRY(organisations_json(view, *cluster)) : Json::array();
        out["contrast"] = contrast_json(cluster ? *cluster : assess::BatchCluster());
        out["paragraph"] = paragraph_of(call, one, cluster);
        out["caveats"] = caveats_of(call, *state, cluster);
        Json members = Json::array();
        std::uint64_t restricted = 0;
        if (cluster)
            for (const std::uint32_t place : cluster->members) {
                Json member = TRY(view.case_json(*state, place));
                if (member.is_null())
                    ++restricted;
                else
                    members.push_back(std::move(member));
            }
        out["members"] = std::move(members);
        out["restricted"] = restricted;
        Json unaccounted;
        out["holders"] = TRY(holders_json(view, one.batch, unaccounted));
        out["batch_unaccounted"] = std::move(unaccounted);
        out["as_of"] = TRY(view.as_of(*state, nullptr));
        CHECK(view.note("cluster " + id, one.cases));
        return json_response(out);
    });
}

}  // namespace qingyuan::api
