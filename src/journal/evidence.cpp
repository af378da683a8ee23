#include "journal/evidence.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/sm3_lanes.hpp"

namespace qingyuan::journal {

namespace {

constexpr std::string_view sealed_ending = ".sealed";
constexpr std::string_view incoming = "incoming";

Error io_error(const std::filesystem::path& file) {
    return {errno == ENOSPC || errno == EDQUOT ? ErrorCode::disk_full : ErrorCode::io_failed,
            std::strerror(errno), file.string()};
}

class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
    int fd_;
};

Result<void> sync_directory(const std::filesystem::path& directory) {
    const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.open() || ::fsync(descriptor.get()) != 0) return io_error(directory);
    return {};
}

Result<void> make_directory(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0700) == 0) {
        const auto parent =
            directory.has_parent_path() ? directory.parent_path() : std::filesystem::path(".");
        return sync_directory(parent);
    }
    return errno == EEXIST ? Result<void>() : Result<void>(io_error(directory));
}

/// A file being received. Removed again unless it was kept.
class Incoming {
 public:
    static Result<std::unique_ptr<Incoming>> create(const std::filesystem::path& directory) {
        static std::atomic<std::uint64_t> counter{0};
        auto file = directory / incoming / fmt::format("{}-{}", ::getpid(), counter++);
        auto opened = std::make_unique<Incoming>(file);
        if (!opened->descriptor_.open()) return io_error(file);
        // The lock tells a later start that the file is still being written.
        if (::flock(opened->descriptor_.get(), LOCK_EX | LOCK_NB) != 0) return io_error(file);
        return opened;
    }
    explicit Incoming(std::filesystem::path file)
        : file_(std::move(file)),
          descriptor_(::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400)) {}
    ~Incoming() { ::unlink(file_.c_str()); }
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    Result<void> write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::write(descriptor_.get(), bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return io_error(file_);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return {};
    }
    Result<void> sync() {
        return ::fsync(descriptor_.get()) == 0 ? Result<void>() : Result<void>(io_error(file_));
    }
    [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
    std::filesystem::path file_;
    Descriptor descriptor_;
};

/// Calls `each` with the file's bytes, a block at a time.
template <class Each>
Result<void> read_blocks(const std::filesystem::path& file, Each&& each) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!descriptor.open() || ::fstat(descriptor.get(), &status) != 0 || S_ISDIR(status.st_mode))
        return Error{ErrorCode::file_unreadable, errno == 0 ? "is a directory" : std::strerror(errno),
                     file.string()};
    Bytes buffer(1 << 20, '\0');
    for (;;) {
        const ssize_t count = ::read(descriptor.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return Error{ErrorCode::file_unreadable, std::strerror(errno), file.string()};
        if (count == 0) return {};
        CHECK(each(std::string_view(buffer.data(), static_cast<std::size_t>(count))));
    }
}

Result<void> check_name(std::string_view digest_hex) {
    if (!parse_digest(digest_hex))
        return Error{ErrorCode::field_invalid, "evidence is named by 64 hexadecimal digits", "evidence"};
    return {};
}

Error unknown(std::string_view digest_hex) {
    return {ErrorCode::record_unknown,
            fmt::format("no evidence {}", digest_hex),
            {},
            {},
            "restore it from the backup of the evidence store"};
}

}  // namespace

void BlockDigest::add(std::string_view bytes) {
    size_ += bytes.size();
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, evidence_block_bytes - in_block_);
        block_.add(part);
        in_block_ += part.size();
        bytes.remove_prefix(part.size());
        if (in_block_ < evidence_block_bytes) return;
        whole_.add(block_.finish());
        in_block_ = 0;
    }
}

Digest BlockDigest::finish() {
    if (in_block_ > 0) whole_.add(block_.finish());
    in_block_ = 0;
    size_ = 0;
    return whole_.finish();
}

Digest block_digest(std::string_view bytes) {
    constexpr std::size_t many = 64;
    std::array<std::string_view, many> blocks;
    std::array<Digest, many> digests;
    Sm3 whole;
    while (!bytes.empty()) {
        std::size_t count = 0;
        for (; count < many && !bytes.empty(); ++count) {
            blocks[count] = bytes.substr(0, evidence_block_bytes);
            bytes.remove_prefix(blocks[count].size());
        }
        sm3_each(std::span(blocks).first(count), std::span(digests).first(count));
        for (std::size_t i = 0; i < count; ++i) whole.add(digests[i]);
    }
    return whole.finish();
}

Result<Evidence> Evidence::open(const std::filesystem::path& directory) {
    CHECK(make_directory(directory));
    CHECK(make_directory(directory / incoming));
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(directory / incoming, failure)) {
        const Descriptor left(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        if (left.open() && ::flock(left.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
    }
    if (failure) return Error{ErrorCode::io_failed, failure.message(), directory.string()};
    return Evidence(directory);
}

std::filesystem::path Evidence::place(std::string_view digest_hex) const {
    return directory_ / std::string(digest_hex.substr(0, 2)) / std::string(digest_hex);
}

Result<void> Evidence::keep(const std::filesystem::path& temporary,
                            const std::filesystem::path& place) const {
    CHECK(make_directory(place.parent_path()));
    // A link, not a rename: the name in `incoming` goes away with its owner, and a second writer of the same
    // bytes meets EEXIST.
    if (::link(temporary.c_str(), place.c_str()) != 0 && errno != EEXIST) return io_error(place);
    return sync_directory(place.parent_path());
}

Result<EvidenceFile> Evidence::put_bytes(std::string_view bytes, const Transform* seal) const {
    const EvidenceFile file{block_digest(bytes), bytes.size(), false};
    const std::string name = hex(file.digest);
    if (contains(name)) return file;
    const auto temporary = TRY(Incoming::create(directory_));
    if (seal) {
        const Bytes sealed = TRY((*seal)(name, bytes));
        CHECK(temporary->write(sealed));
    } else {
        CHECK(temporary->write(bytes));
    }
    CHECK(temporary->sync());
    std::filesystem::path at = place(name);
    if (seal) at += sealed_ending;
    CHECK(keep(temporary->file(), at));
    return EvidenceFile{file.digest, file.bytes, true};
}

Result<EvidenceFile> Evidence::put(std::string_view bytes) const {
    return put_bytes(bytes, nullptr);
}

Result<EvidenceFile> Evidence::put_sealed(std::string_view bytes, const Transform& seal) const {
    if (bytes.size() > evidence_memory_bytes_max)
        return Error{ErrorCode::too_large,
                     fmt::format("{} bytes; {} can be sealed", bytes.size(), evidence_memory_bytes_max)};
    return put_bytes(bytes, &seal);
}

Result<EvidenceFile> Evidence::put_file(const std::filesystem::path& file) const {
    const auto temporary = TRY(Incoming::create(directory_));
    BlockDigest digest;
    CHECK(read_blocks(file, [&](std::string_view bytes) -> Result<void> {
        digest.add(bytes);
        return temporary->write(bytes);
    }));
    EvidenceFile kept;
    kept.bytes = digest.size();
    kept.digest = digest.finish();
    if (contains(hex(kept.digest))) return kept;
    CHECK(temporary->sync());
    CHECK(keep(temporary->file(), place(hex(kept.digest))));
    kept.fresh = true;
    return kept;
}

bool Evidence::is_sealed(std::string_view digest_hex) const {
    if (!check_name(digest_hex)) return false;
    std::filesystem::path at = place(digest_hex);
    return ::access((at += sealed_ending).c_str(), F_OK) == 0;
}

bool Evidence::contains(std::string_view digest_hex) const {
    return check_name(digest_hex) &&
           (::access(place(digest_hex).c_str(), F_OK) == 0 || is_sealed(digest_hex));
}

Result<std::filesystem::path> Evidence::path(std::string_view digest_hex) const {
    CHECK(check_name(digest_hex));
    auto at = place(digest_hex);
    if (::access(at.c_str(), R_OK) != 0) return unknown(digest_hex);
    return at;
}

Result<Bytes> Evidence::read(std::string_view digest_hex, const Transform& unseal) const {
    CHECK(check_name(digest_hex));
    if (!contains(digest_hex)) return unknown(digest_hex);
    const bool sealed = is_sealed(digest_hex);
    if (sealed && !unseal)
        return Error{ErrorCode::record_unknown, "the evidence is sealed and its key was not given",
                     std::string(digest_hex)};
    std::filesystem::path at = place(digest_hex);
    if (sealed) at += sealed_ending;
    Bytes bytes;
    CHECK(read_blocks(at, [&](std::string_view part) -> Result<void> {
        if (bytes.size() + part.size() > evidence_memory_bytes_max + 64)
            return Error{ErrorCode::too_large, "too large to be read whole", at.string()};
        bytes += part;
        return {};
    }));
    if (sealed) bytes = TRY(unseal(digest_hex, bytes));
    if (hex(block_digest(bytes)) != digest_hex)
        return Error{ErrorCode::store_corrupt,
                     "the bytes do not have their digest",
                     at.string(),
                     {},
                     "restore it from a backup"};
    return bytes;
}

Result<void> Evidence::verify(std::string_view digest_hex, const Transform& unseal) const {
    if (is_sealed(digest_hex)) {
        TRY(read(digest_hex, unseal));
        return {};
    }
    const auto at = TRY(path(digest_hex));
    BlockDigest digest;
    CHECK(read_blocks(at, [&](std::string_view bytes) -> Result<void> {
        digest.add(bytes);
        return {};
    }));
    if (hex(digest.finish()) != digest_hex)
        return Error{ErrorCode::store_corrupt,
                     "the bytes do not have their digest",
                     at.string(),
                     {},
                     "restore it from a backup"};
    return {};
}

Result<std::vector<std::string>> Evidence::list() const {
    std::vector<std::string> found;
    std::error_code failure;
    for (auto at = std::filesystem::recursive_directory_iterator(directory_, failure);
         !failure && at != std::filesystem::recursive_directory_iterator(); at.increment(failure)) {
        const std::string name = at->path().stem().string();
        if (at.depth() == 1 && parse_digest(name)) found.push_back(name);
    }
    if (failure) return Error{ErrorCode::io_failed, failure.message(), directory_.string()};
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace qingyuan::journal
