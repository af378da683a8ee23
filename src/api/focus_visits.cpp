#include "api/focus_visits.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/assess_view.hpp"
#include "api/doors.hpp"
#include "base/text.hpp"
#include "law/checklist.hpp"
#include "registry/registry.hpp"

namespace qingyuan::api {

namespace {

constexpr std::size_t operators_max = 200;

/// Kinds whose visits have limits of their own by kind of trade (law/procedures/inspection.toml).
constexpr std::pair<std::string_view, std::string_view> trades[] = {
    {"wholesaler", "wholesale"},
    {"special_wholesaler", "wholesale"},
    {"pharmacy", "retail"},
    {"chain_store", "retail"},
    {"chain_headquarters", "chain_headquarters"},
    {"logistics", "third_party_logistics"},
};

std::string trade_of(std::string_view kind) {
    const auto found = std::ranges::find(trades, kind, [](const auto& one) { return one.first; });
    return found == std::end(trades) ? std::string() : std::string(found->second);
}

const law::Checklist* list_of(const law::Law& law, std::string_view kind, Date on) {
    for (const char* category : {"drug", "device", "cosmetic"})
        if (const law::Checklist* list = law::checklist_for(law, kind, category, on)) return list;
    return nullptr;
}

std::string reason_text(const law::Law& law, const law::FocusRules& rules,
                        const assess::FocusReason& reason) {
    const auto all = rules.all();
    const auto rule = std::ranges::find_if(all, [&](const law::FocusRule& one) {
        return one.id == reason.rule && one.version == reason.version;
    });
    const law::Vocabulary* words = law.find_vocabulary("focus_dimensions");
    const law::Word* dimension = words ? words->find(reason.dimension) : nullptr;
    return fmt::format("{}：{}（{} {}）", dimension ? dimension->zh : reason.dimension,
                       rule == all.end() ? reason.rule : rule->zh, reason.rule, reason.version);
}

}  // namespace

Result<act::Engine::Opening> visit_for(const law::Law& law, const law::FocusRules& rules,
                                       const facts::OperatorRecorded& firm, const assess::FocusEntry& entry,
                                       const VisitPlan& plan, Date on) {
    const law::Checklist* list = list_of(law, firm.kind, on);
    if (list == nullptr)
        return Error{ErrorCode::checklist_unknown,
                     fmt::format("no checklist serves a {}", firm.kind),
                     "operators",
                     {},
                     "plan this visit by hand",
                     "此类主体没有检查表，无法确定类别和环节",
                     "请单独立项检查"};
    std::set<std::string> dimensions;
    std::vector<std::string> reasons;
    for (const assess::FocusReason& reason : entry.reasons) {
        dimensions.insert(reason.dimension);
        reasons.push_back(reason_text(law, rules, reason));
    }
    act::Engine::Opening out{.procedure = "inspection",
                             .id = {},
                             .title = firm.name + " 重点检查",
                             .operator_id = firm.id,
                             .category = list->category,
                             .organisation = firm.organisation};
    out.form = {{"reason", std::string("targeted")},
                {"mode", plan.mode},
                {"activity", list->activity},
                {"focus", std::vector<std::string>(dimensions.begin(), dimensions.end())},
                {"probability", std::string("1")},
                {"unannounced", plan.unannounced},
                {"matters", join(reasons, "\n")}};
    if (const std::string trade = trade_of(firm.kind); !trade.empty()) out.form.emplace("trade", trade);
    if (plan.planned_on) out.form.emplace("planned_on", plan.planned_on->text());
    return out;
}

Result<std::optional<facts::DossierRow>> planned_visit(const journal::Reader& reader,
                                                       std::string_view operator_id) {
    using journal::Compare;
    const auto rows = TRY(reader.view<facts::DossierRow>().list(
        {.where = {{"operator_id", Compare::equal, {std::string(operator_id)}},
                   {"procedure", Compare::equal, {std::string("inspection")}},
                   {"state",
                    Compare::one_of,
                    {std::string("planned"), std::string("approved"), std::string("notified")}}},
         .limit = 1}));
    return rows.empty() ? std::optional<facts::DossierRow>() : std::optional(rows.front());
}

namespace {

struct Asked {
    std::vector<std::string> operators;
    VisitPlan plan;
};

Result<Asked> asked_of(const Call& call) {
    const Json body = TRY(body_of(call, {"operators", "mode", "planned_on", "unannounced"}));
    Asked out{.operators = TRY(list_in(body, "operators")), .plan = {}};
    if (out.operators.empty() || out.operators.size() > operators_max)
        return Error{ErrorCode::field_invalid,
                     fmt::format("between 1 and {} operators are planned at a time", operators_max),
                     "operators",
                     {},
                     "choose fewer",
                     fmt::format("一次安排 1 至 {} 户", operators_max),
                     "请减少选择"};
    if (const std::string mode = TRY(word_in(call, body, "mode", "inspection_modes")); !mode.empty())
        out.plan.mode = mode;
    if (const std::string day = TRY(text_in(body, "planned_on")); !day.empty()) {
        out.plan.planned_on = TRY(parse_date(day));
        if (*out.plan.planned_on < call.now.date())
            return Error{ErrorCode::field_invalid,
                         "the planned day has passed",
                         "planned_on",
                         {},
                         "give a day from today on",
                         "计划日期早于今天",
                         "请选择今天或者以后的日期"};
    }
    if (body.contains("unannounced")) out.plan.unannounced = TRY(flag_in(body, "unannounced"));
    return out;
}

/// One operator: opened, or there already, or refused and why. Each stands for itself.
Result<Json> plan_one(const Call& call, journal::Writer& writer, Presenter& present, const AssessState& state,
                      const law::FocusRules& rules, const std::string& id, const VisitPlan& plan) {
    Json out{{"operator", {{"id", id}, {"name", id}}}, {"outcome", "refused"}, {"dossier", nullptr}};
    const auto refused = [&](const Error& error) {
        out["refusal"] = refusal_json(present, error);
        return out;
    };
    const Date on = call.now.date();
    const KnownOperator* known = state.find(id);
    const auto firm = known ? TRY(registry::find_operator(writer, id, on)) : std::nullopt;
    const bool covered =
        firm && access::decide(call.subject, access::Policy::risk_list,
                               TRY(access::object_at(writer, access::Kind::risk, firm->organisation)))
                    .allowed;
    if (!covered || known->focus == nullptr)
        return refused({ErrorCode::record_unknown,
                        fmt::format("{} is on no focus list of yours", id),
                        "operators",
                        {},
                        "choose from the list",
                        "不在您的重点名单内",
                        "请从名单中选择"});
    out["operator"]["name"] = firm->name;
    if (const auto row = TRY(planned_visit(writer, id))) {
        out["outcome"] = "kept";
        out["dossier"] = row->id;
        return out;
    }
    const auto opening = visit_for(call.services.law, rules, *firm, *known->focus, plan, on);
    if (!opening) return refused(opening.error());
    auto object = TRY(access::object_at(writer, access::Kind::dossier, firm->organisation));
    object.operator_id = firm->id;
    if (!access::decide(call.subject, access::Policy::dossier_open, object).allowed)
        return refused({ErrorCode::wrong_organisation,
                        "the visit is its own authority's to plan",
                        "operators",
                        {},
                        "leave it to that authority",
                        "由其所在地监管部门安排",
                        "请由当地监管部门安排"});
    auto fact = call.services.engine().open(writer, TRY(call.actor(writer)), *opening);
    if (!fact) return refused(fact.error());
    const auto recorded = TRY(writer.append(std::move(*fact)));
    const auto row = TRY(writer.view<facts::DossierRow>().find(static_cast<std::int64_t>(recorded.seq)));
    out["outcome"] = "opened";
    out["dossier"] = row ? Json(row->id) : Json(nullptr);
    return out;
}

}  // namespace

Answer schedule_visits(const Call& call) {
    const Asked asked = TRY(asked_of(call));
    std::shared_ptr<const AssessState> state;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        state = TRY(call.services.assess->state(call.services, reader, call.now));
        TRY(call.may(access::Action::list,
                     TRY(access::object_at(reader, access::Kind::risk, home_of(call)))));
        return {};
    }));
    const law::FocusRules& rules = *TRY(call.services.assess->focus_rules(call.services.law));
    // Named twice is planned once.
    std::vector<std::string> operators;
    for (const std::string& id : asked.operators)
        if (std::ranges::find(operators, id) == operators.end()) operators.push_back(id);
    http::Response response;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        Presenter present(call.services, writer, call.now);
        Json items = Json::array(), counts{{"opened", 0}, {"kept", 0}, {"refused", 0}};
        for (const std::string& id : operators) {
            Json one = TRY(plan_one(call, writer, present, *state, rules, id, asked.plan));
            if (!one.contains("refusal")) one["refusal"] = nullptr;
            Json& count = counts[one["outcome"].get<std::string>()];
            count = count.get<int>() + 1;
            items.push_back(std::move(one));
        }
        response = json_response({{"items", std::move(items)},
                                  {"opened", counts["opened"]},
                                  {"kept", counts["kept"]},
                                  {"refused", counts["refused"]}},
                                 201);
        return keep_answer(call, writer, response);
    }));
    return response;
}

}  // namespace qingyuan::api
