// A file being received into the evidence store, and the few calls that make it durable there.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan::journal {

/// The error of the last system call: disk_full or io_failed.
[[nodiscard]] Error io_error(const std::filesystem::path& file);
/// Creates the directory where it is missing, and brings its name to the disk. io_failed.
Result<void> make_directory(const std::filesystem::path& directory);

/// Owns a file descriptor.
class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
    int fd_;
};

/// A file in `incoming/`, locked by whoever writes it. Its name there goes away with the object.
class Incoming {
 public:
    /// disk_full, io_failed.
    static Result<std::unique_ptr<Incoming>> create(const std::filesystem::path& store);
    /// Creates the directory `incoming` of a store and removes what nobody is writing any more. io_failed.
    static Result<void> clear(const std::filesystem::path& store);

    explicit Incoming(std::filesystem::path file);
    ~Incoming();
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    /// disk_full, io_failed.
    Result<void> write(std::string_view bytes);
    /// Lets the disk begin with what was written; keep() has then less to wait for.
    void begin_sync() const;
    /// Brings the bytes to the disk and gives them the name `place`; durable when it returns. False: there
    /// was such a file already, and it stays as it is. disk_full, io_failed.
    Result<bool> keep(const std::filesystem::path& place) const;

 private:
    std::filesystem::path file_;
    Descriptor descriptor_;
};

}  // namespace qingyuan::journal
