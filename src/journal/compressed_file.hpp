// A piece of evidence whose blocks lie compressed, one zstd frame each, with an index of blocks at its end:
// docs/formats/evidence.md, "Compressed files". Made by Evidence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/sm3.hpp"
#include "journal/incoming.hpp"

namespace qingyuan::journal {

/// Most blocks of one compressed file (1 TiB of plain bytes): its index is then smaller than a block.
constexpr std::size_t compressed_blocks_max = 131'072;

/// A block of 1 to evidence_block_bytes bytes as one zstd frame. field_invalid for other sizes and for a
/// level that zstd does not have. Threads may call it at once; each keeps its context.
Result<Bytes> compress_block(std::string_view plain, int level);

/// Whether the bytes are one whole zstd frame that says it holds so many plain bytes. Does not decompress.
[[nodiscard]] bool is_frame_of(std::string_view frame, std::uint64_t plain_bytes);

/// What follows the frames.
class BlockIndex {
 public:
    void add(const Digest& digest, std::size_t frame_bytes, std::uint64_t plain_bytes);
    [[nodiscard]] std::size_t blocks() const;
    [[nodiscard]] std::uint64_t plain_bytes() const { return plain_bytes_; }
    [[nodiscard]] Digest digest() const;  ///< of the file: SM3 over the digests of the blocks
    [[nodiscard]] Bytes bytes() const;    ///< a skippable zstd frame

 private:
    Bytes entries_;
    std::uint64_t plain_bytes_ = 0;
};

/// An open compressed file. Holds its index, one block and one frame in memory, whatever the file says.
class CompressedFile {
 public:
    /// Reads the index and compares it with the file's name. file_unreadable, store_corrupt.
    static Result<CompressedFile> open(const std::filesystem::path& file, std::string_view digest_hex);

    [[nodiscard]] std::size_t blocks() const { return entries_.size(); }
    [[nodiscard]] std::uint64_t plain_bytes() const { return plain_bytes_; }
    /// The plain bytes of a block, compared with their digest; valid until the next call. file_unreadable,
    /// store_corrupt. Without `hash` only the frame's own checksum is compared: against damage, not against
    /// malice.
    Result<std::string_view> block(std::size_t index, bool hash = true);

 private:
    struct Entry {
        std::uint64_t offset;
        std::uint32_t frame_bytes;
        Digest digest;
    };
    CompressedFile(const std::filesystem::path& file, std::unique_ptr<Descriptor> descriptor)
        : file_(file), descriptor_(std::move(descriptor)) {}
    Result<void> read_at(std::uint64_t offset, std::size_t size, Bytes& out) const;
    Result<void> read_index(std::uint64_t file_bytes);
    [[nodiscard]] Error corrupt(std::string message) const;

    std::filesystem::path file_;
    std::unique_ptr<Descriptor> descriptor_;
    std::vector<Entry> entries_;
    std::uint64_t plain_bytes_ = 0;
    Bytes frame_, plain_;
};

}  // namespace qingyuan::journal
