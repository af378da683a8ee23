// Checkpoints as files: written beside the store, read from wherever copies are kept.
#pragma once

#include <filesystem>
#include <vector>

#include "journal/journal.hpp"
#include "journal/signature.hpp"

namespace qingyuan::journal {

[[nodiscard]] Result<std::string> signed_text(const Checkpoint& checkpoint, const SigningKey& key);
/// Replaces the file so that after a power cut either the old or the new text is there.
Result<void> replace_file(const std::filesystem::path& file, std::string_view text);
/// A checkpoint file, or all *.checkpoint files of a directory, as far as they are of this journal. A path
/// that does not exist holds none.
Result<std::vector<Checkpoint>> load_checkpoints(const std::filesystem::path& place, std::string_view origin);

/// The options with the places of key and checkpoints filled in.
[[nodiscard]] Options with_places(Options options);

}  // namespace qingyuan::journal
