// The log that the recorder writes and the replay reads: fixed heads, each followed by `length` bytes.
#pragma once

#include <cstdint>

namespace qingyuan::faults {

enum class Op : std::uint8_t {
    open = 'O',       ///< bytes: path; offset 1 when the file was emptied
    write = 'W',      ///< offset and bytes
    truncate = 'T',   ///< offset: new size
    sync = 'S',       ///< offset: number of the first op that may have come too late for it
    rename = 'R',     ///< bytes: from, zero byte, to
    remove = 'U',     ///< bytes: path
    directory = 'D',  ///< a directory was synced: offset as for sync
    ack = 'A',        ///< what the writer said on stdout
};

struct OpHead {
    Op op;
    std::uint32_t file;  ///< inode number
    std::int64_t offset;
    std::uint32_t length;
} __attribute__((packed));

}  // namespace qingyuan::faults
