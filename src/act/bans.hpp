// Bans from the trade: dossiers of the procedure joint_discipline that are in force against a person.
#pragma once

#include <optional>
#include <string>

#include "base/date.hpp"
#include "base/result.hpp"
#include "facts/value.hpp"
#include "journal/view.hpp"

namespace qingyuan::act {

struct Ban {
    std::string dossier;        ///< "joint3"
    std::optional<Date> until;  ///< last day; nothing for life
};

/// The ban in force on the day against whom the value names (an identity number, never a name: names
/// repeat), the longest of several. Reads the measures in force, one by one; errors are those of the store.
[[nodiscard]] Result<std::optional<Ban>> ban_of(const journal::Reader& reader,
                                                const facts::SubjectRef& person, Date on);

}  // namespace qingyuan::act
