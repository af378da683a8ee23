// Who visits the drawn: teams computed from the seed of the draw, the certificate where there are none, a
// team replaced after a recusal, and the inspection that is opened for each place.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/doors.hpp"
#include "api/plan_desk.hpp"
#include "base/text.hpp"

namespace qingyuan::api {

namespace {

constexpr std::int64_t team_max = 6;

/// A place with its team, as the file of the teams keeps it: a line each, "place N OPERATOR DATE LEAD
/// OTHER…".
struct TeamLine {
    std::int64_t place = 0;
    std::string operator_id;
    Date on;
    std::vector<std::string> inspectors;
};

std::string write_teams(const std::vector<TeamLine>& teams) {
    std::string out;
    for (const TeamLine& team : teams)
        out += fmt::format("place {} {} {} {}\n", team.place, team.operator_id, team.on.text(),
                           join(team.inspectors, " "));
    return out;
}

Result<std::vector<TeamLine>> parse_teams(std::string_view text) {
    std::vector<TeamLine> out;
    for (const std::string& line : split(text, '\n')) {
        if (line.empty()) continue;
        const std::vector<std::string> words = split(line, ' ');
        const auto place = parse_integer(words.size() > 5 && words[0] == "place" ? words[1] : std::string());
        if (!place) return Error{ErrorCode::record_malformed, "not a line of a file of teams", line};
        out.push_back({*place, words[2], TRY(parse_date(words[3])), {words.begin() + 4, words.end()}});
    }
    return out;
}

struct Wanted {
    Date from, until;
    std::int64_t team = 2;
};

Result<Wanted> wanted_of(const Call& call, std::string_view from, std::string_view until, std::int64_t team) {
    const law::Calendar& calendar = call.services.law.calendar();
    Wanted out;
    out.from = from.empty() ? call.now.date() + 1 : TRY(parse_date(from));
    out.until = until.empty() ? out.from + 13 : TRY(parse_date(until));
    out.team = team;
    if (out.until < out.from || out.until - out.from > 400)
        return Error{ErrorCode::field_invalid,
                     "the last day is not before the first, nor more than 400 days later", "until"};
    if (team < 2 || team > team_max)
        return Error{ErrorCode::officers_too_few, "a team has two to six officers", "team",          "APL 42",
                     "ask for at least two",      "每组检查人员不得少于二人",       "请填写二人以上"};
    while (out.from < out.until && !calendar.is_working(out.from)) ++out.from;
    return out;
}

std::string column_of(const law::Law& law, const std::string& kind, std::string_view column) {
    const law::Vocabulary* kinds = law.find_vocabulary("visit_by_kind");
    const law::Word* word = kinds ? kinds->find(kind) : nullptr;
    if (!word) return {};
    const auto found = word->more.find(std::string(column));
    return found == word->more.end() ? "" : found->second;
}

/// Who was on the last visits of an operator: rotation.
Result<std::vector<std::string>> last_visitors(const journal::Reader& reader, const std::string& operator_id,
                                               std::int64_t visits) {
    std::vector<std::string> out;
    if (visits <= 0) return out;
    journal::Query query;
    query.where = {{"operator_id", journal::Compare::equal, {operator_id}},
                   {"procedure", journal::Compare::equal, {std::string("inspection")}}};
    query.descending = true;
    query.limit = static_cast<std::uint64_t>(visits);
    for (const facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(query)))
        out.insert(out.end(), row.officers.begin(), row.officers.end());
    return out;
}

/// Everything that an assignment is computed from.
struct Round {
    std::vector<target::Visit> visits;  ///< their ids are places: "00001"
    std::vector<std::string> operators;
    std::vector<target::Inspector> inspectors;
    Digest seed{};
};

std::string place_id(std::int64_t place) {
    return fmt::format("{:05}", place);
}
std::size_t index_of(std::string_view place) {
    const auto number = parse_integer(place);
    return number && *number > 0 ? static_cast<std::size_t>(*number) - 1 : 0;
}

target::Inspector inspector_of(const RegisteredInspector& one, const Gates& gates) {
    target::Inspector out{one.person.id, one.skills,
                          std::max<std::int64_t>(0, gates.open_max - one.open_visits),
                          one.person.certificate_to};
    // No last day is no limit; a gate that is shut is a certificate that ran out.
    if (out.certificate_to == Date{} && !one.person.certificate.empty())
        out.certificate_to = make_date(9999, 12, 31);
    if (gates.hours_min > 0) out.certificate_to = std::min(out.certificate_to, one.trained_to);
    const bool shut = std::ranges::any_of(one.gates, [](const std::string& gate) { return gate != "full"; });
    if (shut) out.certificate_to = Date{};
    return out;
}

Result<Round> round_to_assign(const Call& call, const journal::Reader& reader, const DrawHeld& draw,
                              const Wanted& wanted) {
    const law::Law& law = call.services.law;
    const Gates gates = TRY(gates_on(law, call.now.date()));
    const auto register_ = TRY(inspectors_of(reader, law, draw.row.organisation, call.now.date()));
    Round out;
    out.seed = draw.outcome->seed;
    for (const RegisteredInspector& one : register_) out.inspectors.push_back(inspector_of(one, gates));
    std::vector<Date> days;
    for (Date day = wanted.from; day <= wanted.until; ++day)
        if (law.calendar().is_working(day)) days.push_back(day);
    if (days.empty()) days.push_back(wanted.from);
    const auto places = drawn_places(draw);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::string& firm = draw.operators[places[i].unit];
        target::Visit visit;
        visit.id = place_id(static_cast<std::int64_t>(i) + 1);
        visit.on = days[i * days.size() / places.size()];
        visit.team = wanted.team;
        const std::string skill = column_of(law, draw.bundle.head.strata[places[i].stratum].id, "skill");
        if (!skill.empty()) visit.lead_skills = {skill};
        for (const RegisteredInspector& one : register_)
            for (const auto& [operator_id, ground] : one.conflicts)
                if (operator_id == firm) visit.barred.push_back({one.person.id, ground});
        for (const std::string& person : TRY(last_visitors(reader, firm, gates.rotation)))
            visit.barred.push_back({person, "rotation"});
        out.visits.push_back(std::move(visit));
        out.operators.push_back(firm);
    }
    return out;
}

/// {places, capacity, visits, skills, inspectors, once, expired, text}
Json shortage_json(Presenter& present, const Round& round, const target::Shortage& shortage) {
    Json visits = Json::array(), skills = Json::array(), people = Json::array(), expired = Json::array();
    for (const std::string& visit : shortage.visits)
        visits.push_back({{"place", index_of(visit) + 1},
                          {"operator", present.operator_ref(round.operators[index_of(visit)])}});
    for (const std::string& skill : shortage.skills)
        skills.push_back(present.word("inspector_skills", skill));
    for (const std::string& person : shortage.inspectors) people.push_back(present.person(person));
    for (const std::string& person : shortage.expired) expired.push_back(present.person(person));
    return {{"places", shortage.places},       {"capacity", shortage.capacity},
            {"visits", std::move(visits)},     {"skills", std::move(skills)},
            {"inspectors", std::move(people)}, {"once", shortage.once.size()},
            {"expired", std::move(expired)},   {"text", shortage.text()}};
}

std::vector<TeamLine> lines_of(const Round& round, const std::vector<target::Team>& teams) {
    std::vector<TeamLine> out;
    for (const target::Team& team : teams) {
        const std::size_t i = index_of(team.visit);
        out.push_back(
            {static_cast<std::int64_t>(i) + 1, round.operators[i], round.visits[i].on, team.inspectors});
    }
    return out;
}

Json team_json(Presenter& present, const TeamLine& team) {
    Json people = Json::array();
    for (const std::string& person : team.inspectors) people.push_back(present.person(person));
    return {{"place", team.place},
            {"operator", present.operator_ref(team.operator_id)},
            {"on", team.on.text()},
            {"inspectors", std::move(people)}};
}

/// The draw in the path, published and readable.
Result<DrawHeld> published_draw(const Call& call, const journal::Reader& reader,
                                const facts::DossierRow& row) {
    if (row.procedure != "draw") return no_such_dossier(row.id);
    if (row.state != "published") return not_public(row);
    return draw_held(call.services, reader, row, true);
}

Result<std::optional<facts::DossierRow>> standing_round(const journal::Reader& reader, std::int64_t draw) {
    std::optional<facts::DossierRow> out;
    for (facts::DossierRow& row : TRY(opened_from(reader, draw, "inspection_round")))
        if (row.state != "cancelled" && row.state != act::voided_state) out = std::move(row);
    return out;
}

Result<std::vector<TeamLine>> teams_now(const Services& services, const facts::DossierRow& round) {
    const auto files = facts::list_of(round.attributes, "teams");
    return parse_teams(TRY(services.evidence.read(files.empty() ? "" : files.front())));
}

Result<std::int64_t> whole_from(const Json& body, const char* name, std::int64_t otherwise) {
    if (!body.contains(name) || body[name].is_null()) return otherwise;
    if (!body[name].is_number_integer())
        return Error{ErrorCode::field_invalid, "a whole number is expected", name};
    return body[name].get<std::int64_t>();
}

}  // namespace

Result<Json> round_of(const Call& call, Presenter& present, const DrawHeld& draw) {
    const auto row = TRY(standing_round(present.reader(), draw.row.seq));
    if (!row) return Json(nullptr);
    std::map<std::int64_t, Json> inspections;
    for (const Taken& visit : TRY(steps_of(present.reader(), *row, "visit")))
        inspections[whole_in(visit.step.form, "place_visited")] = nullptr;
    std::map<std::string, const facts::DossierRow*> by_operator;
    const auto opened = TRY(opened_from(present.reader(), row->seq, "inspection"));
    for (const facts::DossierRow& one : opened) by_operator[one.operator_id] = &one;
    Json teams = Json::array(), replaced = Json::array();
    for (const TeamLine& team : TRY(teams_now(call.services, *row))) {
        Json item = team_json(present, team);
        const auto found = by_operator.find(team.operator_id);
        item["inspection"] = nullptr;
        if (found != by_operator.end()) {
            const law::Procedure* procedure = present.procedure_of(*found->second);
            item["inspection"] = {{"id", found->second->id},
                                  {"state", procedure ? present.state(*procedure, found->second->state)
                                                      : present.term(found->second->state)}};
        }
        teams.push_back(std::move(item));
    }
    for (const Taken& one : TRY(steps_of(present.reader(), *row, "replace")))
        replaced.push_back(
            {{"place", whole_in(one.step.form, "place")},
             {"person", present.person(facts::text_of(one.step.form, "recused_person"))},
             {"ground", present.word("recusal_grounds", facts::text_of(one.step.form, "recusal_ground"))},
             {"taken", taken_by(present, one.recorded)}});
    const law::Procedure* procedure = present.procedure_of(*row);
    return Json{{"id", row->id},
                {"version", row->version},
                {"state", procedure ? present.state(*procedure, row->state) : present.term(row->state)},
                {"visits_from", facts::text_of(row->attributes, "visits_from")},
                {"visits_until", facts::text_of(row->attributes, "visits_until")},
                {"team_size", whole_in(row->attributes, "team_size")},
                {"digest", facts::text_of(row->attributes, "digest")},
                {"teams", std::move(teams)},
                {"replaced", std::move(replaced)},
                {"steps", TRY(offers_json(call, present, *row))}};
}

Answer draw_teams(const Call& call) {
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        const DrawHeld draw = TRY(published_draw(call, reader, row));
        const auto given = parse_integer(call.parameter("team"));
        const std::int64_t team = call.parameter("team").empty() ? 2 : given ? *given : 0;
        const Wanted wanted = TRY(wanted_of(call, call.parameter("from"), call.parameter("until"), team));
        const Round round = TRY(round_to_assign(call, reader, draw, wanted));
        const target::Assignment found = TRY(target::assign(round.visits, round.inspectors, round.seed));
        Presenter present(call.services, reader, call.now, decision.masks);
        Json teams = Json::array();
        for (const TeamLine& line : lines_of(round, found.teams)) teams.push_back(team_json(present, line));
        std::int64_t free = 0;
        for (const target::Inspector& one : round.inspectors)
            free += one.certificate_to >= wanted.from && one.capacity > 0;
        body = {{"visits_from", wanted.from.text()},
                {"visits_until", wanted.until.text()},
                {"team_size", wanted.team},
                {"inspectors", round.inspectors.size()},
                {"free", free},
                {"teams", std::move(teams)},
                {"shortage", found.shortage.empty() ? Json(nullptr)
                                                    : shortage_json(present, round, found.shortage.front())}};
        return {};
    }));
    return json_response(body);
}

Answer open_round(const Call& call) {
    const Json body = TRY(body_of(call, {"from", "until", "team"}));
    const std::string from = TRY(text_in(body, "from")), until = TRY(text_in(body, "until"));
    const Wanted wanted = TRY(wanted_of(call, from, until, TRY(whole_from(body, "team", 2))));
    act::Engine::Opening opening{.procedure = "inspection_round"};
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        const DrawHeld draw = TRY(published_draw(call, reader, row));
        if (const auto round = TRY(standing_round(reader, row.seq)))
            return Error{ErrorCode::step_repeated,
                         fmt::format("{} is the round of this draw", round->id),
                         {},
                         "INSP",
                         fmt::format("replace a team in {}, or cancel it", round->id),
                         fmt::format("本次抽取已有任务批次{}", round->id),
                         "可在该批次内换组，或先取消该批次"};
        const Round round = TRY(round_to_assign(call, reader, draw, wanted));
        const target::Assignment found = TRY(target::assign(round.visits, round.inspectors, round.seed));
        if (!found.shortage.empty()) return target::error_of(found.shortage.front());
        const std::string bytes = write_teams(lines_of(round, found.teams));
        const auto kept = TRY(call.services.evidence.put(bytes));
        opening.title = fmt::format("{} 检查任务", row.title.empty() ? row.id : row.title);
        opening.organisation = row.organisation;
        opening.source = static_cast<std::uint64_t>(row.seq);
        opening.form = {{"visits_from", wanted.from.text()},
                        {"visits_until", wanted.until.text()},
                        {"team_size", wanted.team},
                        {"places", static_cast<std::int64_t>(found.teams.size())},
                        {"teams", std::vector<std::string>{hex(kept.digest)}},
                        {"digest", hex(sm3(bytes))}};
        return {};
    }));
    return append_fact(call, [&](const journal::Reader& reader) -> Result<facts::Fact> {
        if (TRY(standing_round(reader, static_cast<std::int64_t>(opening.source))))
            return Error{ErrorCode::step_repeated, "the draw has a round", {}, "INSP"};
        return call.services.engine().open(reader, TRY(call.actor(reader)), opening);
    });
}

namespace {

/// The draw a round was opened from.
Result<DrawHeld> draw_of(const Call& call, const journal::Reader& reader, const facts::DossierRow& round) {
    const auto row = TRY(reader.view<facts::DossierRow>().find(round.source));
    if (round.procedure != "inspection_round" || !row) return no_such_dossier(round.id);
    return draw_held(call.services, reader, *row, true);
}

struct Replacement {
    std::int64_t place = 0;
    std::string person, ground;
};

/// The teams with one of them computed anew; everybody who was recused from the place stays out of it.
Result<std::vector<TeamLine>> replaced_teams(const Call& call, const journal::Reader& reader,
                                             const facts::DossierRow& row, const Replacement& wanted) {
    const DrawHeld draw = TRY(draw_of(call, reader, row));
    std::vector<TeamLine> lines = TRY(teams_now(call.services, row));
    const auto line = std::ranges::find(lines, wanted.place, &TeamLine::place);
    if (line == lines.end() || std::ranges::find(line->inspectors, wanted.person) == line->inspectors.end())
        return Error{ErrorCode::field_invalid,
                     "this person is not on the team of this place",
                     "person",
                     "APL 43",
                     "name somebody of the team",
                     "该人员不在本户检查组内",
                     "请选择本组人员"};
    Round round = TRY(round_to_assign(call, reader, draw,
                                      {TRY(parse_date(facts::text_of(row.attributes, "visits_from"))),
                                       TRY(parse_date(facts::text_of(row.attributes, "visits_until"))),
                                       whole_in(row.attributes, "team_size")}));
    target::Visit& visit = round.visits[static_cast<std::size_t>(wanted.place) - 1];
    const auto before = TRY(steps_of(reader, row, "replace"));
    for (const Taken& one : before)
        if (whole_in(one.step.form, "place") == wanted.place)
            visit.barred.push_back({facts::text_of(one.step.form, "recused_person"),
                                    facts::text_of(one.step.form, "recusal_ground")});
    visit.barred.push_back({wanted.person, wanted.ground});
    std::vector<target::Team> teams;
    for (const TeamLine& one : lines) teams.push_back({place_id(one.place), one.inspectors});
    const target::Assignment found = TRY(target::reassign(teams, visit, round.inspectors, round.seed,
                                                          static_cast<std::uint64_t>(before.size()) + 1));
    if (!found.shortage.empty()) return target::error_of(found.shortage.front());
    const auto fresh = std::ranges::find(found.teams, place_id(wanted.place), &target::Team::visit);
    line->inspectors = fresh->inspectors;
    return lines;
}

}  // namespace

Answer replace_team(const Call& call) {
    const Json body = TRY(body_of(call, {"place", "person", "ground"}));
    const Replacement wanted{TRY(whole_from(body, "place", 0)), TRY(wanted_in(body, "person")),
                             TRY(word_in(call, body, "ground", "recusal_grounds"))};
    return change_dossier(call,
                          [&](const journal::Reader& reader, const facts::DossierRow& row,
                              const act::Actor& actor, std::int64_t version) -> Result<facts::Fact> {
                              const std::string bytes =
                                  write_teams(TRY(replaced_teams(call, reader, row, wanted)));
                              const auto kept = TRY(call.services.evidence.put(bytes));
                              act::Request request;
                              request.expected_version = version;
                              request.evidence = {hex(kept.digest)};
                              request.form = {{"place", wanted.place},
                                              {"recused_person", wanted.person},
                                              {"recusal_ground", wanted.ground},
                                              {"teams", std::vector<std::string>{hex(kept.digest)}},
                                              {"digest", hex(sm3(bytes))}};
                              return call.services.engine().take(reader, row, actor, "replace", request);
                          });
}

namespace {

/// The inspection of one place, with the reason and the chance it was drawn by.
act::Engine::Opening inspection_of(const law::Law& law, const DrawHeld& draw, const facts::DossierRow& round,
                                   const TeamLine& team, const target::Place& place,
                                   const facts::OperatorRecorded& firm) {
    const target::Unit& unit = draw.bundle.units[place.unit];
    const bool known = place.reason == "random" || place.reason == "for_cause";
    const auto column = [&](std::string_view name, const char* otherwise) {
        const std::string found = column_of(law, firm.kind, name);
        return found.empty() ? std::string(otherwise) : found;
    };
    act::Engine::Opening out{.procedure = "inspection"};
    out.title = firm.name + "监督检查";
    out.operator_id = firm.id;
    out.category = column("category", "drug");
    out.organisation = round.organisation;
    out.source = static_cast<std::uint64_t>(round.seq);
    out.form = {{"reason", known                                   ? place.reason
                           : place.reason.starts_with("statutory") ? std::string("routine")
                                                                   : std::string("targeted")},
                {"mode", std::string("on_site")},
                {"activity", column("activity", "distribution")},
                {"probability", target::text_of(unit.probability)},
                {"unannounced", true},
                {"assigned", team.inspectors},
                {"planned_on", team.on.text()}};
    if (const std::string trade = column("trade", ""); !trade.empty()) out.form["trade"] = trade;
    return out;
}

}  // namespace

Answer plan_visits(const Call& call) {
    TRY(body_of(call, {}));
    Json opened = Json::array();
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(reach(call, reader, call.path.at("id")));
        return {};
    }));
    CHECK(call.services.journal.write([&](journal::Writer& writer) -> Result<void> {
        const auto [row, decision] = TRY(reach_again(call, writer, call.path.at("id")));
        const DrawHeld draw = TRY(draw_of(call, writer, row));
        const act::Actor actor = TRY(call.actor(writer));
        const auto places = drawn_places(draw);
        std::vector<std::int64_t> done;
        for (const Taken& visit : TRY(steps_of(writer, row, "visit")))
            done.push_back(whole_in(visit.step.form, "place_visited"));
        for (const TeamLine& team : TRY(teams_now(call.services, row))) {
            if (std::ranges::find(done, team.place) != done.end()) continue;
            const auto& place = places[static_cast<std::size_t>(team.place) - 1];
            const auto firm = TRY(registry::operator_on(writer, team.operator_id, call.now.date()));
            act::Request request;
            request.form = {{"place_visited", team.place}};
            const facts::DossierRow now = TRY(act::dossier(writer, row.id));
            TRY(writer.append(TRY(call.services.engine().take(writer, now, actor, "visit", request))));
            const facts::Recorded fact = TRY(writer.append(TRY(call.services.engine().open(
                writer, actor, inspection_of(call.services.law, draw, row, team, place, firm)))));
            opened.push_back(TRY(act::dossier(writer, std::to_string(fact.dossier()))).id);
        }
        response = json_response({{"round", row.id}, {"opened", opened}}, 201);
        return keep_answer(call, writer, response);
    }));
    return response;
}

}  // namespace qingyuan::api
