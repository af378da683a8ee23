// Guard words that are answered outside guards.cpp, and what their answers share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "act/guards.hpp"
#include "act/refuse.hpp"

namespace qingyuan::act {

/// The whole number in a field, 0 where there is none.
[[nodiscard]] std::int64_t whole_in(const facts::Form& form, std::string_view field);

/// The form of the numbered taking of a step (counted from 1, voided ones keep their number); nothing where
/// there is none that stands.
[[nodiscard]] Result<std::optional<facts::Form>> form_of_taking(const Question& q, std::string_view step,
                                                                std::int64_t number);

/// Is the actor of the agency (word of vocabulary agencies, the department's own), or of the regulators, who
/// record what came on paper? Refuses with the guard's code; `where` is the field.
[[nodiscard]] Result<bool> speaks_for(const Question& q, const law::Guard& guard, std::string_view agency,
                                      std::string_view where);

// src/act/guards_agency.cpp: which agency or unit may speak
[[nodiscard]] Result<bool> addressed(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> invited(const Question& q, const law::Guard& guard);

// src/act/guards_earlier.cpp: compared with an earlier step of the dossier, or with a list of the law
[[nodiscard]] Result<bool> named(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> each(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> sheet(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> listed(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> among(const Question& q, const law::Guard& guard);

// src/act/guards_across.cpp: counted over other dossiers
[[nodiscard]] Result<bool> trained(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> within_cap(const Question& q, const law::Guard& guard);
[[nodiscard]] Result<bool> carried(const Question& q, const law::Guard& guard);

}  // namespace qingyuan::act
