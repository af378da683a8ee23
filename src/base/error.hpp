// What went wrong, in one vocabulary for law, screen, API and command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace qingyuan {

enum class ErrorKind : std::uint8_t { refusal, input, failure };

enum class ErrorCode : std::uint8_t {
#define X(code, kind, http, exit, zh, en) code,
#include "base/errors.def"
#undef X
};

/// One row of the closed table errors.def.
struct ErrorInfo {
    std::string_view name;  ///< the code as written everywhere
    ErrorKind kind;
    int http;  ///< HTTP status
    int exit;  ///< exit status of the command line
    std::string_view zh;
    std::string_view en;
};

[[nodiscard]] const ErrorInfo& info(ErrorCode code);

/// A refusal, an input error or a failure. `where` is a field, step or file:line:column; `law` cites the
/// article ("APPR 19"); `next` says what to do about it. All but `code` may be empty.
struct Error {
    ErrorCode code;
    std::string message;
    std::string where = {};
    std::string law = {};
    std::string next = {};
    std::string zh = {};       ///< the message in Chinese, where a screen shows it; empty: the table's text
    std::string next_zh = {};  ///< `next` in Chinese

    [[nodiscard]] const ErrorInfo& info() const { return qingyuan::info(code); }
    /// One line: `where: code: message (law) — next`.
    [[nodiscard]] std::string text() const;
};

/// Stops the program: an invariant of ours is broken. On in every build.
[[noreturn]] void bug(const char* expression, const char* file, int line);

}  // namespace qingyuan

#define QY_ASSERT(expression) \
    (static_cast<bool>(expression) ? void(0) : ::qingyuan::bug(#expression, __FILE__, __LINE__))
