// journal.head: what was acknowledged, in a small file outside the database. Two slots are written in turn,
// each closed by its own SM3, so that a torn write leaves the other. A slot also carries the records of the
// group it acknowledges when they are few: the file may then reach the disk while the database is still
// committing, and a start completes what the database lost. Bytes: docs/formats/journal.md.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/date.hpp"
#include "base/sm3.hpp"

namespace qingyuan::journal {

struct HeadEntry {
    std::uint64_t size = 0;
    Digest chain{};
    Digest root{};
    Instant at;
    std::vector<Bytes> records;  ///< of the group that made it this size; empty when they were too many
};

class HeadFile {
 public:
    static constexpr std::size_t slot_bytes = 64 * 1024;
    static constexpr std::size_t slot_head = 144;
    static constexpr std::size_t records_bytes_max = slot_bytes - slot_head - 32;

    /// Opens or creates (both slots written as zeros and synced). io_failed.
    static Result<HeadFile> open(const std::filesystem::path& file, std::string_view origin);
    HeadFile(HeadFile&& other) noexcept;
    HeadFile& operator=(HeadFile&&) = delete;
    ~HeadFile();

    /// The newest slot that is whole; none when the file was never written. acknowledged_missing when both
    /// slots are damaged or belong to another journal.
    Result<std::optional<HeadEntry>> read();
    /// Writes the older slot and syncs it. With `forward_only` an entry that is not larger than the present
    /// one is left out: another process has already brought a later one to the disk.
    Result<void> write(const HeadEntry& entry, bool forward_only, bool sync);
    /// Bytes that the records take in a slot.
    [[nodiscard]] static std::size_t room_for(const Bytes& record) { return 4 + record.size(); }

 private:
    struct Slot {
        std::uint64_t generation = 0;  ///< 0 = the slot is not whole
        HeadEntry entry;
    };
    HeadFile(int descriptor, Digest origin) : descriptor_(descriptor), origin_(origin) {}
    Result<Slot> read_slot(int index, bool& blank) const;
    Result<Slot> newest(bool& blank) const;

    int descriptor_ = -1;
    Digest origin_;
    std::array<Bytes, 2> seen_;  ///< both slots' heads as last written here
    std::array<std::uint64_t, 2> generation_{}, size_{};
};

}  // namespace qingyuan::journal
