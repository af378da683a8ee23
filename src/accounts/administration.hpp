// What administrators change: organisations in their dated tree, people and their roles. Pure: facts so far
// and a request in, the facts to append out. Who may is decided before (access/access.hpp,
// access/grants.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/access.hpp"
#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/fact.hpp"
#include "journal/view.hpp"
#include "law/law.hpp"

namespace qingyuan::accounts {

/// 2 to 32 of a-z 0-9 . _ -, beginning with a letter or digit; field_invalid.
[[nodiscard]] Result<void> check_account_name(std::string_view name, std::string_view field);

/// Words of the vocabularies, the id's form; field_missing, field_invalid, not_in_vocabulary,
/// code_not_in_table.
[[nodiscard]] Result<void> check_organisation(const law::Law& law, const facts::OrganisationRecorded& one);
/// The first organisation is one of the regulator, because administrators belong to one.
[[nodiscard]] Result<void> check_first_organisation(const facts::OrganisationRecorded& one);

/// A new organisation. duplicate_key; organisation_unknown (the parent); as check_organisation.
[[nodiscard]] Result<facts::Fact> record_organisation(const journal::Reader& reader, const law::Law& law,
                                                      const access::Subject& by,
                                                      facts::OrganisationRecorded organisation);

/// What is given changes; the rest stays as it is.
struct OrganisationChange {
    std::optional<std::string> name, name_en, parent, department, kind, level, region;
    std::optional<Date> from;      ///< of the new version; default: today
    std::optional<Date> ended_on;  ///< last day
    std::string successor;
};
/// One or two facts: a new version, the end. organisation_unknown; field_invalid (below itself, an end before
/// its beginning); linked_open (others are still below what is to end); as check_organisation.
[[nodiscard]] Result<std::vector<facts::Fact>> change_organisation(const journal::Reader& reader,
                                                                   const law::Law& law,
                                                                   const access::Subject& by,
                                                                   std::string_view id,
                                                                   const OrganisationChange& change);

/// A person without roles. duplicate_key; organisation_unknown (neither an organisation nor an operator);
/// field_missing, field_invalid.
[[nodiscard]] Result<facts::Fact> record_person(const journal::Reader& reader, const access::Subject& by,
                                                facts::PersonRecorded person);

/// The person with the roles of an approved proposal, from today on. approval_missing, person_unknown.
[[nodiscard]] Result<facts::Fact> change_roles(const journal::Reader& reader, const access::Subject& by,
                                               const facts::ProposalRow& proposal);

/// Is it one of the three administrators? Its account is reset by two persons only, or one of them could
/// become the other.
[[nodiscard]] bool is_administrator(const std::vector<std::string>& roles);

}  // namespace qingyuan::accounts
