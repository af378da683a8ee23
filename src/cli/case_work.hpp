// qingyuan exchange, law judge, law transfer, dossier cluster, registry person, circular: tools around a
// case.
#pragma once

#include "cli/commands.hpp"

namespace qingyuan::cli {

/// Adds the commands to their groups, which must be there: law, dossier, registry.
void add_case_work(CLI::App& app, Context& context);

}  // namespace qingyuan::cli
