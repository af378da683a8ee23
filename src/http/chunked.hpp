// A body in chunks (RFC 9112 §7.1), taken piece by piece. Extensions and trailers are read over: nothing in
// them is believed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace qingyuan::http {

class ChunkReader {
 public:
    explicit ChunkReader(std::uint64_t body_bytes_max) : left_max_(body_bytes_max) {}

    /// Takes what it can from `bytes`, appends content to `body`; the number of bytes taken, all of them
    /// unless the body ended. Errors: request_malformed; too_large as soon as a chunk announces too much.
    [[nodiscard]] Result<std::size_t> take(std::string_view bytes, std::string& body);
    [[nodiscard]] bool done() const { return part_ == Part::done; }

 private:
    enum class Part : std::uint8_t { size, content, content_end, trailer, done };
    Result<void> end_line();

    Part part_ = Part::size;
    std::string line_;
    std::uint64_t content_left_ = 0;
    std::uint64_t left_max_;
    std::size_t trailer_bytes_ = 0;
};

}  // namespace qingyuan::http
