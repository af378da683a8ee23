// Risk conferences: agenda, what the units handed in and when, what was carried over, sealed scores once they
// are opened, dissent, decisions with their owners, and the digest of the minutes. One meeting may have
// several agenda objects; each line of the agenda is one, and each can be printed alone.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "base/period.hpp"
#include "api/doors.hpp"
#include "api/plan_desk.hpp"
#include "assess/register.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

Json or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

/// Which object of the meeting a line of the agenda is about: a campaign's progress, or the risks.
std::string_view object_of_agenda(std::string_view text) {
    for (const std::string_view word : {"行动", "专项", "campaign"})
        if (text.find(word) != std::string_view::npos) return "campaign";
    return "risk";
}

/// "一、…；二、…" and lines: the objects of the meeting, without their last mark.
Json agenda_of(std::string text) {
    for (const std::string_view mark : {"；", ";"})
        for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;)
            text.replace(at, mark.size(), "\n");
    Json out = Json::array();
    for (const std::string& line : split(text, '\n')) {
        std::string item(trim(line));
        if (item.ends_with("。")) item.resize(item.size() - std::string_view("。").size());
        if (!item.empty()) out.push_back({{"text", item}, {"object", object_of_agenda(item)}});
    }
    return out;
}

Json head_json(Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    Json scope = Json::array();
    for (const std::string& word : facts::list_of(row.attributes, "scope"))
        scope.push_back(present.word("categories", word));
    std::int64_t asked = 0, received = 0, decisions = 0;
    for (const facts::StepState& step : row.steps) {
        if (step.voided) continue;
        asked += step.step == "invite";
        received += step.step == "receive";
        decisions += step.step == "decide";
    }
    return {{"id", row.id},
            {"title", row.title},
            {"version", row.version},
            {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
            {"organisation", present.organisation(row.organisation)},
            {"period", facts::text_of(row.attributes, "period")},
            {"meets_on", facts::text_of(row.attributes, "meets_on")},
            {"place", or_null(facts::text_of(row.attributes, "place"))},
            {"scope", std::move(scope)},
            {"asked", asked},
            {"received", received},
            {"decisions_count", decisions}};
}

/// What the period did to the risks of one unit: opening + fresh = closed + persisting + escalated + still
/// new.
struct Carry {
    std::int64_t opening = 0, fresh = 0, persisting = 0, escalated = 0, closed = 0, still_new = 0;
};

struct Register {
    std::map<std::string, Carry> units;
    std::map<std::string, assess::PeriodItem> items;
    Carry total;
    Period period;
    Date until;
};

void count(Carry& carry, const assess::PeriodItem& item, bool opened_before) {
    carry.opening += opened_before;
    carry.fresh += !opened_before;
    switch (item.flag) {
        case assess::ItemFlag::closed: ++carry.closed; break;
        case assess::ItemFlag::escalated: ++carry.escalated; break;
        case assess::ItemFlag::persisting: ++carry.persisting; break;
        case assess::ItemFlag::fresh: ++carry.still_new; break;
    }
}

/// The register over the period of the conference, up to the day it meets where that is later.
Result<Register> register_of(const Call& call, const journal::Reader& reader, const facts::DossierRow& row) {
    Register out;
    out.period = TRY(parse_period(facts::text_of(row.attributes, "period")));
    const Date meets = TRY(parse_date(facts::text_of(row.attributes, "meets_on")));
    out.until = std::min(call.now.date(), std::max(out.period.to, meets));
    const auto view = TRY(assess::view_register(reader, call.services.law, out.period.from, out.until));
    for (const assess::PeriodItem& item : view.period) {
        const facts::DossierRow dossier = TRY(act::dossier(reader, item.item));
        if (!dossier.path.starts_with(row.path)) continue;
        const bool before = dossier.opened_on < out.period.from;
        count(out.units[dossier.organisation], item, before);
        count(out.total, item, before);
        out.items.emplace(item.item, item);
    }
    return out;
}

Json carry_json(const Carry& carry) {
    return {{"opening", carry.opening},
            {"new", carry.fresh},
            {"closed", carry.closed},
            {"persisting", carry.persisting},
            {"escalated", carry.escalated},
            {"still_new", carry.still_new},
            {"closing", carry.persisting + carry.escalated + carry.still_new},
            {"holds", carry.opening + carry.fresh ==
                          carry.closed + carry.persisting + carry.escalated + carry.still_new}};
}

/// {id, state, version, deadline, handed_in_on, days_late, returned, items, summary}
Result<Json> submission_json(Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    const facts::StepState* handed = last_step(row, "hand_in");
    const std::string deadline = facts::text_of(row.attributes, "deadline");
    const auto due = parse_date(deadline);
    // Late is what was handed in late the first time, or is still missing.
    Date first{};
    std::int64_t returned = 0;
    for (const facts::StepState& step : row.steps) {
        if (step.voided) continue;
        if (step.step == "hand_in" && first == Date{}) first = step.on;
        returned += step.step == "return";
    }
    const Date counted = first == Date{} ? present.today() : first;
    const bool excused = row.state == "excused";
    return Json{{"id", row.id},
                {"version", row.version},
                {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
                {"deadline", deadline},
                {"handed_in_on", handed ? Json(handed->on.text()) : Json(nullptr)},
                {"days_late", due && !excused ? std::max(0, counted - *due) : 0},
                {"returned", returned},
                {"items", whole_in(row.attributes, "items")},
                {"summary", or_null(facts::text_of(row.attributes, "summary"))}};
}

Result<Json> units_json(Presenter& present, const facts::DossierRow& row, const Register& held) {
    const journal::Reader& reader = present.reader();
    std::map<std::int64_t, const Taken*> received;
    const auto receipts = TRY(steps_of(reader, row, "receive"));
    for (const Taken& one : receipts) received[whole_in(one.step.form, "invitation")] = &one;
    std::map<std::string, facts::DossierRow> submissions;
    for (facts::DossierRow& one : TRY(opened_from(reader, row.seq, "conference_submission")))
        if (one.state != act::voided_state)
            submissions[facts::text_of(one.attributes, "unit")] = std::move(one);
    Json out = Json::array();
    for (const Taken& invite : TRY(steps_of(reader, row, "invite"))) {
        const std::string unit = facts::text_of(invite.step.form, "unit");
        const auto submission = submissions.find(unit);
        const auto receipt = received.find(invite.number);
        const auto carry = held.units.find(unit);
        out.push_back({{"number", invite.number},
                       {"unit", present.organisation(unit)},
                       {"asked", taken_by(present, invite.recorded)},
                       {"submission", submission == submissions.end()
                                          ? Json(nullptr)
                                          : TRY(submission_json(present, submission->second))},
                       {"received", receipt == received.end() ? Json(nullptr)
                                                              : taken_by(present, receipt->second->recorded)},
                       {"carry", carry_json(carry == held.units.end() ? Carry{} : carry->second)}});
    }
    return out;
}

Json word_or_null(const Presenter& present, std::string_view vocabulary, const facts::Form& form,
                  std::string_view field) {
    return present.word(vocabulary, facts::text_of(form, field));
}

/// Items with who scores them, the sealed digests, what was opened, and dissent.
Result<Json> items_json(Presenter& present, const facts::DossierRow& row, const Register& held) {
    const journal::Reader& reader = present.reader();
    std::map<std::int64_t, Json> scorers;  // by number of the naming
    std::map<std::int64_t, std::int64_t> item_of, naming_of;
    std::map<std::int64_t, Json> dissents;
    Json out = Json::array();
    for (const Taken& one : TRY(steps_of(reader, row))) {
        const facts::Form& form = one.step.form;
        if (one.step.step == "name_scorer") {
            item_of[one.number] = whole_in(form, "for_item");
            scorers[one.number] = {{"number", one.number},
                                   {"person", present.person(facts::text_of(form, "scorer"))},
                                   {"sealed", nullptr},
                                   {"opened", nullptr}};
        } else if (one.step.step == "seal_score") {
            const auto digests = facts::list_of(form, "sealed");
            naming_of[one.number] = whole_in(form, "as_scorer");
            if (const auto at = scorers.find(naming_of[one.number]); at != scorers.end())
                at->second["sealed"] = {{"digest", digests.empty() ? "" : digests.front()},
                                        {"seal", one.number},
                                        {"taken", taken_by(present, one.recorded)}};
        } else if (one.step.step == "open_score") {
            if (const auto at = scorers.find(naming_of[whole_in(form, "seal")]); at != scorers.end())
                at->second["opened"] = {{"likelihood", facts::text_of(form, "likelihood")},
                                        {"severity", facts::text_of(form, "severity")},
                                        {"exposure", facts::text_of(form, "exposure")},
                                        {"level", word_or_null(present, "risk_levels", form, "level")}};
        } else if (one.step.step == "dissent") {
            Json& list = dissents[whole_in(form, "on_item")];
            list.push_back(
                {{"text", facts::text_of(form, "dissent")}, {"taken", taken_by(present, one.recorded)}});
        }
    }
    for (const Taken& one : TRY(steps_of(reader, row, "item"))) {
        const std::string risk = facts::text_of(one.step.form, "risk");
        Json item{
            {"number", one.number},     {"risk", risk},     {"title", risk},   {"unit", nullptr},
            {"state", nullptr},         {"level", nullptr}, {"flag", nullptr}, {"scorers", Json::array()},
            {"dissents", Json::array()}};
        if (const auto dossier = act::dossier(reader, risk)) {
            const law::Procedure* procedure = present.procedure_of(*dossier);
            item["title"] =
                dossier->title.empty() ? facts::text_of(dossier->attributes, "hazard") : dossier->title;
            item["unit"] = present.organisation(dossier->organisation);
            item["state"] =
                procedure ? present.state(*procedure, dossier->state) : present.term(dossier->state);
            item["level"] = word_or_null(present, "risk_levels", dossier->attributes, "level");
        }
        if (const auto found = held.items.find(risk); found != held.items.end())
            item["flag"] = assess::text_of(found->second.flag);
        for (const auto& [number, scorer] : scorers)
            if (item_of[number] == one.number) item["scorers"].push_back(scorer);
        if (const auto found = dissents.find(one.number); found != dissents.end())
            item["dissents"] = found->second;
        out.push_back(std::move(item));
    }
    return out;
}

/// Tasks or measures that came of the meeting.
Result<Json> linked_json(Presenter& present, const facts::DossierRow& row, std::string_view procedure_id) {
    Json out = Json::array();
    for (const facts::DossierRow& one : TRY(opened_from(present.reader(), row.seq, procedure_id))) {
        const law::Procedure* procedure = present.procedure_of(one);
        std::string owner = facts::text_of(one.attributes, "person");
        if (owner.empty()) owner = facts::text_of(one.attributes, "owner");
        out.push_back(
            {{"id", one.id},
             {"title", one.title},
             {"unit", present.organisation(one.organisation)},
             {"owner", owner.empty() ? Json(nullptr) : present.person(owner)},
             {"due_on", or_null(facts::text_of(one.attributes, "deadline"))},
             {"state", procedure ? present.state(*procedure, one.state) : present.term(one.state)}});
    }
    return out;
}

Result<Json> decisions_json(Presenter& present, const facts::DossierRow& row) {
    const journal::Reader& reader = present.reader();
    std::map<std::int64_t, Json> assigned;
    for (const Taken& one : TRY(steps_of(reader, row, "assign"))) {
        const std::string owner = facts::text_of(one.step.form, "owner");
        assigned[whole_in(one.step.form, "of_decision")].push_back(
            {{"unit", present.organisation(facts::text_of(one.step.form, "owner_unit"))},
             {"owner", present.person(owner)},
             {"due_on", facts::text_of(one.step.form, "due_on")}});
    }
    Json out = Json::array();
    for (const Taken& one : TRY(steps_of(reader, row, "decide"))) {
        const auto owners = assigned.find(one.number);
        out.push_back({{"number", one.number},
                       {"text", facts::text_of(one.step.form, "decision")},
                       {"risk", or_null(facts::text_of(one.step.form, "on_risk"))},
                       {"decided", taken_by(present, one.recorded)},
                       {"owners", owners == assigned.end() ? Json::array() : owners->second}});
    }
    return out;
}

Result<Json> minutes_json(Presenter& present, const facts::DossierRow& row) {
    const auto drafts = TRY(steps_of(present.reader(), row, "draft_minutes"));
    if (drafts.empty()) return Json(nullptr);
    const auto locks = TRY(steps_of(present.reader(), row, "lock"));
    const Taken& last = locks.empty() ? drafts.back() : locks.back();
    const auto digests = facts::list_of(last.step.form, "minutes");
    return Json{{"digest", digests.empty() ? "" : digests.front()},
                {"drafted", taken_by(present, drafts.back().recorded)},
                {"locked", locks.empty() ? Json(nullptr) : taken_by(present, locks.back().recorded)},
                {"seq", last.recorded.seq}};
}

Result<Json> path_json(Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    Json out = Json::array();
    std::string state = procedure && !procedure->initial.empty() ? procedure->initial.front() : "";
    for (const Taken& one : TRY(steps_of(present.reader(), row))) {
        if (one.step.to == state) continue;
        state = one.step.to;
        Json entry{{"step", present.step(procedure, one.step.step)},
                   {"to", procedure ? present.state(*procedure, one.step.to) : present.term(one.step.to)}};
        entry["taken"] = taken_by(present, one.recorded);
        out.push_back(std::move(entry));
    }
    return out;
}

Result<Json> attendance_json(Presenter& present, const facts::DossierRow& row) {
    Json out = Json::array();
    std::set<std::string> seen;
    for (const Taken& one : TRY(steps_of(present.reader(), row, "attend"))) {
        if (!seen.insert(one.recorded.fact.actor).second) continue;
        out.push_back({{"person", present.person(one.recorded.fact.actor)},
                       {"organisation", present.organisation(one.recorded.fact.organisation)},
                       {"role", present.role(one.step.role)},
                       {"at", one.recorded.recorded_at.text()}});
    }
    return out;
}

}  // namespace

Answer list_conferences(const Call& call) {
    Json items = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        for (const facts::DossierRow& row : TRY(planned(call, reader, "risk_conference", TRY(call.limit()))))
            items.push_back(head_json(present, row));
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

Answer show_conference(const Call& call) {
    Json body;
    std::int64_t version = 0;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        if (row.procedure != "risk_conference") return no_such_dossier(row.id);
        version = row.version;
        Presenter present(call.services, reader, call.now, decision.masks);
        const Register held = TRY(register_of(call, reader, row));
        body = head_json(present, row);
        body["period_name"] = {{"id", held.period.text}, {"zh", held.period.zh()}, {"en", held.period.en()}};
        body["register_until"] = held.until.text();
        body["agenda"] = agenda_of(facts::text_of(row.attributes, "agenda"));
        body["units"] = TRY(units_json(present, row, held));
        body["carry"] = carry_json(held.total);
        Json stated = nullptr;
        if (const auto carried = TRY(steps_of(reader, row, "carry_over")); !carried.empty()) {
            stated = taken_by(present, carried.back().recorded);
            // One line for each unit that was asked: together they are what the conference stated.
            for (const char* field : {"new", "persisting", "escalated", "closed"}) {
                std::int64_t sum = 0;
                for (const Taken& one : carried) sum += whole_in(one.step.form, field);
                stated[field] = sum;
            }
        }
        body["carry_stated"] = std::move(stated);
        body["attendance"] = TRY(attendance_json(present, row));
        body["items"] = TRY(items_json(present, row, held));
        body["decisions"] = TRY(decisions_json(present, row));
        body["tasks"] = TRY(linked_json(present, row, "campaign_task"));
        body["measures"] = TRY(linked_json(present, row, "control_measure"));
        body["minutes"] = TRY(minutes_json(present, row));
        body["history"] = TRY(path_json(present, row));
        body["steps"] = TRY(offers_json(call, present, row));
        body["by"] = present.actor(TRY(call.actor(reader)));
        return {};
    }));
    return json_response(body, 200, std::to_string(version));
}

}  // namespace qingyuan::api
