// The field: an inspector's stops, the checklist as data, and a visit made without a network handed in as one
// action: all of it recorded or nothing, once for its Idempotency-Key. The smallest role of all files clues.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/visit.hpp"
#include "base/text.hpp"
#include "law/checklist.hpp"

namespace qingyuan::api {

namespace {

constexpr int week_days = 7;
constexpr std::size_t clue_text_max = 2'000;

Json words_of(const Presenter& present, std::string_view vocabulary) {
    Json out = Json::array();
    if (const law::Vocabulary* found = present.services().law.find_vocabulary(vocabulary))
        for (const law::Word& word : found->words)
            if (word.in_force.holds(present.today()))
                out.push_back(present.named(word.code, word.zh, word.en));
    return out;
}

/// Assigned by name, or acting already; a visit that nobody was named for is its opener's.
Result<bool> is_mine(const journal::Reader& reader, const facts::DossierRow& row, const std::string& me) {
    const auto assigned = facts::list_of(row.attributes, "assigned");
    if (std::ranges::find(assigned, me) != assigned.end()) return true;
    if (std::ranges::find(row.officers, me) != row.officers.end()) return true;
    if (!assigned.empty()) return false;
    return TRY(reader.fact(static_cast<std::uint64_t>(row.seq))).fact.actor == me;
}

/// The day it is planned for: as notified, as planned, else none.
std::optional<Date> planned_day(const facts::DossierRow& row) {
    for (const char* field : {"visit_on", "planned_on"})
        if (const auto day = parse_date(facts::text_of(row.attributes, field))) return *day;
    return std::nullopt;
}

std::string_view when_of(const facts::DossierRow& row, Date today) {
    std::optional<Date> day = planned_day(row);
    if (!day && row.due > 0) day = Date{static_cast<std::int32_t>(row.due)};
    if (row.state == "on_site") return "today";
    if (!day) return "week";
    if (*day < today) return "overdue";
    if (*day == today) return "today";
    return *day - today < week_days ? "week" : "later";
}

/// What an inspector wants to know at the door.
Result<Json> operator_json(Presenter& present, const std::string& id) {
    const journal::Reader& reader = present.reader();
    const auto firm = TRY(registry::operator_on(reader, id, present.today()));
    Json licences = Json::array();
    for (const facts::LicenceRecorded& licence : TRY(registry::licences_of(reader, id, present.today())))
        licences.push_back({{"kind", present.word("licence_kinds", licence.kind)},
                            {"id", licence.id},
                            {"status", licence.status},
                            {"to", date_or_null(licence.to)}});
    journal::Query query;
    query.where = {{"operator_id", journal::Compare::equal, {id}}};
    query.limit = 10'000;
    int orders = 0;
    Date last;
    for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(query))) {
        if (row.procedure == "rectification" && row.open) ++orders;
        const facts::StepState* signed_off = row.procedure == "inspection" ? last_step(row, "sign") : nullptr;
        if (signed_off) last = std::max(last, signed_off->on);
    }
    return Json{{"id", firm.id},
                {"name", firm.name},
                {"kind", present.word("operator_kinds", firm.kind)},
                {"address", firm.address},
                {"region", region_named(present, firm.region)},
                {"licences", std::move(licences)},
                {"open_rectifications", orders},
                {"last_visit", date_or_null(last)}};
}

Result<Json> stop_json(Presenter& present, const facts::DossierRow& row) {
    const law::Law& law = present.services().law;
    const law::Procedure* procedure = present.procedure_of(row);
    Json officers = Json::array(), checklist = nullptr, firm = nullptr;
    std::set<std::string> named(row.officers.begin(), row.officers.end());
    for (std::string& id : facts::list_of(row.attributes, "assigned")) named.insert(std::move(id));
    for (const std::string& id : named) officers.push_back(present.person(id));
    if (!row.operator_id.empty()) {
        firm = TRY(operator_json(present, row.operator_id));
        const law::Checklist* list =
            law::checklist_for(law, firm["kind"]["id"].get<std::string>(), row.category, present.today(),
                               facts::text_of(row.attributes, "programme"));
        if (list)
            checklist = {{"id", list->id}, {"version", list->version}, {"zh", list->zh}, {"en", list->en}};
    }
    const auto planned = planned_day(row);
    const facts::Value* unannounced = facts::find(row.attributes, "unannounced");
    const bool* quiet = unannounced ? std::get_if<bool>(unannounced) : nullptr;
    return Json{{"dossier", row.id},
                {"version", row.version},
                {"title", row.title},
                {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
                {"when", when_of(row, present.today())},
                {"planned_on", planned ? Json(planned->text()) : Json(nullptr)},
                {"due", row.due > 0 ? Json(Date{static_cast<std::int32_t>(row.due)}.text()) : Json(nullptr)},
                {"operator", std::move(firm)},
                {"category", present.word("categories", row.category)},
                {"activity", present.word("activities", facts::text_of(row.attributes, "activity"))},
                {"reason", present.word("inspection_reasons", facts::text_of(row.attributes, "reason"))},
                {"matters", facts::text_of(row.attributes, "matters")},
                {"unannounced", quiet && *quiet},
                {"officers", std::move(officers)},
                {"returned", row.state == "on_site" && last_step(row, "sign") != nullptr},
                {"checklist", std::move(checklist)}};
}

/// Officers of the own organisation whose certificate is valid today, but oneself.
Result<Json> colleagues_json(Presenter& present, const access::Subject& subject) {
    journal::Query query;
    query.where = {{"organisation", journal::Compare::equal, {subject.organisation}}};
    query.limit = 10'000;
    Json out = Json::array();
    for (const facts::PersonRow& row : TRY(present.reader().view<facts::PersonRow>().list(query)))
        if (row.id != subject.person &&
            TRY(registry::is_qualified(present.reader(), row.id, present.today())))
            out.push_back(present.person(row.id));
    return out;
}

Json item_json(const Presenter& present, const law::ChecklistItem& item) {
    return {{"id", item.id},
            {"mark", mark_of(item)},
            {"clause", item.clause},
            {"zh", item.zh},
            {"en", item.en},
            {"law", present.citation(item.law)},
            {"severity", item.severity},
            {"answer", law::text_of(item.answer)},
            {"unit", item.unit},
            {"min", item.min ? Json(item.min->exact()) : Json(nullptr)},
            {"max", item.max ? Json(item.max->exact()) : Json(nullptr)},
            {"photo", item.photo},
            {"always", item.always},
            {"finding", {{"zh", item.finding_zh}, {"en", item.finding_en}}}};
}

Json checklist_json(const Presenter& present, const law::Checklist& list) {
    Json kinds = Json::array(), sections = Json::array();
    for (const std::string& kind : list.kinds) kinds.push_back(present.word("operator_kinds", kind));
    for (const law::ChecklistSection& section : list.sections) {
        Json items = Json::array();
        for (const law::ChecklistItem& item : section.items) items.push_back(item_json(present, item));
        Json one = present.named(section.id, section.zh, section.en);
        one["items"] = std::move(items);
        sections.push_back(std::move(one));
    }
    return {{"id", list.id},
            {"version", list.version},
            {"zh", list.zh},
            {"en", list.en},
            {"category", present.word("categories", list.category)},
            {"kinds", std::move(kinds)},
            {"activity", present.word("activities", list.activity)},
            {"verified", list.status == law::Status::verified},
            {"note", list.note},
            {"law", present.citations(list.law)},
            {"from", list.in_force.from.text()},
            {"to", date_or_null(list.in_force.to)},
            {"sections", std::move(sections)}};
}

}  // namespace

Answer field_today(const Call& call) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        Presenter present(call.services, reader, call.now);
        using journal::Compare;
        auto rows = TRY(open_to(call, reader,
                                {{"procedure", Compare::equal, {std::string("inspection")}},
                                 {"state",
                                  Compare::one_of,
                                  {std::string("planned"), std::string("approved"), std::string("notified"),
                                   std::string("on_site")}}}));
        std::vector<facts::DossierRow> mine;
        for (facts::DossierRow& row : rows)
            if (TRY(is_mine(reader, row, call.subject.person))) mine.push_back(std::move(row));
        const auto rank = [&](const facts::DossierRow& row) {
            constexpr std::string_view order[] = {"overdue", "today", "week", "later"};
            return std::ranges::find(order, when_of(row, call.now.date())) - std::begin(order);
        };
        std::ranges::stable_sort(mine, [&](const facts::DossierRow& a, const facts::DossierRow& b) {
            if (rank(a) != rank(b)) return rank(a) < rank(b);
            return planned_day(a).value_or(Date::never_after()) <
                   planned_day(b).value_or(Date::never_after());
        });
        Json stops = Json::array();
        for (const facts::DossierRow& row : mine) stops.push_back(TRY(stop_json(present, row)));
        body = {{"date", call.now.date().text()},
                {"person", present.person(call.subject.person)},
                {"stops", std::move(stops)},
                {"colleagues", TRY(colleagues_json(present, call.subject))},
                {"finding_severity", words_of(present, "finding_severity")},
                {"signature_modes", words_of(present, "signature_modes")},
                {"formalities", words_of(present, "inspection_formalities")}};
        return {};
    }));
    return json_response(body);
}

Answer field_checklist(const Call& call) {
    Date on = call.now.date();
    if (const auto day = call.parameter("on"); !day.empty()) on = TRY(parse_date(day));
    const law::Checklist* list = TRY(call.services.law.checklist(call.path.at("id"), on));
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Presenter present(call.services, reader, call.now);
        response = json_response(checklist_json(present, *list), 200, list->version);
        return {};
    }));
    return response;
}

// --- clues of villages and townships

namespace {

/// The stages a clue passes, in the words of its procedure.
Json clue_json(Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    Json stage = procedure ? present.state(*procedure, row.state) : present.term(row.state);
    stage.erase("terminal");
    Date since = row.opened_on;
    for (const facts::StepState& step : row.steps)
        if (!step.voided) since = step.on;
    return {{"id", row.id},
            {"store", facts::text_of(row.attributes, "reported")},
            {"text", facts::text_of(row.attributes, "facts")},
            {"place", facts::text_of(row.attributes, "place")},
            {"received_on", row.opened_on.text()},
            {"stage", std::move(stage)},
            {"since", since.text()},
            {"open", row.open}};
}

}  // namespace

Answer field_clues(const Call& call) {
    Json items = Json::array();
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const access::Object own =
            TRY(access::object_at(reader, access::Kind::dossier, call.subject.organisation));
        TRY(call.may(own));
        Presenter present(call.services, reader, call.now);
        journal::Query query;
        query.where = {{"organisation", journal::Compare::equal, {call.subject.organisation}},
                       {"procedure", journal::Compare::equal, {std::string("report")}}};
        query.descending = true;
        query.limit = 10'000;
        for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(query)))
            if (TRY(reader.fact(static_cast<std::uint64_t>(row.seq))).fact.actor == call.subject.person)
                items.push_back(clue_json(present, row));
        return {};
    }));
    return json_response({{"items", std::move(items)}});
}

Answer field_clue(const Call& call) {
    const Json body =
        TRY(body_of(call, {"place", "store", "text", "operator_id", "category", "captured_at", "evidence"}));
    const std::string store = TRY(wanted_in(body, "store")),
                      text = TRY(wanted_in(body, "text", clue_text_max));
    const Instant captured = TRY(parse_instant(TRY(wanted_in(body, "captured_at", 40))));
    const auto evidence = TRY(list_in(body, "evidence"));
    CHECK(check_uploaded(call, evidence));
    act::Engine::Opening opening{.procedure = "report",
                                 .title = "线索：" + store,
                                 .operator_id = TRY(text_in(body, "operator_id", 64)),
                                 .category = TRY(word_in(call, body, "category", "categories")),
                                 .organisation = call.subject.organisation,
                                 .form = {{"anonymous", false},
                                          {"reported", store},
                                          {"facts", text},
                                          {"channel", std::string("visit")}},
                                 .happened_on = captured.date()};
    if (std::string place = TRY(text_in(body, "place")); !place.empty())
        opening.form.emplace("place", std::move(place));
    if (!evidence.empty()) opening.form.emplace("photos", evidence);
    http::Response response;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        TRY(call.may(TRY(access::object_at(writer, access::Kind::dossier, call.subject.organisation))));
        const act::Actor actor = TRY(call.actor(writer));
        const auto recorded = TRY(writer.append(TRY(call.services.engine().open(writer, actor, opening))));
        const auto row = *TRY(writer.view<facts::DossierRow>().find(static_cast<std::int64_t>(recorded.seq)));
        const Presenter present(call.services, writer, call.now);
        const auto clock = running_clock(present, row, {"RPT.VERIFY"});
        response = json_response({{"seq", recorded.seq},
                                  {"dossier", row.id},
                                  {"version", row.version},
                                  {"due", clock ? Json(clock->due.raw.text()) : Json(nullptr)}},
                                 201);
        return keep_answer(call, writer, response);
    }));
    return response;
}

}  // namespace qingyuan::api
