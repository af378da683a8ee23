// A value or an Error. A dropped Result is a compile error.
#pragma once

#include <expected>
#include <utility>

#include "base/error.hpp"

namespace qingyuan {

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
    using std::expected<T, Error>::expected;
    Result(Error error)
        : std::expected<T, Error>(std::unexpected(std::move(error))) {}  // NOLINT: implicit by design
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
 public:
    using std::expected<void, Error>::expected;
    Result() = default;
    Result(Error error)
        : std::expected<void, Error>(std::unexpected(std::move(error))) {}  // NOLINT: implicit by design
};

}  // namespace qingyuan

// A name of its own for each use, so that one TRY may stand inside another.
#define QY_JOIN_TEXT(a, b) a##b
#define QY_JOIN(a, b) QY_JOIN_TEXT(a, b)

/// The value of a Result, or return its error from the enclosing function. Not usable in a coroutine.
#define TRY(...) QY_TRY(QY_JOIN(try_result_, __COUNTER__), __VA_ARGS__)
#define QY_TRY(name, ...)                                             \
    __extension__({                                                   \
        auto name = (__VA_ARGS__);                                    \
        if (!name) return ::qingyuan::Error(std::move(name).error()); \
        std::move(*name);                                             \
    })

/// As TRY for a Result<void>.
#define CHECK(...) QY_CHECK(QY_JOIN(check_result_, __COUNTER__), __VA_ARGS__)
#define QY_CHECK(name, ...)                                                                      \
    do {                                                                                         \
        if (auto name = (__VA_ARGS__); !name) return ::qingyuan::Error(std::move(name).error()); \
    } while (false)
