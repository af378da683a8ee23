// Where organisations stand: the path by which a list finds the dossiers of a whole subtree as one range. A
// change of the tree rewrites the paths of what it moves, in the same transaction as the fact.
#pragma once

#include "facts/rows.hpp"
#include "journal/view.hpp"

namespace qingyuan::act {

/// "hunan/hengyang/430406/"; empty for no organisation. One that was never recorded stands alone, and a path
/// begins anew where the department changes: a subtree never reaches into another department.
[[nodiscard]] Result<std::string> path_of(const journal::Projections& rows, const std::string& organisation);
[[nodiscard]] Result<std::string> path_of(const journal::Reader& reader, const std::string& organisation);

/// What the fact does to the tree; organisation_unknown for the end of one that was never recorded,
/// field_invalid where an organisation would come to lie below itself or too deep.
Result<void> place(const facts::OrganisationRecorded& fact, journal::Projections& rows);
/// Its successor takes it over with all that lies below, unless the successor itself lies below.
Result<void> place(const facts::OrganisationEnded& fact, journal::Projections& rows);

}  // namespace qingyuan::act
