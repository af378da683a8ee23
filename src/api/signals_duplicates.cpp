// Pairs of reports that seem to be one case, field by field, and what a person said of them.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/signals_view.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

Json short_report(SignalView& view, const facts::SafetyReport& one, const std::string& name) {
    static_cast<void>(view);
    Json products = Json::array();
    for (const facts::SuspectProduct& product : one.products)
        products.push_back({{"name", product.name},
                            {"approval", product.approval},
                            {"maker", product.maker},
                            {"batch", product.batch}});
    return {{"number", one.number},
            {"kind", one.kind.empty() ? "drug" : one.kind},
            {"source", one.source},
            {"organisation", one.organisation},
            {"organisation_name", name},
            {"city", one.city},
            {"received_on", one.received_on ? Json(one.received_on->text()) : Json(nullptr)},
            {"onset_on", one.onset_on ? Json(one.onset_on->text()) : Json(nullptr)},
            {"sex", one.sex},
            {"age_years", one.age_years ? Json(*one.age_years) : Json(nullptr)},
            {"weight_kg", one.weight_kg ? Json(*one.weight_kg) : Json(nullptr)},
            {"products", std::move(products)},
            {"reactions", one.reactions},
            {"seriousness", one.seriousness},
            {"outcome", one.outcome},
            {"causality", one.causality}};
}

struct FieldName {
    std::string_view field, zh, en;
};
constexpr std::array<FieldName, 15> field_names{{{"drug", "怀疑产品", "Product"},
                                                 {"approval", "批准文号", "Approval number"},
                                                 {"batch", "批号", "Batch"},
                                                 {"onset", "发生日期", "Onset"},
                                                 {"received", "收到日期", "Received"},
                                                 {"sex", "性别", "Sex"},
                                                 {"age", "年龄", "Age"},
                                                 {"weight", "体重", "Weight"},
                                                 {"patient", "患者", "Patient"},
                                                 {"organisation", "报告单位", "Reporter"},
                                                 {"source", "报告来源", "Source"},
                                                 {"seriousness", "严重程度", "Seriousness"},
                                                 {"outcome", "转归", "Outcome"},
                                                 {"causality", "关联性评价", "Causality"},
                                                 {"reactions", "不良反应", "Reactions"}}};

std::string field_label(const Call& call, std::string_view field) {
    const auto at = std::ranges::find(field_names, field, &FieldName::field);
    if (at == field_names.end()) return std::string(field);
    return std::string(call.english ? at->en : at->zh);
}

/// What the report says there; the patient is compared and never shown.
std::string field_value(const Call& call, const facts::SafetyReport& one, std::string_view field) {
    const facts::SuspectProduct none;
    const facts::SuspectProduct& product = one.products.empty() ? none : one.products.front();
    const auto word = [&](std::string_view vocabulary, const std::string& code) {
        const law::Vocabulary* words = call.services.law.find_vocabulary(vocabulary);
        const law::Word* found = words ? words->find(code) : nullptr;
        return !found ? code : call.english ? found->en : found->zh;
    };
    if (field == "drug") return product.name;
    if (field == "approval") return product.approval;
    if (field == "batch") return product.batch;
    if (field == "onset") return one.onset_on ? one.onset_on->text() : "";
    if (field == "received") return one.received_on ? one.received_on->text() : "";
    if (field == "sex" && !one.sex.empty())
        return one.sex == "male" ? (call.english ? "male" : "男") : (call.english ? "female" : "女");
    if (field == "age") return one.age_years ? fmt::format("{}", *one.age_years) : "";
    if (field == "weight") return one.weight_kg ? fmt::format("{}", *one.weight_kg) : "";
    if (field == "patient") return one.patient.empty() ? "" : "***";
    if (field == "organisation") return one.organisation;
    if (field == "source") return one.source;
    if (field == "seriousness") return word("report_seriousness", one.seriousness);
    if (field == "outcome") return word("adr_outcome", one.outcome);
    if (field == "causality") return word("adr_causality", one.causality);
    return field == "reactions" ? join(one.reactions, "、") : "";
}

Result<Json> pair_json(SignalView& view, const SignalState& state, std::uint32_t a, std::uint32_t b,
                       const std::map<std::pair<std::string, std::string>, facts::DuplicateDecided>& said) {
    const auto& reports = state.set->reports;
    Json evidence = Json::array();
    for (const assess::LinkEvidence& one : state.linkage.evidence(a, b))
        evidence.push_back({{"field", one.field},
                            {"name", field_label(view.call(), one.field)},
                            {"a", field_value(view.call(), reports[a], one.field)},
                            {"b", field_value(view.call(), reports[b], one.field)},
                            {"bits", number_json(one.bits)},
                            {"words", view.call().english ? one.en : one.zh}});
    Json out{{"a", short_report(view, reports[a], TRY(view.reporter(reports[a].organisation))->name)},
             {"b", short_report(view, reports[b], TRY(view.reporter(reports[b].organisation))->name)},
             {"bits", number_json(state.linkage.bits(a, b))},
             {"evidence", std::move(evidence)},
             {"decision", nullptr},
             {"reason", nullptr}};
    const auto at = said.find(std::minmax(reports[a].number, reports[b].number));
    if (at != said.end()) {
        out["decision"] = at->second.same ? "same" : "different";
        out["reason"] = at->second.reason;
    }
    return out;
}

std::uint32_t place_of(const SignalState& state, std::string_view number) {
    for (std::uint32_t i = 0; i < state.set->reports.size(); ++i)
        if (state.set->reports[i].number == number) return i;
    return UINT32_MAX;
}

}  // namespace

Answer suspected_duplicates(const Call& call) {
    const std::uint64_t limit = TRY(call.limit());
    const bool decided = call.parameter("decided") == "true";
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto state = TRY(view.desk().state());
        const auto said = view.desk().decisions();
        Json items = Json::array();
        std::uint64_t total = 0;
        const auto add = [&](std::uint32_t a, std::uint32_t b) -> Result<void> {
            const auto& reports = state->set->reports;
            if (!TRY(view.sees(reports[a].organisation)) && !TRY(view.sees(reports[b].organisation)))
                return {};
            const bool known = said.contains(std::minmax(reports[a].number, reports[b].number));
            if (known && !decided) return {};
            ++total;
            if (items.size() < limit) items.push_back(TRY(pair_json(view, *state, a, b, said)));
            return {};
        };
        for (const assess::DuplicateGroup& group : state->linkage.groups())
            for (const std::uint32_t member : group.members)
                if (member != group.first) CHECK(add(group.first, member));
        if (decided)  // those that were said to be two stand in no group any more
            for (const auto& [numbers, one] : said) {
                const std::uint32_t a = place_of(*state, one.report), b = place_of(*state, one.other);
                if (!one.same && a != UINT32_MAX && b != UINT32_MAX) CHECK(add(a, b));
            }
        CHECK(view.note("duplicates", static_cast<std::int64_t>(items.size())));
        return json_response({{"items", std::move(items)},
                              {"total", total},
                              {"threshold_bits", number_json(state->linkage.min_bits())}});
    });
}

Answer decide_duplicate(const Call& call) {
    const Json body = TRY(body_of(call, {"a", "b", "decision", "reason"}));
    const std::string a = TRY(wanted_in(body, "a")), b = TRY(wanted_in(body, "b"));
    const std::string decision = TRY(wanted_in(body, "decision"));
    const std::string reason = TRY(wanted_in(body, "reason", 2000));
    if (decision != "same" && decision != "different")
        return Error{ErrorCode::usage, "decision is same or different", "decision",      {},
                     "choose one",     "结论应为 same 或者 different",  "请选择其中之一"};
    const Answer allowed = with_signals(call, [&](SignalView& view) -> Answer {
        const auto state = TRY(view.desk().state());
        const std::uint32_t first = place_of(*state, a), second = place_of(*state, b);
        const auto seen = [&](std::uint32_t place) -> Result<bool> {
            return place != UINT32_MAX && TRY(view.sees(state->set->reports[place].organisation));
        };
        // As in the list: who answers for one of the two may judge the pair.
        if (first == UINT32_MAX || second == UINT32_MAX || (!TRY(seen(first)) && !TRY(seen(second))))
            return Error{ErrorCode::record_unknown,
                         fmt::format("there are no reports '{}' and '{}'", a, b),
                         {},
                         {},
                         "take two numbers of the list",
                         "没有这两份报告",
                         "请从列表中选取"};
        return no_content();
    });
    if (!allowed) return allowed;
    const act::Actor actor = TRY(call.actor());
    CHECK(call.services.signals->decide_duplicate({actor.person, home_of(call)}, a, b, decision == "same",
                                                  reason));
    return with_signals(call, [&](SignalView& view) -> Answer {
        const auto state = TRY(view.desk().state());
        return json_response(
            TRY(pair_json(view, *state, place_of(*state, a), place_of(*state, b), view.desk().decisions())));
    });
}

}  // namespace qingyuan::api
