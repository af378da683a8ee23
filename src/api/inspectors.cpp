// The register of inspectors: certificate, training, workload, conflicts, and who cannot be drawn and why.
#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "api/plan_desk.hpp"

namespace qingyuan::api {

namespace {

constexpr int year_days = 365;

/// Sums up the training of the year before; the last day on which the hours still suffice.
void count_training(std::vector<std::pair<Date, std::int64_t>> trained, std::int64_t least, Date on,
                    RegisteredInspector& out) {
    std::ranges::sort(trained, std::greater());
    std::int64_t sum = 0;
    for (const auto& [day, hours] : trained) {
        if (day + year_days < on || day > on) continue;
        sum += hours;
        // The newest trainings that together suffice: the oldest of them runs out first.
        if (sum >= least && out.trained_to == Date{}) out.trained_to = day + year_days;
    }
    out.hours = sum;
}

Result<void> read_file(const journal::Reader& reader, const facts::DossierRow& row, const Gates& gates,
                       Date on, RegisteredInspector& out) {
    out.file = row.id;
    out.state = row.state;
    out.level = facts::text_of(row.attributes, "level");
    out.skills = facts::list_of(row.attributes, "skills");
    std::vector<std::pair<Date, std::int64_t>> trained;
    std::map<std::int64_t, std::pair<std::string, std::string>> conflicts;
    for (const Taken& taken : TRY(steps_of(reader, row))) {
        const facts::Form& form = taken.step.form;
        if (taken.step.step == "train") {
            if (const auto day = parse_date(facts::text_of(form, "trained_on")))
                trained.emplace_back(*day, whole_in(form, "hours"));
        } else if (taken.step.step == "declare") {
            conflicts[taken.number] = {facts::text_of(form, "firm"), facts::text_of(form, "recusal_ground")};
        } else if (taken.step.step == "resolve") {
            conflicts.erase(whole_in(form, "conflict"));
        }
    }
    for (auto& [number, conflict] : conflicts) out.conflicts.push_back(std::move(conflict));
    count_training(std::move(trained), gates.hours_min, on, out);
    return {};
}

/// Files of inspectors by person; the newest that stands.
Result<std::map<std::string, facts::DossierRow>> files(const journal::Reader& reader) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string("inspector_file")}},
                   {"state", journal::Compare::none_of, {std::string("ended"), std::string("voided")}}};
    query.limit = 100'000;
    std::map<std::string, facts::DossierRow> out;
    for (facts::DossierRow& row : TRY(reader.view<facts::DossierRow>().list(query)))
        out[facts::text_of(row.attributes, "inspector")] = std::move(row);
    return out;
}

/// Inspections under way and of the last year, by who acts or is assigned.
Result<void> count_visits(const journal::Reader& reader, const std::string& path, Date on,
                          std::map<std::string, RegisteredInspector>& people) {
    journal::Query query;
    query.where = {{"procedure", journal::Compare::equal, {std::string("inspection")}},
                   {"path", journal::Compare::prefix, {path}}};
    query.limit = 1000;
    while (true) {
        const auto rows = TRY(reader.view<facts::DossierRow>().list(query));
        for (const facts::DossierRow& row : rows) {
            if (!row.open && row.opened_on + year_days < on) continue;
            std::set<std::string> on_it(row.officers.begin(), row.officers.end());
            for (const std::string& person : facts::list_of(row.attributes, "assigned")) on_it.insert(person);
            // Done on site: what is left is paper work of others.
            const bool done = !row.open || std::ranges::any_of(row.steps, [](const facts::StepState& step) {
                return step.step == "sign" && !step.voided;
            });
            for (const std::string& person : on_it)
                if (const auto found = people.find(person); found != people.end()) {
                    found->second.open_visits += !done;
                    found->second.visits_in_year += row.opened_on + year_days >= on;
                }
        }
        if (rows.size() < query.limit) return {};
        query.after_key = rows.back().seq;
    }
}

void judge(const Gates& gates, Date on, RegisteredInspector& one) {
    if (one.person.certificate.empty())
        one.gates.emplace_back("no_certificate");
    else if (one.person.certificate_to != Date{} && one.person.certificate_to < on)
        one.gates.emplace_back("certificate_expired");
    if (one.hours < gates.hours_min) one.gates.emplace_back("untrained");
    if (one.state == "suspended") one.gates.emplace_back("suspended");
    if (one.open_visits >= gates.open_max) one.gates.emplace_back("full");
}

Result<std::int64_t> whole_parameter(const law::Law& law, std::string_view id, Date on) {
    return TRY(law.parameter(id, on)).numerator();
}

}  // namespace

Result<Gates> gates_on(const law::Law& law, Date on) {
    return Gates{TRY(whole_parameter(law, "inspector_training_hours", on)),
                 TRY(whole_parameter(law, "inspector_visits_open_max", on)),
                 TRY(whole_parameter(law, "inspector_rotation_visits", on))};
}

Result<std::vector<RegisteredInspector>> inspectors_of(const journal::Reader& reader, const law::Law& law,
                                                       std::string_view organisation, Date on) {
    const Gates gates = TRY(gates_on(law, on));
    const auto tree = TRY(registry::OrganisationTree::load(reader));
    std::map<std::string, RegisteredInspector> people;
    for (const std::string& id : tree.subtree(organisation, on)) {
        journal::Query query;
        query.where = {{"organisation", journal::Compare::equal, {id}}};
        query.limit = 10'000;
        for (const facts::PersonRow& row : TRY(reader.view<facts::PersonRow>().list(query)))
            for (const facts::PersonRecorded& version : row.versions) {
                const bool inspects = std::ranges::find(version.roles, "inspector") != version.roles.end();
                if (inspects && version.from <= on && registry::holds(version.from, version.to, on))
                    people[row.id].person = version;
            }
    }
    const auto held = TRY(files(reader));
    for (auto& [id, one] : people)
        if (const auto file = held.find(id); file != held.end())
            CHECK(read_file(reader, file->second, gates, on, one));
    if (const auto place = TRY(reader.view<facts::PlaceRow>().find(std::string(organisation))))
        CHECK(count_visits(reader, place->path, on, people));
    std::vector<RegisteredInspector> out;
    for (auto& [id, one] : people) {
        judge(gates, on, one);
        out.push_back(std::move(one));
    }
    return out;
}

Answer list_inspectors(const Call& call) {
    Json body;
    const std::string organisation =
        call.parameter("org").empty() ? home_of(call) : std::string(call.parameter("org"));
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        TRY(call.may(TRY(access::object_at(reader, access::Kind::plan, organisation))));
        Presenter present(call.services, reader, call.now);
        const Date today = call.now.date();
        const Gates gates = TRY(gates_on(call.services.law, today));
        Json items = Json::array();
        std::int64_t free = 0;
        for (const RegisteredInspector& one :
             TRY(inspectors_of(reader, call.services.law, organisation, today))) {
            Json skills = Json::array(), conflicts = Json::array();
            for (const std::string& skill : one.skills)
                skills.push_back(present.word("inspector_skills", skill));
            for (const auto& [firm, ground] : one.conflicts)
                conflicts.push_back({{"operator", present.operator_ref(firm)},
                                     {"ground", present.word("recusal_grounds", ground)}});
            free += one.gates.empty();
            items.push_back({{"person", present.person(one.person.id)},
                             {"organisation", present.organisation(one.person.organisation)},
                             {"certificate", one.person.certificate},
                             {"certificate_to", date_or_null(one.person.certificate_to)},
                             {"level", present.word("inspector_levels", one.level)},
                             {"skills", std::move(skills)},
                             {"hours", one.hours},
                             {"trained_to", date_or_null(one.trained_to)},
                             {"open_visits", one.open_visits},
                             {"visits_in_year", one.visits_in_year},
                             {"conflicts", std::move(conflicts)},
                             {"file", one.file.empty() ? Json(nullptr) : Json(one.file)},
                             {"gates", one.gates}});
        }
        body = {{"organisation", present.organisation(organisation)},
                {"hours_min", gates.hours_min},
                {"open_max", gates.open_max},
                {"rotation", gates.rotation},
                {"total", items.size()},
                {"free", free},
                {"items", std::move(items)}};
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
