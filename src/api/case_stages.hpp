// The stages of a penalty case as people speak of them: several states of the procedure each.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facts/rows.hpp"

namespace qingyuan::api {

struct CaseStage {
    std::string_view id, zh, en;
    std::vector<std::string_view> states;
};

/// Stages of `penalty_case` or `simple_penalty`, in order; empty for another procedure.
[[nodiscard]] std::span<const CaseStage> stages_of(std::string_view procedure);

/// One stay in a state.
struct Stay {
    std::string state;
    Date from;
    std::string entered_by;  ///< step that led there; empty = the opening
};
/// The states a dossier went through, from its steps that stand.
[[nodiscard]] std::vector<Stay> stays_of(const facts::DossierRow& row);

}  // namespace qingyuan::api
