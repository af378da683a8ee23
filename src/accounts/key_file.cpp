#include "accounts/key_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace qingyuan::accounts {

namespace {

constexpr std::string_view opening = "qingyuan-vault-key 1 ";

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

Error io_error(const std::filesystem::path& file) {
    return {ErrorCode::io_failed, std::strerror(errno), file.string()};
}

}  // namespace

Result<Bytes> load_master_key(const std::filesystem::path& file) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!descriptor.open() && errno == ENOENT)
        return Error{ErrorCode::key_file_missing,
                     {},
                     file.string(),
                     {},
                     "put the key file of this vault back from its safe copy"};
    if (!descriptor.open()) return io_error(file);
    struct stat status{};
    if (::fstat(descriptor.get(), &status) != 0) return io_error(file);
    if (!S_ISREG(status.st_mode) || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return Error{ErrorCode::key_file_exposed,
                     fmt::format("its mode is {:04o}", status.st_mode & 07777),
                     file.string(),
                     {},
                     "chmod 600; if others may have read it, make a new vault"};
    Bytes text(256, '\0');
    const ssize_t count = ::read(descriptor.get(), text.data(), text.size());
    if (count < 0) return io_error(file);
    text.resize(static_cast<std::size_t>(count));
    if (text.ends_with('\n')) text.pop_back();
    const auto key = text.starts_with(opening) ? parse_digest(std::string_view(text).substr(opening.size()))
                                               : Result<Digest>(Error{ErrorCode::key_file_wrong, {}});
    if (!key) return Error{ErrorCode::key_file_wrong, "not a key file of a vault", file.string()};
    return Bytes(bytes_of(*key));
}

Result<void> create_master_key(const std::filesystem::path& file, std::string_view key) {
    const Descriptor descriptor(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!descriptor.open()) return io_error(file);
    const std::string text = fmt::format("{}{}\n", opening, hex(key));
    if (::write(descriptor.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return io_error(file);
    if (::fsync(descriptor.get()) != 0) return io_error(file);
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.open() || ::fsync(directory.get()) != 0) return io_error(folder);
    return {};
}

}  // namespace qingyuan::accounts
