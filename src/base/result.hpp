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
    Result(Error error) : std::expected<T, Error>(std::unexpected(std::move(error))) {}  // NOLINT: implicit by design
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
   public:
    using std::expected<void, Error>::expected;
    Result() = default;
    Result(Error error) : std::expected<void, Error>(std::unexpected(std::move(error))) {}  // NOLINT: implicit by design
};

}  // namespace qingyuan

/// The value of a Result, or return its error from the enclosing function. Not usable in a coroutine.
#define TRY(...)                                                     \
    __extension__({                                                         \
        auto try_result = (__VA_ARGS__);                                    \
        if (!try_result) return ::qingyuan::Error(std::move(try_result).error()); \
        std::move(*try_result);                                             \
    })

/// As TRY for a Result<void>.
#define CHECK(...)                                                          \
    do {                                                                           \
        if (auto check_result = (__VA_ARGS__); !check_result)                       \
            return ::qingyuan::Error(std::move(check_result).error());             \
    } while (false)
