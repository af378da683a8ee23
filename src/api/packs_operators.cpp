// A firm by its trace data: licence, what it holds, how late it uploads, what was found about it.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/packs_view.hpp"
#include "base/text.hpp"
#include "law/rules.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t balance_shown = 1'000;
constexpr double hour_ms = 3'600'000.0;

double hours(std::int64_t ms) {
    return std::round(static_cast<double>(ms) / hour_ms * 10) / 10;
}

/// The most packs first.
Result<Json> balance_json(PackView& view, std::uint32_t number) {
    std::vector<std::pair<std::uint32_t, std::int64_t>> held;
    for (const auto& [batch, packs] : TRY(view.index().tally(packs::TallyKind::held_operator, number)))
        held.emplace_back(static_cast<std::uint32_t>(batch), packs);
    std::ranges::sort(held, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (held.size() > balance_shown) held.resize(balance_shown);
    Json out = Json::array();
    for (const auto& [number_of_batch, packs] : held) {
        const packs::Batch batch = view.batch(number_of_batch);
        out.push_back({{"product", view.product_json(batch.product)}, {"batch", batch.id}, {"held", packs}});
    }
    return out;
}

Result<Json> lag_json(const Call& call, PackView& view, std::uint32_t number) {
    packs::LagCounts counts{};
    std::int64_t events = 0;
    for (const auto& [bucket, rows] : TRY(view.index().tally(packs::TallyKind::lag, number))) {
        if (bucket >= packs::lag_buckets) continue;
        counts[bucket] += rows;
        events += rows;
    }
    const auto lag_hours = [&](double share) {
        return hours(events == 0 ? 0 : packs::lag_at(counts, share));
    };
    const auto table = TRY(view.findings());
    const packs::GraceOptions options = TRY(assess::grace_options(call.services.law, call.now.date()));
    const std::int64_t grace = number < table->grace_ms.size() ? table->grace_ms[number] : options.unknown_ms;
    return Json{{"events", events},
                {"p50_hours", lag_hours(0.5)},
                {"p99_hours", lag_hours(0.99)},
                {"grace_hours", hours(grace)},
                {"assumed", events < options.events_min}};
}

}  // namespace

std::string rule_title(const Call& call, std::string_view id) {
    const auto rule = call.services.law.rule(id, call.now.date());
    return rule ? (call.english ? (*rule)->en : (*rule)->zh) : std::string(id);
}

namespace {

Result<Json> findings_by_rule(const Call& call, PackView& view, std::uint32_t number) {
    const auto table = TRY(view.findings());
    std::map<std::uint16_t, std::map<std::string_view, std::int64_t>> counts;
    for (const FindingRef& one : table->rows)
        if (one.operator_number == number) ++counts[one.rule][status_text(one.status)];
    Json out = Json::array();
    for (auto& [rule, by_status] : counts)
        out.push_back({{"rule", table->rules[rule]},
                       {"title", rule_title(call, table->rules[rule])},
                       {"provisional", by_status["provisional"]},
                       {"confirmed", by_status["confirmed"]},
                       {"withdrawn", by_status["withdrawn"]}});
    return out;
}

}  // namespace

Answer pack_operator(const Call& call) {
    return with_packs(call, [&](PackView& view) -> Answer {
        const std::string& id = call.path.at("id");
        const std::uint32_t number = view.find_firm(id);
        const bool seen = number != 0 && TRY(view.sees(number));
        if (!seen) {
            call.hidden = number != 0;
            return Error{ErrorCode::operator_unknown,
                         fmt::format("'{}'", id),
                         {},
                         {},
                         "look it up in the list of operators; a firm without trace data is not here",
                         fmt::format("追溯数据中没有“{}”这一主体", id),
                         "请在主体列表中查找，尚无追溯数据的企业不在此列"};
        }
        const packs::Operator firm = view.firm(number);
        Json scopes = Json::array();
        for (const std::string& scope : split(firm.scopes, '|'))
            if (!scope.empty()) scopes.push_back(scope);
        const bool licensed = firm.licence_from_ms <= firm.licence_to_ms;
        Json body{{"operator", TRY(view.firm_json(number))},
                  {"licence",
                   {{"from", licensed ? time_json(firm.licence_from_ms) : Json(nullptr)},
                    {"to", licensed ? time_json(firm.licence_to_ms) : Json(nullptr)},
                    {"scopes", std::move(scopes)}}},
                  {"balance", TRY(balance_json(view, number))},
                  {"lag", TRY(lag_json(call, view, number))},
                  {"findings_by_rule", TRY(findings_by_rule(call, view, number))}};
        CHECK(view.note("balance of " + firm.id));
        return json_response(body);
    });
}

}  // namespace qingyuan::api
