// Pairs of product and reaction with every measure; the criteria; what each judgement found.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/packs_view.hpp"
#include "api/paging.hpp"
#include "api/signals_view.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

struct Filter {
    std::uint64_t criteria = 0;  ///< bits that must be met
    std::uint64_t minimum = 0;
    std::string search;
    std::optional<Date> since;
    std::string sort = "eb05";
};

constexpr std::array<std::string_view, 7> sorts{"eb05", "ic025", "n", "prr", "ror", "chi2_yates", "newest"};

Result<std::uint64_t> criterion_bit(const law::Criteria& criteria, std::string_view id) {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < criteria.all().size(); ++i) {
        if (criteria.all()[i].id == id) return std::uint64_t{1} << i;
        known.push_back(criteria.all()[i].id);
    }
    return Error{ErrorCode::rule_unknown,
                 fmt::format("there is no criterion '{}'", id),
                 "criterion",
                 {},
                 "one of " + join(known, ", "),
                 fmt::format("没有“{}”这一标准", id),
                 "可选：" + join(known, "、")};
}

Result<Filter> filter_of(const Call& call, const law::Criteria& criteria) {
    Filter out;
    if (const auto id = call.parameter("criterion"); !id.empty())
        out.criteria = TRY(criterion_bit(criteria, id));
    if (const auto text = call.parameter("minimum"); !text.empty()) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.minimum);
        if (error != std::errc() || end != text.data() + text.size())
            return Error{ErrorCode::usage, "minimum is a whole number", "minimum", {},
                         "leave it out",   "最少例数应为整数",          "可以不填"};
    }
    out.search = call.parameter("search");
    if (const auto since = call.parameter("since"); !since.empty()) out.since = TRY(parse_date(since));
    if (const auto sort = call.parameter("sort"); !sort.empty()) out.sort = sort;
    if (std::ranges::find(sorts, out.sort) == sorts.end())
        return Error{ErrorCode::usage,
                     fmt::format("a list of signals is not sorted by '{}'", out.sort),
                     "sort",
                     {},
                     "one of eb05, ic025, n, prr, ror, chi2_yates, newest",
                     fmt::format("不能按“{}”排序", out.sort),
                     "可选 eb05、ic025、n、prr、ror、chi2_yates、newest"};
    return out;
}

double sort_key(const assess::SignalRow& row, std::string_view sort, const StandingSignal* known) {
    const assess::Measures& m = row.measures;
    double key = 0;
    if (sort == "eb05")
        key = assess::is_estimable(m.eb05) ? m.eb05 : m.ic025;
    else if (sort == "ic025")
        key = m.ic025;
    else if (sort == "n")
        key = static_cast<double>(m.counts.n);
    else if (sort == "prr")
        key = m.prr;
    else if (sort == "ror")
        key = m.ror;
    else if (sort == "chi2_yates")
        key = m.chi2_yates;
    else
        key = known ? known->found_on.days : -1e9;
    return std::isnan(key) ? -1e12 : key;
}

struct Listed {
    const assess::SignalRow* row = nullptr;
    const StandingSignal* known = nullptr;
    double key = 0;
};

Json criteria_met(const law::Criteria& criteria, std::uint64_t met) {
    Json out = Json::array();
    for (std::size_t i = 0; i < criteria.all().size(); ++i)
        if ((met >> i & 1) != 0) out.push_back(criteria.all()[i].id);
    return out;
}

std::vector<Listed> listed(SignalView& view, const assess::SignalTable& table, const Filter& filter,
                           const std::map<std::string, StandingSignal>& standing) {
    std::vector<Listed> out;
    for (const assess::SignalRow& row : table.rows) {
        if ((row.criteria & filter.criteria) != filter.criteria || row.measures.counts.n < filter.minimum)
            continue;
        const std::string& product = table.products[row.product];
        const std::string& reaction = table.reactions[row.reaction];
        if (!filter.search.empty() && product.find(filter.search) == std::string::npos &&
            view.reaction_name(reaction, table.level.reaction).find(filter.search) == std::string::npos)
            continue;
        const StandingSignal* known = nullptr;
        if (table.level.product == assess::ProductLevel::name &&
            table.level.reaction == assess::ReactionLevel::term)
            if (const auto at = standing.find(SignalDesk::pair_id(table.level.kind, product, reaction));
                at != standing.end() && at->second.standing)
                known = &at->second;
        if (filter.since && (known == nullptr || known->found_on < *filter.since)) continue;
        out.push_back({&row, known, sort_key(row, filter.sort, known)});
    }
    std::ranges::stable_sort(out, std::greater(), &Listed::key);
    return out;
}

}  // namespace

Answer signals(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    const std::uint64_t from = TRY(rows_before(call));
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto level = TRY(level_of(call));
        const Filter filter = TRY(filter_of(call, view.desk().criteria()));
        const auto state = TRY(view.desk().state());
        const auto table = TRY(view.desk().table(level));
        const auto standing = view.desk().standing();
        const auto judged = view.desk().judgements();
        const auto rows = listed(view, *table, filter, standing);
        Json items = Json::array();
        for (std::size_t i = from; i < rows.size() && items.size() < limit; ++i) {
            const auto& [row, known, key] = rows[i];
            Json one{{"product", table->products[row->product]},
                     {"reaction", table->reactions[row->reaction]},
                     {"reaction_name", view.reaction_name(table->reactions[row->reaction], level.reaction)}};
            add_measures(one, row->measures);
            one["serious"] = row->serious;
            one["deaths"] = row->deaths;
            one["criteria"] = criteria_met(view.desk().criteria(), row->criteria);
            one["is_new"] = known != nullptr && !judged.empty() && known->found == judged.back().seq;
            one["first_met_on"] = known ? Json(known->found_on.text()) : Json(nullptr);
            if (known)
                CHECK(view.add_dossier(one, known->id));
            else
                one["dossier"] = one["dossier_state"] = one["dossier_state_name"] = nullptr;
            items.push_back(std::move(one));
        }
        const std::size_t end = from + items.size();
        CHECK(view.note("signals", static_cast<std::int64_t>(items.size())));
        return json_response({{"as_of", TRY(view.as_of(*state, table.get()))},
                              {"items", std::move(items)},
                              {"next", end < rows.size() ? Json(std::to_string(end)) : Json(nullptr)},
                              {"total", rows.size()}});
    });
}

Answer signal_criteria(const Call& call) {
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto table = TRY(view.desk().table(TRY(level_of(call))));
        Json items = Json::array();
        const auto all = view.desk().criteria().all();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const law::Criterion& one = all[i];
            const auto met = std::ranges::count_if(
                table->rows, [&](const assess::SignalRow& row) { return (row.criteria >> i & 1) != 0; });
            items.push_back({{"id", one.id},
                             {"zh", one.zh},
                             {"en", one.en},
                             {"text", condition_text(one.condition)},
                             {"source", one.source},
                             {"status", one.status == law::Status::verified ? "verified" : "unverified"},
                             {"met", met}});
        }
        CHECK(view.note("criteria", static_cast<std::int64_t>(items.size())));
        return json_response({{"items", std::move(items)}});
    });
}

namespace {

Json judgement_json(std::uint64_t seq, const facts::SignalsJudged& fact) {
    return {{"seq", seq},
            {"at", time_json(fact.at_ms)},
            {"reports", fact.reports},
            {"cases", fact.cases},
            {"pairs", fact.pairs},
            {"signals", fact.signals},
            {"clusters", fact.clusters},
            {"new_signals", fact.new_signals},
            {"new_clusters", fact.new_clusters},
            {"withdrawn_clusters", fact.withdrawn_clusters},
            {"changes", fact.changes},
            {"criterion", fact.criterion}};
}

}  // namespace

Answer signal_judgements(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto judged = view.desk().judgements();
        Json items = Json::array();
        for (auto at = judged.rbegin(); at != judged.rend() && items.size() < limit; ++at)
            items.push_back(judgement_json(at->seq, at->fact));
        CHECK(view.note("judgements", static_cast<std::int64_t>(items.size())));
        return json_response({{"items", std::move(items)}});
    });
}

Answer judge_signals(const Call& call) {
    // Decided first on a state of the journal; the judgement itself writes.
    const Answer allowed = with_signals(call, [](SignalView&) -> Answer { return no_content(); });
    if (!allowed) return allowed;
    const act::Actor actor = TRY(call.actor());
    const auto done = TRY(call.services.signals->judge({actor.person, home_of(call)}));
    Json out = judgement_json(done.seq, done.fact);
    if (done.seq == 0) {
        out["seq"] = nullptr;
        out["at"] = call.now.text();
    }
    out["dossiers"] = done.dossiers;
    return json_response(out, 201);
}

}  // namespace qingyuan::api
