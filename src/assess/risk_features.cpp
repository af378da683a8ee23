#include "assess/risk_features.hpp"

#include <algorithm>
#include <set>

#include "assess/areas.hpp"
#include "assess/credit.hpp"
#include "assess/dossiers.hpp"
#include "registry/registry.hpp"

namespace qingyuan::assess {

namespace {

using facts::DossierRow;
using journal::Compare;

/// One row of vocabulary risk_signals.
struct Source {
    std::string kind, procedure, step, attribute, value;
};

std::vector<Source> sources_of(const law::Law& law, Date on) {
    std::vector<Source> out;
    const law::Vocabulary* words = law.find_vocabulary("risk_signals");
    if (words == nullptr) return out;
    for (const law::Word& word : words->words) {
        if (!word.in_force.holds(on)) continue;
        const auto column = [&](std::string_view name) {
            const auto found = word.more.find(name);
            return found == word.more.end() ? std::string() : found->second;
        };
        out.push_back(
            {column("kind"), column("procedure"), column("step"), column("attribute"), column("value")});
    }
    return out;
}

void take_signals(const std::vector<Source>& sources, const DossierRow& dossier, Features& features) {
    if (dossier.state == "voided") return;
    for (const Source& source : sources) {
        if (source.procedure != dossier.procedure) continue;
        if (!source.attribute.empty() && facts::text_of(dossier.attributes, source.attribute) != source.value)
            continue;
        Date on = dossier.opened_on;
        if (!source.step.empty()) {
            const auto step = std::ranges::find_if(
                dossier.steps, [&](const auto& one) { return !one.voided && one.step == source.step; });
            if (step == dossier.steps.end()) continue;
            on = step->on;
        }
        if (source.kind == "control") features.controls.push_back(on);
        for (std::size_t kind = 0; kind < risk_signals; ++kind)
            if (text_of(static_cast<RiskSignal>(kind)) == source.kind)
                features.signals.push_back({static_cast<RiskSignal>(kind), on});
    }
}

Result<void> take_visit(const journal::Reader& reader, const RiskLevers& levers, const DossierRow& dossier,
                        RiskSubject& subject) {
    if (dossier.procedure != "inspection" || dossier.state == "voided") return {};
    RiskVisit visit;
    for (const facts::StepState& step : dossier.steps) {
        if (step.voided) continue;
        if (step.step == "sign") visit.on = step.on;
        if (step.step != "record_finding") continue;
        const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(step.seq)));
        const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload);
        const std::string severity = taken != nullptr ? facts::text_of(taken->form, "severity") : "";
        const double weight = severity == "critical" ? levers.severity_critical
                              : severity == "major"  ? levers.severity_major
                                                     : levers.severity_minor;
        visit.violation = true;
        visit.severity += weight;
        visit.severity_square += weight * weight;
    }
    if (visit.on == Date{}) return {};  // nobody has signed: the visit is not over
    subject.features.visits.push_back(visit);
    subject.random.push_back(facts::text_of(dossier.attributes, "reason") == "random");
    return {};
}

/// By day; the marks of visits move with them.
void sort_visits(RiskSubject& subject) {
    std::vector<std::pair<RiskVisit, bool>> visits;
    for (std::size_t i = 0; i < subject.random.size(); ++i)
        visits.emplace_back(subject.features.visits[i], subject.random[i]);
    std::ranges::stable_sort(visits, {}, [](const auto& one) { return one.first.on; });
    for (std::size_t i = 0; i < visits.size(); ++i) {
        subject.features.visits[i] = visits[i].first;
        subject.random[i] = visits[i].second;
    }
}

double exposure_of(const law::Law& law, std::string_view kind) {
    const law::Vocabulary* kinds = law.find_vocabulary("hazard_by_kind");
    const law::Word* word = kinds != nullptr ? kinds->find(kind) : nullptr;
    const auto found =
        word != nullptr ? word->more.find("exposure") : std::map<std::string, std::string>::const_iterator{};
    if (word == nullptr || found == word->more.end()) return 1;
    const auto value = parse_decimal(found->second);
    return value ? static_cast<double>(value->numerator()) / static_cast<double>(value->denominator()) : 1;
}

RiskSubject subject_of(const law::Law& law, const Areas& areas, const facts::OperatorRecorded& one) {
    RiskSubject out;
    out.id = one.id;
    out.features.type = one.kind;
    out.features.region = one.region;
    out.features.size = one.kind == "chain_headquarters" ? "headquarters"
                        : !one.headquarters.empty()      ? "store"
                                                         : "single";
    out.features.tier = hazard_tier(law, one.kind);
    out.features.exposure = exposure_of(law, one.kind);
    out.ownership = out.features.size == "single" ? "independent" : "chain";
    out.area = areas.area_of(one.region, one.address);
    return out;
}

/// Operators in force on the day, by id.
Result<std::map<std::string, RiskSubject, std::less<>>> registered(const journal::Reader& reader,
                                                                   const law::Law& law, Date on) {
    std::map<std::string, RiskSubject, std::less<>> out;
    const Areas areas(law);
    journal::Query query;
    for (;;) {
        const auto rows = TRY(reader.view<facts::OperatorRow>().list(query));
        for (const facts::OperatorRow& row : rows) {
            const facts::OperatorRecorded* version = nullptr;
            for (const auto& one : row.versions)
                if (one.from <= on) version = &one;
            if (version != nullptr) out.emplace(row.id, subject_of(law, areas, *version));
        }
        if (rows.size() < query.limit) return out;
        query.after_key = rows.back().id;
    }
}

}  // namespace

Result<std::vector<GroupRisk>> group_risks(const journal::Reader& reader, const RiskLevers& levers,
                                           Date as_of) {
    struct Seen {
        std::map<std::string, Date, std::less<>> first;  // store → first day
    };
    std::map<std::pair<std::string, std::string>, Seen> seen;
    std::map<std::string, std::string, std::less<>> headquarters;
    journal::Query query;
    query.where = {{"kind", Compare::equal, {std::string("chain_store")}}};
    for (;;) {
        const auto rows = TRY(reader.view<facts::OperatorRow>().list(query));
        for (const facts::OperatorRow& row : rows)
            if (!row.headquarters.empty()) headquarters[row.id] = row.headquarters;
        if (rows.size() < query.limit) break;
        query.after_key = rows.back().id;
    }
    const Date from = as_of - levers.group_window_days;
    for (const char* procedure : {"inspection", "penalty_case"})
        CHECK(each_dossier(
            reader, {{"procedure", Compare::equal, {std::string(procedure)}}},
            [&](const DossierRow& dossier) -> Result<void> {
                const auto store = headquarters.find(dossier.operator_id);
                if (store == headquarters.end() || dossier.state == "voided") return {};
                const auto note = [&](const std::string& clause, Date on) {
                    if (clause.empty() || on < from || on >= as_of) return;
                    auto& first = seen[{store->second, clause}].first;
                    const auto [at, fresh] = first.emplace(store->first, on);
                    if (!fresh) at->second = std::min(at->second, on);
                };
                if (dossier.procedure == "penalty_case") {
                    note(facts::text_of(dossier.attributes, "violation"), dossier.opened_on);
                    return {};
                }
                for (const facts::StepState& step : dossier.steps) {
                    if (step.voided || step.step != "record_finding") continue;
                    const facts::Recorded recorded = TRY(reader.fact(static_cast<std::uint64_t>(step.seq)));
                    if (const auto* taken = std::get_if<facts::StepTaken>(&recorded.fact.payload))
                        note(facts::text_of(taken->form, "clause"), step.on);
                }
                return {};
            }));
    std::vector<GroupRisk> out;
    const auto least = static_cast<std::size_t>(levers.group_stores_min);
    for (const auto& [key, one] : seen) {
        if (one.first.size() < least) continue;
        GroupRisk risk{key.first, key.second, {}, {}};
        std::vector<Date> days;
        for (const auto& [store, on] : one.first) {
            risk.stores.push_back(store);
            days.push_back(on);
        }
        std::ranges::sort(days);
        risk.reached_on = days[least - 1];
        out.push_back(std::move(risk));
    }
    return out;
}

Result<std::vector<RiskSubject>> risk_subjects(const journal::Reader& reader, const law::Law& law,
                                               const RiskLevers& levers, Date as_of) {
    auto subjects = TRY(registered(reader, law, as_of));
    const auto sources = sources_of(law, as_of);
    std::set<std::string, std::less<>> procedures{"inspection"};
    for (const Source& source : sources) procedures.insert(source.procedure);
    for (const std::string& procedure : procedures)
        CHECK(each_dossier(reader, {{"procedure", Compare::equal, {procedure}}},
                           [&](const DossierRow& dossier) -> Result<void> {
                               const auto found = subjects.find(dossier.operator_id);
                               if (found == subjects.end()) return {};
                               take_signals(sources, dossier, found->second.features);
                               return take_visit(reader, levers, dossier, found->second);
                           }));
    for (const GroupRisk& group : TRY(group_risks(reader, levers, as_of)))
        if (const auto found = subjects.find(group.headquarters); found != subjects.end())
            found->second.features.signals.push_back({RiskSignal::group, group.reached_on});
    std::vector<RiskSubject> out;
    out.reserve(subjects.size());
    for (auto& [id, subject] : subjects) {
        sort_visits(subject);
        out.push_back(std::move(subject));
    }
    return out;
}

Result<RiskSubject> risk_subject(const journal::Reader& reader, const law::Law& law, const RiskLevers& levers,
                                 std::string_view operator_id, Date as_of) {
    RiskSubject out = subject_of(law, Areas(law), TRY(registry::operator_on(reader, operator_id, as_of)));
    const auto sources = sources_of(law, as_of);
    CHECK(each_dossier(reader, {{"operator_id", Compare::equal, {std::string(operator_id)}}},
                       [&](const DossierRow& dossier) -> Result<void> {
                           take_signals(sources, dossier, out.features);
                           return take_visit(reader, levers, dossier, out);
                       }));
    if (out.features.size == "headquarters")
        for (const GroupRisk& group : TRY(group_risks(reader, levers, as_of)))
            if (group.headquarters == operator_id)
                out.features.signals.push_back({RiskSignal::group, group.reached_on});
    sort_visits(out);
    return out;
}

}  // namespace qingyuan::assess
