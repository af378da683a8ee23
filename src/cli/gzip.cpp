// Files that may be gzipped: RFC 1952 by zlib.
#include <fstream>

#include <fmt/format.h>
#include <zlib.h>

#include "cli/signals.hpp"

namespace qingyuan::cli {

namespace {

constexpr std::uintmax_t text_bytes_max = std::uintmax_t{4} << 30;
constexpr std::size_t step_bytes = 1 << 20;

Error unreadable(const std::filesystem::path& path, std::string message) {
    return {ErrorCode::file_unreadable, std::move(message), path.string()};
}

Result<std::string> read_bytes(const std::filesystem::path& path) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) return unreadable(path, "is a directory");
    std::ifstream in(path, std::ios::binary);
    if (!in) return unreadable(path, "cannot be opened");
    std::string bytes;
    const auto size = std::filesystem::file_size(path, failed);
    if (!failed && size > text_bytes_max)
        return Error{ErrorCode::too_large, fmt::format("{} bytes; {} are allowed", size, text_bytes_max),
                     path.string()};
    if (!failed) bytes.reserve(size);
    std::string block(step_bytes, '\0');
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
        bytes.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (in.bad()) return unreadable(path, "cannot be read");
    return bytes;
}

/// The stream of one file, closed on every way out.
struct Inflater {
    z_stream stream{};
    bool open = false;
    Inflater() { open = ::inflateInit2(&stream, 15 + 16) == Z_OK; }
    ~Inflater() {
        if (open) ::inflateEnd(&stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

Result<std::string> unpacked(std::string& bytes, const std::filesystem::path& path) {
    Inflater gzip;
    if (!gzip.open) return Error{ErrorCode::io_failed, "no memory to unpack", path.string()};
    std::string text, block(step_bytes, '\0');
    z_stream& stream = gzip.stream;
    std::size_t taken = 0;
    for (int status = Z_OK; taken < bytes.size() || status == Z_OK;) {
        const std::size_t give = std::min(bytes.size() - taken, step_bytes);
        stream.next_in = reinterpret_cast<Bytef*>(bytes.data() + taken);
        stream.avail_in = static_cast<uInt>(give);
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        status = ::inflate(&stream, Z_NO_FLUSH);
        taken += give - stream.avail_in;
        const std::size_t made = block.size() - stream.avail_out;
        if (text.size() + made > text_bytes_max)
            return Error{ErrorCode::too_large, "unpacks to more than 4 GiB", path.string()};
        text.append(block, 0, made);
        if (status == Z_BUF_ERROR || (status == Z_OK && give == 0 && made == 0))
            return unreadable(path, "the gzip file ends too early: it was cut off");
        if (status == Z_DATA_ERROR)
            return unreadable(path, fmt::format("the gzip file is damaged: {}",
                                                stream.msg == nullptr ? "invalid data" : stream.msg));
        if (status != Z_OK && status != Z_STREAM_END) return unreadable(path, "cannot be unpacked");
        // What follows the end of a member is another member.
        if (status == Z_STREAM_END && taken < bytes.size()) {
            ::inflateReset(&stream);
            status = Z_OK;
        }
    }
    return text;
}

}  // namespace

Result<std::string> read_text_or_gzip(const std::filesystem::path& path) {
    auto bytes = read_bytes(path);
    if (!bytes || !bytes->starts_with("\x1F\x8B")) return bytes;
    return unpacked(*bytes, path);
}

}  // namespace qingyuan::cli
