// The head of a request, read strictly (RFC 9112, RFC 3986): what two readers could understand differently is
// refused, because a proxy in front might be the other reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/server.hpp"

namespace qingyuan::http {

struct Head {
    Request request;  ///< method, path, query, headers
    bool keep_alive = true;
    bool chunked = false;
    std::uint64_t content_length = 0;  ///< 0 where chunked
    bool expects_continue = false;

    [[nodiscard]] bool has_body() const { return chunked || content_length > 0; }
};

/// Where the head ends: just behind its empty line; npos while that has not come.
[[nodiscard]] std::size_t end_of_head(std::string_view bytes);

/// Can this beginning of a head still become one? false for a NUL, a line that does not end with CRLF, or a
/// first line that is no request: it is answered at once, not when the sender gets tired.
[[nodiscard]] bool hopeful(std::string_view beginning);

/// Reads a whole head. Errors: request_malformed, with the reason.
[[nodiscard]] Result<Head> parse_head(std::string_view bytes);

}  // namespace qingyuan::http
