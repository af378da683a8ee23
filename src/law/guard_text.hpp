// Guards as the law data writes them: officers(2), linked(seizure, any). Inside the room only.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "law/book.hpp"

namespace qingyuan::law {

/// Parses one word; law_word_unknown, law_word_arguments for a wrong count, law_value_invalid for a text that
/// is no word.
[[nodiscard]] std::optional<Guard> parse_guard(const Placed& text, const std::string& file,
                                               Problems& problems);

struct GuardPlace {
    const Book& book;
    const Procedure& procedure;
    const Step& step;
};

/// Checks what the arguments name, except other procedures (check_procedures does, when all are loaded).
/// Clocks that the word asks are added to `clock_uses` as limit and place.
void check_guard(const Guard& guard, const GuardPlace& place,
                 std::vector<std::pair<std::string, std::string>>& clock_uses, Problems& problems);

}  // namespace qingyuan::law
