#include "http/chunked.hpp"

#include <algorithm>

namespace qingyuan::http {

namespace {

constexpr std::size_t line_bytes_max = 512, trailer_bytes_max = 4096, size_digits_max = 8;

Error malformed(const char* why) {
    return {ErrorCode::request_malformed, why};
}

Result<std::uint64_t> parse_size(std::string_view line) {
    const std::string_view digits = line.substr(0, line.find(';'));
    if (digits.empty() || digits.size() > size_digits_max)
        return malformed("a chunk size of the wrong length");
    std::uint64_t value = 0;
    for (const char c : digits) {
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return malformed("a chunk size that is no number");
        value = value * 16 + static_cast<std::uint64_t>(digit);
    }
    return value;
}

}  // namespace

Result<void> ChunkReader::end_line() {
    if (!line_.ends_with("\r\n")) return malformed("a line of a chunk does not end with CRLF");
    const std::string_view line(line_.data(), line_.size() - 2);
    for (const char c : line)
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f')
            return malformed("a control character between chunks");
    switch (part_) {
        case Part::size: {
            content_left_ = TRY(parse_size(line));
            if (content_left_ > left_max_) return Error{ErrorCode::too_large, "the body is too large"};
            left_max_ -= content_left_;
            part_ = content_left_ > 0 ? Part::content : Part::trailer;
            break;
        }
        case Part::content_end:
            if (!line.empty()) return malformed("a chunk longer than its size");
            part_ = Part::size;
            break;
        case Part::trailer:
            trailer_bytes_ += line_.size();
            if (trailer_bytes_ > trailer_bytes_max) return malformed("the trailer is too long");
            if (line.empty())
                part_ = Part::done;
            else if (line.find(':') == std::string_view::npos || line.front() == ' ' || line.front() == '\t')
                return malformed("a trailer line that is no header");
            break;
        case Part::content:
        case Part::done: break;
    }
    line_.clear();
    return {};
}

Result<std::size_t> ChunkReader::take(std::string_view bytes, std::string& body) {
    std::size_t at = 0;
    while (at < bytes.size() && part_ != Part::done) {
        if (part_ == Part::content) {
            const std::size_t part =
                static_cast<std::size_t>(std::min<std::uint64_t>(content_left_, bytes.size() - at));
            body.append(bytes.substr(at, part));
            at += part;
            content_left_ -= part;
            if (content_left_ == 0) part_ = Part::content_end;
            continue;
        }
        const char c = bytes[at++];
        line_ += c;
        if (line_.size() > line_bytes_max) return malformed("a line of a chunk is too long");
        if (part_ == Part::content_end && c != '\r' && c != '\n')
            return malformed("a chunk longer than its size");
        if (c == '\n') CHECK(end_line());
    }
    return at;
}

}  // namespace qingyuan::http
