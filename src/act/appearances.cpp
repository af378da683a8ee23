#include "act/appearances.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "act/engine.hpp"
#include "act/links.hpp"

namespace qingyuan::act {

namespace {

using Fields = std::set<std::string, std::less<>>;

/// The fields of one type in all forms of each procedure, all versions together.
std::map<std::string, Fields, std::less<>> fields_of(const law::Law& law, law::FieldType type) {
    std::map<std::string, Fields, std::less<>> out;
    for (const law::Procedure& procedure : law.procedures()) {
        const auto add = [&](const std::vector<law::Field>& form) {
            for (const law::Field& field : form)
                if (field.type == type) out[procedure.id].insert(field.id);
        };
        add(procedure.form);
        for (const law::Step& step : procedure.steps) add(step.form);
    }
    return out;
}

Result<void> each_of(const journal::Reader& reader, const std::string& procedure,
                     const std::function<Result<void>(const facts::DossierRow&)>& each) {
    return each_dossier(reader, {{"procedure", journal::Compare::equal, {procedure}}}, each);
}

class Search {
 public:
    Search(const journal::Reader& reader, const facts::SubjectRef& person)
        : reader_(reader), person_(person) {}

    /// The attributes hold the latest value of a field; the steps hold every one.
    Result<void> look(const facts::DossierRow& row, const Fields& fields) {
        if (row.state == voided_state) return {};
        const facts::Recorded opening = TRY(reader_.fact(static_cast<std::uint64_t>(row.seq)));
        if (const auto* opened = std::get_if<facts::DossierOpened>(&opening.fact.payload))
            look_in(row, opened->attributes, fields, opening.seq);
        for (const facts::StepState& taken : row.steps) {
            if (taken.voided) continue;
            const facts::Recorded recorded = TRY(reader_.fact(static_cast<std::uint64_t>(taken.seq)));
            if (const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload))
                look_in(row, step->form, fields, recorded.seq);
        }
        return {};
    }
    /// Reading every step is dear: a dossier that never held this person's field as its latest may still have
    /// held it before, but only where the field can be given twice.
    [[nodiscard]] static bool may_hold(const facts::DossierRow& row, const Fields& fields) {
        return std::ranges::any_of(
            fields, [&](const std::string& field) { return facts::find(row.attributes, field) != nullptr; });
    }

    std::vector<Appearance> found;

 private:
    void look_in(const facts::DossierRow& row, const facts::Form& form, const Fields& fields,
                 std::uint64_t seq) {
        for (const auto& [name, value] : form) {
            const auto* subject = std::get_if<facts::SubjectRef>(&value);
            if (subject == nullptr || !fields.contains(name) || *subject != person_) continue;
            found.push_back({row.id, row.procedure, row.state, row.organisation, row.operator_id, name, seq});
        }
    }

    const journal::Reader& reader_;
    const facts::SubjectRef& person_;
};

}  // namespace

Result<std::vector<Appearance>> appearances_of(const journal::Reader& reader, const law::Law& law,
                                               const facts::SubjectRef& person) {
    Search search(reader, person);
    for (const auto& [procedure, fields] : fields_of(law, law::FieldType::personal))
        CHECK(each_of(reader, procedure, [&](const facts::DossierRow& row) -> Result<void> {
            return Search::may_hold(row, fields) ? search.look(row, fields) : Result<void>();
        }));
    std::ranges::sort(search.found, {}, &Appearance::seq);
    return std::move(search.found);
}

Result<std::vector<facts::DossierRow>> cluster_of(const journal::Reader& reader, const law::Law& law,
                                                  std::string_view product) {
    std::map<std::int64_t, facts::DossierRow> cluster;
    std::vector<std::int64_t> waiting;
    const auto take = [&](const facts::DossierRow& row) {
        if (row.state != voided_state && cluster.emplace(row.seq, row).second) waiting.push_back(row.seq);
    };
    for (const auto& [procedure, fields] : fields_of(law, law::FieldType::product))
        CHECK(each_of(reader, procedure, [&](const facts::DossierRow& row) -> Result<void> {
            const bool about = std::ranges::any_of(fields, [&](const std::string& field) {
                return facts::text_of(row.attributes, field) == product;
            });
            if (about) take(row);
            return {};
        }));
    while (!waiting.empty()) {
        const facts::DossierRow row = cluster.at(waiting.back());
        waiting.pop_back();
        for (const facts::DossierRow& linked : TRY(linked_dossiers(reader, row, "", "any"))) take(linked);
        if (row.source != 0)
            if (const auto source = TRY(reader.view<facts::DossierRow>().find(row.source))) take(*source);
    }
    std::vector<facts::DossierRow> out;
    for (auto& [seq, row] : cluster) out.push_back(std::move(row));
    return out;
}

}  // namespace qingyuan::act
