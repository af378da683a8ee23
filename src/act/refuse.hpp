// How guard words refuse. Inside the room only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "act/guards.hpp"

namespace qingyuan::act {

/// The word's own refusal with the step's citation, in zh as the law describes the guard.
[[nodiscard]] Error refusal(const Question& q, const law::Guard& guard, std::string message, std::string next,
                            std::string where = {});
/// A form that the question does not have yet: every question about its fields waits for it.
[[nodiscard]] bool has_no_form(const Question& q);
/// A whole or money field of the form, where it is given.
[[nodiscard]] std::optional<std::int64_t> number_in(const Question& q, std::string_view field);

// Words about penalties and bans (sanctions.cpp).
[[nodiscard]] Result<bool> in_range(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> person_in_range(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> liable(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> not_banned(const Question& q, const law::Guard& guard);

}  // namespace qingyuan::act
