// Preloaded into a writer: notes every write, truncation, sync, rename and removal below FAULTS_ROOT in
// FAULTS_LOG, in the order in which they happened. With FAULTS_FAIL_SYNC=N the Nth sync fails with EIO
// instead, and every later one too.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

#include "test/faults/log.hpp"

namespace {

using qingyuan::faults::Op;
using qingyuan::faults::OpHead;

struct File {
    std::uint32_t number = 0;
    bool directory = false;
};

constexpr int descriptors_max = 4'096;

struct Recorder {
    std::mutex mutex;
    std::string root;
    int log = -1;
    std::int64_t count = 0;  ///< ops written so far
    std::int64_t syncs = 0;
    std::int64_t fail_from = 0;  ///< 0 = never
    std::array<File, descriptors_max> files{};

    Recorder() {
        const char* const below = std::getenv("FAULTS_ROOT");
        const char* const to = std::getenv("FAULTS_LOG");
        if (const char* const failing = std::getenv("FAULTS_FAIL_SYNC")) fail_from = std::atoll(failing);
        if (!below || !to) return;
        root = below;
        log = static_cast<int>(
            ::syscall(SYS_openat, AT_FDCWD, to, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
    }
    void put(Op op, std::uint32_t file, std::int64_t offset, const void* data, std::size_t length) {
        OpHead head{op, file, offset, static_cast<std::uint32_t>(length)};
        iovec parts[2] = {{&head, sizeof head}, {const_cast<void*>(data), length}};
        if (::syscall(SYS_writev, log, parts, 2) != static_cast<long>(sizeof head + length)) ::abort();
        ++count;
    }
    [[nodiscard]] bool follows(int descriptor) const {
        return log >= 0 && descriptor >= 0 && descriptor < descriptors_max &&
               files[static_cast<std::size_t>(descriptor)].number != 0;
    }
    [[nodiscard]] bool below_root(std::string_view path) const { return log >= 0 && path.starts_with(root); }
};

Recorder& recorder() {
    static Recorder one;
    return one;
}

void opened(int descriptor, const char* path, int flags) {
    Recorder& to = recorder();
    if (descriptor < 0 || descriptor >= descriptors_max || descriptor == to.log) return;
    const std::lock_guard lock(to.mutex);
    File& file = to.files[static_cast<std::size_t>(descriptor)];
    file = {};
    // The shared-memory index of the write-ahead log is rebuilt after a crash and never synced.
    if (!to.below_root(path) || std::string_view(path).ends_with("-shm")) return;
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return;
    file = {static_cast<std::uint32_t>(status.st_ino), S_ISDIR(status.st_mode)};
    if (!file.directory)
        to.put(Op::open, file.number, (flags & O_TRUNC) != 0 ? 1 : 0, path, std::strlen(path));
}

int open_any(const char* path, int flags, mode_t mode) {
    const int descriptor = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    const int error = errno;
    opened(descriptor, path, flags);
    errno = error;
    return descriptor;
}

int sync_any(int descriptor, long call) {
    Recorder& to = recorder();
    std::int64_t begun = 0;
    {
        const std::lock_guard lock(to.mutex);
        begun = to.count;
        if (to.follows(descriptor) && to.fail_from > 0 && ++to.syncs >= to.fail_from) {
            errno = EIO;
            return -1;
        }
    }
    const int status = static_cast<int>(::syscall(call, descriptor));
    const std::lock_guard lock(to.mutex);
    if (status == 0 && to.follows(descriptor)) {
        const File& file = to.files[static_cast<std::size_t>(descriptor)];
        to.put(file.directory ? Op::directory : Op::sync, file.number, begun, nullptr, 0);
    }
    return status;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_any(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_any(path, flags, mode);
}

int close(int descriptor) {
    if (descriptor >= 0 && descriptor < descriptors_max) {
        const std::lock_guard lock(recorder().mutex);
        recorder().files[static_cast<std::size_t>(descriptor)] = {};
    }
    return static_cast<int>(::syscall(SYS_close, descriptor));
}

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
    Recorder& to = recorder();
    const std::lock_guard lock(to.mutex);
    const ssize_t written = ::syscall(SYS_pwrite64, descriptor, data, size, offset);
    if (written > 0 && to.follows(descriptor))
        to.put(Op::write, to.files[static_cast<std::size_t>(descriptor)].number, offset, data,
               static_cast<std::size_t>(written));
    return written;
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
    return pwrite64(descriptor, data, size, offset);
}

ssize_t write(int descriptor, const void* data, size_t size) {
    Recorder& to = recorder();
    const std::lock_guard lock(to.mutex);
    const bool followed = to.follows(descriptor);
    const off_t offset = followed ? ::lseek(descriptor, 0, SEEK_CUR) : 0;
    const ssize_t written = ::syscall(SYS_write, descriptor, data, size);
    if (written > 0 && followed)
        to.put(Op::write, to.files[static_cast<std::size_t>(descriptor)].number, offset, data,
               static_cast<std::size_t>(written));
    if (written > 0 && descriptor == STDOUT_FILENO && to.log >= 0)
        to.put(Op::ack, 0, 0, data, static_cast<std::size_t>(written));
    return written;
}

int ftruncate64(int descriptor, off64_t size) {
    Recorder& to = recorder();
    const std::lock_guard lock(to.mutex);
    const int status = static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
    if (status == 0 && to.follows(descriptor))
        to.put(Op::truncate, to.files[static_cast<std::size_t>(descriptor)].number, size, nullptr, 0);
    return status;
}

int ftruncate(int descriptor, off_t size) {
    return ftruncate64(descriptor, size);
}

int fsync(int descriptor) {
    return sync_any(descriptor, SYS_fsync);
}
int fdatasync(int descriptor) {
    return sync_any(descriptor, SYS_fdatasync);
}

int rename(const char* from, const char* to_path) {
    Recorder& to = recorder();
    const std::lock_guard lock(to.mutex);
    const int status = static_cast<int>(::syscall(SYS_rename, from, to_path));
    if (status == 0 && to.below_root(from)) {
        std::string both(from);
        both += '\0';
        both += to_path;
        to.put(Op::rename, 0, 0, both.data(), both.size());
    }
    return status;
}

int unlink(const char* path) {
    Recorder& to = recorder();
    const std::lock_guard lock(to.mutex);
    const int status = static_cast<int>(::syscall(SYS_unlink, path));
    if (status == 0 && to.below_root(path)) to.put(Op::remove, 0, 0, path, std::strlen(path));
    return status;
}

}  // extern "C"
