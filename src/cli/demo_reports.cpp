// The sample city's year of safety reports: most taken over with their review done, the last weeks' as
// reports that wait; what the judgement makes of them; and one signal walked to the risk register.
#include "cli/demo_reports.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/vigilance.hpp"
#include "demo/play.hpp"
#include "demo/report_set.hpp"

namespace qingyuan::cli {

namespace {

constexpr const char* reviewer = "hy_technical_reviewer";
constexpr const char* unit_head = "hy_unit_head";
constexpr int waiting_days = 30;      ///< reports received so lately came one by one, not as history
constexpr int review_after_days = 6;  ///< newer ones still wait for their review
constexpr std::size_t sentinel_sites = 50;

/// A hand on the engine: opens dossiers and takes steps for people of the sample.
class Hand {
 public:
    Hand(Workspace& workspace, std::string organisation)
        : workspace_(workspace), engine_(workspace.law()), organisation_(std::move(organisation)) {}

    Result<void> take(std::uint64_t dossier, std::string_view step, const std::string& person,
                      facts::Form form = {}) {
        return workspace_.journal().write([&](journal::Writer& writer) -> Result<void> {
            const auto row = TRY(writer.view<facts::DossierRow>().find(static_cast<std::int64_t>(dossier)));
            if (!row) return Error{ErrorCode::dossier_unknown, "no such dossier"};
            const act::Actor actor = TRY(act::actor_of(writer, person, writer.now()));
            TRY(writer.append(TRY(engine_.take(writer, *row, actor, step, {.form = std::move(form)}))));
            return {};
        });
    }
    Result<std::uint64_t> open(const std::string& person, act::Engine::Opening opening) {
        std::uint64_t seq = 0;
        CHECK(workspace_.journal().write([&](journal::Writer& writer) -> Result<void> {
            const act::Actor actor = TRY(act::actor_of(writer, person, writer.now()));
            opening.organisation = organisation_;
            seq = TRY(writer.append(TRY(engine_.open(writer, actor, opening)))).seq;
            return {};
        }));
        return seq;
    }
    Result<std::vector<facts::DossierRow>> all(std::string_view procedure, std::string_view state) {
        std::vector<facts::DossierRow> out;
        CHECK(workspace_.journal().read([&](const journal::Reader& reader) -> Result<void> {
            out = TRY(reader.view<facts::DossierRow>().list(
                {.where = {{"procedure", journal::Compare::equal, {std::string(procedure)}},
                           {"state", journal::Compare::equal, {std::string(state)}}},
                 .limit = 1000}));
            return {};
        }));
        return out;
    }

 private:
    Workspace& workspace_;
    act::Engine engine_;
    std::string organisation_;
};

/// Reviewed as they came in: all but the newest, and one in twelve goes back for what it lacks.
Result<void> review(Hand& hand, Date today) {
    std::size_t i = 0;
    for (const facts::DossierRow& row : TRY(hand.all("adverse_event", "submitted"))) {
        ++i;
        if (today - row.opened_on < review_after_days) continue;
        const auto seq = static_cast<std::uint64_t>(row.seq);
        if (i % 12 == 0) {
            CHECK(hand.take(seq, "return", reviewer,
                            {{"return_reason", std::string("缺少批号和用药起止时间，请核对病历后补充")}}));
            continue;
        }
        CHECK(hand.take(seq, "review", reviewer,
                        {{"causality_county", std::string(i % 3 == 0 ? "probable" : "possible")}}));
    }
    return {};
}

/// A cluster from its detection to the register, with a warning to those who use the product.
Result<void> walk_signal(Hand& hand, const demo::City& city) {
    const auto detected = TRY(hand.all("signal", "detected"));
    const auto cluster = std::ranges::find_if(detected, [](const facts::DossierRow& row) {
        return facts::text_of(row.attributes, "signal_kind") == "cluster";
    });
    if (cluster == detected.end()) return {};
    const auto seq = static_cast<std::uint64_t>(cluster->seq);
    const std::string product = facts::text_of(cluster->attributes, "suspected");
    CHECK(hand.take(
        seq, "validate", reviewer,
        {{"validation", std::string("逐例审阅：批号经医院库房核对无误，用药至反应间隔均在 24 小时内，"
                                    "临床表现一致，非集中补录。")}}));
    CHECK(hand.take(seq, "assess", unit_head,
                    {{"conclusion", std::string("possible")},
                     {"assessment", std::string("同批聚集、其他批号同期平静，不能排除与该批产品质量有关，"
                                                "建议抽检留样并控制在库产品。")}}));
    CHECK(hand.take(seq, "to_risk", unit_head));
    TRY(hand.open(unit_head,
                  {.procedure = "risk_item",
                   .title = product + " 同批聚集性不良反应",
                   .category = cluster->category,
                   .source = seq,
                   .form = {{"hazard", product + " 批号 " + facts::text_of(cluster->attributes, "batch") +
                                           " 出现聚集性不良反应"},
                            {"origin", std::string("signal")}}}));
    CHECK(hand.take(seq, "warn", reviewer));
    for (const std::string& firm : {city.portal_operators[2], city.portal_operators[3]})
        TRY(hand.open(reviewer,
                      {.procedure = "training",
                       .title = "用药安全警示：" + product,
                       .operator_id = firm,
                       .category = cluster->category,
                       .source = seq,
                       .form = {{"training_kind", std::string("risk_notice")},
                                {"text", std::string("使用该产品前核对批号，备好急救条件；出现寒战、"
                                                     "发热、皮疹立即停用并在 15 日内报告。")},
                                {"deadline", (demo::end_of_play().date() + 10).text()}}}));
    return {};
}

std::vector<facts::SentinelRow> sentinels_of(const demo::City& city, Date from) {
    std::vector<facts::SentinelRow> out;
    for (const facts::OperatorRecorded& one : city.operators) {
        if (one.kind != "hospital" && one.kind != "township_health_centre" && one.kind != "clinic") continue;
        if (out.size() == sentinel_sites) break;
        out.push_back({.site = one.id,
                       .name = one.name,
                       .kind = "hospital",
                       .region = one.region,
                       .from = from,
                       .to = {}});
    }
    return out;
}

}  // namespace

Result<void> take_in_reports(Workspace& workspace, const demo::City& city, std::uint64_t seed) {
    const Date today = workspace.clock().now().date();
    const auto vigilance = TRY(open_vigilance(workspace));
    const demo::ReportSet set = demo::city_reports(city, demo::city_report_options(seed), seed);
    demo::ReportSet past, late;
    for (const facts::SafetyReport& one : set.reports) {
        if (one.received_on && *one.received_on > today) continue;  // not yet here
        (one.received_on && today - *one.received_on <= waiting_days ? late : past).reports.push_back(one);
    }
    std::uint64_t taken = 0;
    const api::ReportActor actor{"hyz_statistician", city.bureau};
    for (const bool history : {true, false}) {
        const auto result =
            TRY(vigilance->reports->import(actor, {.bytes = demo::report_table(history ? past : late),
                                                   .source = "国家药品不良反应监测系统",
                                                   .channel = "national_system",
                                                   .history = history}));
        taken += result.accepted;
        for (const api::ReportOutcome& one : result.reports)
            if (!one.accepted)
                return Error{ErrorCode::field_invalid,
                             one.problems.empty() ? "a report of the sample was not taken"
                                                  : one.problems.front().message,
                             one.number};
    }
    const auto sites = sentinels_of(city, today.plus_months(-12));
    if (!sites.empty()) TRY(vigilance->reports->put_sentinels(actor, sites));
    Hand hand(workspace, city.bureau);
    CHECK(review(hand, today));
    const auto judged = TRY(vigilance->signals->judge({"system", city.bureau}));
    CHECK(walk_signal(hand, city));
    fmt::print(stderr, "safety reports: {} taken, {} cases, {} signals, {} batch clusters\n", taken,
               judged.fact.cases, judged.fact.signals, judged.fact.clusters);
    return {};
}

}  // namespace qingyuan::cli
