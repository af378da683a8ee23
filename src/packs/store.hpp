// What the pack index asks of an engine: ordered keys in a few spaces, atomic or repeatable writes, bulk
// loads, reads by group. Implemented by RocksDB (rocks.hpp) and ClickHouse (clickhouse.hpp); one conformance
// suite runs on both. An engine knows no rule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/sm3.hpp"

namespace qingyuan::packs {

enum class Space : std::uint8_t {
    meta,       ///< what was applied, counts, checksums
    names,      ///< prefixes and hashed texts
    operators,  ///< reference tables
    products,
    batches,
    documents,
    runs,       ///< events of a group, one value a batch and piece
    relations,  ///< child → parent
    children,   ///< parent → child
    tallies,    ///< numbers that are only added to
    findings,
    quarantine,  ///< rows that wait for what they name
};
constexpr std::size_t spaces = 12;
constexpr std::array<std::string_view, spaces> space_names{
    "meta", "names",     "operators", "products", "batches",  "documents",
    "runs", "relations", "children",  "tallies",  "findings", "quarantine"};

/// A key has two parts; what has the same `group` lies together and is found by it. In order of (group,
/// rest), bytewise.
struct Entry {
    std::string group;
    std::string rest;
    std::string value;
};

/// Changes that are kept all together, or can be repeated without harm under the same token.
struct WriteSet {
    struct Change {
        enum class Kind : std::uint8_t { put, erase, add } kind = Kind::put;
        Space space = Space::meta;
        Entry entry;
        std::int64_t delta = 0;  ///< add: only in Space::tallies
    };
    std::vector<Change> changes;
    /// Names the change for ever: an engine without transactions keeps what was added under (token, key)
    /// once, however often it is written; an engine with transactions may only notice that it was the last
    /// one. Two different sets never have the same token, and of two that change one key the later has the
    /// larger.
    std::uint64_t token = 0;

    void put(Space space, std::string group, std::string rest, std::string value) {
        changes.push_back({Change::Kind::put, space, {std::move(group), std::move(rest), std::move(value)}});
    }
    void erase(Space space, std::string group, std::string rest) {
        changes.push_back({Change::Kind::erase, space, {std::move(group), std::move(rest), {}}});
    }
    void add(std::string group, std::string rest, std::int64_t delta) {
        changes.push_back(
            {Change::Kind::add, Space::tallies, {std::move(group), std::move(rest), {}}, delta});
    }
};

/// Called for entries in order; false ends the visit.
using Visit = std::function<bool(std::string_view group, std::string_view rest, std::string_view value)>;
/// As Visit, with the index of the group that was asked for.
using VisitGroup = std::function<bool(std::size_t index, std::string_view rest, std::string_view value)>;

/// Thread-safe: any number of readers, one writer at a time.
class Store {
 public:
    virtual ~Store() = default;

    /// Survives the end of the process; survives a power cut as a prefix of what was written. In
    /// Space::tallies the values of one key are added up (eight bytes, little-endian, two's complement when
    /// read).
    virtual Result<void> write(const WriteSet& set) = 0;
    /// Many new entries of one space, sorted by (group, rest), none twice. Repeating it with the same entries
    /// is harmless. Visible and durable when it returns.
    virtual Result<void> ingest(Space space, std::uint64_t token,
                                const std::function<bool(Entry& next)>& source) = 0;

    virtual Result<std::optional<Bytes>> get(Space space, std::string_view group, std::string_view rest) = 0;
    /// All entries of each of the groups, which are sorted and distinct.
    virtual Result<void> visit(Space space, std::span<const std::string> groups, const VisitGroup& each) = 0;
    /// All entries with from <= group < behind; an empty `behind` has no end.
    virtual Result<void> scan(Space space, std::string_view from, std::string_view behind,
                              const Visit& each) = 0;

    /// Makes everything written so far survive a power cut.
    virtual Result<void> sync() = 0;
    /// Merges what many small writes left; may be called at any time, never needed for right answers.
    virtual Result<void> settle() = 0;
    /// Removes everything.
    virtual Result<void> clear() = 0;
    /// Bytes on the disk.
    virtual Result<std::uint64_t> bytes() = 0;
    /// "rocksdb 7.8.3", "clickhouse 18.16.1"
    [[nodiscard]] virtual std::string engine() const = 0;
};

/// RocksDB in a directory, made where it is missing. store_corrupt, io_failed, disk_full; store_unavailable
/// while another process has it open. With `read_only`: what another process, which may go on, has written
/// until now.
[[nodiscard]] Result<std::unique_ptr<Store>> open_rocks(const std::filesystem::path& directory,
                                                        bool read_only = false);

}  // namespace qingyuan::packs
