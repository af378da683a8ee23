// Four eyes on a step: which role approves it, and whether a filled form may be laid before that role.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "act/engine.hpp"

namespace qingyuan::act {

/// The roles that a step must be approved by; empty where it needs no second person.
[[nodiscard]] std::vector<std::string> approval_roles(const law::Step& step);

/// May this be laid before who approves the step? All that Engine::take asks but the approval itself;
/// condition_unmet where the step needs none.
[[nodiscard]] Result<void> ready_for_approval(const Engine& engine, const journal::Reader& reader,
                                              const facts::DossierRow& dossier, const Actor& actor,
                                              std::string_view step, const Request& request);

}  // namespace qingyuan::act
