// The sample city: who supervises and who is supervised. Places are real; every firm, officer, number and
// address is invented.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "facts/registry_facts.hpp"

namespace qingyuan::demo {

struct City {
    std::string bureau;                         ///< the city's authority: "hengyang"
    std::string own_unit;                       ///< what the city does itself: "hengyang_own"
    std::vector<std::string> units;             ///< the twelve county-level authorities
    std::vector<std::string> conference_units;  ///< six of them, which report to the mid-year conference
    std::string desk_person;                    ///< who sits at the desk when the demo opens

    /// Operators whose people use the portal: a pharmacy first, then a wholesaler, a hospital, a chain store,
    /// a device shop, a cosmetics shop.
    std::vector<std::string> portal_operators;
    std::string town;  ///< a town whose coordinator and informant file clues

    std::vector<facts::OrganisationRecorded> organisations;  ///< parents first
    std::vector<facts::PersonRecorded> people;
    std::vector<facts::OperatorRecorded> operators;
    std::vector<facts::LicenceRecorded> licences;
    std::vector<facts::ProductRecorded> products;
    /// Names for the vault: of the people in their order, then of the operators' representatives in theirs.
    std::vector<std::pair<std::string, std::string>> names;
};

/// The same seed gives the same city.
[[nodiscard]] City make_city(std::uint64_t seed);

}  // namespace qingyuan::demo
