// qingyuan credit, risk, focus: what is thought of operators, on the command line.
#pragma once

#include "cli/commands.hpp"

namespace qingyuan::cli {

void add_credit(CLI::App& app, Context& context);
void add_risk(CLI::App& app, Context& context);
void add_focus(CLI::App& app, Context& context);
/// risk register, risk groups
void add_risk_register(CLI::App& risk, Context& context);
/// risk duties, products, standards
void add_risk_duties(CLI::App& risk, Context& context);

}  // namespace qingyuan::cli
