// Who may act on what. Full access control (departments, labels, grants) comes with accounts; these are the
// rules of the procedures.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "act/engine.hpp"

namespace qingyuan::act {

/// The first of the roles a step allows that the actor holds; wrong_role.
[[nodiscard]] Result<std::string> role_of(const Actor& actor, const std::vector<std::string>& allowed,
                                          std::string_view citation);

/// The drug and market regulators of the levels are one ladder; every other department is a partner.
[[nodiscard]] bool is_regulator(std::string_view department);

/// Jurisdiction over a dossier of `organisation` about `operator_id`. The actor's organisation must be that
/// organisation or one above it (a superior may handle a subordinate's matter itself: 行政处罚程序规定 14); an own
/// unit, branch or centre acts for the authority it belongs to. An actor of another department (police,
/// hospital, town) is let through: the step's role is the permission. A person of an operator acts only for
/// that operator. wrong_organisation.
[[nodiscard]] Result<void> check_jurisdiction(const journal::Reader& reader, const Actor& actor,
                                              std::string_view organisation, std::string_view operator_id,
                                              Date on);

/// recused: the actor or someone acting along. 行政处罚法 43.
[[nodiscard]] Result<void> check_not_recused(const facts::DossierRow& dossier, const Actor& actor,
                                             const std::vector<std::string>& officers);

}  // namespace qingyuan::act
