#include "journal/incoming.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace qingyuan::journal {

namespace {

constexpr std::string_view incoming = "incoming";

Result<void> sync_directory(const std::filesystem::path& directory) {
    const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.open() || ::fsync(descriptor.get()) != 0) return io_error(directory);
    return {};
}

}  // namespace

Error io_error(const std::filesystem::path& file) {
    return {errno == ENOSPC || errno == EDQUOT ? ErrorCode::disk_full : ErrorCode::io_failed,
            std::strerror(errno), file.string()};
}

Result<void> make_directory(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0700) == 0) {
        const auto parent =
            directory.has_parent_path() ? directory.parent_path() : std::filesystem::path(".");
        return sync_directory(parent);
    }
    return errno == EEXIST ? Result<void>() : Result<void>(io_error(directory));
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Result<std::unique_ptr<Incoming>> Incoming::create(const std::filesystem::path& store) {
    static std::atomic<std::uint64_t> counter{0};
    auto file = store / incoming / fmt::format("{}-{}", ::getpid(), counter++);
    auto opened = std::make_unique<Incoming>(file);
    if (!opened->descriptor_.open()) return io_error(file);
    // The lock tells a later start that the file is still being written.
    if (::flock(opened->descriptor_.get(), LOCK_EX | LOCK_NB) != 0) return io_error(file);
    return opened;
}

Result<void> Incoming::clear(const std::filesystem::path& store) {
    CHECK(make_directory(store / incoming));
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(store / incoming, failure)) {
        const Descriptor left(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        if (left.open() && ::flock(left.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
    }
    if (failure) return Error{ErrorCode::io_failed, failure.message(), store.string()};
    return {};
}

Incoming::Incoming(std::filesystem::path file)
    : file_(std::move(file)),
      descriptor_(::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400)) {}

Incoming::~Incoming() {
    ::unlink(file_.c_str());
}

Result<void> Incoming::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return io_error(file_);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

void Incoming::begin_sync() const {
#ifdef SYNC_FILE_RANGE_WRITE
    (void)::sync_file_range(descriptor_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);  // a wish; keep() makes sure
#endif
}

Result<bool> Incoming::keep(const std::filesystem::path& place) const {
    if (::fsync(descriptor_.get()) != 0) return io_error(file_);
    CHECK(make_directory(place.parent_path()));
    // A link, not a rename: the name in `incoming` goes away with its owner, and a second writer of the same
    // bytes meets EEXIST.
    const bool fresh = ::link(file_.c_str(), place.c_str()) == 0;
    if (!fresh && errno != EEXIST) return io_error(place);
    CHECK(sync_directory(place.parent_path()));
    return fresh;
}

}  // namespace qingyuan::journal
