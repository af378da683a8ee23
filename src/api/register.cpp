// The risk register: what is open and why, days in each stage, from the first signal to a measure in force,
// and what stands in the way of closing. Items are dossiers: who may read one, sees it here.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/assess_view.hpp"
#include "api/doors.hpp"
#include "api/paging.hpp"
#include "api/refusal_words.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

using journal::Compare;

struct Period {
    Date from, on;
};

/// From a day to today: `from` of the query, half a year where it says none.
Result<Period> period_of(const Call& call) {
    Period out{call.now.date().plus_months(-6) + 1, call.now.date()};
    if (const auto from = call.parameter("from"); !from.empty()) out.from = TRY(parse_date(from));
    if (out.from > out.on)
        return Error{ErrorCode::usage,
                     "the period begins after today",
                     "from",
                     {},
                     "give an earlier day",
                     "起始日期晚于今天",
                     "请选择较早的日期"};
    return out;
}

/// One item with what the view knows of it.
struct Item {
    const facts::DossierRow* row = nullptr;
    const assess::PeriodItem* period = nullptr;
    const assess::LeadTime* lead = nullptr;
    const assess::ItemStages* stages = nullptr;
    std::int64_t measures = 0, measures_open = 0;
};

template <class List>
auto find_item(const List& list, const std::string& id) {
    const auto at = std::ranges::find_if(list, [&](const auto& one) { return one.item == id; });
    return at == list.end() ? nullptr : &*at;
}

Result<Item> item_of(const journal::Reader& reader, const assess::RegisterView& view,
                     const facts::DossierRow& row) {
    Item out{&row, find_item(view.period, row.id), find_item(view.lead_times, row.id),
             find_item(view.items, row.id)};
    for (const facts::DossierRow& measure :
         TRY(reader.view<facts::DossierRow>().list({.where = {{"source", Compare::equal, {row.seq}}}}))) {
        if (measure.procedure != "control_measure" || measure.state == "voided") continue;
        ++out.measures;
        out.measures_open += measure.open ? 1 : 0;
    }
    return out;
}

Json state_json(const Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    return procedure ? present.state(*procedure, row.state) : present.term(row.state);
}

Json stage_days_json(const Presenter& present, const Item& item) {
    Json out = Json::array();
    const law::Procedure* procedure = present.procedure_of(*item.row);
    if (item.stages == nullptr || procedure == nullptr) return out;
    for (const law::State& state : procedure->states)  // in the order of the procedure
        if (const auto days = item.stages->days.find(state.id); days != item.stages->days.end())
            out.push_back({{"state", present.state(*procedure, state.id)}, {"days", days->second}});
    return out;
}

Json lead_json(const assess::LeadTime* lead) {
    if (lead == nullptr) return nullptr;
    return {{"first_signal", lead->first_signal.text()},
            {"controlled_on", lead->controlled_on ? Json(lead->controlled_on->text()) : Json(nullptr)},
            {"days", lead->days() ? Json(*lead->days()) : Json(nullptr)},
            {"harm_before", lead->harm_before}};
}

Json item_json(Presenter& present, const Item& item) {
    const facts::DossierRow& row = *item.row;
    const auto text = [&](std::string_view field) { return facts::text_of(row.attributes, field); };
    const auto unit = text("owner_unit"), owner = text("owner"), review = text("review_on");
    return {{"id", row.id},
            {"title", row.title},
            {"hazard", text("hazard")},
            {"origin", present.word("lead_origins", text("origin"))},
            {"operator", present.operator_ref(row.operator_id)},
            {"product", text("product").empty() ? Json(nullptr) : Json(text("product"))},
            {"category", present.word("categories", row.category)},
            {"organisation", present.organisation(row.organisation)},
            {"state", state_json(present, row)},
            {"open", row.open},
            {"opened_on", row.opened_on.text()},
            {"closed_on", date_or_null(row.closed_on)},
            {"level", present.word("risk_levels", text("level"))},
            {"level_before",
             item.period == nullptr ? Json(nullptr) : present.word("risk_levels", item.period->level_before)},
            {"flag", item.period == nullptr ? Json(nullptr) : Json(assess::text_of(item.period->flag))},
            {"owner_unit", unit.empty() ? Json(nullptr) : present.organisation(unit)},
            {"owner", owner.empty() ? Json(nullptr) : present.person(owner)},
            {"review_on", review.empty() ? Json(nullptr) : Json(review)},
            {"residual", present.word("risk_levels", text("residual"))},
            {"measures", {{"all", item.measures}, {"open", item.measures_open}}},
            {"stages", stage_days_json(present, item)},
            {"lead", lead_json(item.lead)}};
}

/// The reader's items. One whose assessment is masked from the reader is left out and counted.
struct Mine {
    std::vector<facts::DossierRow> rows;
    std::size_t restricted = 0;
};
Result<Mine> mine(const Call& call, const journal::Reader& reader) {
    Mine out;
    for (facts::DossierRow& row :
         TRY(open_to(call, reader, {{"procedure", Compare::equal, {std::string("risk_item")}}}))) {
        if (row.state == "voided") continue;
        const auto seen =
            access::decide(call.subject, access::Policy::dossier_list, TRY(access::object_of(reader, row)));
        if (seen.allowed && !seen.masked(access::Mask::risk) && !seen.masked(access::Mask::content))
            out.rows.push_back(std::move(row));
        else
            ++out.restricted;
    }
    return out;
}

Json stages_json(const Presenter& present, const std::vector<Item>& items) {
    std::map<std::string, std::vector<std::int64_t>, std::less<>> days;
    for (const Item& item : items)
        if (item.stages != nullptr)
            for (const auto& [state, count] : item.stages->days) days[state].push_back(count);
    Json out = Json::array();
    const auto procedure = present.services().law.procedure("risk_item", present.today());
    if (!procedure) return out;
    for (const law::State& state : (*procedure)->states) {
        const auto found = days.find(state.id);
        if (found == days.end()) continue;
        std::ranges::sort(found->second);
        out.push_back({{"state", present.state(**procedure, state.id)},
                       {"items", found->second.size()},
                       {"median_days", assess::median_of(found->second)},
                       {"most_days", found->second.back()}});
    }
    return out;
}

Json lead_times_json(const std::vector<Item>& items) {
    std::vector<std::int64_t> days;
    std::int64_t waiting = 0, harm = 0;
    for (const Item& item : items) {
        if (item.lead == nullptr) continue;
        harm += item.lead->harm_before;
        if (item.lead->days())
            days.push_back(*item.lead->days());
        else
            ++waiting;
    }
    std::ranges::sort(days);
    return {{"controlled", days.size()},
            {"not_controlled", waiting},
            {"median_days", days.empty() ? Json(nullptr) : Json(assess::median_of(days))},
            {"days", days},
            {"harm_before", harm}};
}

Json warnings_json(const assess::RegisterView& view, const std::vector<Item>& items) {
    Json out = Json::array();
    for (const assess::EarlyWarning& one : view.warnings) {
        const auto at =
            std::ranges::find_if(items, [&](const Item& item) { return item.row->id == one.item; });
        if (at != items.end())
            out.push_back({{"item", {{"id", one.item}, {"title", at->row->title}}},
                           {"what", one.what},
                           {"since", one.since.text()}});
    }
    return out;
}

Json levels_json(const Presenter& present, const std::vector<Item>& items) {
    Json out = Json::array();
    const law::Vocabulary* words = present.services().law.find_vocabulary("risk_levels");
    const auto add = [&](Json level, std::string_view code) {
        const auto count = std::ranges::count_if(items, [&](const Item& item) {
            return item.row->open && facts::text_of(item.row->attributes, "level") == code;
        });
        out.push_back({{"level", std::move(level)}, {"open", count}});
    };
    if (words != nullptr)
        for (auto word = words->words.rbegin(); word != words->words.rend(); ++word)
            add(present.named(word->code, word->zh, word->en), word->code);
    add(nullptr, "");
    return out;
}

bool fits(const Call& call, const Item& item) {
    const std::string_view show = call.parameter("show"), level = call.parameter("level"),
                           flag = call.parameter("flag");
    if (show != "all" && item.row->open == (show == "closed")) return false;
    if (!level.empty() && facts::text_of(item.row->attributes, "level") != (level == "none" ? "" : level))
        return false;
    return flag.empty() || (item.period != nullptr && assess::text_of(item.period->flag) == flag);
}

}  // namespace

Answer risk_register(const Call& call) {
    const Period period = TRY(period_of(call));
    Json out;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto view =
            TRY(call.services.assess->risk_register(call.services, reader, period.from, period.on));
        const Mine rows = TRY(mine(call, reader));
        Presenter present(call.services, reader, call.now);
        std::vector<Item> items, shown;
        for (const facts::DossierRow& row : rows.rows) items.push_back(TRY(item_of(reader, *view, row)));
        for (const Item& item : items)
            if (fits(call, item)) shown.push_back(item);
        const law::Vocabulary* levels = call.services.law.find_vocabulary("risk_levels");
        std::ranges::stable_sort(shown, std::greater(), [&](const Item& item) {
            const law::Word* word =
                levels ? levels->find(facts::text_of(item.row->attributes, "level")) : nullptr;
            return word == nullptr ? -1 : word - levels->words.data();
        });
        out = TRY(rows_page(call, shown.size(),
                            [&](std::size_t i) -> Result<Json> { return item_json(present, shown[i]); }));
        const auto count = [&](auto is) { return std::ranges::count_if(items, is); };
        out["as_of"] = {{"seq", TRY(reader.head()).size}, {"on", period.on.text()}, {"at", call.now.text()}};
        out["from"] = period.from.text();
        out["matrix_version"] = assess::matrix_version(call.services.law, period.on);
        out["open"] = count([](const Item& item) { return item.row->open; });
        out["closed"] = count([](const Item& item) { return item.row->state == "closed"; });
        out["dismissed"] = count([](const Item& item) { return item.row->state == "dismissed"; });
        out["restricted"] = rows.restricted;
        out["levels"] = levels_json(present, items);
        out["stages"] = stages_json(present, items);
        out["lead_times"] = lead_times_json(items);
        out["warnings"] = warnings_json(*view, items);
        return {};
    }));
    return json_response(out);
}

// --- one item

namespace {

/// Likelihood, severity and exposure; what the matrix says of them; what was decided instead.
Json scoring_json(const Presenter& present, const facts::DossierRow& row) {
    const law::Law& law = present.services().law;
    const auto text = [&](std::string_view field) { return facts::text_of(row.attributes, field); };
    const facts::StepState* assessed = last_step(row, "assess");
    if (assessed == nullptr) return nullptr;
    const std::string level =
        assess::level_of(law, text("likelihood"), text("severity"), text("exposure"), assessed->on);
    const facts::StepState* overridden = last_step(row, "override");
    return {{"assessed_on", assessed->on.text()},
            {"likelihood", present.word("risk_scale", text("likelihood"))},
            {"severity", present.word("risk_scale", text("severity"))},
            {"exposure", present.word("risk_scale", text("exposure"))},
            {"matrix_version", assess::matrix_version(law, assessed->on)},
            {"matrix_level", present.word("risk_levels", level)},
            {"level", present.word("risk_levels", text("level"))},
            {"overridden_on", overridden == nullptr ? Json(nullptr) : Json(overridden->on.text())},
            {"override_reason", overridden == nullptr ? Json(nullptr) : Json(text("override_reason"))}};
}

Json measure_json(Presenter& present, const facts::DossierRow& row) {
    const auto text = [&](std::string_view field) { return facts::text_of(row.attributes, field); };
    const facts::StepState *taken = last_step(row, "take"), *judged = last_step(row, "assess");
    const facts::Value* effective = facts::find(row.attributes, "effective");
    return {{"id", row.id},
            {"title", row.title},
            {"kind", present.word("risk_measures", text("measure"))},
            {"content", text("content")},
            {"owner", text("owner").empty() ? Json(nullptr) : present.person(text("owner"))},
            {"state", state_json(present, row)},
            {"open", row.open},
            {"deadline", text("deadline").empty() ? Json(nullptr) : Json(text("deadline"))},
            {"in_force_on", taken == nullptr ? Json(nullptr) : Json(taken->on.text())},
            {"assessed_on", judged == nullptr ? Json(nullptr) : Json(judged->on.text())},
            {"effective", effective != nullptr && std::holds_alternative<bool>(*effective)
                              ? Json(std::get<bool>(*effective))
                              : Json(nullptr)},
            {"clock", next_clock(present, row)}};
}

/// What the item rests on or led to: a matter the reader may not see is counted, not named.
Result<bool> add_link(const Call& call, Presenter& present, const facts::DossierRow& row,
                      std::string_view direction, Json& out) {
    const auto seen =
        access::decide(call.subject, access::Action::read, TRY(access::object_of(present.reader(), row)));
    if (!seen.allowed) return false;
    const law::Procedure* procedure = present.procedure_of(row);
    out.push_back({{"direction", direction},
                   {"dossier", row.id},
                   {"title", row.title},
                   {"procedure", procedure ? present.procedure(*procedure) : present.term(row.procedure)},
                   {"state", state_json(present, row)},
                   {"opened_on", row.opened_on.text()}});
    return true;
}

struct Around {
    Json measures = Json::array(), links = Json::array();
    std::int64_t restricted = 0;
};
Result<Around> around(const Call& call, Presenter& present, const facts::DossierRow& item) {
    constexpr int chain_max = 16;
    Around out;
    const auto view = present.reader().view<facts::DossierRow>();
    std::int64_t source = item.source;
    for (int i = 0; source != 0 && i < chain_max; ++i) {
        const auto row = TRY(view.find(source));
        if (!row) break;
        out.restricted += TRY(add_link(call, present, *row, "from", out.links)) ? 0 : 1;
        source = row->source;
    }
    for (const facts::DossierRow& row : TRY(view.list({.where = {{"source", Compare::equal, {item.seq}}}}))) {
        if (row.procedure == "control_measure" && row.state != "voided")
            out.measures.push_back(measure_json(present, row));
        else
            out.restricted += TRY(add_link(call, present, row, "to", out.links)) ? 0 : 1;
    }
    return out;
}

Result<Json> evidence_json(const Presenter& present, const facts::DossierRow& row) {
    Json out = Json::array();
    const law::Procedure* procedure = present.procedure_of(row);
    for (const facts::StepState& step : row.steps) {
        if (step.voided) continue;
        const auto recorded = TRY(present.reader().fact(static_cast<std::uint64_t>(step.seq)));
        const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        if (taken == nullptr) continue;
        for (const std::string& digest : taken->evidence)
            out.push_back({{"digest", digest},
                           {"step", present.step(procedure, step.step)},
                           {"on", step.on.text()},
                           {"seq", step.seq}});
    }
    return out;
}

/// What stands in the way of closing, whoever asks: the step is offered to somebody who holds its roles.
Result<Json> closing_json(const Call& call, const Presenter& present, const facts::DossierRow& row) {
    if (!row.open) return Json(nullptr);
    const law::Procedure* procedure = present.procedure_of(row);
    const law::Step* close = procedure ? procedure->find_step("close") : nullptr;
    if (close == nullptr) return Json(nullptr);
    act::Actor actor = TRY(call.actor(present.reader()));
    actor.roles = close->by;
    Json out{{"step", present.step(procedure, "close")}, {"refusal", nullptr}, {"needs", Json::array()}};
    for (const act::Offer& offer : TRY(call.services.engine().offers(present.reader(), row, actor))) {
        if (offer.step != close) continue;
        const law::Law& law = call.services.law;
        if (offer.refusal)
            out["refusal"] = refusal_json(present, spoken(law, *procedure, *close, *offer.refusal));
        out["needs"] = needs_json(law, *procedure, *close, offer.needs);
    }
    return out;
}

}  // namespace

Answer risk_item(const Call& call) {
    Json body;
    std::int64_t version = 0;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Reached reached = TRY(reach(call, reader, call.path.at("id")));
        const facts::DossierRow& row = reached.row;
        const bool blind =
            reached.decision.masked(access::Mask::risk) || reached.decision.masked(access::Mask::content);
        if (row.procedure != "risk_item" || blind) return no_such_dossier(row.id);
        version = row.version;
        Presenter present(call.services, reader, call.now, reached.decision.masks);
        const Period period = TRY(period_of(call));
        const auto view =
            TRY(call.services.assess->risk_register(call.services, reader, period.from, period.on));
        const Item item = TRY(item_of(reader, *view, row));
        body = item_json(present, item);
        body["scoring"] = scoring_json(present, row);
        body["closing_reason"] =
            row.state == "closed" ? Json(facts::text_of(row.attributes, "closing_reason")) : Json(nullptr);
        Around links = TRY(around(call, present, row));
        body["measure_list"] = std::move(links.measures);
        body["links"] = std::move(links.links);
        body["restricted"] = links.restricted;
        body["evidence"] = TRY(evidence_json(present, row));
        body["closing"] = TRY(closing_json(call, present, row));
        Json warnings = Json::array();
        for (const assess::EarlyWarning& one : view->warnings)
            if (one.item == row.id) warnings.push_back({{"what", one.what}, {"since", one.since.text()}});
        body["warnings"] = std::move(warnings);
        std::vector<Item> all;
        const Mine others = TRY(mine(call, reader));
        for (const facts::DossierRow& each : others.rows) all.push_back(TRY(item_of(reader, *view, each)));
        body["medians"] = stages_json(present, all);
        body["version"] = row.version;
        return {};
    }));
    return json_response(body, 200, std::to_string(version));
}

}  // namespace qingyuan::api
