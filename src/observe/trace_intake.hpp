// Trace data on its way in: files are kept as they came, named in one manifest, journaled, and only then read
// into the pack index. What is read comes from the evidence store, so that a rebuild reads the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/evidence.hpp"
#include "observe/row_problems.hpp"
#include "packs/index.hpp"

namespace qingyuan::observe {

using TraceProgress = std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t of)>;

/// What a file holds: one of the tables of the flat format by its name ("events", "operators", …), or a
/// document.
struct TraceFile {
    std::string kind;  ///< operators products batches documents aggregation events stock duties settlements
                       ///< listings epcis_json epcis_xml
    std::filesystem::path path;  ///< where it lies now
    std::string name;            ///< as the sender calls it
};
/// The files of a directory of the flat format; or the one file, of the named format (csv: its kind by its
/// columns). file_unreadable, column_missing (no table of ours).
[[nodiscard]] Result<std::vector<TraceFile>> trace_files(const std::filesystem::path& path,
                                                         std::string_view format = "csv");

/// What would refuse a file as a whole, before anything is kept: the header of a table, a document that is
/// not valid.
[[nodiscard]] Result<void> check_files(const std::vector<TraceFile>& files);

/// A kept file: a line of the manifest.
struct KeptFile {
    std::string kind;
    std::string name;
    Digest digest{};
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;
};
/// The name of the table that comes from the registry and not from the sender.
constexpr std::string_view registry_name = "registry";

/// A source that begins so names a firm that hands in what happened in it: rows of others are rejected, now
/// and whenever the index is made again.
constexpr std::string_view own_source = "operator:";

struct Manifest {
    std::int64_t now_ms = 0;
    std::string source;
    std::vector<KeptFile> files;
    [[nodiscard]] std::string text() const;  ///< docs/formats/packs.md
    /// Equal for the same files, whoever sent them when; the registry's own table left out.
    [[nodiscard]] std::string identity() const;
};
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text);

/// Keeps the files, compressed, on `threads` threads. disk_full, io_failed, file_unreadable.
[[nodiscard]] Result<Manifest> keep_files(const std::vector<TraceFile>& files,
                                          const journal::Evidence& evidence, unsigned threads,
                                          const TraceProgress& progress = {});

struct TableReport {
    std::string kind, name;
    RowProblems problems;
};
struct TraceReport {
    std::uint64_t batch = 0;  ///< sequence number of its fact
    std::string digest;       ///< of the manifest, hexadecimal
    std::vector<TableReport> tables;
    packs::Applied applied;
    [[nodiscard]] std::uint64_t accepted() const;
    [[nodiscard]] std::uint64_t rejected() const;
    [[nodiscard]] std::uint64_t waiting() const;
};

struct ReadOptions {
    std::uint64_t seq = 0;
    std::uint32_t only_actor = 0;  ///< rows of other actors are rejected
    unsigned threads = 2;
    std::int64_t future_ms = 600'000;
    TraceProgress progress = {};
};
/// Reads a kept batch into the index: begin, tables, events, finish. store_corrupt where a kept file is
/// damaged.
[[nodiscard]] Result<TraceReport> read_into(packs::Index& index, const Manifest& manifest,
                                            const journal::Evidence& evidence, const ReadOptions& options);

}  // namespace qingyuan::observe
