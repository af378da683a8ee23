#include "document/gunzip.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

namespace qingyuan::document {

namespace {

struct Ended {
    void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Error damaged(std::size_t offset) {
    return {ErrorCode::file_unreadable,
            "the compressed file is damaged or was cut",
            fmt::format("byte {}", offset),
            {},
            "send the file again"};
}

}  // namespace

bool is_gzip(std::string_view bytes) {
    return bytes.starts_with("\x1f\x8b");
}

Result<std::string> gunzip(std::string_view bytes) {
    z_stream state{};
    if (inflateInit2(&state, 16 + MAX_WBITS) != Z_OK)
        return Error{ErrorCode::io_failed, "zlib could not be prepared"};
    const std::unique_ptr<z_stream, Ended> closed(&state);
    const std::size_t most = std::min(gunzip_bytes_max, (bytes.size() + 1024) * gunzip_ratio_max);
    std::string out, piece(1 << 16, '\0');
    std::size_t given = 0;
    bool in_member = true;
    for (;;) {
        if (state.avail_in == 0 && given < bytes.size()) {
            const std::size_t size = std::min<std::size_t>(bytes.size() - given, 1 << 24);
            state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + given));
            state.avail_in = static_cast<uInt>(size);
            given += size;
        }
        if (!in_member) {
            if (state.avail_in == 0) return out;
            if (inflateReset(&state) != Z_OK) return damaged(given - state.avail_in);
            in_member = true;
        }
        state.next_out = reinterpret_cast<Bytef*>(piece.data());
        state.avail_out = static_cast<uInt>(piece.size());
        const int status = inflate(&state, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END) return damaged(given - state.avail_in);
        out.append(piece, 0, piece.size() - state.avail_out);
        if (out.size() > most)
            return Error{ErrorCode::too_large,
                         fmt::format("more than {} bytes come out of the compressed file", most),
                         {},
                         {},
                         "send it in parts, or uncompressed"};
        in_member = status != Z_STREAM_END;
    }
}

}  // namespace qingyuan::document
