// The embedded engine: RocksDB in a directory, one column family a space. A set of changes that is written
// again under its token changes nothing.
//
// RocksDB 7.8 ends a scan early with the status OK where it comes to a file whose first block it cannot read
// (mended upstream in 8.5.1). It does so only while it looks for deleted ranges. There are none here, and
// every read says so
// (`ignore_range_deletions`): then the error is reported, as a test shows.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>
#include <rocksdb/write_buffer_manager.h>

#include "packs/rocks_keys.hpp"
#include "packs/store.hpp"

namespace qingyuan::packs {

namespace {

namespace fs = std::filesystem;
using rocksdb::Slice;
using rocksdb::Status;

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::size_t block_cache_bytes = 64 * mebibyte;
constexpr std::size_t write_buffers_bytes = 48 * mebibyte;  ///< of all spaces together
constexpr std::size_t write_buffer_bytes = 16 * mebibyte;   ///< of one
constexpr std::size_t file_bytes = 64 * mebibyte;
constexpr std::size_t scan_readahead_bytes = mebibyte;
constexpr int open_files_max = 512;
constexpr int open_attempts = 20;  ///< of a reader, while the writer moves files

// In the default column family, which holds nothing else.
constexpr std::string_view token_key = "token";        ///< of the last write, eight bytes, little-endian
constexpr std::string_view clearing_key = "clearing";  ///< there while clear() is at work
constexpr std::string_view format_key = "format";
constexpr std::string_view format_version = "1";

std::string_view view(const Slice& slice) {
    return {slice.data(), slice.size()};
}
Slice slice(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

std::string number_bytes(std::uint64_t value) {
    std::string out(8, '\0');
    for (int i = 0; i < 8; ++i) out[static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i));
    return out;
}

std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
}

Error error_of(const Status& status, std::string_view doing) {
    const auto text = fmt::format("{}: {}", doing, status.ToString());
    if (status.IsNoSpace() || status.subcode() == Status::SubCode::kSpaceLimit)
        return {ErrorCode::disk_full, text, "", "",
                "free space on the disk of the pack index; it is taken note of within seconds"};
    if (status.IsCorruption())
        return {ErrorCode::store_corrupt, text, "", "",
                "rebuild the index from the raw batches: qingyuan packs rebuild"};
    return {ErrorCode::io_failed, text};
}

Result<void> checked(const Status& status, std::string_view doing) {
    if (!status.ok()) return error_of(status, doing);
    return {};
}

/// The group of a key, for the bloom filters.
class GroupPrefix final : public rocksdb::SliceTransform {
 public:
    explicit GroupPrefix(GroupForm form) : form_(form) {}
    [[nodiscard]] const char* Name() const override {
        return form_ == GroupForm::counted ? "qingyuan.group.counted" : "qingyuan.group.escaped";
    }
    [[nodiscard]] Slice Transform(const Slice& key) const override {
        return {key.data(), group_bytes(form_, view(key))};
    }
    [[nodiscard]] bool InDomain(const Slice& key) const override { return group_bytes(form_, view(key)) > 0; }

 private:
    GroupForm form_;
};

/// Values are 64-bit numbers and are added up; they wrap around.
class AddNumbers final : public rocksdb::AssociativeMergeOperator {
 public:
    [[nodiscard]] const char* Name() const override { return "qingyuan.add64"; }
    bool Merge(const Slice&, const Slice* before, const Slice& delta, std::string* after,
               rocksdb::Logger*) const override {
        if (delta.size() != 8 || (before != nullptr && before->size() != 8)) return false;
        *after = number_bytes((before != nullptr ? number_of(view(*before)) : 0) + number_of(view(delta)));
        return true;
    }
};

/// RocksDB's own log is not kept: on a full disk the packaged 7.8.3 ends the program where it cannot write
/// it. A reader of a directory that another process owns must not write one either.
class NoLog final : public rocksdb::Logger {
 public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options(bool read_only) {
    rocksdb::DBOptions options;
    options.create_if_missing = !read_only;
    options.create_missing_column_families = !read_only;
    options.paranoid_checks = true;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.max_background_jobs = 2;
    options.max_open_files = read_only ? -1 : open_files_max;
    options.max_total_wal_size = 64 * mebibyte;
    options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(write_buffers_bytes);
    options.info_log = std::make_shared<NoLog>();
    options.bytes_per_sync = mebibyte;
    return options;
}

rocksdb::ColumnFamilyOptions space_options(Space space, const std::shared_ptr<rocksdb::Cache>& cache) {
    // What is looked for by group, often in vain.
    const bool grouped = space == Space::runs || space == Space::relations || space == Space::children ||
                         space == Space::findings || space == Space::tallies;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.block_size = space == Space::runs ? 16 * 1024 : 8 * 1024;
    table.format_version = 5;
    table.checksum = rocksdb::kXXH3;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = !grouped;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;

    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.prefix_extractor = std::make_shared<GroupPrefix>(group_form(space));
    if (grouped) options.memtable_prefix_bloom_size_ratio = 0.02;
    if (space == Space::tallies) options.merge_operator = std::make_shared<AddNumbers>();
    // A run is compact by itself; what LZ4 still finds is cheap to undo at each look-up.
    options.compression = space == Space::runs ? rocksdb::kLZ4Compression : rocksdb::kZSTD;
    options.write_buffer_size = write_buffer_bytes;
    options.max_write_buffer_number = 2;
    options.arena_block_size = 256 * 1024;
    options.target_file_size_base = file_bytes;
    options.level_compaction_dynamic_level_bytes = true;
    return options;
}

rocksdb::ReadOptions reading() {
    rocksdb::ReadOptions options;
    options.verify_checksums = true;
    options.ignore_range_deletions = true;
    return options;
}

/// The column families of the spaces. A reader keeps those it began with; clear() makes others.
struct Families {
    rocksdb::DB* database = nullptr;
    std::array<rocksdb::ColumnFamilyHandle*, spaces> of{};

    Families() = default;
    Families(const Families&) = delete;
    Families& operator=(const Families&) = delete;
    ~Families() {
        for (auto* handle : of)
            if (handle != nullptr) database->DestroyColumnFamilyHandle(handle);
    }
    rocksdb::ColumnFamilyHandle* operator[](Space space) const { return of[static_cast<std::size_t>(space)]; }
};

/// Files that an ingest writes and RocksDB then takes over; what it has not taken is removed.
struct IncomingFiles {
    std::vector<std::string> paths;
    IncomingFiles() = default;
    IncomingFiles(const IncomingFiles&) = delete;
    IncomingFiles& operator=(const IncomingFiles&) = delete;
    ~IncomingFiles() {
        for (const auto& path : paths) {
            std::error_code ignored;
            fs::remove(path, ignored);
        }
    }
};

/// Decides, for groups asked for in order, whether to go on from where the last one ended or to seek with the
/// filters' help: neighbours are cheapest by going on, absent groups by the filter. Looks again every so many
/// groups.
class Density {
 public:
    [[nodiscard]] bool dense() const { return dense_; }
    void note(bool near) {
        near_ += near ? 1 : 0;
        if (++seen_ < (dense_ ? 16U : 256U)) return;
        dense_ = !dense_ || near_ >= 8;
        seen_ = near_ = 0;
    }

 private:
    bool dense_ = true;
    unsigned seen_ = 0, near_ = 0;
};

class Rocks final : public Store {
 public:
    Rocks(fs::path directory, bool read_only)
        : directory_(std::move(directory)),
          read_only_(read_only),
          cache_(rocksdb::NewLRUCache(block_cache_bytes)) {
        for (std::size_t i = 0; i < spaces; ++i) options_[i] = space_options(static_cast<Space>(i), cache_);
    }
    ~Rocks() override;

    Result<void> open();

    Result<void> write(const WriteSet& set) override;
    Result<void> ingest(Space space, std::uint64_t token,
                        const std::function<bool(Entry& next)>& source) override;
    Result<std::optional<Bytes>> get(Space space, std::string_view group, std::string_view rest) override;
    Result<void> visit(Space space, std::span<const std::string> groups, const VisitGroup& each) override;
    Result<void> scan(Space space, std::string_view from, std::string_view behind,
                      const Visit& each) override;
    Result<void> sync() override;
    Result<void> settle() override;
    Result<void> clear() override;
    Result<std::uint64_t> bytes() override;
    [[nodiscard]] std::string engine() const override {
        return fmt::format("rocksdb {}.{}.{}", ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH);
    }

 private:
    Result<void> open_database();
    Result<void> read_marks();
    Result<void> clear_spaces();
    Result<void> write_files(Space space, const std::function<bool(Entry& next)>& source,
                             IncomingFiles& files);
    [[nodiscard]] Result<void> writable() const;
    [[nodiscard]] std::shared_ptr<const Families> families() const {
        const std::scoped_lock lock(families_lock_);
        return families_;
    }
    [[nodiscard]] rocksdb::Options options_of(Space space) const {
        return {database_options(read_only_), options_[static_cast<std::size_t>(space)]};
    }
    [[nodiscard]] fs::path incoming() const { return directory_ / "incoming"; }

    fs::path directory_;
    bool read_only_;
    std::shared_ptr<rocksdb::Cache> cache_;
    std::array<rocksdb::ColumnFamilyOptions, spaces> options_;
    std::unique_ptr<rocksdb::DB> database_;
    rocksdb::ColumnFamilyHandle* marks_ = nullptr;  ///< the default column family
    mutable std::mutex families_lock_;
    std::shared_ptr<const Families> families_;
    std::mutex writing_;
    std::uint64_t token_ = 0;  ///< of the last write
    std::atomic<std::uint64_t> next_file_ = 0;
};

Rocks::~Rocks() {
    families_.reset();
    if (!database_) return;
    rocksdb::CancelAllBackgroundWork(database_.get(), true);
    if (marks_ != nullptr) database_->DestroyColumnFamilyHandle(marks_).PermitUncheckedError();
    database_->Close().PermitUncheckedError();
}

Result<void> Rocks::open() {
    std::error_code error;
    if (!read_only_) {
        fs::create_directories(directory_, error);
        if (error)
            return Error{ErrorCode::io_failed, "the directory cannot be made: " + error.message(),
                         directory_.string()};
    }
    CHECK(open_database());
    CHECK(read_marks());
    if (read_only_) return {};
    fs::remove_all(incoming(), error);  // of an ingest that did not end
    fs::create_directories(incoming(), error);
    if (error)
        return Error{ErrorCode::io_failed, "the directory cannot be made: " + error.message(),
                     incoming().string()};
    return {};
}

Result<void> Rocks::open_database() {
    std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
    wanted.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
    wanted.back().options.write_buffer_size = mebibyte;
    for (std::size_t i = 0; i < spaces; ++i) wanted.emplace_back(std::string(space_names[i]), options_[i]);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* database = nullptr;
    Status status;
    if (read_only_) {
        // The owner may remove a file between its name being read and its being opened.
        for (int attempt = 0; attempt < open_attempts; ++attempt) {
            status = rocksdb::DB::OpenAsSecondary(database_options(true), directory_.string(),
                                                  directory_.string(), wanted, &handles, &database);
            if (status.ok() || !(status.IsPathNotFound() || status.IsTryAgain())) break;
        }
    } else {
        status = rocksdb::DB::Open(database_options(false), directory_.string(), wanted, &handles, &database);
    }
    if (!status.ok()) {
        const std::string text = status.ToString();
        if (text.find("lock file") != std::string::npos || text.find("lock hold") != std::string::npos)
            return Error{ErrorCode::store_unavailable, "another process has the pack index open",
                         directory_.string(), "",
                         "stop the other qingyuan, or ask it over HTTP while it serves"};
        if (status.IsInvalidArgument() && text.find("not opened") != std::string::npos)
            return Error{ErrorCode::store_newer, text, directory_.string()};
        if (read_only_ && (status.IsPathNotFound() || status.IsNotFound()))
            return Error{ErrorCode::store_unavailable, "there is no pack index here yet", directory_.string(),
                         "", "import trace data first: qingyuan import trace"};
        return error_of(status, "opening the pack index");
    }
    database_.reset(database);
    marks_ = handles.front();
    auto families = std::make_shared<Families>();
    families->database = database;
    std::copy(handles.begin() + 1, handles.end(), families->of.begin());
    families_ = std::move(families);
    return {};
}

/// What stands in the default column family.
Result<void> Rocks::read_marks() {
    const auto find = [&](std::string_view key, std::optional<std::string>& out) -> Result<void> {
        std::string value;
        const Status status = database_->Get(reading(), marks_, slice(key), &value);
        if (status.IsNotFound()) return {};
        CHECK(checked(status, "opening the pack index"));
        out = std::move(value);
        return {};
    };
    std::optional<std::string> format, clearing, token;
    CHECK(find(format_key, format));
    CHECK(find(clearing_key, clearing));
    CHECK(find(token_key, token));
    if (format && *format != format_version)
        return Error{ErrorCode::store_newer, "the pack index has format " + *format, directory_.string()};
    if (read_only_) return {};
    if (!format)
        CHECK(
            checked(database_->Put(rocksdb::WriteOptions(), marks_, slice(format_key), slice(format_version)),
                    "opening the pack index"));
    if (token) {
        if (token->size() != 8)
            return error_of(Status::Corruption("a token of another length"), "opening the pack index");
        token_ = number_of(*token);
    }
    if (clearing) CHECK(clear_spaces());
    return {};
}

Result<void> Rocks::writable() const {
    if (read_only_)
        return Error{ErrorCode::store_unavailable, "the pack index was opened for reading only",
                     directory_.string()};
    return {};
}

Result<void> Rocks::write(const WriteSet& set) {
    const std::scoped_lock lock(writing_);
    CHECK(writable());
    if (set.token != 0 && set.token <= token_) return {};  // it was written before
    const auto all = families();
    rocksdb::WriteBatch batch;
    Status status;
    for (const auto& change : set.changes) {
        auto* family = (*all)[change.space];
        const std::string key = rocks_key(group_form(change.space), change.entry.group, change.entry.rest);
        switch (change.kind) {
            case WriteSet::Change::Kind::put: status = batch.Put(family, key, change.entry.value); break;
            case WriteSet::Change::Kind::erase: status = batch.Delete(family, key); break;
            case WriteSet::Change::Kind::add:
                QY_ASSERT(change.space == Space::tallies);
                status = batch.Merge(family, key, number_bytes(static_cast<std::uint64_t>(change.delta)));
                break;
        }
        CHECK(checked(status, "writing the pack index"));
    }
    if (set.token != 0) {
        status = batch.Put(marks_, slice(token_key), number_bytes(set.token));
        CHECK(checked(status, "writing the pack index"));
    }
    status = database_->Write(rocksdb::WriteOptions(), &batch);
    CHECK(checked(status, "writing the pack index"));
    if (set.token != 0) token_ = set.token;
    return {};
}

Result<void> Rocks::write_files(Space space, const std::function<bool(Entry& next)>& source,
                                IncomingFiles& files) {
    const rocksdb::Options options = options_of(space);
    const GroupForm form = group_form(space);
    std::unique_ptr<rocksdb::SstFileWriter> writer;
    Entry entry;
    std::string key, last;
    while (source(entry)) {
        key.clear();
        put_group(key, form, entry.group);
        key.append(entry.rest);
        if (!files.paths.empty() && key <= last)
            return Error{ErrorCode::record_malformed, "entries to be ingested are not in order"};
        if (!writer) {
            files.paths.push_back(
                (incoming() / fmt::format("{}-{}.sst", space_names[static_cast<std::size_t>(space)],
                                          next_file_.fetch_add(1)))
                    .string());
            writer = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options, nullptr, false);
            CHECK(checked(writer->Open(files.paths.back()), "writing the pack index"));
        }
        CHECK(checked(writer->Put(slice(key), slice(entry.value)), "writing the pack index"));
        std::swap(last, key);
        if (writer->FileSize() >= file_bytes) {
            CHECK(checked(writer->Finish(), "writing the pack index"));
            writer.reset();
        }
    }
    if (writer) CHECK(checked(writer->Finish(), "writing the pack index"));
    return {};
}

Result<void> Rocks::ingest(Space space, std::uint64_t, const std::function<bool(Entry& next)>& source) {
    CHECK(writable());
    IncomingFiles files;
    CHECK(write_files(space, source, files));
    if (files.paths.empty()) return {};
    const std::scoped_lock lock(writing_);
    // What was written before is not to be missing where this is there.
    Status status = database_->SyncWAL();
    if (status.ok()) {
        rocksdb::IngestExternalFileOptions options;
        options.move_files = true;
        options.write_global_seqno = false;
        status = database_->IngestExternalFile((*families())[space], files.paths, options);
    }
    return checked(status, "writing the pack index");
}

Result<std::optional<Bytes>> Rocks::get(Space space, std::string_view group, std::string_view rest) {
    const auto all = families();
    rocksdb::ReadOptions options = reading();
    std::string value;
    const Status status =
        database_->Get(options, (*all)[space], rocks_key(group_form(space), group, rest), &value);
    if (status.IsNotFound()) return std::optional<Bytes>();
    CHECK(checked(status, "reading the pack index"));
    return std::optional<Bytes>(std::move(value));
}

Result<void> Rocks::visit(Space space, std::span<const std::string> groups, const VisitGroup& each) {
    const auto all = families();
    const GroupForm form = group_form(space);
    rocksdb::ReadOptions options = reading();
    // A reader beside the owner sees one state from its opening on, and can take no snapshot.
    std::optional<rocksdb::ManagedSnapshot> snapshot;
    if (!read_only_) options.snapshot = snapshot.emplace(database_.get()).snapshot();
    rocksdb::ReadOptions on_options = options;
    on_options.total_order_seek = true;
    options.prefix_same_as_start = true;
    std::unique_ptr<rocksdb::Iterator> going_on, by_filter;
    constexpr int steps_max = 8;  // about what a seek costs

    Density density;
    std::string key;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        key.clear();
        put_group(key, form, groups[i]);
        auto& place = density.dense() ? going_on : by_filter;
        if (!place)
            place.reset(database_->NewIterator(density.dense() ? on_options : options, (*all)[space]));
        bool near = false;
        if (density.dense()) {
            for (int step = 0; step < steps_max && place->Valid() && view(place->key()) < key; ++step)
                place->Next();
            near = place->Valid() && view(place->key()) >= key;
        }
        // Where the place is behind the key, nothing lies between its last stop and itself.
        if (!near) place->Seek(slice(key));
        density.note(near);
        for (; place->Valid() && place->key().starts_with(slice(key)); place->Next())
            if (!each(i, view(place->key()).substr(key.size()), view(place->value()))) return {};
        CHECK(checked(place->status(), "reading the pack index"));
    }
    return {};
}

Result<void> Rocks::scan(Space space, std::string_view from, std::string_view behind, const Visit& each) {
    const auto all = families();
    const GroupForm form = group_form(space);
    const std::string first = rocks_bound(form, from);
    rocksdb::ReadOptions options = reading();
    options.total_order_seek = true;
    options.fill_cache = false;
    if (behind.empty()) options.readahead_size = scan_readahead_bytes;
    const std::unique_ptr<rocksdb::Iterator> place(database_->NewIterator(options, (*all)[space]));
    std::string scratch;
    KeyParts parts;
    for (place->Seek(first); place->Valid(); place->Next()) {
        if (!parse_rocks_key(form, view(place->key()), scratch, parts))
            return error_of(Status::Corruption("a key that is none"), "reading the pack index");
        if (parts.group < from) continue;
        if (!behind.empty() && parts.group >= behind) break;
        if (!each(parts.group, parts.rest, view(place->value()))) return {};
    }
    return checked(place->status(), "reading the pack index");
}

Result<void> Rocks::sync() {
    const std::scoped_lock lock(writing_);
    CHECK(writable());
    const Status status = database_->SyncWAL();
    return checked(status, "writing the pack index");
}

Result<void> Rocks::settle() {
    CHECK(writable());
    const auto all = families();
    for (auto* family : all->of) {
        rocksdb::CompactRangeOptions options;
        options.exclusive_manual_compaction = false;
        const Status status = database_->CompactRange(options, family, nullptr, nullptr);
        CHECK(checked(status, "merging the pack index"));
    }
    return {};
}

Result<void> Rocks::clear() {
    const std::scoped_lock lock(writing_);
    CHECK(writable());
    rocksdb::WriteOptions synced;
    synced.sync = true;
    CHECK(checked(database_->Put(synced, marks_, slice(clearing_key), Slice()), "clearing the pack index"));
    return clear_spaces();
}

Result<void> Rocks::clear_spaces() {
    const auto before = families();
    auto after = std::make_shared<Families>();
    after->database = database_.get();
    // In the order of the spaces: what was applied is forgotten first.
    CHECK(checked(database_->DropColumnFamilies({before->of.begin(), before->of.end()}),
                  "clearing the pack index"));
    std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
    for (std::size_t i = 0; i < spaces; ++i) wanted.emplace_back(std::string(space_names[i]), options_[i]);
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const Status made = database_->CreateColumnFamilies(wanted, &handles);
    std::ranges::copy(handles, after->of.begin());
    CHECK(checked(made, "clearing the pack index"));
    {
        const std::scoped_lock lock(families_lock_);
        families_ = std::move(after);
    }
    rocksdb::WriteOptions synced;
    synced.sync = true;
    rocksdb::WriteBatch batch;
    CHECK(checked(batch.Delete(marks_, slice(token_key)), "clearing the pack index"));
    CHECK(checked(batch.Delete(marks_, slice(clearing_key)), "clearing the pack index"));
    CHECK(checked(database_->Write(synced, &batch), "clearing the pack index"));
    token_ = 0;
    return {};
}

Result<std::uint64_t> Rocks::bytes() {
    std::error_code error;
    std::uint64_t sum = 0;
    for (fs::recursive_directory_iterator at(directory_, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code gone;  // files come and go while this counts
        const auto size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
        if (!gone) sum += size;
    }
    if (error) return Error{ErrorCode::io_failed, error.message(), directory_.string()};
    return sum;
}

}  // namespace

Result<std::unique_ptr<Store>> open_rocks(const fs::path& directory, bool read_only) {
    auto store = std::make_unique<Rocks>(directory, read_only);
    CHECK(store->open());
    return std::unique_ptr<Store>(std::move(store));
}

}  // namespace qingyuan::packs
