// Raw evidence: every file that came in is kept once, unchanged, under its digest; the journal names it.
// Indexes and figures can always be made again from it. Format: docs/formats/evidence.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::journal {

constexpr std::size_t evidence_block_bytes = 8 * 1024 * 1024;
/// Largest file kept sealed and largest file read whole.
constexpr std::size_t evidence_memory_bytes_max = std::size_t{1} << 30;

/// SM3 of the SM3s of the blocks of 8 MiB; blocks can be hashed in parallel and an upload can go on at a
/// block. A file of no bytes has no block: SM3 of nothing.
class BlockDigest {
 public:
    void add(std::string_view bytes);
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Digest finish();  ///< empty again afterwards

 private:
    Sm3 block_;
    Sm3 whole_;
    std::size_t in_block_ = 0;
    std::uint64_t size_ = 0;
};
[[nodiscard]] Digest block_digest(std::string_view bytes);

/// Encrypts and decrypts the bytes of a file with personal data (accounts/file_seal.hpp). `context` is the
/// digest.
using Transform = std::function<Result<Bytes>(std::string_view context, std::string_view bytes)>;

struct EvidenceFile {
    Digest digest{};  ///< of the plain bytes
    std::uint64_t bytes = 0;
    bool fresh = false;  ///< it was not there before
};

/// A block ready to be added to a writer.
struct PreparedBlock {
    Digest digest{};  ///< of the plain bytes
    Bytes frame;      ///< the plain bytes as one zstd frame
};
/// Hashes and compresses a block of 1 to evidence_block_bytes bytes; any number of threads may do so at once.
/// field_invalid for other sizes and for a level zstd does not have. Of trace rows level 1 makes the
/// smallest frames, in less time than the levels above it (`./dev bench evidence`).
Result<PreparedBlock> prepare_block(std::string_view plain, int level);
/// As above for several blocks on one thread, their hashes side by side (sm3_each): hashing a block alone
/// takes three times as long as compressing it.
Result<std::vector<PreparedBlock>> prepare_blocks(std::span<const std::string_view> plain, int level);

class EvidenceWriter;
class CompressedFile;

/// A directory of files. Several processes may use it at once.
class Evidence {
 public:
    /// Creates the directory where it is missing and removes what an interrupted put left. io_failed.
    static Result<Evidence> open(const std::filesystem::path& directory);

    /// Keeps the bytes; durable when it returns. Errors: disk_full, io_failed.
    Result<EvidenceFile> put(std::string_view bytes) const;
    /// As above, sealed: what lies on the disk cannot be read without the key.
    Result<EvidenceFile> put_sealed(std::string_view bytes, const Transform& seal) const;
    /// Copies a file of any size. file_unreadable where it cannot be read.
    Result<EvidenceFile> put_file(const std::filesystem::path& file) const;

    /// Begins a compressed file whose blocks others hash and compress. disk_full, io_failed.
    [[nodiscard]] Result<EvidenceWriter> begin() const;

    [[nodiscard]] bool contains(std::string_view digest_hex) const;  ///< plain, compressed or sealed
    [[nodiscard]] bool is_sealed(std::string_view digest_hex) const;
    /// Where the bytes lie, for streaming; record_unknown (also for a sealed or compressed file),
    /// field_invalid for a name that is no digest.
    [[nodiscard]] Result<std::filesystem::path> path(std::string_view digest_hex) const;
    /// The plain bytes, checked against the digest: store_corrupt where they differ. A sealed file needs
    /// `unseal`.
    [[nodiscard]] Result<Bytes> read(std::string_view digest_hex, const Transform& unseal = {}) const;
    /// Reads the file and compares: store_corrupt, record_unknown. A sealed file needs `unseal`.
    Result<void> verify(std::string_view digest_hex, const Transform& unseal = {}) const;
    /// Gives `each` the plain bytes block by block, from block `from_block` on, one block in memory at a
    /// time; an error of `each` ends it. A block of a compressed file has been compared with its digest
    /// before it is given; of a plain file all blocks are read, whatever `from_block`, and only a return
    /// without an error says that what was given was right. store_corrupt, record_unknown (also for a sealed
    /// file).
    Result<void> for_each_block(std::string_view digest_hex, std::size_t from_block,
                                const std::function<Result<void>(std::string_view plain)>& each) const;
    /// A compressed file whose blocks are read in any order; one reader a thread. record_unknown,
    /// store_corrupt.
    [[nodiscard]] Result<CompressedFile> blocks(std::string_view digest_hex) const;
    /// All digests, sorted.
    [[nodiscard]] Result<std::vector<std::string>> list() const;

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
    explicit Evidence(std::filesystem::path directory) : directory_(std::move(directory)) {}
    [[nodiscard]] std::filesystem::path place(std::string_view digest_hex, std::string_view ending) const;
    [[nodiscard]] bool is_compressed(std::string_view digest_hex) const;
    Result<EvidenceFile> put_bytes(std::string_view bytes, const Transform* seal) const;
    friend class EvidenceWriter;

    std::filesystem::path directory_;
};

/// Receives a compressed file. What is not finished leaves nothing behind.
class EvidenceWriter {
 public:
    ~EvidenceWriter();
    EvidenceWriter(EvidenceWriter&&) noexcept;
    EvidenceWriter& operator=(EvidenceWriter&&) noexcept;

    /// Adds the next block of the file: its digest, its zstd frame and the number of its plain bytes
    /// (evidence_block_bytes; the last block may have fewer, never none). field_invalid for other sizes, a
    /// block after a shorter one or a frame that holds another number of bytes; too_large, disk_full,
    /// io_failed. After an error the file cannot be finished.
    Result<void> add_block(const Digest& digest, std::string_view zstd_frame, std::uint64_t plain_bytes);
    /// Keeps the file; durable when it returns, and the writer is then empty. disk_full, io_failed.
    Result<EvidenceFile> finish();

 private:
    struct State;
    explicit EvidenceWriter(std::unique_ptr<State> state);
    friend class Evidence;

    std::unique_ptr<State> state_;  ///< none: finished or failed
};

}  // namespace qingyuan::journal
