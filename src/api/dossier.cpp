// One dossier whole: state, clocks, people, documents, links, and every fact of it in order.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/present.hpp"

namespace qingyuan::api {

namespace {

Json timeline_entry(Presenter& present, const facts::Recorded& recorded, const law::Procedure* procedure) {
    const facts::Fact& fact = recorded.fact;
    const bool internal = present.masked(access::Mask::internal);
    Json entry{{"seq", recorded.seq},
               {"kind", facts::kind_of(fact.payload)},
               {"happened_on", fact.happened_on.text()},
               {"recorded_at", recorded.recorded_at.text()},
               {"actor", internal ? Json{{"id", ""}, {"name", nullptr}} : present.person(fact.actor)},
               {"organisation", present.organisation(fact.organisation)},
               {"step", nullptr},
               {"to", nullptr},
               {"role", nullptr},
               {"officers", Json::array()},
               {"form", Json::array()},
               {"documents", Json::array()},
               {"evidence", Json::array()},
               {"clocks", Json::array()},
               {"reason", ""},
               {"voids", nullptr},
               {"voided_by", nullptr},
               {"digest", hex(sm3(facts::encode(recorded)))}};
    if (const auto* opened = std::get_if<facts::DossierOpened>(&fact.payload)) {
        if (procedure) {
            entry["to"] = present.state(*procedure, opened->state);
            entry["form"] = present.attributes(opened->attributes, procedure->form);
        }
    } else if (const auto* step = std::get_if<facts::StepTaken>(&fact.payload)) {
        const law::Step* declared = procedure ? procedure->find_step(step->step) : nullptr;
        entry["step"] = present.step(procedure, step->step);
        if (procedure) entry["to"] = present.state(*procedure, step->to);
        entry["role"] = present.role(step->role);
        if (!internal)
            for (const std::string& officer : step->officers)
                entry["officers"].push_back(present.person(officer));
        entry["form"] = present.attributes(step->form, declared ? declared->form : std::vector<law::Field>());
        for (const std::string& document : step->documents)
            entry["documents"].push_back(present.document(document));
        entry["evidence"] = step->evidence;
        for (const facts::ClockChange& change : step->clocks)
            entry["clocks"].push_back(present.clock_change(change));
    } else if (const auto* approval = std::get_if<facts::ApprovalGiven>(&fact.payload)) {
        entry["step"] = present.step(procedure, approval->step);
        entry["role"] = present.role(approval->role);
    } else if (const auto* voided = std::get_if<facts::FactVoided>(&fact.payload)) {
        entry["reason"] = voided->reason;
        entry["voids"] = voided->target;
    } else if (const auto* recused = std::get_if<facts::PersonRecused>(&fact.payload)) {
        entry["officers"].push_back(present.person(recused->person));
        entry["reason"] = recused->reason;
    }
    return entry;
}

/// A matter that the reader may not see is there as one that is restricted, and nothing more.
Result<Json> link(const Call& call, Presenter& present, const facts::DossierRow& row,
                  std::string_view direction, std::int64_t source_fact) {
    const law::Procedure* procedure = present.procedure_of(row);
    const access::Object object = TRY(access::object_of(present.reader(), row));
    const access::Decision decision =
        access::decide(call.subject, call.operation.policy, access::Action::read, object);
    if (!decision.allowed)
        return Json{{"direction", direction},
                    {"dossier", ""},
                    {"title", ""},
                    {"procedure", present.named("", "", "")},
                    {"state", {{"id", ""}, {"zh", ""}, {"en", ""}, {"terminal", false}}},
                    {"opened_on", row.opened_on.text()},
                    {"source_fact", nullptr},
                    {"restricted", true}};
    Json out{{"direction", direction},
             {"dossier", row.id},
             {"title", decision.masked(access::Mask::content) ? "" : row.title},
             {"procedure", procedure ? present.procedure(*procedure) : present.term(row.procedure)},
             {"state", procedure ? present.state(*procedure, row.state) : present.term(row.state)},
             {"opened_on", row.opened_on.text()},
             {"source_fact", nullptr},
             {"restricted", false}};
    if (source_fact != 0) out["source_fact"] = source_fact;
    return out;
}

/// Everyone who took part, and in which steps.
Json people_of(Presenter& present, const std::vector<facts::Recorded>& facts_of_dossier,
               const law::Procedure* procedure) {
    struct Part {
        std::string part;
        std::vector<std::string> roles, steps;
    };
    std::vector<std::pair<std::string, Part>> people;
    const auto note = [&](const std::string& person, std::string_view part, std::string_view role,
                          std::string_view step) {
        if (person.empty() || person == "system") return;
        auto found = std::find_if(people.begin(), people.end(),
                                  [&](const auto& p) { return p.first == person && p.second.part == part; });
        if (found == people.end())
            found = people.insert(people.end(), {person, Part{std::string(part), {}, {}}});
        const auto add = [](std::vector<std::string>& list, std::string_view item) {
            if (!item.empty() && std::find(list.begin(), list.end(), item) == list.end())
                list.emplace_back(item);
        };
        add(found->second.roles, role);
        add(found->second.steps, step);
    };
    for (const facts::Recorded& recorded : facts_of_dossier) {
        if (const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload)) {
            note(recorded.fact.actor, "actor", step->role, step->step);
            for (const std::string& officer : step->officers)
                if (officer != recorded.fact.actor) note(officer, "officer", {}, step->step);
        } else if (const auto* approval = std::get_if<facts::ApprovalGiven>(&recorded.fact.payload)) {
            note(recorded.fact.actor, "approver", approval->role, approval->step);
        } else if (const auto* recused = std::get_if<facts::PersonRecused>(&recorded.fact.payload)) {
            note(recused->person, "recused", {}, {});
        }
    }
    Json out = Json::array();
    for (const auto& [id, part] : people) {
        Json roles = Json::array(), steps = Json::array();
        for (const std::string& role : part.roles) roles.push_back(present.role(role));
        for (const std::string& step : part.steps) steps.push_back(present.step(procedure, step));
        out.push_back({{"person", present.person(id)},
                       {"part", part.part},
                       {"roles", std::move(roles)},
                       {"steps", std::move(steps)}});
    }
    return out;
}

Result<Json> links_of(const Call& call, Presenter& present, const facts::DossierRow& row) {
    Json out = Json::array();
    const auto view = present.reader().view<facts::DossierRow>();
    if (row.source != 0)
        if (const auto from = TRY(view.find(row.source)))
            out.push_back(TRY(link(call, present, *from, "from", row.source_fact)));
    for (const auto& to :
         TRY(view.list({.where = {{"source", journal::Compare::equal, {row.seq}}}, .limit = 200})))
        out.push_back(TRY(link(call, present, to, "to", to.source_fact)));
    return out;
}

/// What is between officials: approvals, recusals, entries made in error.
bool is_left_out(const Presenter& present, const facts::Fact& fact) {
    if (present.masked(access::Mask::content)) return true;
    return present.masked(access::Mask::internal) &&
           !std::holds_alternative<facts::DossierOpened>(fact.payload) &&
           !std::holds_alternative<facts::StepTaken>(fact.payload);
}

bool names_agency(const law::Step& step) {
    return std::ranges::find(step.form, "agency", &law::Field::id) != step.form.end();
}

/// In joint work each partner agency sees its own items: steps that name an agency are left out for another
/// department, and so are the fields that such steps leave on the dossier.
class OwnItems {
 public:
    OwnItems(const access::Subject& subject, const law::Procedure* procedure)
        : department_(subject.department), procedure_(procedure) {}

    [[nodiscard]] bool is_partner() const {
        return department_ != "drug_regulator" && department_ != "market_regulator" &&
               department_ != "operator";
    }
    [[nodiscard]] bool is_of_another(const facts::Fact& fact) const {
        const auto* step = std::get_if<facts::StepTaken>(&fact.payload);
        const law::Step* declared = step && procedure_ ? procedure_->find_step(step->step) : nullptr;
        return is_partner() && declared && names_agency(*declared) &&
               facts::text_of(step->form, "agency") != department_;
    }
    [[nodiscard]] facts::Form own(facts::Form attributes) const {
        if (!is_partner() || !procedure_) return attributes;
        for (const law::Step& step : procedure_->steps)
            if (names_agency(step))
                for (const law::Field& field : step.form) attributes.erase(field.id);
        return attributes;
    }

 private:
    const std::string& department_;
    const law::Procedure* procedure_;
};

/// The dossier as JSON.
Result<Json> whole(const Call& call, Presenter& present, const facts::DossierRow& row) {
    const law::Procedure* procedure = present.procedure_of(row);
    std::vector<facts::Recorded> recorded;
    std::map<std::uint64_t, std::uint64_t> voided_by;
    for (const std::uint64_t seq : TRY(present.reader().facts_of(static_cast<std::uint64_t>(row.seq)))) {
        recorded.push_back(TRY(present.reader().fact(seq)));
        if (const auto* voided = std::get_if<facts::FactVoided>(&recorded.back().fact.payload))
            voided_by[static_cast<std::uint64_t>(voided->target)] = seq;
    }
    Json out = present.dossier_row(row);
    out["law_on"] = row.law_on.text();
    const OwnItems items(call.subject, procedure);
    out["attributes"] = present.attributes(
        items.own(row.attributes), procedure ? present.all_fields(*procedure) : std::vector<law::Field>());
    out["clocks"] = Json::array();
    for (const act::ClockView& clock : present.services().engine().clocks(row, present.now()))
        out["clocks"].push_back(present.clock(clock));
    out["people"] =
        present.masked(access::Mask::internal) ? Json::array() : people_of(present, recorded, procedure);
    out["documents"] = Json::array();
    out["timeline"] = Json::array();
    for (const facts::Recorded& fact : recorded) {
        if (is_left_out(present, fact.fact) || items.is_of_another(fact.fact)) continue;
        Json entry = timeline_entry(present, fact, procedure);
        if (const auto found = voided_by.find(fact.seq); found != voided_by.end())
            entry["voided_by"] = found->second;
        if (const auto* step = std::get_if<facts::StepTaken>(&fact.fact.payload);
            step && !voided_by.contains(fact.seq))
            for (const std::string& document : step->documents) {
                Json drawn = present.document(document);
                drawn["step"] = present.step(procedure, step->step);
                drawn["seq"] = fact.seq;
                drawn["drawn_on"] = fact.fact.happened_on.text();
                out["documents"].push_back(std::move(drawn));
            }
        out["timeline"].push_back(std::move(entry));
    }
    out["links"] = TRY(links_of(call, present, row));
    return out;
}

}  // namespace

Answer show_dossier(const Call& call) {
    http::Response response;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        Presenter present(call.services, reader, call.now, decision.masks);
        response = json_response(TRY(whole(call, present, row)), 200, std::to_string(row.version));
        return {};
    }));
    return response;
}

Answer dossier_personal(const Call& call) {
    Json items = Json::array();
    std::int64_t version = 0;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto [row, decision] = TRY(reach(call, reader, call.path.at("id")));
        Presenter present(call.services, reader, call.now, decision.masks);
        const law::Procedure* procedure = present.procedure_of(row);
        facts::Form personal;
        for (const auto& [id, value] : row.attributes)
            if (std::holds_alternative<facts::SubjectRef>(value)) personal.emplace(id, value);
        items = present.attributes(personal,
                                   procedure ? present.all_fields(*procedure) : std::vector<law::Field>());
        version = row.version;
        return {};
    }));
    return json_response({{"items", std::move(items)}}, 200, std::to_string(version));
}

}  // namespace qingyuan::api
