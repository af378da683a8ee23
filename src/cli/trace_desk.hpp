// The pack desk of an opened data directory, for the commands about packs.
#pragma once

#include <memory>

#include "api/pack_desk.hpp"
#include "cli/commands.hpp"

namespace qingyuan::cli {

/// Opens the index beside the journal and brings it up to it. One line of progress on a terminal.
[[nodiscard]] Result<std::unique_ptr<api::PackDesk>> open_packs(const Context& context, Workspace& workspace,
                                                                bool serving = false);
/// For commands that only read: goes beside a server that has the index open, and says on stderr what it does
/// not know yet.
[[nodiscard]] Result<std::unique_ptr<api::PackDesk>> read_packs(const Context& context, Workspace& workspace);

/// One line that grows over itself; nothing where stderr is a file or the work is short.
void show_trace_progress(std::string_view phase, std::uint64_t done, std::uint64_t of);

}  // namespace qingyuan::cli
