#include "journal/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::journal {

namespace {
constexpr std::string_view first_line = "qingyuan checkpoint 1";
constexpr std::uintmax_t file_bytes_max = 64 * 1024;

/// Takes "name value" from the front of the text.
Result<std::string> take_line(std::string_view& text, std::string_view name) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(name) || line.size() <= name.size() ||
        line[name.size()] != ' ')
        return Error{ErrorCode::record_malformed, fmt::format("the line '{} …' is expected", name),
                     "checkpoint"};
    text.remove_prefix(end + 1);
    return std::string(line.substr(name.size() + 1));
}

Result<Bytes> read_small_file(const std::filesystem::path& file) {
    std::error_code status;
    if (const auto size = std::filesystem::file_size(file, status); status || size > file_bytes_max)
        return Error{ErrorCode::file_unreadable, status ? status.message() : "too large for a checkpoint",
                     file.string()};
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{ErrorCode::file_unreadable, "cannot be read", file.string()};
    return std::move(text).str();
}
}  // namespace

std::string Checkpoint::text() const {
    return fmt::format("{}\norigin {}\nsize {}\nroot {}\nchain {}\ntime {}\n", first_line, origin, size,
                       hex(root), hex(chain), at.text());
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
    const std::string_view all = text;
    if (!text.starts_with(first_line) || text.substr(first_line.size(), 1) != "\n")
        return Error{ErrorCode::record_malformed, fmt::format("the first line is '{}'", first_line),
                     "checkpoint"};
    text.remove_prefix(first_line.size() + 1);
    Checkpoint out;
    out.origin = TRY(take_line(text, "origin"));
    const std::string size_text = TRY(take_line(text, "size"));
    const std::int64_t size = TRY(parse_integer(size_text));
    if (size < 0) return Error{ErrorCode::record_malformed, "a size below zero", "checkpoint"};
    out.size = static_cast<std::uint64_t>(size);
    const std::string root = TRY(take_line(text, "root")), chain = TRY(take_line(text, "chain")),
                      time = TRY(take_line(text, "time"));
    out.root = TRY(parse_digest(root));
    out.chain = TRY(parse_digest(chain));
    out.at = TRY(parse_instant(time));
    const std::string_view body = all.substr(0, all.size() - text.size());
    if (out.text() != body)
        return Error{ErrorCode::record_malformed, "not written in its one form", "checkpoint"};
    if (text.empty()) return out;
    out.key = TRY(take_line(text, "key"));
    const std::string signature_text = TRY(take_line(text, "signature"));
    const Bytes signature = TRY(parse_hex(signature_text));
    if (!text.empty()) return Error{ErrorCode::record_malformed, "text after the signature", "checkpoint"};
    CHECK(verify_signature(out.key, body, signature));
    return out;
}

Result<std::string> signed_text(const Checkpoint& checkpoint, const SigningKey& key) {
    const std::string body = checkpoint.text();
    return fmt::format("{}key {}\nsignature {}\n", body, key.public_key(), hex(TRY(key.sign(body))));
}

Result<void> replace_file(const std::filesystem::path& file, std::string_view text) {
    const auto failed = [&](std::string_view doing) {
        const int number = errno;
        return Error{number == ENOSPC ? ErrorCode::disk_full : ErrorCode::io_failed,
                     fmt::format("{}: {}", doing, std::strerror(number)), file.string()};
    };
    // Two processes may replace it at the same time.
    const std::filesystem::path next = fmt::format("{}.{}", file.string(), ::getpid());
    const int descriptor = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return failed("open");
    const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!written) return failed("write");
    if (::rename(next.c_str(), file.c_str()) != 0) return failed("rename");
    const std::filesystem::path directory = file.parent_path();
    const int above = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (above < 0) return failed("open the directory");
    const int status = ::fsync(above);
    ::close(above);
    if (status != 0) return failed("sync the directory");
    return {};
}

Options with_places(Options options) {
    if (options.head.empty()) return options;
    if (options.checkpoints.empty()) options.checkpoints = options.head.parent_path() / "checkpoints";
    if (options.key.empty()) options.key = options.head.parent_path() / "journal.key";
    return options;
}

Result<std::vector<Checkpoint>> load_checkpoints(const std::filesystem::path& place,
                                                 std::string_view origin) {
    std::vector<std::filesystem::path> files;
    std::error_code status;
    if (std::filesystem::is_directory(place, status)) {
        for (const auto& entry : std::filesystem::directory_iterator(place, status))
            if (entry.path().extension() == ".checkpoint") files.push_back(entry.path());
        std::sort(files.begin(), files.end());
    } else if (std::filesystem::exists(place, status)) {
        files.push_back(place);
    }
    std::vector<Checkpoint> out;
    for (const std::filesystem::path& file : files) {
        const Bytes text = TRY(read_small_file(file));
        Result<Checkpoint> checkpoint = parse_checkpoint(text);
        if (!checkpoint) {
            Error error = checkpoint.error();
            error.where = file.string();
            error.next = "compare it with its copies; a damaged checkpoint is evidence, set it aside";
            return error;
        }
        if (checkpoint->origin == origin) out.push_back(*std::move(checkpoint));
    }
    return out;
}

}  // namespace qingyuan::journal
