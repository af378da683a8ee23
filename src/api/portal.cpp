// The portal: what an enterprise or a hospital has to do towards the authority, and doing it. Everything is
// of the operator whose user signed in; names of officers and internal remarks stay inside.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/refusal_words.hpp"
#include "base/rational.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr int near_days = 90;

/// The operator whose user asks; access_denied for everybody else.
Result<std::string> own_operator(const Call& call) {
    if (!call.subject.operator_id.empty()) return call.subject.operator_id;
    return Error{ErrorCode::access_denied,
                 "this is for users of an enterprise or a hospital",
                 {},
                 {},
                 "sign in as a user of the enterprise",
                 "此处供企业和医疗机构用户使用",
                 "请以企业用户登录"};
}

/// Runs `use` on one state of the journal and answers with its JSON.
Answer shown(const Call& call, const std::function<Result<Json>(const journal::Reader&)>& use) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        body = TRY(use(reader));
        return {};
    }));
    return json_response(body);
}

/// Open matters first, by their limit; then the latest.
void by_limit(std::vector<facts::DossierRow>& rows) {
    const auto due = [](const facts::DossierRow& row) {
        return row.open && row.due > 0 ? row.due : INT64_MAX;
    };
    std::sort(rows.begin(), rows.end(), [&](const facts::DossierRow& a, const facts::DossierRow& b) {
        if (a.open != b.open) return a.open;
        if (due(a) != due(b)) return due(a) < due(b);
        return a.seq > b.seq;
    });
}

Result<Json> row_json(const Call& call, Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    Json to_do = Json::array();
    if (row.open) {
        const act::Actor actor = TRY(call.actor(present.reader()));
        for (const act::Offer& offer : TRY(call.services.engine().offers(present.reader(), row, actor)))
            if (!offer.refusal) to_do.push_back(present.step(procedure, offer.step->id));
    }
    return Json{{"id", row.id},
                {"title", row.title},
                {"procedure", procedure ? present.procedure(*procedure) : present.term(row.procedure)},
                {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
                {"authority", present.organisation(row.organisation)},
                {"category", present.word("categories", row.category)},
                {"opened_on", row.opened_on.text()},
                {"closed_on", date_or_null(row.closed_on)},
                {"open", row.open},
                {"version", row.version},
                {"clock", next_clock(present, row)},
                {"to_do", std::move(to_do)}};
}

// --- licences and certificates

/// The window of renewal by kind of licence: limits counted back from the last day; and what an application
/// for it is about.
struct Renewal {
    std::string_view kind, matter, opens, closes;
};
constexpr Renewal renewals[] = {
    {"drug_trade_licence", "drug_business", "LIC.BIZ_RENEW", ""},
    {"device_trade_licence", "device_business", "DEV.BIZ_RENEW_FROM", "DEV.BIZ_RENEW_TO"},
    {"device_prod_licence", "device_production", "DEV.PROD_RENEW_FROM", "DEV.PROD_RENEW_TO"},
    {"cosmetic_prod_licence", "cosmetic_production", "COS.PROD_RENEW_FROM", "COS.PROD_RENEW_TO"},
};
constexpr Renewal renewal_by_default{"", "", "", "LIC.RENEW"};

const Renewal& renewal_of(std::string_view kind) {
    const auto found = std::ranges::find(renewals, kind, &Renewal::kind);
    return found == std::end(renewals) ? renewal_by_default : *found;
}

std::optional<Date> counted_back(const law::Law& law, std::string_view limit, Date last, Date today) {
    if (limit.empty()) return std::nullopt;
    const auto found = law.limit(limit, today);
    if (!found || !(*found)->value.is_whole()) return std::nullopt;
    const auto value = static_cast<int>((*found)->value.numerator());
    switch ((*found)->unit) {
        case law::Unit::working_day: return law::due_back(law.calendar(), last, value).latest_nth_day;
        case law::Unit::calendar_day: return last - value;
        case law::Unit::month: return last.plus_months(-value);
        default: return std::nullopt;
    }
}

std::string_view standing_of(int left) {
    return left < 0 ? "ended" : left <= near_days ? "near" : "valid";
}

Json licence_json(const Presenter& present, const facts::LicenceRecorded& licence) {
    const law::Law& law = present.services().law;
    const Date today = present.today();
    const bool ends = licence.to != Date{};
    const Renewal& renewal = renewal_of(licence.kind);
    const auto opens = ends ? counted_back(law, renewal.opens, licence.to, today) : std::nullopt;
    const auto closes = ends ? counted_back(law, renewal.closes, licence.to, today) : std::nullopt;
    Json scopes = Json::array();
    for (const std::string& scope : licence.scopes) scopes.push_back(present.word("licence_scopes", scope));
    const std::string_view limit = renewal.closes.empty() ? renewal.opens : renewal.closes;
    const auto row = law.limit(limit, today);
    const int left = licence.to - today;
    const std::string_view standing = licence.status != "valid" ? "not_valid"
                                      : ends                    ? standing_of(left)
                                                                : "valid";
    return {{"id", licence.id},
            {"kind", present.word("licence_kinds", licence.kind)},
            {"scopes", std::move(scopes)},
            {"status", licence_status(present, licence.status)},
            {"from", licence.from.text()},
            {"to", date_or_null(licence.to)},
            {"days_left", ends ? Json(left) : Json(nullptr)},
            {"standing", standing},
            {"renew_from", opens ? Json(opens->text()) : Json(nullptr)},
            {"renew_until", closes ? Json(closes->text()) : Json(nullptr)},
            {"renewal", nullptr},
            {"law", row ? present.citation((*row)->citation.text()) : Json(nullptr)}};
}

/// The newest text of each licence, also of one that has ended: that it ended is what must be told.
Result<Json> licences(Presenter& present, const std::string& firm, bool only_pressing) {
    journal::Query query;
    query.where = {{"operator_id", journal::Compare::equal, {firm}}};
    query.order_by = "kind";
    Json out = Json::array();
    for (const facts::LicenceRow& row : TRY(present.reader().view<facts::LicenceRow>().list(query))) {
        Json item = licence_json(present, row.versions.back());
        if (!only_pressing || item["standing"] != "valid") out.push_back(std::move(item));
    }
    // A renewal under way is named beside the licence it would renew.
    query.where.push_back({"procedure", journal::Compare::equal, {std::string("licence_application")}});
    query.order_by = {};
    for (const facts::DossierRow& row : TRY(present.reader().view<facts::DossierRow>().list(query)))
        for (Json& item : out) {
            const std::string_view matter = renewal_of(item["kind"]["id"].get<std::string>()).matter;
            if (row.open && !matter.empty() && facts::text_of(row.attributes, "matter").starts_with(matter))
                item["renewal"] = row.id;
        }
    return out;
}

/// People of the operator in post on the day.
Result<std::vector<facts::PersonRecorded>> staff_of(const journal::Reader& reader, const std::string& firm,
                                                    Date on) {
    journal::Query query;
    query.where = {{"organisation", journal::Compare::equal, {firm}}};
    query.limit = 10'000;
    std::vector<facts::PersonRecorded> out;
    for (const facts::PersonRow& row : TRY(reader.view<facts::PersonRow>().list(query)))
        if (auto person = TRY(registry::find_person(reader, row.id, on));
            person && person->organisation == firm)
            out.push_back(std::move(*person));
    return out;
}

Result<Json> certificates(Presenter& present, const std::string& firm, bool only_pressing) {
    Json out = Json::array();
    for (const facts::PersonRecorded& person : TRY(staff_of(present.reader(), firm, present.today()))) {
        if (person.certificate.empty() || person.certificate_to == Date{}) continue;
        const int left = person.certificate_to - present.today();
        if (only_pressing && left > near_days) continue;
        out.push_back({{"person", present.person(person.id)},
                       {"certificate", person.certificate},
                       {"to", person.certificate_to.text()},
                       {"days_left", left},
                       {"standing", standing_of(left)}});
    }
    return out;
}

// --- the roster

/// Who acknowledged a training, and when first.
Result<std::map<std::string, Date>> acknowledged_by(const journal::Reader& reader,
                                                    const facts::DossierRow& row) {
    std::map<std::string, Date> out;
    for (const facts::StepState& step : row.steps) {
        if (step.step != "acknowledge" || step.voided) continue;
        const auto recorded = TRY(reader.fact(static_cast<std::uint64_t>(step.seq)));
        if (const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload))
            out.emplace(facts::text_of(taken->form, "person"), step.on);
    }
    return out;
}

struct Share {
    std::size_t staff = 0, acknowledged = 0;
    [[nodiscard]] std::string text() const {
        return staff == 0
                   ? std::string()
                   : Rational(static_cast<std::int64_t>(acknowledged), static_cast<std::int64_t>(staff))
                         .text(4);
    }
};

Share share_of(const std::vector<facts::PersonRecorded>& staff, const std::map<std::string, Date>& done) {
    Share share{staff.size(), 0};
    for (const facts::PersonRecorded& person : staff) share.acknowledged += done.contains(person.id);
    return share;
}

Result<Json> training_json(Presenter& present, const facts::DossierRow& row, const std::string& firm,
                           bool with_people) {
    const auto staff = TRY(staff_of(present.reader(), firm, present.today()));
    const auto done = TRY(acknowledged_by(present.reader(), row));
    const Share share = share_of(staff, done);
    Json people = Json::array();
    std::set<std::string, std::less<>> in_post;
    for (const facts::PersonRecorded& person : staff) {
        in_post.insert(person.id);
        const auto when = done.find(person.id);
        people.push_back({{"person", present.person(person.id)},
                          {"acknowledged_on", when == done.end() ? Json(nullptr) : Json(when->second.text())},
                          {"in_post", true}});
    }
    for (const auto& [person, on] : done)
        if (!in_post.contains(person))
            people.push_back(
                {{"person", present.person(person)}, {"acknowledged_on", on.text()}, {"in_post", false}});
    const law::Procedure* procedure = present.procedure_of(row);
    const Date deadline = TRY(parse_date(facts::text_of(row.attributes, "deadline")));
    return Json{{"id", row.id},
                {"title", row.title},
                {"text", facts::text_of(row.attributes, "text")},
                {"kind", present.word("training_kinds", facts::text_of(row.attributes, "training_kind"))},
                {"authority", present.organisation(row.organisation)},
                {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
                {"opened_on", row.opened_on.text()},
                {"deadline", deadline.text()},
                {"days_left", deadline - present.today()},
                {"version", row.version},
                {"staff", share.staff},
                {"acknowledged", share.acknowledged},
                {"share", share.text()},
                {"people", with_people ? std::move(people) : Json::array()}};
}

// --- one matter

/// The side that took a step, as the enterprise sees it.
std::string_view side_of(const std::string& role) {
    if (role == "operator_user" || role == "hospital_reporter") return "enterprise";
    return role == act::system_person ? "time" : "authority";
}

/// Matters that open with a paper to the enterprise, or with one of its own.
constexpr std::string_view opened_in_writing[] = {"rectification", "training", "recall",
                                                  "licence_application"};

/// What was stated by the enterprise, or served on it, is shown as it was written; what officers wrote for
/// themselves is not, nor who they are.
Json shown_form(Presenter& present, const facts::Form& form, std::vector<law::Field> fields, bool in_writing,
                access::Masks masks) {
    std::erase_if(fields, [](const law::Field& field) {
        return field.type == law::FieldType::person || field.type == law::FieldType::people;
    });
    facts::Form chosen;
    for (const law::Field& field : fields)
        if (const facts::Value* value = facts::find(form, field.id)) chosen.emplace(field.id, *value);
    if (in_writing) present.mask(masks & ~static_cast<access::Masks>(access::Mask::internal));
    Json out = present.attributes(chosen, fields);
    present.mask(masks);
    return out;
}

bool is_served(const law::Law& law, const std::vector<std::string>& documents) {
    return std::ranges::any_of(documents, [&](const std::string& id) {
        const law::Document* document = law.find_document(id);
        return document && document->issued_to_party;
    });
}

Json event_json(Presenter& present, const facts::Recorded& recorded, const law::Procedure* procedure,
                access::Masks masks) {
    Json event{{"seq", recorded.seq},       {"on", recorded.fact.happened_on.text()},
               {"step", nullptr},           {"to", nullptr},
               {"by", "authority"},         {"documents", Json::array()},
               {"evidence", Json::array()}, {"form", Json::array()}};
    if (const auto* opened = std::get_if<facts::DossierOpened>(&recorded.fact.payload)) {
        if (procedure) event["to"] = present.state(*procedure, opened->state);
        return event;
    }
    const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
    if (!taken) return nullptr;
    const law::Law& law = present.services().law;
    const law::Step* step = procedure ? procedure->find_step(taken->step) : nullptr;
    event["step"] = present.step(procedure, taken->step);
    if (procedure) event["to"] = present.state(*procedure, taken->to);
    event["by"] = side_of(taken->role);
    for (const std::string& document : taken->documents)
        if (is_served(law, {document})) event["documents"].push_back(present.document(document));
    const bool own = event["by"] == "enterprise";
    if (own) event["evidence"] = taken->evidence;
    if (step && (own || is_served(law, taken->documents)))
        event["form"] = shown_form(present, taken->form, step->form, true, masks);
    return event;
}

Result<Json> events_of(Presenter& present, const facts::DossierRow& row, access::Masks masks) {
    const law::Procedure* procedure = present.procedure_of(row);
    Json events = Json::array();
    for (const std::uint64_t seq : TRY(present.reader().facts_of(static_cast<std::uint64_t>(row.seq)))) {
        const auto step =
            std::ranges::find(row.steps, static_cast<std::int64_t>(seq), &facts::StepState::seq);
        if (step != row.steps.end() && step->voided) continue;
        Json event = event_json(present, TRY(present.reader().fact(seq)), procedure, masks);
        if (!event.is_null()) events.push_back(std::move(event));
    }
    return events;
}

/// Steps the enterprise has at all, with those it cannot take now and why.
Result<Json> own_offers(const Call& call, Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    const act::Actor actor = TRY(call.actor(present.reader()));
    Json offers = Json::array();
    for (const act::Offer& offer : TRY(call.services.engine().offers(present.reader(), row, actor))) {
        const bool own = std::ranges::any_of(offer.step->by, [&](const std::string& role) {
            return std::ranges::find(actor.roles, role) != actor.roles.end();
        });
        if (!own || !procedure) continue;
        Json item = present.offer(*procedure, offer, row);
        if (offer.refusal)
            item["refusal"] =
                refusal_json(present, spoken(call.services.law, *procedure, *offer.step, *offer.refusal));
        offers.push_back(std::move(item));
    }
    return offers;
}

}  // namespace

Answer portal_today(const Call& call) {
    const std::string firm = TRY(own_operator(call));
    return shown(call, [&](const journal::Reader& reader) -> Result<Json> {
        Presenter present(call.services, reader, call.now);
        auto rows = TRY(open_to(call, reader, {{"open", journal::Compare::equal, {std::int64_t{1}}}}));
        by_limit(rows);
        Json rectifications = Json::array(), others = Json::array(), trainings = Json::array();
        for (const facts::DossierRow& row : rows) {
            if (row.procedure == "training") {
                Json training = TRY(training_json(present, row, firm, false));
                if (training["acknowledged"] < training["staff"]) trainings.push_back(std::move(training));
                continue;
            }
            Json item = TRY(row_json(call, present, row));
            if (item["to_do"].empty()) continue;
            (row.procedure == "rectification" ? rectifications : others).push_back(std::move(item));
        }
        const auto operator_row = TRY(registry::operator_on(reader, firm, call.now.date()));
        return Json{{"date", call.now.date().text()},
                    {"operator",
                     {{"id", operator_row.id},
                      {"name", operator_row.name},
                      {"kind", present.word("operator_kinds", operator_row.kind)},
                      {"authority", present.organisation(operator_row.organisation)}}},
                    {"rectifications", std::move(rectifications)},
                    {"to_do", std::move(others)},
                    {"licences", TRY(licences(present, firm, true))},
                    {"certificates", TRY(certificates(present, firm, true))},
                    {"trainings", std::move(trainings)},
                    {"open", rows.size()}};
    });
}

Answer portal_dossiers(const Call& call) {
    TRY(own_operator(call));
    const std::uint64_t limit = TRY(call.limit());
    return shown(call, [&](const journal::Reader& reader) -> Result<Json> {
        Presenter present(call.services, reader, call.now);
        std::vector<journal::Condition> where;
        if (const auto procedure = call.parameter("procedure"); !procedure.empty())
            where.push_back({"procedure", journal::Compare::equal, {std::string(procedure)}});
        if (const auto open = call.parameter("open"); !open.empty())
            where.push_back({"open", journal::Compare::equal, {std::int64_t{open == "true"}}});
        auto rows = TRY(open_to(call, reader, std::move(where)));
        by_limit(rows);
        auto at = rows.begin();
        if (const auto cursor = call.parameter("cursor"); !cursor.empty()) {
            at = std::ranges::find(rows, cursor, &facts::DossierRow::id);
            if (at == rows.end())
                return Error{ErrorCode::usage, "a cursor is the `next` of the page before", "cursor"};
            ++at;
        }
        Json items = Json::array(), next = nullptr;
        for (; at != rows.end(); ++at) {
            if (items.size() == limit) {
                next = std::prev(at)->id;
                break;
            }
            items.push_back(TRY(row_json(call, present, *at)));
        }
        return Json{{"items", std::move(items)}, {"total", rows.size()}, {"next", std::move(next)}};
    });
}

Answer portal_dossier(const Call& call) {
    Json body;
    std::int64_t version = 0;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const Reached reached = TRY(reach(call, reader, call.path.at("id")));
        const facts::DossierRow& row = reached.row;
        version = row.version;
        Presenter present(call.services, reader, call.now, reached.decision.masks);
        const law::Procedure* procedure = present.procedure_of(row);
        body = TRY(row_json(call, present, row));
        const access::Masks masks = reached.decision.masks;
        body["attributes"] = procedure ? shown_form(present, row.attributes, procedure->form,
                                                    std::ranges::find(opened_in_writing, row.procedure) !=
                                                        std::end(opened_in_writing),
                                                    masks)
                                       : Json::array();
        body["clocks"] = Json::array();
        for (const act::ClockView& view : call.services.engine().clocks(row, call.now))
            body["clocks"].push_back(present.clock(view));
        body["offers"] = TRY(own_offers(call, present, row));
        body["events"] = TRY(events_of(present, row, masks));
        return {};
    }));
    return json_response(body, 200, std::to_string(version));
}

Answer portal_step(const Call& call) {
    TRY(own_operator(call));
    const Json body = TRY(body_of(call, {"form", "evidence", "happened_on"}));
    CHECK(check_uploaded(call, TRY(list_in(body, "evidence"))));
    return take_step(call);
}

Answer portal_licences(const Call& call) {
    const std::string firm = TRY(own_operator(call));
    TRY(call.may({.kind = access::Kind::registry, .operator_id = firm}));
    return shown(call, [&](const journal::Reader& reader) -> Result<Json> {
        Presenter present(call.services, reader, call.now);
        return Json{{"licences", TRY(licences(present, firm, false))},
                    {"certificates", TRY(certificates(present, firm, false))},
                    {"near_days", near_days}};
    });
}

Answer portal_roster(const Call& call) {
    const std::string firm = TRY(own_operator(call));
    return shown(call, [&](const journal::Reader& reader) -> Result<Json> {
        Presenter present(call.services, reader, call.now);
        std::vector<journal::Condition> where{
            {"procedure", journal::Compare::equal, {std::string("training")}}};
        if (const auto open = call.parameter("open"); !open.empty())
            where.push_back({"open", journal::Compare::equal, {std::int64_t{open == "true"}}});
        auto rows = TRY(open_to(call, reader, std::move(where)));
        by_limit(rows);
        Json items = Json::array();
        for (const facts::DossierRow& row : rows)
            items.push_back(TRY(training_json(present, row, firm, true)));
        return Json{{"items", std::move(items)}};
    });
}

namespace {

/// Somebody of the own staff who has not acknowledged yet.
Result<void> check_may_acknowledge(const journal::Reader& reader, const std::string& person,
                                   const std::string& firm, const std::map<std::string, Date>& done,
                                   Date on) {
    const auto found = TRY(registry::person_on(reader, person, on));
    if (found.organisation != firm)
        return Error{ErrorCode::wrong_organisation,
                     fmt::format("{} is not of your staff", person),
                     "people",
                     {},
                     "name people of your own staff",
                     "不是本单位员工",
                     "请选择本单位员工"};
    if (done.contains(person))
        return Error{ErrorCode::step_repeated,
                     fmt::format("{} acknowledged on {}", person, done.at(person).text()),
                     "people",
                     {},
                     "leave the person out",
                     "该员工已经确认",
                     "请去掉已确认的员工"};
    return {};
}

}  // namespace

Answer acknowledge(const Call& call) {
    const std::string firm = TRY(own_operator(call));
    const Json body = TRY(body_of(call, {"dossier", "people", "note"}));
    const std::string id = TRY(wanted_in(body, "dossier", 64));
    const auto people = TRY(list_in(body, "people"));
    const std::string note = TRY(text_in(body, "note"));
    if (people.empty())
        return Error{ErrorCode::field_missing,
                     "somebody must be named",
                     "people",
                     {},
                     "name the people",
                     "须填写员工",
                     "请选择员工"};
    http::Response response;
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const Date today = call.now.date();
        facts::DossierRow row = TRY(reach_again(call, writer, id)).row;
        const act::Actor actor = TRY(call.actor(writer));
        auto done = TRY(acknowledged_by(writer, row));
        Json seqs = Json::array();
        for (const std::string& person : people) {
            CHECK(check_may_acknowledge(writer, person, firm, done, today));
            act::Request request{.form = {{"person", person}}};
            if (!note.empty()) request.form.emplace("note", note);
            const auto recorded = TRY(
                writer.append(TRY(call.services.engine().take(writer, row, actor, "acknowledge", request))));
            seqs.push_back(recorded.seq);
            done.emplace(person, today);
            row = *TRY(writer.view<facts::DossierRow>().find(row.seq));
        }
        const Share share = share_of(TRY(staff_of(writer, firm, today)), done);
        response = json_response({{"seqs", std::move(seqs)},
                                  {"dossier", row.id},
                                  {"version", row.version},
                                  {"staff", share.staff},
                                  {"acknowledged", share.acknowledged},
                                  {"share", share.text()}},
                                 201, std::to_string(row.version));
        return keep_answer(call, writer, response);
    }));
    return response;
}

}  // namespace qingyuan::api
