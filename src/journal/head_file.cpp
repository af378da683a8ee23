#include "journal/head_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

namespace qingyuan::journal {

namespace {

constexpr std::string_view magic = "QYHEAD\0\1";
constexpr std::size_t magic_bytes = 8;

void put(Bytes& out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
}

std::uint64_t whole(std::string_view bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}

Error failed(std::string_view doing) {
    const int number = errno;
    return {number == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed,
            fmt::format("{}: {}", doing, std::strerror(number)), "journal.head"};
}

Result<void> write_all(int descriptor, std::string_view bytes, std::size_t at) {
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return failed("write");
        bytes.remove_prefix(static_cast<std::size_t>(count));
        at += static_cast<std::size_t>(count);
    }
    return {};
}

Result<Bytes> read_all(int descriptor, std::size_t size, std::size_t at) {
    Bytes bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count =
            ::pread(descriptor, bytes.data() + done, size - done, static_cast<off_t>(at + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read");
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    bytes.resize(done);
    return bytes;
}

Result<void> sync_directory(const std::filesystem::path& directory) {
    const int descriptor =
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failed("open the directory");
    const int status = ::fsync(descriptor);
    ::close(descriptor);
    if (status != 0) return failed("sync the directory");
    return {};
}

/// Processes that share the file take turns.
class Turn {
 public:
    explicit Turn(int descriptor) : descriptor_(descriptor) { ::flock(descriptor_, LOCK_EX); }
    ~Turn() { ::flock(descriptor_, LOCK_UN); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

 private:
    int descriptor_;
};

}  // namespace

Result<HeadFile> HeadFile::open(const std::filesystem::path& file, std::string_view origin) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed(fmt::format("open {}", file.string()));
    HeadFile head(descriptor, sm3(origin));
    const Turn turn(descriptor);
    const off_t present = ::lseek(descriptor, 0, SEEK_END);
    // Space is taken once: later writes change no metadata, so fdatasync is one write of the data.
    if (present < static_cast<off_t>(2 * slot_bytes)) {
        const Bytes zeros(2 * slot_bytes - static_cast<std::size_t>(present), '\0');
        CHECK(write_all(descriptor, zeros, static_cast<std::size_t>(present)));
        if (::fsync(descriptor) != 0) return failed("sync");
        CHECK(sync_directory(file.parent_path()));
    }
    return head;
}

HeadFile::HeadFile(HeadFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), origin_(other.origin_) {}
HeadFile::~HeadFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<HeadFile::Slot> HeadFile::read_slot(int index, bool& blank) const {
    const Bytes bytes = TRY(read_all(descriptor_, slot_bytes, static_cast<std::size_t>(index) * slot_bytes));
    blank = blank && bytes.find_first_not_of('\0') == Bytes::npos;
    const Slot none;
    if (bytes.size() < slot_head + 32 ||
        std::string_view(bytes).substr(0, magic_bytes) != std::string_view(magic.data(), magic_bytes))
        return none;
    const std::size_t count = whole(bytes, 136, 4), length = whole(bytes, 140, 4);
    if (length > records_bytes_max) return none;
    const std::size_t body = slot_head + length;
    if (sm3(std::string_view(bytes).substr(0, body)) != digest_of(std::string_view(bytes).substr(body, 32)))
        return none;
    if (digest_of(std::string_view(bytes).substr(8, 32)) != origin_) return none;
    Slot slot;
    slot.generation = whole(bytes, 40, 8);
    slot.entry.size = whole(bytes, 48, 8);
    slot.entry.chain = digest_of(std::string_view(bytes).substr(56, 32));
    slot.entry.root = digest_of(std::string_view(bytes).substr(88, 32));
    slot.entry.at = Instant{static_cast<std::int64_t>(whole(bytes, 120, 8))};
    std::size_t at = slot_head;
    for (std::size_t i = 0; i < count; ++i) {
        if (at + 4 > body || at + 4 + whole(bytes, at, 4) > body) return none;
        const std::size_t size = whole(bytes, at, 4);
        slot.entry.records.push_back(bytes.substr(at + 4, size));
        at += 4 + size;
    }
    return slot;
}

Result<HeadFile::Slot> HeadFile::newest(bool& blank) const {
    blank = true;
    Slot first = TRY(read_slot(0, blank));
    Slot second = TRY(read_slot(1, blank));
    return second.generation > first.generation ? second : first;
}

Result<std::optional<HeadEntry>> HeadFile::read() {
    const Turn turn(descriptor_);
    bool blank = true;
    Slot slot = TRY(newest(blank));
    if (slot.generation > 0) return std::optional<HeadEntry>(std::move(slot.entry));
    if (blank) return std::optional<HeadEntry>();
    return Error{ErrorCode::acknowledged_missing,
                 "both slots are damaged, or belong to another journal",
                 "journal.head",
                 {},
                 "verify the journal against a checkpoint from elsewhere, then open it with --adopt"};
}

Result<void> HeadFile::write(const HeadEntry& entry, bool forward_only, bool sync) {
    const Turn turn(descriptor_);
    // Slots are only trusted after their checksum; it is not computed again while nobody else has written
    // since.
    std::array<Bytes, 2> heads;
    for (std::size_t i = 0; i < 2; ++i) heads[i] = TRY(read_all(descriptor_, slot_head, i * slot_bytes));
    if (heads != seen_) {
        for (int i = 0; i < 2; ++i) {
            bool blank = true;
            const Slot slot = TRY(read_slot(i, blank));
            generation_[static_cast<std::size_t>(i)] = slot.generation;
            size_[static_cast<std::size_t>(i)] = slot.entry.size;
        }
    }
    const std::size_t newer = generation_[1] > generation_[0] ? 1 : 0, older = 1 - newer;
    if (forward_only && size_[newer] >= entry.size && generation_[newer] > 0) return {};
    Bytes bytes(magic.data(), magic_bytes);
    bytes += bytes_of(origin_);
    put(bytes, generation_[newer] + 1, 8);
    put(bytes, entry.size, 8);
    bytes += bytes_of(entry.chain);
    bytes += bytes_of(entry.root);
    put(bytes, static_cast<std::uint64_t>(entry.at.us), 8);
    put(bytes, 0, 8);
    std::size_t length = 0;
    for (const Bytes& record : entry.records) length += room_for(record);
    QY_ASSERT(length <= records_bytes_max);
    put(bytes, entry.records.size(), 4);
    put(bytes, length, 4);
    for (const Bytes& record : entry.records) {
        put(bytes, record.size(), 4);
        bytes += record;
    }
    bytes += bytes_of(sm3(bytes));
    CHECK(write_all(descriptor_, bytes, older * slot_bytes));
    if (sync && ::fdatasync(descriptor_) != 0) return failed("sync");
    generation_[older] = generation_[newer] + 1;
    size_[older] = entry.size;
    heads[older] = bytes.substr(0, slot_head);
    seen_ = std::move(heads);
    return {};
}

}  // namespace qingyuan::journal
