#include "assess/duties.hpp"

#include <array>

#include "registry/registry.hpp"

namespace qingyuan::assess {

namespace {

std::string column(const law::Word& word, std::string_view name) {
    const auto found = word.more.find(name);
    return found == word.more.end() ? std::string() : found->second;
}

std::vector<Duty> duties_for(const law::Law& law, std::string_view party, std::string_view category,
                             Date on) {
    std::vector<Duty> out;
    const law::Vocabulary* words = law.find_vocabulary("responsibility_duties");
    if (words == nullptr) return out;
    for (const law::Word& word : words->words)
        if (word.in_force.holds(on) && column(word, "party") == party && column(word, "category") == category)
            out.push_back({word.zh, word.en, column(word, "law")});
    return out;
}

/// The people's government of the region of the organisation or of the nearest above it.
Result<std::string> government_of(const journal::Reader& reader, const law::Law& law,
                                  std::string_view organisation, Date on) {
    const auto path = registry::path(reader, organisation, on);
    if (!path && path.error().info().kind == ErrorKind::failure) return path.error();
    if (!path) return std::string();
    for (auto one = path->rbegin(); one != path->rend(); ++one) {
        if (one->region.empty()) continue;
        if (const law::Region* region = law.find_region(one->region, on)) return region->name + "人民政府";
    }
    return std::string();
}

}  // namespace

Result<std::vector<PartyDuties>> duties_of(const journal::Reader& reader, const law::Law& law,
                                           const facts::DossierRow& item, Date on) {
    const std::string category = item.category.empty() ? "drug" : item.category;
    std::string unit = facts::text_of(item.attributes, "owner_unit");
    if (unit.empty()) unit = item.organisation;
    std::vector<PartyDuties> out;
    for (const std::string_view party :
         std::array<std::string_view, 3>{"local_government", "department", "enterprise"})
        out.push_back({std::string(party), {}, {}, duties_for(law, party, category, on)});
    out[0].who = TRY(government_of(reader, law, unit, on));
    if (const auto organisation = TRY(registry::find_organisation(reader, unit, on)))
        out[1].who = organisation->name;
    out[1].person = facts::text_of(item.attributes, "owner");
    if (!item.operator_id.empty())
        if (const auto firm = TRY(registry::find_operator(reader, item.operator_id, on)))
            out[2].who = firm->name;
    return out;
}

}  // namespace qingyuan::assess
